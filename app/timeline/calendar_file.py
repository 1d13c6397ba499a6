"""Read events from a calendar file (RFC 5545, ``.ics``) within the days of an exhibition."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from analytics.domain.errors import ExpoFlowError, Phrase, VenueError
from analytics.domain.exhibition import Interval
from analytics.domain.timed_event import EventKind, TimedEvent, check_event
from app.error_reporting import convert_error

if TYPE_CHECKING:
    from icalendar import Component

MAX_FILE_BYTES = 5_000_000
MAX_EVENTS = 2_000
"""Maximum number of events; a hall has fewer, a rule without an end has more."""
MAX_REPEATS = 400
MAX_STEPS = 20_000
"""Maximum steps of a rule: enough for one that began years ago, too few for one that repeats every second."""
_DEFAULT_LENGTH = timedelta(hours=1)
_RULE_TIME = "%Y%m%dT%H%M%S"
_UNTIL_UTC = re.compile(r"UNTIL=(\d{8}T\d{6})Z", re.IGNORECASE)
_UNTIL_DAY = re.compile(r"UNTIL=\d{8}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CalendarReading:
    """The content of a calendar file.

    Attributes:
        events: events within the requested days, by start.
        outside: number of events on other days.
        refused: translatable reasons why other events were skipped.
    """

    events: tuple[TimedEvent, ...]
    outside: int = 0
    refused: tuple[Phrase, ...] = ()


def read_calendar(
    path: Path, *, time_zone: str, days_s: Interval, zones: tuple[str, ...] = ()
) -> CalendarReading:
    """Read the events of a calendar file; repeated events are expanded.

    Added dates (RDATE) and excluded dates (EXDATE) of a repeated event are respected, and a single moved or
    cancelled occurrence (RECURRENCE-ID) replaces the regular one. A change of all later occurrences
    (RANGE=THISANDFUTURE) is applied to the first of them only, and reported.

    The zone of an event is the one whose name occurs in its LOCATION. A time without a time zone is local to
    the venue; an event with dates only lasts whole days.

    Args:
        days_s: start and end of the days of the exhibition, seconds since the epoch.

    Raises:
        VenueError: the file cannot be read, is no calendar, or is too large.
    """
    from icalendar import Calendar

    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise VenueError(
                "{file} is larger than {most} MB, too large for a calendar.",
                "Export only the days of the exhibition.",
                file=path.name,
                most=MAX_FILE_BYTES // 1_000_000,
            )
        content = path.read_bytes()
    except OSError as error:
        raise convert_error(VenueError, error, file=path) from error
    try:
        components = [
            event
            for calendar in Calendar.from_ical(content, multiple=True)
            for event in calendar.walk("VEVENT")
        ]
    except (ValueError, KeyError, IndexError, AttributeError) as error:
        raise _make_unreadable(path) from error
    if b"END:VCALENDAR" not in content.upper():
        raise _make_unreadable(path)
    return _collect(components, ZoneInfo(time_zone), days_s, zones)


def _collect(
    components: list[Component], zone: ZoneInfo, days_s: Interval, zones: tuple[str, ...]
) -> CalendarReading:
    events: list[TimedEvent] = []
    refused: list[Phrase] = []
    outside = 0
    changed_s = _list_changed(components, zone)
    for component in components:
        name = str(component.get("SUMMARY", "")).strip()
        try:
            found = list(_expand(component, name, zone, days_s, zones, changed_s=changed_s))
        except (ExpoFlowError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
            refused.append(Phrase("'{name}' was skipped: its times cannot be read.", {"name": name[:60]}))
            continue
        if _changes_later(component):
            refused.append(
                Phrase(
                    "'{name}' changes all later dates, but only the first was changed.",
                    {"name": name[:60]},
                )
            )
        within = [event for event in found if event.start_s < days_s[1] and event.end_s > days_s[0]]
        outside += not within
        events += within
        if len(events) > MAX_EVENTS:
            refused.append(Phrase("Only the first {most} events were imported.", {"most": MAX_EVENTS}))
            break
    events.sort(key=lambda event: (event.start_s, event.name))
    return CalendarReading(tuple(events[:MAX_EVENTS]), outside, tuple(refused))


def _list_changed(components: list[Component], zone: ZoneInfo) -> dict[str, set[float]]:
    """Return the start times, seconds since the epoch, of occurrences replaced by others, by event."""
    changed_s: dict[str, set[float]] = {}
    for component in components:
        uid = str(component.get("UID", ""))
        if not uid or "RECURRENCE-ID" not in component:
            continue
        with contextlib.suppress(ValueError, TypeError, AttributeError, OverflowError):
            at, _ = _read_time(component.decoded("RECURRENCE-ID"), zone)
            changed_s.setdefault(uid, set()).add(at.timestamp())
    return changed_s


def _changes_later(component: Component) -> bool:
    original = component.get("RECURRENCE-ID")
    return original is not None and str(original.params.get("RANGE", "")).upper() == "THISANDFUTURE"


def _expand(
    component: Component,
    name: str,
    zone: ZoneInfo,
    days_s: Interval,
    zones: tuple[str, ...],
    *,
    changed_s: Mapping[str, set[float]],
) -> Iterator[TimedEvent]:
    if str(component.get("STATUS", "")).upper() == "CANCELLED":
        return
    start, is_day = _read_time(component.decoded("DTSTART"), zone)
    if "DTEND" in component:
        length = _read_time(component.decoded("DTEND"), zone)[0] - start
    elif "DURATION" in component:
        length = component.decoded("DURATION")
    else:
        length = timedelta(days=1) if is_day else _DEFAULT_LENGTH
    place = str(component.get("LOCATION", "")).casefold()
    at = next((known for known in zones if known.casefold() in place), None) if place else None
    uid = str(component.get("UID", ""))
    original = component.get("RECURRENCE-ID")
    for begin, lasts in _repeat(component, start, length, zone, days_s):
        # a moved occurrence is identified by its original time, so that reading it again finds the same event
        known = begin if original is None else _read_time(original.dt, zone)[0]
        if original is None and begin.timestamp() in changed_s.get(uid, ()):
            continue
        yield check_event(
            TimedEvent(
                name=name,
                start_s=begin.timestamp(),
                end_s=(begin + lasts).timestamp(),
                zone=at,
                kind=EventKind.TALK if at is not None else EventKind.OTHER,
                uid=f"{uid}@{known.timestamp():.0f}" if uid else "",
            )
        )


def _repeat(
    component: Component, start: datetime, length: timedelta, zone: ZoneInfo, days_s: Interval
) -> list[tuple[datetime, timedelta]]:
    """Return start and duration of each occurrence in the relevant time.

    Raises:
        ValueError: the dates use an unsupported form.
    """
    if "EXRULE" in component:
        # withdrawn by RFC 5545; ignoring it would add events that do not take place
        raise ValueError("EXRULE")
    found = {start: length}
    if "RECURRENCE-ID" not in component:
        found = dict(_follow_rule(component, start, length, zone, days_s))
        for added in _list_dates(component.get("RDATE")):
            at, lasts = _read_added(added, length, zone)
            found.setdefault(at, lasts)
        for skipped in _list_dates(component.get("EXDATE")):
            found.pop(_read_time(skipped, zone)[0], None)
    return sorted(found.items())


def _follow_rule(
    component: Component, start: datetime, length: timedelta, zone: ZoneInfo, days_s: Interval
) -> list[tuple[datetime, timedelta]]:
    from dateutil.rrule import rrulestr

    rule = component.get("RRULE")
    if rule is None:
        return [(start, length)]
    # rules count in local time, so that a talk at 10 stays at 10 when summer time ends
    wall = start.astimezone(zone).replace(tzinfo=None)
    since, until = (datetime.fromtimestamp(at_s, zone).replace(tzinfo=None) for at_s in days_s)
    text = _set_until(rule.to_ical().decode(), zone)
    found: list[tuple[datetime, timedelta]] = []
    for count, at in enumerate(rrulestr(text, dtstart=wall)):
        if at > until or count >= MAX_STEPS or len(found) >= MAX_REPEATS:
            break
        if at + length >= since:
            found.append((at.replace(tzinfo=zone), length))
    return found


def _read_added(added: Any, length: timedelta, zone: ZoneInfo) -> tuple[datetime, timedelta]:
    """Return start and duration of an RDATE: a time, a day, or a period with its own end or duration."""
    if not isinstance(added, tuple):
        return _read_time(added, zone)[0], length
    begin, end = _read_time(added[0], zone)[0], added[1]
    return begin, end if isinstance(end, timedelta) else _read_time(end, zone)[0] - begin


def _set_until(rule: str, zone: ZoneInfo) -> str:
    """Convert ``UNTIL`` of a rule to local time; a date alone includes the whole day."""
    parts = []
    for part in rule.split(";"):
        found = _UNTIL_UTC.fullmatch(part)
        if found is None:
            parts.append(f"{part}T235959" if _UNTIL_DAY.fullmatch(part) else part)
            continue
        at = datetime.strptime(found[1], _RULE_TIME).replace(tzinfo=UTC)
        parts.append(f"UNTIL={at.astimezone(zone):{_RULE_TIME}}")
    return ";".join(parts)


def _list_dates(dates: Any) -> list[Any]:
    """Return the dates of RDATE or EXDATE, which may occur once or several times."""
    if dates is None:
        return []
    lists = dates if isinstance(dates, list) else [dates]
    return [entry.dt for one in lists for entry in one.dts]


def _read_time(value: date | datetime, zone: ZoneInfo) -> tuple[datetime, bool]:
    """Return a time, and whether it is a date only."""
    if isinstance(value, datetime):
        return (value if value.tzinfo is not None else value.replace(tzinfo=zone)), False
    return datetime.combine(value, time(), zone), True


def _make_unreadable(path: Path) -> VenueError:
    return VenueError(
        "{file} is not a readable calendar.",
        "Export it from your calendar program again, as iCalendar (.ics).",
        file=path.name,
    )
