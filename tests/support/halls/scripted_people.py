"""Detections of people who walk as they are told, seen by a detector that is as good as it is told."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.identifiers import TrackletId
from tools.simulation.pinhole_camera import PinholeCamera
from vision.pixel_types import Detections, TrackedBox
from vision.tracking.floor_tracker import FloorTracker
from vision.tracking.floor_view import FloorView
from vision.tracking.tracker import Tracker

ScriptedFrame = tuple[float, Detections]

CAMERA = PinholeCamera((0.0, 0.0, 4.0), 0.0, 0.5, 1.2, (1280, 720))
"""Looks along x from 4 m above the floor; `find_box` and `make_floor_tracker` are about its picture."""
VIEW = FloorView(CAMERA.to_geometry(), CAMERA.size_wh)


@dataclass(frozen=True)
class Person:
    """Walks in a straight line; speed in body heights a second, as a walker does 0.8."""

    foot_px: tuple[float, float]
    speed_heights_s: tuple[float, float] = (0.0, 0.0)
    height_px: float = 200.0
    from_s: float = 0.0
    to_s: float = np.inf
    hidden_s: tuple[tuple[float, float], ...] = ()
    weak_s: tuple[tuple[float, float], ...] = ()
    score: float = 0.85
    weak_score: float = 0.25

    def foot_at(self, time_s: float) -> np.ndarray:
        moved = np.array(self.speed_heights_s) * self.height_px * (time_s - max(self.from_s, 0.0))
        return np.array(self.foot_px) + moved

    def box_at(self, time_s: float) -> np.ndarray:
        u, v = self.foot_at(time_s)
        half = 0.19 * self.height_px
        return np.array([u - half, v - self.height_px, u + half, v])


def script(
    people: Sequence[Person], *, fps: float, duration_s: float, jitter_heights: float = 0.02, seed: int = 0
) -> list[ScriptedFrame]:
    """One entry per frame; boxes jitter by ``jitter_heights`` of their height."""
    random = np.random.default_rng(seed)
    frames = []
    for number in range(round(duration_s * fps) + 1):
        time_s = number / fps
        boxes = [
            (
                person.box_at(time_s) + random.normal(0, jitter_heights * person.height_px, 4),
                person.weak_score if is_within(time_s, person.weak_s) else person.score,
            )
            for person in people
            if person.from_s <= time_s <= person.to_s and not is_within(time_s, person.hidden_s)
        ]
        frames.append((time_s, make_detections(boxes)))
    return frames


def make_detections(boxes: Iterable[tuple[Sequence[float] | np.ndarray, float]]) -> Detections:
    ordered = sorted(boxes, key=lambda box: -box[1])
    if not ordered:
        return Detections.empty()
    return Detections(
        np.array([xyxy for xyxy, _ in ordered], np.float32), np.array([s for _, s in ordered], np.float32)
    )


def is_within(time_s: float, spans: Sequence[tuple[float, float]]) -> bool:
    return any(begin <= time_s < end for begin, end in spans)


def run_tracker(tracker: Tracker, frames: Iterable[ScriptedFrame]) -> dict[TrackletId, list[TrackedBox]]:
    """Everything reported, by tracklet, in the order of reporting."""
    tracklets: dict[TrackletId, list[TrackedBox]] = defaultdict(list)
    for time_s, detections in frames:
        for box in tracker.update(time_s, detections):
            tracklets[box.tracklet].append(box)
    for box in tracker.finish():
        tracklets[box.tracklet].append(box)
    return dict(tracklets)


def nearest_person(box: TrackedBox, people: Sequence[Person]) -> int:
    foot = np.array([(box.xyxy[0] + box.xyxy[2]) / 2, box.xyxy[3]])
    return int(np.argmin([np.linalg.norm(person.foot_at(box.time_s) - foot) for person in people]))


def find_box(
    x_m: float, y_m: float, height_m: float = 1.7, *, half_heights: float = 0.18, hidden_share: float = 0.0
) -> list[float]:
    """The box of a person who stands there, of which this share of the height is missing below."""
    foot, top = CAMERA.project(np.array([[x_m, y_m, 0.0], [x_m, y_m, height_m]]))[:, :2]
    height = foot[1] - top[1]
    half = half_heights * height
    return [foot[0] - half, top[1], foot[0] + half, foot[1] - hidden_share * height]


def make_floor_tracker(geometry: CameraGeometry | None = None) -> FloorTracker:
    numbers = itertools.count(1)
    view = VIEW if geometry is None else FloorView(geometry, CAMERA.size_wh)
    return FloorTracker(lambda: TrackletId(next(numbers)), view)


def find_sides(found: Sequence[TrackedBox], time_s: float) -> list[TrackletId]:
    """Who is seen at a moment, from left to right."""
    seen = [box for box in found if box.time_s == pytest.approx(time_s)]
    return [box.tracklet for box in sorted(seen, key=lambda box: box.xyxy[0])]
