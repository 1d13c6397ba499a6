"""Both themes can be read, reach every widget, and painting does not wear out ``None``."""

from __future__ import annotations

import dataclasses
import sys
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.gui.session.theme import DARK, LIGHT, Theme, current_theme, install_theme, make_style_sheet
from resources.colours import HEAT

READABLE_CONTRAST = 4.5
"""WCAG 2.2, AA, for text of usual size."""


def luminance(colour: str) -> float:
    def linear(share: float) -> float:
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    c = QColor(colour)
    return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF())


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_more_heat_is_lighter_so_that_everybody_sees_its_order() -> None:
    light = [luminance(colour) for colour in HEAT]
    assert light == sorted(set(light))
    assert len(light) >= 5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("ink", ["text", "text_muted", "good", "warning", "bad"])
@pytest.mark.parametrize("ground", ["background", "surface", "raised", "rail"])
def test_text_can_be_read(theme: Theme, ink: str, ground: str) -> None:
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= READABLE_CONTRAST


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_text_on_the_accent_can_be_read(theme: Theme) -> None:
    assert contrast(theme.accent_text, theme.accent) >= READABLE_CONTRAST


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_the_tokens_are_colours(theme: Theme) -> None:
    for field in dataclasses.fields(theme):
        value = getattr(theme, field.name)
        colours = value if isinstance(value, tuple) else (value,)
        if (field.type == "str" and field.name != "name") or isinstance(value, tuple):
            assert all(QColor(colour).isValid() and len(colour) == 7 for colour in colours), field.name
    assert len(theme.zones) == 16
    assert theme.is_dark == (theme is DARK)


def place_in_oklab(colour: str) -> NDArray[np.float64]:
    """As perceived: differences are distances (Ottosson 2020)."""
    shares = np.array(QColor(colour).getRgbF()[:3])
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    cones = [[0.41222, 0.53633, 0.05145], [0.21190, 0.68070, 0.10740], [0.08830, 0.28172, 0.62998]]
    axes = [[0.21045, 0.79362, -0.00407], [1.97800, -2.42859, 0.45059], [0.02590, 0.78277, -0.80868]]
    placed: NDArray[np.float64] = np.array(axes) @ np.cbrt(np.array(cones) @ linear)
    return placed


def test_sixteen_zones_have_colours_that_differ_and_show_on_both_backgrounds() -> None:
    for one, other in combinations(LIGHT.zones, 2):
        assert np.linalg.norm(place_in_oklab(one) - place_in_oklab(other)) > 0.1, (one, other)
    for theme in (LIGHT, DARK):
        assert min(contrast(colour, theme.surface) for colour in theme.zones) > 1.9


def test_the_style_sheet_has_no_open_fields() -> None:
    assert "{{" not in make_style_sheet(DARK)
    assert DARK.accent in make_style_sheet(DARK)


def test_a_theme_reaches_every_widget(qtbot: QtBot, qapp: QApplication) -> None:
    seen: list[QEvent.Type] = []

    class Watcher(QLabel):
        def changeEvent(self, event: QEvent) -> None:
            seen.append(event.type())
            super().changeEvent(event)

    install_theme(qapp, LIGHT)
    watcher = Watcher()
    qtbot.addWidget(watcher)
    install_theme(qapp, DARK)
    qtbot.waitUntil(lambda: QEvent.Type.PaletteChange in seen)
    assert current_theme() is DARK
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.background)
    qapp.processEvents()
    seen.clear()
    install_theme(qapp, DARK)
    qapp.processEvents()
    assert not seen, "a theme that is in force costs nothing"
    install_theme(qapp, LIGHT)
    qtbot.waitUntil(lambda: QEvent.Type.StyleChange in seen)
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(LIGHT.background)


def test_painting_does_not_wear_out_none(qapp: QApplication) -> None:
    """PySide6 6.12 on Python 3.11 loses a reference to None with each call (PYSIDE-3474)."""
    image = QImage(16, 16, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    before = sys.getrefcount(None)
    for _ in range(2000):
        painter.drawLine(0, 0, 15, 15)
    after = sys.getrefcount(None)
    painter.end()
    assert abs(after - before) <= 50
