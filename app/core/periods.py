"""Named periods, as seconds since the epoch."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from analytics.domain.clock import parse_utc
from analytics.domain.errors import ExpoFlowError, OutputError
from analytics.domain.exhibition import Exhibition, Interval, find_time_zone

LIVE_PERIOD_S = 3600.0
"""Length of the period used when none is chosen."""
MIN_PERIOD_S = 1.0
"""Minimum length of a period that has only just begun."""


class PeriodChoice(StrEnum):
    """A period that can be chosen by name."""

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
    """Return start and end of a choice; None for now and for periods that do not exist.

    Args:
        history_s: the first and last moment of the history. One that has come to the present day is asked
            for until the day's end, so that it grows while recording goes on, as the day itself does.
        custom_s: the period of ``PeriodChoice.CUSTOM``.
        opening_hours_only: from the first opening to the last closing within a day's or a custom period;
            the period as it is where the exhibition has no hours in it.
    """
    if choice is PeriodChoice.HISTORY:
        return None if history_s is None else _extend_to_day_end(exhibition, history_s, now_utc_s)
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
    """Return the elapsed part of a chosen period: future hours are not unobserved.

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
    """Return whether part of a period is still in the future."""
    return period is None or period[1] > now_utc_s


def identify_choice(
    period_s: Interval | None, *, exhibition: Exhibition, now_utc_s: float, history_s: Interval | None
) -> tuple[PeriodChoice, bool]:
    """Return the choice that yields a period, and whether only open hours count; custom if none does."""
    if period_s is None:
        return PeriodChoice.NOW, False
    # prefer the day's own name if there is no earlier history
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
    """Convert seconds since the epoch to the venue's local time."""
    return datetime.fromtimestamp(time_utc_s, find_time_zone(exhibition.time_zone))


def from_local(wall: datetime, *, exhibition: Exhibition) -> float:
    """Convert the venue's local time to seconds since the epoch; the earlier of two ambiguous times."""
    return wall.replace(tzinfo=find_time_zone(exhibition.time_zone), fold=0).timestamp()


def _extend_to_day_end(exhibition: Exhibition, history_s: Interval, now_utc_s: float) -> Interval:
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


def parse_period(exhibition: Exhibition, start: str, end: str) -> Interval:
    """Parse ``--from`` and ``--to``, seconds since the epoch; a day alone means the whole day.

    Raises:
        ExpoFlowError: a time cannot be read, or the end is not after the start.
    """
    period_s = parse_time(exhibition, start, is_end=False), parse_time(exhibition, end, is_end=True)
    if period_s[1] <= period_s[0]:
        raise OutputError("The period ends before it begins.", "Choose a '--from' before '--to'.")
    return period_s


def parse_time(exhibition: Exhibition, text: str, *, is_end: bool) -> float:
    """Parse a time or day, seconds since the epoch; the end of a day is its midnight.

    Raises:
        ExpoFlowError: it is neither.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        try:
            return parse_utc(text)
        except ExpoFlowError:
            raise ExpoFlowError(
                "'{text}' is neither a day nor a time in UTC.",
                "Enter a day such as 2026-11-25 in venue time, or a time such as 2026-11-25T09:00:00Z.",
                text=text,
            ) from None
    return exhibition.day_interval_utc(day + timedelta(days=int(is_end)))[0]


def parse_limits(
    exhibition: Exhibition, start: str | None, end: str | None
) -> tuple[float | None, float | None]:
    """Parse ``--from`` and ``--to``, each of which may be left out (None), as `parse_time`.

    Raises:
        ExpoFlowError: one of them is neither a time nor a day.
    """
    return (
        None if start is None else parse_time(exhibition, start, is_end=False),
        None if end is None else parse_time(exhibition, end, is_end=True),
    )
