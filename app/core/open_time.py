"""Periods by a venue's clock: length of a show, observed open days, and the same hours of earlier days."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from analytics.domain.arrays import FloatArray, Interval
from analytics.domain.exhibition import Exhibition, find_time_zone
from analytics.metrics.observation import clip_intervals, measure_intervals

DAY_S = 86_400.0

MIN_TIME_RATIO = 0.8
"""Minimum ratio of the observed times of two compared periods."""


def count_open_days(exhibition: Exhibition, period_s: Interval, observed: FloatArray) -> float:
    """Return how many open days of a period were observed; a partial day counts as its share of the hours.

    Where no hours are known for any day of the period, days on which anything was observed count whole.

    Args:
        observed: when somebody looked, shape (m, 2), disjoint and ordered, seconds since the epoch.
    """
    zone = find_time_zone(exhibition.time_zone)
    day = datetime.fromtimestamp(period_s[0], zone).date()
    last = datetime.fromtimestamp(max(period_s[0], period_s[1] - 1e-3), zone).date()
    seen = clip_intervals(observed, start_s=period_s[0], end_s=period_s[1])
    open_days, observed_days, has_hours = 0.0, 0, False
    while day <= last:
        hours = np.array(exhibition.opening_intervals_utc(day), np.float64).reshape(-1, 2)
        if len(hours):
            has_hours = True
            open_days += float(measure_intervals(seen, hours).sum() / np.diff(hours, axis=1).sum())
        from_s, to_s = exhibition.day_interval_utc(day)
        observed_days += bool(((seen[:, 0] < to_s) & (seen[:, 1] > from_s)).any())
        day += timedelta(days=1)
    return open_days if has_hours else float(observed_days)


def compute_open_time_s(exhibition: Exhibition) -> float | None:
    """Return the show's open hours in seconds; None if no hours are set."""
    days = {hours.day for hours in exhibition.opening_hours}
    parts = [part for day in days for part in exhibition.opening_intervals_utc(day)]
    return sum(closes - opens for opens, closes in parts) or None


def shift_days_back(exhibition: Exhibition, period_s: Interval, *, days: int) -> Interval:
    """Shift a period back by some days on the venue's clock, across daylight-saving changes."""
    zone, shift = find_time_zone(exhibition.time_zone), timedelta(days=days)
    start_s, end_s = ((datetime.fromtimestamp(at, zone) - shift).timestamp() for at in period_s)
    return start_s, end_s


def find_previous_period(exhibition: Exhibition, period_s: Interval) -> Interval:
    """Return the preceding period of equal length, shifted by whole days so that the hours match."""
    days = max(1, int(np.ceil((period_s[1] - period_s[0]) / DAY_S - 1e-9)))
    return shift_days_back(exhibition, period_s, days=days)


def are_comparable(one_s: float, other_s: float) -> bool:
    """Return whether two periods were observed for about as long, seconds, so that they can be compared."""
    return min(one_s, other_s) >= MIN_TIME_RATIO * max(one_s, other_s)
