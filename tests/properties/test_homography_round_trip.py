from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.domain.camera import PointPair
from analytics.domain.camera_geometry import CameraGeometry
from vision.calibration.homography import estimate_homography

SIZE_WH = (1280, 720)


@st.composite
def cameras(draw: st.DrawFn) -> CameraGeometry:
    """Pinhole cameras over a floor, from nearly level to straight down, turned anyhow, mirrored or not."""
    height_m = draw(st.floats(2.0, 12.0))
    tilt = np.radians(draw(st.floats(15.0, 90.0)))
    heading = np.radians(draw(st.floats(0.0, 360.0)))
    focal_px = draw(st.floats(400.0, 1600.0))
    away_m = np.array([draw(st.floats(-100.0, 100.0)), draw(st.floats(-100.0, 100.0))])
    mirror = draw(st.sampled_from([1.0, -1.0]))
    right = np.array([np.cos(heading), np.sin(heading), 0.0])
    ahead = np.array([-np.sin(heading), np.cos(heading), 0.0])
    forward = np.cos(tilt) * ahead - np.sin(tilt) * np.array([0.0, 0.0, 1.0])
    down = -np.sin(tilt) * ahead - np.cos(tilt) * np.array([0.0, 0.0, 1.0])
    rotation = np.stack([right, down, forward])
    camera_m = np.array([*away_m, height_m])
    intrinsics = np.array([[focal_px, 0, SIZE_WH[0] / 2], [0, focal_px, SIZE_WH[1] / 2], [0, 0, 1]])
    pixel_from_floor = (
        intrinsics @ np.column_stack([rotation[:, :2], -rotation @ camera_m]) @ np.diag([1, mirror, 1])
    )
    return CameraGeometry(np.linalg.inv(pixel_from_floor))


def floor_in_view(camera: CameraGeometry) -> np.ndarray:
    """A grid of pixels of the lower part of the picture, whose floor is within sixty metres or so."""
    u, v = np.meshgrid(np.linspace(0, SIZE_WH[0], 9), np.linspace(0, SIZE_WH[1], 9))
    grid = np.column_stack([u.ravel(), v.ravel()])
    covariance = camera.compute_floor_covariance(grid, np.ones_like(grid))
    is_near = np.isfinite(camera.project_to_floor(grid)).all(axis=1)
    is_near &= np.trace(covariance, axis1=1, axis2=2) < 0.5
    return grid[is_near]


@settings(deadline=None, max_examples=60)
@given(camera=cameras(), count=st.integers(4, 15), seed=st.integers(0, 10_000))
def test_pairs_of_any_camera_give_its_geometry_back(camera: CameraGeometry, count: int, seed: int) -> None:
    grid = floor_in_view(camera)
    corners = grid[[np.argmin(grid @ direction) for direction in ((1, 1), (-1, 1), (1, -1), (-1, -1))]]
    more = np.random.default_rng(seed).choice(grid, size=min(count, len(grid)), replace=False)
    uv_px = np.unique(np.vstack([corners, more]), axis=0)
    xy_m = camera.project_to_floor(uv_px)
    fit = estimate_homography([PointPair(*uv, *xy) for uv, xy in zip(uv_px, xy_m, strict=True)])
    assert fit.rms_m < 1e-5
    np.testing.assert_allclose(fit.geometry.project_to_floor(grid), camera.project_to_floor(grid), atol=1e-4)
    np.testing.assert_allclose(fit.geometry.project_to_pixel(xy_m), uv_px, atol=1e-3)


@settings(deadline=None, max_examples=40)
@given(
    camera=cameras(),
    width=st.integers(160, 4000),
    u=st.floats(0, SIZE_WH[0]),
    v=st.floats(0, SIZE_WH[1]),
)
def test_a_scaled_view_sees_the_same_floor(camera: CameraGeometry, width: int, u: float, v: float) -> None:
    to_size_wh = width, round(width * 9 / 16)
    scaled = camera.scaled_from(SIZE_WH, to_size_wh)
    in_stream = np.array([[u * to_size_wh[0] / SIZE_WH[0], v * to_size_wh[1] / SIZE_WH[1]]])
    floor, expected = scaled.project_to_floor(in_stream), camera.project_to_floor(np.array([[u, v]]))
    is_near = np.abs(expected) < 1000
    np.testing.assert_allclose(floor[is_near], expected[is_near], rtol=1e-4, atol=1e-4)
