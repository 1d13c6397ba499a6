"""Masks, zones and lines drawn in a camera's picture, by mouse and by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from analytics.domain.lens import Lens
from app.cameras.edit_masks import MaskPart
from app.cameras.mask_kind import MaskKind
from app.cameras.pictured_shapes import PicturedKind
from app.core.change_set import Part
from app.gui.live.page import LiveWallView
from app.gui.plan.camera_picture_page import CameraPictureDialog
from app.gui.plan.floor_files import FloorFilesPanel
from app.gui.session.job_runner import JobRunner
from app.gui.session.theme import THEMES, install_theme
from app.gui.session.translation import install_language
from app.gui.window.pages import Page
from app.plan.plan_shapes import Shape
from tests.support.halls.known_history import make_known_venue
from tests.support.windows.drawn_picture import STAND, WITHIN_MS, DrawnPicture, find_pixel, make_hall_camera
from tests.support.windows.shown_window import show_window
from tools.simulation.rendering.exhibition_scene import HALL_CAMERAS

WINDOW_1366 = (1366, 768 - 48)
TRIANGLE = ((100.0, 60.0), (260.0, 60.0), (260.0, 200.0))


@pytest.fixture
def runner(qapp: QApplication) -> Iterator[JobRunner]:
    made = JobRunner()
    yield made
    assert made.shutdown()


@pytest.fixture
def shown(qtbot: QtBot, tmp_path: Path, runner: JobRunner) -> DrawnPicture:
    return DrawnPicture(qtbot, tmp_path, runner)


def test_a_privacy_mask_is_drawn_moved_and_taken_back(shown: DrawnPicture) -> None:
    before = (shown.folder / "venue.toml").read_bytes()
    shown.dialog.tools[PicturedKind.PRIVACY].click()
    shown.click(*TRIANGLE, TRIANGLE[0])
    shown.wait(lambda: len(shown.saved_camera.privacy_mask) == 1)
    (polygon,) = shown.saved_camera.privacy_mask
    for corner, wanted in zip(polygon, TRIANGLE, strict=True):
        assert corner == pytest.approx(wanted, abs=1.0)
    part = MaskPart(shown.saved_camera.name, MaskKind.PRIVACY, 0)
    shown.wait(lambda: shown.state.selected == part)
    shown.drag(polygon[2], (300.0, 240.0))
    shown.wait(lambda: shown.saved_camera.privacy_mask[0][2] == pytest.approx((300, 240), abs=1.0))
    shown.drag((180.0, 60.0), (180.0, 20.0))
    shown.wait(lambda: len(shown.saved_camera.privacy_mask[0]) == 4)
    for corners in (3, 3, 0):
        assert shown.dialog.undo.toolTip().startswith("Undo")
        shown.dialog.undo.click()
        shown.wait(lambda corners=corners: sum(map(len, shown.saved_camera.privacy_mask)) == corners)
    assert (shown.folder / "venue.toml").read_bytes() == before
    shown.dialog.redo.click()
    shown.wait(lambda: len(shown.saved_camera.privacy_mask) == 1)


def test_a_camera_that_may_be_dark_is_ticked_and_taken_back(shown: DrawnPicture) -> None:
    box = shown.dialog.may_be_dark
    assert box.isVisible()
    assert not box.isChecked()
    box.click()
    shown.wait(lambda: shown.saved_camera.may_be_dark)
    shown.wait(box.isChecked)
    shown.wait(lambda: "may be dark" in shown.dialog.undo.toolTip())
    shown.dialog.undo.click()
    shown.wait(lambda: not shown.saved_camera.may_be_dark)
    shown.wait(lambda: not box.isChecked())


def test_an_ignore_mask_needs_no_mouse(shown: DrawnPicture) -> None:
    shown.press(Qt.Key.Key_I)
    assert shown.canvas.tool is PicturedKind.IGNORE
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left):
        shown.press(key, key, shift=True)
        shown.press(Qt.Key.Key_Space)
    shown.press(Qt.Key.Key_Return)
    shown.wait(lambda: len(shown.saved_camera.mask) == 1)
    middle = (320.0, 180.0)
    width, height = middle[0] * 2, middle[1] * 2
    assert shown.canvas.content_rect.getRect() == (0, 0, width, height)
    corners = ((360.0, 180.0), (360.0, 220.0), (320.0, 220.0))
    assert shown.saved_camera.mask == (corners,)
    shown.wait(lambda: shown.state.selected is not None)
    shown.press(Qt.Key.Key_PageDown, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up)
    shown.wait(lambda: shown.saved_camera.mask[0][0] == (360.0, 177.0))
    shown.dialog.undo.click()
    shown.wait(lambda: shown.saved_camera.mask == (corners,))
    shown.press(Qt.Key.Key_Insert)
    shown.wait(lambda: len(shown.saved_camera.mask[0]) == 4)
    shown.press(Qt.Key.Key_Delete)
    shown.wait(lambda: len(shown.saved_camera.mask[0]) == 3)
    shown.press(Qt.Key.Key_Delete)
    shown.wait(lambda: not shown.saved_camera.mask)


def test_a_zone_drawn_in_the_picture_lies_on_the_floor(shown: DrawnPicture) -> None:
    corners = ((10.0, 6.0), (13.0, 6.0), (13.0, 8.0))
    shown.dialog.tools[PicturedKind.ZONE].click()
    shown.click(*(find_pixel(*corner) for corner in corners))
    shown.press(Qt.Key.Key_Return)
    shown.wait(lambda: len(shown.saved.geometry_at(None).zones) == 2)
    zone = shown.saved.geometry_at(None).zones[1]
    # the mouse hits whole pixels of the screen, some two centimetres each
    for place in corners:
        assert min(abs(x - place[0]) + abs(y - place[1]) for x, y in zone.outline.points) < 0.15
    for place in zone.outline.points:
        assert place == (round(place[0], 2), round(place[1], 2))
    shown.wait(lambda: shown.state.selected == Shape(Part.ZONES, str(zone.name)))
    assert any(row.text == f"Zone '{zone.name}'" for row in shown.state.rows)


def test_a_line_is_drawn_with_its_direction_and_a_corner_of_a_zone_is_moved(shown: DrawnPicture) -> None:
    shown.press(Qt.Key.Key_L)
    shown.click(find_pixel(6.0, 7.0), find_pixel(12.0, 7.0))
    shown.press(Qt.Key.Key_Return)
    shown.wait(lambda: len(shown.saved.geometry_at(None).lines) == 2)
    shown.wait(lambda: len([f for f in shown.state.shapes if f.direction is not None]) == 2)
    shown.click(find_pixel(6.5, 10.0))
    shown.wait(lambda: shown.state.selected == Shape(Part.ZONES, "Glass"))
    shown.drag(find_pixel(*STAND[1]), find_pixel(10.0, 8.5))
    shown.wait(lambda: shown.saved.geometry_at(None).zones[0].outline.points != STAND)
    points = shown.saved.geometry_at(None).zones[0].outline.points
    assert points[1] == pytest.approx((10.0, 8.5), abs=0.15)
    assert points[2:] == STAND[2:]
    shown.dialog.undo.click()
    shown.wait(lambda: shown.saved.geometry_at(None).zones[0].outline.points == STAND)


def test_a_camera_without_a_calibration_has_masks_and_says_why_it_has_no_zones(
    qtbot: QtBot, tmp_path: Path, runner: JobRunner
) -> None:
    shown = DrawnPicture(qtbot, tmp_path, runner, camera=replace(make_hall_camera(), pairs=()))
    assert not shown.dialog.tools[PicturedKind.ZONE].isEnabled()
    assert shown.dialog.tools[PicturedKind.PRIVACY].isEnabled()
    assert "not calibrated" in shown.dialog.note.text()


def test_a_picture_of_another_shape_than_the_masks_can_only_be_looked_at(
    qtbot: QtBot, tmp_path: Path, runner: JobRunner
) -> None:
    camera = replace(make_hall_camera(), frame_size_wh=(640, 480))
    shown = DrawnPicture(qtbot, tmp_path, runner, camera=camera)
    assert not any(shown.dialog.tools[kind].isEnabled() for kind in shown.dialog.tools if kind)
    assert "different aspect ratio" in shown.dialog.note.text()


def test_the_floor_bends_with_the_lens_and_escape_leaves_step_by_step(
    qtbot: QtBot, tmp_path: Path, runner: JobRunner
) -> None:
    camera = make_hall_camera()
    assert camera.frame_size_wh is not None
    lens = Lens(-0.2)
    straight = np.array([(pair.u_px, pair.v_px) for pair in camera.pairs])
    pairs = tuple(
        replace(pair, u_px=u, v_px=v)
        for pair, (u, v) in zip(
            camera.pairs, lens.in_picture(camera.frame_size_wh).distort(straight).tolist(), strict=True
        )
    )
    shown = DrawnPicture(qtbot, tmp_path, runner, camera=replace(camera, lens=lens, pairs=pairs))
    (zone,) = [item for item in shown.state.shapes if item.kind is PicturedKind.ZONE]
    (piece,) = zone.pieces
    assert len(piece) > 4 * len(STAND)
    shown.dialog.shapes.setCurrentRow(0)
    shown.press(Qt.Key.Key_PageDown)
    assert shown.canvas.corner == 0
    shown.press(Qt.Key.Key_Escape)
    assert shown.canvas.corner is None
    shown.press(Qt.Key.Key_Escape)
    shown.wait(lambda: shown.state.selected is None)
    assert shown.dialog.isVisible()
    shown.press(Qt.Key.Key_Escape)
    shown.wait(lambda: not shown.dialog.isVisible())


def test_it_opens_from_the_wall_and_from_the_plans_list_of_cameras(qtbot: QtBot, tmp_path: Path) -> None:
    venue = make_known_venue(tmp_path, is_recorded=False)
    (entry,) = venue.cameras
    with show_window(qtbot, Page.LIVE, Page.FLOOR_PLAN, Page.EDIT_PLAN) as (window, parts):
        with qtbot.waitSignal(parts.app_state.venue_opened, timeout=WITHIN_MS):
            parts.shell.open_venue(venue.folder)
        (panel,) = window.findChildren(FloorFilesPanel)
        (wall,) = window.findChildren(LiveWallView)

        def choose_from_list() -> None:
            menu = panel.draw.menu()
            menu.aboutToShow.emit()
            (action,) = menu.actions()
            action.trigger()

        for open_picture in (choose_from_list, lambda: wall.drawing_requested.emit(str(entry.name))):
            open_picture()
            dialog = next(d for d in window.findChildren(CameraPictureDialog) if d.isVisible())
            assert str(entry.name) in dialog.windowTitle()
            qtbot.waitUntil(lambda dialog=dialog: bool(dialog.failure.problem), timeout=WITHIN_MS)
            dialog.reject()
        qtbot.waitUntil(lambda: not parts.job_runner.handles, timeout=WITHIN_MS)


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh_CN", "dark")])
def test_every_control_has_a_name_and_fits_a_small_screen(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, runner: JobRunner, language: str, theme: str
) -> None:
    install_language(qapp, language)
    install_theme(qapp, THEMES[theme])
    try:
        shown = DrawnPicture(qtbot, tmp_path, runner)
        wanted = shown.dialog.minimumSizeHint()
        assert (wanted.width() <= WINDOW_1366[0], wanted.height() <= WINDOW_1366[1]) == (True, True)
        for kind in (QToolButton, QPushButton):
            for button in shown.dialog.findChildren(kind):
                assert button.accessibleName() or not button.isVisible(), button.text()
        named: tuple[QWidget, ...] = (shown.canvas, shown.dialog.shapes)
        assert all(widget.accessibleName() for widget in named)
        assert (shown.dialog.windowTitle() == f"Picture of {HALL_CAMERAS[0].name}") == (language == "en")
        assert (shown.dialog.remove.text() == "Remove") == (language == "en")
    finally:
        install_language(qapp, "en")
        install_theme(qapp, THEMES["light"])
