"""Layers of long periods from hours written by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.metrics.coverage import FloorGrid
from analytics.rollups.floor_hours import FLOOR_HOUR_COLUMN_NAMES
from analytics.rollups.floor_sums import FloorSums, sum_cells

GRID = FloorGrid(0.0, 0.0, 0.5, 41, 31)
MIDDLE = 15 * 41 + 20


def make_hours(*rows: dict[str, float]) -> pd.DataFrame:
    empty = dict.fromkeys(FLOOR_HOUR_COLUMN_NAMES, 0.0)
    return pd.DataFrame([empty | row for row in rows], columns=list(FLOOR_HOUR_COLUMN_NAMES))


def test_hours_of_a_cell_are_added() -> None:
    hours = make_hours(
        {"hour_s": 0, "cell": MIDDLE, "person_seconds": 30, "visitors": 6},
        {"hour_s": 3600, "cell": MIDDLE, "person_seconds": 12, "visitors": 4},
        {"hour_s": 0, "cell": 0, "person_seconds": 1, "visitors": 1},
    )
    sums = FloorSums.of(hours, GRID)
    person_seconds = sum_cells(hours, "person_seconds", GRID)
    assert (person_seconds[15, 20], person_seconds.sum()) == (42, 43)
    assert sums.visitors_per_m2()[15, 20] == pytest.approx(10 / 0.25)


def test_a_lonely_cell_has_its_own_ratios_and_one_of_few_people_none() -> None:
    hours = make_hours(
        {
            "cell": MIDDLE,
            "visitors": 20,
            "stopped_visitors": 5,
            "walking_s": 10,
            "speed_sum_m": 12,
            "vx_sum_m": 6,
            "vy_sum_m": 8,
        },
        {"cell": 0, "visitors": 4, "stopped_visitors": 4, "walking_s": 10, "speed_sum_m": 5},
    )
    sums = FloorSums.of(hours, GRID)
    assert sums.stop_probability()[15, 20] == pytest.approx(0.25)
    assert sums.mean_speed_m_s()[15, 20] == pytest.approx(1.2)
    vx, vy, agreement = sums.mean_velocity_m_s()
    assert (vx[15, 20], vy[15, 20]) == pytest.approx((0.6, 0.8))
    assert agreement[15, 20] == pytest.approx(1.0 / 1.2)
    for values in (sums.stop_probability(), sums.mean_speed_m_s(), vx):
        assert np.isnan(values[0, 0])
        assert np.isfinite(values).sum() == 1


def test_opposite_streams_have_zero_agreement() -> None:
    hours = make_hours(
        {"cell": MIDDLE, "visitors": 9, "walking_s": 10, "speed_sum_m": 12, "vx_sum_m": 12},
        {"cell": MIDDLE, "visitors": 9, "walking_s": 10, "speed_sum_m": 12, "vx_sum_m": -12},
    )
    _, _, agreement = FloorSums.of(hours, GRID).mean_velocity_m_s()
    assert agreement[15, 20] == pytest.approx(0.0, abs=1e-12)
