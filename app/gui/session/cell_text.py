"""Numbers, durations and times formatted in the window's language."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QLocale

from analytics.metrics.estimate import Estimate
from analytics.results.content import CellKind
from analytics.results.figure_columns import FigureColumn
from app.core.number_words import ROUGH
from app.gui.session.translation import tr

ABSENT = "–"
"""Shown for a missing value, never zero."""
_MAX_PLAIN_S = 119.5
_MIN_WHOLE_S = 9.95


def format_number(value: float | None, *, decimals: int = 0) -> str:
    """Format a number with the language's separators; a dash for no value."""
    if value is None or not math.isfinite(value):
        return ABSENT
    return QLocale().toString(float(value), "f", decimals)


def format_share(share: float | None, *, decimals: int = 0) -> str:
    return ABSENT if share is None else tr("{share} %", share=format_number(100 * share, decimals=decimals))


def format_change(ratio: float | None) -> str:
    """Format a ratio as a signed change in per cent; with a decimal below one per cent."""
    if ratio is None:
        return ABSENT
    percent = 100 * (ratio - 1)
    decimals = 1 if 0.05 <= abs(percent) < 1 else 0
    # a change rounded to zero has no sign
    shown = percent if round(percent, decimals) else 0.0
    sign = "+" if shown > 0 else ""
    return sign + format_share(shown / 100, decimals=decimals).replace("-", "−")


def format_duration(seconds: float | None) -> str:
    """Format seconds as ``m:ss``, from an hour on as ``h:mm:ss``; a dash for no value."""
    if seconds is None or not math.isfinite(seconds):
        return ABSENT
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def format_seconds(seconds: float | None) -> str:
    """Format short times in seconds, with a decimal below ten; from two minutes as `format_duration`."""
    if seconds is None or not math.isfinite(seconds):
        return ABSENT
    if seconds >= _MAX_PLAIN_S:
        return format_duration(seconds)
    return tr("{seconds} s", seconds=format_number(seconds, decimals=1 if seconds < _MIN_WHOLE_S else 0))


def format_estimate(value: str, low: str, high: str) -> str:
    """Format a value with its 95 % interval, each already formatted."""
    return tr("{value} ({low} to {high})", value=value, low=low, high=high)


def format_with_interval(
    estimate: Estimate,
    show: Callable[[float | None], str],
    show_limit: Callable[[float], str] | None = None,
) -> str:
    """Format a value with its interval, if any; ``show_limit`` is ``show`` by default."""
    if estimate.value is None or estimate.interval is None:
        return format_rough(estimate, show)
    return format_estimate(format_rough(estimate, show), *map(show_limit or show, estimate.interval))


def format_share_interval(share: Estimate) -> str:
    """Format a fraction in per cent with its interval, if any."""
    return format_with_interval(share, format_share, lambda limit: format_number(100 * limit))


def format_rough(estimate: Estimate, format_value: Callable[[float | None], str]) -> str:
    """Format a value, marked where it suffers from people who are missed."""
    return ROUGH + format_value(estimate.value) if estimate.is_rough else format_value(estimate.value)


def format_date_time(time_utc_s: float, *, time_zone: str, has_date: bool = True) -> str:
    """Format date and time of day in the venue's time zone, to the second."""
    moment = datetime.fromtimestamp(time_utc_s, ZoneInfo(time_zone))
    return f"{format_day(moment)} {moment:%H:%M:%S}" if has_date else f"{moment:%H:%M:%S}"


def is_one_day(start_utc_s: float, end_utc_s: float, *, time_zone: str) -> bool:
    zone = ZoneInfo(time_zone)
    return datetime.fromtimestamp(start_utc_s, zone).date() == datetime.fromtimestamp(end_utc_s, zone).date()


def format_day(day: date) -> str:
    return tr("{year}-{month:02d}-{day:02d}", year=day.year, month=day.month, day=day.day)


def format_period(start_utc_s: float, end_utc_s: float, *, time_zone: str) -> str:
    """Format a period in the venue's time zone; a date is shown once, and alone if the period is that day."""
    # the last frame of an hour is a fraction of a second before its end
    start_utc_s, end_utc_s, zone = round(start_utc_s), round(end_utc_s), ZoneInfo(time_zone)
    start, end = datetime.fromtimestamp(start_utc_s, zone), datetime.fromtimestamp(end_utc_s, zone)
    is_midnight = start.time() == end.time() == time()
    if is_midnight and end.date() - start.date() == timedelta(days=1):
        return format_day(start)
    if start.date() == end.date():
        return f"{format_day(start)} {format_times(start_utc_s, end_utc_s, time_zone=time_zone)}"
    return f"{format_day(start)} {start:%H:%M} – {format_day(end)} {end:%H:%M}"


def format_times(start_utc_s: float, end_utc_s: float, *, time_zone: str) -> str:
    """Format two times of the same day in the venue's time zone, without the date."""
    zone = ZoneInfo(time_zone)
    start, end = datetime.fromtimestamp(start_utc_s, zone), datetime.fromtimestamp(end_utc_s, zone)
    return f"{start:%H:%M}–{end:%H:%M}"


def format_figure(value: float | None, column: FigureColumn[Any]) -> str:
    """Format the value of a declared column."""
    match column.kind:
        case CellKind.SECONDS:
            return format_duration(value)
        case CellKind.SHARE:
            return format_share(value, decimals=column.decimals)
        case _:
            return format_number(value, decimals=column.decimals)
