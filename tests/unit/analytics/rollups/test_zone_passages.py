"""Sums over five minutes against the stays of a zone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.metrics.block_ratio import BlockSettings, make_period_blocks
from analytics.rollups.clock_steps import STEP_S
from analytics.rollups.stretch import Stretch
from analytics.rollups.zone_passages import sum_passages, tabulate_passages
from tests.support.oracles import measure_through_traffic

START_UTC_S = 1_700_000_100.0
"""A multiple of the steps, so that these are the period's blocks."""
HOURS_S = 7200.0


def make_stretch() -> Stretch:
    random = np.random.default_rng(8)
    count = 400
    # not at the edge of a step
    entered_s = random.integers(0, 24, count) * STEP_S + random.uniform(5.0, STEP_S - 5.0, count)
    stays = pd.DataFrame(
        {
            "visitor": np.arange(count),
            "zone": pd.Series(random.choice(["a", "b"], count), dtype="str"),
            "entered_s": entered_s,
            "left_s": entered_s + 20.0,
            "seconds": 20.0,
            "start_edge": pd.Series(random.choice(["seen", "view", "lost"], count), dtype="str"),
            "end_edge": pd.Series(random.choice(["seen", "period"], count, p=[0.9, 0.1]), dtype="str"),
            **{
                name: random.uniform(0, 3, count) for name in ("start_x_m", "start_y_m", "end_x_m", "end_y_m")
            },
        }
    )
    stoppers = stays.iloc[::3]
    stops = pd.DataFrame(
        {
            "visitor": stoppers["visitor"],
            "started_s": stoppers["entered_s"] + 3.0,
            "ended_s": stoppers["entered_s"] + 9.0,
        }
    )
    stretch = Stretch(
        tracks=pd.DataFrame(),
        spans=pd.DataFrame(),
        start_utc_s=START_UTC_S,
        duration_s=HOURS_S,
        plan=FloorPlan(Polygon.from_points([(0, 0), (9, 0), (9, 9), (0, 9)], what="hall")),
        geometry=FloorGeometry(),
        views=(),
    )
    vars(stretch).update(stays=stays, stops=stops)
    return stretch


def test_sums_equal_the_figures_of_the_stays() -> None:
    stretch = make_stretch()
    table = tabulate_passages(stretch)
    assert not table.duplicated(["zone", "start_s"]).any()
    blocks = make_period_blocks(period_s=(0.0, HOURS_S), observed=None, settings=BlockSettings())
    for zone, summed in zip(("a", "b"), sum_passages(table, ("a", "b"), blocks), strict=True):
        stays = stretch.stays[stretch.stays["zone"] == zone]
        alone = measure_through_traffic(stays=stays, stops=stretch.stops, blocks=blocks)
        assert (summed.stays, summed.cut) == (alone.stays, alone.cut)
        assert 0 < alone.cut < alone.stays
        for one, other in ((summed.through, alone.through), (summed.turned_back, alone.turned_back)):
            assert one.value == pytest.approx(other.value)
            assert one.interval == pytest.approx(other.interval)
            assert 0 < (other.value or 0) < 1
