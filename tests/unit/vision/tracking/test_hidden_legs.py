from __future__ import annotations

import numpy as np
import pytest

from tests.support.halls.scripted_people import CAMERA, VIEW, find_box, make_floor_tracker
from vision.pixel_types import Detections, TrackedBox
from vision.tracking.floor_people import find_in_sight
from vision.tracking.floor_tracker import FloorTracker
from vision.tracking.foot_hypotheses import VisibleFloor
from vision.tracking.sightings import look_at

GEOMETRY = CAMERA.to_geometry()
FPS = 5.0


def see(tracker: FloorTracker, time_s: float, *boxes: list[float]) -> list[TrackedBox]:
    xyxy, score = np.array(boxes, np.float32).reshape(-1, 4), np.full(len(boxes), 0.9, np.float32)
    return list(tracker.update(time_s, Detections(xyxy, score)))


def find_error_m(found: TrackedBox, x_m: float, y_m: float) -> float:
    assert found.foot is not None
    place = GEOMETRY.project_to_floor(np.array([[found.foot.u_px, found.foot.v_px]]))[0]
    return float(np.hypot(*(place - (x_m, y_m))))


def walk_behind_counter(tracker: FloorTracker, begin_s: float) -> list[TrackedBox]:
    """Somebody walks in from the side, stands behind a counter for 20 s, and is seen to the waist there."""
    found: list[TrackedBox] = []
    for frame in range(round(28 * FPS)):
        time_s = frame / FPS
        y_m = max(0.15, 4.0 - 0.8 * time_s)
        hidden_share = 0.45 if y_m < 1.0 else 0.0
        found += see(tracker, begin_s + time_s, find_box(9.0, y_m, hidden_share=hidden_share))
    return found


def test_a_newcomer_is_no_child_where_a_counter_has_hidden_the_feet_of_others() -> None:
    tracker = make_floor_tracker()
    walk_behind_counter(tracker, 0.0)
    tracker.finish()
    found = [
        box
        for frame in range(25)
        for box in see(tracker, 40 + frame / FPS, find_box(9.0, 0.15, hidden_share=0.45))
    ]
    assert find_error_m(found[-1], 9.0, 0.15) < 0.6


@pytest.mark.parametrize("hidden_share", [0.35, 0.5])
def test_a_newcomer_as_wide_as_an_adult_is_no_child_wherever_a_counter_may_be(hidden_share: float) -> None:
    tracker = make_floor_tracker()
    behind, child = (9.0, 0.15), (7.0, -1.5)
    found = [
        box
        for frame in range(25)
        for box in see(
            tracker,
            frame / FPS,
            find_box(*behind, hidden_share=hidden_share),
            find_box(*child, height_m=1.7 * (1 - hidden_share)),
        )
    ]
    assert find_error_m(found[-2], *behind) < 0.6
    assert find_error_m(found[-1], *child) < 0.3


def test_whose_feet_are_hidden_never_becomes_as_certain_as_who_is_seen_whole() -> None:
    tracker = make_floor_tracker()
    walk_behind_counter(tracker, 0.0)
    hidden = see(tracker, 28.0, find_box(9.0, 0.15, hidden_share=0.45))[0].foot
    in_sight = make_floor_tracker()
    seen = [see(in_sight, frame / FPS, find_box(9.0, 0.15)) for frame in range(round(20 * FPS))]
    whole = seen[-1][0].foot
    assert hidden is not None
    assert whole is not None
    assert whole.sigma_m < 0.09
    assert hidden.sigma_m > 0.1


def test_where_feet_are_seen_although_they_were_hidden_before_the_map_learns_it() -> None:
    floor = VisibleFloor(CAMERA.size_wh)
    whole, cut = (np.array([find_box(9.0, 0.15, hidden_share=share)]) for share in (0.03, 0.45))
    feet = np.array([[(whole[0, 0] + whole[0, 2]) / 2], [find_box(9.0, 0.15)[3]]])
    for box, seen, hidden in ((cut, 0.0, 1.0), (whole, 1.0, 1.0), (whole, 2.0, 1.0)):
        floor.learn_hidden(feet, box)
        assert (floor.count(feet), floor.count_hidden(feet)) == (seen, hidden)


