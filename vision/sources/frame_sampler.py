"""Selection of due frames by capture time."""

from __future__ import annotations

import math

_SMOOTHING = 0.1
_TOLERATED_PART = 0.25


class FrameSampler:
    """Sampler of at most ``analysed_fps`` frames a second, without drift at any camera rate.

    Time is divided into slots of one period, counted from the first frame; the first frame in each slot is
    due. A frame may arrive a quarter of the camera's frame interval early and still count for the next slot,
    so that a camera with exactly the maximum rate does not lose every second frame to jitter.
    """

    def __init__(self, *, analysed_fps: float | None) -> None:
        """Args: analysed_fps: maximum frames per second; None takes every frame."""
        if analysed_fps is not None and not (math.isfinite(analysed_fps) and analysed_fps > 0):
            raise ValueError(f"analysed_fps must be a positive number or None, not {analysed_fps}")
        self._period_s = None if analysed_fps is None else 1.0 / analysed_fps
        self.reset()

    def reset(self) -> None:
        """Reset the sampler: the next frame is due."""
        self._first_s: float | None = None
        self._last_s = 0.0
        self._interval_s = 0.0
        self._slot = 0

    def is_due(self, time_s: float) -> bool:
        """Return whether the frame taken at ``time_s`` is to be analysed; call once per frame, in order.

        A step back by more than one period (the clock was set) restarts the slots.
        """
        if self._period_s is None:
            return True
        if self._first_s is None or time_s < self._last_s - self._period_s:
            self._first_s, self._last_s, self._interval_s, self._slot = time_s, time_s, 0.0, 0
            return True
        step_s = time_s - self._last_s
        if step_s > 0:
            self._last_s = time_s
            measured_s = min(step_s, self._period_s)
            if self._interval_s == 0.0:
                self._interval_s = measured_s
            self._interval_s += _SMOOTHING * (measured_s - self._interval_s)
        tolerance_s = _TOLERATED_PART * self._interval_s
        slot = math.floor((time_s - self._first_s + tolerance_s) / self._period_s)
        if slot <= self._slot:
            return False
        self._slot = slot
        return True
