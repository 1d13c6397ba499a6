"""How a schedule goes: when it is due again, and what became of its newest report."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.domain.exhibition import Exhibition
from app.reports.report_due import find_next, find_start, list_due
from app.reports.report_outbox import Delivery, Outbox
from app.reports.schedule_file import Schedule


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
