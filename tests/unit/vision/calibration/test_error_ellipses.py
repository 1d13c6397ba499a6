"""The ellipses around floor points hold the truth as often as they say, over many cameras and hands."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import CalibrationError
from analytics.domain.identifiers import CameraId
from analytics.domain.lens import Lens
from analytics.domain.position_uncertainty import compute_ellipse_scale
from tests.support.halls.bent_views import click_lines, click_pairs
from tests.support.halls.bent_views import look_at_floor as look_at_bent_floor
from vision.calibration.camera_fit import fit_camera
from vision.calibration.homography import HomographyFit, estimate_homography
from vision.calibration.lens_distortion import estimate_lens
from vision.simulation.pinhole_camera import PinholeCamera

SIZE_WH = (1280, 720)
NOISES_PX = (1.0, 2.0, 3.0, 4.0, 5.0)
LOOKED_AT = 60


def draw_camera(rng: np.random.Generator) -> PinholeCamera:
    return PinholeCamera(
        (0.0, 0.0, rng.uniform(3, 8)),
        rng.uniform(0, 2 * math.pi),
        math.radians(rng.uniform(18, 60)),
        math.radians(rng.uniform(55, 95)),
        SIZE_WH,
    )


def look_at_floor(view: PinholeCamera, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pixels and floor points up to 20 m away."""
    uv_px = rng.uniform([0, 0], SIZE_WH, (2000, 2))
    xy_m = view.to_geometry().project_to_floor(uv_px)
    near = np.linalg.norm(xy_m, axis=1) < 20
    return uv_px[near], xy_m[near]


