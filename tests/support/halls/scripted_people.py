"""Detections of people who walk as they are told, seen by a detector that is as good as it is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.domain.identifiers import TrackletId
from vision.pixel_types import Detections, TrackedBox
from vision.tracking.tracker import Tracker

ScriptedFrame = tuple[float, Detections]


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
