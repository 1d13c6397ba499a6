"""The last quarter of an hour and the day so far, computed again and again beside what happens now."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from app.error_reporting import describe_error
from app.operations.day_arrivals import DayArrivals, DaySoFar
from app.operations.day_figures import DayFigures, count_day
from app.operations.recent_figures import RecentFigures, compute_recent_figures
from app.venue.document import Venue

RECENT_EVERY_S = 10.0
DAY_EVERY_S = 60.0
RESTS = 9.0
"""After a computation that took long, so many times as long passes before the next: a tenth of a core."""
KEPT_S = 600.0
"""Older figures of the last quarter of an hour, or of the day, are no news and are not told."""

T = TypeVar("T")
_LOG = logging.getLogger(__name__)


class HistoryFigures:
    """Follows the history of one venue as it is described at the moment."""

    def __init__(self, venue: Venue) -> None:
        arrivals = DayArrivals(venue)
        self._recent = _Paced[RecentFigures](
            RECENT_EVERY_S,
            lambda now_utc_s: compute_recent_figures(venue=venue, now_utc_s=now_utc_s, with_zones=True),
        )
        self._day = _Paced[DaySoFar](RECENT_EVERY_S, arrivals.look)
        self._figures = _Paced[DayFigures](
            DAY_EVERY_S, lambda now_utc_s: count_day(venue, now_utc_s=now_utc_s)
        )
        self._wanted_s: float | None = None
        self._has_wish = threading.Condition()
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def find(
        self, now_utc_s: float, *, apart: bool
    ) -> tuple[RecentFigures | None, DaySoFar | None, DayFigures | None]:
        """What was computed last; None where that has not been, could not be, or is no news any more.

        Args:
            apart: never wait; what is due is computed in a thread.
        """
        if not apart:
            self._compute(now_utc_s)
        else:
            with self._has_wish:
                self._wanted_s = now_utc_s
                self._has_wish.notify()
            if self._thread is None:
                # a daemon: a day that takes a minute must not keep the program alive
                self._thread = threading.Thread(target=self._follow, name="history of now", daemon=True)
                self._thread.start()
        return self._recent.find(now_utc_s), self._day.find(now_utc_s), self._figures.find(now_utc_s)

    def close(self) -> None:
        """Compute no more."""
        with self._has_wish:
            self._is_closed = True
            self._has_wish.notify()

    def _follow(self) -> None:
        while True:
            with self._has_wish:
                while self._wanted_s is None and not self._is_closed:
                    self._has_wish.wait()
                if self._is_closed or self._wanted_s is None:
                    return
                now_utc_s, self._wanted_s = self._wanted_s, None
            self._compute(now_utc_s)

    def _compute(self, now_utc_s: float) -> None:
        self._recent.compute_if_due(now_utc_s)
        self._day.compute_if_due(now_utc_s)
        self._figures.compute_if_due(now_utc_s)


class _Paced(Generic[T]):
    """One computation, its last result, and when it is due again."""

    def __init__(self, every_s: float, compute: Callable[[float], T]) -> None:
        self._every_s, self._compute = every_s, compute
        self._due_utc_s = float("-inf")
        self._result: tuple[float, T] | None = None
        self._complaint = ""

    def find(self, now_utc_s: float) -> T | None:
        if self._result is None or now_utc_s - self._result[0] > KEPT_S:
            return None
        return self._result[1]

    def compute_if_due(self, now_utc_s: float) -> None:
        if now_utc_s < self._due_utc_s:
            return
        begun_s = time.monotonic()
        try:
            self._result = now_utc_s, self._compute(now_utc_s)
            self._complaint = ""
        except Exception as error:  # figures of now are told nevertheless, and it is tried again
            report = describe_error(error)
            if report.problem != self._complaint:
                _LOG.warning("%s %s", report.problem, report.remedy)
            self._complaint = report.problem
        took_s = time.monotonic() - begun_s
        self._due_utc_s = now_utc_s + took_s + max(self._every_s, RESTS * took_s)
