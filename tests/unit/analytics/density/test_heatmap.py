from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.columns import SPAN_COLUMNS
from analytics.density.heatmap import Heatmap, compute_heatmap
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import CameraId
from analytics.metrics.coverage import CameraView
from tests.support.halls.known_crowd import make_track_table

FLOOR = Polygon.from_points([(0, 0), (12, 0), (12, 6), (0, 6)], what="floor")


def look_at(name: str, left_m: float, right_m: float) -> CameraView:
    geometry = CameraGeometry(np.array([[0.01, 0.0, left_m], [0.0, -0.01, 6.0], [0.0, 0.0, 1.0]]))
    return CameraView(CameraId(name), geometry, (int(100 * (right_m - left_m)), 600))


def make_spans(*rows: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame([(*row, 1) for row in rows], columns=[column.name for column in SPAN_COLUMNS])


def spread_evenly(
    *, until_s: float, left_m: float = 0.0, right_m: float = 12.0, sigma_m: float = 0.1
) -> pd.DataFrame:
    """Make persons who stand 0.5 m apart over the floor and are seen once a second."""
    x, y = np.meshgrid(np.arange(left_m + 0.25, right_m, 0.5), np.arange(0.25, 6, 0.5))
    moments = np.arange(0.0, until_s)
    people = x.size
    return make_track_table(
        time_s=np.repeat(moments, people),
        tracklet=np.tile(np.arange(people), len(moments)),
        x_m=np.tile(x.ravel(), len(moments)),
        y_m=np.tile(y.ravel(), len(moments)),
        sigma_m=sigma_m,
    )


def heatmap_of(tracks: pd.DataFrame, **options: object) -> Heatmap:
    defaults: dict = {"spans": None, "camera_views": (), "outline": FLOOR, "period_s": (0.0, 100.0)}
    return compute_heatmap(tracks=tracks, **{**defaults, **options})


def value_at(heatmap: Heatmap, x_m: float, y_m: float) -> float:
    cell = heatmap.grid.find_cells(np.array([x_m]), np.array([y_m]))[0]
    return float(heatmap.person_seconds_per_m2.ravel()[cell])


def test_an_even_crowd_is_even_up_to_the_walls() -> None:
    heatmap = heatmap_of(spread_evenly(until_s=100.0), bandwidth_m=0.5, cell_m=0.5)
    values = heatmap.person_seconds_per_m2[heatmap.is_floor]
    # four persons a square metre for 100 s
    assert values == pytest.approx(np.full(len(values), 400.0), rel=1e-6)
    assert np.nanmax(heatmap.people_per_m2()) == pytest.approx(4.0)
    assert heatmap.coverage == pytest.approx(1.0)


def test_a_camera_that_was_off_half_the_time_does_not_make_its_floor_cold() -> None:
    always = spread_evenly(until_s=100.0, right_m=6.0)
    half = spread_evenly(until_s=50.0, left_m=6.0)
    half["tracklet"] += 1000
    heatmap = heatmap_of(
        pd.concat([always, half]),
        spans=make_spans(("a", 0, 100), ("b", 0, 50)),
        camera_views=[look_at("a", 0, 6), look_at("b", 6, 12)],
        cell_m=0.5,
        bandwidth_m=0.5,
    )
    assert value_at(heatmap, 2.0, 3.0) == pytest.approx(400.0, rel=0.02)
    assert value_at(heatmap, 10.0, 3.0) == pytest.approx(400.0, rel=0.02)
    assert heatmap.coverage == pytest.approx(0.75)


def test_unobserved_floor_has_no_value() -> None:
    heatmap = heatmap_of(spread_evenly(until_s=100.0, right_m=6.0), camera_views=[look_at("a", 0, 6)])
    assert np.isnan(value_at(heatmap, 9.0, 3.0))
    assert value_at(heatmap, 3.0, 3.0) == pytest.approx(400.0, rel=0.02)
    unobserved_m2 = heatmap.is_unobserved().sum() * heatmap.grid.cell_m**2
    # the kernel sees half a metre beyond the edge
    assert unobserved_m2 == pytest.approx(6 * 6 - 0.42 * 6, abs=2.0)


def test_an_observed_empty_floor_has_zero_density() -> None:
    heatmap = heatmap_of(spread_evenly(until_s=0.0))
    assert np.nansum(heatmap.person_seconds_per_m2) == 0.0
    assert not heatmap.is_unobserved().any()


def test_obstacles_have_no_value() -> None:
    stand = Polygon.from_points([(4, 2), (8, 2), (8, 4), (4, 4)], what="stand")
    heatmap = heatmap_of(spread_evenly(until_s=10.0), obstacles=[stand])
    assert np.isnan(value_at(heatmap, 6.0, 3.0))
    assert not heatmap.is_unobserved().any()


def test_smoothing_keeps_the_presence_that_is_away_from_walls() -> None:
    moments = np.arange(0.0, 100.0)
    tracks = make_track_table(
        time_s=moments, tracklet=[1] * 100, x_m=np.full(100, 6.0), y_m=np.full(100, 3.0), sigma_m=0.1
    )
    heatmap = heatmap_of(tracks, bandwidth_m=0.5, cell_m=0.25)
    total = np.nansum(heatmap.person_seconds_per_m2) * 0.25**2
    assert total == pytest.approx(100.0, rel=1e-3)


def test_the_kernel_is_never_finer_than_the_positions() -> None:
    assert heatmap_of(spread_evenly(until_s=2.0, sigma_m=0.1)).bandwidth_m == pytest.approx(0.5)
    assert heatmap_of(spread_evenly(until_s=2.0, sigma_m=0.9)).bandwidth_m == pytest.approx(0.9)


def test_frames_that_come_slower_weigh_more() -> None:
    fast = make_track_table(time_s=np.arange(0, 10, 0.2), tracklet=[1] * 50, x_m=[3.0] * 50, y_m=[3.0] * 50)
    slow = make_track_table(time_s=np.arange(20, 30, 1.0), tracklet=[2] * 10, x_m=[9.0] * 10, y_m=[3.0] * 10)
    heatmap = heatmap_of(pd.concat([fast, slow]), bandwidth_m=0.0)
    left = heatmap.person_seconds[:, : heatmap.grid.columns // 2].sum()
    right = heatmap.person_seconds[:, heatmap.grid.columns // 2 :].sum()
    assert left == pytest.approx(10.0, abs=0.3)
    assert right == pytest.approx(9.2, abs=0.3)


def test_a_long_absence_is_not_presence() -> None:
    tracks = make_track_table(time_s=[0.0, 1.0, 60.0], tracklet=[1] * 3, x_m=[3.0] * 3, y_m=[3.0] * 3)
    assert heatmap_of(tracks).person_seconds.sum() == pytest.approx(3.0)


def test_a_very_large_floor_gets_larger_cells() -> None:
    hall = Polygon.from_points([(0, 0), (400, 0), (400, 300), (0, 300)], what="hall")
    heatmap = heatmap_of(spread_evenly(until_s=2.0), outline=hall)
    assert heatmap.grid.cell_m > 0.5
    assert heatmap.grid.rows * heatmap.grid.columns < 300_000
