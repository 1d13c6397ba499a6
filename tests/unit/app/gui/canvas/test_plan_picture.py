from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from analytics.domain.errors import VenueError
from analytics.domain.floor_plan import PlanPicture
from app.gui.canvas.floor_plan_canvas import FloorPlanCanvas
from app.gui.canvas.floor_plan_items import MAX_SIDE_PX, read_plan_picture
from app.plan.floor_scene import FloorScene


def write_picture(path: Path, width: int = 20, height: int = 10) -> str:
    picture = QImage(width, height, QImage.Format.Format_RGB32)
    picture.fill(QColor("#ff0000"))
    for x in range(width):
        picture.setPixelColor(x, height - 1, QColor("#0000ff"))
    assert picture.save(str(path))
    return str(path)


def test_the_lowest_row_comes_first(tmp_path: Path) -> None:
    read = read_plan_picture(write_picture(tmp_path / "plan.png"))
    assert read.size_px == (20, 10)
    assert read.image.pixelColor(0, 0).name() == "#0000ff"
    assert read.image.pixelColor(0, 9).name() == "#ff0000"


def test_a_large_picture_is_made_smaller_and_keeps_its_size_in_metres(tmp_path: Path) -> None:
    read = read_plan_picture(write_picture(tmp_path / "plan.png", MAX_SIDE_PX * 2, 8))
    assert read.size_px == (MAX_SIDE_PX * 2, 8)
    assert (read.image.width(), read.image.height()) == (MAX_SIDE_PX, 4)


@pytest.mark.parametrize("content", [None, b"no picture"])
def test_what_is_no_picture_is_said(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "plan.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(VenueError, match=r"plan\.png"):
        read_plan_picture(str(path))


def test_a_picture_lies_on_its_floor(qtbot: QtBot, tmp_path: Path) -> None:
    canvas = FloorPlanCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(400, 300)
    canvas.show_scene(FloorScene(outline=((0, 0), (4, 0), (4, 2), (0, 2))))
    before = canvas.viewport().grab().toImage()
    picture = read_plan_picture(write_picture(tmp_path / "plan.png"))
    place = PlanPicture("plan.png", 4.0 / picture.size_px[0])
    canvas.show_picture(picture.image, size_px=picture.size_px, place=place)
    after = canvas.viewport().grab().toImage()
    top, bottom = canvas.mapFromScene(2.0, 1.5), canvas.mapFromScene(2.0, 0.05)
    assert after.pixelColor(top) != before.pixelColor(top)
    assert after.pixelColor(top).red() > after.pixelColor(top).blue()
    assert after.pixelColor(bottom).blue() > after.pixelColor(bottom).red()


def test_a_part_of_a_turned_picture_lies_where_its_pixels_are(qtbot: QtBot, tmp_path: Path) -> None:
    canvas = FloorPlanCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(400, 300)
    canvas.show_scene(FloorScene(outline=((0, 0), (4, 0), (4, 4), (0, 4))))
    picture = read_plan_picture(write_picture(tmp_path / "plan.png", 40, 20))
    before = canvas.viewport().grab().toImage()
    # the right half, turned by a quarter: its blue lowest row now stands on the right
    place = PlanPicture("plan.png", 0.1, (3.0, 1.0), 90.0, (20.0, 0.0, 40.0, 20.0))
    canvas.show_picture(picture.image, size_px=picture.size_px, place=place)
    shown = canvas.viewport().grab().toImage()
    for pixel, is_blue in (((30.0, 19.5), True), ((30.0, 10.0), False), ((39.0, 19.5), True)):
        x_m, y_m = place.to_floor(pixel, size_wh=picture.size_px)
        colour = shown.pixelColor(canvas.mapFromScene(x_m, y_m))
        assert (colour.blue() > colour.red()) == is_blue, pixel
    # what was cropped away would lie below
    below = canvas.mapFromScene(*place.to_floor((15.0, 10.0), size_wh=picture.size_px))
    assert shown.pixelColor(below) == before.pixelColor(below)
