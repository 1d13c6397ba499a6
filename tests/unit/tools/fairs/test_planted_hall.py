from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

from analytics.columns import SPAN_COLUMNS, TRACK_COLUMNS
from tests.support.simulator import needs_simulator
from tools.fairs.fair_hall import CAFE, STAGE
from tools.fairs.planted_fair import PlantedFair, plan_planted_fair
from tools.fairs.planted_hall import PlantedDay, ProgrammeSchedule, simulate_planted_day


@pytest.fixture(scope="module")
def fair() -> PlantedFair:
    return plan_planted_fair()


def simulate_minutes(fair: PlantedFair, seed: int) -> PlantedDay:
    busy = replace(fair.programmes[0], visitors=12000.0)
    return simulate_planted_day(hall=fair.halls[0], programme=busy, seed=seed, until_s=75.0)


@pytest.mark.slow
@needs_simulator
def test_a_seed_gives_the_same_day_and_another_seed_another(fair: PlantedFair) -> None:
    day, again, other = (simulate_minutes(fair, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(day.tracks, again.tracks)
    assert len(day.tracks) != len(other.tracks)
    assert list(day.tracks.columns) == [column.name for column in TRACK_COLUMNS]
    assert list(day.spans.columns) == [column.name for column in SPAN_COLUMNS]
    assert day.tracks["visitor"].nunique() > 10
    blocked = shapely.union_all([shapely.box(*item.footprint) for item in fair.halls[0].furniture])
    assert not shapely.contains_xy(blocked, day.tracks["x_m"], day.tracks["y_m"]).any()


def test_a_talk_draws_visitors_from_the_emptied_zone(fair: PlantedFair) -> None:
    hall, programme = fair.halls[0], fair.programmes[0]
    schedule = ProgrammeSchedule(hall, programme, groups=500.0)
    rng = np.random.default_rng(1)
    stage, cafe, talk = hall.find_stand(STAGE), hall.find_stand(CAFE), programme.talks[0]
    before_s = talk.start_s - 30.0
    assert all(schedule.draw_call(cafe, before_s, rng) == stage for _ in range(20))
    calls = [schedule.draw_call(0, before_s, rng) for _ in range(400)]
    assert calls.count(stage) / 400 == pytest.approx(talk.share, abs=0.08)
    assert schedule.draw_call(cafe, talk.end_s, rng) is None
    assert schedule.draw_leave_s(cafe, before_s - 900.0, before_s + 900.0, rng) <= talk.start_s
    assert schedule.draw_leave_s(stage, before_s, before_s + 5.0, rng) >= talk.end_s
    assert schedule.draw_leave_s(0, before_s, before_s + 5.0, rng) == before_s + 5.0
