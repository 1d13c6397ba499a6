"""Which stretches of time a camera was observed in already, for a clock that comes by them again. Pure."""

from __future__ import annotations

from collections.abc import Iterable

_MOST_STRETCHES = 1000


class RecordedTime:
    """Stretches in the order in which they were recorded; the oldest of very many are forgotten."""

    def __init__(self, stretches: Iterable[tuple[float, float]] = ()) -> None:
        """Begin with start and end of each stretch that is on record, seconds since the epoch."""
        self._stretches = list(stretches)

    def add(self, start_s: float, end_s: float) -> None:
        """A stretch was recorded."""
        self._stretches.append((start_s, end_s))
        del self._stretches[:-_MOST_STRETCHES]

    def find_end(self, time_s: float) -> float | None:
        """Until when a moment's stretch is on record; None if the moment is on none."""
        ends_s = [end_s for start_s, end_s in self._stretches if start_s <= time_s <= end_s]
        return max(ends_s, default=None)
