"""The header: exhibition, period, language, theme and recording."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app.access.roles import Permission
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import LANGUAGE_NAMES, Translated, current_language, tr
from app.gui.widgets.forms import name_control, set_style_property
from app.gui.widgets.icons import make_icon
from app.gui.widgets.layouts import fill, make_column, make_label

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
