"""Contract of every tracker."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.identifiers import TrackletId
from analytics.domain.track import TrackState
from benchmarks.tracking_methods import make_botsort, make_bytetrack
from tests.support.halls.scripted_people import Person, ScriptedFrame, make_detections, run_tracker, script
from vision.pixel_types import Detections
from vision.tracking.floor_tracker import FloorTracker
from vision.tracking.floor_view import FloorView
from vision.tracking.tracker import Tracker

FLOOR = FloorView(CameraGeometry(np.diag([0.01, 0.01, 1.0])), (1920, 1080))
MakeTracker = Callable[[], Tracker]


@pytest.fixture(
    params=[
        pytest.param(FloorTracker, id="on the floor"),
        pytest.param(make_bytetrack, marks=pytest.mark.torch, id="ByteTrack"),
        pytest.param(make_botsort, marks=pytest.mark.torch, id="BoT-SORT"),
    ]
)
def make(request: pytest.FixtureRequest) -> MakeTracker:
    numbers = itertools.count(1)
    return lambda: request.param(lambda: TrackletId(next(numbers)), FLOOR)


def crowd(*, seed: int, fps: float = 10, duration_s: float = 8) -> list[ScriptedFrame]:
    """People who come and go, a fifth of their sightings missing, weak ones and clutter among them."""
    random = np.random.default_rng(seed)
    people = [
        Person(
            tuple(random.uniform([100, 300], [1800, 1000])),
            tuple(random.normal(0, 0.6, 2)),
            height_px=random.uniform(80, 250),
            from_s=(begin := random.uniform(0, 5)),
            to_s=begin + random.uniform(1, 6),
            weak_s=((begin + 1, begin + 1.5),),
        )
        for _ in range(8)
    ]
    frames = []
    for time_s, detections in script(people, fps=fps, duration_s=duration_s, seed=seed):
        kept = random.random(len(detections)) > 0.2
        boxes = list(zip(detections.xyxy[kept], detections.score[kept], strict=True))
        for _ in range(random.poisson(0.5)):
            left, top = random.uniform(0, 1700), random.uniform(0, 800)
            boxes.append((np.array([left, top, left + 60, top + 150]), random.uniform(0.1, 0.9)))
        frames.append((time_s, make_detections(boxes)))
    return frames


@pytest.mark.parametrize("seed", range(4))
def test_points_of_a_tracklet_are_unique_and_ordered(make: MakeTracker, seed: int) -> None:
    tracklets = run_tracker(make(), crowd(seed=seed))
    assert tracklets
    for boxes in tracklets.values():
        assert (np.diff([box.time_s for box in boxes]) > 0).all()


@pytest.mark.parametrize("seed", range(2))
def test_points_belong_to_past_frames(make: MakeTracker, seed: int) -> None:
    tracker, times_s = make(), set()
    for time_s, detections in crowd(seed=seed):
        times_s.add(time_s)
        assert {box.time_s for box in tracker.update(time_s, detections)} <= times_s
    assert {box.time_s for box in tracker.finish()} <= times_s


def test_boxes_are_valid(make: MakeTracker) -> None:
    tracks = run_tracker(make(), crowd(seed=1))
    assert tracks
    for boxes in tracks.values():
        for box in boxes:
            left, top, right, bottom = box.xyxy
            assert left < right
            assert top < bottom
            assert 0 <= box.score <= 1
            assert box.state in (TrackState.CONFIRMED, TrackState.COASTED, TrackState.INTERPOLATED)


def test_the_same_frames_give_the_same_tracks(make: MakeTracker) -> None:
    first, second = (list(run_tracker(make(), crowd(seed=2)).values()) for _ in range(2))
    assert [[box.xyxy for box in boxes] for boxes in first] == [
        [box.xyxy for box in boxes] for boxes in second
    ]


def test_the_input_is_unchanged(make: MakeTracker) -> None:
    tracker = make()
    for time_s, detections in crowd(seed=3)[:20]:
        xyxy, score = detections.xyxy.copy(), detections.score.copy()
        tracker.update(time_s, detections)
        np.testing.assert_array_equal(detections.xyxy, xyxy)
        np.testing.assert_array_equal(detections.score, score)


def test_one_walker_is_one_tracklet(make: MakeTracker) -> None:
    (boxes,) = run_tracker(make(), script([Person((200, 500), (0.8, 0.0))], fps=10, duration_s=5)).values()
    assert len(boxes) >= 48


def test_tracklet_numbers_are_not_reused(make: MakeTracker) -> None:
    tracker, other = make(), make()
    frames = script([Person((200, 500)), Person((900, 500))], fps=10, duration_s=2)
    runs = [set(run_tracker(each, frames)) for each in (tracker, tracker, other)]
    assert len(set.union(*runs)) == sum(len(run) for run in runs) == 6


def test_empty_frames_give_no_tracklets(make: MakeTracker) -> None:
    tracker = make()
    assert list(tracker.finish()) == []
    assert run_tracker(tracker, [(number / 5, Detections.empty()) for number in range(10)]) == {}


@pytest.mark.parametrize("time_s", [1.0, 0.2, float("nan")])
def test_a_repeated_time_gives_no_points(make: MakeTracker, time_s: float) -> None:
    tracker = make()
    person = make_detections([((100.0, 100.0, 176.0, 300.0), 0.9)])
    for number in range(11):
        tracker.update(number / 10, person)
    assert list(tracker.update(time_s, person)) == []
    assert [box.time_s for box in tracker.update(1.1, person)] == [1.1]


def test_invalid_boxes_are_ignored(make: MakeTracker) -> None:
    tracker = make()
    broken = [((np.nan, 0, 50, 100), 0.9), ((50, 0, 50, 100), 0.9), ((0, 0, np.inf, 100), 0.9)]
    frames = [(number / 10, make_detections([((100, 100, 176, 300), 0.8), *broken])) for number in range(8)]
    (boxes,) = run_tracker(tracker, frames).values()
    assert [box.xyxy[0] for box in boxes] == pytest.approx([100] * len(boxes), abs=2)
