"""Hours of the day common to all days of a comparison."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np

from analytics.domain.arrays import BoolArray, Interval
from analytics.domain.exhibition import find_time_zone

SLOT_S = 900
"""Quarter of an hour, the resolution of opening hours."""
MIN_MATCHED_S = 3600.0
"""Minimum length of the common hours."""
WHOLE_DAY_SHARE = 0.5
"""Minimum open time of a day relative to the longest one; shorter days are left out."""
_DAYS = 2
"""Days per interval: hours after midnight belong to the day of opening."""


@dataclass(frozen=True, slots=True)
class MatchedHours:
    """Longest stretch of the day common to all compared days.

    Attributes:
        start_s, end_s: seconds of the venue's clock since the midnight at which the day began.
        days_a, days_b: compared days in order of time.
        left_out: days that are too short.
    """

    start_s: float
    end_s: float
    days_a: tuple[date, ...]
    days_b: tuple[date, ...]
    left_out: tuple[date, ...] = ()

    @property
    def length_s(self) -> float:
        """Length of the stretch, seconds."""
        return self.end_s - self.start_s

    def cut(self, parts: int) -> tuple[MatchedHours, ...]:
        """Return parts of the stretch in order of time, equal to within a quarter of an hour."""
        edges_s = (np.round(np.linspace(self.start_s, self.end_s, parts + 1) / SLOT_S) * SLOT_S).tolist()
        return tuple(
            MatchedHours(start_s, end_s, self.days_a, self.days_b, self.left_out)
            for start_s, end_s in itertools.pairwise(edges_s)
        )

    def find_interval_utc(self, day: date, *, time_zone: str) -> Interval:
        """Return the stretch on a day, seconds since the epoch."""
        return _to_utc(day, self.start_s, time_zone), _to_utc(day, self.end_s, time_zone)


def match_hours(
    *,
    open_a: Mapping[date, Sequence[Interval]],
    open_b: Mapping[date, Sequence[Interval]],
    time_zone_a: str,
    time_zone_b: str,
) -> MatchedHours | None:
    """Find the longest stretch of the day common to all days; None if shorter than an hour.

    Args:
        open_a, open_b: opening times of each day within the period, seconds since the epoch.
        time_zone_a, time_zone_b: IANA names; hours are matched on each venue's own clock.
    """
    slots_a = {day: _find_slots(day, intervals, time_zone_a) for day, intervals in open_a.items()}
    slots_b = {day: _find_slots(day, intervals, time_zone_b) for day, intervals in open_b.items()}
    most = max((int(slots.sum()) for slots in (*slots_a.values(), *slots_b.values())), default=0)
    days_a, days_b = (
        tuple(sorted(day for day, slots in side.items() if slots.sum() >= max(1.0, WHOLE_DAY_SHARE * most)))
        for side in (slots_a, slots_b)
    )
    if not days_a or not days_b:
        return None
    in_all = np.logical_and.reduce([*(slots_a[day] for day in days_a), *(slots_b[day] for day in days_b)])
    first, last = _find_longest(in_all)
    if (last - first) * SLOT_S < MIN_MATCHED_S:
        return None
    left_out = sorted((set(open_a) - set(days_a)) | (set(open_b) - set(days_b)))
    return MatchedHours(float(first * SLOT_S), float(last * SLOT_S), days_a, days_b, tuple(left_out))


def _find_slots(day: date, intervals: Sequence[Interval], time_zone: str) -> BoolArray:
    count = _DAYS * 86400 // SLOT_S
    is_open = np.zeros(count, bool)
    for start_s, end_s in intervals:
        first = int(np.ceil(_to_wall_s(day, start_s, time_zone) / SLOT_S - 1e-6))
        last = int(np.floor(_to_wall_s(day, end_s, time_zone) / SLOT_S + 1e-6))
        is_open[max(0, first) : max(0, min(count, last))] = True
    return is_open


def _find_longest(is_open: BoolArray) -> tuple[int, int]:
    change = np.diff(np.concatenate([[0], is_open.astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    if not len(starts):
        return 0, 0
    longest = int(np.argmax(ends - starts))
    return int(starts[longest]), int(ends[longest])


def _to_wall_s(day: date, time_utc_s: float, time_zone: str) -> float:
    wall = datetime.fromtimestamp(time_utc_s, find_time_zone(time_zone)).replace(tzinfo=None)
    return (wall - datetime.combine(day, time())).total_seconds()


def _to_utc(day: date, wall_s: float, time_zone: str) -> float:
    wall = datetime.combine(day, time()) + timedelta(seconds=wall_s)
    return wall.replace(tzinfo=find_time_zone(time_zone)).timestamp()
