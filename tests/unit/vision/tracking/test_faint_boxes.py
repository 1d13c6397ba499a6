"""Weak detections: of newcomers, of hidden people, and of people who are seen beside them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.halls.scripted_people import find_box, make_floor_tracker
from tests.unit.vision.tracking.test_floor_tracker import follow
from vision.pixel_types import Detections, TrackedBox
from vision.tracking.association import compute_overlaps
from vision.tracking.floor_tracker import MIN_OVERLAP, REMEMBERED_SIGHTINGS, FaintDoubles
from vision.tracking.floor_tracker_settings import FloorTrackerSettings

FPS = 5.0
HIDDEN_FROM_S = 4.0


def see_somebody_vanish_behind(*, doubled_s: float) -> float:
    """When the second of two people was last seen, in seconds since the first stood before them.

    From then on a faint box over the first is found in every third frame.

    Args:
        doubled_s: for so long before, the first is found twice in every frame, the second time faintly.
    """
    tracker = make_floor_tracker()
    found: list[TrackedBox] = []
    frames = round(doubled_s * FPS)
    for frame in range(frames):
        y_m = 3.0 * np.sin(frame / 20)
        twice = np.array([find_box(7.2, y_m), find_box(8.0, y_m)], np.float32)
        tracker.update(frame / FPS, Detections(twice, np.array([0.9, 0.2], np.float32)))
    for frame in range(round(20 * FPS)):
        time_s = frame / FPS
        boxes, scores = [find_box(7.2, max(0.2, 3.0 - 0.8 * time_s)), find_box(8.0, 0.2)], [0.9, 0.9]
        if time_s >= HIDDEN_FROM_S:
            scores[1] = 0.25
            if frame % 3:
                boxes, scores = boxes[:1], scores[:1]
        seen = Detections(np.array(boxes, np.float32), np.array(scores, np.float32))
        found += tracker.update(doubled_s + time_s, seen)
    begun_s = {box.tracklet: box.time_s for box in reversed(found)}
    second = [tracklet for tracklet in begun_s if find_x_m(found, tracklet) > 7.6]
    assert len(second) == 1
    return max(box.time_s for box in found if box.tracklet == second[0]) - doubled_s - HIDDEN_FROM_S


def find_x_m(found: list[TrackedBox], tracklet: int) -> float:
    return next(box.foot.x_m for box in found if box.tracklet == tracklet and box.foot is not None)


def test_where_people_are_often_found_twice_a_faint_box_over_somebody_is_nobody_else() -> None:
    assert see_somebody_vanish_behind(doubled_s=0.0) > 14.0
    assert see_somebody_vanish_behind(doubled_s=40.0) < 1.0


@pytest.mark.parametrize("fps", [2.0, 5.0])
def test_a_newcomer_is_the_same_while_found_weakly(fps: float) -> None:
    found = follow([0.9, 0.3, 0.3, 0.9, 0.3, 0.9, 0.9], fps=fps)
    assert {box.tracklet for box in found} == {1}
    assert min(box.time_s for box in found) == 0.0


def test_weak_detections_alone_do_not_make_a_person() -> None:
    assert not follow([0.9] + [0.3] * 12 + [0.9] + [0.3] * 12, fps=FPS)


def test_a_weak_box_over_somebody_does_not_keep_a_newcomer() -> None:
    tracker = make_floor_tracker()
    found: list[TrackedBox] = []
    boxes = np.array([find_box(7.2, 0.2), find_box(7.7, 0.42)], np.float32)
    # too little to be suppressed as a newcomer
    assert MIN_OVERLAP < compute_overlaps(boxes[:1], boxes[1:]) < FloorTrackerSettings().duplicate_overlap
    for frame in range(20):
        scores = np.array([0.9, 0.5 if frame in (4, 8, 12) else 0.3], np.float32)
        found += tracker.update(frame / FPS, Detections(boxes, scores))
    assert {box.tracklet for box in found} == {1}


def test_how_often_people_are_found_twice_is_learned_anew_with_another_detector() -> None:
    doubles = FaintDoubles()
    doubles.learn(1000, 150)
    assert doubles.are_frequent
    for _ in range(20):
        doubles.learn(round(REMEMBERED_SIGHTINGS / 10), 0)
    assert not doubles.are_frequent
