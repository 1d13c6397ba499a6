from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest

from analytics.domain.camera import PointPair
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError
from analytics.domain.lens import Lens
from vision.calibration.click_noise import PRIOR_NOISE, ClickNoise
from vision.calibration.homography import estimate_homography, fit_matrix

HALL = CameraGeometry(np.array([[0.01, 0.002, -3.0], [0.0, -0.02, 30.0], [0.0, 0.004, -0.4]]))
"""Looks along a hall: its horizon is at v = 100."""


def make_pairs(uv_px: np.ndarray, xy_m: np.ndarray) -> list[PointPair]:
    return [PointPair(*uv, *xy) for uv, xy in zip(uv_px.tolist(), xy_m.tolist(), strict=True)]


def pairs_of_hall(count: int, *, pick_error_px: float = 0.0, seed: int = 0) -> list[PointPair]:
    random = np.random.default_rng(seed)
    uv_px = random.uniform([0, 300], [1920, 1080], (count, 2))
    return make_pairs(uv_px + random.normal(0, pick_error_px, uv_px.shape), HALL.project_to_floor(uv_px))


SQUARE = make_pairs(
    np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 100.0], [0.0, 100.0]]),
    np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]),
)


@pytest.mark.parametrize("count", [4, 5, 12])
def test_exact_pairs_give_back_the_geometry(count: int) -> None:
    fit = estimate_homography(pairs_of_hall(count))
    anywhere = np.random.default_rng(1).uniform([0, 200], [1920, 1080], (50, 2))
    np.testing.assert_allclose(
        fit.geometry.project_to_floor(anywhere), HALL.project_to_floor(anywhere), atol=1e-6
    )
    assert fit.rms_m < 1e-8
    assert fit.residuals_m.shape == (count,)


def test_a_floor_drawn_like_the_picture_is_a_scaling() -> None:
    """Origin at the upper left, y down: mirrored against the axes of a plan, and just as good."""
    corners = np.array([[0, 0], [768, 0], [768, 432], [0, 432]], dtype=float)
    geometry = estimate_homography(make_pairs(corners, corners / 100)).geometry
    anywhere = np.array([[384.0, 216.0], [10.0, 400.0]])
    np.testing.assert_allclose(geometry.project_to_floor(anywhere), anywhere / 100, atol=1e-9)


def test_refinement_beats_the_linear_fit_in_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = pairs_of_hall(12, pick_error_px=5.0)

    def error_px() -> float:
        geometry = estimate_homography(pairs).geometry
        picked = np.array([(pair.u_px, pair.v_px) for pair in pairs])
        measured = np.array([(pair.x_m, pair.y_m) for pair in pairs])
        return float(np.sum((geometry.project_to_pixel(measured) - picked) ** 2))

    refined = error_px()
    monkeypatch.setattr("vision.calibration.homography.MAXIMUM_REFINEMENTS", 0)
    assert refined < error_px()


def test_a_slip_of_the_mouse_stands_out() -> None:
    u, v = np.meshgrid([100.0, 500.0, 900.0], [100.0, 400.0, 700.0])
    uv_px = np.column_stack([u.ravel(), v.ravel()])
    pairs = make_pairs(uv_px, uv_px / 100)
    pairs[4] = PointPair(580, 400, 5.0, 4.0)
    fit = estimate_homography(pairs)
    assert int(fit.leave_one_out_m.argmax()) == int(fit.residuals_m.argmax()) == 4
    assert fit.leave_one_out_m[4] == pytest.approx(0.8)
    assert fit.residuals_m[4] < 0.8
    assert fit.rms_m == pytest.approx(np.sqrt(np.mean(fit.residuals_m**2)))


def test_four_pairs_say_nothing_of_their_error() -> None:
    assert np.isnan(estimate_homography(SQUARE).leave_one_out_m).all()


def test_third_coordinate_is_positive_at_the_pairs() -> None:
    matrix = estimate_homography(pairs_of_hall(6)).geometry.floor_from_pixel
    uv_px = np.array([(pair.u_px, pair.v_px, 1.0) for pair in pairs_of_hall(6)])
    assert (uv_px @ matrix[2] > 0).all()


