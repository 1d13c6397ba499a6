from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

from analytics.columns import SPAN_COLUMNS, TRACK_COLUMNS
from analytics.synthetic.fair_hall import CAFE, COFFEE, PASSAGE, SOUTH_CROSSING, STAGE
from analytics.synthetic.planted_facts import PlantedKind
from analytics.synthetic.planted_fair import PlantedFair, plan_planted_fair
from analytics.synthetic.planted_hall import PlantedDay, ProgrammeSchedule, simulate_planted_day
from analytics.synthetic.truth import make_true_visits
from tests.support.planted_floor import FloorMoments
from tests.support.simulator import needs_simulator

WORSE_THAN_D = 1.08
"""People per m²: less than 10 ft² (0.93 m²) for each."""


@pytest.fixture(scope="module")
def fair() -> PlantedFair:
    return plan_planted_fair()


def simulate_minutes(fair: PlantedFair, seed: int) -> PlantedDay:
    busy = replace(fair.programmes[0], visitors=12000.0)
    return simulate_planted_day(hall=fair.halls[0], programme=busy, seed=seed, until_s=75.0)


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


def test_a_talk_calls_everybody_from_the_zone_that_it_empties_and_keeps_them(fair: PlantedFair) -> None:
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


def test_as_many_come_as_the_programme_says_and_nobody_after_closing(fair: PlantedFair) -> None:
    programme = fair.programmes[0]
    schedule = ProgrammeSchedule(fair.halls[0], programme, groups=500.0)
    seconds = np.arange(0.0, programme.open_s, 60.0)
    assert sum(60.0 * schedule.find_arrivals_per_s(float(at)) for at in seconds) == pytest.approx(500.0)
    assert schedule.find_arrivals_per_s(programme.open_s + 1.0) == 0.0
    assert schedule.is_closing(programme.open_s + 1.0)


@needs_simulator
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_facts_are_true_of_two_days_with_bodies(fair: PlantedFair) -> None:
    days = [
        simulate_planted_day(hall=hall, programme=fair.programmes[number], seed=41 + number)
        for number, hall in enumerate(fair.halls)
    ]
    stops = [count_visits(fair, number, day) for number, day in enumerate(days)]
    attraction = {stand.name: stand.stand.attraction for stand in fair.halls[0].booths}
    relative = pd.Series({name: stops[0].get(name, 0) / own for name, own in attraction.items()})
    floor = FloorMoments(days[0].tracks)
    hall = fair.halls[0]

    (cold,) = fair.find_facts(PlantedKind.COLD_ZONE)
    assert relative[cold.zone] < 0.25 * relative.median()
    (better,) = fair.find_facts(PlantedKind.BETTER_STAND)
    assert relative[better.zone] > 1.3 * relative.median()
    (worse,) = fair.find_facts(PlantedKind.WORSE_STAND)
    assert relative[worse.zone] < 0.75 * relative.median()
    for fact in fair.find_facts(PlantedKind.CHANGED_LAYOUT):
        shares = [own[fact.zone] / own.sum() for own in stops]
        assert (shares[1] > shares[0]) if fact.is_rise else (shares[0] > shares[1])

    stage, cafe, coffee = (hall.stands[hall.find_stand(name)].stand.zone for name in (STAGE, CAFE, COFFEE))
    (talk,) = fair.find_facts(PlantedKind.TALK)
    during = [(start_s + 200.0, end_s - 100.0) for start_s, end_s in talk.hours_s]
    between = [(start_s - 1800.0, start_s - 900.0) for start_s, _ in talk.hours_s[1:]]
    assert min(floor.count_people(stage, period_s) for period_s in during) > 20
    assert mean_people(floor, cafe, during) < 0.4 * mean_people(floor, cafe, between)

    (aisle,) = (zone for zone in hall.aisle_zones if str(zone.name) == SOUTH_CROSSING)
    assert floor.measure_standing_s(coffee) > 4 * 3600.0
    assert floor.measure_standing_s(aisle) > 4 * 3600.0

    (passage,) = (zone for zone in hall.aisle_zones if str(zone.name) == PASSAGE)
    jam = replace(passage, outline=passage.outline.from_points(find_jam(passage), what="the jam"))
    dense_s, speed_then, speed_else = floor.measure_crowding(jam, above_per_m2=WORSE_THAN_D)
    assert dense_s > 150
    assert speed_then < 0.5 * speed_else


def count_visits(fair: PlantedFair, number: int, day: PlantedDay) -> pd.Series:
    zones = tuple(stand.stand.zone for stand in fair.halls[number].booths)
    visits = make_true_visits(paths=day.paths, zones=zones, step_s=0.5)
    # who walks past a counter is inside for some seconds
    return visits[visits["seconds"] >= 10.0]["zone"].value_counts()


def mean_people(floor: FloorMoments, zone, periods_s) -> float:
    return float(np.mean([floor.count_people(zone, period_s) for period_s in periods_s]))


def find_jam(passage) -> list[tuple[float, float]]:
    """The 2 m before the passage, where the jam is densest."""
    left, low, _, high = passage.outline.to_shape().bounds
    middle = (low + high) / 2
    return [(left, middle - 1), (left + 2, middle - 1), (left + 2, middle + 1), (left, middle + 1)]
