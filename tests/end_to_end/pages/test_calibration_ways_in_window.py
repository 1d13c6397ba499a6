"""Calibrating without clicking every point: a rectangle, a chessboard, people who walk by; and not at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from analytics.domain.errors import CalibrationError
from analytics.domain.identifiers import TrackletId
from app.gui.calibration import calibration_ways_model as calibration_ways
from app.gui.calibration.calibration_ways_model import WalkersFigures
from app.gui.calibration.calibration_ways_page import ChessboardDialog, RectangleDialog, WalkersDialog
from app.gui.session.job_runner import JobRunner
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
from tests.support.windows.shown_window import click, find_button
from vision.simulation.rendering.exhibition_scene import FRAME_SIZE_WH

RECTANGLE = ((6.0, 5.0), (12.0, 5.0), (12.0, 9.0), (6.0, 9.0))
SEEN = np.array([(x, y) for x in (5.0, 10.0, 15.0) for y in (5.0, 8.0, 11.0)])
VIEW = CAMERA.to_pinhole()


@pytest.fixture
def opened(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[OpenedCalibration]:
    runner = JobRunner()
    yield OpenedCalibration(qtbot, tmp_path, runner)
    assert runner.shutdown()


def choose(opened: OpenedCalibration, words: str) -> None:
    (action,) = (a for a in opened.dialog.ways_menu.actions() if a.text() == words)
    assert action.isEnabled()
    action.trigger()


def find_action(opened: OpenedCalibration, words: str) -> QAction:
    return next(a for a in opened.dialog.ways_menu.actions() if a.text() == words)


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
    click(qtbot, dialog, "Click its corners")
    for number, pixel in enumerate(find_pixels(RECTANGLE)):
        assert f"{number} of 4 are there" in opened.dialog.details.advice.text()
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
    opened.viewmodel.ways.begin_rectangle(6.0, 4.0, is_placed_by_points=True)
    for pixel in find_pixels(RECTANGLE):
        editor.click_picture(pixel)
    opened.wait()
    assert len(opened.state.points) == 6
    assert measure_error_m(opened) < 0.1


def test_corners_that_go_round_no_rectangle_are_refused(opened: OpenedCalibration) -> None:
    editor = opened.viewmodel.editor
    opened.viewmodel.ways.begin_rectangle(6.0, 4.0, is_placed_by_points=False)
    first, second, third, fourth = find_pixels(RECTANGLE)
    for pixel in (first, third, second, fourth):
        editor.click_picture(pixel)
    editor.click_plan(RECTANGLE[0])
    editor.click_plan(RECTANGLE[1])
    assert "do not go round a rectangle" in opened.dialog.failure.problem
    assert opened.state.points == ()
    choose(opened, "Leave the rectangle or board")
    assert opened.state.shape is None


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

    monkeypatch.setattr(calibration_ways, "search_chessboard", search)
    choose(opened, "A chessboard…")
    dialog = find_dialog(opened, ChessboardDialog)
    assert isinstance(dialog, ChessboardDialog)
    dialog.across.setValue(9)
    dialog.down.setValue(6)
    dialog.square.setValue(0.5)
    click(qtbot, dialog, "Look for it")
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
    monkeypatch.setattr(calibration_ways, "search_chessboard", lambda _picture, **_given: flat)
    opened.viewmodel.ways.find_chessboard_in_hand(9, 6)
    qtbot.waitUntil(lambda: bool(opened.state.lines), timeout=ANSWERS_WITHIN_MS)
    assert len(opened.state.lines) == 5 + 8
    assert "13 straight lines" in opened.dialog.details.summary.text()
    assert opened.state.can_estimate_lens

    def find_none(_picture: np.ndarray, **_given: object) -> np.ndarray:
        raise CalibrationError("No chessboard.", "Show it.")

    monkeypatch.setattr(calibration_ways, "search_chessboard", find_none)
    opened.viewmodel.ways.find_chessboard_in_hand(9, 6)
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
    choose(opened, "People who walk through…")
    dialog = find_dialog(opened, WalkersDialog)
    assert isinstance(dialog, WalkersDialog)
    dialog.fov.setValue(float(np.degrees(VIEW.horizontal_fov_rad)))
    dialog.height_field.setValue(MEAN_HEIGHT_M)
    click(qtbot, dialog, "Watch who walks by")
    assert "0 people" in opened.state.busy
    walk_by(opened, count=60)
    qtbot.waitUntil(lambda: len(opened.state.points) == 4, timeout=ANSWERS_WITHIN_MS)
    opened.wait()
    assert "it hangs" in opened.dialog.details.summary.text()
    assert measure_error_m(opened) < 0.5
    click(qtbot, opened.dialog, "Save")
    qtbot.waitUntil(lambda: opened.dialog.consequence.startswith("Saved."), timeout=ANSWERS_WITHIN_MS)
    sigma_px = opened.saved.cameras[0].camera.pair_sigma_px
    assert sigma_px is not None
    assert sigma_px > 0.5
    click(qtbot, opened.dialog, "Undo")
    assert len(opened.state.points) == 2


def test_too_few_people_are_said_to_be_too_few(opened: OpenedCalibration, qtbot: QtBot) -> None:
    ways, figures = opened.viewmodel.ways, WalkersFigures(90.0, 1.68, 0.03)
    ways.begin_walkers(figures)
    assert "not where" in opened.dialog.failure.problem
    click_two(opened)
    ways.begin_walkers(figures)
    walk_by(opened, count=2)
    assert opened.state.progress is not None
    assert 0.0 < opened.state.progress < 0.5
    assert "2 people" in opened.state.busy
    click(qtbot, opened.dialog, "Stop")
    qtbot.waitUntil(lambda: "There are 2 walkers" in opened.dialog.failure.problem, timeout=ANSWERS_WITHIN_MS)
    assert len(opened.state.points) == 2
    opened.monitor.show_stopped()
    ways.begin_walkers(figures)
    assert "Nobody is followed" in opened.dialog.failure.problem


def test_a_calibration_is_removed_saved_and_brought_back(opened: OpenedCalibration, qtbot: QtBot) -> None:
    editor = opened.viewmodel.editor
    for pixel, floor in zip(find_pixels(SIX), SIX, strict=True):
        editor.click_picture(pixel)
        editor.click_plan(floor)
    opened.wait()
    assert find_action(opened, "Remove the calibration").isEnabled()
    click(qtbot, opened.dialog, "Save")
    qtbot.waitUntil(lambda: opened.dialog.consequence.startswith("Saved."), timeout=ANSWERS_WITHIN_MS)
    choose(opened, "Remove the calibration")
    assert "removes the calibration" in opened.dialog.consequence
    assert len(opened.saved.cameras[0].camera.pairs) == 6
    click(qtbot, opened.dialog, "Save")
    qtbot.waitUntil(lambda: opened.dialog.consequence.startswith("Saved."), timeout=ANSWERS_WITHIN_MS)
    assert opened.saved.cameras[0].camera.pairs == ()
    assert not find_button(opened.dialog, "Save").isEnabled()
    click(qtbot, opened.dialog, "Undo")
    opened.wait()
    click(qtbot, opened.dialog, "Save")
    qtbot.waitUntil(lambda: opened.dialog.consequence.startswith("Saved."), timeout=ANSWERS_WITHIN_MS)
    assert len(opened.saved.cameras[0].camera.pairs) == 6
