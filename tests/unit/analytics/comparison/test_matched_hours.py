from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from analytics.comparison.matched_hours import match_hours
from analytics.domain.arrays import Interval
from analytics.domain.exhibition import Exhibition, OpeningHours

SHANGHAI, BERLIN = "Asia/Shanghai", "Europe/Berlin"


def make_days(zone: str, hours: dict[date, tuple[str, str]]) -> dict[date, tuple[Interval, ...]]:
    fair = Exhibition(
        "Fair",
        zone,
        tuple(
            OpeningHours(day, time.fromisoformat(opens), time.fromisoformat(closes))
            for day, (opens, closes) in hours.items()
        ),
    )
    return {day: fair.opening_intervals_utc(day) for day in hours}


def match(a: dict[date, tuple[str, str]], b: dict[date, tuple[str, str]], zone: str = SHANGHAI):  # type: ignore[no-untyped-def]
    return match_hours(
        open_a=make_days(zone, a), open_b=make_days(zone, b), time_zone_a=zone, time_zone_b=zone
    )


def test_matched_hours_are_common_to_every_day() -> None:
    found = match(
        {date(2026, 3, 2): ("09:00", "18:00"), date(2026, 3, 3): ("10:00", "18:00")},
        {date(2026, 4, 6): ("09:30", "17:00")},
    )
    assert (found.start_s, found.end_s) == (10 * 3600.0, 17 * 3600.0)
    assert found.days_a == (date(2026, 3, 2), date(2026, 3, 3))
    start, end = found.find_interval_utc(date(2026, 4, 6), time_zone=SHANGHAI)
    assert datetime.fromtimestamp(start, UTC) == datetime(2026, 4, 6, 2, tzinfo=UTC)
    assert end - start == 7 * 3600.0


def test_a_short_day_is_left_out() -> None:
    found = match(
        {date(2026, 3, 2): ("09:00", "18:00"), date(2026, 3, 3): ("16:00", "18:00")},
        {date(2026, 4, 6): ("09:00", "18:00")},
    )
    assert found.days_a == (date(2026, 3, 2),)
    assert found.left_out == (date(2026, 3, 3),)
    assert found.length_s == 9 * 3600.0


def test_without_a_common_hour_nothing_is_matched() -> None:
    assert match({date(2026, 3, 2): ("09:00", "12:00")}, {date(2026, 4, 6): ("13:00", "17:00")}) is None
    assert match({date(2026, 3, 2): ("09:00", "12:30")}, {date(2026, 4, 6): ("12:00", "17:00")}) is None
    assert match({}, {date(2026, 4, 6): ("12:00", "17:00")}) is None


def test_matched_hours_can_pass_midnight() -> None:
    found = match({date(2026, 3, 2): ("18:00", "02:00")}, {date(2026, 4, 6): ("19:00", "01:00")})
    assert (found.start_s, found.end_s) == (19 * 3600.0, 25 * 3600.0)


def test_matched_hours_follow_daylight_saving_time() -> None:
    found = match({date(2026, 3, 28): ("10:00", "18:00")}, {date(2026, 3, 29): ("10:00", "18:00")}, BERLIN)
    assert found.length_s == 8 * 3600.0
    for day, offset_h in ((date(2026, 3, 28), 1), (date(2026, 3, 29), 2)):
        start, _ = found.find_interval_utc(day, time_zone=BERLIN)
        assert datetime.fromtimestamp(start, UTC).hour == 10 - offset_h


def test_parts_cover_the_hours() -> None:
    found = match({date(2026, 3, 2): ("10:00", "18:00")}, {date(2026, 4, 6): ("10:00", "18:00")})
    morning, afternoon = found.cut(2)
    assert (morning.start_s, morning.end_s, afternoon.end_s) == (36000.0, 50400.0, 64800.0)
    assert morning.end_s == afternoon.start_s
    odd = match({date(2026, 3, 2): ("10:00", "11:15")}, {date(2026, 4, 6): ("10:00", "11:15")})
    # days are kept in quarters of an hour
    assert [part.length_s for part in odd.cut(2)] == [1800.0, 2700.0]


@pytest.mark.parametrize("zone", [SHANGHAI, BERLIN])
def test_two_venues_are_matched_on_their_own_clocks(zone: str) -> None:
    hours = {date(2026, 6, 1): ("10:00", "18:00")}
    found = match_hours(
        open_a=make_days(SHANGHAI, hours),
        open_b=make_days(zone, hours),
        time_zone_a=SHANGHAI,
        time_zone_b=zone,
    )
    assert found is not None
    assert found.length_s == 8 * 3600.0
