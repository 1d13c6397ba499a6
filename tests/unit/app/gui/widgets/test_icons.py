"""Icons are drawn in the colour that is asked for, and each once."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QPixmap, QPixmapCache
from PySide6.QtWidgets import QApplication

from app.gui.widgets import icons
from app.gui.widgets.icons import draw_icon


def inks(picture: QPixmap) -> set[str]:
    image = picture.toImage()
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {pixel.name() for pixel in pixels if pixel.alpha() == 255}


def test_each_colour_and_size_has_a_picture_of_its_own(qapp: QApplication) -> None:
    QPixmapCache.clear()
    for colour in ("#1668dc", "#c4314b"):
        for size_px in (32, 64):
            for _again in range(2):
                picture = draw_icon("warning", colour, size_px)
                assert (picture.width(), picture.height()) == (size_px, size_px)
                assert QColor(colour).name() in inks(picture)


def test_a_picture_is_drawn_once(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    QPixmapCache.clear()
    first = draw_icon("warning", "#1668dc", 32)
    monkeypatch.setattr(icons, "resource_path", None)
    assert draw_icon("warning", "#1668dc", 32).toImage() == first.toImage()
