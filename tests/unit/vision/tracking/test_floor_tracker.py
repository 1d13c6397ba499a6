from __future__ import annotations

import numpy as np
import pytest

from tests.support.halls.scripted_people import CAMERA, find_box, make_floor_tracker
from vision.pixel_types import Detections, TrackedBox


def follow(scores: list[float], *, fps: float, speed_m_s: float = 0.0) -> list[TrackedBox]:
    """One person 8 m away who is detected with these scores, frame by frame; 0 is not at all."""
    tracker = make_floor_tracker()
    found: list[TrackedBox] = []
    for frame, score in enumerate(scores):
        box = find_box(8.0, -1.0 + speed_m_s * frame / fps)
        seen = Detections(np.array([box], np.float32), np.array([score], np.float32))
        found += tracker.update(frame / fps, seen if score else Detections.empty())
    return found


def test_feet_are_at_the_same_place_in_the_picture_and_on_the_floor() -> None:
    foot = follow([0.9] * 9, fps=5.0, speed_m_s=0.8)[-1].foot
    assert foot is not None
    place = CAMERA.to_geometry().project_to_floor(np.array([[foot.u_px, foot.v_px]]))
    np.testing.assert_allclose(place, [[foot.x_m, foot.y_m]], atol=1e-9)
    assert (foot.x_m, foot.y_m) == pytest.approx((8.0, 0.28), abs=0.1)
    assert 0.05 < foot.sigma_m < 0.5


@pytest.mark.parametrize("fps", [2.0, 5.0, 15.0])
def test_one_miss_does_not_begin_a_newcomer_anew(fps: float) -> None:
    found = follow([0.9, 0.0, 0.9] + [0.9] * 6, fps=fps, speed_m_s=0.8)
    assert {box.tracklet for box in found} == {1}
    assert len(found) == 9


def count_tracks_of_a_step(step_m: float, *, company: int) -> int:
    """How many tracks one person has who stood and is further away in the next of two frames a second."""
    tracker = make_floor_tracker()
    others = [find_box(13.0 + 4.0 * row, 1.7 * column - 5.0) for row in range(2) for column in range(7)]
    found: list[TrackedBox] = []
    for frame in range(16):
        boxes = np.array([find_box(8.0, 0.0 if frame < 10 else step_m), *others[:company]], np.float32)
        found += tracker.update(frame / 2, Detections(boxes, np.full(len(boxes), 0.9, np.float32)))
    return len({box.tracklet for box in found if box.foot is not None and box.foot.x_m < 10.0})


def test_who_is_alone_is_nobody_else_after_a_step_that_tells_of_newcomers_among_many() -> None:
    assert count_tracks_of_a_step(0.75, company=0) == 1
    assert count_tracks_of_a_step(0.75, company=14) == 2


def test_at_two_frames_a_second_a_weak_detection_finds_who_missed_two() -> None:
    found = follow([0.9] * 6 + [0.0, 0.0, 0.3], fps=2.0)
    assert max(box.time_s for box in found) == pytest.approx(4.0)


def test_a_weak_detection_finds_nobody_who_was_long_unseen() -> None:
    found = follow([0.9] * 12 + [0.0] * 11 + [0.3], fps=5.0)
    assert max(box.time_s for box in found) == pytest.approx(2.2)


@pytest.mark.parametrize("fps", [2.0, 5.0])
def test_who_stands_behind_somebody_is_followed_by_weak_detections(fps: float) -> None:
    tracker = make_floor_tracker()
    found: list[TrackedBox] = []
    for frame in range(round(20 * fps)):
        time_s = frame / fps
        walks_up = find_box(7.2, max(0.2, 3.0 - 0.8 * time_s))
        boxes, scores = [walks_up, find_box(8.0, 0.2)], [0.9, 0.9 if time_s < 4 else 0.25]
        if time_s >= 4 and frame % 3:
            # a detector finds people who are hidden for the most part only now and then
            boxes, scores = boxes[:1], scores[:1]
        found += tracker.update(time_s, Detections(np.array(boxes, np.float32), np.array(scores, np.float32)))
    last_s = [max(box.time_s for box in found if box.tracklet == number) for number in (1, 2)]
    assert min(last_s) > 18.0


def test_who_stands_in_full_view_is_not_followed_by_weak_detections_for_long() -> None:
    found = follow([0.9] * 20 + [0.25] * 60, fps=5.0)
    assert 6 <= max(box.time_s for box in found) <= 7.5


def test_boxes_that_are_none_are_refused_and_counted_and_others_not() -> None:
    tracker, box = make_floor_tracker(), find_box(8.0, 0.0)
    broken = [
        [np.nan, *box[1:]],
        [*box[:3], np.inf],
        [-np.inf, *box[1:]],
        [box[2], box[1], box[0], box[3]],
        [*box[:3], box[1]],
        box,
        box,
    ]
    xyxy = np.array([box, *broken, find_box(8.0, 2.0)], np.float32)
    score = np.array([0.9] * 6 + [np.nan, np.inf, 0.05], np.float32)
    found = [box for frame in range(6) for box in tracker.update(frame / 5, Detections(xyxy, score))]
    assert {box.tracklet for box in found} == {1}
    assert tracker.skipped_boxes == 6 * len(broken)
    assert tracker.off_floor == 0


def test_boxes_above_the_horizon_are_left_out_and_counted() -> None:
    tracker, horizon_v = make_floor_tracker(), 360 - CAMERA.focal_px * np.tan(0.5)
    xyxy = np.array([find_box(8.0, 0.0), [600.0, horizon_v - 60, 620.0, horizon_v - 20]], np.float32)
    for frame in range(6):
        tracker.update(frame / 5, Detections(xyxy, np.full(2, 0.9, np.float32)))
    assert tracker.off_floor == 6
