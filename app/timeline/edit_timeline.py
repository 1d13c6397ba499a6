"""Changes to a venue's timeline: each gives the former whole, by which it can be taken back."""

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
    """What a change made of a timeline."""

    before: Timeline
    after: Timeline


def add_event(folder: Path, event: TimedEvent) -> TimelineEdit:
    """Add an event.

    Raises:
        VenueError: it cannot be, there is the same already, or the file cannot be read or written.
    """
    checked = check_event(event)

    def change(timeline: Timeline) -> Timeline:
        if checked in timeline.events:
            raise VenueError(
                "There is an event '{name}' at this time already.", "Change that one.", name=event.name
            )
        return replace(timeline, events=(*timeline.events, checked))

    return _change(folder, change)


def replace_event(folder: Path, former: TimedEvent, event: TimedEvent) -> TimelineEdit:
    """Let an event be another one.

    Raises:
        VenueError: the former one is gone, the new one cannot be, or the file cannot be read or written.
    """
    checked = check_event(event)

    def change(timeline: Timeline) -> Timeline:
        _require(former, timeline.events)
        others = tuple(known for known in timeline.events if known != former)
        return replace(timeline, events=(*others, checked))

    return _change(folder, change)


def remove_event(folder: Path, event: TimedEvent) -> TimelineEdit:
    """Take an event away.

    Raises:
        VenueError: it is gone already, or the file cannot be read or written.
    """

    def change(timeline: Timeline) -> Timeline:
        _require(event, timeline.events)
        return replace(timeline, events=tuple(known for known in timeline.events if known != event))

    return _change(folder, change)


def import_events(folder: Path, events: Sequence[TimedEvent]) -> TimelineEdit:
    """Add the events of a calendar; those that came from it before are replaced, not doubled.

    Raises:
        VenueError: the file cannot be read or written.
    """

    def change(timeline: Timeline) -> Timeline:
        entries = {_name_entry(event) for event in events if event.uid}
        kept = [event for event in timeline.events if not event.uid or _name_entry(event) not in entries]
        known = {(event.name, event.start_s, event.end_s, event.zone) for event in kept}
        new = [event for event in events if (event.name, event.start_s, event.end_s, event.zone) not in known]
        return replace(timeline, events=(*kept, *new))

    return _change(folder, change)


def add_note(folder: Path, note: TimedNote) -> TimelineEdit:
    """Add a note.

    Raises:
        VenueError: it says nothing or too much, or the file cannot be read or written.
    """
    if not note.text.strip() or len(note.text) > MAX_NOTE:
        raise VenueError(
            "A note needs a text of 1 to {most} letters.",
            "Write what is to be remembered.",
            most=MAX_NOTE,
        )
    return _change(folder, lambda timeline: replace(timeline, notes=(*timeline.notes, note)))


def remove_note(folder: Path, note: TimedNote) -> TimelineEdit:
    """Take a note away.

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
    """Add shifts of staff, or let one be another.

    Args:
        former: the shift in whose place they come.

    Raises:
        VenueError: one of them cannot be or is there already, the former one is gone, or the file cannot be
            read or written.
    """
    checked = [check_shift(shift) for shift in shifts]

    def change(timeline: Timeline) -> Timeline:
        kept = _without_shift(timeline, former) if former is not None else timeline.shifts
        for shift in checked:
            if shift in kept:
                raise VenueError(
                    "There is the same shift in '{zone}' already.",
                    "Change its number of staff instead.",
                    zone=shift.zone,
                )
        return replace(timeline, shifts=(*kept, *checked))

    return _change(folder, change)


def remove_shift(folder: Path, shift: StaffShift) -> TimelineEdit:
    """Take a shift away.

    Raises:
        VenueError: it is gone already, or the file cannot be read or written.
    """
    return _change(folder, lambda timeline: replace(timeline, shifts=_without_shift(timeline, shift)))


def restore_timeline(folder: Path, wanted: Timeline, *, instead_of: Timeline) -> TimelineEdit:
    """Take a change back, or make it again.

    Args:
        instead_of: what the file must hold: nobody else's change is lost.

    Raises:
        VenueError: somebody has changed it meanwhile, or the file cannot be read or written.
    """

    def change(timeline: Timeline) -> Timeline:
        if timeline != instead_of:
            raise VenueError(
                "The timeline was changed elsewhere meanwhile, so that this cannot be taken back.",
                "Look at it as it is now, and change it by hand.",
            )
        return wanted

    return _change(folder, change)


def _change(folder: Path, change: Callable[[Timeline], Timeline]) -> TimelineEdit:
    with changing(folder, Permission.NOTE, "timeline changed") as work:
        before = read_timeline(folder)
        after = sort_timeline(change(before))
        if after != before:
            write_timeline(folder, after)
        work.what |= _name_differences(before, after)
    return TimelineEdit(before, after)


def _name_differences(before: Timeline, after: Timeline) -> dict[str, str]:
    """For the audit log; notes are counted, since their text may be about anything."""
    events = {event.name for event in set(before.events) ^ set(after.events)}
    notes = len(set(before.notes) ^ set(after.notes))
    staffed = {shift.zone for shift in set(before.shifts) ^ set(after.shifts)}
    said = {"events": ", ".join(sorted(events))} if events else {}
    said |= {"staff": ", ".join(sorted(staffed))} if staffed else {}
    return said | ({"notes": str(notes)} if notes else {})


def _without_shift(timeline: Timeline, shift: StaffShift) -> tuple[StaffShift, ...]:
    if shift not in timeline.shifts:
        raise VenueError(
            "The shift in '{zone}' is not there any more, or was changed elsewhere.",
            "Look at the list as it is now.",
            zone=shift.zone,
        )
    return tuple(known for known in timeline.shifts if known != shift)


def _name_entry(event: TimedEvent) -> str:
    """The calendar's entry of an event, whenever it is: ``uid`` ends with the time of one repetition."""
    return event.uid.rpartition("@")[0]


def _require(event: TimedEvent, events: Sequence[TimedEvent]) -> None:
    if event not in events:
        raise VenueError(
            "The event '{name}' is not there any more, or was changed elsewhere.",
            "Look at the list as it is now.",
            name=event.name,
        )


MAX_FOLLOWING_DAYS = 60


def repeat_daily(shift: StaffShift, following_days: int, *, exhibition: Exhibition) -> tuple[StaffShift, ...]:
    """A shift and the same on the days after it, by the venue's clock.

    Args:
        following_days: how many, 0 to ``MAX_FOLLOWING_DAYS``.
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
