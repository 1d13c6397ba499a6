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
from tests.support.halls.bent_views import (
    CENTRE_PX,
    SIZE_WH,
    Bend,
    bend_as_brown,
    bend_as_fisheye,
    bend_as_opencv,
    click_lines,
    click_pairs,
)
from tests.support.halls.bent_views import look_at_floor as look_at_bent_floor
from tools.simulation.pinhole_camera import PinholeCamera
from vision.calibration.camera_fit import fit_camera
from vision.calibration.homography import HomographyFit, estimate_homography
from vision.calibration.lens_distortion import estimate_lens

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


def click_points(
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
        fit = click_points(uv_px[chosen], xy_m[chosen], float(rng.choice(NOISES_PX)), rng)
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


@pytest.mark.slow
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
        fit = click_points(uv_px[chosen], xy_m[chosen], 3.0, rng)
        assert fit is not None
        off = np.linalg.norm(fit.geometry.project_to_floor(uv_px) - xy_m, axis=1)
        rms_m.append(float(np.sqrt(np.mean(off**2))))
    assert np.quantile(rms_m, 0.9) < 0.2
    assert np.median(rms_m) < 0.1


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


KNOWN = Lens(-0.25)


def bend_as_known(uv_px: np.ndarray) -> np.ndarray:
    return KNOWN.in_picture(SIZE_WH).distort(uv_px)


def test_lines_of_the_model_itself_give_its_coefficient_back() -> None:
    lines = click_lines(bend_as_known, np.random.default_rng(0), noise_px=0.0)
    fit = estimate_lens(lines, SIZE_WH)
    assert fit.lens.division == pytest.approx(KNOWN.division, abs=1e-5)
    assert fit.line_rms_px.max() < 1e-3
    assert fit.straight_line_rms_px.min() > 4


@pytest.mark.slow
def test_the_error_of_the_coefficient_is_as_large_as_it_is_said_to_be() -> None:
    rng = np.random.default_rng(1)
    fits = [estimate_lens(click_lines(bend_as_known, rng, noise_px=2.0), SIZE_WH) for _ in range(40)]
    off = np.array([(fit.lens.division - KNOWN.division) / fit.division_sigma for fit in fits])
    assert 0.6 < np.sqrt(np.mean(off**2)) < 1.3


@pytest.mark.slow
@pytest.mark.parametrize("bend", [bend_as_fisheye, bend_as_opencv, bend_as_brown])
@pytest.mark.parametrize("with_lines", [True, False])
def test_a_lens_of_90_degrees_loses_more_than_half_of_its_floor_error(bend: Bend, with_lines: bool) -> None:
    rng = np.random.default_rng(3)
    for _ in range(5):
        pairs = click_pairs(bend, rng, count=10)
        lines = click_lines(bend, rng) if with_lines else []
        lens = estimate_lens(lines, SIZE_WH, pairs=pairs).lens
        uv_px, xy_m = look_at_bent_floor(bend, rng, far_m=10.0)
        rms_m = [
            float(np.sqrt(np.nanmean(((fit.geometry.project_to_floor(uv_px) - xy_m) ** 2).sum(axis=1))))
            for fit in (estimate_homography(pairs), estimate_homography(pairs, lens=lens.in_picture(SIZE_WH)))
        ]
        assert rms_m[1] < 0.5 * rms_m[0]
        assert rms_m[1] < 0.2


def test_few_pairs_say_nothing_of_a_lens() -> None:
    rng = np.random.default_rng(2)
    lines, pairs = click_lines(bend_as_known, rng), click_pairs(bend_as_known, rng, count=5)
    few, none = estimate_lens(lines, SIZE_WH, pairs=pairs), estimate_lens(lines, SIZE_WH)
    assert few.lens == none.lens
    with pytest.raises(CalibrationError, match="at least one line or six point pairs"):
        estimate_lens([], SIZE_WH, pairs=pairs)


LONG = np.array([[100.0, 50.0], [600.0, 40.0], [1200.0, 60.0]])


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], "at least one line"),
        ([LONG, LONG[:2]], "Line 2 has 2 points"),
        ([LONG / 20], "Line 1 is only 55 pixels long"),
        ([LONG, LONG + 700], "Line 2 has a point outside the picture of 1280x720"),
        ([LONG * np.nan], "Line 1 has a point outside"),
        ([CENTRE_PX + np.array([[-500.0, 0], [-100, 0], [100, 0], [500, 0]])], "do not determine the lens"),
    ],
)
def test_lines_that_cannot_be_used_are_refused(lines: list[np.ndarray], sentence: str) -> None:
    with pytest.raises(CalibrationError, match=sentence):
        estimate_lens(lines, SIZE_WH)
