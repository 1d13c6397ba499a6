"""Which stretches of time a camera was observed in already, for a clock that comes by them again. Pure."""

from __future__ import annotations

from collections.abc import Iterable

_MOST_STRETCHES = 1000


class RecordedTime:
    """Stretches in the order in which they were recorded; the oldest of very many are forgotten.

    A frame stands for the time around it: one that is taken some microseconds beside the moment of a frame
    that is on record shows that moment again.
    """

    def __init__(self, stretches: Iterable[tuple[float, float]] = (), *, margin_s: float = 0.0) -> None:
        """Begin with start and end of each stretch that is on record, seconds since the epoch.

        Args:
            margin_s: so far around a stretch belongs to it; half of the time between two frames.
        """
        self._stretches = list(stretches)
        self._margin_s = margin_s

    def add(self, start_s: float, end_s: float) -> None:
        """A stretch was recorded."""
        self._stretches.append((start_s, end_s))
        del self._stretches[:-_MOST_STRETCHES]

    def find_end(self, time_s: float) -> float | None:
        """Until when a moment's stretch is on record; None if the moment is on none."""
        margin_s = self._margin_s
        ends_s = [end for start, end in self._stretches if start - margin_s <= time_s <= end + margin_s]
        return max(ends_s, default=None)
