"""Measure how far a machine's clock is from the server's."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

TOLD_S = 0.05
"""Offset above which people are told, and times are corrected."""
UNJOINED_S = 0.5
"""Offset above which paths are not joined across machines."""
_SAMPLES = 15


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """The offset of a clock.

    Attributes:
        offset_s: server's time minus the machine's.
        round_trip_s: duration of the question; half of it bounds the error.
    """

    offset_s: float
    round_trip_s: float

    @property
    def is_told(self) -> bool:
        """Return whether the clock is wrong for certain and by so much that it matters."""
        return abs(self.offset_s) - self.round_trip_s / 2 > TOLD_S


class ClockComparison:
    """The offset of this machine's clock, from the quickest of the last answers."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        """Begin without a measurement.

        Args:
            now_s: this machine's time, seconds since the epoch.
        """
        self._now_s = now_s
        self._samples: deque[ClockOffset] = deque(maxlen=_SAMPLES)
        self._applied_s = 0.0

    def measure(self, ask_s: Callable[[], float]) -> None:
        """Ask for the server's time, seconds since the epoch."""
        before_s = self._now_s()
        server_s = ask_s()
        after_s = self._now_s()
        self._samples.append(ClockOffset(server_s - (before_s + after_s) / 2, max(0.0, after_s - before_s)))
        newest, best = self._samples[-1], self.best
        if (
            best is not None
            and abs(newest.offset_s - best.offset_s)
            > TOLD_S + newest.round_trip_s / 2 + best.round_trip_s / 2
        ):
            # the clock was set: what was measured before says nothing any more
            self._samples = deque([newest], maxlen=_SAMPLES)

    @property
    def best(self) -> ClockOffset | None:
        """Return the offset by the quickest of the last answers; None before the first."""
        return min(self._samples, key=lambda sample: sample.round_trip_s, default=None)

    def choose_correction_s(self) -> float:
        """Return what to add to this machine's times; it changes only when it is wrong by what is told."""
        best = self.best
        if best is not None and abs(best.offset_s - self._applied_s) - best.round_trip_s / 2 > TOLD_S:
            self._applied_s = best.offset_s if best.is_told else 0.0
        return self._applied_s
