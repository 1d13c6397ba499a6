"""Engagement, hours and reliability figures of the dwell page, compared with the metrics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.domain.zone import Zone
from analytics.dwell.engagement import measure_stand_load
from analytics.dwell.engagement_tier import VISIT_TIERS, Tier
from analytics.dwell.visits import select_visits
from analytics.exhibition.exposure import Exposure, choose_stops_in
from analytics.metrics.block_ratio import BlockSettings, PeriodBlocks
from analytics.metrics.estimate import Estimate
from analytics.results.figure_columns import Row
from analytics.rollups.period_facts import PeriodFacts
from app.core.document import Venue
from app.dwell.dwell_analysis import analyse_dwell
from app.dwell.dwell_figures import (
    DwellAnalysis,
    EngagementFigures,
    VisitFilter,
    find_holding_power,
)
from app.dwell.visit_list import list_visits
from app.facts.period_facts import read_period_facts
from tests.support.halls.walked_hall import NOW_UTC_S, STOPS, make_hall, walk_through
from tests.support.oracles import (
    count_tiers,
    estimate_attraction_power,
    estimate_bounce,
    estimate_capture_rate,
    estimate_holding_power,
    estimate_penetration,
)

START_S = NOW_UTC_S - 2 * 3600
DAY_S = 86_400.0
PERIOD = (START_S, START_S + 600.0)
BOTH_DAYS = (START_S - DAY_S, START_S + 600.0)
HOUR = 10
"""Venue hour observed on both days, in Shanghai time."""


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue = make_hall(Path(tmp_path_factory.mktemp("engagement")))
    for day, seed in ((1, 2), (0, 1)):
        walk_through(venue, start_s=START_S - day * DAY_S, duration_s=600, people=30, seed=seed)
    return venue


@pytest.fixture(scope="module")
def facts(hall: Venue) -> PeriodFacts:
    found = read_period_facts(venue=hall, period_s=PERIOD)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def figures(hall: Venue) -> DwellAnalysis:
    return analyse_dwell(venue=hall, period=PERIOD)


@pytest.fixture(scope="module")
def both_days(hall: Venue) -> DwellAnalysis:
    return analyse_dwell(venue=hall, period=BOTH_DAYS)


def make_blocks() -> PeriodBlocks:
    edges_s = np.arange(PERIOD[0], PERIOD[1] + 1, 300.0)
    return PeriodBlocks(edges_s, np.ones(len(edges_s) - 1, np.bool_), BlockSettings())


def read_exposure(facts: PeriodFacts, name: str) -> tuple[Exposure, pd.DataFrame]:
    own = facts.tables["exposed"]
    own = own[own["zone"] == name].reset_index(drop=True)
    return Exposure(own[["visitor", "time_s"]], own["is_pass_by"].to_numpy(), own["weight"].to_numpy()), own


def approximate(estimate: Estimate) -> tuple[object, object]:
    return pytest.approx(estimate.value), pytest.approx(estimate.interval)


def find(figures: DwellAnalysis, name: str) -> EngagementFigures:
    return figures.zones[name].engagement


@pytest.mark.parametrize("name", list(STOPS))
def test_engagement_shares_match_the_metrics(facts: PeriodFacts, figures: DwellAnalysis, name: str) -> None:
    found, blocks = find(figures, name), make_blocks()
    visits = facts.tables["visits"]
    own = visits[visits["zone"] == name]
    exposure, rows = read_exposure(facts, name)
    counts = count_tiers(classified=own, pass_bys=exposure.pass_bys, blocks=blocks)
    assert [(t.tier, t.reached, t.undecided) for t in found.tiers] == [
        (count.tier, count.reached, count.undecided) for count in counts
    ]
    for tier, count in zip(found.tiers[1:], counts[1:], strict=True):
        assert astuple(tier.share)[:2] == approximate(count.share)
    capture = estimate_capture_rate(exposure=exposure, visits=visits, zone=name, blocks=blocks)
    assert capture.value is not None
    assert found.capture_rate.value == pytest.approx(capture.value)
    stopped = rows.loc[rows["did_stop"], "visitor"].to_numpy(np.int64)
    power = estimate_attraction_power(exposure=exposure, stopped=stopped, blocks=blocks)
    assert astuple(found.attraction_power)[:2] == approximate(power)
    journeys = facts.tables["journeys"]
    first = pd.Series(journeys["start_s"].to_numpy(), index=journeys["visitor"].to_numpy())
    penetration = estimate_penetration(
        visits=select_visits(stays=facts.tables["stays"], zones=facts.zones),
        zone=name,
        first_seen_s=first,
        blocks=blocks,
    )
    assert astuple(found.penetration)[:2] == approximate(penetration)


@pytest.mark.parametrize("name", list(STOPS))
def test_visitors_who_stop_are_those_of_the_visits_with_a_stop(facts: PeriodFacts, name: str) -> None:
    visits = facts.tables["visits"]
    own = visits[(visits["zone"] == name) & (visits["tier"] != Tier.VISIT.value)]
    _, rows = read_exposure(facts, name)
    assert set(rows.loc[rows["did_stop"], "visitor"]) == set(own["visitor"])


@pytest.mark.parametrize("name", list(STOPS))
def test_engagement_figures_match_the_metrics(facts: PeriodFacts, figures: DwellAnalysis, name: str) -> None:
    found, zone = find(figures, name), find_zone(facts, name)
    visits = facts.tables["visits"]
    assert found.bounce == pytest.approx(
        estimate_bounce(visits=visits[visits["zone"] == name], settings=facts.settings.engagement), abs=1e-6
    )
    stops = choose_stops_in(stops=facts.tables["stops"], outline=zone.outline)
    power = estimate_holding_power(stops=stops, needed_s=30.0)
    # lengths are kept in whole seconds
    assert find_holding_power(found.median_stop_s, 30.0) == pytest.approx(power, abs=0.51 / 30.0)
    assert find_holding_power(found.median_stop_s, None) is None
    entry = figures.zones[name]
    assert entry.figures.person_seconds is not None
    load = measure_stand_load(
        person_seconds=entry.figures.person_seconds,
        area_m2=zone.outline.to_shape().area,
        period_s=facts.period_s,
        coverage=entry.figures.coverage,
    )
    assert found.stand_load == pytest.approx(load)


def find_zone(facts: PeriodFacts, name: str) -> Zone:
    return next(zone for zone in facts.zones if zone.name == name)


def test_pooled_zones_are_summed(figures: DwellAnalysis) -> None:
    together = figures.zones[None].engagement
    parts = [find(figures, name) for name in figures.pooled_zones]
    for level, tier in enumerate(together.tiers):
        assert tier.reached == pytest.approx(sum(part.tiers[level].reached for part in parts), abs=2)
    assert together.pass_bys == pytest.approx(sum(part.pass_bys or 0.0 for part in parts))
    assert together.stand_load is None


def test_two_days_add_up(figures: DwellAnalysis, both_days: DwellAnalysis, hall: Venue) -> None:
    day_before = analyse_dwell(venue=hall, period=(BOTH_DAYS[0], BOTH_DAYS[0] + 600.0))
    for name in STOPS:
        parts = [part.zones[name] for part in (day_before, figures)]
        whole = both_days.zones[name]
        for level in range(len(VISIT_TIERS) + 1):
            assert whole.engagement.tiers[level].reached == pytest.approx(
                sum(part.engagement.tiers[level].reached for part in parts), abs=1
            )
        assert whole.complete.sum() == pytest.approx(sum(part.complete.sum() for part in parts))
        assert whole.by_hour.visits[HOUR] == pytest.approx(
            sum(part.by_hour.visits[HOUR] for part in parts), abs=1
        )
    assert both_days.weekdays == 2
    assert figures.weekdays == 1
    # Friday and Saturday
    assert np.flatnonzero(both_days.zones[None].by_weekday.observed_s).tolist() == [4, 5]


def test_a_single_hour_has_the_mean_of_the_period(figures: DwellAnalysis) -> None:
    for entry in figures.list_zones():
        profile = entry.by_hour
        assert profile.mean_dwell_s.value[HOUR] == pytest.approx(entry.figures.mean_dwell_s.value, abs=1e-3)
        assert profile.people.value[HOUR] == pytest.approx(entry.figures.people_mean)
        assert profile.visits[HOUR] == entry.figures.visits.value
        assert np.isnan(profile.visits_per_h.value[HOUR + 1])


def test_listed_visits_match_the_filter(hall: Venue) -> None:
    every = frozenset(STOPS)
    all_visits = list_visits(venue=hall, period_s=BOTH_DAYS, criteria=VisitFilter(every)).visits
    assert [v["entered_s"] for v in all_visits] == sorted(v["entered_s"] for v in all_visits)

    def count(wanted: VisitFilter) -> int:
        return list_visits(venue=hall, period_s=BOTH_DAYS, criteria=wanted).total

    def add_up(is_wanted: Callable[[Row], bool]) -> int:
        return sum(map(is_wanted, all_visits))

    assert count(VisitFilter(frozenset(["Café"]))) == add_up(lambda v: v["zone"] == "Café") > 0
    assert count(VisitFilter(every, from_s=10.0, to_s=20.0)) == add_up(lambda v: 10.0 <= v["seconds"] < 20.0)
    assert count(VisitFilter(every, weekday=5)) == add_up(lambda v: v["entered_s"] > START_S)
    assert count(VisitFilter(every, hour=HOUR)) == add_up(lambda _: True)
    assert count(VisitFilter(every, hour=HOUR + 1)) == 0
    engaged = (Tier.ENGAGED, Tier.LONG)
    assert count(VisitFilter(every, tier=Tier.ENGAGED)) == add_up(
        lambda v: v["tier"] in engaged or v["is_lower_limit"]
    )
    few = list_visits(venue=hall, period_s=BOTH_DAYS, criteria=VisitFilter(every), max_visits=5)
    # a list names visitors at random, and no two lists alike
    assert [{**v, "visitor": ""} for v in few.visits] == [{**v, "visitor": ""} for v in all_visits[:5]]
    assert not {v["visitor"] for v in few.visits} & {v["visitor"] for v in all_visits}
    assert few.total == len(all_visits)
    assert list_visits(venue=hall, period_s=(0.0, 1.0), criteria=VisitFilter(every)).total == 0
