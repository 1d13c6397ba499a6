from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.identifiers import TrackletId
from analytics.domain.track import TrackState
from tests.support.halls.scripted_people import Person, make_detections, nearest_person, run_tracker, script
from vision.pixel_types import Detections
from vision.tracking.floor_tracker import FloorTracker
from vision.tracking.floor_view import FloorView

FLOOR = FloorView(CameraGeometry(np.diag([0.01, 0.01, 1.0])), (1920, 1080))
"""A hundred pixels to the metre."""
RATES = [2, 5, 10, 25]
FIGURE = (100.0, 100.0, 176.0, 300.0)


def counter(first: int = 1) -> Callable[[], TrackletId]:
    numbers = itertools.count(first)
    return lambda: TrackletId(next(numbers))


def make_tracker(numbers: Callable[[], TrackletId]) -> FloorTracker:
    return FloorTracker(numbers, FLOOR)


@pytest.fixture
def tracker() -> FloorTracker:
    return make_tracker(counter())


@pytest.mark.parametrize("fps", [1, *RATES])
def test_walkers_keep_their_tracklet_at_any_rate(tracker: FloorTracker, fps: float) -> None:
    people = [
        Person((200, 400), (0.8, 0.0)),
        Person((1900, 700), (-0.9, 0.1), height_px=260),
        Person((500, 1000), (0.3, -0.5), height_px=240),
        Person((1200, 300), height_px=60),
        Person((1300, 300), (-0.6, 0.05), height_px=60),
    ]
    tracklets = run_tracker(tracker, script(people, fps=fps, duration_s=8))
    assert len(tracklets) == len(people)
    for boxes in tracklets.values():
        assert len({nearest_person(box, people) for box in boxes}) == 1
        assert len(boxes) == 8 * fps + 1


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("seed", range(3))
def test_two_who_pass_each_other_do_not_swap(tracker: FloorTracker, fps: float, seed: int) -> None:
    """The farther one is hidden while they overlap, as suppression leaves only the nearer box."""
    near = Person((200, 700), (0.8, 0.0), height_px=220)
    far = Person((1256, 680), (-0.8, 0.0), height_px=200, hidden_s=((2.95, 3.35),))
    tracklets = run_tracker(tracker, script([near, far], fps=fps, duration_s=6, seed=seed))
    assert len(tracklets) == 2
    for boxes in tracklets.values():
        at_the_ends = [boxes[0], boxes[-1]]
        assert len({nearest_person(box, [near, far]) for box in at_the_ends}) == 1
        assert boxes[-1].time_s == pytest.approx(6, abs=0.05)


@pytest.mark.parametrize("fps", [5, 10, 25])
def test_a_hidden_stretch_is_filled_when_the_person_is_found_again(tracker: FloorTracker, fps: float) -> None:
    person = Person((200, 500), (0.7, 0.0), hidden_s=((3.0, 3.8),))
    (boxes,) = run_tracker(tracker, script([person], fps=fps, duration_s=6, jitter_heights=0)).values()
    assert [box.time_s for box in boxes] == [number / fps for number in range(6 * fps + 1)]
    filled = [box for box in boxes if box.state is TrackState.INTERPOLATED]
    assert {box.time_s for box in filled} == {t / fps for t in range(6 * fps) if 3.0 <= t / fps < 3.8}
    for box in filled:
        np.testing.assert_allclose(box.xyxy, person.box_at(box.time_s), atol=0.5)
        assert box.score == 0


def test_a_track_that_is_not_found_again_ends_at_its_last_sighting(tracker: FloorTracker) -> None:
    frames = script([Person((200, 500), (0.7, 0.0), to_s=3.0)], fps=10, duration_s=8)
    (boxes,) = run_tracker(tracker, frames).values()
    assert boxes[-1].time_s == 3.0
    assert {box.state for box in boxes} == {TrackState.CONFIRMED}


def test_who_comes_back_after_longer_is_somebody_new(tracker: FloorTracker) -> None:
    frames = script([Person((200, 500), hidden_s=((3.0, 5.5),))], fps=10, duration_s=8)
    first, second = run_tracker(tracker, frames).values()
    assert first[-1].time_s == 2.9
    assert second[0].time_s == 5.5


def test_weak_detections_keep_a_track_going_but_not_for_ever(tracker: FloorTracker) -> None:
    weak_for_a_while = Person((200, 500), (0.4, 0.0), weak_s=((2.0, 4.0),))
    weak_to_the_end = Person((200, 900), (0.4, 0.0), weak_s=((2.0, 99.0),))
    upper, lower = run_tracker(
        tracker, script([weak_for_a_while, weak_to_the_end], fps=10, duration_s=8)
    ).values()
    if upper[0].xyxy[3] > lower[0].xyxy[3]:
        upper, lower = lower, upper
    assert len(upper) == 81
    assert {box.state for box in upper} == {TrackState.CONFIRMED}
    assert 4.5 < lower[-1].time_s <= 5.0


def test_weak_detections_begin_nothing(tracker: FloorTracker) -> None:
    assert run_tracker(tracker, script([Person((200, 500), score=0.45)], fps=10, duration_s=5)) == {}


