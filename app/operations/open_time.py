"""Periods by a venue's clock: how much of a show one is, and the same hours of earlier days."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from analytics.domain.exhibition import Exhibition, Interval, find_time_zone

FloatArray = npt.NDArray[np.float64]

DAY_S = 86_400.0


def count_open_days(exhibition: Exhibition, period_s: Interval, observed: FloatArray) -> float:
    """Open days of a period, part of a day counting as its share of the day's hours.

    Where no hours are known for any day of the period, days on which anything was observed count whole.

    Args:
        observed: when somebody looked, shape (m, 2), seconds since the epoch.
    """
    zone = find_time_zone(exhibition.time_zone)
    day = datetime.fromtimestamp(period_s[0], zone).date()
    last = datetime.fromtimestamp(max(period_s[0], period_s[1] - 1e-3), zone).date()
    open_days, observed_days, has_hours = 0.0, 0, False
    while day <= last:
        hours = exhibition.opening_intervals_utc(day)
        whole_s = sum(closes - opens for opens, closes in hours)
        if whole_s > 0:
            has_hours = True
            open_days += sum(_measure_common(part, period_s) for part in hours) / whole_s
        from_s, to_s = exhibition.day_interval_utc(day)
        observed_days += bool(((observed[:, 0] < to_s) & (observed[:, 1] > from_s)).any())
        day += timedelta(days=1)
    return open_days if has_hours else float(observed_days)


def measure_share_of_show(exhibition: Exhibition, period_s: Interval) -> float | None:
    """Which share of the show's open hours lies in a period, 0 to 1; None where no hours are known."""
    days = sorted({hours.day for hours in exhibition.opening_hours})
    parts = [part for day in days for part in exhibition.opening_intervals_utc(day)]
    whole_s = sum(closes - opens for opens, closes in parts)
    if whole_s <= 0:
        return None
    return sum(_measure_common(part, period_s) for part in parts) / whole_s


def move_back(exhibition: Exhibition, period_s: Interval, *, days: int) -> Interval:
    """The same hours so many days before, by the venue's clock, also where it is put forward or back."""
    zone, shift = find_time_zone(exhibition.time_zone), timedelta(days=days)
    start_s, end_s = ((datetime.fromtimestamp(at, zone) - shift).timestamp() for at in period_s)
    return start_s, end_s


def find_before(exhibition: Exhibition, period_s: Interval) -> Interval:
    """As long a time before a period, by whole days, so that hours match."""
    days = max(1, int(np.ceil((period_s[1] - period_s[0]) / DAY_S - 1e-9)))
    return move_back(exhibition, period_s, days=days)


def _measure_common(part: Interval, period_s: Interval) -> float:
    return max(0.0, min(part[1], period_s[1]) - max(part[0], period_s[0]))
