"""Periods to compare, and floor differences of two periods."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from app.core.document import Venue
from app.floor_plan.floor_comparison import (
    ComparedWith,
    FloorComparison,
    compare_floor_periods,
    find_other_period,
)
from app.floor_plan.floor_map import FloorLayer
from tests.support.halls.walked_hall import NOW_UTC_S, SEEN_UNTIL_X_M, make_hall, walk_through

DAY_S = 86_400.0
HOURS_S = 4500.0
TODAY = (NOW_UTC_S - HOURS_S, NOW_UTC_S)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    """Return a venue with like movements on two days, for an hour and a quarter each."""
    venue = make_hall(tmp_path_factory.mktemp("walked"))
    for day, people in ((1, 90), (0, 180)):
        walk_through(
            venue, start_s=TODAY[0] - day * DAY_S, duration_s=HOURS_S, people=people, seed=day, hz=1.0
        )
    return venue


def compare(venue: Venue, other_s: tuple[float, float], layer: FloorLayer) -> FloorComparison:
    return compare_floor_periods(
        venue=venue, period_s=TODAY, other_s=other_s, layer=layer, now_utc_s=NOW_UTC_S
    )


def test_the_previous_day_follows_the_venues_clock() -> None:
    start_s = datetime(2026, 3, 29, 10, tzinfo=BERLIN).timestamp()
    before = find_other_period(ComparedWith.DAY_BEFORE, (start_s, start_s + 3600), time_zone="Europe/Berlin")
    assert before is not None
    assert datetime.fromtimestamp(before[0], BERLIN) == datetime(2026, 3, 28, 10, tzinfo=BERLIN)
    # an hour was left out in that night
    assert start_s - before[0] == 23 * 3600


def test_many_days_follow_as_many() -> None:
    period = (0.0, 3 * DAY_S)
    find = find_other_period
    assert find(ComparedWith.DAY_BEFORE, period, time_zone="UTC") == (-3 * DAY_S, 0.0)
    assert find(ComparedWith.WEEK_BEFORE, period, time_zone="UTC") == (-7 * DAY_S, -4 * DAY_S)
    assert find(ComparedWith.WEEK_BEFORE, (0.0, 10 * DAY_S), time_zone="UTC") == (-14 * DAY_S, -4 * DAY_S)
    assert find(ComparedWith.NOTHING, period, time_zone="UTC") is None
    assert find(ComparedWith.OWN, period, time_zone="UTC", own_start_s=5.0) == (5.0, 5.0 + 3 * DAY_S)


def test_doubling_the_people_changes_no_place(walked: Venue) -> None:
    comparison = compare(walked, (TODAY[0] - DAY_S, TODAY[1] - DAY_S), FloorLayer.PRESENCE)
    change = comparison.change
    assert change is not None
    assert (change.difference.unit, change.difference.blocks) == ("quarter", (5, 5))
    assert change.difference.people_b == pytest.approx(2 * change.difference.people_a, rel=0.25)
    assert change.difference.is_real.mean() < 0.05
    assert np.isnan(change.shown[~change.difference.is_real]).all()
    assert change.unobserved
    assert max(ring[:, 0].max() for ring in change.unobserved) > SEEN_UNTIL_X_M
    assert comparison.other is not None
    assert comparison.other.layer is FloorLayer.PRESENCE


@pytest.mark.parametrize(
    ("layer", "most"),
    [(FloorLayer.SPEED, 0.5), (FloorLayer.STOP_SHARE, 0.5), (FloorLayer.VISITORS, 4.0)],
)
def test_other_layers_show_no_significant_change_for_like_days(
    walked: Venue, layer: FloorLayer, most: float
) -> None:
    comparison = compare(walked, (TODAY[0] - DAY_S, TODAY[1] - DAY_S), layer)
    change = comparison.change
    assert change is not None
    assert (change.difference.unit, change.difference.blocks) == ("quarter", (5, 5))
    told = np.isfinite(change.difference.change)
    assert told.sum() > 20
    assert np.abs(change.difference.change[told]).max() < most
    assert change.difference.is_real[told].mean() < 0.06
    assert comparison.other is not None
    assert comparison.other.layer is layer


def test_crowding_has_no_difference(walked: Venue) -> None:
    comparison = compare(walked, (TODAY[0] - DAY_S, TODAY[1] - DAY_S), FloorLayer.CROWDING)
    assert comparison.change is None
    assert comparison.other is not None


def test_an_unobserved_period_is_not_compared(walked: Venue) -> None:
    comparison = compare(walked, (TODAY[0] - 5 * DAY_S, TODAY[1] - 5 * DAY_S), FloorLayer.PRESENCE)
    assert comparison.other is None
    assert comparison.change is None


def test_short_periods_show_all_changes(walked: Venue) -> None:
    now = (NOW_UTC_S - 600, NOW_UTC_S)
    comparison = compare_floor_periods(
        venue=walked,
        period_s=now,
        other_s=(now[0] - 1200, now[1] - 1200),
        layer=FloorLayer.PRESENCE,
        now_utc_s=NOW_UTC_S,
    )
    change = comparison.change
    assert change is not None
    assert change.difference.unit is None
    assert (np.isfinite(change.shown) == np.isfinite(change.difference.change)).all()
    assert change.top > 0


def test_more_than_a_day_is_compared_by_hours(walked: Venue) -> None:
    comparison = compare_floor_periods(
        venue=walked,
        period_s=(NOW_UTC_S - 1.2 * DAY_S, NOW_UTC_S),
        other_s=(TODAY[0] - DAY_S, TODAY[1] - DAY_S),
        layer=FloorLayer.PRESENCE,
        now_utc_s=NOW_UTC_S,
    )
    assert comparison.change is not None
    assert comparison.change.difference.blocks[0] < comparison.change.difference.blocks[1]
