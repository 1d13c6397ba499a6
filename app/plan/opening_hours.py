"""Show days and opening hours of a venue: reading them as typed, listing and changing them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

from analytics.domain.errors import VenueError
from analytics.domain.exhibition import OpeningHours
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue

Times = tuple[time, time]
"""When a day opens and closes."""

MAX_SHOW_DAYS = 3660
"""Ten years, beyond which a year was mistyped."""
ALL_WEEKDAYS = frozenset(range(7))
"""Monday (0) to Sunday (6)."""
_RANGE = re.compile(r"\s*(\d{1,2})(?:[:.](\d{2}))?\s*[-–]\s*(\d{1,2})(?:[:.](\d{2}))?\s*")


def parse_hours(text: str) -> tuple[Times, ...]:
    """Parse the opening hours of a day, such as ``10-18`` or ``09:00-12:30, 14:00-18:00``.

    24:00 is midnight. Closing before the opening is after midnight.

    Raises:
        VenueError: it is something else.
    """
    found = []
    for part in re.split(r"[,，、;]", text):
        match = _RANGE.fullmatch(part)
        try:
            if match is None:
                raise ValueError(part)
            opens_h, opens_min, closes_h, closes_min = (int(number or 0) for number in match.groups())
            if (closes_h, closes_min) == (24, 0):
                closes_h = 0
            found.append((time(opens_h, opens_min), time(closes_h, closes_min)))
        except ValueError:
            raise VenueError(
                "'{text}' is not a day's opening hours.",
                "Enter them such as 10:00-18:00, or with a break such as 10:00-13:00, 14:00-18:00.",
                text=text.strip(),
            ) from None
    return tuple(sorted(found))


def format_hours(entries: Iterable[OpeningHours]) -> str:
    """Return the opening hours of one day as `parse_hours` reads them."""
    times = sorted((entry.opens, entry.closes) for entry in entries)
    return ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in times)


def list_days(first: date, last: date, weekdays: Collection[int] = ALL_WEEKDAYS) -> tuple[date, ...]:
    """Return the days from ``first`` to ``last``, both included, that are one of the weekdays (Monday is 0).

    Raises:
        VenueError: the last day is before the first, or more than ten years after it.
    """
    if not 0 <= (last - first).days < MAX_SHOW_DAYS:
        raise VenueError(
            "The show days cannot be from {first} to {last}.",
            "Choose a last day on or after the first, at most ten years later.",
            first=first.isoformat(),
            last=last.isoformat(),
        )
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return tuple(day for day in days if day.weekday() in weekdays)


def make_hours(days: Iterable[date], times: Sequence[Times]) -> tuple[OpeningHours, ...]:
    """Return the same opening hours for every day."""
    return tuple(OpeningHours(day, opens, closes) for day in days for opens, closes in times)


@changes_venue(Permission.EDIT_PLAN, "opening hours changed")
def change_hours(folder: Path, days: Collection[date], times: Sequence[Times]) -> Venue:
    """Set the opening hours of days in place of their former ones; without any, they are no show days.

    Raises:
        VenueError: the folder cannot be read or written.
    """
    venue = read_venue(folder)
    kept = [entry for entry in venue.exhibition.opening_hours if entry.day not in set(days)]
    hours = sorted((*kept, *make_hours(days, times)), key=lambda entry: (entry.day, entry.opens))
    changed = replace(venue, exhibition=replace(venue.exhibition, opening_hours=tuple(hours)))
    write_venue(changed)
    return changed
