"""The navigation: pages in a column, the program's name above, the cameras' state below."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.session.theme import current_theme
from app.gui.session.translation import tr, trn
from app.gui.widgets.forms import make_label, name_control, set_style_property
from app.gui.widgets.icons import make_icon, show_icon
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.window.pages import PAGES

_DIGITS = "1234567890"


class NavigationRail(QFrame):
    """One button per page; Alt with a digit and the arrow keys work as well."""

    page_chosen = Signal(int)
    guide_requested = Signal()
    about_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "rail")
        self._pending: dict[int, int] = {}
        self._disabled_reasons: dict[int, str] = {}
        self._is_locked = False
        self._brand_icon = QLabel(self)
        self._brand = make_label("ExpoFlow", role="brand", parent=self)
        brand = QHBoxLayout()
        brand.addWidget(self._brand_icon)
        brand.addWidget(self._brand, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 16, 12, 12)
        column.addLayout(brand)
        column.addSpacing(8)
        buttons = QWidget(self)
        pages_column = QVBoxLayout(buttons)
        pages_column.setContentsMargins(0, 0, 0, 0)
        pages_column.setSpacing(2)
        self._group = QButtonGroup(self)
        self._buttons: list[QToolButton] = []
        group = 0
        for page, spec in PAGES.items():
            if spec.group != group:
                group = spec.group
                line = QFrame(self)
                line.setProperty("role", "separator")
                line.setFixedHeight(1)
                pages_column.addSpacing(4)
                pages_column.addWidget(line)
                pages_column.addSpacing(4)
            button = QToolButton(self)
            button.setProperty("role", "navigation")
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setIconSize(QSize(20, 20))
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self._group.addButton(button, page)
            self._buttons.append(button)
            pages_column.addWidget(button)
        pages_column.addStretch(1)
        scrolled = QWidget(self)
        scroll_content(scrolled, buttons)
        column.addWidget(scrolled, 1)
        self._group.idClicked.connect(self.page_chosen)
        self._pill = make_label(role="pill", wraps=True, parent=self)
        column.addWidget(self._pill)
        self._guide, self._about = QToolButton(self), QToolButton(self)
        # one line, since another would push the last page out of a small window
        below = QHBoxLayout()
        below.setSpacing(0)
        for button, asked in ((self._guide, self.guide_requested), (self._about, self.about_requested)):
            button.setProperty("role", "navigation")
            button.setIconSize(QSize(18, 18))
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(asked)
            below.addWidget(button)
        self._guide.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._guide.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column.addLayout(below)
        self.setMinimumWidth(176)
        self.retranslate()
        self._draw_icons()

    def set_current(self, index: int) -> None:
        """Mark the current page."""
        self._buttons[index].setChecked(True)

    def set_pending_count(self, index: int, count: int) -> None:
        """Show how many items on a page need a decision."""
        if self._pending.get(index, 0) != count:
            self._pending[index] = count
            self._name_pages()

    def disable_pages(self, reasons: Mapping[int, str]) -> None:
        """Disable pages; each shows its reason, already translated, as tool tip."""
        self._disabled_reasons = dict(reasons)
        self._enable_pages()
        self._name_pages()

    def set_locked(self, is_locked: bool) -> None:
        """Disable all pages, or enable the permitted ones."""
        self._is_locked = is_locked
        self._enable_pages()

    def _enable_pages(self) -> None:
        for index, button in enumerate(self._buttons):
            button.setEnabled(not self._is_locked and index not in self._disabled_reasons)

    def set_status(self, text: str, tone: str) -> None:
        """Show the pill at the bottom; ``tone`` is ``good``, ``warning``, ``bad`` or ``muted``."""
        if (self._pill.text(), self._pill.property("tone")) == (text, tone):
            return
        name_control(self._pill, text)
        set_style_property(self._pill, "tone", tone)

    def retranslate(self) -> None:
        """Update all texts to the current language."""
        self._name_pages()
        name_control(self._guide, tr("Guide"))
        self._about.setAccessibleName(tr("About"))
        self._about.setToolTip(tr("About"))
        self._guide.setToolTip(tr("What this page is for and how to use it (F1)"))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Handle language and theme changes."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() is QEvent.Type.PaletteChange:
            self._draw_icons()
        super().changeEvent(event)

    def _name_pages(self) -> None:
        for index, (button, spec) in enumerate(zip(self._buttons, PAGES.values(), strict=True)):
            title = tr(spec.title)
            count = self._pending.get(index, 0)
            button.setText(f"{title} ({count})" if count else title)
            # setting the text removes a button's shortcut
            if index < len(_DIGITS):
                button.setShortcut(f"Alt+{_DIGITS[index]}")
            pending = trn("{n} decision pending", "{n} decisions pending", count)
            button.setAccessibleName(tr("{page}: {pending}", page=title, pending=pending) if count else title)
            button.setToolTip(self._disabled_reasons.get(index) or (pending if count else ""))
            button.setAccessibleDescription(self._disabled_reasons.get(index, ""))

    def _draw_icons(self) -> None:
        for button, spec in zip(self._buttons, PAGES.values(), strict=True):
            button.setIcon(make_icon(spec.icon))
        self._guide.setIcon(make_icon("guide"))
        self._about.setIcon(make_icon("info"))
        show_icon(self._brand_icon, "brand", current_theme().accent, 26)
