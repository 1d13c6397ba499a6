from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.support.halls.scripted_people import CAMERA, VIEW, find_box, make_floor_tracker
from vision.pixel_types import Detections, TrackedBox
from vision.tracking.sightings import look_at

CHILD_M, CHILD_AT_M = 1.15, (9.0, 0.0)
FPS = 5.0


def place_child(adult_y_m: Callable[[float], float], *, seconds: float) -> float:
    """How far the child's last foot point is from where they stand, who are seen whole all the time, metres.

    An adult is before them at a place across that depends on the time.
    """
    tracker = make_floor_tracker()
    last: TrackedBox | None = None
    child = find_box(*CHILD_AT_M, CHILD_M)
    for frame in range(round(seconds * FPS)):
        boxes = [child, find_box(7.6, adult_y_m(frame / FPS))]
        seen = Detections(np.array(boxes, np.float32), np.full(2, 0.9, np.float32))
        found = tracker.update(frame / FPS, seen)
        last = next((box for box in found if box.xyxy[1] == pytest.approx(child[1], abs=0.1)), last)
    assert last is not None
    assert last.foot is not None
    place = CAMERA.to_geometry().project_to_floor(np.array([[last.foot.u_px, last.foot.v_px]]))[0]
    return float(np.hypot(*(place - CHILD_AT_M)))


@pytest.mark.parametrize(("across_m", "covered"), [(0.6, 0.0), (0.35, 0.0), (0.0, 1.0)])
def test_only_who_stands_over_all_of_a_lower_edge_surely_covers_it(across_m: float, covered: float) -> None:
    boxes = np.array([find_box(*CHILD_AT_M, CHILD_M), find_box(7.6, across_m)])
    assert look_at(VIEW, boxes, np.ones(2)).covered.tolist() == [covered, 0.0]


def test_a_child_behind_an_adults_side_is_no_adult_with_hidden_feet() -> None:
    assert place_child(lambda _: 0.35, seconds=3.0) < 0.3


def test_a_child_who_came_behind_an_adult_is_known_once_the_adult_has_gone() -> None:
    assert place_child(lambda _: 0.0, seconds=2.0) > 1.0
    assert place_child(lambda time_s: max(0.0, time_s - 2.0), seconds=8.0) < 0.3
