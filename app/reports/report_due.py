"""When scheduled reports are due, of which period each is, and what has become of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from analytics.domain.exhibition import Exhibition, Interval
from app.reports.report_outbox import Delivery, Outbox
from app.reports.schedule_file import Rhythm, Schedule

MAX_BEHIND = 7
"""Of a machine that was off for weeks, the latest reports alone are made."""
NEXT_WITHIN_S = 40 * 86_400.0
"""So far ahead is looked for the next open day."""


@dataclass(frozen=True, slots=True)
class DueReport:
    """A report that has to be made.

    Attributes:
        due_s: since when, seconds since the epoch.
        period_s: of which period it is.
    """

    schedule: Schedule
    due_s: float
    period_s: Interval


def find_start(schedule: Schedule, looked_s: float | None, now_utc_s: float) -> float:
    """From when on a schedule is looked at; one that was written by hand, from when it is first seen."""
    since_s = None if schedule.since_utc is None else schedule.since_utc.timestamp()
    return max((at_s for at_s in (looked_s, since_s) if at_s is not None), default=now_utc_s)


def list_due(
    schedule: Schedule, exhibition: Exhibition, *, since_s: float, now_utc_s: float
) -> tuple[DueReport, ...]:
    """What has become due since a moment, the oldest first; nothing of a schedule that is switched off.

    Of a day on which the exhibition was closed, where hours are known, there is no report.

    Args:
        since_s: up to when it was looked before, seconds since the epoch.
    """
    if not schedule.is_enabled:
        return ()
    found = [
        due
        for due in _list_moments(schedule, exhibition, since_s, now_utc_s)
        if since_s < due.due_s <= now_utc_s
    ]
    return tuple(found[-MAX_BEHIND:])


def find_next(schedule: Schedule, exhibition: Exhibition, *, now_utc_s: float) -> DueReport | None:
    """The next that will be due; None where no more is known of, or the schedule is switched off."""
    if not schedule.is_enabled:
        return None
    coming = _list_moments(schedule, exhibition, now_utc_s, now_utc_s + NEXT_WITHIN_S)
    return next((due for due in coming if due.due_s > now_utc_s), None)


def make_due_now(schedule: Schedule, exhibition: Exhibition, *, now_utc_s: float) -> DueReport:
    """The report of a schedule out of turn: of today, of the week up to today, or of the show so far."""
    _, end_s = exhibition.day_interval_utc(exhibition.local_day(now_utc_s))
    first = {
        Rhythm.DAY: exhibition.local_day(now_utc_s),
        Rhythm.WEEK: exhibition.local_day(now_utc_s) - timedelta(days=6),
        Rhythm.SHOW: min(
            (hours.day for hours in exhibition.opening_hours), default=exhibition.local_day(now_utc_s)
        ),
    }[schedule.rhythm]
    start_s, _ = exhibition.day_interval_utc(min(first, exhibition.local_day(now_utc_s)))
    return DueReport(schedule, now_utc_s, (start_s, end_s))


def _list_moments(
    schedule: Schedule, exhibition: Exhibition, since_s: float, now_utc_s: float
) -> Iterator[DueReport]:
    zone = ZoneInfo(exhibition.time_zone)
    open_days = sorted({hours.day for hours in exhibition.opening_hours})
    if schedule.rhythm is Rhythm.SHOW:
        if open_days:
            period_s = (
                exhibition.day_interval_utc(open_days[0])[0],
                exhibition.day_interval_utc(open_days[-1])[1],
            )
            yield DueReport(schedule, _at(open_days[-1], schedule, zone), period_s)
        return
    first = exhibition.local_day(max(since_s, now_utc_s - 60 * 86_400.0))
    last = exhibition.local_day(now_utc_s)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if schedule.rhythm is Rhythm.WEEK:
            if day.weekday() == schedule.weekday:
                week = (
                    exhibition.day_interval_utc(day - timedelta(days=7))[0],
                    exhibition.day_interval_utc(day)[0],
                )
                yield DueReport(schedule, _at(day, schedule, zone), week)
        elif not open_days or day in open_days:
            yield DueReport(schedule, _at(day, schedule, zone), exhibition.day_interval_utc(day))


def _at(day: date, schedule: Schedule, zone: ZoneInfo) -> float:
    return datetime.combine(day, schedule.at, zone).timestamp()


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A schedule as a list shows it.

    Attributes:
        next_s: when it is due again, seconds since the epoch; None: not that is known of.
        last: the newest report of it; None: none yet.
    """

    schedule: Schedule
    next_s: float | None
    last: Delivery | None


def make_row(schedule: Schedule, exhibition: Exhibition, outbox: Outbox, now_utc_s: float) -> ScheduleRow:
    """Look up what became of a schedule; what was missed while nobody looked is due first."""
    of_it = [one for one in outbox.deliveries if one.schedule == schedule.name]
    since_s = find_start(schedule, outbox.looked_s.get(schedule.name), now_utc_s)
    missed = list_due(schedule, exhibition, since_s=since_s, now_utc_s=now_utc_s)
    coming = missed[0] if missed else find_next(schedule, exhibition, now_utc_s=now_utc_s)
    return ScheduleRow(
        schedule,
        None if coming is None else coming.due_s,
        max(of_it, key=lambda one: one.made_s) if of_it else None,
    )
