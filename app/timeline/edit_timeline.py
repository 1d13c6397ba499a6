"""Edit a venue's timeline; each edit returns the timeline before and after, so that it can be undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from analytics.domain.errors import VenueError
from analytics.domain.exhibition import Exhibition
from analytics.domain.staff_shift import StaffShift, check_shift
from analytics.domain.timed_event import TimedEvent, TimedNote, check_event
from app.access.guard import changing
from app.access.roles import Permission
from app.core.periods import from_local, to_local
from app.timeline.timeline_file import Timeline, read_timeline, sort_timeline, write_timeline

MAX_NOTE = 2_000


@dataclass(frozen=True, slots=True)
class TimelineEdit:
    """The timeline before and after an edit."""

    before: Timeline
    after: Timeline


def add_event(folder: Path, event: TimedEvent) -> TimelineEdit:
    """Add an event.

    Raises:
        VenueError: it is not valid, it exists already, or the file cannot be read or written.
    """
    checked = check_event(event)

    def change(timeline: Timeline) -> Timeline:
        if checked in timeline.events:
            raise VenueError(
                "An event '{name}' already exists at this time.", "Edit the existing event.", name=event.name
            )
        return replace(timeline, events=(*timeline.events, checked))

    return _change(folder, change)


def replace_event(folder: Path, former: TimedEvent, event: TimedEvent) -> TimelineEdit:
    """Replace an event.

    Raises:
        VenueError: the former one no longer exists, the new one is not valid, or the file cannot be read
            or written.
    """
    checked = check_event(event)

    def change(timeline: Timeline) -> Timeline:
        _require(former, timeline.events)
        others = tuple(known for known in timeline.events if known != former)
        return replace(timeline, events=(*others, checked))

    return _change(folder, change)


def remove_event(folder: Path, event: TimedEvent) -> TimelineEdit:
    """Remove an event.

    Raises:
        VenueError: it no longer exists, or the file cannot be read or written.
    """

    def change(timeline: Timeline) -> Timeline:
        _require(event, timeline.events)
        return replace(timeline, events=tuple(known for known in timeline.events if known != event))

    return _change(folder, change)


def add_note(folder: Path, note: TimedNote) -> TimelineEdit:
    """Add a note.

    Raises:
        VenueError: it is empty or too long, or the file cannot be read or written.
    """
    if not note.text.strip() or len(note.text) > MAX_NOTE:
        raise VenueError(
            "A note must have 1 to {most} characters.",
            "Enter some text.",
            most=MAX_NOTE,
        )
    return _change(folder, lambda timeline: replace(timeline, notes=(*timeline.notes, note)))


def remove_note(folder: Path, note: TimedNote) -> TimelineEdit:
    """Remove a note.

    Raises:
        VenueError: the file cannot be read or written.
    """
    return _change(
        folder,
        lambda timeline: replace(timeline, notes=tuple(known for known in timeline.notes if known != note)),
    )


def save_shifts(
    folder: Path, shifts: Sequence[StaffShift], *, former: StaffShift | None = None
) -> TimelineEdit:
    """Add shifts of staff, or replace one.

    Args:
        former: shift to replace.

    Raises:
        VenueError: a shift is not valid or exists already, the former one no longer exists, or the file
            cannot be read or written.
    """
    checked = [check_shift(shift) for shift in shifts]

    def change(timeline: Timeline) -> Timeline:
        remaining = _without_shift(timeline, former) if former is not None else timeline.shifts
        for shift in checked:
            if shift in remaining:
                raise VenueError(
                    "The same shift already exists in '{zone}'.",
                    "Edit its number of staff instead.",
                    zone=shift.zone,
                )
        return replace(timeline, shifts=(*remaining, *checked))

    return _change(folder, change)


def remove_shift(folder: Path, shift: StaffShift) -> TimelineEdit:
    """Remove a shift.

    Raises:
        VenueError: it no longer exists, or the file cannot be read or written.
    """
    return _change(folder, lambda timeline: replace(timeline, shifts=_without_shift(timeline, shift)))


def restore_timeline(folder: Path, target: Timeline, *, expected: Timeline) -> TimelineEdit:
    """Undo or redo an edit.

    Args:
        expected: expected content of the file, so that no other edit is lost.

    Raises:
        VenueError: the timeline was edited meanwhile, or the file cannot be read or written.
    """

    def change(timeline: Timeline) -> Timeline:
        if timeline != expected:
            raise VenueError(
                "This cannot be undone, because the timeline was changed elsewhere.",
                "Check its current content and edit it by hand.",
            )
        return target

    return _change(folder, change)


def _change(folder: Path, change: Callable[[Timeline], Timeline]) -> TimelineEdit:
    with changing(folder, Permission.NOTE, "timeline changed") as work:
        before = read_timeline(folder)
        after = sort_timeline(change(before))
        if after != before:
            write_timeline(folder, after)
        work.what |= _describe_differences(before, after)
    return TimelineEdit(before, after)


def _describe_differences(before: Timeline, after: Timeline) -> dict[str, str]:
    """Return the differences for the audit log; notes are only counted, because their text is free."""
    events = {event.name for event in set(before.events) ^ set(after.events)}
    notes = len(set(before.notes) ^ set(after.notes))
    staffed = {shift.zone for shift in set(before.shifts) ^ set(after.shifts)}
    differences = {"events": ", ".join(sorted(events))} if events else {}
    differences |= {"staff": ", ".join(sorted(staffed))} if staffed else {}
    return differences | ({"notes": str(notes)} if notes else {})


def _without_shift(timeline: Timeline, shift: StaffShift) -> tuple[StaffShift, ...]:
    if shift not in timeline.shifts:
        raise VenueError(
            "The shift in '{zone}' no longer exists, or was changed elsewhere.",
            "Check the current list.",
            zone=shift.zone,
        )
    return tuple(known for known in timeline.shifts if known != shift)


def _require(event: TimedEvent, events: Sequence[TimedEvent]) -> None:
    if event not in events:
        raise VenueError(
            "The event '{name}' no longer exists, or was changed elsewhere.",
            "Check the current list.",
            name=event.name,
        )


MAX_FOLLOWING_DAYS = 60


def repeat_daily(shift: StaffShift, following_days: int, *, exhibition: Exhibition) -> tuple[StaffShift, ...]:
    """Return a shift and its copies on the following days, at the same local time.

    Args:
        following_days: number of copies, 0 to ``MAX_FOLLOWING_DAYS``.
    """
    start, end = (
        to_local(at_s, exhibition=exhibition).replace(tzinfo=None) for at_s in (shift.start_s, shift.end_s)
    )
    later = [timedelta(days=day) for day in range(1, 1 + max(0, min(following_days, MAX_FOLLOWING_DAYS)))]
    return (
        shift,
        *(
            replace(
                shift,
                start_s=from_local(start + by, exhibition=exhibition),
                end_s=from_local(end + by, exhibition=exhibition),
            )
            for by in later
        ),
    )
