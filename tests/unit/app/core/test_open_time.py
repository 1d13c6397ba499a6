"""The same hours of earlier days, by a clock that is put back in between."""

from __future__ import annotations

from datetime import UTC, datetime

from analytics.domain.exhibition import Exhibition
from app.core.open_time import find_previous_period, shift_days_back

DAY_S = 86_400.0


def at(day: int, hour: int) -> float:
    return datetime(2026, 10, day, hour, tzinfo=UTC).timestamp()


def test_hours_match_by_the_venues_clock() -> None:
    # summer time ends in Berlin in the night to the 25th: 10 o'clock is 9 UTC after it and 8 UTC before
    berlin = Exhibition(name="Fair", time_zone="Europe/Berlin")
    assert shift_days_back(berlin, (at(25, 9), at(25, 17)), days=1) == (at(24, 8), at(24, 16))
    shanghai = Exhibition(name="Fair", time_zone="Asia/Shanghai")
    assert shift_days_back(shanghai, (at(25, 2), at(25, 10)), days=7) == (at(18, 2), at(18, 10))


def test_the_time_before_is_as_long_and_by_whole_days() -> None:
    fair = Exhibition(name="Fair", time_zone="UTC")
    assert find_previous_period(fair, (at(25, 9), at(25, 17))) == (at(24, 9), at(24, 17))
    assert find_previous_period(fair, (at(24, 0), at(25, 0))) == (at(23, 0), at(24, 0))
    assert find_previous_period(fair, (at(24, 9), at(25, 17))) == (at(22, 9), at(23, 17))
