"""What can be done with the camera of a tile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from app.access.roles import Permission
from app.gui.permissions import needs
from app.gui.translation import tr

if TYPE_CHECKING:
    from app.gui.widgets.video_tile import VideoTile


def make_tile_menu(tile: VideoTile) -> QMenu:
    """A menu whose entries ask for things by the tile's signals."""
    menu = QMenu(tile)
    camera = tile.camera
    menu.addAction(tr("Enlarge or shrink"), lambda: tile.enlarge_requested.emit(camera))
    save = menu.addAction(tr("Save this picture"), lambda: tile.snapshot_requested.emit(camera))
    save.setEnabled(tile.has_picture)
    calibrate = menu.addAction(tr("Calibrate"), lambda: tile.calibration_requested.emit(camera))
    menu.addAction(tr("Masks, zones and lines"), lambda: tile.drawing_requested.emit(camera))
    menu.addAction(tr("Was it moved?"), lambda: tile.view_requested.emit(camera))
    menu.addAction(tr("What is wrong with it?"), lambda: tile.doctor_requested.emit(camera))
    menu.addSeparator()
    remove = menu.addAction(tr("Remove camera…"), lambda: tile.removal_requested.emit(camera))
    needs(save, Permission.EXPORT_PERSONS)
    needs(calibrate, Permission.EDIT_CAMERAS)
    needs(remove, Permission.EDIT_CAMERAS)
    menu.setToolTipsVisible(True)
    return menu
