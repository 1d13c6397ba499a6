from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.columns import TRACK_COLUMNS, empty_table
from analytics.density.direction_field import DirectionField, compute_direction_field
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import CameraId
from analytics.metrics.coverage import CameraView, FloorGrid
from analytics.metrics.presence import order_by_person
from tests.support.halls.known_crowd import make_track_table

AISLE = FloorGrid.around(Polygon.from_points([(0, 0), (10, 0), (10, 4), (0, 4)], what="aisle"), cell_m=2.0)


def walk(visitor: int, *, y_m: float, speed_m_s: float) -> pd.DataFrame:
    """Make a walk along the aisle, to the right, or to the left at a negative speed."""
    moments = np.arange(0.0, 10.0 / abs(speed_m_s), 0.1)
    x = (0.0 if speed_m_s > 0 else 9.99) + speed_m_s * moments
    who = np.full(len(x), visitor)
    return make_track_table(time_s=moments, tracklet=who, visitor=who, x_m=x, y_m=np.full(len(x), y_m))


def compute(*tables: pd.DataFrame, **options: object) -> DirectionField:
    tracks = pd.concat(tables).sort_values("time_s", kind="stable", ignore_index=True)
    rows = order_by_person(tracks=tracks, longest_gap_s=2.0)
    return compute_direction_field(rows=rows, grid=AISLE, **options)  # type: ignore[arg-type]


def test_one_stream_has_its_velocity_and_full_concentration() -> None:
    field = compute(*(walk(number, y_m=1.0, speed_m_s=1.2) for number in range(6)))
    assert field.vx_m_s[0].tolist() == pytest.approx([1.2] * 5, rel=1e-3)
    assert field.vy_m_s[0].tolist() == pytest.approx([0.0] * 5, abs=1e-6)
    assert field.concentration[0].tolist() == pytest.approx([1.0] * 5)
    assert field.median_speed_m_s[0].tolist() == pytest.approx([1.2] * 5, rel=1e-3)
    assert np.isnan(field.vx_m_s[1]).all()


def test_two_opposite_streams_cancel() -> None:
    streams = [walk(number, y_m=1.0, speed_m_s=1.0 if number % 2 else -1.0) for number in range(8)]
    field = compute(*streams)
    assert field.vx_m_s[0, 2] == pytest.approx(0.0, abs=0.02)
    assert field.concentration[0, 2] == pytest.approx(0.0, abs=0.02)


def test_standing_people_have_no_direction() -> None:
    moments = np.arange(0.0, 60.0, 0.1)
    still = make_track_table(
        time_s=moments, tracklet=np.full(600, 99), visitor=np.full(600, 99), x_m=np.full(600, 5.0),
        y_m=np.full(600, 1.0),
    )  # fmt: skip
    streams = [walk(number, y_m=1.0, speed_m_s=1.0) for number in range(5)]
    assert compute(*streams, still).vx_m_s[0, 2] == pytest.approx(1.0, rel=1e-3)


def test_the_mean_is_weighted_by_time_and_the_median_too() -> None:
    streams = [walk(n, y_m=1.0, speed_m_s=1.0) for n in range(5)]
    slow = [walk(n, y_m=1.0, speed_m_s=0.5) for n in range(5, 10)]
    field = compute(*streams, *slow)
    # the slow ones are there twice as long
    assert field.vx_m_s[0, 2] == pytest.approx((1.0 + 2 * 0.5) / 3, rel=0.02)
    assert field.median_speed_m_s[0, 2] == pytest.approx(0.5, rel=0.01)


def test_too_few_visitors_and_unseen_cells_have_no_value() -> None:
    streams = [walk(number, y_m=1.0, speed_m_s=1.0) for number in range(5)]
    assert np.isnan(compute(*streams[:4]).vx_m_s).all()
    # the picture ends at x = 4
    geometry = CameraGeometry(np.array([[0.1, 0.0, 0.0], [0.0, 0.1, 0.0], [0.0, 0.0, 1.0]]))
    field = compute(*streams, views=[CameraView(CameraId("cam"), geometry, (40, 40))])
    assert np.isnan(field.vx_m_s[0]).tolist() == [False, False, True, True, True]


def test_an_empty_table_has_no_directions() -> None:
    field = compute(empty_table(TRACK_COLUMNS))
    assert np.isnan(field.concentration).all()