def test_whoever_bends_for_some_seconds_stays_as_tall_as_before() -> None:
    tracker = make_floor_tracker()
    found: list[TrackedBox] = []
    for frame in range(round(20 * FPS)):
        is_bent = 10.0 <= frame / FPS < 14.0
        found += see(tracker, frame / FPS, find_box(9.0, 0.0, height_m=1.25 if is_bent else 1.7))
    heights_m = [box.foot.height_m for box in found if box.time_s >= 9.0 and box.foot is not None]
    assert {box.tracklet for box in found} == {1}
    assert heights_m == pytest.approx([1.7] * len(heights_m), abs=0.1)


@pytest.mark.parametrize(("covered_px", "in_sight"), [(0, 1.0), (30, 0.5), (70, 0.0), (100, 0.0)])
def test_whoever_is_hidden_for_the_most_part_could_not_have_been_seen(
    covered_px: float, in_sight: float
) -> None:
    in_front = np.array([[500.0, 400.0 - covered_px, 600.0, 450.0]])
    sightings = look_at(VIEW, in_front, np.ones(1))
    edges = np.array([[520.0], [300.0], [560.0], [400.0]])
    assert find_in_sight(edges, np.array([-1]), sightings) == pytest.approx([in_sight])
    # nobody hides themselves
    assert find_in_sight(edges, np.array([0]), sightings) == pytest.approx([1.0])


@pytest.mark.slow
@pytest.mark.parametrize("hidden_share", [0.3, 0.45])
def test_an_odd_box_is_followed_about_as_far_as_one_that_shows_somebody_whole(hidden_share: float) -> None:
    assert find_longest_step_m(hidden_share) > 0.8 * find_longest_step_m(0.0)


def find_longest_step_m(hidden_share: float) -> float:
    """How far somebody who stood may step aside between two frames and still be the same person."""
    return max(step_m for step_m in np.arange(0.0, 1.0, 0.02) if is_followed(step_m, hidden_share))


def is_followed(step_m: float, hidden_share: float) -> bool:
    tracker = make_floor_tracker()
    found = [box for frame in range(20) for box in see(tracker, frame / FPS, find_box(8.0, 0.0))]
    beside = find_box(8.0, step_m, hidden_share=hidden_share)
    found += [box for frame in range(20, 26) for box in see(tracker, frame / FPS, beside)]
    return len({box.tracklet for box in found}) == 1


@pytest.mark.slow
@pytest.mark.parametrize("hidden_share", [0.1, 0.15, 0.25])
def test_staff_alone_behind_a_counter_before_the_doors_open_shrink_nobody_after_them(
    hidden_share: float,
) -> None:
    tracker = make_floor_tracker()
    rng = np.random.default_rng(3)
    for second in range(1200):
        y_m = 1.5 * np.sin(second / 40) + rng.normal(0, 0.02)
        for frame in range(2):
            see(tracker, second + frame / 2, find_box(9.0, float(y_m), hidden_share=hidden_share))
    tracker.finish()
    for begin_s in (2000, 2020):
        for frame in range(round(10 * FPS)):
            see(tracker, begin_s + frame / FPS, find_box(6.0 + 0.1 * frame, -2.0))
        tracker.finish()
    in_front = find_box(8.0, -2.0)
    found = [
        box
        for frame in range(25)
        for box in see(tracker, 2100 + frame / FPS, in_front, find_box(9.0, -2.0, hidden_share=0.45))
    ]
    behind = [box for box in found if box.xyxy[3] < in_front[3] - 5]
    assert find_error_m(behind[-1], 9.0, -2.0) < 0.35
