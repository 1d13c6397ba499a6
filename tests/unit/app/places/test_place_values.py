"""Stands against their places, by the choices of visitors: one number for pages and findings."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from analytics.domain.arrays import Interval
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone_targets import ZoneTargets
from analytics.exhibition.stand_value import PriceVerdict
from analytics.metrics.estimate import Estimate
from analytics.places.place_value import DELETED, FEW_STANDS, compare_places, refuse
from analytics.results.content import Paragraph
from analytics.results.day_quality import Cause
from analytics.rollups.rollup_folder import ROLLUPS_NAME, RollupFolder
from app.core.document import Venue
from app.core.job import JobContext
from app.demo.ready_venue import list_show_days, unpack_demo_venue
from app.exhibition.exhibition_analysis import analyse_exhibition, read_stands
from app.exhibition.exhibition_figures import ValueBasis
from app.facts.day_quality import read_day_quality
from app.facts.period_facts import read_period_facts
from app.findings.layout_findings import search_venue
from app.floor_plan.floor_analysis import _compare_with_places, analyse_floor
from app.floor_plan.floor_map import FloorLayer, FloorResults
from app.overview.overview_analysis import compute_overview
from app.places import place_values
from app.places.place_values import CHOICE_TABLES, read_place_values, value_places
from app.reports.make_report import ReportOrder, make_report
from app.reports.report_template import SectionKey, Template
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall, walk_through


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    return unpack_demo_venue(tmp_path_factory.mktemp("places") / "demo.expoflow")


@pytest.fixture
def period_s(venue: Venue) -> Interval:
    return list_show_days(venue)[-1]


def test_stands_are_set_against_places_by_choices_where_there_are_tables_of_them(
    venue: Venue, period_s: Interval
) -> None:
    facts = read_period_facts(venue=venue, period_s=period_s, names=("zone_blocks", *CHOICE_TABLES))
    assert facts is not None
    values = value_places(facts)
    assert values.refusal is None
    of_place = {stand.zone: stand.of_place for stand in read_stands(venue, period_s)}
    for name, value in values.values.items():
        assert of_place[name] == value.ratio
    worths = {
        stand.zone: stand.place_worth for stand in read_stands(venue, period_s) if stand.place_worth.value
    }
    assert worths == compare_places(values)
    shown = FloorResults(
        period_s,
        None,
        facts.geometry,
        requested_s=period_s,
        layer=FloorLayer.PLACE_WORTH,
        heatmap=SimpleNamespace(),  # type: ignore[arg-type]
    )
    assert _compare_with_places(venue, shown, JobContext()).of_place == worths
    order = ReportOrder(Template.DAILY, period_s)
    (section,) = [one for one in make_report(venue, order).sections if one.key == SectionKey.ENGAGEMENT.value]
    told = " ".join(block.text for block in section.blocks if isinstance(block, Paragraph))
    best = max(worths, key=lambda name: worths[name].value or 0.0)
    assert f"whoever stands there: {best} (≈ {round(100 * (worths[best].value or 0))} %)" in told
    names = [stand.zone for stand in read_stands(venue, period_s)][:10]
    rented = replace(venue, targets=tuple(ZoneTargets(ZoneId(name), rent=500.0) for name in names))
    prices = {
        stand.zone: stand.prices[ValueBasis.PLACE] for stand in read_stands(rented, period_s) if stand.rent
    }
    assert sum(price.fair_rent.value or 0.0 for price in prices.values()) == pytest.approx(5000.0)
    assert {price.verdict for price in prices.values()} <= {
        PriceVerdict.DEAR,
        PriceVerdict.CHEAP,
        PriceVerdict.FAIR,
    }
    # tables of single visitors go with the tracks
    sums = replace(facts, tables={"zone_blocks": facts.tables["zone_blocks"], "spans": facts.tables["spans"]})
    assert value_places(sums).refusal == refuse(DELETED).refusal


def test_findings_judge_stands_by_the_number_of_the_pages(venue: Venue, period_s: Interval) -> None:
    of_place = {stand.zone: stand.of_place for stand in read_stands(venue, period_s)}
    cold, stands, *_others = search_venue(venue=venue, period_s=period_s).outcomes
    assert len(cold.findings) == 1
    assert len(stands.findings) == 2
    for finding in (*cold.findings, *stands.findings):
        shown = of_place[finding.place]
        assert (finding.effect.value, finding.effect.interval) == (shown.value, shown.interval)


def test_every_page_marks_values_of_places_where_tracks_break(venue: Venue, period_s: Interval) -> None:
    quality = read_day_quality(venue, period_s)
    (loss,) = [loss for loss in quality.losses if loss.cause is Cause.BREAKS]
    assert 0.5 < loss.share < 1.0
    exhibition = analyse_exhibition(venue=venue, period_s=period_s)
    overview = compute_overview(venue=venue, period_s=period_s)
    assert exhibition is not None
    assert overview is not None
    assert exhibition.quality == overview.quality == quality
    stands = {row.zone: row.of_place for row in exhibition.stands}
    assert {one.row.zone: one.row.of_place for one in overview.stands} == stands
    assert {one.is_rough for one in stands.values() if one.value is not None} == {True}
    assert not any(row.attraction.is_rough for row in exhibition.stands)
    shown = FloorResults(
        period_s,
        None,
        venue.geometry_versions[-1],
        requested_s=period_s,
        heatmap=SimpleNamespace(),  # type: ignore[arg-type]
    )
    assert {one.is_rough for one in _compare_with_places(venue, shown, JobContext()).of_place.values()} == {
        True
    }


def test_the_values_are_kept_for_all_pages_and_other_starts(venue: Venue, period_s: Interval) -> None:
    kept = read_place_values(venue, period_s)
    rented = replace(venue, targets=(ZoneTargets(ZoneId("Optics"), rent=500.0),))
    assert read_place_values(rented, period_s) is kept
    geometry = venue.geometry_versions[-1]
    changed = replace(venue, geometry_versions=(replace(geometry, zones=geometry.zones[1:]),))
    assert place_values._find_key(changed, period_s) != place_values._find_key(venue, period_s)
    (file,) = (venue.folder / ROLLUPS_NAME).glob(f"period-{place_values._find_key(venue, period_s)}.json")
    place_values._KEPT.clear()
    again = read_place_values(venue, period_s)
    assert again is not kept
    assert again.values == kept.values
    assert all((again.draws[name] == kept.draws[name]).all() for name in kept.draws)
    written = json.loads(file.read_bytes())
    written["stands"]["Optics"]["ratio"] = {"value": 9.0, "interval": [8.0, 10.0]}
    for content, expected in (
        (json.dumps(written), Estimate(9.0, (8.0, 10.0))),
        ('{"stands": {"Optics": {"visits": 1}}}', kept.values["Optics"].ratio),
    ):
        place_values._KEPT.clear()
        file.write_text(content, "utf-8")
        assert read_place_values(venue, period_s).values["Optics"].ratio == expected
    # whoever erases a period wants nothing of it left
    RollupFolder(venue.folder).erase_between(*period_s)
    assert not file.exists()


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
    refusals = [one.places_note for one in (exhibition, overview, floor)]
    assert [*refusals, cold.refusal, stands.refusal] == [refuse(FEW_STANDS).refusal] * 5
