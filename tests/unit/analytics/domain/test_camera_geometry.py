from __future__ import annotations

import numpy as np
import pytest

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError

HALL = CameraGeometry(np.array([[0.01, 0.002, -3.0], [0.0, -0.02, 30.0], [0.0, 0.004, -0.4]]))
"""Looks along a hall: its horizon is at v = 100."""

SCALING = CameraGeometry(np.diag([0.01, 0.01, 1.0]), pair_rms_m=0.3)


def test_known_points() -> None:
    np.testing.assert_allclose(HALL.project_to_floor(np.array([[500.0, 600.0]])), [[1.6, 9.0]])


def test_pixel_and_floor_are_inverse() -> None:
    uv_px = np.random.default_rng(0).uniform([0, 150], [1920, 1080], (40, 2))
    np.testing.assert_allclose(HALL.project_to_pixel(HALL.project_to_floor(uv_px)), uv_px, atol=1e-6)


@pytest.mark.parametrize("v_px", [100.0, 99.0, 0.0, -500.0])
def test_pixels_at_or_above_the_horizon_have_no_floor_point(v_px: float) -> None:
    assert np.isnan(HALL.project_to_floor(np.array([[960.0, v_px]]))).all()


def test_nothing_behind_the_camera_is_in_the_picture() -> None:
    behind = np.array([[0.0, -50.0]])
    assert np.isnan(HALL.project_to_pixel(behind)).all()


def test_no_points_give_no_points() -> None:
    nothing = np.empty((0, 2))
    assert HALL.project_to_floor(nothing).shape == (0, 2)
    assert HALL.project_to_pixel(nothing).shape == (0, 2)
    assert HALL.compute_floor_covariance(nothing, nothing).shape == (0, 2, 2)


def test_covariance_of_a_scaling_is_the_scaled_variance_and_the_calibrations_own() -> None:
    covariance = SCALING.compute_floor_covariance(np.array([[300.0, 200.0]]), np.array([[10.0, 20.0]]))
    np.testing.assert_allclose(covariance, [[[0.01 + 0.09, 0.0], [0.0, 0.04 + 0.09]]])


def test_covariance_agrees_with_repeated_picking() -> None:
    uv_px, sigma_px = np.array([[800.0, 500.0]]), np.array([[3.0, 2.0]])
    picked = uv_px + np.random.default_rng(0).normal(0, 1, (200_000, 2)) * sigma_px
    expected = np.cov(HALL.project_to_floor(picked).T)
    np.testing.assert_allclose(HALL.compute_floor_covariance(uv_px, sigma_px)[0], expected, rtol=0.02)


@pytest.mark.parametrize("to_size_wh", [(960, 540), (3840, 2160), (1440, 1080)])
def test_a_view_in_another_size_is_the_same_floor(to_size_wh: tuple[int, int]) -> None:
    uv_px = np.array([[500.0, 600.0], [1500.0, 900.0]])
    scaled = HALL.scaled_from((1920, 1080), to_size_wh)
    in_stream = uv_px * np.array(to_size_wh) / np.array([1920, 1080])
    np.testing.assert_allclose(scaled.project_to_floor(in_stream), HALL.project_to_floor(uv_px))
    assert SCALING.scaled_from((1920, 1080), to_size_wh).pair_rms_m == 0.3


@pytest.mark.parametrize(
    "matrix",
    [np.zeros((3, 3)), np.ones((3, 3)), np.full((3, 3), np.nan), np.eye(2), np.diag([1.0, 1.0, np.inf])],
)
def test_a_matrix_that_cannot_be_inverted_is_refused(matrix: np.ndarray) -> None:
    with pytest.raises(CalibrationError, match="cannot be inverted"):
        CameraGeometry(matrix)
