"""A picture keeps its shape, and is drawn without changing its colours."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.gui.cameras.camera_wizard_page import StillPicture

RED = b"\xff\x00\x00"


@pytest.mark.parametrize(("size_wh", "height"), [((32, 18), 180), ((32, 8), 80), ((9, 16), 180)])
def test_a_picture_has_its_own_height_up_to_that_of_a_usual_one(
    qtbot: QtBot, size_wh: tuple[int, int], height: int
) -> None:
    picture = StillPicture()
    qtbot.addWidget(picture)
    picture.show_picture(RED * (size_wh[0] * size_wh[1]), size_wh, words="the hall")
    assert picture.heightForWidth(320) == height


def test_a_tall_picture_stands_in_the_middle_and_red_stays_red(qtbot: QtBot) -> None:
    picture = StillPicture()
    qtbot.addWidget(picture)
    picture.resize(320, 180)
    picture.show_picture(RED * (9 * 16), (9, 16), words="the hall")
    shown = picture.grab().toImage()
    assert shown.pixelColor(shown.rect().center()) == QColor("red")
    assert shown.pixelColor(20, shown.height() // 2) != QColor("red")
    assert picture.accessibleName() == "the hall"
    picture.show_picture(b"", (0, 0), words="No picture")
    assert not picture.has_picture
    assert picture.grab().toImage().pixelColor(shown.rect().center()) != QColor("red")
