"""Pages of days whose tracks were deleted: stored sums, and notes on missing figures."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from analytics.dwell.zone_figures import ZoneFigures
from analytics.rollups.period_zones import summarise_period_zones
from analytics.rollups.rollup_folder import RollupFolder
from analytics.rollups.tables import TABLES
from analytics.store.retention import RetentionPolicy
from analytics.store.sql_event_store import open_store
from app.core.document import Venue
from app.dwell.dwell_analysis import analyse_dwell
from app.exhibition.exhibition_analysis import analyse_exhibition
from app.exhibition.exhibition_figures import CardFigure
from app.facts.period_facts import read_period_facts
from app.floor_plan.floor_analysis import analyse_floor
from app.flows.flow_analysis import analyse_flows
from app.gui.flows.text import describe_key_figures, describe_notes
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through

DAY_S = 86_400.0
START_S = NOW_UTC_S - 2 * 3600
PERIOD_S = (START_S - 60, START_S + 3600)


@pytest.fixture
def hall(tmp_path: Path) -> Venue:
    venue = make_hall(tmp_path / "hall.expoflow")
    walk_through(venue, start_s=START_S, duration_s=400, people=14, seed=2)
    return venue


def test_pages_show_stored_sums_for_days_without_tracks(hall: Venue) -> None:
    flows, card = analyse_flows(venue=hall, period=PERIOD_S).figures, read_card(hall)
    assert flows is not None
    assert flows.routes
    assert not flows.days_without_paths
    writer = open_store(hall.folder, clock=SetClock(START_S + 9 * DAY_S))
    writer.archive_now()
    writer.apply_retention(RetentionPolicy(keep_days=3.0))
    writer.close()
    old = analyse_flows(venue=hall, period=PERIOD_S).figures
    assert old is not None
    assert (old.days_without_paths, old.has_ways, old.missing_s) == (1, False, 0.0)
    same = ("moves", "transitions", "first_stops", "lines", "zones")
    assert [getattr(old, name) for name in same] == [getattr(flows, name) for name in same]
    assert (old.routes, old.origins) == ((), ())
    assert "are not available: the tracks were deleted" in describe_notes(old, time_zone="UTC")
    assert "visitor" not in describe_key_figures(old)
    assert "visitors to zones" in describe_key_figures(flows)
    plan = analyse_floor(venue=hall, period_s=PERIOD_S, now_utc_s=NOW_UTC_S + 9 * DAY_S)
    assert plan.floor is not None
    assert plan.floor.is_by_hours
    assert plan.heatmap is not None
    assert plan.heatmap.person_seconds.sum() > 0
    assert read_card(hall) == card
    assert None not in {
        card[CardFigure.VISITORS],
        card[CardFigure.TOTAL_TIME],
        card[CardFigure.ZONES_VISITED],
    }
    # where nobody is counted at a door, only their ways tell how many came
    geometry = dataclasses.replace(hall.geometry_versions[0], lines=())
    doorless = read_card(dataclasses.replace(hall, geometry_versions=(geometry,)))
    unknown = (CardFigure.VISITORS, CardFigure.TOTAL_TIME, CardFigure.ZONES_VISITED)
    assert {doorless[figure] for figure in unknown} == {None}
    assert doorless[CardFigure.PEAK] == card[CardFigure.PEAK]


def test_days_without_tracks_use_tables_of_an_older_version(
    hall: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_card(hall)
    before = read_zones(hall)
    make_older(hall, monkeypatch)
    writer = open_store(hall.folder, clock=SetClock(START_S + 9 * DAY_S))
    writer.archive_now()
    writer.apply_retention(RetentionPolicy(keep_days=3.0))
    writer.close()
    after = read_zones(hall)
    assert [zone.visits.value for zone in after.values()] == [zone.visits.value for zone in before.values()]
    assert any(zone.visits.value for zone in after.values())
    assert analyse_dwell(venue=hall, period=PERIOD_S).zones[None].figures.visits.value


def test_days_with_tracks_are_prepared_again_after_an_older_version(
    hall: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_card(hall)
    before = read_zones(hall)
    make_older(hall, monkeypatch)
    assert read_zones(hall) == before


def make_older(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Store the day as a version with an older table of zones did."""
    folder = RollupFolder(venue.folder)
    (kept,) = folder.find_all()
    (facts,) = folder.read_many([kept], dict.fromkeys(kept.tables, ()))
    assert facts is not None
    with monkeypatch.context() as patched:
        versions = {**TABLES, "zone_days": dataclasses.replace(TABLES["zone_days"], version=2)}
        patched.setattr("analytics.rollups.rollup_folder.TABLES", versions)
        folder.write(facts, key=kept.key)


def read_zones(venue: Venue) -> dict[str, ZoneFigures]:
    facts = read_period_facts(venue=venue, period_s=PERIOD_S, names=("zone_days",))
    assert facts is not None
    return summarise_period_zones(facts)


def read_card(venue: Venue) -> dict[CardFigure, float | None]:
    figures = analyse_exhibition(venue=venue, period_s=PERIOD_S)
    assert figures is not None
    return {entry.figure: entry.measured.value for entry in figures.entries}
