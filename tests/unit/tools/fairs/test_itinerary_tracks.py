from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from analytics.columns import SPAN_COLUMNS, TRACK_COLUMNS
from analytics.dwell.visits import VisitSettings, compute_visits
from analytics.flows.footfall import CrossingSettings, compute_crossings
from analytics.metrics.presence import order_rows
from tools.fairs.fair_hall import FairHall, build_hall, draw_design
from tools.fairs.fair_programme import FairProgramme
from tools.fairs.itinerary_tracks import TrackedDay, simulate_tracked_day

MORNING = FairProgramme(open_s=2 * 3600.0, visitors=300.0)


@pytest.fixture(scope="module")
def hall() -> FairHall:
    return build_hall(draw_design(np.random.default_rng(4)))


@pytest.fixture(scope="module")
def morning(hall: FairHall) -> TrackedDay:
    return simulate_tracked_day(hall=hall, seed=4, programme=MORNING)


def test_a_seed_gives_the_same_tracks_and_another_seed_others(hall: FairHall, morning: TrackedDay) -> None:
    again, other = (simulate_tracked_day(hall=hall, seed=seed, programme=MORNING) for seed in (4, 5))

    pd.testing.assert_frame_equal(again.tracks, morning.tracks)
    assert len(other.tracks) != len(morning.tracks)


def test_tables_have_their_columns_and_one_row_for_a_visitor_and_a_moment(morning: TrackedDay) -> None:
    tracks = morning.tracks
    assert [(name, str(kind)) for name, kind in tracks.dtypes.items()] == [
        (column.name, column.dtype) for column in TRACK_COLUMNS
    ]
    assert list(morning.spans.columns) == [column.name for column in SPAN_COLUMNS]
    assert not tracks.duplicated(["visitor", "time_s"]).any()
    assert tracks["time_s"].is_monotonic_increasing
    assert morning.duration_s > tracks["time_s"].max()


def test_people_walk_as_people_do_and_not_through_stands(hall: FairHall, morning: TrackedDay) -> None:
    rows = order_rows(morning.tracks)
    same = np.diff(rows.person) == 0
    step_m = np.hypot(np.diff(rows.x_m), np.diff(rows.y_m))[same]
    # the error of a position comes on top of 1.6 m/s
    assert step_m.max() < 1.6 + 6 * 0.05 * np.sqrt(2)
    assert (np.diff(rows.time_s)[same] == 1.0).all()
    blocked = shapely.union_all([shapely.box(*item.footprint) for item in hall.furniture])
    assert shapely.contains_xy(blocked, rows.x_m, rows.y_m).mean() < 0.002
    floor = hall.make_plan().outline.to_shape()
    assert shapely.contains_xy(floor, rows.x_m, rows.y_m).all()


def test_everybody_comes_in_by_the_entrance_and_leaves_by_the_exit(
    hall: FairHall, morning: TrackedDay
) -> None:
    crossings = compute_crossings(tracks=morning.tracks, lines=hall.lines, settings=CrossingSettings())
    visitors = morning.tracks["visitor"].nunique()
    counts = crossings.groupby(["line", "direction"]).size()
    assert counts["Entrance", "in"] == pytest.approx(visitors, rel=0.01)
    assert counts["Exit", "out"] == pytest.approx(visitors, rel=0.01)


def test_whoever_means_to_stay_at_a_stand_is_counted_there(hall: FairHall, morning: TrackedDay) -> None:
    zones = tuple(stand.stand.zone for stand in hall.booths)
    visits = compute_visits(tracks=morning.tracks, zones=zones, spans=morning.spans, settings=VisitSettings())
    counted = visits.groupby("zone").size()
    meant = pd.Series(morning.walks.stays[:, 1].astype(int)).value_counts()
    for number, stand in enumerate(hall.booths):
        assert counted[stand.name] == pytest.approx(meant[number], rel=0.06, abs=3)


def test_halls_of_different_seeds_differ_and_keep_their_zones_apart() -> None:
    halls = [build_hall(draw_design(np.random.default_rng(seed))) for seed in range(6)]
    assert len({hall.design for hall in halls}) == 6
    for hall in halls:
        shapes = [zone.outline.to_shape() for zone in hall.make_geometry().zones]
        floor = hall.make_plan().outline.to_shape()
        assert all(floor.covers(shape) for shape in shapes)
        overlap = sum(a.intersection(b).area for i, a in enumerate(shapes) for b in shapes[:i])
        assert overlap == pytest.approx(0.0, abs=1e-6)
