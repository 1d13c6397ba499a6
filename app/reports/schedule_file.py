"""Scheduled reports of a venue in its ``schedules.toml``, without passwords."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, TypeAdapter

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import VenueError
from app.access.guard import changes_venue, find_actor
from app.access.roles import Permission
from app.core.toml_file import TomlFile, UtcTime
from app.core.web_address import is_web_address, require_no_metadata_host
from app.error_reporting import ErrorTemplates
from app.reports.report_template import find_format, parse_template

FILE_NAME = "schedules.toml"
MAX_NAME = 60
_NAME = re.compile(r"[\w\- ]+")
_HOST = re.compile(r"[^\s/@]+")
_ADDRESS = re.compile(r"[^@\s,]+@[^@\s,]+")


class Rhythm(StrEnum):
    """Frequency of a report."""

    DAY = "day"
    """In the evening of each open day."""
    WEEK = "week"
    """On one day of the week, for the seven days before."""
    MONTH = "month"
    """On the first day of the month, for the month before."""
    SHOW = "show"
    """Once after the last day, for the whole show."""


class Target(StrEnum):
    """The kind of destination."""

    FOLDER = "folder"
    MAIL = "mail"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A report that is made regularly.

    Attributes:
        at: in venue time.
        formats: file endings of `ReportFormat`, of which all are sent together.
        weekday: 0 for Monday; only for ``Rhythm.WEEK``.
        to: a folder, comma-separated mail addresses, or a URL.
        since_utc: reports due before are not made.
        author: user who saved it, whose rights in other halls it has; empty for nobody.
        is_enabled: reports are made and sent.
    """

    name: str
    template: str
    rhythm: Rhythm
    at: Annotated[time, Field(strict=True)]
    target: Target
    to: str
    language: str = "en"
    formats: tuple[str, ...] = ("pdf",)
    weekday: int = 0
    is_enabled: bool = True
    stand: str | None = None
    since_utc: UtcTime | None = None
    author: str = ""


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that sends mail; its password is in the keyring.

    Attributes:
        uses_tls_at_once: TLS from the first byte (port 465), else STARTTLS.
    """

    host: str
    port: int
    user: str
    sender: str
    uses_tls_at_once: bool = False


@dataclass(frozen=True, slots=True)
class Schedules:
    """All schedules of a venue and its mail server."""

    schedules: tuple[Schedule, ...] = ()
    mail: MailServer | None = None


_RECORD = TypeAdapter(Schedules)


def _parse(document: dict[str, Any]) -> Schedules:
    for one in document.get("schedules", ()):
        # files of earlier versions have one format
        if "file_format" in one:
            one["formats"] = [one.pop("file_format")]
    return _RECORD.validate_python(document)


_FILE = TomlFile(
    FILE_NAME,
    _parse,
    ErrorTemplates(
        "The schedules in {file} cannot be read: {cause}.",
        "Restore a backup of the file, or remove it and enter the schedules again.",
    ),
)


def check_schedule(schedule: Schedule) -> Schedule:
    """Return the schedule if it is valid.

    Raises:
        VenueError: a name, weekday, target or address is invalid, or there is no format.
    """
    if not _NAME.fullmatch(schedule.name) or len(schedule.name) > MAX_NAME:
        raise VenueError(
            "'{name}' is not a valid file name.",
            "Use letters, digits, spaces and hyphens.",
            name=schedule.name,
        )
    if not 0 <= schedule.weekday <= 6:
        raise VenueError(
            "{day} is not a weekday.", "Enter 0 for Monday to 6 for Sunday.", day=schedule.weekday
        )
    if not schedule.formats:
        raise VenueError("The schedule '{name}' has no format.", "Choose at least one.", name=schedule.name)
    for part in schedule.to.split(",") if schedule.target is Target.MAIL else ():
        if not _ADDRESS.fullmatch(part.strip()):
            raise VenueError(
                "'{address}' is not a valid email address.",
                "Enter addresses such as name@example.com, separated by commas.",
                address=part.strip(),
                to=schedule.to,
            )
    if not schedule.to.strip() or (schedule.target is Target.WEBHOOK and not is_web_address(schedule.to)):
        raise VenueError(
            "Reports cannot be sent to '{to}'.",
            "Enter a folder, or an address that begins with https://.",
            to=schedule.to,
        )
    return schedule


def check_mail_server(mail: MailServer) -> None:
    """Raise an error if a mail server's host or sender is invalid.

    Raises:
        VenueError: with the reason.
    """
    if not _HOST.fullmatch(mail.host):
        raise VenueError(
            "'{host}' is not a valid host name.",
            "Enter only a name, such as mail.example.com.",
            host=mail.host,
        )
    if not _ADDRESS.fullmatch(mail.sender):
        raise VenueError(
            "'{address}' is not a valid email address.",
            "Enter an address such as name@example.com.",
            address=mail.sender,
        )


def read_schedules(folder: Path) -> Schedules:
    """Return the schedules of a venue; none if there is no file.

    Raises:
        VenueError: the file cannot be read or understood.
    """
    known = _FILE.read(folder) or Schedules()
    for schedule in known.schedules:
        check_schedule(schedule)
    return known


def write_schedules(folder: Path, schedules: Schedules) -> None:
    """Replace the schedules of a venue.

    Raises:
        VenueError: the file cannot be written.
    """
    packed = _RECORD.dump_python(schedules, exclude_none=True)
    # the mail server comes first, as there may be many schedules
    _FILE.write(folder, dict(reversed(packed.items())))


@changes_venue(Permission.SCHEDULE, "schedule saved", lambda schedule, **_: {"schedule": schedule.name})
def save_schedule(folder: Path, schedule: Schedule, *, clock: Clock | None = None) -> Schedules:
    """Add a schedule or replace the one of the same name; reports due in the past are not made.

    Raises:
        VenueError, OutputError: the schedule is invalid; nothing was changed.
    """
    check_schedule(schedule)
    if schedule.is_enabled and schedule.target is Target.WEBHOOK:
        require_no_metadata_host(urlsplit(schedule.to).hostname or "")
    parse_template(schedule.template)
    for chosen in schedule.formats:
        find_format(Path("report"), chosen)
    before = read_schedules(folder)
    others = tuple(one for one in before.schedules if one.name != schedule.name)
    since_utc = datetime.fromtimestamp(int((clock or SystemClock()).now_utc_s()), UTC)
    actor = find_actor(folder)
    author = "" if actor is None else actor.name
    after = replace(before, schedules=(*others, replace(schedule, since_utc=since_utc, author=author)))
    write_schedules(folder, after)
    return after


@changes_venue(Permission.SCHEDULE, "schedule removed", lambda name: {"schedule": name})
def remove_schedule(folder: Path, name: str) -> Schedules:
    """Remove a schedule; reports that still wait are not sent.

    Raises:
        VenueError: there is no such schedule.
    """
    before = read_schedules(folder)
    _require_schedule(before, name)
    after = replace(before, schedules=tuple(one for one in before.schedules if one.name != name))
    write_schedules(folder, after)
    return after


@changes_venue(Permission.SCHEDULE, "mail server set", lambda mail: {"host": mail.host})
def set_mail_server(folder: Path, mail: MailServer) -> Schedules:
    """Set the mail server.

    Raises:
        VenueError: it is invalid or link-local, or the schedules cannot be read or written.
    """
    check_mail_server(mail)
    require_no_metadata_host(mail.host)
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
