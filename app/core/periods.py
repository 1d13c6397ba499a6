"""Named periods, as seconds since the epoch."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from analytics.domain.arrays import Interval
from analytics.domain.clock import parse_utc
from analytics.domain.errors import ExpoFlowError, OutputError
from analytics.domain.exhibition import Exhibition, find_time_zone

LIVE_PERIOD_S = 3600.0
"""Length of the period used when none is chosen."""
MIN_PERIOD_S = 1.0
"""Minimum length of a period that has only just begun."""


class PeriodChoice(StrEnum):
    """A period that can be chosen by name."""

    NOW = "now"
    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "week"
    """From Monday to Sunday, the present week."""
    DAY = "day"
    """One day, whichever; `find_period` takes it from ``custom_s``."""
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
        custom_s: the period of ``PeriodChoice.CUSTOM``; a period on the day of ``PeriodChoice.DAY``.
        opening_hours_only: from the first opening to the last closing within a day's or a custom period;
            the period as it is where the exhibition has no hours in it.
    """
    if choice is PeriodChoice.HISTORY:
        # what is recorded after the show, such as clips that go on, is no part of it
        return (
            None
            if history_s is None
            else _cut_to_hours(exhibition, _extend_to_day_end(exhibition, history_s, now_utc_s))
        )
    if choice is PeriodChoice.CUSTOM:
        period = custom_s
    elif choice is PeriodChoice.NOW:
        return None
    elif choice is PeriodChoice.DAY:
        period = None if custom_s is None else find_day(exhibition, exhibition.local_day(custom_s[0]))
    elif choice is PeriodChoice.WEEK:
        period = find_week(exhibition, exhibition.local_day(now_utc_s))
    else:
        day = exhibition.local_day(now_utc_s)
        period = find_day(exhibition, day - timedelta(days=int(choice is PeriodChoice.YESTERDAY)))
    if period is None or not opening_hours_only:
        return period
    return _cut_to_hours(exhibition, period)


def find_day(exhibition: Exhibition, day: date, *, opening_hours_only: bool = False) -> Interval:
    """Return a day from midnight to midnight, or from its first opening to its last closing."""
    period = exhibition.day_interval_utc(day)
    return _cut_to_hours(exhibition, period) if opening_hours_only else period


def list_show_days(exhibition: Exhibition) -> tuple[date, ...]:
    """Return the days with opening hours in order: the first is day 1 of the show."""
    return tuple(sorted({hours.day for hours in exhibition.opening_hours}))


def find_show(exhibition: Exhibition) -> Interval | None:
    """Return the first opening and the last closing of the show; None without opening hours."""
    hours = [part for day in list_show_days(exhibition) for part in exhibition.opening_intervals_utc(day)]
    return (hours[0][0], max(closes for _, closes in hours)) if hours else None


def find_week(exhibition: Exhibition, day: date, *, opening_hours_only: bool = False) -> Interval:
    """Return the week of a day from Monday to Sunday, or from its first opening to its last closing."""
    monday = day - timedelta(days=day.weekday())
    period = (
        exhibition.day_interval_utc(monday)[0],
        exhibition.day_interval_utc(monday + timedelta(days=6))[1],
    )
    return _cut_to_hours(exhibition, period) if opening_hours_only else period


def find_neighbour(exhibition: Exhibition, period_s: Interval, *, by: int) -> Interval:
    """Return the period before (-1) or after (1) one: the next show day, day or week, or an equal stretch.

    A day or week that is cut to its opening hours stays so.
    """
    day = exhibition.local_day(period_s[0])
    for only in (False, True):
        if period_s == find_day(exhibition, day, opening_hours_only=only):
            neighbour = _find_neighbouring_day(exhibition, day, by=by)
            return find_day(exhibition, neighbour, opening_hours_only=only)
        if period_s == find_week(exhibition, day, opening_hours_only=only):
            return find_week(exhibition, day + timedelta(weeks=by), opening_hours_only=only)
    # on the venue's clock, so that whole days stay whole when clocks change
    start, end = (to_local(time_s, exhibition=exhibition).replace(tzinfo=None) for time_s in period_s)
    moved = by * (end - start)
    return from_local(start + moved, exhibition=exhibition), from_local(end + moved, exhibition=exhibition)


def _find_neighbouring_day(exhibition: Exhibition, day: date, *, by: int) -> date:
    others = [one for one in list_show_days(exhibition) if (one - day).days * by > 0]
    return min(others, key=lambda one: abs(one - day)) if others else day + timedelta(days=by)


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
    # prefer the day's own name if there is no earlier history; the whole show is the history, too, even
    # while that is read, or where the cameras began a minute later
    is_whole = period_s in (
        find_show(exhibition),
        find_period(PeriodChoice.HISTORY, exhibition=exhibition, now_utc_s=now_utc_s, history_s=history_s),
    )
    for only in (False, True):
        for choice in (PeriodChoice.TODAY, PeriodChoice.YESTERDAY, PeriodChoice.DAY, PeriodChoice.WEEK):
            if is_whole and choice in (PeriodChoice.DAY, PeriodChoice.WEEK):
                continue
            found = find_period(
                choice,
                exhibition=exhibition,
                now_utc_s=now_utc_s,
                history_s=history_s,
                custom_s=period_s,
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
    first, last = exhibition.local_day(period[0]) - timedelta(days=1), exhibition.local_day(period[1])
    open_parts = [
        (max(period[0], opens), min(period[1], closes))
        for day in list_show_days(exhibition)
        if first <= day <= last
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