def choose_spread(uv_px: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """One point near each corner of what is seen, the others anywhere."""
    corners = [
        int(np.argmin(uv_px @ direction + rng.uniform(0, 150, len(uv_px))))
        for direction in ((1, 1), (-1, 1), (1, -1), (-1, -1))
    ]
    return np.array([*corners, *rng.choice(len(uv_px), count - 4, replace=False)])


def click(
    uv_px: np.ndarray, xy_m: np.ndarray, noise_px: float, rng: np.random.Generator
) -> HomographyFit | None:
    clicked = uv_px + rng.normal(0, noise_px, uv_px.shape)
    try:
        return estimate_homography([PointPair(*uv, *xy) for uv, xy in zip(clicked, xy_m, strict=True)])
    except CalibrationError:
        return None


def measure_coverage(count: int, cameras: int, rng: np.random.Generator, *, is_spread: bool) -> float:
    """The share of floor points within their ellipses, each camera with a hand of its own."""
    shares: list[float] = []
    while len(shares) < cameras:
        view = draw_camera(rng)
        uv_px, xy_m = look_at_floor(view, rng)
        chosen = (
            choose_spread(uv_px, count, rng) if is_spread else rng.choice(len(uv_px), count, replace=False)
        )
        fit = click(uv_px[chosen], xy_m[chosen], float(rng.choice(NOISES_PX)), rng)
        if fit is None:
            continue
        look, truth = uv_px[:LOOKED_AT], xy_m[:LOOKED_AT]
        off = fit.geometry.project_to_floor(look) - truth
        seen = np.isfinite(off).all(axis=1)
        covariance = fit.uncertainty.compute_covariance(look[seen])
        distance2 = np.einsum("ni,nij,nj->n", off[seen], np.linalg.inv(covariance), off[seen])
        scale = compute_ellipse_scale(fit.uncertainty.degrees_of_freedom)
        # a floor point that seems to lie beyond the horizon is not held by any ellipse
        shares.append(float((distance2 <= scale**2).sum() / len(look)))
    return float(np.mean(shares))


@pytest.mark.parametrize(("count", "cameras"), [(4, 300), (6, 120), (10, 80)])
def test_ellipses_hold_the_truth_in_90_to_98_percent(count: int, cameras: int) -> None:
    coverage = measure_coverage(count, cameras, np.random.default_rng(count), is_spread=True)
    assert 0.90 <= coverage <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("is_spread", [True, False])
@pytest.mark.parametrize("count", [4, 5, 6, 8, 12, 20])
def test_ellipses_hold_the_truth_over_many_cameras(count: int, is_spread: bool) -> None:
    coverage = measure_coverage(count, 400, np.random.default_rng(100 + count), is_spread=is_spread)
    assert 0.90 <= coverage <= 0.98


def test_six_pairs_clicked_to_three_pixels_give_the_floor_to_twenty_centimetres() -> None:
    rng = np.random.default_rng(0)
    rms_m = []
    for _ in range(40):
        view = draw_camera(rng)
        uv_px, xy_m = look_at_floor(view, rng)
        near = np.linalg.norm(xy_m, axis=1) < 15
        uv_px, xy_m = uv_px[near], xy_m[near]
        chosen = choose_spread(uv_px, 6, rng)
        fit = click(uv_px[chosen], xy_m[chosen], 3.0, rng)
        assert fit is not None
        off = np.linalg.norm(fit.geometry.project_to_floor(uv_px) - xy_m, axis=1)
        rms_m.append(float(np.sqrt(np.mean(off**2))))
    assert np.quantile(rms_m, 0.9) < 0.2
    assert np.median(rms_m) < 0.1


def test_the_expected_error_is_that_which_comes() -> None:
    rng = np.random.default_rng(1)
    view = PinholeCamera((0.0, 0.0, 4.0), 0.0, math.radians(30), math.radians(80), SIZE_WH)
    uv_px, xy_m = look_at_floor(view, rng)
    chosen = choose_spread(uv_px, 8, rng)
    look = uv_px[:20]
    square_m2, expected_m2 = [], []
    for _ in range(60):
        fit = click(uv_px[chosen], xy_m[chosen], 3.0, rng)
        assert fit is not None
        square_m2.append(((fit.geometry.project_to_floor(look) - xy_m[:20]) ** 2).sum(axis=1))
        expected_m2.append(fit.uncertainty.compute_expected_error(look) ** 2)
    ratio = np.mean(square_m2) / np.mean(expected_m2)
    assert 0.6 < ratio < 1.4


def test_ellipses_hold_the_truth_with_a_lens_of_a_data_sheet() -> None:
    rng = np.random.default_rng(3)
    stated = Lens(-0.25, division_sigma=0.03)
    shares = []
    for _ in range(30):
        true_lens = Lens(stated.division + rng.normal(0, stated.division_sigma)).in_picture(SIZE_WH)
        uv_px, xy_m = look_at_bent_floor(true_lens.distort, rng, far_m=10.0)
        pairs = tuple(click_pairs(true_lens.distort, rng, count=10, noise_px=3.0))
        uncertainty = fit_camera(Camera(CameraId("north"), SIZE_WH, pairs, lens=stated)).uncertainty
        look, truth = uv_px[:LOOKED_AT], xy_m[:LOOKED_AT]
        off = uncertainty.geometry.project_to_floor(look) - truth
        inverse = np.linalg.inv(uncertainty.compute_covariance(look))
        distance2 = np.einsum("ni,nij,nj->n", off, inverse, off)
        shares.append(float((distance2 <= compute_ellipse_scale(uncertainty.degrees_of_freedom) ** 2).mean()))
    assert 0.90 <= np.mean(shares) <= 0.98


@pytest.mark.slow
def test_ellipses_hold_the_truth_with_a_lens_that_was_estimated_as_well() -> None:
    rng = np.random.default_rng(11)
    true_lens = Lens(-0.25).in_picture(SIZE_WH)
    shares = []
    for _ in range(40):
        noise_px = float(rng.choice(NOISES_PX[:4]))
        uv_px, xy_m = look_at_bent_floor(true_lens.distort, rng, far_m=12.0)
        pairs = click_pairs(true_lens.distort, rng, count=10, noise_px=noise_px)
        lines = click_lines(true_lens.distort, rng, noise_px=noise_px)
        lens = estimate_lens(lines, SIZE_WH, pairs=pairs).lens
        camera = Camera(CameraId("north"), SIZE_WH, tuple(pairs), lens=lens)
        uncertainty = fit_camera(camera).uncertainty
        look, truth = uv_px[:LOOKED_AT], xy_m[:LOOKED_AT]
        off = uncertainty.geometry.project_to_floor(look) - truth
        inverse = np.linalg.inv(uncertainty.compute_covariance(look))
        distance2 = np.einsum("ni,nij,nj->n", off, inverse, off)
        shares.append(float((distance2 <= compute_ellipse_scale(uncertainty.degrees_of_freedom) ** 2).mean()))
    assert 0.90 <= np.mean(shares) <= 0.99
