"""Points that are clicked in turn, taken back, and kept for the next time."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.domain.camera import Camera, PointPair
from analytics.domain.identifiers import CameraId
from app.gui.calibration.calibration_draft import (
    CalibrationDraft,
    DraftHistory,
    DraftPoint,
    KeptDrafts,
    list_points,
)

PIXEL, FLOOR = (10.0, 20.0), (1.0, 2.0)
PAIR = PointPair(10.0, 20.0, 1.0, 2.0)


def test_the_two_halves_of_a_pair_may_be_clicked_in_either_order() -> None:
    for draft in (
        CalibrationDraft().with_pixel(PIXEL).with_floor(FLOOR),
        CalibrationDraft().with_floor(FLOOR).with_pixel(PIXEL),
    ):
        assert draft.pairs == (PAIR,)
        assert draft.open_point is None


def test_a_second_click_in_the_picture_corrects_the_first() -> None:
    draft = CalibrationDraft().with_pixel((0.0, 0.0)).with_pixel(PIXEL)
    assert draft.points == (DraftPoint(pixel=PIXEL),)
    assert draft.pairs == ()
    assert draft.with_floor(FLOOR).with_pixel((3.0, 4.0)).points[1] == DraftPoint(pixel=(3.0, 4.0))


def test_steps_are_taken_back_and_done_again() -> None:
    history = DraftHistory(CalibrationDraft())
    first = history.draft.with_pixel(PIXEL)
    history.do(first)
    second = first.with_floor(FLOOR)
    history.do(second)
    history.undo()
    assert history.draft == first
    assert history.can_redo
    history.redo()
    assert history.draft == second
    history.undo()
    history.undo()
    assert history.draft == CalibrationDraft()
    assert not history.can_undo
    history.undo()
    assert history.draft == CalibrationDraft()


def test_a_new_step_forgets_what_was_taken_back() -> None:
    history = DraftHistory(CalibrationDraft())
    history.do(history.draft.with_pixel(PIXEL))
    history.undo()
    history.do(history.draft.with_floor(FLOOR))
    assert not history.can_redo


def test_one_drag_is_one_step_and_the_next_another() -> None:
    start = CalibrationDraft(list_points([PAIR]))
    history = DraftHistory(start)
    for drag in (1, 2):
        for u_px in (11.0, 12.0, 13.0):
            point = DraftPoint((drag * u_px, 20.0), FLOOR)
            history.do(history.draft.with_point(0, point), gesture=("pixel", drag))
    history.undo()
    assert history.draft.pairs[0].u_px == 13.0
    history.undo()
    assert history.draft == start


def test_after_an_undo_the_same_gesture_begins_a_step_of_its_own() -> None:
    history = DraftHistory(CalibrationDraft(list_points([PAIR])))
    history.do(history.draft.with_point(0, DraftPoint((11.0, 20.0), FLOOR)), gesture="keys")
    history.undo()
    history.do(history.draft.with_point(0, DraftPoint((12.0, 20.0), FLOOR)), gesture="keys")
    history.undo()
    assert history.draft.pairs == (PAIR,)


@pytest.mark.parametrize("is_calibrated_otherwise", [False, True])
def test_a_draft_is_kept_until_the_camera_is_calibrated_otherwise(is_calibrated_otherwise: bool) -> None:
    camera = Camera(CameraId("door"), (640, 360))
    history, drafts, folder = DraftHistory(CalibrationDraft()), KeptDrafts(), Path("Fair.expoflow")
    drafts.keep(folder, camera, history)
    pairs = (PAIR,) if is_calibrated_otherwise else ()
    now = Camera(CameraId("door"), (640, 360), pairs)
    assert drafts.recall(folder, now) is (None if is_calibrated_otherwise else history)
    assert drafts.recall(Path("Other.expoflow"), camera) is None
