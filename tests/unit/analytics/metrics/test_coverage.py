from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from analytics.columns import SPAN_COLUMNS
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.identifiers import CameraId, LineId
from analytics.domain.lens import Lens
from analytics.domain.zone import CountingLine, ZoneKind
from analytics.metrics.coverage import (
    CameraView,
    FloorGrid,
    ViewEdge,
    compute_line_coverage,
    compute_observed_seconds,
    compute_zone_coverage,
)

FLOOR = Polygon.from_points([(0, 0), (10, 0), (10, 4), (0, 4)], what="floor")


def look_at(name: str, left_m: float, right_m: float, **more: object) -> CameraView:
    """Make a camera straight above that sees x from left to right and y from 0 to 4; 100 pixels a metre."""
    geometry = CameraGeometry(np.array([[0.01, 0.0, left_m], [0.0, -0.01, 4.0], [0.0, 0.0, 1.0]]))
    return CameraView(CameraId(name), geometry, (int(100 * (right_m - left_m)), 400), **more)


def make_spans(*rows: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame([(*row, 1) for row in rows], columns=[column.name for column in SPAN_COLUMNS])


def test_cells_are_numbered_from_the_lower_left_and_off_the_grid_is_none() -> None:
    grid = FloorGrid.around(FLOOR, cell_m=1.0)
    assert grid.shape == (4, 10)
    x = np.array([0.5, 9.5, 0.5, 10.5, -0.1])
    y = np.array([0.5, 0.5, 3.5, 1.0, 1.0])
    assert grid.find_cells(x, y).tolist() == [0, 9, 30, -1, -1]


def test_overlapping_cameras_count_a_moment_once() -> None:
    grid = FloorGrid.around(FLOOR, cell_m=1.0)
    views = [look_at("a", 0, 6), look_at("b", 4, 8)]
    spans = make_spans(("a", 0, 100), ("b", 50, 120))
    observed = compute_observed_seconds(grid=grid, views=views, spans=spans, period_s=(0, 200))
    assert observed[0].tolist() == pytest.approx([100] * 4 + [120] * 2 + [70] * 2 + [0] * 2)


def look_along(*, height_m: float, frame_wh: tuple[int, int], lens: Lens | None = None) -> CameraView:
    """Make a level camera over the origin that looks along y, focal length five eighths of the width."""
    width, height = frame_wh
    focal_px = 0.625 * width
    pixel_from_floor = np.array(
        [[focal_px, width / 2, 0.0], [0.0, height / 2, focal_px * height_m], [0.0, 1.0, 0.0]]
    )
    return CameraView(
        CameraId("a"),
        CameraGeometry(np.linalg.inv(pixel_from_floor), lens=lens and lens.in_picture(frame_wh)),
        frame_wh,
    )


@pytest.mark.parametrize("frame_wh", [(1920, 1080), (640, 360), (1080, 1920)])
def test_floor_where_people_look_too_small_is_not_seen(frame_wh: tuple[int, int]) -> None:
    view = look_along(height_m=4.0, frame_wh=frame_wh)
    # 1.7 m are 0.625 * 1.7 / distance of the width
    farthest_m = 0.625 * 1.7 / 0.01 * frame_wh[0] / max(frame_wh)
    ways = np.array([[0.0, 0.9 * farthest_m], [0.0, 1.1 * farthest_m], [3.0, 0.95 * farthest_m], [0.0, 1e6]])
    assert view.sees(ways).tolist() == [True, False, True, False]


@pytest.mark.parametrize("division", [-0.6, 0.3])
def test_behind_a_lens_people_count_as_they_are_in_the_picture(division: float) -> None:
    view = look_along(height_m=4.0, frame_wh=(1920, 1080), lens=Lens(division))
    xy_m = np.column_stack(
        [part.ravel() for part in np.meshgrid(np.arange(-90, 91, 5.0), np.arange(5, 200, 5.0))]
    )
    feet_px = view.geometry.project_to_pixel(xy_m)
    # of a level camera with the focal length above, whatever lens bends the picture afterwards
    straight = CameraGeometry(view.geometry.floor_from_pixel).project_to_pixel(xy_m)
    tops_px = view.geometry.lens.distort(
        straight - np.column_stack([0 * xy_m[:, 0], 1.7 * 1200 / xy_m[:, 1]])
    )
    tall_px = np.hypot(*(feet_px - tops_px).T)
    is_in_picture = ((feet_px >= 0) & (feet_px <= view.frame_size_wh)).all(axis=1)
    assert view.sees(xy_m).tolist() == (is_in_picture & (tall_px >= 19.2)).tolist()
    assert 0 < view.sees(xy_m).sum() < is_in_picture.sum()


def test_a_camera_that_looks_straight_down_sees_all_that_is_in_its_picture() -> None:
    view = look_at("a", 0, 6)
    turned = CameraGeometry(view.geometry.floor_from_pixel @ np.diag([1.0, -1.0, 1.0]))
    for geometry in (view.geometry, turned):
        assert geometry.measure_upright_px(np.array([[1.0, 2.0]]), height_m=1.7) == pytest.approx([170.0])


def test_floor_at_the_edge_of_a_picture_is_seen_whatever_the_last_bits() -> None:
    """The cells' centres lie exactly on the edges of the picture and of the mask."""
    centres = FloorGrid.around(FLOOR, cell_m=1.0).centres()
    exact = look_at("a", 1.5, 8.5, mask=(((300.0, -1.0), (500.0, -1.0), (500.0, 401.0), (300.0, 401.0)),))
    seen = exact.sees(centres)
    assert seen.reshape(4, 10).sum(axis=1).tolist() == [8 - 3] * 4
    noise = np.random.default_rng(1)
    for _ in range(20):
        matrix = exact.geometry.floor_from_pixel * (1.0 + 1e-15 * noise.integers(-4, 5, (3, 3)))
        moved = dataclasses.replace(exact, geometry=CameraGeometry(matrix))
        assert moved.sees(centres).tolist() == seen.tolist()


def test_a_point_behind_the_camera_has_no_pixel_height() -> None:
    view = look_along(height_m=4.0, frame_wh=(1920, 1080))
    assert np.isnan(view.geometry.measure_upright_px(np.array([[0.0, -5.0], [0.0, 0.0]]), height_m=1.7)).all()


def test_a_zone_beyond_every_detector_is_not_observed() -> None:
    view = look_along(height_m=4.0, frame_wh=(1920, 1080))
    near = Polygon.from_points([(-2, 20), (2, 20), (2, 24), (-2, 24)], what="near")
    far = Polygon.from_points([(-2, 2000), (2, 2000), (2, 2004), (-2, 2004)], what="far")
    shares = [
        compute_zone_coverage(outline=outline, views=[view], spans=None, period_s=(0.0, 60.0))
        for outline in (near, far)
    ]
    assert shares == [1.0, 0.0]


def test_masked_floor_is_not_seen() -> None:
    left_half = ((0.0, 0.0), (300.0, 0.0), (300.0, 400.0), (0.0, 400.0))
    view = look_at("a", 0, 6, mask=(left_half,))
    assert view.sees(np.array([[1.0, 2.0], [5.0, 2.0], [7.0, 2.0]])).tolist() == [False, True, False]


def test_coverage_of_a_zone_is_time_times_area() -> None:
    zone = Polygon.from_points([(4, 0), (8, 0), (8, 4), (4, 4)], what="zone")
    coverage = compute_zone_coverage(
        outline=zone, views=[look_at("a", 0, 6)], spans=make_spans(("a", 0, 50)), period_s=(0, 100)
    )
    assert coverage == pytest.approx(0.25, abs=0.02)
    assert compute_zone_coverage(outline=zone, views=[], spans=None, period_s=(0, 100)) == pytest.approx(1.0)


def test_the_distance_to_the_edge_of_the_view() -> None:
    edge = ViewEdge(views=[look_at("a", 0, 6)], around=FLOOR)
    distance = edge.measure_distance(np.array([5.0, 5.9, 7.0, 500.0]), np.full(4, 2.0))
    assert distance[:3].tolist() == pytest.approx([1.0, 0.1, 0.0], abs=0.11)
    assert distance[3] == np.inf


@pytest.mark.parametrize("band_m", [0.0, 0.5])
@pytest.mark.parametrize(
    ("points", "share"), [(((1, 1), (5, 1)), 0.5), (((1, 1), (3, 3)), 1.0), (((6, 1), (6, 3)), 0.0)]
)
def test_coverage_of_a_line_is_time_times_the_length_in_view(
    points: tuple[tuple[float, float], ...], share: float, band_m: float
) -> None:
    path = Polyline.from_points(points, what="line")
    line = CountingLine(LineId("door"), ZoneKind.ENTRANCE, path, band_m)
    spans = make_spans(("west", 0.0, 30.0))
    found = compute_line_coverage(
        line=line, views=[look_at("west", 0, 3.3)], spans=spans, period_s=(0.0, 60.0)
    )
    assert found == pytest.approx(share / 2 * (1.0 if share != 0.5 else 2.3 / 2), abs=0.04)
