"""A tile shows what happens now, and says so when nothing does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.cameras.pictured_shapes import PicturedKind, PicturedShape
from app.core.change_set import Part
from app.gui.live.page import TileGrid
from app.gui.live.video_tile import FIGURE, GROUND, TileContent, TileTrack, VideoTile
from app.gui.session.camera_words import CameraHealth
from app.gui.session.theme import THEMES, install_theme
from app.plan.plan_shapes import Shape

LIVE = TileContent("door", CameraHealth.LIVE, people="1 person", figures="5.0 frames/s")
OFFLINE = TileContent("door", CameraHealth.OFFLINE, "It is gone.", "Plug it in.", "10:00:00")
GREEN = QColor(0, 200, 0)


def make_picture() -> QImage:
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(GREEN)
    return image


@pytest.fixture
def tile(qtbot: QtBot) -> VideoTile:
    tile = VideoTile(LIVE)
    qtbot.addWidget(tile)
    tile.resize(400, 300)
    tile.show()
    return tile


def colour_at_centre(tile: VideoTile) -> QColor:
    image = tile.grab().toImage()
    return image.pixelColor(image.width() // 2, image.height() // 2)


def test_a_picture_is_shown_as_it_is(tile: VideoTile) -> None:
    tile.set_picture(make_picture(), (400, 300))
    assert colour_at_centre(tile) == GREEN


@pytest.mark.parametrize("tone", [CameraHealth.OFFLINE, CameraHealth.IDLE, CameraHealth.WAITING])
def test_nothing_of_the_picture_stays_when_the_camera_is_gone(tile: VideoTile, tone: CameraHealth) -> None:
    tile.set_picture(make_picture(), (400, 300))
    tile.set_content(replace(OFFLINE, tone=tone))
    assert not tile.has_picture
    assert not tile.needs_picture
    assert colour_at_centre(tile) != GREEN


def test_another_camera_does_not_inherit_the_picture(tile: VideoTile) -> None:
    tile.set_picture(make_picture(), (400, 300))
    tile.set_content(replace(LIVE, camera="stage"))
    assert not tile.has_picture


def test_boxes_are_drawn_where_the_people_are_and_only_if_wanted(tile: VideoTile) -> None:
    track = TileTrack(0, (400.0, 200.0, 600.0, 400.0), ((400.0, 400.0), (500.0, 400.0)))
    tile.set_picture(make_picture(), (800, 600))
    tile.set_content(replace(LIVE, tracks=(track,)))
    assert tile.grab().toImage().pixelColor(200, 150) != GREEN
    assert colour_at_centre(tile) != QColor("black")
    tile.set_content(replace(LIVE, tracks=(track,), shows_tracks=False))
    assert tile.grab().toImage().pixelColor(200, 150) == GREEN


def test_who_is_blurred_follows_the_choice(tile: VideoTile) -> None:
    track = TileTrack(1, (1.0, 2.0, 3.0, 4.0), ())
    tile.set_content(replace(LIVE, tracks=(track,)))
    assert tile.blurred_boxes == ((1.0, 2.0, 3.0, 4.0),)
    hidden = (5.0, 6.0, 7.0, 8.0)
    tile.set_content(replace(LIVE, tracks=(track,), found=(hidden,)))
    assert tile.blurred_boxes == ((1.0, 2.0, 3.0, 4.0), hidden), "also who does not count"
    tile.set_content(replace(LIVE, tracks=(track,), found=(hidden,), is_blurred=False))
    assert tile.blurred_boxes == ()


def test_silhouettes_stand_in_the_place_of_a_picture_that_is_never_asked_for(tile: VideoTile) -> None:
    track = TileTrack(1, (200.0, 100.0, 400.0, 500.0), ())
    tile.set_picture(make_picture(), (800, 600))
    tile.set_content(replace(LIVE, tracks=(track,), shows_tracks=False, silhouettes_wh=(800, 600)))
    assert not tile.has_picture
    assert not tile.needs_picture
    shown = tile.grab().toImage()
    colours = {shown.pixelColor(x, y).name() for x in range(0, 400, 7) for y in range(0, 300, 7)}
    assert GREEN.name() not in colours
    assert shown.pixelColor(150, 150) == FIGURE
    assert shown.pixelColor(300, 150) == GROUND
    tile.set_content(replace(OFFLINE, silhouettes_wh=(800, 600)))
    assert tile.grab().toImage().pixelColor(150, 150) != FIGURE


def test_it_is_described_for_people_who_do_not_see_it(tile: VideoTile) -> None:
    tile.set_content(OFFLINE)
    assert "door" in tile.accessibleName()
    for text in ("It is gone.", "Plug it in.", "10:00:00"):
        assert text in tile.accessibleDescription()
        assert text in tile.toolTip()


def test_a_camera_is_calibrated_and_drawn_in_from_its_tile_with_and_without_a_picture(
    qtbot: QtBot, tile: VideoTile
) -> None:
    for content in (LIVE, OFFLINE):
        tile.set_content(content)
        actions = {action.text(): action for action in tile.make_menu().actions()}
        for text, requested in (
            ("Calibrate", tile.calibration_requested),
            ("Masks, zones and lines", tile.drawing_requested),
            ("Detection…", tile.detection_requested),
        ):
            with qtbot.waitSignal(requested) as asked:
                actions[text].trigger()
            assert asked.args == ["door"]


def test_zones_are_drawn_over_the_picture_where_they_lie_in_it(tile: VideoTile) -> None:
    edge = ((0.0, 150.0), (400.0, 150.0))
    zone = PicturedShape(Shape(Part.ZONES, "A"), PicturedKind.ZONE, (edge,), edge, colour="#00ff00")
    tile.resize(400, 300)
    picture = QImage(400, 300, QImage.Format.Format_RGB888)
    # one that was just made holds whatever was in memory
    picture.fill(QColor("black"))
    tile.set_picture(picture, (400, 300))
    tile.set_content(replace(LIVE, tracks=(), zones=(zone,)))
    shown = tile.grab().toImage()
    greens = [shown.pixelColor(200, row).green() for row in range(60, 240)]
    assert max(greens) > 200
    assert abs(60 + greens.index(max(greens)) - 150) <= 1


@pytest.mark.parametrize("content", [LIVE, OFFLINE, TileContent("", CameraHealth.IDLE)])
@pytest.mark.parametrize("size", [(160, 90), (1, 1), (1600, 900)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_painted_at_any_size(
    qapp: QApplication, tile: VideoTile, content: TileContent, size: tuple[int, int], theme: str
) -> None:
    install_theme(qapp, THEMES[theme])
    tile.set_content(content)
    tile.resize(*size)
    image = tile.grab().toImage()
    assert image.width() >= 1
    install_theme(qapp, THEMES["light"])


def test_arrows_move_between_the_tiles_of_a_grid(qtbot: QtBot) -> None:
    grid = TileGrid()
    qtbot.addWidget(grid)
    grid.show_contents(tuple(replace(LIVE, camera=str(n)) for n in range(4)), columns=2)
    grid.show()
    qtbot.waitExposed(grid)
    grid.activateWindow()
    grid.tiles[0].setFocus()
    qtbot.waitUntil(grid.tiles[0].hasFocus)
    for key, focused in (
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Down, 3),
        (Qt.Key.Key_Down, 3),
        (Qt.Key.Key_Left, 2),
        (Qt.Key.Key_Up, 0),
    ):
        qtbot.keyClick(QApplication.focusWidget(), key)
        assert [tile.hasFocus() for tile in grid.tiles].index(True) == focused


def test_a_grid_keeps_its_tiles_and_says_when_their_cameras_change(qtbot: QtBot) -> None:
    grid = TileGrid()
    qtbot.addWidget(grid)
    with qtbot.waitSignal(grid.tiles_changed):
        grid.show_contents((LIVE, replace(LIVE, camera="stage")), columns=2)
    first, _second = grid.tiles
    with qtbot.assertNotEmitted(grid.tiles_changed):
        grid.show_contents((OFFLINE, replace(LIVE, camera="stage")), columns=2)
    assert first.content == OFFLINE
    with qtbot.waitSignal(grid.tiles_changed):
        grid.show_contents((replace(LIVE, camera="stage"),), columns=1)
    assert grid.tiles == (first,)