@pytest.mark.parametrize(("fps", "confirmed_at_s"), [(2, 1.0), (5, 0.4), (10, 0.3), (25, 0.32)])
def test_a_track_is_credited_with_its_past_once_it_counts(
    tracker: FloorTracker, fps: float, confirmed_at_s: float
) -> None:
    reported: list[float] = []
    for time_s, detections in script([Person((200, 500))], fps=fps, duration_s=1):
        boxes = tracker.update(time_s, detections)
        if boxes:
            assert time_s == pytest.approx(confirmed_at_s)
            reported = [box.time_s for box in boxes]
            break
    assert reported == pytest.approx([number / fps for number in range(round(confirmed_at_s * fps) + 1)])


def test_flashes_of_clutter_never_count(tracker: FloorTracker) -> None:
    flash = Person((700, 500), hidden_s=tuple((t + 0.2, t + 1.0) for t in range(10)))
    assert run_tracker(tracker, script([flash], fps=10, duration_s=9)) == {}


def test_clutter_takes_no_number(tracker: FloorTracker) -> None:
    people = [
        Person((700, 500), hidden_s=tuple((t + 0.2, t + 1.0) for t in range(10))),
        Person((300, 900), (0.5, 0.0), from_s=5.0),
    ]
    assert list(run_tracker(tracker, script(people, fps=10, duration_s=9))) == [TrackletId(1)]


def test_the_weak_moment_before_the_first_sure_sight_is_credited(tracker: FloorTracker) -> None:
    person = Person((200, 500), (0.8, 0.0), from_s=1.0, weak_s=((1.0, 1.4),), weak_score=0.2)
    (boxes,) = run_tracker(tracker, script([person], fps=10, duration_s=4)).values()
    assert boxes[0].time_s == 1.0
    assert boxes[0].score == pytest.approx(0.2)


def test_a_long_weak_past_is_cut(tracker: FloorTracker) -> None:
    coat_stand = Person((200, 500), weak_s=((0.0, 5.0),), weak_score=0.2)
    (boxes,) = run_tracker(tracker, script([coat_stand], fps=10, duration_s=8)).values()
    assert 4.4 <= boxes[0].time_s < 5.0


def test_two_boxes_of_one_person_make_one_track(tracker: FloorTracker) -> None:
    person = Person((200, 500), (0.6, 0.0))
    frames = []
    for time_s, detections in script([person], fps=10, duration_s=5):
        twin = (detections.xyxy[0] + np.array([4, 6, -3, -20]), 0.6)
        frames.append((time_s, make_detections([(detections.xyxy[0], 0.85), twin])))
    assert len(run_tracker(tracker, frames)) == 1


@pytest.mark.parametrize("time_s", [1.0, 0.5, -3.0, float("nan")])
def test_a_time_that_does_not_go_on_is_skipped_and_counted(tracker: FloorTracker, time_s: float) -> None:
    person = make_detections([(FIGURE, 0.9)])
    tracker.update(0.8, person)
    tracker.update(1.0, person)
    assert list(tracker.update(time_s, person)) == []
    assert tracker.skipped_frames == 1
    assert [box.time_s for box in tracker.update(1.2, person)] == [0.8, 1.0, 1.2]


def test_after_finish_time_may_begin_again(tracker: FloorTracker) -> None:
    frames = script([Person((200, 500))], fps=5, duration_s=2)
    first, second = run_tracker(tracker, frames), run_tracker(tracker, frames)
    assert list(first) == [TrackletId(1)]
    assert list(second) == [TrackletId(2)]
    assert tracker.skipped_frames == 0


def test_boxes_that_are_none_are_skipped_and_counted(tracker: FloorTracker) -> None:
    broken = [
        ((np.nan, 0, 50, 100), 0.9),
        ((0, 0, np.inf, 100), 0.9),
        ((50, 0, 50, 100), 0.9),
        ((0, 100, 50, 20), 0.9),
    ]
    for number in range(5):
        tracker.update(number / 10, make_detections(broken))
    assert tracker.skipped_boxes == 20
    assert list(tracker.update(0.9, make_detections(broken))) == []


def test_an_empty_hall_gives_nothing(tracker: FloorTracker) -> None:
    assert run_tracker(tracker, [(number / 10, Detections.empty()) for number in range(20)]) == {}


def test_cameras_can_share_one_sequence_of_numbers() -> None:
    sequence = counter(100)
    frames = script([Person((200, 500)), Person((900, 500))], fps=5, duration_s=2)
    ids = [set(run_tracker(make_tracker(sequence), frames)) for _ in range(2)]
    assert ids == [{100, 101}, {102, 103}]


@pytest.mark.parametrize("fps", [5, 10])
def test_misses_at_random_do_not_break_tracks(tracker: FloorTracker, fps: float) -> None:
    """A fifth of the sightings missing: the tracks stay whole, and their gaps are filled."""
    random = np.random.default_rng(4)
    people = [Person((200 + 150 * n, 300 + 90 * n), (0.4 - 0.2 * n, 0.0), height_px=180) for n in range(5)]
    frames = [
        (time_s, Detections(detections.xyxy[kept], detections.score[kept]))
        for time_s, detections in script(people, fps=fps, duration_s=20)
        for kept in [random.random(len(detections)) > 0.2]
    ]
    tracklets = run_tracker(tracker, frames)
    assert len(tracklets) == len(people)
    for boxes in tracklets.values():
        assert len(boxes) > 19 * fps
        steps = np.diff([box.time_s for box in boxes])
        np.testing.assert_allclose(steps, 1 / fps, atol=1e-6)
