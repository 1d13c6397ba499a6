"""Stands against their places, by the choices of visitors: one number for pages and findings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analytics.domain.identifiers import ZoneId
from analytics.domain.zone_targets import ZoneTargets
from analytics.forecast.place_value import DELETED, FEW_STANDS, refuse
from app.core.file_format import read_venue
from app.core.periods import parse_period
from app.exhibition.exhibition_analysis import analyse_exhibition, read_stands
from app.exhibition.exhibition_figures import RentVerdict, ValueBasis
from app.facts.period_facts import read_period_facts
from app.findings.layout_findings import search_venue
from app.floor_plan.floor_analysis import analyse_floor
from app.floor_plan.floor_map import FloorLayer
from app.forecast.place_values import CHOICE_TABLES, read_place_values, value_places
from app.overview.overview_analysis import compute_overview
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall, walk_through
from tools.layout_truth.truth_cases import DATE, write_cases


@pytest.mark.slow
def test_stands_are_set_against_places_by_choices_where_there_are_tables_of_them(tmp_path: Path) -> None:
    write_cases(tmp_path, kind="agents", seed=1, changes=(), days=2, visitors=500)
    venue = read_venue(tmp_path / "agents-1" / "venue.expoflow")
    period_s = parse_period(venue.exhibition, DATE, DATE)
    facts = read_period_facts(venue=venue, period_s=period_s, names=("zone_blocks", *CHOICE_TABLES))
    assert facts is not None
    values = value_places(facts)
    assert values.refusal is None
    of_place = {stand.zone: stand.of_place for stand in read_stands(venue, period_s)}
    for name, value in values.values.items():
        assert of_place[name] == value.ratio
    names = [stand.zone for stand in read_stands(venue, period_s)][:10]
    rented = replace(venue, targets=tuple(ZoneTargets(ZoneId(name), rent=500.0) for name in names))
    prices = {
        stand.zone: stand.prices[ValueBasis.PLACE] for stand in read_stands(rented, period_s) if stand.rent
    }
    assert sum(price.fair_rent.value or 0.0 for price in prices.values()) == pytest.approx(5000.0)
    assert {price.verdict for price in prices.values()} <= {
        RentVerdict.DEAR,
        RentVerdict.CHEAP,
        RentVerdict.FAIR,
    }
    # tables of single visitors go with the tracks
    sums = replace(facts, tables={"zone_blocks": facts.tables["zone_blocks"], "spans": facts.tables["spans"]})
    assert value_places(sums).refusal == refuse(DELETED).refusal
    # pages of one period share the values, and those of a changed plan are others
    kept = read_place_values(venue, period_s)
    assert kept.values == values.values
    assert read_place_values(rented, (period_s[0], period_s[1] + 60.0)) is kept
    geometry = venue.geometry_versions[0]
    (gone, *stands) = (zone for zone in geometry.zones if zone.is_stand)
    changed = replace(venue, geometry_versions=(replace(geometry, zones=tuple(stands)),))
    other = read_place_values(changed, period_s)
    assert str(gone.name) in kept.values
    assert str(gone.name) not in other.values
    assert read_place_values(venue, period_s) is kept


def test_every_page_refuses_in_the_same_sentence(tmp_path: Path) -> None:
    venue = make_hall(tmp_path)
    walk_through(venue, start_s=NOW_UTC_S - 900.0, duration_s=600.0, people=20)
    period_s = (NOW_UTC_S - 900.0, NOW_UTC_S)
    exhibition = analyse_exhibition(venue=venue, period_s=period_s)
    overview = compute_overview(venue=venue, period_s=period_s)
    assert exhibition is not None
    assert overview is not None
    floor = analyse_floor(venue=venue, period_s=period_s, now_utc_s=NOW_UTC_S, layer=FloorLayer.OF_PLACE)
    cold, stands, *_others = search_venue(venue=venue, period_s=period_s).outcomes
    refusals = [one.places_refusal for one in (exhibition, overview, floor)]
    assert [*refusals, cold.refusal, stands.refusal] == [refuse(FEW_STANDS).refusal] * 5
