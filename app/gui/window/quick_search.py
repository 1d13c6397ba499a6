"""Ctrl+K: finds pages, zones, cameras and settings by words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.core.view_link import LinkTarget, ViewLink
from app.gui.session.translation import display_name, tr
from app.gui.widgets.layouts import open_dialog
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import GROUPS, PAGES, Page

_SIZE_WH = (520, 420)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the window; ``kind`` says of what sort it is, in the window's language."""

    name: str
    kind: str
    open: Callable[[], object]


def find_places(places: Sequence[Place], text: str) -> list[Place]:
    """Return the places that contain all the words, those whose name begins with them first."""
    words = text.casefold().split()
    found = [p for p in places if all(word in f"{p.name} {p.kind}".casefold() for word in words)]
    start = " ".join(words)
    return sorted(found, key=lambda place: not place.name.casefold().startswith(start))


class QuickSearchDialog(QDialog):
    """A field and the places that match; Enter goes to the current one."""

    def __init__(self, places: Sequence[Place], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places, self._found = places, list(places)
        self.setWindowTitle(tr("Quick search"))
        self.field, self.list = QLineEdit(self), QListWidget(self)
        self.field.setPlaceholderText(tr("Page, stand, camera or setting"))
        self.field.setAccessibleName(tr("Quick search"))
        self.list.setAccessibleName(tr("Places found"))
        self.field.textChanged.connect(self._show_found)
        self.field.returnPressed.connect(self._open_current)
        self.field.installEventFilter(self)
        self.list.itemActivated.connect(lambda _item: self._open_current())
        self.list.itemClicked.connect(lambda _item: self._open_current())
        column = QVBoxLayout(self)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        self.resize(*_SIZE_WH)
        self._show_found("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Move through the list by Up and Down while typing."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step and self._found:
                self.list.setCurrentRow((self.list.currentRow() + step) % len(self._found))
                return True
        return super().eventFilter(watched, event)

    def _show_found(self, text: str) -> None:
        self._found = find_places(self._places, text)
        self.list.clear()
        for place in self._found:
            self.list.addItem(QListWidgetItem(tr("{name} · {kind}", name=place.name, kind=place.kind)))
        self.list.setCurrentRow(0)

    def _open_current(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._found):
            self.accept()
            self._found[row].open()


class QuickSearch(QObject):
    """Opens the search of one main window by Ctrl+K, but not while its pages are covered."""

    def __init__(self, window: MainWindow, parts: WindowParts) -> None:
        super().__init__(window)
        self._window, self._parts = window, parts
        QShortcut(QKeySequence("Ctrl+K"), window).activated.connect(self.open)
        window.search_requested.connect(self.open)

    def open(self) -> None:
        """Open the search; does nothing on a wall screen and while nobody has signed in."""
        if not self._window.is_kiosk_mode and self._window.covering is None:
            open_dialog(QuickSearchDialog(self.list_places(), self._window))

    def list_places(self) -> list[Place]:
        """Return every place that the user may go to."""
        window, venue = self._window, self._parts.app_state.venue
        places = [
            Place(tr(spec.title), tr(GROUPS[spec.group]), lambda page=page: window.go_to(page))  # type: ignore[misc]
            for page, spec in PAGES.items()
            if window.may_show(page)
        ]
        if venue is not None:
            places += [
                Place(display_name(zone.name), tr("Zone"), lambda name=zone.name: self._open_zone(name))  # type: ignore[misc]
                for zone in venue.geometry_versions[-1].zones
            ]
            places += [
                Place(display_name(name), tr("Camera"), lambda name=name: self._open_camera(name))  # type: ignore[misc]
                for name in venue.camera_names
            ]
        settings = window.settings_page
        places += [
            Place(name, tr("Settings"), lambda name=name: self._open_setting(name))  # type: ignore[misc]
            for name in settings.list_names()
        ]
        return places

    def _open_zone(self, name: str) -> None:
        self._window.open_link(ViewLink(LinkTarget.DWELL, zone=name))

    def _open_camera(self, name: str) -> None:
        # not loaded before the pages are made
        from app.gui.live.page import LiveWallView

        self._window.go_to(Page.LIVE)
        for wall in self._window.findChildren(LiveWallView):
            wall.show_camera(name)

    def _open_setting(self, name: str) -> None:
        self._window.go_to(Page.SETTINGS)
        self._window.settings_page.open_setting(name)
