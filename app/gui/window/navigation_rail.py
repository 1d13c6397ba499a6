"""The navigation: pages in a column, grouped by what they are for."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr, trn
from app.gui.widgets.forms import name_control
from app.gui.widgets.icons import make_icon, show_icon
from app.gui.widgets.layouts import fill, make_column, make_label, make_row
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.window.pages import GROUPS, PAGES, Page

_DIGITS = "1234567890"
_MIN_BUTTON_PX = 24
"""Smallest height that is still easy to hit."""


class NavigationRail(Translated, QFrame):
    """One button per page; Alt with a digit and the arrow keys work as well.

    The pages that only change something, an installer's, can be folded away.
    """

    page_chosen = Signal(int)
    folded = Signal(bool)
    """The user folded the installer's pages away, or showed them."""
    guide_requested = Signal()
    search_requested = Signal()
    about_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "rail")
        self._pending: dict[int, int] = {}
        self._disabled_reasons: dict[int, str] = {}
        self._is_locked = False
        self._brand_icon = QLabel(self)
        self._brand = make_label(text="ExpoFlow", role="brand", parent=self)
        brand = fill(QHBoxLayout(), self._brand_icon, (self._brand, 1))
        self._search = QToolButton(self)
        self._search.setProperty("role", "quiet")
        self._search.setFixedHeight(24)
        self._search.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._search.clicked.connect(self.search_requested)
        brand.addWidget(self._search)
        column = fill(make_column(self, margins=(12, 6, 12, 8)), brand)
        column.addSpacing(4)
        buttons = QWidget(self)
        pages_column = make_column(buttons, margins=0, spacing=0)
        self._group = QButtonGroup(self)
        self._buttons: dict[int, QToolButton] = {}
        self._has_halls = False
        self._headings: dict[int, QLabel | QToolButton] = {}
        self._fold = QToolButton(self)
        self._fold.setProperty("role", "heading")
        self._fold.setCheckable(True)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setIconSize(QSize(12, 12))
        self._fold.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._fold.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._fold.toggled.connect(self._show_folded)
        self._fold.clicked.connect(lambda is_open: self.folded.emit(not is_open))
        group = 0
        for page, spec in PAGES.items():
            # the first page of the first group has the group's name
            if spec.group != group:
                group = spec.group
                has_fold = group == len(GROUPS) - 1
                heading = self._fold if has_fold else make_label(role="heading", parent=self)
                self._headings[group] = heading
                pages_column.addWidget(heading)
            button = QToolButton(self)
            button.setProperty("role", "navigation")
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setIconSize(QSize(18, 18))
            # in a small window the buttons become lower before the column scrolls
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
            button.setMinimumHeight(_MIN_BUTTON_PX)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setVisible(spec.permission is None and page is not Page.HALLS)
            self._group.addButton(button, page)
            self._buttons[page] = button
            pages_column.addWidget(button)
        pages_column.addStretch(1)
        scrolled = QWidget(self)
        scroll_content(scrolled, buttons)
        column.addWidget(scrolled, 1)
        self._group.idClicked.connect(self.page_chosen)
        self._guide, self._about = QToolButton(self), QToolButton(self)
        # one line, since another would push the last page out of a small window
        below = make_row(spacing=0)
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
        # a page that is wider than its room must not take it from the pages' names
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.retranslate()
        self._recolour()

    def set_current(self, index: int | None) -> None:
        """Mark the current page, if it is one of these, and show it if it is folded away."""
        self._group.setExclusive(False)
        for page, button in self._buttons.items():
            button.setChecked(page == index)
        self._group.setExclusive(True)
        if index is not None and PAGES[Page(index)].permission is not None:
            self._fold.setChecked(True)

    def set_folded(self, is_folded: bool) -> None:
        """Fold the installer's pages away, unless one of them is the current page, or show them."""
        current = PAGES[Page(self._group.checkedId())] if self._group.checkedId() >= 0 else None
        self._fold.setChecked(not is_folded or (current is not None and current.permission is not None))

    def show_halls(self, has_halls: bool) -> None:
        """Show the page over all halls if the venue is in a site."""
        self._has_halls = has_halls
        self._buttons[Page.HALLS].setVisible(has_halls)

    def _show_folded(self, is_open: bool) -> None:
        for page, button in self._buttons.items():
            is_listed = is_open or PAGES[Page(page)].permission is None
            button.setVisible(is_listed and (page != Page.HALLS or self._has_halls))
        self._draw_fold()

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
        self._is_locked = is_locked
        self._enable_pages()

    def is_page_enabled(self, page: Page) -> bool:
        return self._buttons[page].isEnabled() and (page is not Page.HALLS or self._has_halls)

    def _enable_pages(self) -> None:
        self._fold.setEnabled(not self._is_locked)
        for index, button in self._buttons.items():
            button.setEnabled(not self._is_locked and index not in self._disabled_reasons)

    def retranslate(self) -> None:
        self._name_pages()
        for group, heading in self._headings.items():
            heading.setText(tr(GROUPS[group]))
        self._fold.setToolTip(tr("Show or hide the pages for setting up"))
        name_control(self._guide, tr("Guide"))
        self._search.setAccessibleName(tr("Quick search"))
        self._search.setToolTip(tr("Quick search (Ctrl+K)"))
        self._about.setAccessibleName(tr("About"))
        self._about.setToolTip(tr("About"))
        self._guide.setToolTip(tr("What this page is for and how to use it (F1)"))

    def _name_pages(self) -> None:
        for index, button in self._buttons.items():
            title = tr(PAGES[Page(index)].title)
            count = self._pending.get(index, 0)
            button.setText(tr("{name} ({count})", name=title, count=count) if count else title)
            # setting the text removes a button's shortcut
            if index < len(_DIGITS):
                button.setShortcut(f"Alt+{_DIGITS[index]}")
            pending = trn("{n} decision pending", "{n} decisions pending", count)
            button.setAccessibleName(tr("{page}: {pending}", page=title, pending=pending) if count else title)
            button.setToolTip(self._disabled_reasons.get(index) or (pending if count else ""))
            button.setAccessibleDescription(self._disabled_reasons.get(index, ""))

    def _recolour(self) -> None:
        for page, button in self._buttons.items():
            button.setIcon(make_icon(PAGES[Page(page)].icon))
        self._draw_fold()
        self._guide.setIcon(make_icon("guide"))
        self._search.setIcon(make_icon("search"))
        self._about.setIcon(make_icon("info"))
        show_icon(self._brand_icon, "brand", current_theme().accent, 26)

    def _draw_fold(self) -> None:
        self._fold.setIcon(make_icon("fold-open" if self._fold.isChecked() else "fold-closed"))
