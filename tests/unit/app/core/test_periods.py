from __future__ import annotations

from datetime import UTC, date, datetime, time
from itertools import pairwise
from pathlib import Path

import pytest

from analytics.domain.arrays import Interval
from analytics.domain.exhibition import Exhibition, OpeningHours
from app.core.periods import (
    PeriodChoice,
    find_day,
    find_elapsed,
    find_neighbour,
    find_period,
    find_show,
    find_week,
    from_local,
    identify_choice,
    is_growing,
    to_local,
)
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall

HISTORY = (NOW_UTC_S - 1000, NOW_UTC_S)


def utc(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[misc,arg-type]


@pytest.fixture
def exhibition(tmp_path: Path) -> Exhibition:
    return make_hall(tmp_path).exhibition


def find(exhibition: Exhibition, choice: PeriodChoice, **more: object) -> tuple[float, float] | None:
    return find_period(choice, exhibition=exhibition, now_utc_s=NOW_UTC_S, **more)  # type: ignore[arg-type]


def test_days_are_those_of_the_venues_own_clock(exhibition: Exhibition) -> None:
    assert find(exhibition, PeriodChoice.TODAY) == (utc(2026, 3, 13, 16), utc(2026, 3, 14, 16))
    assert find(exhibition, PeriodChoice.YESTERDAY) == (utc(2026, 3, 12, 16), utc(2026, 3, 13, 16))


def test_opening_hours_cut_a_day(exhibition: Exhibition) -> None:
    assert find(exhibition, PeriodChoice.TODAY, opening_hours_only=True) == (
        utc(2026, 3, 14, 1),
        utc(2026, 3, 14, 9),
    )


def test_a_day_without_hours_stays_whole() -> None:
    closed = Exhibition("Fair", "Asia/Shanghai", (OpeningHours(date(2026, 5, 1), time(9), time(17)),))
    assert find(closed, PeriodChoice.TODAY, opening_hours_only=True) == find(closed, PeriodChoice.TODAY)


def test_now_and_a_missing_history_are_no_period(exhibition: Exhibition) -> None:
    assert find(exhibition, PeriodChoice.NOW) is None
    assert find(exhibition, PeriodChoice.HISTORY) is None
    earlier = (HISTORY[0] - 200_000.0, HISTORY[1] - 200_000.0)
    assert find(exhibition, PeriodChoice.HISTORY, history_s=earlier) == earlier


@pytest.mark.parametrize("only", [False, True])
@pytest.mark.parametrize("choice", [PeriodChoice.TODAY, PeriodChoice.YESTERDAY])
def test_a_period_is_named_by_the_choice_that_gave_it(
    exhibition: Exhibition, choice: PeriodChoice, only: bool
) -> None:
    period = find(exhibition, choice, opening_hours_only=only)
    named = identify_choice(period, exhibition=exhibition, now_utc_s=NOW_UTC_S, history_s=HISTORY)
    assert named == (choice, only)


def test_other_periods_are_custom(exhibition: Exhibition) -> None:
    other = (NOW_UTC_S - 77, NOW_UTC_S - 5)
    assert identify_choice(other, exhibition=exhibition, now_utc_s=NOW_UTC_S, history_s=None) == (
        PeriodChoice.CUSTOM,
        False,
    )


def test_wall_time_and_back(exhibition: Exhibition) -> None:
    wall = to_local(NOW_UTC_S, exhibition=exhibition)
    assert (wall.hour, wall.minute) == (12, 0)
    assert from_local(wall.replace(tzinfo=None), exhibition=exhibition) == NOW_UTC_S


def test_a_history_of_the_present_day_reaches_to_its_end_and_grows_with_it(exhibition: Exhibition) -> None:
    day = find(exhibition, PeriodChoice.TODAY)
    assert day is not None
    begun_s, last_s = utc(2026, 3, 13, 3), day[0] + 100.0
    period = find(exhibition, PeriodChoice.HISTORY, history_s=(begun_s, last_s))
    assert period == (begun_s, utc(2026, 3, 14, 9)), "to the last closing"
    grown = (begun_s, last_s + 600.0)
    assert find(exhibition, PeriodChoice.HISTORY, history_s=grown) == period
    named = identify_choice(period, exhibition=exhibition, now_utc_s=NOW_UTC_S, history_s=grown)
    assert named == (PeriodChoice.HISTORY, False)


@pytest.mark.parametrize(
    ("asked", "elapsed"),
    [
        (None, (NOW_UTC_S - 3600.0, NOW_UTC_S)),
        ((NOW_UTC_S - 500.0, NOW_UTC_S - 100.0), (NOW_UTC_S - 500.0, NOW_UTC_S - 100.0)),
        ((NOW_UTC_S - 500.0, NOW_UTC_S + 100.0), (NOW_UTC_S - 500.0, NOW_UTC_S)),
        ((NOW_UTC_S - 0.5, NOW_UTC_S + 100.0), (NOW_UTC_S - 0.5, NOW_UTC_S + 0.5)),
        ((NOW_UTC_S + 50.0, NOW_UTC_S + 100.0), (NOW_UTC_S + 50.0, NOW_UTC_S + 100.0)),
    ],
)
def test_hours_that_are_still_to_come_are_left_out(asked: Interval | None, elapsed: Interval) -> None:
    assert find_elapsed(asked, now_utc_s=NOW_UTC_S) == elapsed
    assert is_growing(asked, now_utc_s=NOW_UTC_S) == (asked is None or asked[1] > NOW_UTC_S)


FAIR = Exhibition(
    "Fair",
    "Asia/Shanghai",
    tuple(OpeningHours(date(2026, 3, day), time(9), time(17)) for day in (11, 12, 16)),
)


@pytest.mark.parametrize("only", [False, True])
def test_the_neighbour_of_a_show_day_is_the_next_one_and_keeps_its_hours(only: bool) -> None:
    days = [find_day(FAIR, date(2026, 3, day), opening_hours_only=only) for day in (11, 12, 16)]
    for earlier, later in pairwise(days):
        assert find_neighbour(FAIR, earlier, by=1) == later
        assert find_neighbour(FAIR, later, by=-1) == earlier
    assert find_neighbour(FAIR, days[0], by=-1)[0] < days[0][0]


def test_weeks_and_other_periods_move_by_their_length() -> None:
    week = find_week(FAIR, date(2026, 3, 14))
    assert week == (utc(2026, 3, 8, 16), utc(2026, 3, 15, 16))
    assert find_neighbour(FAIR, week, by=1) == find_week(FAIR, date(2026, 3, 16))
    morning = (utc(2026, 3, 11, 1), utc(2026, 3, 11, 4))
    assert find_neighbour(FAIR, morning, by=1) == (utc(2026, 3, 11, 4), utc(2026, 3, 11, 7))


def test_the_whole_show_keeps_its_name_while_its_history_is_read() -> None:
    fair = Exhibition("Fair", FAIR.time_zone, FAIR.opening_hours[:2])
    show = find_show(fair)
    assert show == find_week(fair, date(2026, 3, 14), opening_hours_only=True)
    for history_s in (None, (show[0] - 60.0, show[1] + 9000.0), (show[0] + 5.0, show[1] - 5.0)):
        named = identify_choice(show, exhibition=fair, now_utc_s=NOW_UTC_S, history_s=history_s)
        assert named == (PeriodChoice.HISTORY, False)


def test_a_day_and_the_present_week_are_recognised() -> None:
    def name(period_s: Interval) -> PeriodChoice:
        return identify_choice(period_s, exhibition=FAIR, now_utc_s=NOW_UTC_S, history_s=None)[0]

    assert name(find_day(FAIR, date(2026, 3, 11), opening_hours_only=True)) is PeriodChoice.DAY
    assert name(find_week(FAIR, date(2026, 3, 14))) is PeriodChoice.WEEK
