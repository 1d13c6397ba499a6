"""When a picture of a live camera was taken, on our clock."""

from __future__ import annotations

from collections import deque

WINDOW_S = 30.0
MAX_LAG_S = 10.0
MAX_STEP_BACK_S = 1.0
MAX_STEP_AHEAD_S = 2.0


class CaptureClock:
    """Anchors a camera's presentation times to our clock by the smallest delay of the last half minute.

    Frames reach us late by a delay that varies (network, bursts) and never early. So the smallest difference
    between arrival and presentation time is the best estimate of the offset between the two clocks; with it,
    frames that arrive in a burst keep their true spacing, and slow drift of the camera's clock is followed.
    The camera's wall clock is not needed; it is often wrong by hours.

    Arrival is measured on the monotonic clock and turned into UTC at the end, so that setting this
    machine's clock moves the result at once and leaves the window as it is.
    """

    def __init__(self) -> None:
        self._offsets: deque[tuple[float, float]] = deque()
        self._last_pts_s: float | None = None
        self.resets = 0

    def capture_time_s(self, *, pts_s: float, arrival_monotonic_s: float, arrival_utc_s: float) -> float:
        """Seconds since the epoch in UTC at which the frame was taken, never later than its arrival.

        Args:
            pts_s: presentation time of the frame, seconds from an arbitrary start.
            arrival_monotonic_s, arrival_utc_s: the same moment on both clocks.
        """
        if self._has_jumped(pts_s, arrival_monotonic_s):
            self._offsets.clear()
            self.resets += 1
        self._last_pts_s = pts_s
        offset_s = arrival_monotonic_s - pts_s
        while self._offsets and self._offsets[-1][1] >= offset_s:
            self._offsets.pop()
        self._offsets.append((arrival_monotonic_s, offset_s))
        while self._offsets[0][0] < arrival_monotonic_s - WINDOW_S:
            self._offsets.popleft()
        delay_s = offset_s - self._offsets[0][1]
        return arrival_utc_s - delay_s

    def _has_jumped(self, pts_s: float, arrival_monotonic_s: float) -> bool:
        """Whether the camera's time stamps were set anew (a restart, a wrapped counter, a skipped part)."""
        if self._last_pts_s is None or not self._offsets:
            return False
        went_back = pts_s < self._last_pts_s - MAX_STEP_BACK_S
        lag_s = arrival_monotonic_s - pts_s - self._offsets[0][1]
        return went_back or not -MAX_STEP_AHEAD_S <= lag_s <= MAX_LAG_S
