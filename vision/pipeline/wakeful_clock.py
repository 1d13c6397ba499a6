"""A clock by which a process that was itself held up does not blame others for the time it missed."""

from __future__ import annotations

from analytics.domain.clock import Clock

LONGEST_STEP_S = 1.0


class WakefulClock:
    """Monotonic time that leaves out pauses of whoever asks it; wall time is that of the clock behind it.

    A machine that sleeps, a paused virtual machine or a stopped process tree wakes up all at once: without
    this, a supervisor that wakes first would take every child for dead. For one thread, which asks often.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked_s = clock.monotonic_s()
        self._awake_s = self._asked_s

    def now_utc_s(self) -> float:
        """Seconds since 1970-01-01T00:00:00Z."""
        return self._clock.now_utc_s()

    def monotonic_s(self) -> float:
        """Seconds that never go back, and go on by a second at most from one question to the next."""
        now_s = self._clock.monotonic_s()
        self._awake_s += min(now_s - self._asked_s, LONGEST_STEP_S)
        self._asked_s = now_s
        return self._awake_s
