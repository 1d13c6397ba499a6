"""Where the people of one camera's picture came from in the last seconds, in pixels."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from vision.pipeline.messages import LiveTrack

TRAIL_S = 3.0
"""Long enough to see where somebody is going, short enough to keep a crowd readable."""

Trail = tuple[tuple[float, float], ...]
"""Foot points (u, v) in pixels of the full frame, the oldest first."""


class PixelTrails:
    """Remembers the foot points of the tracks that are in the picture; forgets who leaves it."""

    def __init__(self) -> None:
        self._paths: dict[int, deque[tuple[float, float, float]]] = {}
        self._time_s: float | None = None

    def observe(self, time_s: float | None, tracks: Sequence[LiveTrack]) -> None:
        """Take the newest picture's tracks; the same picture may come again, None is no picture."""
        if time_s is None or (self._time_s is not None and time_s < self._time_s):
            self._paths.clear()
        if time_s is None or time_s == self._time_s:
            self._time_s = time_s
            return
        self._time_s = time_s
        present = {track.tracklet for track in tracks}
        self._paths = {tracklet: path for tracklet, path in self._paths.items() if tracklet in present}
        for track in tracks:
            left, _top, right, bottom = track.xyxy
            path = self._paths.setdefault(track.tracklet, deque())
            path.append((time_s, (left + right) / 2, bottom))
            while path[0][0] < time_s - TRAIL_S:
                path.popleft()

    def trail(self, tracklet: int) -> Trail:
        """The foot points of one track."""
        return tuple((u, v) for _time_s, u, v in self._paths.get(tracklet, ()))
