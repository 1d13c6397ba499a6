"""Calibrating a camera whose true geometry is known: by mouse and by keyboard, with a slip, undone, saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from analytics.domain.lens import Lens, compute_lens_of_data_sheet
from app.gui.calibration.page import CalibrationDialog, LensDataSheetDialog
from app.gui.floor_plan.floor_files_panel import FloorFilesPanel
from app.gui.live.page import LiveWallView
from app.gui.session.job_runner import JobRunner
from app.gui.session.theme import THEMES, install_theme
from app.gui.session.translation import install_language
from app.gui.window.pages import Page
from tests.support.halls.known_history import make_known_venue
from tests.support.windows.shown_calibration import (
    ANSWERS_WITHIN_MS,
    CAMERA,
    SIX,
    TRUTH,
    OpenedCalibration,
    find_pixels,
)
from tests.support.windows.shown_window import click, find_button, show_window
from vision.simulation.rendering.exhibition_scene import FRAME_SIZE_WH

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
    assert "cm root mean square" in opened.dialog.details.summary.text()
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
        lambda: "Point 3 spoils it" in opened.dialog.details.advice.text(), timeout=ANSWERS_WITHIN_MS
    )
    opened.wait()
    assert [point.index for point in opened.state.points if point.spoils] == [2]

    click(qtbot, opened.dialog, "Undo")
    qtbot.waitUntil(lambda: "spoils" not in opened.dialog.details.advice.text(), timeout=ANSWERS_WITHIN_MS)
    opened.wait()
    assert [point.residual_m for point in opened.state.points] == pytest.approx(residuals_m)
    assert not opened.saved.cameras[0].camera.pairs

    assert "first calibration" in opened.dialog.consequence
    click(qtbot, opened.dialog, "Save")
    qtbot.waitUntil(lambda: opened.dialog.consequence.startswith("Saved."), timeout=ANSWERS_WITHIN_MS)
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
    click(opened.qtbot, opened.dialog, "Save")
    opened.qtbot.waitUntil(lambda: opened.dialog.consequence.startswith("Saved."), timeout=ANSWERS_WITHIN_MS)
    opened.viewmodel.editor.move_floor(5, (SIX[5][0] + 0.3, SIX[5][1]))
    opened.qtbot.waitUntil(
        lambda: "Saving moves what this camera sees by" in opened.dialog.consequence,
        timeout=ANSWERS_WITHIN_MS,
    )
    # until it is saved again, what is on disk stays
    assert len(opened.saved.cameras[0].camera.pairs) == 6
    assert opened.saved.cameras[0].camera.pairs[5].x_m == pytest.approx(SIX[5][0])
    click(opened.qtbot, opened.dialog, "Undo")
    opened.qtbot.waitUntil(lambda: opened.dialog.consequence.startswith("Saved."), timeout=ANSWERS_WITHIN_MS)


def test_a_camera_without_a_picture_says_why(qtbot: QtBot, opened: OpenedCalibration) -> None:
    opened.monitor.show_stopped()
    click(qtbot, opened.dialog, "New picture")
    qtbot.waitUntil(
        lambda: "has no address to fetch a picture from" in opened.dialog.failure.problem,
        timeout=ANSWERS_WITHIN_MS,
    )


def test_it_opens_from_the_plans_files_and_keeps_what_was_clicked(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    venue = make_known_venue(tmp_path, is_recorded=False)
    (entry,) = venue.cameras
    with show_window(qtbot) as (window, parts):
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
    assert "3 lines are drawn." in opened.state.lens
    estimate, _data_sheet, forget = details.lens_menu.actions()
    estimate.trigger()
    opened.qtbot.waitUntil(lambda: "Lines off by" in opened.state.lens, timeout=ANSWERS_WITHIN_MS)
    lens = opened.viewmodel.editor.draft.lens
    assert lens is not None
    assert lens.division == pytest.approx(-0.25, abs=0.05)
    click(opened.qtbot, opened.dialog, "Undo")
    assert opened.viewmodel.editor.draft.lens is None
    forget.trigger()
    assert opened.state.lines == ()


def test_an_undone_beginning_of_a_line_does_not_lengthen_the_one_before(opened: OpenedCalibration) -> None:
    editor = opened.viewmodel.editor
    editor.draw_line(True)
    editor.click_picture((10.0, 10.0))
    editor.draw_line(False)
    editor.draw_line(True)
    editor.click_picture((90.0, 90.0))
    editor.undo()
    editor.click_picture((80.0, 80.0))
    assert editor.draft.lines == (((10.0, 10.0),), ((80.0, 80.0),))


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
        "Other ways",
        "Plan over the picture",
        "Picture under the plan",
        "Error ellipses (95 %)",
    ]
    # undo and redo have nothing to do yet
    opened.qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert dialog.focusWidget() is dialog.details.table


def test_too_short_a_line_says_so_and_changes_nothing(opened: OpenedCalibration) -> None:
    editor = opened.viewmodel.editor
    editor.draw_line(True)
    editor.click_picture((10.0, 10.0))
    editor.click_picture((300.0, 12.0))
    opened.viewmodel.estimate_lens()
    opened.qtbot.waitUntil(
        lambda: "Line 1 has 2 points" in opened.dialog.failure.problem, timeout=ANSWERS_WITHIN_MS
    )
    assert editor.draft.lens is None


def test_a_lens_is_taken_from_its_data_sheet(opened: OpenedCalibration) -> None:
    _estimate, data_sheet, _forget = opened.dialog.details.lens_menu.actions()
    data_sheet.trigger()
    (sheet,) = opened.dialog.findChildren(LensDataSheetDialog)
    for field, value in ((sheet.focal, 4.0), (sheet.sensor, 5.4), (sheet.fov, 75.0)):
        field.setValue(value)
    click(opened.qtbot, sheet, "Take this lens")
    expected = compute_lens_of_data_sheet(
        focal_mm=4.0, sensor_width_mm=5.4, horizontal_fov_rad=np.radians(75.0), size_wh=FRAME_SIZE_WH
    )
    assert opened.viewmodel.editor.draft.lens == expected
    opened.viewmodel.take_data_sheet(focal_mm=2.8, sensor_width_mm=50.0, horizontal_fov_deg=40.0)
    assert "is outside of" in opened.dialog.failure.problem
    assert opened.viewmodel.editor.draft.lens == expected
