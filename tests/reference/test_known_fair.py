"""A fair whose visitors have bodies, with facts built in: they are true of it, and findings name them.

The days are walked by JuPedSim in a hall of 20 stands: four hours each, 1,000 visitors together. The
stand that is worse than its place is not asked for: it is at the corner where the queue's tail stands, and
those who wait are among the visitors of the stand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from analytics.comparison.block_figures import Verdict
from analytics.domain.floor_geometry import Point
from analytics.domain.zone import Zone
from analytics.findings.finding import FindingKind, LayoutFinding
from analytics.findings.stand_attraction import AttractionSettings
from benchmarks.findings import (
    RULE_OF,
    SimulatedFair,
    compare_days,
    describe,
    is_about,
    is_true_of_entered,
    search,
    tabulate_fair,
)
from tests.support.halls.planted_floor import FloorMoments
from tests.support.simulator import needs_simulator
from tools.fairs.fair_hall import CAFE, COFFEE, PASSAGE, SOUTH_CROSSING, STAGE
from tools.fairs.planted_facts import PlantedKind
from tools.fairs.planted_fair import PlantedFair, plan_short_fair
from tools.fairs.planted_hall import PlantedDay, simulate_planted_day
from tools.simulation.crowd.truth import make_true_visits

pytestmark = [needs_simulator, pytest.mark.slow, pytest.mark.timeout(1800)]

SEED = 73000
WORSE_THAN_D = 1.08
"""People per m²: less than 10 ft² (0.93 m²) for each."""


@dataclass(frozen=True, slots=True, eq=False)
class KnownFair:
    """A planned fair, its simulated days and the findings of the product."""

    plan: PlantedFair
    days: tuple[PlantedDay, ...]
    simulated: SimulatedFair
    findings: tuple[LayoutFinding, ...]


@pytest.fixture(scope="module")
def fair() -> KnownFair:
    plan = plan_short_fair()
    days = tuple(
        simulate_planted_day(hall=hall, programme=plan.programmes[number], seed=SEED + number)
        for number, hall in enumerate(plan.halls)
    )
    simulated = tabulate_fair(plan, days)
    return KnownFair(plan, days, simulated, search(simulated))


def test_the_facts_are_true_of_the_stands(fair: KnownFair) -> None:
    stops = [count_visits(fair, number) for number in range(len(fair.days))]
    attraction = {stand.name: stand.stand.attraction for stand in fair.plan.halls[0].booths}
    relative = pd.Series({name: stops[0].get(name, 0) / own for name, own in attraction.items()})

    (cold,) = fair.plan.find_facts(PlantedKind.COLD_ZONE)
    assert relative[cold.zone] < 0.25 * relative.median()
    (better,) = fair.plan.find_facts(PlantedKind.BETTER_STAND)
    assert relative[better.zone] > 1.5 * relative.median()
    for fact in fair.plan.find_facts(PlantedKind.CHANGED_LAYOUT):
        shares = [own[fact.zone] / own.sum() for own in stops]
        assert (shares[1] > shares[0]) if fact.is_rise else (shares[0] > shares[1])


def test_the_facts_are_true_of_the_floor(fair: KnownFair) -> None:
    hall, floor = fair.plan.halls[0], FloorMoments(fair.days[0].tracks)
    stage, cafe, coffee = (hall.stands[hall.find_stand(name)].stand.zone for name in (STAGE, CAFE, COFFEE))
    (talk,) = fair.plan.find_facts(PlantedKind.TALK)
    during = [(start_s + 200.0, end_s - 100.0) for start_s, end_s in talk.hours_s]
    between = [(start_s - 1800.0, start_s - 900.0) for start_s, _ in talk.hours_s[1:]]
    assert min(floor.count_people(stage, period_s) for period_s in during) > 10
    assert mean_people(floor, cafe, during) < 0.4 * mean_people(floor, cafe, between)

    (aisle,) = (zone for zone in hall.aisle_zones if str(zone.name) == SOUTH_CROSSING)
    assert floor.measure_standing_s(coffee) > 2 * 3600.0
    assert floor.measure_standing_s(aisle) > 2 * 3600.0

    (passage,) = (zone for zone in hall.aisle_zones if str(zone.name) == PASSAGE)
    jam = replace(passage, outline=passage.outline.from_points(find_jam(passage), what="the jam"))
    dense_s, speed_then, speed_else = floor.measure_crowding(jam, above_per_m2=WORSE_THAN_D)
    assert dense_s > 150
    assert speed_then < 0.5 * speed_else


@pytest.mark.parametrize("kind", [kind for kind in RULE_OF if kind is not PlantedKind.WORSE_STAND])
def test_each_built_in_fact_is_reported_once(fair: KnownFair, kind: PlantedKind) -> None:
    (fact,) = fair.plan.find_facts(kind)
    told = [finding for finding in fair.findings if is_about(finding, fact, fair.plan)]
    assert len(told) == 1, [describe(finding) for finding in fair.findings]
    if kind is PlantedKind.BLOCKING_QUEUE:
        assert fact.other in told[0].others
    if kind is PlantedKind.TALK:
        assert told[0].others == (STAGE,)


def test_no_other_findings_are_reported(fair: KnownFair) -> None:
    wrong = [
        describe(finding)
        for finding in fair.findings
        if not any(is_about(finding, fact, fair.plan) for fact in fair.plan.facts)
        and not is_true_of_entered(finding, fair.plan)
        and not is_weak_by_itself(finding, fair.plan)
    ]
    assert not wrong


def test_the_comparison_reports_gain_and_loss_after_the_layout_change(
    fair: KnownFair,
) -> None:
    moved = fair.plan.find_facts(PlantedKind.CHANGED_LAYOUT)
    verdicts = compare_days(fair.simulated, [fact.zone for fact in moved])
    assert verdicts == {fact.zone: Verdict.RISE if fact.is_rise else Verdict.FALL for fact in moved}


def is_weak_by_itself(finding: LayoutFinding, plan: PlantedFair) -> bool:
    """Return whether a stand draws as little, since the last change of the layout, as the finding says.

    The two that change places also change how much they attract.
    """
    own = {stand.name: stand.stand.attraction for stand in plan.halls[-1].booths}
    least = float(np.mean(list(own.values()))) / AttractionSettings().min_ratio
    return finding.kind is FindingKind.WORSE_STAND and own[str(finding.zone)] < least


def count_visits(fair: KnownFair, number: int) -> pd.Series:
    zones = tuple(stand.stand.zone for stand in fair.plan.halls[number].booths)
    visits = make_true_visits(paths=fair.days[number].paths, zones=zones, step_s=0.5)
    # who walks past a counter is inside for some seconds
    return visits[visits["seconds"] >= 10.0]["zone"].value_counts()


def mean_people(floor: FloorMoments, zone: Zone, periods_s: list[tuple[float, float]]) -> float:
    return float(np.mean([floor.count_people(zone, period_s) for period_s in periods_s]))


def find_jam(passage: Zone) -> list[Point]:
    """Return the 2 m on the far side of the passage, densest after a talk."""
    left, low, _, high = passage.outline.to_shape().bounds
    middle = (low + high) / 2
    return [(left, middle - 1), (left + 2, middle - 1), (left + 2, middle + 1), (left, middle + 1)]
