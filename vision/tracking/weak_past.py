"""What a newcomer looked like before the detector was sure: their weak detections of the last moment."""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

Sighting = tuple[float, FloatArray, float]
"""(time_s, xyxy, score)."""

SHARED_PART = 0.5
"""How much of the smaller box must lie in the larger one to be the same person a frame earlier. Not the
overlap of both: a person who walks into the picture grows from a strip at its edge within a few frames."""


class WeakPast:
    """The weak detections of the last ``span_s`` seconds that no track of one camera wanted."""

    def __init__(self, span_s: float) -> None:
        self._span_s = span_s
        self._frames: deque[tuple[float, FloatArray, FloatArray]] = deque()

    def remember(self, time_s: float, xyxy: FloatArray, score: FloatArray) -> None:
        """Add a frame's unwanted weak detections, none as well, and forget the frames that are too old."""
        self._frames.append((time_s, xyxy, score))
        while self._frames and time_s - self._frames[0][0] > self._span_s:
            self._frames.popleft()

    def frame_times_s(self) -> list[float]:
        """Times of the remembered frames, in order."""
        return [time_s for time_s, _, _ in self._frames]

    def trace_back(self, time_s: float, box_xyxy: FloatArray) -> list[Sighting]:
        """The chain of weak detections that leads to a box at ``time_s``, the earliest first."""
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
        """Forget everything."""
        self._frames.clear()


def _shared_parts(box_xyxy: FloatArray, others_xyxy: FloatArray) -> FloatArray:
    sides = np.minimum(box_xyxy[2:], others_xyxy[:, 2:]) - np.maximum(box_xyxy[:2], others_xyxy[:, :2])
    sides = np.maximum(sides, 0.0)
    areas = (others_xyxy[:, 2] - others_xyxy[:, 0]) * (others_xyxy[:, 3] - others_xyxy[:, 1])
    own_area = (box_xyxy[2] - box_xyxy[0]) * (box_xyxy[3] - box_xyxy[1])
    shared: FloatArray = sides[:, 0] * sides[:, 1] / np.minimum(areas, own_area)
    return shared
