"""People who are never found surely, and coats that look as much like people."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
import shapely

from analytics.domain.identifiers import TrackletId
from tests.support.halls.scripted_people import find_box, make_floor_tracker
from vision.pixel_types import Detections, TrackedBox
from vision.tracking.floor_tracker import FloorTracker
from vision.tracking.weak_places import are_mirrored, find_parts, move_alike, touch_any

PLACE_M = (7.0, 0.2)


def watch_place(
    *,
    moves: bool,
    score: float = 0.22,
    fps: float = 5.0,
    duration_s: float = 8.0,
    grows: float = 0.75,
    sways: float = 0.04,
    seats: shapely.Geometry | None = None,
    seed: int = 5,
) -> list[TrackedBox]:
    """What is reported of a faint box at one place that trembles, and wanders as a body does or does not.

    Args:
        grows: height of what is there over that of a person who stands.
        sways: how far it moves, in heights.
        seats: floor on which people sit.
    """
    rng = np.random.default_rng(seed)
    tracker = make_floor_tracker()
    if seats is not None:
        tracker._view = dataclasses.replace(tracker._view, seats=seats)
    box = np.array(find_box(*PLACE_M))
    height = box[3] - box[1]
    box[1] = box[3] - grows * height
    lean = np.zeros(3)
    kept = np.exp(-1 / fps / 2.5)
    found: list[TrackedBox] = []
    for frame in range(round(duration_s * fps)):
        lean = kept * lean + np.sqrt(1 - kept**2) * rng.normal(0, sways * height, 3)
        moved = np.array([lean[0] + lean[1], lean[2], lean[0] - lean[1], 0.0]) if moves else np.zeros(4)
        seen = box + moved + rng.normal(0, 0.008 * height, 4)
        scores = np.array([score + rng.normal(0, 0.02)], np.float32)
        found += tracker.update(frame / fps, Detections(seen[None].astype(np.float32), scores))
    return found


def test_whoever_is_found_faintly_and_moves_counts_within_eight_seconds_from_the_first() -> None:
    found = watch_place(moves=True)
    assert {box.tracklet for box in found} == {1}
    assert found[0].time_s < 0.5
    assert np.diff([box.time_s for box in found]) == pytest.approx(0.2)
    assert all(box.foot is not None for box in found)


@pytest.mark.slow
def test_less_movement_is_enough_where_people_are_known_to_sit() -> None:
    seats, elsewhere = (shapely.Point(x_m, 0.2).buffer(1.5) for x_m in (PLACE_M[0], 1.0))
    at_seats, others, coats = (
        sum(
            bool(watch_place(moves=moves, sways=0.02, duration_s=6.0, seats=floor, seed=n)) for n in range(20)
        )
        for moves, floor in ((True, seats), (True, elsewhere), (False, seats))
    )
    assert at_seats > others
    assert coats == 0
    assert not watch_place(moves=False, duration_s=60.0, seats=seats)


def test_a_camera_may_let_less_sure_detections_begin_a_track() -> None:
    numbers = itertools.count(1)
    view = dataclasses.replace(make_floor_tracker()._view, new_track_score=0.3)
    tracker = FloorTracker(lambda: TrackletId(next(numbers)), view)
    boxes = np.array([find_box(*PLACE_M)], np.float32)
    found = [
        box
        for frame in range(40)
        for box in tracker.update(frame / 5, Detections(boxes, np.array([0.33], np.float32)))
    ]
    assert {box.tracklet for box in found} == {1}


def test_a_coat_that_trembles_counts_for_nobody() -> None:
    assert not watch_place(moves=False, duration_s=120.0)


def test_a_coat_that_is_found_surely_now_and_then_counts_for_nobody() -> None:
    rng = np.random.default_rng(8)
    box, tracker = np.array(find_box(*PLACE_M)), make_floor_tracker()
    height = box[3] - box[1]
    found = [
        tracked
        for frame in range(300)
        for tracked in tracker.update(
            frame / 5,
            Detections(
                (box + rng.normal(0, 0.008 * height, 4))[None].astype(np.float32),
                np.array([0.47 if frame % 5 == 0 else 0.4 if frame % 2 else 0.36], np.float32),
            ),
        )
    ]
    assert not found


def test_what_is_no_body_by_its_size_counts_for_nobody() -> None:
    assert not watch_place(moves=True, grows=0.3)
    assert not watch_place(moves=True, grows=1.5)


def test_a_coat_does_not_inherit_the_track_of_a_person_who_left() -> None:
    rng = np.random.default_rng(6)
    tracker = make_floor_tracker()
    box = np.array(find_box(*PLACE_M))
    height = box[3] - box[1]
    box[1] = box[3] - 0.75 * height
    lean, found = 0.0, []
    for frame in range(300):
        lean = 0.92 * lean + 0.39 * rng.normal(0, 0.05 * height) if frame < 60 else 0.0
        seen = box + lean * np.array([1, 1, 1, 0]) + rng.normal(0, 0.008 * height, 4)
        found += tracker.update(
            frame / 5, Detections(seen[None].astype(np.float32), np.array([0.25], np.float32))
        )
    assert found
    assert max(box.time_s for box in found) < 12.0 + 12.0


def sway(seed: int, *, height: float = 150.0, frames: int = 50) -> np.ndarray:
    """How far the middle and the width of a sitting person's box are off, 5 frames a second; pixels."""
    rng, off = np.random.default_rng(seed), np.zeros((frames, 2))
    for frame in range(1, frames):
        off[frame] = 0.92 * off[frame - 1] + 0.39 * rng.normal(0, 0.03 * height, 2)
    return off


def show(off: np.ndarray, *, left: float, seed: int, sign: float = 1.0) -> list[tuple[float, list[float]]]:
    noise = np.random.default_rng(seed).normal(0, 1.2, (len(off), 4))
    middle, half = left + 30 + sign * off[:, 0], 30 + off[:, 1] / 2
    boxes = np.stack(
        [middle - half, np.full(len(off), 100.0), middle + half, np.full(len(off), 250.0)], axis=1
    )
    return [(frame / 5, box) for frame, box in enumerate((boxes + noise).tolist())]


def test_a_reflection_moves_at_once_with_whom_it_shows_and_other_people_do_not() -> None:
    own = [show(sway(seed), left=100.0, seed=seed) for seed in range(40)]
    mirrored = [show(sway(seed), left=400.0, seed=seed + 50, sign=-1.0) for seed in range(40)]
    assert sum(map(move_alike, mirrored, own)) >= 36
    # a reflection that is found in every other frame
    assert sum(move_alike(shown[::2], whole) for shown, whole in zip(mirrored, own, strict=True)) >= 30
    assert sum(map(move_alike, mirrored[1:], own)) <= 1


@pytest.mark.slow
def test_boxes_that_are_no_further_person_are_told() -> None:
    person = np.array([[100.0, 100.0, 160.0, 250.0]])
    boxes = np.array(
        [[105.0, 100.0, 155.0, 170.0], [102.0, 255.0, 158.0, 380.0], [300.0, 100.0, 360.0, 250.0]]
    )
    assert find_parts(boxes, np.full(3, 0.2), np.arange(3), person).tolist() == [True, False, False]
    assert are_mirrored(boxes, person).tolist() == [False, True, False]
    assert touch_any(boxes, person).tolist() == [True, True, False]
