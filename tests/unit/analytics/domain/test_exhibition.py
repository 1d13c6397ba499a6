from __future__ import annotations

import pickle
from datetime import date, time

import pytest

from analytics.domain.clock import format_utc, parse_utc
from analytics.domain.errors import VenueError
from analytics.domain.exhibition import Exhibition, OpeningHours

DAY = date(2026, 11, 25)


def exhibition(time_zone: str, *hours: tuple[date, str, str]) -> Exhibition:
    return Exhibition(
        "Fair",
        time_zone,
        tuple(OpeningHours(day, time.fromisoformat(a), time.fromisoformat(b)) for day, a, b in hours),
    )


def intervals(fair: Exhibition, day: date) -> list[tuple[str, str]]:
    return [(format_utc(a)[:16], format_utc(b)[:16]) for a, b in fair.opening_intervals_utc(day)]


def test_opening_hours_become_utc() -> None:
    fair = exhibition("Asia/Shanghai", (DAY, "09:00", "18:00"))
    assert intervals(fair, DAY) == [("2026-11-25T01:00", "2026-11-25T10:00")]
    assert intervals(fair, date(2026, 11, 26)) == []


def test_closing_after_midnight_belongs_to_the_day_of_opening() -> None:
    fair = exhibition("Europe/Berlin", (DAY, "18:00", "02:00"))
    assert intervals(fair, DAY) == [("2026-11-25T17:00", "2026-11-26T01:00")]


def test_equal_times_mean_round_the_clock() -> None:
    (interval,) = exhibition("Asia/Tokyo", (DAY, "00:00", "00:00")).opening_intervals_utc(DAY)
    assert interval[1] - interval[0] == 24 * 3600


@pytest.mark.parametrize(
    ("day", "hours", "expected_hours"),
    [
        (date(2026, 3, 28), ("20:00", "04:00"), 7),  # clocks go forward in this night
        (date(2026, 10, 24), ("20:00", "04:00"), 9),  # and back in this one
        (date(2026, 10, 24), ("20:00", "02:30"), 7.5),  # closes the second time that it is 02:30
        (date(2026, 10, 25), ("02:30", "04:00"), 2.5),  # opens the first time
        (date(2026, 3, 29), ("02:30", "05:00"), 1.5),  # 02:30 does not exist; it is 03:30 then
    ],
)
def test_opening_hours_across_a_change_of_the_clocks(
    day: date, hours: tuple[str, str], expected_hours: float
) -> None:
    (interval,) = exhibition("Europe/Berlin", (day, *hours)).opening_intervals_utc(day)
    assert interval[1] - interval[0] == expected_hours * 3600


def test_a_day_with_a_break_has_two_intervals_in_order_and_overlaps_merge() -> None:
    apart = exhibition("UTC", (DAY, "14:00", "18:00"), (DAY, "09:00", "12:00"))
    assert [a for a, _ in intervals(apart, DAY)] == ["2026-11-25T09:00", "2026-11-25T14:00"]
    overlapping = exhibition("UTC", (DAY, "11:00", "18:00"), (DAY, "09:00", "12:00"))
    assert intervals(overlapping, DAY) == [("2026-11-25T09:00", "2026-11-25T18:00")]


def test_within_a_period_it_is_open_once_whichever_day_it_opened_on() -> None:
    late = exhibition("UTC", (DAY, "18:00", "02:00"), (date(2026, 11, 26), "01:00", "12:00"))
    start_s, end_s = (parse_utc(f"2026-11-26T{at}:00Z") for at in ("00:30", "11:00"))
    assert late.open_within_utc(start_s, end_s) == ((start_s, end_s),)
    assert late.open_within_utc(end_s + 7200.0, end_s + 9000.0) == ()


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (DAY, 24)])
def test_a_local_day_has_23_to_25_hours(day: date, hours: int) -> None:
    start, end = exhibition("Europe/Berlin").day_interval_utc(day)
    assert end - start == hours * 3600


def test_the_local_day_of_a_moment() -> None:
    assert exhibition("Asia/Shanghai").local_day(parse_utc("2026-11-24T17:00:00Z")) == DAY


@pytest.mark.parametrize("name", ["Asia/Shanghia", "", "../../etc/passwd", "a\0b", "Europe"])
def test_an_unknown_time_zone_is_named(name: str) -> None:
    with pytest.raises(VenueError, match="There is no time zone"):
        exhibition(name)


def test_travels_between_processes() -> None:
    fair = exhibition("Asia/Shanghai", (DAY, "09:00", "18:00"))
    assert pickle.loads(pickle.dumps(fair)) == fair
