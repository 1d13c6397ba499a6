"""Calibrating a camera whose true geometry is known: by mouse and by keyboard, with a slip, undone, saved."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from analytics.domain.errors import CalibrationError
from analytics.domain.identifiers import TrackletId
from analytics.domain.lens import Lens, compute_lens_of_data_sheet
from app.gui.calibration import model as calibration_model
from app.gui.calibration.page import (
    CalibrationDialog,
    ChessboardDialog,
    LensDataSheetDialog,
    RectangleDialog,
    WalkersDialog,
)
from app.gui.live.page import LiveWallView
from app.gui.plan.floor_files import FloorFilesPanel
from app.gui.session.job_runner import JobRunner
from app.gui.session.theme import THEMES, install_theme
from app.gui.session.translation import install_language
from app.gui.window.pages import Page
from tests.support.halls.known_history import make_known_venue
from tests.support.halls.walking_people import MEAN_HEIGHT_M, film_walkers
from tests.support.windows.scripted_monitor import make_status, make_track
from tests.support.windows.shown_calibration import (
    ANSWERS_WITHIN_MS,
    CAMERA,
    SIX,
    TRUTH,
    OpenedCalibration,
    find_pixels,
)
from tests.support.windows.shown_window import click, find_button, show_window
from tools.simulation.rendering.exhibition_scene import FRAME_SIZE_WH

TASK_BAR_PX = 48


@pytest.fixture
def opened(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[OpenedCalibration]:
    runner = JobRunner()
    yield OpenedCalibration(qtbot, tmp_path, runner)
    assert runner.shutdown()


def test_six_pairs_by_mouse_one_spoilt_named_undone_and_saved(
    opened: OpenedCalibration, qtbot: QtBot
) -> None:
    assert not find_button(opened.dialog, "Save").isEnabled()
    opened.click_six()
    assert [point.index for point in opened.state.points] == list(range(6))
    residuals_m = [point.residual_m for point in opened.state.points]
    assert all(residual is not None and residual < 0.15 for residual in residuals_m)
    assert "cm (RMS)" in opened.dialog.details.summary.text()
    assert opened.dialog.picture.lines > 0
    assert opened.dialog.plan.has_warped_picture
    assert opened.dialog.plan.ellipses

    third = find_pixels(SIX)[2]
    start = opened.find_place(opened.dialog.picture, third)
    viewport = opened.dialog.picture.viewport()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for step in (20, 40, 60):
        qtbot.mouseMove(viewport, start + QPoint(step, step))
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=start + QPoint(60, 60))
    qtbot.waitUntil(
        lambda: "Point 3 is wrong" in opened.dialog.details.advice.text(), timeout=ANSWERS_WITHIN_MS
    )
    opened.wait()
    assert [point.index for point in opened.state.points if point.is_outlier] == [2]

    click(qtbot, opened.dialog, "Undo")
    qtbot.waitUntil(lambda: "spoils" not in opened.dialog.details.advice.text(), timeout=ANSWERS_WITHIN_MS)
    opened.wait()
    assert [point.residual_m for point in opened.state.points] == pytest.approx(residuals_m)
    assert not opened.saved.cameras[0].camera.pairs

    assert "for the first time" in opened.dialog.consequence
    opened.save()
    geometry = opened.saved.camera_geometry(str(CAMERA.name))
    assert geometry is not None
    seen = np.array([(x, y) for x in (4.0, 10.0, 16.0) for y in (5.0, 8.0, 12.0)])
    off_m = np.linalg.norm(geometry.project_to_floor(TRUTH.project_to_pixel(seen)) - seen, axis=1)
    assert off_m.max() < 0.2
    shown = opened.app_state.venue
    assert shown is not None
    assert len(shown.cameras[0].camera.pairs) == 6


def test_points_are_made_moved_and_removed_by_keys(opened: OpenedCalibration) -> None:
    picture, plan = opened.dialog.picture, opened.dialog.plan
    opened.press(picture, Qt.Key.Key_Insert)
    assert opened.state.advice == ("Now click the same point on the plan.",)
    opened.press(plan, Qt.Key.Key_Insert)
    (point,) = opened.state.points
    assert point.pixel == pytest.approx((320, 180), abs=1.5)
    assert point.floor == pytest.approx((20, 12.5), abs=0.2)
    opened.press(picture, Qt.Key.Key_Right)
    opened.press(picture, Qt.Key.Key_Down, shift=True)
    opened.press(plan, Qt.Key.Key_Up)
    (moved,) = opened.state.points
    assert point.pixel is not None
    assert point.floor is not None
    assert moved.pixel == pytest.approx((point.pixel[0] + 1, point.pixel[1] + 10))
    assert moved.floor == pytest.approx((point.floor[0], point.floor[1] + 0.01))
    opened.press(picture, Qt.Key.Key_Delete)
    assert opened.state.points == ()
    opened.qtbot.keyClick(opened.dialog, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert opened.state.points == (moved,)


def test_a_click_near_a_corner_of_the_plan_means_the_corner(opened: OpenedCalibration) -> None:
    plan = opened.dialog.plan
    near = opened.find_place(plan, (9.0, 9.0)) + QPoint(3, 2)
    opened.qtbot.mouseClick(plan.viewport(), Qt.MouseButton.LeftButton, pos=near)
    assert opened.state.points[0].floor == (9.0, 9.0)


def test_points_on_one_line_are_said_to_be_and_cannot_be_saved(opened: OpenedCalibration) -> None:
    line = ((4.0, 8.0), (8.0, 8.0), (12.0, 8.0), (16.0, 8.0))
    for pixel, floor in zip(find_pixels(line), line, strict=True):
        opened.click_pair(pixel, floor)
    opened.qtbot.waitUntil(
        lambda: "nearly on one line" in opened.dialog.details.advice.text(), timeout=ANSWERS_WITHIN_MS
    )
    assert not find_button(opened.dialog, "Save").isEnabled()


def test_saving_a_second_time_says_how_far_places_move(opened: OpenedCalibration) -> None:
    opened.click_six()
    opened.save()
    opened.reopen()
    opened.viewmodel.editor.move_floor(5, (SIX[5][0] + 0.3, SIX[5][1]))
    opened.qtbot.waitUntil(
        lambda: "Saving moves this camera's positions by" in opened.dialog.consequence,
        timeout=ANSWERS_WITHIN_MS,
    )
    # until it is saved again, what is on disk stays
    assert len(opened.saved.cameras[0].camera.pairs) == 6
    assert opened.saved.cameras[0].camera.pairs[5].x_m == pytest.approx(SIX[5][0])
    click(opened.qtbot, opened.dialog, "Undo")
    opened.qtbot.waitUntil(lambda: not opened.dialog.consequence, timeout=ANSWERS_WITHIN_MS)


def test_it_opens_from_the_plans_files_and_keeps_what_was_clicked(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    venue = make_known_venue(tmp_path, is_recorded=False)
    (entry,) = venue.cameras
    with show_window(qtbot, Page.FLOOR_PLAN, Page.EDIT_PLAN) as (window, parts):
        with qtbot.waitSignal(parts.app_state.venue_opened, timeout=ANSWERS_WITHIN_MS):
            parts.shell.open_venue(venue.folder)
        window.show_page(Page.FLOOR_PLAN)
        (panel,) = window.findChildren(FloorFilesPanel)

        def open_calibration() -> CalibrationDialog:
            menu = panel.calibrate.menu()
            menu.aboutToShow.emit()
            (action,) = menu.actions()
            action.trigger()
            return next(dialog for dialog in window.findChildren(CalibrationDialog) if dialog.isVisible())

        dialog = open_calibration()
        assert str(entry.name) in dialog.windowTitle()
        before = len(entry.camera.pairs)
        qtbot.keyClick(dialog.plan, Qt.Key.Key_Insert)
        assert len(dialog.plan.points_item.points) == before + 1
        qtbot.keyClick(dialog.plan, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: not window.findChildren(CalibrationDialog), timeout=ANSWERS_WITHIN_MS)
        again = open_calibration()
        assert len(again.plan.points_item.points) == before + 1
        click(qtbot, again, "Undo")
        assert len(again.plan.points_item.points) == before
        again.reject()
        qtbot.waitUntil(lambda: not window.findChildren(CalibrationDialog), timeout=ANSWERS_WITHIN_MS)
        (wall,) = window.findChildren(LiveWallView)
        wall.calibration_requested.emit(str(entry.name))
        (from_wall,) = window.findChildren(CalibrationDialog)
        assert str(entry.name) in from_wall.windowTitle()
        from_wall.reject()
        qtbot.waitUntil(lambda: not parts.job_runner.handles, timeout=ANSWERS_WITHIN_MS)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_small_screen_in_every_language_and_theme(
    opened: OpenedCalibration, qapp: QApplication, language: str, theme: str
) -> None:
    install_language(qapp, language)
    install_theme(qapp, THEMES[theme])
    dialog = opened.open_dialog()
    assert dialog.minimumSizeHint().width() <= dialog.width() <= 1366
    assert dialog.minimumSizeHint().height() <= dialog.height() <= 768 - TASK_BAR_PX
    buttons = (*dialog.findChildren(QPushButton), *dialog.findChildren(QCheckBox))
    for button in filter(QWidget.isVisible, buttons):
        assert button.accessibleName(), button
        assert button.width() >= button.sizeHint().width(), button.text()
    for canvas in (dialog.picture, dialog.plan):
        assert canvas.accessibleName()
        assert canvas.accessibleDescription()


def test_a_lens_is_estimated_from_lines_along_straight_edges_and_undone(opened: OpenedCalibration) -> None:
    bend = Lens(-0.25).in_picture(FRAME_SIZE_WH)
    straight = [
        np.column_stack([np.linspace(40, 600, 8), np.linspace(40, 60, 8)]),
        np.column_stack([np.linspace(60, 590, 8), np.linspace(330, 310, 8)]),
        np.column_stack([np.linspace(50, 60, 6), np.linspace(60, 300, 6)]),
    ]
    picture, details = opened.dialog.picture, opened.dialog.details
    for line in straight:
        click(opened.qtbot, opened.dialog, "Draw a line")
        assert "at least three points" in details.advice.text()
        for u, v in bend.distort(line).tolist():
            opened.qtbot.mouseClick(
                picture.viewport(), Qt.MouseButton.LeftButton, pos=opened.find_place(picture, (u, v))
            )
        click(opened.qtbot, opened.dialog, "Draw a line")
    assert [len(line) for line in opened.state.lines] == [8, 8, 6]
    assert opened.state.points == ()
    assert "3 lines drawn." in opened.state.lens
    estimate, _data_sheet, forget = details.lens_menu.actions()
    estimate.trigger()
    opened.qtbot.waitUntil(lambda: "Line error" in opened.state.lens, timeout=ANSWERS_WITHIN_MS)
    lens = opened.viewmodel.editor.draft.lens
    assert lens is not None
    assert lens.division == pytest.approx(-0.25, abs=0.05)
    click(opened.qtbot, opened.dialog, "Undo")
    assert opened.viewmodel.editor.draft.lens is None
    forget.trigger()
    assert opened.state.lines == ()


def test_tab_leads_from_the_pictures_over_the_tools_to_the_table(opened: OpenedCalibration) -> None:
    dialog = opened.dialog
    dialog.picture.setFocus()
    names = []
    for _ in range(6):
        opened.qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        names.append(dialog.focusWidget().accessibleName())
    assert names == [
        "Floor plan",
        "New picture",
        "Other methods",
        "Plan over the picture",
        "Picture under the plan",
        "Error ellipses (95 %)",
    ]
    # undo and redo have nothing to do yet; the table's own menu comes before its cells
    for _ in range(2):
        opened.qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert dialog.focusWidget() is dialog.details.table


def test_a_lens_is_taken_from_its_data_sheet(opened: OpenedCalibration) -> None:
    _estimate, data_sheet, _forget = opened.dialog.details.lens_menu.actions()
    data_sheet.trigger()
    (sheet,) = opened.dialog.findChildren(LensDataSheetDialog)
    for field, value in ((sheet.focal, 4.0), (sheet.sensor, 5.4), (sheet.fov, 75.0)):
        field.setValue(value)
    click(opened.qtbot, sheet, "Use this lens")
    expected = compute_lens_of_data_sheet(
        focal_mm=4.0, sensor_width_mm=5.4, horizontal_fov_rad=np.radians(75.0), size_wh=FRAME_SIZE_WH
    )
    assert opened.viewmodel.editor.draft.lens == expected
    opened.viewmodel.set_data_sheet(focal_mm=2.8, sensor_width_mm=50.0, horizontal_fov_deg=40.0)
    assert "is not between" in opened.dialog.failure.problem
    assert opened.viewmodel.editor.draft.lens == expected


RECTANGLE = ((6.0, 5.0), (12.0, 5.0), (12.0, 9.0), (6.0, 9.0))
SEEN = np.array([(x, y) for x in (5.0, 10.0, 15.0) for y in (5.0, 8.0, 11.0)])
VIEW = CAMERA.to_pinhole()


def choose(opened: OpenedCalibration, words: str) -> None:
    (action,) = (a for a in opened.dialog.methods_menu.actions() if a.text() == words)
    assert action.isEnabled()
    action.trigger()


def find_action(opened: OpenedCalibration, words: str) -> QAction:
    return next(a for a in opened.dialog.methods_menu.actions() if a.text() == words)


def find_dialog(opened: OpenedCalibration, kind: type[QDialog]) -> QDialog:
    (dialog,) = (d for d in opened.dialog.findChildren(kind) if d.isVisible())
    return dialog


def measure_error_m(opened: OpenedCalibration) -> float:
    """Root mean square over the floor in view."""
    preview = opened.state.preview
    assert preview is not None
    geometry = preview.report.uncertainty.geometry
    off = np.linalg.norm(geometry.project_to_floor(TRUTH.project_to_pixel(SEEN)) - SEEN, axis=1)
    return float(np.sqrt(np.mean(off**2)))


def click_picture(opened: OpenedCalibration, pixel: tuple[float, float]) -> None:
    picture = opened.dialog.picture
    opened.qtbot.mouseClick(
        picture.viewport(), Qt.MouseButton.LeftButton, pos=opened.find_place(picture, pixel)
    )


def test_a_rectangle_is_clicked_placed_on_the_plan_and_undone(
    opened: OpenedCalibration, qtbot: QtBot
) -> None:
    choose(opened, "A measured rectangle…")
    dialog = find_dialog(opened, RectangleDialog)
    assert isinstance(dialog, RectangleDialog)
    dialog.width_field.setValue(6.0)
    dialog.depth_field.setValue(4.0)
    # nothing is known of the plan yet
    assert dialog.place.count() == 1
    click(qtbot, dialog, "Click corners")
    for number, pixel in enumerate(find_pixels(RECTANGLE)):
        assert f"{number} of 4 done" in opened.dialog.details.advice.text()
        click_picture(opened, pixel)
    assert "that is ringed" in opened.dialog.details.advice.text()
    assert opened.state.hint[0] == pytest.approx(find_pixels(RECTANGLE)[0], abs=2)
    assert opened.state.points == ()
    opened.viewmodel.editor.click_plan(RECTANGLE[0])
    opened.viewmodel.editor.click_plan((20.0, 5.0))
    opened.wait()
    assert len(opened.state.points) == 4
    places = np.array([point.floor for point in opened.state.points])
    np.testing.assert_allclose(places, RECTANGLE, atol=0.02)
    assert measure_error_m(opened) < 0.5
    click(qtbot, opened.dialog, "Undo")
    assert opened.state.points == ()
    assert opened.state.shape is not None
    qtbot.keyClick(opened.dialog, Qt.Key.Key_Escape)
    assert opened.dialog.isVisible()
    assert opened.state.shape is None


def test_a_rectangle_finds_its_place_by_two_points(opened: OpenedCalibration) -> None:
    editor = opened.viewmodel.editor
    for pixel, floor in zip(find_pixels(SIX[4:]), SIX[4:], strict=True):
        editor.click_picture(pixel)
        editor.click_plan(floor)
    assert opened.state.can_place_by_points
    opened.viewmodel.methods.start_rectangle(6.0, 4.0, is_placed_by_points=True)
    for pixel in find_pixels(RECTANGLE):
        editor.click_picture(pixel)
    opened.wait()
    assert len(opened.state.points) == 6
    assert measure_error_m(opened) < 0.1


def test_a_chessboard_on_the_floor_gives_points(
    opened: OpenedCalibration, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, columns = np.mgrid[0:5, 0:8]
    board_m = np.stack([8.0 + 0.5 * columns, 6.0 - 0.5 * rows], axis=-1).astype(float)
    corners = TRUTH.project_to_pixel(board_m.reshape(-1, 2)).reshape(5, 8, 2)
    asked: list[tuple[int, int]] = []

    def search(_picture: np.ndarray, **given: object) -> np.ndarray:
        asked.append((int(str(given["squares_across"])), int(str(given["squares_down"]))))
        return corners

    monkeypatch.setattr(calibration_model, "search_chessboard", search)
    choose(opened, "A chessboard…")
    dialog = find_dialog(opened, ChessboardDialog)
    assert isinstance(dialog, ChessboardDialog)
    dialog.across.setValue(9)
    dialog.down.setValue(6)
    dialog.square.setValue(0.5)
    click(qtbot, dialog, "Find board")
    qtbot.waitUntil(lambda: opened.state.shape is not None, timeout=ANSWERS_WITHIN_MS)
    assert asked == [(9, 6)]
    assert "40 corners" in opened.dialog.details.summary.text()
    opened.viewmodel.editor.click_plan((8.0, 6.0))
    opened.viewmodel.editor.click_plan((20.0, 6.0))
    opened.wait()
    assert len(opened.state.points) == 40
    assert measure_error_m(opened) < 0.1


def test_chessboards_in_the_hand_tell_the_lens(
    opened: OpenedCalibration, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, columns = np.mgrid[0:5, 0:8]
    flat = np.stack([60.0 + 60 * columns, 40.0 + 60 * rows], axis=-1)
    monkeypatch.setattr(calibration_model, "search_chessboard", lambda _picture, **_given: flat)
    opened.viewmodel.methods.find_held_chessboard(9, 6)
    qtbot.waitUntil(lambda: bool(opened.state.lines), timeout=ANSWERS_WITHIN_MS)
    assert len(opened.state.lines) == 5 + 8
    assert "13 straight lines" in opened.dialog.details.summary.text()
    assert opened.state.can_estimate_lens

    def find_none(_picture: np.ndarray, **_given: object) -> np.ndarray:
        raise CalibrationError("No chessboard.", "Show it.")

    monkeypatch.setattr(calibration_model, "search_chessboard", find_none)
    opened.viewmodel.methods.find_held_chessboard(9, 6)
    qtbot.waitUntil(lambda: opened.dialog.failure.problem == "No chessboard.", timeout=ANSWERS_WITHIN_MS)


def walk_by(opened: OpenedCalibration, *, count: int) -> None:
    """The recording shows people one after the other, three boxes each a second apart."""
    scene = dataclasses.replace(VIEW, position_m=(0.0, 0.0, VIEW.position_m[2]), heading_rad=np.pi / 2)
    tracks = film_walkers(scene, np.random.default_rng(3), count=count, boxes=20, hidden_share=0.0)
    time_s = 0.0
    for number, track in enumerate(tracks):
        for box in track.tolist():
            time_s += 1.0
            shown = dataclasses.replace(make_track(1, tuple(box)), tracklet=TrackletId(number))
            status = make_status(
                str(CAMERA.name), size_wh=FRAME_SIZE_WH, tracks=(shown,), tracks_time_s=time_s
            )
            opened.monitor.show_status(status)


def click_two(opened: OpenedCalibration) -> None:
    editor = opened.viewmodel.editor
    for pixel, floor in zip(find_pixels(SIX[4:]), SIX[4:], strict=True):
        editor.click_picture(pixel)
        editor.click_plan(floor)


def test_people_who_walk_by_calibrate_and_say_how_certain_that_is(
    opened: OpenedCalibration, qtbot: QtBot
) -> None:
    click_two(opened)
    choose(opened, "Walkers…")
    dialog = find_dialog(opened, WalkersDialog)
    assert isinstance(dialog, WalkersDialog)
    dialog.fov.setValue(float(np.degrees(VIEW.horizontal_fov_rad)))
    dialog.height_field.setValue(MEAN_HEIGHT_M)
    click(qtbot, dialog, "Start collecting")
    assert "0 people" in opened.state.busy
    walk_by(opened, count=60)
    qtbot.waitUntil(lambda: len(opened.state.points) == 4, timeout=ANSWERS_WITHIN_MS)
    opened.wait()
    assert "mounted" in opened.dialog.details.summary.text()
    assert measure_error_m(opened) < 0.5
    opened.save()
    sigma_px = opened.saved.cameras[0].camera.pair_sigma_px
    assert sigma_px is not None
    assert sigma_px > 0.5
    opened.reopen()
    click(qtbot, opened.dialog, "Undo")
    assert len(opened.state.points) == 2


def test_a_calibration_is_removed_saved_and_brought_back(opened: OpenedCalibration, qtbot: QtBot) -> None:
    editor = opened.viewmodel.editor
    for pixel, floor in zip(find_pixels(SIX), SIX, strict=True):
        editor.click_picture(pixel)
        editor.click_plan(floor)
    opened.wait()
    assert find_action(opened, "Remove the calibration").isEnabled()
    opened.save()
    opened.reopen()
    choose(opened, "Remove the calibration")
    assert "removes the calibration" in opened.dialog.consequence
    assert len(opened.saved.cameras[0].camera.pairs) == 6
    opened.save()
    assert opened.saved.cameras[0].camera.pairs == ()
    opened.dialog = opened.open_dialog()
    assert not find_button(opened.dialog, "Save").isEnabled()
    click(qtbot, opened.dialog, "Undo")
    opened.wait()
    opened.save()
    assert len(opened.saved.cameras[0].camera.pairs) == 6
