from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from analytics.metrics.block_ratio import BlockSettings, PeriodBlocks, make_period_blocks
from analytics.metrics.clock_profile import (
    HOURS,
    ClockProfile,
    ClockTimes,
    ZoneBlocks,
    add_zones,
    profile_cells,
    read_clock,
    sum_in_blocks,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
# a Saturday, 10:00 in Shanghai
START_S = datetime(2026, 3, 14, 2, 0, tzinfo=UTC).timestamp()
HOUR_S = 3600.0


def make_visits(*rows: tuple[float, float]) -> pd.DataFrame:
    """Make visits from rows of (minutes after the start, seconds)."""
    entered_s = np.array([START_S + 60 * minute for minute, _ in rows])
    seconds = np.array([s for _, s in rows], np.float64)
    return pd.DataFrame({"entered_s": entered_s, "seconds": seconds})


def make_minutes(count: int, *, skip: range = range(0), people: float = 1.0) -> pd.DataFrame:
    shown = [minute for minute in range(count) if minute not in skip]
    return pd.DataFrame(
        {
            "start_s": [START_S + 60.0 * minute for minute in shown],
            "person_seconds": 60.0 * people,
            "observed_s": 60.0,
        }
    )


def add_up(visits: pd.DataFrame, minutes: pd.DataFrame, hours: int = 3) -> tuple[ClockTimes, ZoneBlocks]:
    edges_s = START_S + 300.0 * np.arange(12 * hours + 1)
    blocks = PeriodBlocks(edges_s, np.ones(12 * hours, np.bool_), BlockSettings())
    clock = read_clock(edges_s[:-1], SHANGHAI)
    return clock, sum_in_blocks(blocks=blocks, visits=visits, minutes=minutes)


def profile_hours(visits: pd.DataFrame, minutes: pd.DataFrame, hours: int = 3) -> ClockProfile:
    clock, sums = add_up(visits, minutes, hours)
    return profile_cells(
        sums=sums, cell=clock.hour, cells=HOURS, minimum_stay_s=3.0, settings=BlockSettings()
    )


def test_times_use_the_time_zone_of_the_venue() -> None:
    clock = read_clock(START_S + np.array([0.0, 3599.0, HOUR_S, 14 * HOUR_S - 1, 14 * HOUR_S]), SHANGHAI)
    assert clock.hour.tolist() == [10, 10, 11, 23, 0]
    assert clock.weekday.tolist() == [5, 5, 5, 5, 6]


def test_summer_time_moves_the_hours() -> None:
    start_s = datetime(2026, 3, 29, 0, 0, tzinfo=UTC).timestamp()
    clock = read_clock(start_s + np.array([0.0, 3599.0, 3600.0, 7199.0]), ZoneInfo("Europe/Berlin"))
    assert clock.hour.tolist() == [1, 1, 3, 3]


def test_a_visit_over_the_full_hour_counts_where_it_began_with_all_its_seconds() -> None:
    # one from 10:59 to 11:01, one of a minute at 11:30
    profile = profile_hours(make_visits((59, 120.0), (90, 60.0)), make_minutes(180))
    assert profile.visits[[10, 11, 12]].tolist() == [1, 1, 0]
    assert profile.mean_dwell_s.value[[10, 11]].tolist() == [120.0, 60.0]
    assert np.isnan(profile.mean_dwell_s.value[12])


def test_unobserved_hours_have_no_value() -> None:
    profile = profile_hours(make_visits((10, 30.0)), make_minutes(180, skip=range(60, 120)))
    assert profile.visits_per_h.value[12] == 0.0
    assert np.isnan(profile.visits_per_h.value[11])
    assert np.isnan(profile.people.value[11])
    assert np.isnan(profile.people.value[9])
    assert profile.observed_s[[9, 10, 11, 12]].tolist() == [0.0, 3600.0, 0.0, 3600.0]


def test_half_an_observed_hour_is_counted_per_observed_hour() -> None:
    profile = profile_hours(
        make_visits((5, 30.0), (20, 30.0)), make_minutes(180, skip=range(30, 60), people=2.0)
    )
    assert profile.visits_per_h.value[10] == pytest.approx(4.0)
    assert profile.people.value[10] == pytest.approx(2.0)


def test_one_hour_has_the_interval_of_the_blocks_of_a_period() -> None:
    random = np.random.default_rng(3)
    rows = [(float(minute), float(s)) for minute, s in random.uniform((0, 5), (50, 90), (60, 2))]
    clock, sums = add_up(make_visits(*rows), make_minutes(60), hours=1)
    profile = profile_hours(make_visits(*rows), make_minutes(60), hours=1)
    blocks = make_period_blocks(period_s=(START_S, START_S + HOUR_S), observed=None, settings=BlockSettings())
    expected = blocks.divide(sums.dwell_s, sums.entries, low=3.0)
    assert len(clock.hour) == 12
    assert expected.interval is not None
    assert profile.mean_dwell_s.value[10] == pytest.approx(expected.value)
    assert profile.mean_dwell_s.low[10] == pytest.approx(expected.interval[0])
    assert profile.mean_dwell_s.high[10] == pytest.approx(expected.interval[1])


def test_combined_zones_sum_visits_and_use_the_total_occupancy() -> None:
    _, one = add_up(make_visits((5, 30.0)), make_minutes(180))
    _, two = add_up(make_visits((6, 60.0), (70, 9.0)), make_minutes(180))
    _, whole = add_up(make_visits(), make_minutes(180, people=5.0))
    both = add_zones([one, two], whole=whole)
    assert both.entries.sum() == 3
    assert both.dwell_s.sum() == pytest.approx(99.0)
    assert both.person_seconds.sum() == pytest.approx(5 * 3 * HOUR_S)
    assert add_zones([], whole=whole).entries.sum() == 0
