"""The usual course of a day: people by hour, from the closed days of the last weeks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from analytics.domain.clock import Clock
from analytics.domain.exhibition import find_time_zone
from app.core.document import Venue
from app.core.file_format import read_venue
from app.error_reporting import describe_error
from app.facts.period_facts import read_period_facts

DAYS = 28
MIN_OBSERVED_S = 1800.0
"""Observed time of an hour, in all days together, from which it is told."""
CHECK_INTERVAL_S = 60.0
RETRY_S = 3600.0
_HOUR_S = 3600.0
T = TypeVar("T")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UsualHour:
    """An hour of the day, 0 to 23, and its mean people as a share of those in the busiest hour."""

    hour: int
    share: float


def compute_usual_day(
    venue: Venue, names: Collection[str], *, now_utc_s: float, clock: Clock | None = None
) -> dict[str, tuple[UsualHour, ...]]:
    """Return the usual hours of zones, and of the hall by the empty name, while it is open today.

    Only opening hours count; an exhibition without them is open always. Places and hours that were observed
    too little are left out.

    Raises:
        StoreError: the history cannot be read.
    """
    exhibition = venue.exhibition
    today = exhibition.local_day(now_utc_s)
    period_s = (
        exhibition.day_interval_utc(today - timedelta(days=DAYS))[0],
        exhibition.day_interval_utc(today)[0],
    )
    columns = ("zone", "start_s", "person_seconds", "observed_s")
    facts = read_period_facts(venue=venue, period_s=period_s, names={"zone_blocks": columns}, clock=clock)
    if facts is None:
        return {}
    # importing takes seconds, which a server that is starting is spared
    from analytics.metrics.clock_profile import HOURS, read_clock
    from analytics.rollups.zone_blocks import BlockSums

    sums = BlockSums(facts.tables["zone_blocks"])
    hour = read_clock(sums.starts_s, find_time_zone(exhibition.time_zone)).hour
    midnight_s = exhibition.day_interval_utc(today)[0]
    is_open = np.zeros(HOURS, np.bool_)
    for start_s, end_s in exhibition.opening_intervals_utc(today):
        first, last = (start_s - midnight_s) // _HOUR_S, np.ceil((end_s - midnight_s) / _HOUR_S)
        is_open[int(first) : int(last)] = True
    opened = exhibition.open_within_utc(*period_s)
    # on days without opening hours every block counts
    counts = np.full(len(sums.starts_s), not opened)
    for start_s, end_s in opened:
        counts |= (sums.starts_s >= start_s) & (sums.starts_s < end_s)
    found = {}
    for name in names:
        people_s, observed_s = (
            np.bincount(hour, sums.read(name, column) * counts, HOURS)
            for column in ("person_seconds", "observed_s")
        )
        is_told = (observed_s >= MIN_OBSERVED_S) & (is_open if is_open.any() else True)
        people = np.divide(people_s, observed_s, out=np.zeros(HOURS), where=is_told)
        if people.max() > 0:
            found[name] = tuple(
                UsualHour(int(at), float(people[at] / people.max())) for at in np.flatnonzero(is_told)
            )
    return found


class DailyComputation(Generic[T]):
    """A result of closed days, computed anew every day in a thread."""

    def __init__(
        self, folder: Path, compute: Callable[[Venue, float], T], *, initial: T, clock: Clock
    ) -> None:
        """Start computing.

        Args:
            compute: takes the venue and the time, seconds since the epoch; retried in an hour if it fails.
            initial: the result until the first one.
        """
        self._folder, self._compute, self._clock = folder, compute, clock
        self.result = initial
        """The latest result."""
        self._is_closed = threading.Event()
        # a daemon: a long computation must not keep the program alive
        threading.Thread(target=self._run, name="closed days", daemon=True).start()

    def close(self) -> None:
        """Stop computing."""
        self._is_closed.set()

    def _run(self) -> None:
        computed, due_s = None, float("-inf")
        while not self._is_closed.is_set():
            now_utc_s = self._clock.now_utc_s()
            try:
                venue = read_venue(self._folder)
                day = venue.exhibition.local_day(now_utc_s)
                if day != computed and now_utc_s >= due_s:
                    due_s = now_utc_s + RETRY_S
                    self.result = self._compute(venue, now_utc_s)
                    computed = day
            except Exception as error:  # the pages go on without it
                report = describe_error(error)
                _LOG.warning("Public pages: %s %s", report.problem, report.remedy)
                due_s = now_utc_s + RETRY_S
            self._is_closed.wait(CHECK_INTERVAL_S)
