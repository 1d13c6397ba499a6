from __future__ import annotations

import math

import numpy as np
import pytest

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError
from analytics.domain.lens import Lens, compute_lens_of_data_sheet

SIZE_WH = (1280, 720)
BARREL = Lens(-0.3).in_picture(SIZE_WH)
HALL = np.array([[0.01, 0.002, -3.0], [0.0, -0.02, 30.0], [0.0, 0.004, -0.4]])


def sample_picture(count: int = 200) -> np.ndarray:
    return np.random.default_rng(0).uniform([0, 0], SIZE_WH, (count, 2))


def test_a_straight_lens_changes_nothing() -> None:
    uv_px = sample_picture()
    straight = Lens(0.0).in_picture(SIZE_WH)
    np.testing.assert_allclose(straight.straighten(uv_px), uv_px, atol=1e-12)
    np.testing.assert_allclose(straight.distort(uv_px), uv_px, atol=1e-12)


def test_barrel_pulls_inwards_and_pincushion_pushes_outwards() -> None:
    beside = np.array([[1100.0, 360.0]])
    assert BARREL.distort(beside)[0, 0] < 1100
    assert Lens(0.3).in_picture(SIZE_WH).distort(beside)[0, 0] > 1100


@pytest.mark.parametrize("division", [-0.8, -0.3, 0.2])
def test_derivatives_are_those_of_small_steps(division: float) -> None:
    lens, uv_px = Lens(division).in_picture(SIZE_WH).scaled((1.0, 0.8)), sample_picture(20) * [1.0, 0.8]
    step = 1e-3
    for axis, move in enumerate(np.eye(2) * step):
        slope = (lens.straighten(uv_px + move) - lens.straighten(uv_px - move)) / (2 * step)
        np.testing.assert_allclose(lens.compute_straightening(uv_px)[:, :, axis], slope, rtol=1e-5, atol=1e-6)
    more, less = (
        Lens(division + by).in_picture(SIZE_WH).scaled((1.0, 0.8)).straighten(uv_px) for by in (1e-6, -1e-6)
    )
    effect = lens.compute_division_effect(uv_px)
    np.testing.assert_allclose(effect, (more - less) / 2e-6, rtol=1e-4, atol=1e-2)


def test_points_outside_the_lens_range_have_no_pixel() -> None:
    far_off = np.array([[5000.0, 360.0]])
    assert np.isnan(BARREL.straighten(far_off)).all()
    assert np.isnan(Lens(0.5).in_picture(SIZE_WH).distort(far_off)).all()


@pytest.mark.parametrize("division", [-0.91, 0.6, float("nan"), float("inf")])
def test_a_lens_beyond_the_range_is_refused(division: float) -> None:
    with pytest.raises(CalibrationError, match=r"not between -0\.9 and 0\.5"):
        Lens(division)


def test_a_lens_of_another_size_of_pictures_bends_the_same() -> None:
    uv_px, by = sample_picture(), np.array([0.5, 0.75])
    scaled = BARREL.scaled((0.5, 0.75))
    np.testing.assert_allclose(scaled.straighten(uv_px * by), BARREL.straighten(uv_px) * by)
    np.testing.assert_allclose(
        Lens(-0.3).in_picture((640, 360)).centre_px, BARREL.scaled((0.5, 0.5)).centre_px
    )


def test_geometry_takes_the_pixels_of_the_bent_picture() -> None:
    bent, straight = CameraGeometry(HALL, lens=BARREL), CameraGeometry(HALL)
    uv_px = sample_picture()
    np.testing.assert_allclose(
        bent.project_to_floor(uv_px), straight.project_to_floor(BARREL.straighten(uv_px))
    )
    floor = bent.project_to_floor(uv_px)
    seen = np.isfinite(floor).all(axis=1)
    np.testing.assert_allclose(bent.project_to_pixel(floor[seen]), uv_px[seen], atol=1e-6)
    scaled = bent.scaled_from(SIZE_WH, (640, 360))
    np.testing.assert_allclose(scaled.project_to_floor(uv_px / 2), floor)


def test_covariance_goes_through_the_lens() -> None:
    geometry = CameraGeometry(HALL, lens=BARREL)
    uv_px, sigma_px = np.array([[1150.0, 650.0]]), np.array([[2.0, 1.0]])
    picked = uv_px + np.random.default_rng(0).normal(0, 1, (200_000, 2)) * sigma_px
    expected = np.cov(geometry.project_to_floor(picked).T)
    np.testing.assert_allclose(geometry.compute_floor_covariance(uv_px, sigma_px)[0], expected, rtol=0.02)


def test_the_data_sheet_of_a_straight_lens_gives_none() -> None:
    lens = compute_lens_of_data_sheet(
        focal_mm=4.0, sensor_width_mm=4.8, horizontal_fov_rad=2 * math.atan(0.6), size_wh=SIZE_WH
    )
    assert lens.division == pytest.approx(0, abs=1e-12)
    # a focal length that is 3 % longer than stated makes so much of it
    longer = compute_lens_of_data_sheet(
        focal_mm=4.0 / 1.03, sensor_width_mm=4.8, horizontal_fov_rad=2 * math.atan(0.6), size_wh=SIZE_WH
    )
    assert lens.division_sigma == pytest.approx(longer.division, rel=1e-6)


def test_the_data_sheet_of_an_equidistant_fisheye_gives_its_view_back() -> None:
    fov_rad = math.radians(90)
    focal_mm = 2.8
    width_mm = focal_mm * fov_rad
    lens = compute_lens_of_data_sheet(
        focal_mm=focal_mm, sensor_width_mm=width_mm, horizontal_fov_rad=fov_rad, size_wh=SIZE_WH
    )
    side = lens.in_picture(SIZE_WH).straighten(np.array([[1280.0, 360.0]]))[0, 0] - 640
    focal_px = focal_mm / width_mm * 1280
    assert side == pytest.approx(focal_px * math.tan(fov_rad / 2))
    assert lens.division < -0.2


@pytest.mark.parametrize(
    ("focal_mm", "width_mm", "fov_deg", "problem"),
    [
        (0.0, 5.0, 90.0, "impossible value"),
        (2.8, -5.0, 90.0, "impossible value"),
        (2.8, 5.0, 180.0, "impossible value"),
        (2.8, float("nan"), 90.0, "impossible value"),
        (2.8, 50.0, 90.0, "not between"),
    ],
)
def test_impossible_data_sheets_are_refused(
    focal_mm: float, width_mm: float, fov_deg: float, problem: str
) -> None:
    with pytest.raises(CalibrationError, match=problem):
        compute_lens_of_data_sheet(
            focal_mm=focal_mm,
            sensor_width_mm=width_mm,
            horizontal_fov_rad=math.radians(fov_deg),
            size_wh=SIZE_WH,
        )
