"""Numbers for tracklets, reserved from the sink in blocks, so that no two runs ever share one."""

from __future__ import annotations

from collections.abc import Callable

from analytics.domain.identifiers import TrackletId

BLOCK = 1000


class TrackletNumbers:
    """A callable that returns consecutive numbers; a killed process wastes the rest of its block."""

    def __init__(self, reserve: Callable[[int], int]) -> None:
        """Args: reserve: returns the first of the requested count of consecutive free numbers."""
        self._reserve = reserve
        self._next = 0
        self._end = 0

    def __call__(self) -> TrackletId:
        """Return the next number."""
        if self._next >= self._end:
            self._next = self._reserve(BLOCK)
            self._end = self._next + BLOCK
        number = self._next
        self._next += 1
        return TrackletId(number)
