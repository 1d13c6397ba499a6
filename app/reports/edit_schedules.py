"""Changes to the schedules of a venue."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import VenueError
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.core.web_address import require_no_metadata_host
from app.reports.report_format import find_format
from app.reports.report_order import parse_template
from app.reports.schedule_file import (
    MailServer,
    Schedule,
    Schedules,
    Target,
    check_schedule,
    read_schedules,
    write_schedules,
)


@changes_venue(Permission.SCHEDULE, "schedule saved", lambda schedule, **_: {"schedule": schedule.name})
def save_schedule(folder: Path, schedule: Schedule, *, clock: Clock | None = None) -> Schedules:
    """Add a schedule, or put it in the place of one of its name; nothing of the past is due.

    Raises:
        VenueError, OutputError: something of it cannot be; nothing was changed.
    """
    check_schedule(schedule)
    if schedule.is_enabled and schedule.target is Target.WEBHOOK:
        require_no_metadata_host(urlsplit(schedule.to).hostname or "")
    parse_template(schedule.template)
    find_format(Path("report"), schedule.file_format)
    before = read_schedules(folder)
    others = tuple(one for one in before.schedules if one.name != schedule.name)
    since_utc = datetime.fromtimestamp(int((clock or SystemClock()).now_utc_s()), UTC)
    after = replace(before, schedules=(*others, replace(schedule, since_utc=since_utc)))
    write_schedules(folder, after)
    return after


def switch_schedule(folder: Path, name: str, *, is_enabled: bool, clock: Clock | None = None) -> Schedules:
    """Let a schedule's reports be made, or not any more; nothing of the time while it was off is due.

    Raises:
        VenueError, OutputError: there is none of that name, or it cannot be.
    """
    found = _require_schedule(read_schedules(folder), name)
    return save_schedule(folder, replace(found, is_enabled=is_enabled), clock=clock)


@changes_venue(Permission.SCHEDULE, "schedule removed", lambda name: {"schedule": name})
def remove_schedule(folder: Path, name: str) -> Schedules:
    """Take a schedule away; what was made of it and waits is not sent any more.

    Raises:
        VenueError: there is none of that name.
    """
    before = read_schedules(folder)
    _require_schedule(before, name)
    after = replace(before, schedules=tuple(one for one in before.schedules if one.name != name))
    write_schedules(folder, after)
    return after


@changes_venue(Permission.SCHEDULE, "mail server set", lambda mail: {"host": mail.host})
def set_mail_server(folder: Path, mail: MailServer) -> Schedules:
    """Say who sends mail.

    Raises:
        VenueError: the schedules cannot be read or written.
    """
    after = replace(read_schedules(folder), mail=mail)
    write_schedules(folder, after)
    return after


def _require_schedule(schedules: Schedules, name: str) -> Schedule:
    found = next((one for one in schedules.schedules if one.name == name), None)
    if found is None:
        raise VenueError(
            "There is no schedule '{name}'.",
            "Choose one of: {names}.",
            name=name,
            names=", ".join(one.name for one in schedules.schedules) or "–",
        )
    return found
