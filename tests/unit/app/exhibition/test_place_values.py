"""Stands against their places: by choices in a hall of many stands, by predictors where there are few."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analytics.domain.identifiers import ZoneId
from analytics.domain.zone_targets import ZoneTargets
from analytics.findings.stand_attraction import compare_with_places as compare_by_predictors
from app.core.file_format import read_venue
from app.core.periods import parse_period
from app.exhibition.exhibition_analysis import read_stands
from app.exhibition.exhibition_figures import RentVerdict, ValueBasis
from app.facts.period_facts import read_period_facts
from app.forecast.place_values import CHOICE_TABLES, compare_with_places, read_place_values, value_places
from tools.layout_truth.truth_cases import DATE, write_cases


@pytest.mark.slow
def test_stands_are_set_against_places_by_choices_where_there_are_tables_of_them(tmp_path: Path) -> None:
    write_cases(tmp_path, kind="agents", seed=1, changes=(), days=2, visitors=500)
    venue = read_venue(tmp_path / "agents-1" / "venue.expoflow")
    period_s = parse_period(venue.exhibition, DATE, DATE)
    facts = read_period_facts(venue=venue, period_s=period_s, names=("zone_blocks", *CHOICE_TABLES))
    assert facts is not None
    values = value_places(facts)
    assert values is not None
    assert values.reason is None
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
    assert value_places(sums) is None
    assert compare_with_places(sums, None) == compare_by_predictors(sums)
    assert compare_with_places(facts, values) != compare_with_places(facts, None)
    # pages of one period share the values, and those of a changed plan are others
    kept = read_place_values(venue, period_s)
    assert kept is not None
    assert kept.values == values.values
    assert read_place_values(rented, (period_s[0], period_s[1] + 60.0)) is kept
    geometry = venue.geometry_versions[0]
    (gone, *stands) = (zone for zone in geometry.zones if zone.is_stand)
    changed = replace(venue, geometry_versions=(replace(geometry, zones=tuple(stands)),))
    other = read_place_values(changed, period_s)
    assert other is not None
    assert str(gone.name) in kept.values
    assert str(gone.name) not in other.values
    assert read_place_values(venue, period_s) is kept
