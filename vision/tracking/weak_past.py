"""Backward extension of new tracks: weak detections just before the detector was sure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np

from analytics.domain.arrays import FloatArray
from vision.pixel_types import FootPoint
from vision.tracking.track_record import TrackRecord, to_box

Sighting = tuple[float, FloatArray, float]
"""(time_s, xyxy, score)."""

SHARED_PART = 0.5
"""Share of the smaller box that must lie in the larger one to be the same person a frame earlier. Overlap
over union would not do: a person who enters the picture grows from a strip at its edge within a few
frames."""


class WeakPast:
    """The unmatched weak detections of the last ``span_s`` seconds of one camera."""

    def __init__(self, span_s: float) -> None:
        self._span_s = span_s
        self._frames: deque[tuple[float, FloatArray, FloatArray]] = deque()

    def remember(self, time_s: float, xyxy: FloatArray, score: FloatArray) -> None:
        """Add a frame's unmatched weak detections, if any, and drop frames that are too old."""
        self._frames.append((time_s, xyxy, score))
        while self._frames and time_s - self._frames[0][0] > self._span_s:
            self._frames.popleft()

    def begin_record(
        self, time_s: float, box_xyxy: FloatArray, *, find_foot: Callable[[FloatArray], FootPoint | None]
    ) -> TrackRecord:
        """Return a new track's record for a box at ``time_s``, with its weak past only."""
        past = {earlier_s: (box, score) for earlier_s, box, score in self._trace_back(time_s, box_xyxy)}
        begin_s = min(past, default=time_s)
        first = past[begin_s][0] if past else box_xyxy
        record = TrackRecord(time_s, begin_s, time_s, to_box(first.tolist()))
        for earlier_s, _, _ in self._frames:
            if earlier_s in past:
                box, score = past[earlier_s]
                foot = find_foot(box)
                record.see(earlier_s, to_box(box.tolist()), score, is_strong=False, foot=foot)
            elif earlier_s > begin_s:
                record.unseen_times_s.append(earlier_s)
        return record

    def _trace_back(self, time_s: float, box_xyxy: FloatArray) -> list[Sighting]:
        """Return the chain of weak detections that leads to a box at ``time_s``, the earliest first."""
        chain: list[Sighting] = []
        current = box_xyxy
        for earlier_s, xyxy, score in reversed(self._frames):
            if earlier_s >= time_s or not len(xyxy):
                continue
            shared = _shared_parts(current, xyxy)
            best = int(shared.argmax())
            if shared[best] > SHARED_PART:
                current = xyxy[best]
                chain.append((earlier_s, current, float(score[best])))
        return chain[::-1]

    def clear(self) -> None:
        """Remove all detections."""
        self._frames.clear()


def _shared_parts(box_xyxy: FloatArray, others_xyxy: FloatArray) -> FloatArray:
    sides = np.minimum(box_xyxy[2:], others_xyxy[:, 2:]) - np.maximum(box_xyxy[:2], others_xyxy[:, :2])
    sides = np.maximum(sides, 0.0)
    areas = (others_xyxy[:, 2] - others_xyxy[:, 0]) * (others_xyxy[:, 3] - others_xyxy[:, 1])
    own_area = (box_xyxy[2] - box_xyxy[0]) * (box_xyxy[3] - box_xyxy[1])
    shared: FloatArray = sides[:, 0] * sides[:, 1] / np.minimum(areas, own_area)
    return shared
