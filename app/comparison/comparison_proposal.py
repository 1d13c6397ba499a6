"""Proposal of the two newest comparable days."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from analytics.comparison.matched_hours import MIN_MATCHED_S, SLOT_S, match_hours
from analytics.domain.arrays import FloatArray, Interval
from analytics.metrics.observation import clip_intervals, measure_intervals, unite_spans
from app.core.document import Venue
from app.core.open_time import shift_days_back
from app.facts.history_extent import open_history

MIN_SHARE = 0.8
"""Minimum share of the open hours that is observed and common to both days."""
MAX_BACK_DAYS = 35
WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class ComparisonProposal:
    """Two comparable periods.

    Attributes:
        a, b: the earlier and the later one, seconds since the epoch.
        days_between: number of days between them.
    """

    a: Interval
    b: Interval
    days_between: int


@dataclass(frozen=True, slots=True)
class _Day:
    """An observed day; ``open_s`` holds its open hours so far, and more may follow."""

    day: date
    open_s: tuple[Interval, ...]
    is_running: bool


def propose_comparison(*, venue: Venue, now_utc_s: float) -> ComparisonProposal | None:
    """Return the newest two days open and observed at the same hours; None where there are none.

    The later one is compared with the same weekday of the week before if possible; else with the newest
    comparable day of another layout, whose unchanged zones tell its effect from that of the day; else with
    the newest one. A running day counts only for the hours passed, and the earlier day for the same ones.

    Raises:
        StoreError: the history cannot be read.
    """
    exhibition = venue.exhibition
    with open_history(venue) as history:
        if history is None:
            return None
        reader, (_, end_s) = history
        last = exhibition.local_day(end_s - 1e-3)
        from_s = exhibition.day_interval_utc(last - timedelta(days=MAX_BACK_DAYS))[0]
        observed = unite_spans(reader.read_spans(from_s, end_s))
    listed = (last - timedelta(days=back) for back in range(MAX_BACK_DAYS))
    days = [
        found for day in listed if (found := _watch(venue, day, observed, now_utc_s=now_utc_s)) is not None
    ]
    for number, later in enumerate(days):
        layout = venue.geometry_at(later.open_s[0][0])
        earlier = sorted(
            days[number + 1 :],
            key=lambda one: (
                (later.day - one.day).days != WEEK_DAYS,
                venue.geometry_at(one.open_s[0][0]) is layout,
            ),
        )
        for one in earlier:
            periods = _match(venue, one, later)
            if periods is not None:
                return ComparisonProposal(*periods, days_between=(later.day - one.day).days)
    return None


def _watch(venue: Venue, day: date, observed: FloatArray, *, now_utc_s: float) -> _Day | None:
    """Return the open hours of a day so far; None where too few of them were observed."""
    exhibition = venue.exhibition
    whole_s = exhibition.day_interval_utc(day)
    hours = exhibition.opening_intervals_utc(day)
    if not exhibition.opening_hours:
        own = clip_intervals(observed, start_s=whole_s[0], end_s=whole_s[1])
        hours = ((float(own[0, 0]), float(own[-1, 1])),) if len(own) else ()
    is_running = now_utc_s < (hours[-1][1] if exhibition.opening_hours and hours else whole_s[1])
    until_s = now_utc_s - now_utc_s % SLOT_S if is_running else now_utc_s
    passed = tuple((opens, min(closes, until_s)) for opens, closes in hours if opens < until_s)
    open_s = np.array(passed, np.float64).reshape(-1, 2)
    length_s = float(np.diff(open_s, axis=1).sum())
    seen_s = float(measure_intervals(observed, open_s).sum())
    if length_s < MIN_MATCHED_S or seen_s < MIN_SHARE * length_s:
        return None
    return _Day(day, passed, is_running)


def _match(venue: Venue, earlier: _Day, later: _Day) -> tuple[Interval, Interval] | None:
    """Return the periods of two days; None where their hours or zones do not match."""
    exhibition, between = venue.exhibition, (later.day - earlier.day).days
    b = exhibition.day_interval_utc(later.day)
    a = exhibition.day_interval_utc(earlier.day)
    open_a = earlier.open_s
    if later.is_running:
        b = later.open_s[0][0], later.open_s[-1][1]
        a = shift_days_back(exhibition, b, days=between)
        open_a = tuple(
            (max(opens, a[0]), min(closes, a[1]))
            for opens, closes in open_a
            if opens < a[1] and closes > a[0]
        )
    moved = [shift_days_back(exhibition, part, days=-between) for part in open_a]
    common_s = _measure_common(moved, later.open_s)
    hours = match_hours(
        open_a={earlier.day: open_a},
        open_b={later.day: later.open_s},
        time_zone_a=exhibition.time_zone,
        time_zone_b=exhibition.time_zone,
    )
    if hours is None or common_s < MIN_SHARE * max(_measure(open_a), _measure(later.open_s)):
        return None
    if any(len(tuple(venue.geometries_between(*period_s))) > 1 for period_s in (a, b)):
        return None
    return a, b


def _measure(parts: Iterable[Interval]) -> float:
    return sum(end - start for start, end in parts)


def _measure_common(some: Sequence[Interval], others: Sequence[Interval]) -> float:
    both = itertools.product(some, others)
    return sum(max(0.0, min(one[1], other[1]) - max(one[0], other[0])) for one, other in both)
