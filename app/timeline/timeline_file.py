"""``timeline.toml``: what happened beside the cameras, in a venue's folder; read and written as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analytics.domain.errors import VenueError
from analytics.domain.staff_shift import StaffShift, check_shift
from analytics.domain.timed_event import EventKind, TimedEvent, TimedNote, check_event
from app.core.toml_file import read_toml_file, write_toml_file

FILE_NAME = "timeline.toml"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Timeline:
    """Events, notes and staff of a venue, each in the order of time."""

    events: tuple[TimedEvent, ...] = ()
    notes: tuple[TimedNote, ...] = ()
    shifts: tuple[StaffShift, ...] = ()


def read_timeline(folder: Path) -> Timeline:
    """The timeline of a venue; empty where there is no file.

    Raises:
        VenueError: the file cannot be read or understood.
    """
    known = read_toml_file(
        folder / FILE_NAME, _unpack_document, format_known=FORMAT, make_unreadable=_make_unreadable
    )
    return Timeline() if known is None else known


def _unpack_document(document: dict[str, Any]) -> Timeline:
    return sort_timeline(
        Timeline(
            tuple(_unpack_event(entry) for entry in document.get("events", ())),
            tuple(_unpack_note(entry) for entry in document.get("notes", ())),
            tuple(_unpack_shift(entry) for entry in document.get("shifts", ())),
        )
    )


def write_timeline(folder: Path, timeline: Timeline) -> None:
    """Replace a venue's timeline.

    Raises:
        VenueError: the file cannot be written.
    """
    document: dict[str, object] = {
        "format": FORMAT,
        "events": [_pack_event(event) for event in timeline.events],
        "notes": [{"at": _pack_moment(note.at_s), "text": note.text} for note in timeline.notes],
    }
    if timeline.shifts:
        document["shifts"] = [_pack_shift(shift) for shift in timeline.shifts]
    write_toml_file(folder / FILE_NAME, document)


def sort_timeline(timeline: Timeline) -> Timeline:
    """The same in the order of time."""
    return Timeline(
        tuple(sorted(timeline.events, key=lambda event: (event.start_s, event.end_s, event.name))),
        tuple(sorted(timeline.notes, key=lambda note: (note.at_s, note.text))),
        tuple(sorted(timeline.shifts, key=lambda shift: (shift.start_s, shift.end_s, shift.zone))),
    )


def _pack_event(event: TimedEvent) -> dict[str, object]:
    packed: dict[str, object] = {
        "name": event.name,
        "kind": event.kind.value,
        "start": _pack_moment(event.start_s),
        "end": _pack_moment(event.end_s),
    }
    if event.zone is not None:
        packed["zone"] = event.zone
    if event.uid:
        packed["uid"] = event.uid
    return packed


def _unpack_event(entry: dict[str, Any]) -> TimedEvent:
    zone = entry.get("zone")
    return check_event(
        TimedEvent(
            name=str(entry["name"]),
            start_s=entry["start"].timestamp(),
            end_s=entry["end"].timestamp(),
            zone=None if zone is None else str(zone),
            kind=EventKind(entry["kind"]),
            uid=str(entry.get("uid", "")),
        )
    )


def _unpack_note(entry: dict[str, Any]) -> TimedNote:
    return TimedNote(entry["at"].timestamp(), str(entry["text"]))


def _pack_shift(shift: StaffShift) -> dict[str, object]:
    return {
        "zone": shift.zone,
        "start": _pack_moment(shift.start_s),
        "end": _pack_moment(shift.end_s),
        "people": shift.people,
    }


def _unpack_shift(entry: dict[str, Any]) -> StaffShift:
    return check_shift(
        StaffShift(
            zone=str(entry["zone"]),
            start_s=entry["start"].timestamp(),
            end_s=entry["end"].timestamp(),
            people=float(entry["people"]),
        )
    )


def _pack_moment(time_s: float) -> datetime:
    return datetime.fromtimestamp(time_s, UTC)


def _make_unreadable(file: Path, cause: str) -> VenueError:
    return VenueError(
        "{file} is no timeline that this version understands: {cause}.",
        "Take it away, or put back a copy that was all right; what it held is then to be entered again.",
        file=file,
        cause=cause,
    )
