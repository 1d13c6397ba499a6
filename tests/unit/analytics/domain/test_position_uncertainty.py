from __future__ import annotations

import numpy as np
import pytest

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.lens import Lens
from analytics.domain.position_uncertainty import PositionUncertainty, compute_ellipse_scale

HALL = CameraGeometry(np.array([[0.01, 0.002, -3.0], [0.0, -0.02, 30.0], [0.0, 0.004, -0.4]]))
ABOVE_HORIZON = np.array([[500.0, 50.0]])


def make_uncertainty(*deviations: np.ndarray, freedom: float = 1e9) -> PositionUncertainty:
    return PositionUncertainty(
        CameraGeometry(np.diag([0.01, 0.01, 1.0])),
        np.array(deviations),
        np.zeros(len(deviations)),
        noise_px=1.0,
        degrees_of_freedom=freedom,
    )


def shift(x_m: float, y_m: float) -> np.ndarray:
    return np.array([[0.0, 0.0, x_m], [0.0, 0.0, y_m], [0.0, 0.0, 0.0]])


def test_a_shift_is_as_uncertain_everywhere() -> None:
    uncertainty = make_uncertainty(shift(0.3, 0.0), shift(0.0, 0.1))
    uv_px = np.array([[0.0, 0.0], [500.0, 300.0]])
    np.testing.assert_allclose(uncertainty.compute_covariance(uv_px), [np.diag([0.09, 0.01])] * 2)
    np.testing.assert_allclose(uncertainty.compute_expected_error(uv_px), np.sqrt(0.1))


def test_a_pixels_own_error_is_added() -> None:
    covariance = make_uncertainty(shift(0.3, 0.0)).compute_covariance(
        np.array([[9.0, 9.0]]), np.array([[10.0, 20.0]])
    )
    np.testing.assert_allclose(covariance, [np.diag([0.1, 0.04])])


def test_ellipses_have_the_axes_of_the_errors() -> None:
    ellipses = make_uncertainty(shift(0.3, 0.3), shift(0.1, -0.1)).find_ellipses(np.array([[200.0, 100.0]]))
    np.testing.assert_allclose(ellipses.directions_rad, [np.pi / 4])
    # 5.991: the 95 % quantile of chi-square with two degrees of freedom
    np.testing.assert_allclose(ellipses.semi_axes_m, np.sqrt(5.991 * 2) * np.array([[0.3, 0.1]]), rtol=1e-3)


def test_the_fewer_degrees_of_freedom_the_larger_the_ellipse() -> None:
    # 6.944: the 95 % quantile of F with 2 and 4 degrees of freedom
    assert compute_ellipse_scale(4) ** 2 / 2 == pytest.approx(6.944, abs=1e-3)
    scales = [compute_ellipse_scale(nu) for nu in (2, 4, 8, 100)]
    assert scales == sorted(scales, reverse=True)


def test_positions_above_the_horizon_have_no_ellipse() -> None:
    uncertainty = PositionUncertainty(HALL, np.array([shift(0.1, 0.1)]), np.zeros(1), 1.0, 4.0)
    ellipses = uncertainty.find_ellipses(ABOVE_HORIZON)
    assert np.isnan(ellipses.semi_axes_m).all()
    assert np.isnan(ellipses.directions_rad).all()
    assert np.isnan(uncertainty.compute_expected_error(ABOVE_HORIZON)).all()


def test_floor_points_have_the_ellipses_of_their_pixels() -> None:
    uncertainty = PositionUncertainty(HALL, np.array([shift(0.1, 0.2)]), np.zeros(1), 1.0, 4.0)
    uv_px = np.array([[500.0, 600.0]])
    at_pixel, on_floor = (
        uncertainty.find_ellipses(uv_px),
        uncertainty.find_ellipses_on_floor(HALL.project_to_floor(uv_px)),
    )
    np.testing.assert_allclose(at_pixel.semi_axes_m, on_floor.semi_axes_m)
    assert np.isnan(uncertainty.find_ellipses_on_floor(np.array([[0.0, -50.0]])).semi_axes_m).all()


def test_deviations_of_the_lens_are_those_of_another_lens() -> None:
    lens = Lens(-0.2).in_picture((1280, 720))
    geometry = CameraGeometry(HALL.floor_from_pixel, lens=lens)
    uncertainty = PositionUncertainty(geometry, np.zeros((1, 3, 3)), np.array([0.001]), 1.0, 4.0)
    uv_px = np.array([[1200.0, 600.0], [100.0, 400.0]])
    other = CameraGeometry(HALL.floor_from_pixel, lens=Lens(-0.199).in_picture((1280, 720)))
    moved = other.project_to_floor(uv_px) - geometry.project_to_floor(uv_px)
    expected = np.einsum("ni,nj->nij", moved, moved)
    np.testing.assert_allclose(uncertainty.compute_covariance(uv_px), expected, rtol=0.02)


@pytest.mark.parametrize("division_sigma", [None, 0.0, 0.02])
def test_on_the_floor_the_errors_are_those_of_the_pixels_there(division_sigma: float | None) -> None:
    rng = np.random.default_rng(5)
    lens = None if division_sigma is None else Lens(-0.2).in_picture((1280, 720))
    geometry = CameraGeometry(HALL.floor_from_pixel, lens=lens)
    deviations = rng.normal(0, 1e-3, (8, 3, 3)) * np.abs(HALL.floor_from_pixel)
    division_deviations = rng.normal(0, division_sigma or 0.0, 8)
    uncertainty = PositionUncertainty(geometry, deviations, division_deviations, 1.0, 1e9)
    xy_m = geometry.project_to_floor(np.array([[100.0, 400.0], [600.0, 250.0], [320.0, 480.0]]))
    found = uncertainty.compute_covariance_on_floor(xy_m)
    expected = uncertainty.compute_covariance(geometry.project_to_pixel(xy_m))
    np.testing.assert_allclose(found, expected, rtol=1e-7)
    variance = (found[:, 0, 0] + found[:, 1, 1]) / 2
    np.testing.assert_allclose(uncertainty.compute_variance_on_floor(xy_m), variance, rtol=1e-9)
    held = CameraGeometry(HALL.floor_from_pixel, lens=lens, floor_errors=uncertainty)
    np.testing.assert_allclose(held.compute_calibration_variance(xy_m), variance, rtol=1e-9)
    assert CameraGeometry(HALL.floor_from_pixel, 0.5).compute_calibration_variance(xy_m[:1]) == 0.25
    behind_m = np.array([[0.0, -100.0]])
    assert np.isnan(geometry.project_to_pixel(behind_m)).all()
    assert np.isnan(uncertainty.compute_covariance_on_floor(behind_m)).all()
