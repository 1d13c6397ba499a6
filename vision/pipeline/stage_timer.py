"""Timing of the inference loop by stage."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class StageTimer:
    """Sums of wall time by named stage."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time spent inside to stage ``name``."""
        began_s = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[name] = self._seconds.get(name, 0.0) + time.perf_counter() - began_s

    def snapshot(self) -> tuple[tuple[str, float], ...]:
        """Return pairs of name and seconds so far."""
        return tuple(self._seconds.items())
