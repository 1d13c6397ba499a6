"""Facts of a period: joined days, one clock, changed zones, unobserved time."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from analytics.dwell.visits import VisitSettings, compute_stays, select_visits
from analytics.flows.footfall import compute_crossings
from analytics.rollups.tables import TABLES
from app.core.document import Venue
from app.facts.period_facts import read_period_facts
from app.facts.period_stretches import list_stretches
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall, walk_through

DAY_S = 86_400.0
START_S = NOW_UTC_S - 2 * 3600


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue = make_hall(Path(tmp_path_factory.mktemp("facts")) / "hall.expoflow")
    for day, seed in ((1, 2), (0, 1)):
        walk_through(venue, start_s=START_S - day * DAY_S, duration_s=600, people=25, seed=seed)
    return venue


def test_two_days_contain_the_rows_of_each(hall: Venue) -> None:
    both = read_period_facts(venue=hall, period_s=(START_S - DAY_S, START_S + 700))
    parts = [
        read_period_facts(venue=hall, period_s=(START_S - day * DAY_S, START_S - day * DAY_S + 700))
        for day in (1, 0)
    ]
    assert both is not None
    assert set(both.tables) == set(TABLES)
    for name, table in both.tables.items():
        lengths = [len(part.tables[name]) for part in parts if part is not None]
        assert len(table) == sum(lengths), name
        # nobody crowds or queues here, and nobody is seen to come in
        assert len(table) > 0 or name in {"crowding", "queue_tails", "parties"}, name
    visits = both.tables["visits"]
    assert len(both.stretches_s) == 2
    assert visits["entered_s"].between(START_S - DAY_S, START_S + 600).all()
    assert len(set(visits["visitor"])) == sum(
        len(set(part.tables["visits"]["visitor"])) for part in parts if part is not None
    )
    assert both.observed_s == pytest.approx(1200)
    entered = [at for times in both.tables["journeys"]["entered_s"] for at in times]
    assert min(entered) >= START_S - DAY_S


def test_facts_match_the_metrics(hall: Venue) -> None:
    from analytics.flows.footfall import CrossingSettings
    from analytics.store.sql_event_store import open_reader
    from app.facts.camera_views import find_camera_views
    from app.facts.identified_period import identify_period

    period_s = (START_S, START_S + 600)
    facts = read_period_facts(venue=hall, period_s=period_s)
    assert facts is not None
    reader = open_reader(hall.folder)
    spans, tracks = reader.read_spans(*period_s), reader.read_tracks(*period_s)
    reader.close()
    zones = hall.geometry_at(START_S).zones
    known = identify_period(
        tracks=tracks, spans=spans, period_s=period_s, views=find_camera_views(hall), zones=zones
    )
    stays = compute_stays(tracks=known.tracks, zones=zones, spans=known.spans, settings=VisitSettings())
    visits = select_visits(stays=stays, zones=zones)
    mine = facts.tables["visits"]
    np.testing.assert_allclose(mine["entered_s"] - START_S, visits["entered_s"])
    crossings = compute_crossings(
        tracks=known.tracks,
        lines=hall.geometry_at(START_S).lines,
        settings=CrossingSettings(),
        spans=known.spans,
    )
    assert len(facts.tables["crossings"]) == len(crossings) > 0
    floor = facts.tables["floor_hours"]
    assert floor["person_seconds"].sum() == pytest.approx(
        known.tracks.groupby("visitor")["time_s"].agg(np.ptp).sum(), rel=0.03
    )
    minutes = facts.tables["minutes"]
    hall_minutes = minutes[minutes["zone"] == ""]
    assert hall_minutes["observed_s"].sum() == pytest.approx(600)
    assert (hall_minutes["start_s"] % 60 == 0).all()
    assert (floor["hour_s"] % 3600 == 0).all()


def test_a_moved_zone_counts_from_its_move(hall: Venue) -> None:
    geometry = hall.geometry_at(START_S)
    moved = dataclasses.replace(
        geometry.zones[0], outline=geometry.zones[2].outline.from_points(
            [(x + 0.5, y) for x, y in geometry.zones[0].outline.points], what="zone"
        )
    )  # fmt: skip
    at_s = START_S + 300
    changed = hall.with_geometry(
        dataclasses.replace(geometry, zones=(moved, *geometry.zones[1:]), valid_from_utc_s=at_s)
    )
    period_s = (START_S, START_S + 600)
    assert [stretch for _, stretch in list_stretches(changed, period_s)] == [
        (START_S, at_s),
        (at_s, START_S + 600),
    ]
    facts = read_period_facts(venue=changed, period_s=period_s)
    assert facts is not None
    assert facts.zone_since_s[str(moved.name)] == at_s
    assert facts.zone_since_s[str(geometry.zones[1].name)] == START_S
    visits = facts.tables["visits"]
    assert visits.loc[visits["zone"] == str(moved.name), "entered_s"].min() >= at_s
    assert visits.loc[visits["zone"] == str(geometry.zones[1].name), "entered_s"].min() < at_s


def test_rows_before_a_move_are_read_separately(hall: Venue) -> None:
    geometry = hall.geometry_at(START_S)
    moved = dataclasses.replace(geometry.zones[0], outline=geometry.zones[2].outline)
    at_s = START_S + 300
    changed = hall.with_geometry(
        dataclasses.replace(geometry, zones=(moved, *geometry.zones[1:2]), valid_from_utc_s=at_s)
    )
    facts = read_period_facts(venue=changed, period_s=(START_S, START_S + 600))
    assert facts is not None
    names = [str(zone.name) for zone in geometry.zones]
    for table in ("zone_blocks", "zone_uses"):
        earlier, whole = facts.earlier[table], facts.read_with_earlier(table)
        assert set(earlier["zone"]) == {names[0]}
        assert earlier["start_s"].max() < at_s
        assert len(whole) == len(facts.tables[table]) + len(earlier)
    edges_s = np.arange(START_S, START_S + 601, 100)
    observed_s = facts.measure_stand_steps(names, edges_s)
    # the third zone is no more, and where the first stands now the camera sees all of it
    np.testing.assert_allclose(observed_s[2], [100] * 3 + [0] * 3, atol=1.0)
    np.testing.assert_allclose(observed_s[0], 100, atol=1.0)
    assert facts.measure_stand_steps(names[:1], np.array([START_S + 600, START_S + 900])).sum() == 0


def test_nothing_observed_gives_no_facts(hall: Venue) -> None:
    assert read_period_facts(venue=hall, period_s=(START_S - 10 * DAY_S, START_S - 9 * DAY_S)) is None
