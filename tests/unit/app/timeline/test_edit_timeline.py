"""The timeline of a venue: kept in a file, changed step by step, taken back, never half written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analytics.domain.errors import VenueError
from analytics.domain.staff_shift import StaffShift
from analytics.domain.timed_event import EventKind, TimedEvent, TimedNote
from app.timeline.edit_timeline import (
    add_event,
    add_note,
    remove_event,
    remove_note,
    remove_shift,
    replace_event,
    restore_timeline,
    save_shifts,
)
from app.timeline.timeline_file import FILE_NAME, Timeline, read_timeline

TALK = TimedEvent("Opening “speech”", 1_790_000_000.0, 1_790_003_600.5, "Stage", EventKind.TALK)


def test_what_is_entered_is_read_again(tmp_path: Path) -> None:
    lunch = TimedEvent("Lunch", TALK.start_s - 60, TALK.end_s, None, EventKind.BREAK)
    for event in (TALK, lunch):
        add_event(tmp_path, event)
    note = TimedNote(TALK.start_s, "雨：第二道门关闭\nsecond line")
    edit = add_note(tmp_path, note)
    assert read_timeline(tmp_path) == edit.after == Timeline((lunch, TALK), (note,))
    remove_note(tmp_path, note)
    moved = replace(TALK, end_s=TALK.end_s + 60)
    replace_event(tmp_path, TALK, moved)
    assert remove_event(tmp_path, lunch).after == Timeline((moved,))


def test_a_change_is_taken_back_unless_others_changed_it(tmp_path: Path) -> None:
    edit = add_event(tmp_path, TALK)
    restore_timeline(tmp_path, edit.before, expected=edit.after)
    assert read_timeline(tmp_path) == Timeline()
    restore_timeline(tmp_path, edit.after, expected=edit.before)
    add_note(tmp_path, TimedNote(1.0, "another person"))
    with pytest.raises(VenueError, match="changed elsewhere"):
        restore_timeline(tmp_path, edit.before, expected=edit.after)
    assert len(read_timeline(tmp_path).notes) == 1


@pytest.mark.parametrize(
    "event",
    [replace(TALK, name=" "), replace(TALK, end_s=TALK.start_s), replace(TALK, end_s=float("nan")),
     replace(TALK, end_s=TALK.start_s + 1e9)],
)  # fmt: skip
def test_an_event_that_cannot_be_changes_nothing(tmp_path: Path, event: TimedEvent) -> None:
    with pytest.raises(VenueError):
        add_event(tmp_path, event)
    assert not (tmp_path / FILE_NAME).exists()


def test_what_is_gone_or_empty_is_said_so(tmp_path: Path) -> None:
    for wrong in (
        lambda: remove_event(tmp_path, TALK),
        lambda: replace_event(tmp_path, TALK, TALK),
        lambda: add_note(tmp_path, TimedNote(0.0, "  ")),
    ):
        with pytest.raises(VenueError):
            wrong()
    add_event(tmp_path, TALK)
    with pytest.raises(VenueError, match="already"):
        add_event(tmp_path, TALK)


@pytest.mark.parametrize(
    "content",
    [b"format = 2\n", b"\xff\xfe", b"[[events]]\nname = 1\n", b"format = 1\n[[notes]]\nat = 3\ntext = 'a'\n"],
)
def test_a_damaged_file_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(VenueError, match="timeline"):
        add_event(tmp_path, TALK)
    assert (tmp_path / FILE_NAME).read_bytes() == content


SHIFT = StaffShift("Stage", TALK.start_s, TALK.end_s, 2.5)


def test_staff_are_kept_changed_and_taken_back(tmp_path: Path) -> None:
    add_event(tmp_path, TALK)
    later = replace(SHIFT, start_s=SHIFT.start_s + 86_400, end_s=SHIFT.end_s + 86_400)
    edit = save_shifts(tmp_path, [later, SHIFT])
    assert read_timeline(tmp_path) == edit.after == Timeline((TALK,), (), (SHIFT, later))
    more = replace(SHIFT, people=3.0)
    save_shifts(tmp_path, [more], former=SHIFT)
    edit = remove_shift(tmp_path, later)
    assert read_timeline(tmp_path).shifts == (more,)
    restore_timeline(tmp_path, edit.before, expected=edit.after)
    assert read_timeline(tmp_path).shifts == (more, later)


@pytest.mark.parametrize(
    ("shift", "words"),
    [
        (replace(SHIFT, zone=" "), "needs a zone"),
        (replace(SHIFT, people=0.0), "cannot have 0 staff"),
        (replace(SHIFT, people=float("nan")), "cannot have nan staff"),
        (replace(SHIFT, people=1001.0), "cannot have 1001 staff"),
        (replace(SHIFT, end_s=SHIFT.start_s), "ends before it begins"),
        (replace(SHIFT, end_s=SHIFT.start_s + 86_401.0), "longer than a day"),
    ],
)
def test_a_shift_that_cannot_be_is_refused_with_its_reason(
    tmp_path: Path, shift: StaffShift, words: str
) -> None:
    with pytest.raises(VenueError, match=words):
        save_shifts(tmp_path, [SHIFT, shift])
    assert read_timeline(tmp_path) == Timeline()


def test_the_same_shift_twice_and_one_that_is_gone_are_refused(tmp_path: Path) -> None:
    save_shifts(tmp_path, [SHIFT])
    with pytest.raises(VenueError, match="The same shift"):
        save_shifts(tmp_path, [SHIFT])
    with pytest.raises(VenueError, match="no longer exists"):
        remove_shift(tmp_path, replace(SHIFT, people=1.0))
