"""Making and sending of scheduled reports."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from filelock import Timeout

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError, StoreError
from analytics.results.content import ReportContent
from app.access.audit_log import record_audit
from app.access.roles import Role
from app.core.credentials import CredentialStore
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.error_reporting import pack_error
from app.reports.make_report import ReportOrder, make_report
from app.reports.report_due import DueReport, find_start, list_due, make_due_report
from app.reports.report_outbox import (
    FOLDER_NAME,
    Delivery,
    Outbox,
    lock_outbox,
    read_outbox,
    send_report,
    try_delivery,
    write_outbox,
)
from app.reports.report_template import ReportFormat, parse_template
from app.reports.schedule_file import Schedule, Schedules, read_schedules

_LOG = logging.getLogger(__name__)
WriteFile = Callable[[Path, ReportContent, ReportFormat], Path]


def run_schedules(
    folder: Path,
    *,
    write_file: WriteFile,
    credentials: CredentialStore,
    clock: Clock | None = None,
    context: JobContext | None = None,
    at_once: str | None = None,
) -> Outbox:
    """Make the reports that are due and send those that wait; return the resulting outbox.

    A report is first made, whole, in the outbox, and only then sent; whatever fails is tried again later,
    While one program runs this, others do nothing.

    Args:
        at_once: name of a schedule whose report is made now in addition, and sent with its reports that wait
            for another attempt.

    Raises:
        VenueError, StoreError: the venue, its schedules or its outbox cannot be read or written.
        JobCancelled: the job was cancelled; finished reports are kept.
    """
    context, now_s = context or JobContext(), (clock or SystemClock()).now_utc_s()
    try:
        with lock_outbox(folder):
            return _run(folder, write_file, credentials, now_s=now_s, context=context, at_once=at_once)
    except Timeout:
        return read_outbox(folder)


def _run(
    folder: Path,
    write_file: WriteFile,
    credentials: CredentialStore,
    *,
    now_s: float,
    context: JobContext,
    at_once: str | None,
) -> Outbox:
    schedules, outbox = read_schedules(folder), read_outbox(folder)
    if not schedules.schedules and not outbox.deliveries:
        return outbox
    venue = read_venue(folder)
    looked_s = {
        one.name: find_start(one, outbox.looked_s.get(one.name), now_s) for one in schedules.schedules
    }
    outbox = replace(outbox, looked_s=looked_s)
    for schedule in schedules.schedules:
        all_due = list_due(schedule, venue.exhibition, since_s=looked_s[schedule.name], now_utc_s=now_s)
        if schedule.name == at_once:
            all_due = (*all_due, make_due_report(schedule, venue.exhibition, now_utc_s=now_s))
        for due in all_due:
            context.checkpoint(0, 0)
            delivery = _make_delivery(folder, due, write_file, now_s)
            # an older report of the same period is out of date; its files were replaced
            other_deliveries = [one for one in outbox.deliveries if not set(one.files) & set(delivery.files)]
            outbox = replace(outbox, deliveries=(*other_deliveries, delivery))
            write_outbox(folder, outbox)
        looked_s[schedule.name] = now_s
    if at_once is not None:
        outbox = replace(outbox, deliveries=tuple(_retry_now(one, at_once) for one in outbox.deliveries))
    outbox = _send_waiting(folder, outbox, schedules, credentials, now_s, at_once=at_once)
    write_outbox(folder, outbox)
    return outbox


def _record_sent(folder: Path, schedule: Schedule, file: str) -> None:
    """Record a sent report in the audit log; a failure is only logged, as the report has left already."""
    what = {"schedule": schedule.name, "target": schedule.target.value, "file": file}
    try:
        record_audit(folder, "scheduled report sent", what, role=Role.SERVICE.value)
    except StoreError as error:
        _LOG.error("A scheduled report that was sent could not be recorded in the audit log: %s", error)


def _retry_now(delivery: Delivery, name: str) -> Delivery:
    """Return the delivery, due for an attempt now if it is of the schedule and was not sent."""
    if delivery.schedule != name or delivery.sent_s is not None:
        return delivery
    return replace(delivery, next_try_s=None, tries=0 if delivery.is_given_up else delivery.tries)


def _make_delivery(folder: Path, due: DueReport, write_file: WriteFile, now_s: float) -> Delivery:
    """Make a report in the outbox; return its delivery, with the problem if it failed."""
    schedule, venue = due.schedule, read_venue(folder)
    delivery = Delivery(schedule.name, due.due_s, (), schedule.name, now_s)
    try:
        content = make_report(
            venue,
            ReportOrder(
                parse_template(schedule.template),
                due.period_s,
                schedule.language,
                stand=schedule.stand,
                author=schedule.author,
            ),
        )
        (folder / FOLDER_NAME).mkdir(exist_ok=True)
        stem = f"{schedule.name} {content.first_day}"
        files = [
            write_file(folder / FOLDER_NAME / stem, content, ReportFormat(chosen)).name
            for chosen in schedule.formats
        ]
    except (ExpoFlowError, ValueError, OSError) as error:
        # a report that cannot be made is not retried
        return replace(delivery, sent_s=now_s, problem=pack_error(error))
    return replace(
        delivery, files=tuple(files), title=f"{content.title} – {content.venue} – {content.period_text}"
    )


def _send_waiting(
    folder: Path,
    outbox: Outbox,
    schedules: Schedules,
    credentials: CredentialStore,
    now_s: float,
    *,
    at_once: str | None,
) -> Outbox:
    by_name = {schedule.name: schedule for schedule in schedules.schedules}
    waiting = outbox.list_waiting(now_s)
    found = []
    for delivery in outbox.deliveries:
        schedule = by_name.get(delivery.schedule)
        is_off = schedule is not None and not schedule.is_enabled and schedule.name != at_once
        if delivery not in waiting or schedule is None or is_off or not delivery.files:
            found.append(delivery)
            continue
        files = [folder / FOLDER_NAME / name for name in delivery.files]
        attempted = try_delivery(
            delivery,
            lambda one, files=files, schedule=schedule: send_report(  # type: ignore[misc]
                files,
                schedule,
                title=one.title,
                mail=schedules.mail,
                credentials=credentials,
                taken_by=one.taken_by,
            ),
            now_utc_s=now_s,
        )
        if attempted.sent_s is not None:
            for file in files:
                file.unlink(missing_ok=True)
            _record_sent(folder, schedule, ", ".join(delivery.files))
        found.append(attempted)
    return replace(outbox, deliveries=tuple(found))
