"""How often what grows by itself is computed again: so seldom that most of the time is left."""

from __future__ import annotations

import time
from collections.abc import Callable

RESTS = 4.0
"""Rest for so many times as long as the last computation took: it gets a fifth of one core at most."""


class RefreshPace:
    """Measures computations and tells whether the next one by itself is due; what a person asks for is."""

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._begun_s = self._ended_s = float("-inf")
        self._took_s = 0.0

    def begin(self) -> None:
        """A computation begins."""
        self._begun_s = self._monotonic_s()

    def end(self) -> None:
        """It is done."""
        self._ended_s = self._monotonic_s()
        self._took_s = max(0.0, self._ended_s - self._begun_s)

    def is_due(self) -> bool:
        """Whether there was enough rest since the last one."""
        return self._monotonic_s() - self._ended_s >= RESTS * self._took_s
