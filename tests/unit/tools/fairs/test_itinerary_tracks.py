from __future__ import annotations

import numpy as np
import pytest
import shapely

from analytics.columns import SPAN_COLUMNS, TRACK_COLUMNS
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


def test_tables_have_one_row_per_visitor_and_time(morning: TrackedDay) -> None:
    tracks = morning.tracks
    assert [(name, str(kind)) for name, kind in tracks.dtypes.items()] == [
        (column.name, column.dtype) for column in TRACK_COLUMNS
    ]
    assert list(morning.spans.columns) == [column.name for column in SPAN_COLUMNS]
    assert not tracks.duplicated(["visitor", "time_s"]).any()
    assert tracks["time_s"].is_monotonic_increasing
    assert morning.duration_s > tracks["time_s"].max()


def test_visitors_walk_at_walking_speed_around_stands(hall: FairHall, morning: TrackedDay) -> None:
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
