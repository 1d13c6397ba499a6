"""Calendar files: times of every sort, repeated events, places, and files that are none."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics.domain.errors import VenueError
from analytics.domain.timed_event import EventKind
from app.timeline.calendar_file import MAX_EVENTS, CalendarReading, read_calendar

DAYS_S = (
    datetime(2026, 10, 23, tzinfo=UTC).timestamp(),
    datetime(2026, 10, 30, tzinfo=UTC).timestamp(),
)


def read(tmp_path: Path, *events: str, time_zone: str = "Asia/Shanghai") -> CalendarReading:
    file = tmp_path / "fair.ics"
    body = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    file.write_text(
        f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{body}END:VCALENDAR\n".replace("\n", "\r\n"),
        encoding="utf-8",
    )
    return read_calendar(file, time_zone=time_zone, days_s=DAYS_S, zones=("Stage", "Café"))


def at(day: int, hour: int, minute: int = 0) -> float:
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC).timestamp()


def test_times_are_in_utc_of_a_zone_or_of_the_venues_own_clock(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "UID:1\nSUMMARY:In UTC\nDTSTART:20261024T020000Z\nDTEND:20261024T030000Z",
        "UID:2\nSUMMARY:In Berlin\nDTSTART;TZID=Europe/Berlin:20261024T100000\nDURATION:PT30M",
        "UID:3\nSUMMARY:On the wall\nDTSTART:20261024T170000\nLOCATION:Main stage\\, hall 1",
        "UID:4\nSUMMARY:All day\nDTSTART;VALUE=DATE:20261025",
    )
    times = {event.name: (event.start_s, event.end_s) for event in found.events}
    assert times == {
        "In UTC": (at(24, 2), at(24, 3)),
        "In Berlin": (at(24, 8), at(24, 8, 30)),
        "On the wall": (at(24, 9), at(24, 10)),
        "All day": (at(24, 16), at(25, 16)),
    }
    (staged,) = [event for event in found.events if event.zone]
    assert (staged.name, staged.zone, staged.kind) == ("On the wall", "Stage", EventKind.TALK)


def test_repeated_events_keep_the_walls_clock_and_leave_out_what_is_excepted(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "UID:1\nSUMMARY:Morning talk\nDTSTART;TZID=Europe/Berlin:20261024T100000\nDURATION:PT1H\n"
        "RRULE:FREQ=DAILY;COUNT=4\nEXDATE;TZID=Europe/Berlin:20261026T100000",
        time_zone="Europe/Berlin",
    )
    # summer time ends in the night to the 25th
    assert [event.start_s for event in found.events] == [at(24, 8), at(25, 9), at(27, 9)]
    assert len({event.uid for event in found.events}) == 3


@pytest.mark.parametrize("until", ["20261026T020000Z", "20261026T155959Z", "20261026T100000", "20261026"])
def test_a_rule_holds_to_its_last_day_whatever_clock_says_until(tmp_path: Path, until: str) -> None:
    found = read(
        tmp_path,
        "UID:1\nSUMMARY:Morning talk\nDTSTART;TZID=Asia/Shanghai:20261024T100000\nDURATION:PT1H\n"
        f"RRULE:FREQ=DAILY;UNTIL={until}",
    )
    assert [event.start_s for event in found.events] == [at(day, 2) for day in (24, 25, 26)]


def test_a_rule_that_began_years_ago_reaches_the_exhibition(tmp_path: Path) -> None:
    found = read(
        tmp_path, "UID:1\nSUMMARY:Cleaning\nDTSTART:20240101T030000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY"
    )
    assert [event.start_s for event in found.events] == [at(day, 3) for day in range(23, 30)]


def test_a_rule_without_an_end_is_cut(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "UID:1\nSUMMARY:Again and again\nDTSTART:20261024T000000Z\nDURATION:PT1M\nRRULE:FREQ=SECONDLY",
    )
    assert 0 < len(found.events) <= MAX_EVENTS


def test_what_cannot_be_read_is_told_and_the_rest_is_taken(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "UID:1\nSUMMARY:Backwards\nDTSTART:20261024T020000Z\nDTEND:20261024T010000Z",
        "UID:2\nSUMMARY:Without a time",
        "UID:3\nSUMMARY:Cancelled\nSTATUS:CANCELLED\nDTSTART:20261024T020000Z",
        "UID:4\nSUMMARY:Last year\nDTSTART:20251024T020000Z",
        "UID:5\nSUMMARY:Good\nDTSTART:20261024T020000Z",
    )
    assert [event.name for event in found.events] == ["Good"]
    assert [str(words.fields["name"]) for words in found.refused] == ["Backwards", "Without a time"]
    assert found.outside == 2


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG", b"name,start\na,b\n", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"]
)
def test_a_file_that_is_no_calendar_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "some.ics"
    file.write_bytes(content)
    with pytest.raises(VenueError, match=r"some\.ics"):
        read_calendar(file, time_zone="UTC", days_s=DAYS_S)
    with pytest.raises(VenueError):
        read_calendar(tmp_path / "none.ics", time_zone="UTC", days_s=DAYS_S)


DAILY = "UID:1\nSUMMARY:Talk\nDTSTART:20261024T020000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3"


@pytest.mark.parametrize("is_first", [True, False])
def test_one_date_that_was_moved_takes_the_place_of_the_usual_one(tmp_path: Path, is_first: bool) -> None:
    moved = (
        "UID:1\nRECURRENCE-ID:20261025T020000Z\nSUMMARY:Talk, moved\nDTSTART:20261025T060000Z\nDURATION:PT2H"
    )
    found = read(tmp_path, *((moved, DAILY) if is_first else (DAILY, moved)))
    assert [(event.name, event.start_s, event.end_s) for event in found.events] == [
        ("Talk", at(24, 2), at(24, 3)),
        ("Talk, moved", at(25, 6), at(25, 8)),
        ("Talk", at(26, 2), at(26, 3)),
    ]
    assert found.refused == ()
    assert found.events[1].uid == f"1@{at(25, 2):.0f}", "the same event as before it was moved"


def test_one_date_that_was_cancelled_by_itself_is_left_out(tmp_path: Path) -> None:
    cancelled = (
        "UID:1\nRECURRENCE-ID:20261025T020000Z\nSUMMARY:Talk\nDTSTART:20261025T020000Z\nSTATUS:CANCELLED"
    )
    assert [event.start_s for event in read(tmp_path, DAILY, cancelled).events] == [at(24, 2), at(26, 2)]


def test_a_change_of_all_later_dates_is_told(tmp_path: Path) -> None:
    later = (
        "UID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261025T020000Z\nSUMMARY:Later\nDTSTART:20261025T060000Z"
    )
    found = read(tmp_path, DAILY, later)
    assert [event.start_s for event in found.events] == [at(24, 2), at(25, 6), at(26, 2)]
    (refused,) = found.refused
    assert refused.template.startswith("'{name}' changes all later dates,")


def test_dates_that_are_added_count_with_their_own_length(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "UID:1\nSUMMARY:Talk\nDTSTART:20261024T020000Z\nDURATION:PT1H\n"
        "RDATE:20261025T030000Z,20261026T030000Z\n"
        "RDATE;VALUE=PERIOD:20261027T030000Z/PT2H,20261028T030000Z/20261028T033000Z\n"
        "EXDATE:20261026T030000Z",
    )
    assert [(event.start_s, event.end_s) for event in found.events] == [
        (at(24, 2), at(24, 3)),
        (at(25, 3), at(25, 4)),
        (at(27, 3), at(27, 5)),
        (at(28, 3), at(28, 3, 30)),
    ]


def test_a_rule_of_exceptions_is_told_rather_than_passed_over(tmp_path: Path) -> None:
    found = read(tmp_path, f"{DAILY}\nEXRULE:FREQ=DAILY;INTERVAL=2")
    assert found.events == ()
    assert len(found.refused) == 1
