"""Whether a full room and a hall of walkers say how many people they do not count."""

from __future__ import annotations

import itertools

import pytest

from analytics.domain.camera import Camera
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.metrics.low_counts import find_low_counts
from benchmarks.seated_people import count_seated
from tests.support.halls.scripted_people import Person, make_floor_tracker, script
from tools.memory_event_store import MemoryEventStore
from tools.scenes.seated_rooms import SeatedRoom, make_seated_room
from vision.pipeline.detection_lane import DetectionLane, UncountedLog
from vision.pipeline.observation_log import NOT_RUNNING, ObservationLog
from vision.tracking.floor_tracker import FloorTracker
from vision.tracking.floor_view import FloorView

CAMERA = CameraId("cafe")


@pytest.fixture(scope="module")
def room() -> SeatedRoom:
    return make_seated_room(seed=3, duration_s=50.0, latest_s=20.0)


@pytest.mark.slow
def test_a_full_room_says_by_how_much_its_count_is_low(room: SeatedRoom) -> None:
    numbers = itertools.count(1)
    view = FloorView(room.view.to_geometry(), room.view.size_wh)
    tracker = FloorTracker(lambda: TrackletId(next(numbers)), view)
    store = MemoryEventStore()
    log = UncountedLog(CAMERA, store)
    for time_s, detections, _ in room.frames:
        tracker.update(time_s, detections)
        if time_s >= 28.0:
            log.observe(time_s, tracker)
    log.write()
    (found,) = find_low_counts(store.read_events(), (0.0, 60.0))
    scores = count_seated(room)
    missing = 1 - scores["counted"] / scores["people"]
    assert missing > 0.1
    assert found.share == pytest.approx(missing, abs=0.12)


def test_a_camera_s_lane_writes_a_low_count_at_the_end(room: SeatedRoom) -> None:
    numbers = itertools.count(1)
    store = MemoryEventStore()
    lane = DetectionLane(
        Camera(CAMERA, frame_size_wh=room.view.size_wh),
        room.view.to_geometry(),
        next_tracklet=lambda: TrackletId(next(numbers)),
        sink=store,
        observations=ObservationLog(
            CAMERA, store, interval_s=0.2, observed_until_s=None, first_cause=NOT_RUNNING
        ),
    )
    lane.follow_size(room.view.size_wh)
    for time_s, detections, _ in room.frames:
        lane.accept(time_s, detections)
    assert store.read_events().empty
    lane.finish()
    (found,) = find_low_counts(store.read_events(), (0.0, 60.0))
    assert found.start_s == 0.0
    assert found.end_s > 48.0


def test_most_people_of_a_full_room_are_counted_and_little_else(room: SeatedRoom) -> None:
    scores = count_seated(room)
    assert scores["found_counted"] >= 0.75 * scores["found"]
    assert scores["counted nobody"] <= 1


def test_people_who_are_found_surely_are_no_warning() -> None:
    store = MemoryEventStore()
    log = UncountedLog(CAMERA, store)
    tracker = make_floor_tracker()
    people = [Person((300.0 + 200 * number, 400.0)) for number in range(3)]
    for time_s, detections in script(people, fps=5.0, duration_s=40.0):
        tracker.update(time_s, detections)
        log.observe(time_s, tracker)
    log.write()
    assert store.read_events().empty
