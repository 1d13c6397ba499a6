from __future__ import annotations

import pandas as pd
import pytest

from tests.support.halls.planted_floor import FloorMoments
from tools.fairs.fair_hall import CAFE, PASSAGE, SOUTH_CROSSING, STAGE
from tools.fairs.fair_programme import FairProgramme
from tools.fairs.itinerary_tracks import TrackedDay, simulate_tracked_day
from tools.fairs.planted_facts import PlantedKind
from tools.fairs.planted_fair import PlantedFair, plan_planted_fair

WORSE_THAN_D = 1.08
"""People per m²: less than 10 ft² (0.93 m²) for each."""


@pytest.fixture(scope="module")
def fair() -> PlantedFair:
    """Half a day, which is quick, of visitors who come as fast as on a whole one."""
    return plan_planted_fair(visitors=500.0, open_s=4 * 3600.0)


@pytest.fixture(scope="module")
def days(fair: PlantedFair) -> list[TrackedDay]:
    return [
        simulate_tracked_day(hall=hall, seed=31 + day, programme=fair.programmes[day])
        for day, hall in enumerate(fair.halls)
    ]


@pytest.fixture(scope="module")
def stops(fair: PlantedFair, days: list[TrackedDay]) -> list[pd.Series]:
    counts = []
    for day, hall in enumerate(fair.halls):
        stays = pd.Series(days[day].walks.stays[:, 1].astype(int)).value_counts()
        counts.append(stays.rename(dict(enumerate(hall.names))))
    return counts


def test_each_kind_is_planted_at_stands_that_are_different(fair: PlantedFair) -> None:
    assert {fact.kind for fact in fair.facts} == set(PlantedKind)
    zones = [fact.zone for fact in fair.facts]
    assert len(set(zones)) == len(zones)


def test_hardly_anybody_stops_in_the_cold_zone(fair: PlantedFair, stops: list[pd.Series]) -> None:
    (cold,) = fair.find_facts(PlantedKind.COLD_ZONE)
    booths = [stand.name for stand in fair.halls[0].booths]
    for own in stops:
        assert own.get(cold.zone, 0) < 0.15 * own[booths].median()


def test_the_better_stand_is_better_than_its_place_and_the_worse_is_worse(
    fair: PlantedFair, stops: list[pd.Series]
) -> None:
    (better,) = fair.find_facts(PlantedKind.BETTER_STAND)
    (worse,) = fair.find_facts(PlantedKind.WORSE_STAND)
    attraction = {stand.name: stand.stand.attraction for stand in fair.halls[0].booths}
    relative = pd.Series({name: stops[0].get(name, 0) / own for name, own in attraction.items()})
    assert relative[better.zone] > 1.5 * relative.median()
    assert relative[worse.zone] < 0.6 * relative.median()


def test_the_changed_stands_win_and_lose_visitors(fair: PlantedFair, stops: list[pd.Series]) -> None:
    for fact in fair.find_facts(PlantedKind.CHANGED_LAYOUT):
        assert fact.day == 1
        shares = [own[fact.zone] / own.sum() for own in stops]
        assert (shares[1] > 1.15 * shares[0]) if fact.is_rise else (shares[0] > 1.15 * shares[1])


def test_a_talk_fills_the_stage_and_empties_the_cafe(fair: PlantedFair, days: list[TrackedDay]) -> None:
    (talk,) = fair.find_facts(PlantedKind.TALK)
    hall, floor = fair.halls[0], FloorMoments(days[0].tracks)
    assert (talk.zone, talk.other) == (STAGE, CAFE)
    # the hall is still filling before the first
    for start_s, end_s in talk.hours_s[1:]:
        during, before = (start_s + 200.0, end_s - 100.0), (start_s - 1100.0, start_s - 650.0)
        stage = hall.stands[hall.find_stand(STAGE)].stand.zone
        cafe = hall.stands[hall.find_stand(CAFE)].stand.zone
        assert floor.count_people(stage, during) > 25
        assert floor.count_people(cafe, during) < 0.5 * floor.count_people(cafe, before)


def test_people_jam_in_front_of_the_passage_when_a_talk_is_over(
    fair: PlantedFair, days: list[TrackedDay]
) -> None:
    (fact,) = fair.find_facts(PlantedKind.BOTTLENECK)
    (zone,) = (zone for zone in fair.halls[0].aisle_zones if str(zone.name) == PASSAGE)
    floor = FloorMoments(days[0].tracks)
    dense_s, speed_then, speed_else = floor.measure_crowding(zone, above_per_m2=WORSE_THAN_D)
    assert fact.zone == PASSAGE
    assert dense_s > 120
    assert speed_then < 0.5 * speed_else
    assert all(floor.find_peak(zone, (end_s, end_s + 300.0)) > WORSE_THAN_D for _, end_s in fact.hours_s)


def test_the_queue_stands_in_the_aisle_and_without_the_fact_it_does_not(
    fair: PlantedFair, days: list[TrackedDay]
) -> None:
    (fact,) = fair.find_facts(PlantedKind.BLOCKING_QUEUE)
    (aisle,) = (zone for zone in fair.halls[0].aisle_zones if str(zone.name) == SOUTH_CROSSING)
    assert fact.other == SOUTH_CROSSING
    usual = simulate_tracked_day(
        hall=fair.halls[0], seed=31, programme=FairProgramme(open_s=4 * 3600.0, visitors=500.0)
    )
    standing = [FloorMoments(day.tracks).measure_standing_s(aisle) for day in (days[0], usual)]
    assert standing[0] > 3 * 3600.0
    assert standing[1] < 0.1 * standing[0]
