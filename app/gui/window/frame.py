"""The frame of the pages: the navigation at the left, and the header with the venue and period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app.access.roles import Permission
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import LANGUAGE_NAMES, Translated, current_language, tr, trn
from app.gui.widgets.forms import name_control, set_style_property
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
        self.setMinimumWidth(188)
        # a page that is wider than its room must not take it from the pages' names
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.retranslate()
        self._recolour()

    def set_current(self, index: int, *, is_shown: bool) -> None:
        """Mark the current page unless another stands in for it, and show its name if it is folded away."""
        self._group.setExclusive(False)
        for page, button in self._buttons.items():
            button.setChecked(is_shown and page == index)
        self._group.setExclusive(True)
        if PAGES[Page(index)].permission is not None:
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


_MARGIN_PX = 20
_MAX_USER_PX = 180
_MIN_TITLE_PX = 140
"""Minimum width of a long title; its tool tip shows all of it."""


class WindowHeader(Translated, QFrame):
    """The line above every page."""

    language_chosen = Signal(str)
    theme_toggled = Signal()
    recording_toggled = Signal()
    open_requested = Signal()
    """Another venue is to be chosen by its folder."""
    creation_requested = Signal()
    venue_chosen = Signal(object)
    """The folder of a recent venue."""
    hall_chosen = Signal(object)
    """The folder of a hall of the site."""
    lock_requested = Signal()
    sign_out_requested = Signal()
    password_requested = Signal()
    wall_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "header")
        self._is_recording = False
        self._is_waiting = False
        self._is_ready = True
        self._title = make_label(role="title", parent=self)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._open = QToolButton(self)
        self._open.setObjectName("open")
        self._open.setProperty("role", "button")
        self._open.setIconSize(QSize(18, 18))
        self._open.setShortcut("Ctrl+O")
        self._open.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._open.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._open.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._venues = QMenu(self)
        self._open.setMenu(self._venues)
        self._recent: tuple[tuple[str, Path], ...] = ()
        self._halls: tuple[tuple[str, Path], ...] = ()
        self._period: QWidget | None = None
        self._language = QComboBox(self)
        for language, name in LANGUAGE_NAMES.items():
            self._language.addItem(name, language)
        self._language.activated.connect(self._on_language_activated)
        self._theme = QToolButton(self)
        self._theme.setProperty("role", "button")
        self._theme.setIconSize(QSize(18, 18))
        self._theme.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._theme.clicked.connect(self.theme_toggled)
        self._user_name, self._role, self._is_locked = "", "", False
        self._user, self._user_menu = QToolButton(self), QMenu(self)
        self._user.setProperty("role", "button")
        self._user.setIconSize(QSize(18, 18))
        self._user.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._user.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._user.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._user.setMaximumWidth(_MAX_USER_PX)
        self._user.setMenu(self._user_menu)
        self._user.hide()
        self._record = QPushButton(self)
        self._record.clicked.connect(self.recording_toggled)
        require_permission(self._record, Permission.RECORD)
        self._row, self._below = QHBoxLayout(), QHBoxLayout()
        self._row.setSpacing(8)
        self._row.addWidget(self._title, 1)
        for widget in (self._open, self._language, self._theme, self._user, self._record):
            self._row.addWidget(widget)
        self._below.addStretch(1)
        fill(make_column(self, margins=(_MARGIN_PX, 10, _MARGIN_PX, 10), spacing=8), self._row, self._below)
        self.retranslate()
        self._draw_icons()

    def set_period_widget(self, widget: QWidget) -> None:
        self._period = widget
        self._row.insertWidget(1, widget)
        self._place_period()
        # keep the tab order: the widget was created after the buttons to its right; skip pop-ups
        parts = [
            part
            for part in widget.findChildren(QWidget)
            if part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.window() is self.window()
        ]
        own = (self._open, self._language, self._theme, self._user, self._record)
        for before, after in pairwise([*parts, *own]):
            QWidget.setTabOrder(before, after)

    def show_period(self, is_shown: bool) -> None:
        if self._period is not None:
            self._period.setVisible(is_shown)

    def set_title(self, title: str) -> None:
        """Set the exhibition's name; empty while no venue is open."""
        self._title.setText(title)
        self._title.setToolTip(title)

    def set_recent(self, venues: Sequence[tuple[str, Path]]) -> None:
        if tuple(venues) != self._recent:
            self._recent = tuple(venues)
            self._list_venues()

    def set_halls(self, halls: Sequence[tuple[str, Path]]) -> None:
        if tuple(halls) != self._halls:
            self._halls = tuple(halls)
            self._list_venues()

    def set_user(self, name: str, role: str) -> None:
        """Set the signed-in user and the role (in English); empty if the venue has no users."""
        self._user_name, self._role = name, role
        self._user.setVisible(bool(name))
        self._name_user()
        self._place_period()

    def set_locked(self, is_locked: bool) -> None:
        """Disable starting, stopping and changes while no user is signed in."""
        self._is_locked = is_locked
        self._record.setVisible(not is_locked)

    def set_recording(self, *, is_recording: bool, is_waiting: bool, is_possible: bool) -> None:
        self._record.setEnabled(is_possible and not is_waiting)
        if (is_recording, is_waiting) == (self._is_recording, self._is_waiting):
            return
        self._is_recording, self._is_waiting = is_recording, is_waiting
        self.retranslate()
        self._draw_icons()

    def set_ready(self, is_ready: bool) -> None:
        """Set whether recording comes next; while the set-up lacks something, it does not stand out."""
        if is_ready != self._is_ready:
            self._is_ready = is_ready
            self._draw_icons()

    def retranslate(self) -> None:
        self._language.setCurrentIndex(self._language.findData(current_language()))
        self._language.setAccessibleName(tr("Language"))
        self._language.setToolTip(tr("Language"))
        self._open.setText(tr("Open"))
        self._list_venues()
        self._open.setAccessibleName(tr("Open another venue"))
        self._open.setToolTip(tr("Open another venue"))
        self._name_user()
        is_dark = current_theme().is_dark
        theme = tr("Use light colours") if is_dark else tr("Use dark colours")
        self._theme.setAccessibleName(theme)
        self._theme.setToolTip(theme)
        if self._is_waiting:
            text = tr("Stopping") if self._is_recording else tr("Starting")
        else:
            text = tr("Stop recording") if self._is_recording else tr("Start recording")
        name_control(self._record, text)

    def _recolour(self) -> None:
        self.retranslate()
        self._draw_icons()

    def event(self, event: QEvent) -> bool:
        """Lay the row out again when the period's widget changes its width."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._place_period()
        return super().event(event)

    def _place_period(self) -> None:
        """Place the period's widget in the row, or below it if there is no room beside the title."""
        if self._period is None:
            return
        others = [self._open, self._language, self._theme, self._record]
        if self._user_name:
            others.append(self._user)
        used_px = sum(widget.sizeHint().width() + 8 for widget in (self._period, *others))
        title_px = min(_MIN_TITLE_PX, self._title.sizeHint().width())
        is_below = 2 * _MARGIN_PX + title_px + used_px > self.width()
        if is_below != (self._below.indexOf(self._period) >= 0):
            was, line = (self._row, self._below) if is_below else (self._below, self._row)
            was.removeWidget(self._period)
            line.insertWidget(1, self._period)

    def _list_venues(self) -> None:
        self._venues.clear()
        others = [
            entry for entry in self._recent if entry[1] not in {folder for _name, folder in self._halls}
        ]
        for places, chosen in ((self._halls, self.hall_chosen), (others, self.venue_chosen)):
            for name, folder in places:
                # an ampersand would underline the next letter
                action = self._venues.addAction(name.replace("&", "&&"))
                action.setToolTip(str(folder))
                action.triggered.connect(partial(chosen.emit, folder))
            self._venues.addSeparator()
        self._venues.setToolTipsVisible(True)
        self._venues.addAction(tr("Another folder…"), self.open_requested.emit)
        self._venues.addAction(tr("Create a venue"), self.creation_requested.emit)

    def _name_user(self) -> None:
        self._user.setText(self._user_name)
        account = tr("{user}, {role}", user=self._user_name, role=tr(self._role))
        self._user.setToolTip(account)
        self._user.setAccessibleName(account)
        self._user_menu.clear()
        # not every style draws the text of a menu section
        self._user_menu.addAction(account).setEnabled(False)
        self._user_menu.addSeparator()
        for text, asked in (
            (tr("Lock now"), self.lock_requested),
            (tr("Change my password…"), self.password_requested),
            (tr("Show on the wall"), self.wall_requested),
            (tr("Sign out"), self.sign_out_requested),
        ):
            self._user_menu.addAction(text, asked.emit)

    def _draw_icons(self) -> None:
        theme = current_theme()
        self._user.setIcon(make_icon("user"))
        self._open.setIcon(make_icon("open"))
        self._theme.setIcon(make_icon("sun" if theme.is_dark else "moon"))
        role = "danger" if self._is_recording else "primary" if self._is_ready else ""
        colour = theme.accent_text if role else theme.text_muted
        self._record.setIcon(make_icon("stop" if self._is_recording else "record", colour))
        if self._record.property("role") != role:
            set_style_property(self._record, "role", role)

    def _on_language_activated(self, index: int) -> None:
        self.language_chosen.emit(self._language.itemData(index))
