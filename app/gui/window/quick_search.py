"""Ctrl+K: finds pages, zones, cameras and settings by words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.core.view_link import LinkTarget, ViewLink
from app.gui.session.translation import display_name, tr
from app.gui.widgets.layouts import fill, open_dialog
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import GROUPS, PAGES, Page

_SIZE_WH = (520, 420)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the window, in the window's language.

    Attributes:
        kind: of what sort it is.
        holds: texts that are seen there, such as the titles of a page's columns.
    """

    name: str
    kind: str
    open: Callable[[], object]
    holds: Sequence[str] = ()


def find_places(places: Sequence[Place], text: str) -> list[Place]:
    """Return the places that contain all the words, those whose name begins with them first.

    The places that only hold a text with the words come last, the closest text first, which is their kind.
    """
    words = text.casefold().split()

    # "rent" is not meant by "current"; Chinese has no spaces
    starts = [re.compile(rf"(?<![a-z]){re.escape(word)}") for word in words]

    def holds_words(one: str) -> bool:
        return all(pattern.search(one.casefold()) for pattern in starts)

    named = [p for p in places if all(word in f"{p.name} {p.kind}".casefold() for word in words)]
    start = " ".join(words)
    named.sort(key=lambda place: not place.name.casefold().startswith(start))
    seen = [
        replace(place, kind=held)
        for place in places
        if place not in named and (held := next(filter(holds_words, place.holds), ""))
    ]
    return [*named, *sorted(seen, key=lambda place: len(place.kind))]


def list_texts(page: QWidget) -> list[str]:
    """Return the texts of a page by which people look for it: of buttons, choices, titles and columns."""
    texts: list[str] = [action.text() for action in page.findChildren(QAction)]
    for widget in page.findChildren(QWidget):
        match widget:
            case QAbstractButton():
                texts += (widget.text(), widget.accessibleName())
            case QComboBox():
                texts += (widget.itemText(row) for row in range(widget.count()))
            case QLabel() if widget.property("role") == "title":
                texts.append(widget.text())
            case QTableView() if (model := widget.model()) is not None:
                columns = range(model.columnCount())
                texts += (str(model.headerData(n, Qt.Orientation.Horizontal) or "") for n in columns)
            case _:
                pass
    # the shortest text says best what is there
    return sorted(filter(None, dict.fromkeys(texts)), key=len)


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
        fill(QVBoxLayout(self), self.field, (self.list, 1))
        self.resize(*_SIZE_WH)
        self._show_found("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
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
        window.update_texts()
        places = [
            Place(
                tr(spec.title),
                tr(GROUPS[spec.group]),
                lambda page=page: window.go_to(page),  # type: ignore[misc]
                () if page == Page.SETTINGS or (made := window.find_page(page)) is None else list_texts(made),
            )
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
