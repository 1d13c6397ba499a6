"""Detections in a bent picture become positions on the floor as if the lens were straight."""

from __future__ import annotations

import dataclasses

import numpy as np

from analytics.domain.identifiers import TrackletId
from tests.unit.vision.pipeline.test_straightened_picture import BENT, CAMERA, SIZE_WH, detect, film_bent
from tools.memory_event_store import MemoryEventStore
from vision.pipeline.detection_lane import DetectionLane
from vision.pipeline.observation_log import NOT_RUNNING, ObservationLog
from vision.pixel_types import TrackedBox

RATE_FPS = 5.0


def make_lane(store: MemoryEventStore) -> DetectionLane:
    """The lane of a camera with a lens, at ``RATE_FPS``."""
    numbers = iter(range(1, 100))
    lane = DetectionLane(
        dataclasses.replace(CAMERA, mask=()),
        BENT,
        next_tracklet=lambda: TrackletId(next(numbers)),
        sink=store,
        observations=ObservationLog(
            CAMERA.name, store, interval_s=1 / RATE_FPS, observed_until_s=None, first_cause=NOT_RUNNING
        ),
    )
    lane.follow_size(SIZE_WH)
    return lane


def test_a_walker_is_followed_on_the_floor_and_shown_in_the_bent_picture() -> None:
    store = MemoryEventStore()
    lane = make_lane(store)
    # along the right side, where the lens bends most
    times_s = np.arange(0, 8, 1 / RATE_FPS)
    places_m = np.column_stack([2.0 + 0.25 * times_s, 4.0 + 0.7 * times_s])
    shown: list[TrackedBox] = []
    for time_s, xyxy in zip(times_s.tolist(), film_bent(places_m), strict=True):
        boxes, _ = lane.accept(time_s, detect(xyxy[None]))
        shown += boxes
    lane.finish()
    tracks = store.read_tracks()
    assert len(tracks) > 30
    rows = np.rint(tracks["time_s"].to_numpy() * RATE_FPS).astype(int)
    off = np.linalg.norm(tracks[["x_m", "y_m"]].to_numpy() - places_m[rows], axis=1)
    assert np.sqrt(np.mean(off**2)) < 0.3
    for box in shown:
        expected = film_bent(places_m[[round(box.time_s * RATE_FPS)]])[0]
        assert abs(box.xyxy[3] - expected[3]) < 30
