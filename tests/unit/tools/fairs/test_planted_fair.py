from __future__ import annotations

import pandas as pd
import pytest

from tests.support.halls.planted_floor import FloorMoments
from tools.fairs.fair_hall import CAFE, SOUTH_CROSSING, STAGE
from tools.fairs.fair_programme import FairProgramme
from tools.fairs.itinerary_tracks import TrackedDay, simulate_tracked_day
from tools.fairs.planted_facts import PlantedKind
from tools.fairs.planted_fair import PlantedFair, plan_planted_fair


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


def test_planted_facts_use_different_stands(fair: PlantedFair) -> None:
    assert {fact.kind for fact in fair.facts} == set(PlantedKind)
    zones = [fact.zone for fact in fair.facts]
    assert len(set(zones)) == len(zones)


@pytest.mark.slow
def test_few_visitors_stop_in_the_cold_zone(fair: PlantedFair, stops: list[pd.Series]) -> None:
    (cold,) = fair.find_facts(PlantedKind.COLD_ZONE)
    booths = [stand.name for stand in fair.halls[0].booths]
    for own in stops:
        assert own.get(cold.zone, 0) < 0.15 * own[booths].median()


@pytest.mark.slow
def test_planted_stands_deviate_from_their_place(fair: PlantedFair, stops: list[pd.Series]) -> None:
    (better,) = fair.find_facts(PlantedKind.BETTER_STAND)
    (worse,) = fair.find_facts(PlantedKind.WORSE_STAND)
    attraction = {stand.name: stand.stand.attraction for stand in fair.halls[0].booths}
    relative = pd.Series({name: stops[0].get(name, 0) / own for name, own in attraction.items()})
    assert relative[better.zone] > 1.5 * relative.median()
    assert relative[worse.zone] < 0.6 * relative.median()


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


@pytest.mark.slow
def test_the_planted_queue_blocks_the_aisle(fair: PlantedFair, days: list[TrackedDay]) -> None:
    (fact,) = fair.find_facts(PlantedKind.BLOCKING_QUEUE)
    (aisle,) = (zone for zone in fair.halls[0].aisle_zones if str(zone.name) == SOUTH_CROSSING)
    assert fact.other == SOUTH_CROSSING
    usual = simulate_tracked_day(
        hall=fair.halls[0], seed=31, programme=FairProgramme(open_s=4 * 3600.0, visitors=500.0)
    )
    standing = [FloorMoments(day.tracks).measure_standing_s(aisle) for day in (days[0], usual)]
    assert standing[0] > 3 * 3600.0
    assert standing[1] < 0.1 * standing[0]
