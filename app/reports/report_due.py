"""Due times and periods of scheduled reports, and the state of each schedule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from analytics.domain.arrays import Interval
from analytics.domain.exhibition import Exhibition
from app.reports.report_outbox import Delivery, Outbox
from app.reports.schedule_file import Rhythm, Schedule

MAX_OVERDUE = 7
"""Reports that are made up after the machine was off; older ones are skipped."""
MAX_LOOKBACK_S, LOOKAHEAD_S = 60 * 86_400.0, 40 * 86_400.0
"""Seconds in which missed reports are looked for, and at least the next one."""


@dataclass(frozen=True, slots=True)
class DueReport:
    """A report that has to be made.

    Attributes:
        due_s: seconds since the epoch.
        period_s: the reported period, seconds since the epoch.
    """

    schedule: Schedule
    due_s: float
    period_s: Interval


def find_start(schedule: Schedule, looked_s: float | None, now_utc_s: float) -> float:
    """Return when to start looking for due reports; schedules written by hand start when first read."""
    since_s = None if schedule.since_utc is None else schedule.since_utc.timestamp()
    return max((at_s for at_s in (looked_s, since_s) if at_s is not None), default=now_utc_s)


def list_due(
    schedule: Schedule, exhibition: Exhibition, *, since_s: float, now_utc_s: float
) -> tuple[DueReport, ...]:
    """Return the reports that became due since a time, oldest first; none if the schedule is off.

    If opening hours are set, days without any have no report.

    Args:
        since_s: end of the previous check, seconds since the epoch.
    """
    if not schedule.is_enabled:
        return ()
    found = [
        due
        for due in _list_due_times(schedule, exhibition, max(since_s, now_utc_s - MAX_LOOKBACK_S), now_utc_s)
        if since_s < due.due_s <= now_utc_s
    ]
    return tuple(found[-MAX_OVERDUE:])


def is_report_due(
    schedules: Sequence[Schedule], outbox: Outbox, exhibition: Exhibition, *, now_utc_s: float
) -> bool:
    """Return whether a report of these schedules is to be made or sent, or a schedule was never looked at."""
    waiting = {one.schedule for one in outbox.list_waiting(now_utc_s) if one.files}
    for schedule in schedules:
        since_s = find_start(schedule, outbox.looked_s.get(schedule.name), now_utc_s)
        is_new = schedule.name not in outbox.looked_s and schedule.since_utc is None
        is_waiting = schedule.name in waiting
        if schedule.is_enabled and (
            is_new or is_waiting or list_due(schedule, exhibition, since_s=since_s, now_utc_s=now_utc_s)
        ):
            return True
    return False


def find_next(schedule: Schedule, exhibition: Exhibition, *, now_utc_s: float) -> DueReport | None:
    """Return the next report; None if the exhibition is over or has no days, or the schedule is off."""
    if not schedule.is_enabled:
        return None
    ends_s = [exhibition.day_interval_utc(hours.day)[1] for hours in exhibition.opening_hours]
    coming = _list_due_times(schedule, exhibition, now_utc_s, max(now_utc_s + LOOKAHEAD_S, *ends_s, 0.0))
    return next((due for due in coming if due.due_s > now_utc_s), None)


def make_due_report(schedule: Schedule, exhibition: Exhibition, *, now_utc_s: float) -> DueReport:
    """Return an extra report of a schedule: of today, the last seven days, this month or the show so far."""
    _, end_s = exhibition.day_interval_utc(exhibition.local_day(now_utc_s))
    first = {
        Rhythm.DAY: exhibition.local_day(now_utc_s),
        Rhythm.WEEK: exhibition.local_day(now_utc_s) - timedelta(days=6),
        Rhythm.MONTH: exhibition.local_day(now_utc_s).replace(day=1),
        Rhythm.SHOW: min(
            (hours.day for hours in exhibition.opening_hours), default=exhibition.local_day(now_utc_s)
        ),
    }[schedule.rhythm]
    start_s, _ = exhibition.day_interval_utc(min(first, exhibition.local_day(now_utc_s)))
    return DueReport(schedule, now_utc_s, (start_s, end_s))


def _list_due_times(
    schedule: Schedule, exhibition: Exhibition, since_s: float, until_s: float
) -> Iterator[DueReport]:
    zone = ZoneInfo(exhibition.time_zone)
    open_days = sorted({hours.day for hours in exhibition.opening_hours})
    if schedule.rhythm is Rhythm.SHOW:
        if open_days:
            period_s = (
                exhibition.day_interval_utc(open_days[0])[0],
                exhibition.day_interval_utc(open_days[-1])[1],
            )
            yield DueReport(schedule, _to_utc_s(open_days[-1], schedule, zone), period_s)
        return
    first, last = exhibition.local_day(since_s), exhibition.local_day(until_s)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        start_s, end_s = exhibition.day_interval_utc(day)
        if schedule.rhythm is Rhythm.WEEK:
            is_due, begin = day.weekday() == schedule.weekday, day - timedelta(days=7)
        elif schedule.rhythm is Rhythm.MONTH:
            is_due, begin = day.day == 1, (day - timedelta(days=1)).replace(day=1)
        else:
            is_due, begin = not open_days or day in open_days, day
        if is_due:
            begins_s = exhibition.day_interval_utc(begin)[0]
            period_s = (begins_s, end_s if begin == day else start_s)
            yield DueReport(schedule, _to_utc_s(day, schedule, zone), period_s)


def _to_utc_s(day: date, schedule: Schedule, zone: ZoneInfo) -> float:
    return datetime.combine(day, schedule.at, zone).timestamp()


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A schedule with its next due time and latest delivery.

    Attributes:
        next_s: next due time, seconds since the epoch; None as for `find_next`.
        last: the latest delivery; None if there is none.
    """

    schedule: Schedule
    next_s: float | None
    last: Delivery | None


def make_schedule_row(
    schedule: Schedule, exhibition: Exhibition, outbox: Outbox, now_utc_s: float
) -> ScheduleRow:
    """Return the state of a schedule; missed reports come first."""
    deliveries = [one for one in outbox.deliveries if one.schedule == schedule.name]
    since_s = find_start(schedule, outbox.looked_s.get(schedule.name), now_utc_s)
    missed = list_due(schedule, exhibition, since_s=since_s, now_utc_s=now_utc_s)
    coming = missed[0] if missed else find_next(schedule, exhibition, now_utc_s=now_utc_s)
    return ScheduleRow(
        schedule,
        None if coming is None else coming.due_s,
        max(deliveries, key=lambda one: one.made_s) if deliveries else None,
    )
