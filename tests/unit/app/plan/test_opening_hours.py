"""Show days and opening hours, as typed and as stored."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from analytics.domain.errors import VenueError
from app.core.file_format import read_venue
from app.plan.edit_venue import create_hall
from app.plan.opening_hours import change_hours, format_hours, list_days, make_hours, parse_hours
from tests.support.command_line import run_here

WEDNESDAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("10-18", [(time(10), time(18))]),
        ("09:30–17.45", [(time(9, 30), time(17, 45))]),
        ("14:00-18:00, 9-12", [(time(9), time(12)), (time(14), time(18))]),
        ("0-24", [(time(0), time(0))]),
        ("20:00-02:00", [(time(20), time(2))]),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, times: list[tuple[time, time]]) -> None:
    assert parse_hours(text) == tuple(times)
    assert parse_hours(format_hours(make_hours([WEDNESDAY], times))) == tuple(times)


@pytest.mark.parametrize("text", ["", "10", "25-26", "10:00-18:75", "10-18,"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(VenueError, match="opening hours"):
        parse_hours(text)


def test_days_may_be_limited_to_days_of_the_week() -> None:
    days = list_days(WEDNESDAY, date(2026, 12, 6), {1, 2, 3, 4, 5, 6})
    assert len(days) == 11
    assert date(2026, 11, 30) not in days
    with pytest.raises(VenueError, match="2026-11-24"):
        list_days(WEDNESDAY, date(2026, 11, 24))


def test_a_days_new_hours_replace_its_old_ones(tmp_path: Path) -> None:
    days = list_days(WEDNESDAY, date(2026, 11, 27))
    folder = create_hall(
        tmp_path / "h.expoflow",
        name="H",
        time_zone="Asia/Shanghai",
        size_m=(40, 25),
        opening_hours=make_hours(days, parse_hours("9-17")),
    ).folder
    change_hours(folder, [days[1]], parse_hours("10-12, 14-20"))
    hours = change_hours(folder, [days[2]], ()).exhibition.opening_hours
    assert hours == (
        *make_hours(days[:1], [(time(9), time(17))]),
        *make_hours(days[1:2], [(time(10), time(12)), (time(14), time(20))]),
    )


def test_the_command_line_creates_them(tmp_path: Path) -> None:
    folder = tmp_path / "h.expoflow"
    made = run_here(
        *("venue", "create", folder, "--name", "H", "--time-zone", "Asia/Shanghai", "--size", "40x25"),
        *("--from", "2026-11-25", "--to", "2026-11-26", "--open", "9-17"),
    )
    assert made.returncode == 0, made.stderr
    assert read_venue(folder).exhibition.opening_hours == make_hours(
        [date(2026, 11, 25), date(2026, 11, 26)], [(time(9), time(17))]
    )