def square_with(index: int, pair: PointPair) -> list[PointPair]:
    return [pair if number == index else other for number, other in enumerate(SQUARE)]


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        (SQUARE[:3], "has 3 point pairs"),
        ([], "has 0 point pairs"),
        (square_with(1, PointPair(float("nan"), 0, 1, 0)), "Pair 2 .* not a number"),
        (square_with(2, PointPair(100, 100, float("inf"), 1)), "Pair 3 .* not a number"),
        (square_with(3, SQUARE[0]), "Pairs 1 and 4 .* same pixel"),
        ([*SQUARE, PointPair(50, 50, 1, 1)], "Pairs 3 and 5 .* same floor point"),
        (square_with(2, PointPair(50, 0.1, 1, 1)), "one line in the picture"),
        (square_with(2, PointPair(100, 100, 0.5, 0.001)), "one line on the floor"),
        ([PointPair(n, n, n, n * 2) for n in range(6)], "one line in the picture"),
        (
            [
                PointPair(u, v, y, x)
                for u, v, x, y in ((0, 0, 0, 0), (9, 0, 1, 1), (9, 9, 0, 1), (0, 9, 1, 0))
            ],
            "contradict each other",
        ),
    ],
)
def test_pairs_that_cannot_be_used_are_refused(pairs: list[PointPair], sentence: str) -> None:
    with pytest.raises(CalibrationError, match=sentence) as caught:
        estimate_homography(pairs, what="camera 'north'")
    assert "camera 'north'" in caught.value.problem
    assert pickle.loads(pickle.dumps(caught.value)).remedy == caught.value.remedy


def test_four_in_general_position_among_many_on_a_line_suffice() -> None:
    on_a_line = [PointPair(u, 0, u / 100, 0) for u in (20.0, 40.0, 60.0)]
    fit = estimate_homography([*SQUARE, *on_a_line])
    np.testing.assert_allclose(
        fit.geometry.project_to_floor(np.array([[50.0, 50.0]])), [[0.5, 0.5]], atol=1e-9
    )


def test_pairs_picked_in_a_bent_picture_give_the_floor_of_the_straight_one() -> None:
    lens = Lens(-0.25).in_picture((1920, 1080))
    pairs = [
        dataclasses.replace(pair, u_px=u, v_px=v)
        for pair, (u, v) in zip(
            pairs_of_hall(8),
            lens.distort(np.array([(p.u_px, p.v_px) for p in pairs_of_hall(8)])),
            strict=True,
        )
    ]
    fit = estimate_homography(pairs, lens=lens)
    uv_px = np.array([[500.0, 600.0], [1500.0, 900.0]])
    np.testing.assert_allclose(
        fit.geometry.project_to_floor(lens.distort(uv_px)), HALL.project_to_floor(uv_px), atol=1e-6
    )
    assert fit.rms_m < 1e-6
    assert estimate_homography(pairs).rms_m > 0.05


def test_a_pixel_outside_of_the_lens_is_named() -> None:
    pairs = [PointPair(4000, 540, 5, 5), *SQUARE]
    with pytest.raises(CalibrationError, match=r"Pair 1 .* outside of what its lens"):
        estimate_homography(pairs, lens=Lens(-0.5).in_picture((1920, 1080)))


def test_the_uncertainty_is_that_of_repeated_picking() -> None:
    pairs = pairs_of_hall(7)
    uv_px = np.array([(p.u_px, p.v_px) for p in pairs])
    xy_m = np.array([(p.x_m, p.y_m) for p in pairs])
    rng = np.random.default_rng(0)
    look_at = np.array([[800.0, 500.0], [300.0, 900.0]])
    noise = ClickNoise(0.5, 1e9)
    picked = np.array(
        [
            CameraGeometry(
                fit_matrix(uv_px + rng.normal(0, 0.5, uv_px.shape), xy_m, what="")
            ).project_to_floor(look_at)
            for _ in range(800)
        ]
    )
    covariance = estimate_homography(pairs, noise=noise).uncertainty.compute_covariance(look_at)
    for point in range(2):
        np.testing.assert_allclose(covariance[point], np.cov(picked[:, point].T), rtol=0.2, atol=1e-7)


def test_an_uncertain_lens_makes_the_floor_less_certain() -> None:
    lens = Lens(-0.1).in_picture((1920, 1080))
    far_out = np.array([[1900.0, 1000.0]])
    errors = [
        estimate_homography(pairs_of_hall(6), lens=lens, division_sigma=sigma).uncertainty
        for sigma in (0.0, 0.05)
    ]
    known, uncertain = (float(u.compute_expected_error(far_out)[0]) for u in errors)
    assert uncertain > known > 0


def test_larger_residuals_make_larger_ellipses() -> None:
    pairs = pairs_of_hall(8)
    off = dataclasses.replace(pairs[0], u_px=pairs[0].u_px + 30)
    sizes = [estimate_homography(chosen).uncertainty.noise_px for chosen in (pairs, [off, *pairs[1:]])]
    assert sizes[1] > 2 * sizes[0]


def test_four_pairs_leave_what_is_known_of_clicking_beforehand() -> None:
    uncertainty = estimate_homography(SQUARE).uncertainty
    assert (uncertainty.noise_px, uncertainty.degrees_of_freedom) == pytest.approx(
        (PRIOR_NOISE.sigma_px, PRIOR_NOISE.degrees_of_freedom)
    )
