"""Store events, notes and shifts of a venue in ``timeline.toml`` in its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, cast

from pydantic import ConfigDict, Field

from analytics.domain.staff_shift import StaffShift, check_shift
from analytics.domain.timed_event import EventKind, TimedEvent, TimedNote, check_event
from app.core.file_schema import FieldMapping, Moment, Section
from app.core.toml_file import TomlFile
from app.error_reporting import ErrorTemplates

FILE_NAME = "timeline.toml"


@dataclass(frozen=True, slots=True)
class Timeline:
    """Events, notes and staff shifts of a venue, each in order of time."""

    events: tuple[TimedEvent, ...] = ()
    notes: tuple[TimedNote, ...] = ()
    shifts: tuple[StaffShift, ...] = ()


class _EventEntry(Section):
    # early versions wrote the calendar entry that an event came from
    model_config = ConfigDict(extra="ignore")
    makes = TimedEvent

    name: str
    kind: Annotated[EventKind, Field(strict=False)]
    start: Annotated[Moment, FieldMapping("start_s")]
    end: Annotated[Moment, FieldMapping("end_s")]
    zone: str | None = None


class _NoteEntry(Section):
    makes = TimedNote

    at: Annotated[Moment, FieldMapping("at_s")]
    text: str


class _ShiftEntry(Section):
    makes = StaffShift

    zone: str
    start: Annotated[Moment, FieldMapping("start_s")]
    end: Annotated[Moment, FieldMapping("end_s")]
    people: float


class _TimelineFile(Section):
    makes = Timeline

    format: int
    events: list[_EventEntry] = Field([])
    notes: list[_NoteEntry] = Field([])
    shifts: list[_ShiftEntry] = Field([])


_FILE = TomlFile(
    FILE_NAME,
    lambda document: cast(Timeline, _TimelineFile.model_validate(document).make()),
    ErrorTemplates(
        "This version cannot read {file} as a timeline: {cause}.",
        "Delete the file, or restore a valid copy; its content must then be entered again.",
    ),
)


def read_timeline(folder: Path) -> Timeline:
    """Return the timeline of a venue; empty without a file.

    Raises:
        VenueError: the file cannot be read or understood.
    """
    known = _FILE.read(folder)
    if known is None:
        return Timeline()
    for event in known.events:
        check_event(event)
    for shift in known.shifts:
        check_shift(shift)
    return sort_timeline(known)


def write_timeline(folder: Path, timeline: Timeline) -> None:
    """Write a venue's timeline.

    Raises:
        VenueError: the file cannot be written.
    """
    fields = _TimelineFile.describe(timeline, format=_FILE.format)
    _FILE.write(folder, {"events": [], "notes": [], **fields})


def sort_timeline(timeline: Timeline) -> Timeline:
    """Return a timeline in order of time."""
    return Timeline(
        tuple(sorted(timeline.events, key=lambda event: (event.start_s, event.end_s, event.name))),
        tuple(sorted(timeline.notes, key=lambda note: (note.at_s, note.text))),
        tuple(sorted(timeline.shifts, key=lambda shift: (shift.start_s, shift.end_s, shift.zone))),
    )
