"""Tiles in rows and columns, moved between by arrow keys."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from app.gui.theme import current_theme
from app.gui.widgets.tile_facts import TileContent
from app.gui.widgets.video_tile import VideoTile

_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class TileGrid(QWidget):
    """As many equal cells as asked for, the first of them filled."""

    tiles_changed = Signal()
    """There are more or fewer tiles, or they show other cameras."""
    enlarge_requested = Signal(str)
    """A camera's name."""
    snapshot_requested = Signal(str)
    calibration_requested = Signal(str)
    drawing_requested = Signal(str)
    view_requested = Signal(str)
    doctor_requested = Signal(str)
    removal_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: list[VideoTile] = []
        self._columns = 1
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(current_theme().space_s)

    @property
    def tiles(self) -> tuple[VideoTile, ...]:
        """From left to right, from top to bottom."""
        return tuple(self._tiles)

    def show_contents(self, contents: tuple[TileContent, ...], *, columns: int) -> None:
        """Show these in ``columns`` columns and as many rows; tiles are kept where they can be."""
        cameras = [tile.camera for tile in self._tiles]
        is_other = cameras != [content.camera for content in contents] or columns != self._columns
        for tile, content in zip(self._tiles, contents, strict=False):
            tile.set_content(content)
        for content in contents[len(self._tiles) :]:
            self._add_tile(content)
        while len(self._tiles) > len(contents):
            tile = self._tiles.pop()
            self._grid.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        if is_other:
            self._arrange(columns)
            self.tiles_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Move the focus by arrows."""
        step = _STEPS.get(Qt.Key(event.key()))
        focused = next((index for index, tile in enumerate(self._tiles) if tile.hasFocus()), None)
        if step is None or focused is None:
            event.ignore()
            return
        wanted = focused + step[0] * self._columns + step[1]
        if 0 <= wanted < len(self._tiles):
            self._tiles[wanted].setFocus(Qt.FocusReason.TabFocusReason)

    def _add_tile(self, content: TileContent) -> None:
        tile = VideoTile(content, self)
        tile.enlarge_requested.connect(self.enlarge_requested)
        tile.snapshot_requested.connect(self.snapshot_requested)
        tile.calibration_requested.connect(self.calibration_requested)
        tile.drawing_requested.connect(self.drawing_requested)
        tile.view_requested.connect(self.view_requested)
        tile.doctor_requested.connect(self.doctor_requested)
        tile.removal_requested.connect(self.removal_requested)
        self._tiles.append(tile)

    def _arrange(self, columns: int) -> None:
        for tile in self._tiles:
            self._grid.removeWidget(tile)
        for index in range(max(columns, self._columns)):
            is_used = 1 if index < columns else 0
            self._grid.setColumnStretch(index, is_used)
            self._grid.setRowStretch(index, is_used)
        for index, tile in enumerate(self._tiles):
            self._grid.addWidget(tile, index // columns, index % columns)
            tile.show()
        self._columns = columns
