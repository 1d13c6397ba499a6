"""Periods that people ask for by name, as seconds since the epoch."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from analytics.domain.exhibition import Exhibition, Interval, find_time_zone

LIVE_PERIOD_S = 3600.0
"""What is looked at where no period is asked for."""
MIN_PERIOD_S = 1.0
"""Of a period that has hardly begun."""


class PeriodChoice(StrEnum):
    """What a person may ask for."""

    NOW = "now"
    TODAY = "today"
    YESTERDAY = "yesterday"
    HISTORY = "history"
    CUSTOM = "custom"


def find_period(
    choice: PeriodChoice,
    *,
    exhibition: Exhibition,
    now_utc_s: float,
    history_s: Interval | None = None,
    custom_s: Interval | None = None,
    opening_hours_only: bool = False,
) -> Interval | None:
    """Start and end of a choice; None for now, and where there is no such period.

    Args:
        history_s: the first and last moment of the history. One that has come to the present day is asked
            for until the day's end, so that it grows while recording goes on, as the day itself does.
        custom_s: the period of ``PeriodChoice.CUSTOM``.
        opening_hours_only: from the first opening to the last closing within a day's or a custom period;
            the period as it is where the exhibition has no hours in it.
    """
    if choice is PeriodChoice.HISTORY:
        return None if history_s is None else _reach_to_day_end(exhibition, history_s, now_utc_s)
    if choice is PeriodChoice.CUSTOM:
        period = custom_s
    elif choice is PeriodChoice.NOW:
        return None
    else:
        day = exhibition.local_day(now_utc_s)
        if choice is PeriodChoice.YESTERDAY:
            day -= timedelta(days=1)
        period = exhibition.day_interval_utc(day)
    if period is None or not opening_hours_only:
        return period
    return _cut_to_hours(exhibition, period)


def find_elapsed(period: Interval | None, *, now_utc_s: float) -> Interval:
    """What is asked for, as far as it has come: hours that are still to come are not unobserved ones.

    Args:
        period: None for what happens now, which is the last hour.
    """
    if period is None:
        return now_utc_s - LIVE_PERIOD_S, now_utc_s
    start_s, end_s = period
    if start_s >= now_utc_s:
        return period
    return start_s, max(min(end_s, now_utc_s), start_s + MIN_PERIOD_S)


def is_growing(period: Interval | None, *, now_utc_s: float) -> bool:
    """Whether more of a period is still to come."""
    return period is None or period[1] > now_utc_s


def name_period(
    period_s: Interval | None, *, exhibition: Exhibition, now_utc_s: float, history_s: Interval | None
) -> tuple[PeriodChoice, bool]:
    """Which choice gives a period, and whether only within opening hours; custom where none does."""
    if period_s is None:
        return PeriodChoice.NOW, False
    # of a day without a history before it, its own name is the better one
    is_whole = history_s is not None and period_s[0] == history_s[0] and period_s[1] >= history_s[1]
    for only in (False, True):
        for choice in (PeriodChoice.TODAY, PeriodChoice.YESTERDAY):
            found = find_period(
                choice,
                exhibition=exhibition,
                now_utc_s=now_utc_s,
                history_s=history_s,
                opening_hours_only=only,
            )
            if found == period_s:
                return choice, only
    if is_whole:
        return PeriodChoice.HISTORY, False
    return PeriodChoice.CUSTOM, False


def to_local(time_utc_s: float, *, exhibition: Exhibition) -> datetime:
    """A moment on the venue's own clock."""
    return datetime.fromtimestamp(time_utc_s, find_time_zone(exhibition.time_zone))


def from_local(wall: datetime, *, exhibition: Exhibition) -> float:
    """Seconds since the epoch of what the venue's own clock shows; the first of two such moments."""
    return wall.replace(tzinfo=find_time_zone(exhibition.time_zone), fold=0).timestamp()


def _reach_to_day_end(exhibition: Exhibition, history_s: Interval, now_utc_s: float) -> Interval:
    today = exhibition.day_interval_utc(exhibition.local_day(now_utc_s))
    return (history_s[0], today[1]) if today[0] <= history_s[1] < today[1] else history_s


def _cut_to_hours(exhibition: Exhibition, period: Interval) -> Interval:
    days = sorted({hours.day for hours in exhibition.opening_hours})
    open_parts = [
        (max(period[0], opens), min(period[1], closes))
        for day in days
        for opens, closes in exhibition.opening_intervals_utc(day)
        if opens < period[1] and closes > period[0]
    ]
    return (open_parts[0][0], max(end for _, end in open_parts)) if open_parts else period
