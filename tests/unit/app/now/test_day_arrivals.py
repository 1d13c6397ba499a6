"""The day so far against the same weekday before: only minutes that were observed on both count."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from app.core.document import Venue
from app.now.day_arrivals import DayArrivals, compare_days
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall, walk_through

WEEK_S = 7 * 86400.0
DAYS = (date(2026, 3, 14), date(2026, 3, 7), date(2026, 2, 28))
NAN = float("nan")


def test_minutes_that_one_day_lacks_are_left_out() -> None:
    found = compare_days(
        DAYS[:2], [np.array([5.0, 6.0, NAN, 8.0]), np.array([4.0, NAN, 9.0, 4.0])], is_complete=True
    )
    assert (found.arrivals, found.observed_minutes) == (19, 3)
    assert (found.matched_arrivals, found.earlier_arrivals, found.matched_minutes) == (13.0, 8.0, 2)
    assert found.change == pytest.approx(13 / 8 - 1)


def test_of_several_weeks_the_mean_of_each_minute_stands() -> None:
    found = compare_days(
        DAYS, [np.array([6.0, 6.0]), np.array([4.0, 4.0]), np.array([8.0, NAN])], is_complete=True
    )
    assert found.earlier_arrivals == 10.0
    assert found.earlier_days == DAYS[1:]


def test_without_an_earlier_day_there_is_no_comparison() -> None:
    found = compare_days(DAYS[:2], [np.array([6.0]), np.array([NAN])], is_complete=True)
    assert (found.arrivals, found.earlier_arrivals, found.change, found.earlier_days) == (6, None, None, ())
    nothing = compare_days(DAYS[:1], [np.array([NAN])], is_complete=True)
    assert nothing.arrivals is None


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue = make_hall(tmp_path_factory.mktemp("days"))
    for start_s, people, seed in ((NOW_UTC_S - 1800, 30, 1), (NOW_UTC_S - WEEK_S - 1800, 20, 2)):
        walk_through(venue, start_s=start_s, duration_s=1800, people=people, seed=seed)
    return venue


def test_a_day_is_compared_with_the_same_weekday(venue: Venue) -> None:
    found = DayArrivals(venue).update(NOW_UTC_S)
    assert found.is_complete
    assert found.day == date(2026, 3, 14)
    # nobody comes in the last minute; two people who meet may take each other's track
    assert found.arrivals == pytest.approx(30, abs=2)
    assert found.earlier_days == (date(2026, 3, 7),)
    assert found.earlier_arrivals == pytest.approx(20, abs=2)
    assert found.matched_minutes == found.observed_minutes == 30


def test_what_is_over_is_remembered_and_what_grows_is_not(venue: Venue) -> None:
    days = DayArrivals(venue)
    before = days.update(NOW_UTC_S - 600)
    counted = dict(days._chunks)
    after = days.update(NOW_UTC_S)
    assert all(days._chunks[first_s] is minutes for first_s, minutes in counted.items())
    assert before.arrivals is not None
    assert after.arrivals is not None
    assert before.arrivals < after.arrivals


def test_without_an_entrance_or_a_history_there_is_nothing(venue: Venue, tmp_path: Path) -> None:
    geometry = dataclasses.replace(venue.geometry_at(None), lines=())
    bare = dataclasses.replace(venue, geometry_versions=(geometry,))
    assert DayArrivals(bare).update(NOW_UTC_S).arrivals is None
    assert DayArrivals(make_hall(tmp_path)).update(NOW_UTC_S).arrivals is None
