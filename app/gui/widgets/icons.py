"""Line icons in the colours of the theme."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QLabel

from app.gui.session.theme import current_theme
from resources.files import resource_path

_SIZES_PX = (16, 20, 24, 32, 48, 64)


def make_icon(name: str, colour: str | None = None) -> QIcon:
    """Return the icon of ``resources/icons/NAME.svg``.

    Args:
        colour: ``#rrggbb``; None for that of muted text, and the accent while it is checked.
    """
    theme = current_theme()
    icon = QIcon()
    for size in _SIZES_PX:
        icon.addPixmap(draw_icon(name, colour or theme.text_muted, size))
        icon.addPixmap(draw_icon(name, colour or theme.accent, size), QIcon.Mode.Normal, QIcon.State.On)
    return icon


def draw_icon(name: str, colour: str, size_px: int) -> QPixmap:
    """Return a pixmap of an icon, ``size_px`` device pixels wide and high, cached by Qt."""
    key, pixmap = f"icon {name} {colour} {size_px}", QPixmap()
    if QPixmapCache.find(key, pixmap):
        return pixmap
    content = resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(content.replace("currentColor", colour).encode()))
    pixmap = QPixmap(QSize(size_px, size_px))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size_px, size_px))
    painter.end()
    QPixmapCache.insert(key, pixmap)
    return pixmap


def show_icon(label: QLabel, name: str, colour: str, size_px: int) -> None:
    """Show an icon on a label, ``size_px`` device-independent pixels wide and high."""
    ratio = label.devicePixelRatioF()
    pixmap = draw_icon(name, colour, round(size_px * ratio))
    pixmap.setDevicePixelRatio(ratio)
    label.setPixmap(pixmap)
