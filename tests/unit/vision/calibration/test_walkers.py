"""Pairs that stand for a pose know the floor as well as the pose does, and say so."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import CalibrationError
from analytics.domain.identifiers import CameraId
from analytics.domain.lens import DATA_SHEET_SIGMA, Lens
from analytics.domain.position_uncertainty import PositionUncertainty, compute_ellipse_scale
from tests.support.halls.walking_people import MEAN_HEIGHT_M, film_walkers
from tools.simulation.pinhole_camera import PinholeCamera
from vision.calibration.camera_fit import fit_camera
from vision.calibration.camera_pose import CameraPose, compute_focal_px
from vision.calibration.pose_pairs import make_pose_pairs
from vision.calibration.pose_refinement import refine_pose
from vision.calibration.walkers import WalkersFit, estimate_pose_from_walkers

SIZE_WH = (1280, 720)
VIEW = PinholeCamera((0.0, 0.0, 4.2), math.pi / 2, math.radians(24), math.radians(80), SIZE_WH)


def fit(view: PinholeCamera, tracks: list[np.ndarray]) -> WalkersFit:
    return estimate_pose_from_walkers(
        tracks, size_wh=SIZE_WH, focal_px=view.focal_px, mean_height_m=MEAN_HEIGHT_M
    )


def look_at_floor(view: PinholeCamera, *, far_m: float = 12.0) -> tuple[np.ndarray, np.ndarray]:
    uv_px = np.random.default_rng(5).uniform([0, 0], SIZE_WH, (800, 2))
    xy_m = view.to_geometry().project_to_floor(uv_px)
    near = np.linalg.norm(xy_m - view.position_m[:2], axis=1) < far_m
    return uv_px[near], xy_m[near]


def test_the_pose_of_the_pinhole_camera_is_ours() -> None:
    pose = CameraPose(4.2, math.radians(24), 0.0, 1.1, 3.0, -2.0)
    view = dataclasses.replace(VIEW, position_m=(3.0, -2.0, 4.2), heading_rad=1.1)
    matrix, expected = (
        pose.compute_floor_matrix(view.focal_px, (640, 360)),
        view.to_geometry().floor_from_pixel,
    )
    np.testing.assert_allclose(matrix / matrix[2, 2], expected / expected[2, 2], rtol=1e-9)
    assert compute_focal_px(view.horizontal_fov_rad, SIZE_WH) == pytest.approx(view.focal_px)


@pytest.mark.parametrize(
    ("height_m", "tilt_deg", "fov_deg"), [(2.8, 15, 90), (4.2, 24, 80), (5.5, 40, 65), (7.0, 32, 75)]
)
def test_walkers_tell_height_and_tilt(height_m: float, tilt_deg: float, fov_deg: float) -> None:
    view = PinholeCamera(
        (0.0, 0.0, height_m), math.pi / 2, math.radians(tilt_deg), math.radians(fov_deg), SIZE_WH
    )
    found = fit(view, film_walkers(view, np.random.default_rng(1)))
    assert abs(found.pose.height_m - height_m) < 0.3
    assert abs(found.pose.tilt_rad - view.tilt_rad) < math.radians(1.5)
    assert abs(found.pose.roll_rad) < math.radians(1.5)
    uv_px, xy_m = look_at_floor(view)
    off = np.linalg.norm(found.geometry.project_to_floor(uv_px) - xy_m, axis=1)
    assert np.sqrt(np.mean(off**2)) < 0.5


@pytest.mark.slow
def test_the_errors_are_as_large_as_they_are_said_to_be() -> None:
    rng = np.random.default_rng(2)
    off = []
    for _ in range(8):
        found = fit(VIEW, film_walkers(VIEW, rng, count=25, boxes=15))
        truth = np.array([VIEW.position_m[2], VIEW.tilt_rad, 0.0])
        pose = found.pose
        error = np.array([pose.height_m, pose.tilt_rad, pose.roll_rad]) - truth
        off.append(error / np.sqrt(np.diag(found.covariance)))
    rms = np.sqrt(np.mean(np.array(off) ** 2, axis=0))
    assert ((rms > 0.4) & (rms < 2.0)).all()


def test_children_and_people_without_legs_do_not_pull() -> None:
    rng = np.random.default_rng(4)
    tracks = film_walkers(VIEW, rng, count=40, hidden_share=0.0)
    for track in tracks[:6]:
        track[:, 1] += 0.4 * (track[:, 3] - track[:, 1])
    found = fit(VIEW, tracks)
    assert abs(found.pose.height_m - 4.2) < 0.3


def test_boxes_in_a_bent_picture_are_straightened() -> None:
    lens = Lens(-0.2).in_picture(SIZE_WH)
    bent = []
    for track in film_walkers(VIEW, np.random.default_rng(6), hidden_share=0.0, edge_noise=0.01):
        middle = (track[:, 0] + track[:, 2]) / 2
        top, bottom = (lens.distort(np.column_stack([middle, track[:, side]])) for side in (1, 3))
        centre = (top[:, 0] + bottom[:, 0]) / 2
        bent.append(np.column_stack([centre - 10, top[:, 1], centre + 10, bottom[:, 1]]))
    found = estimate_pose_from_walkers(
        bent, size_wh=SIZE_WH, focal_px=VIEW.focal_px, mean_height_m=MEAN_HEIGHT_M, lens=lens
    )
    assert abs(found.pose.height_m - 4.2) < 0.2
    assert abs(found.pose.height_m - 4.2) < abs(fit(VIEW, bent).pose.height_m - 4.2)
    assert found.geometry.lens == lens


def test_pairs_place_and_refine_the_pose() -> None:
    rng = np.random.default_rng(7)
    walkers = fit(VIEW, film_walkers(VIEW, rng, count=12))
    on_plan = dataclasses.replace(VIEW, position_m=(12.0, 3.0, 4.2), heading_rad=0.3)
    uv_px, xy_m = look_at_floor(on_plan)
    rms_m = []
    for chosen in ([0, 1], [0, 1, 2, 3, 4, 5]):
        pairs = [PointPair(*(uv_px[row] + rng.normal(0, 1.0, 2)), *xy_m[row]) for row in chosen]
        refined = refine_pose(walkers, pairs)
        off = np.linalg.norm(refined.geometry.project_to_floor(uv_px) - xy_m, axis=1)
        rms_m.append(float(np.sqrt(np.mean(off**2))))
        inside = refined.uncertainty.find_ellipses(uv_px).semi_axes_m[:, 0] > off
        assert inside.mean() > 0.9
    assert rms_m[0] < 0.5
    assert rms_m[1] < 0.1
    assert abs(refined.pose.height_m - 4.2) < 0.05


def test_pairs_mend_a_focal_length_that_is_off() -> None:
    rng = np.random.default_rng(9)
    tracks = film_walkers(VIEW, rng, count=16, boxes=16)
    uv_px, xy_m = look_at_floor(VIEW)
    corners = [int(np.argmax(uv_px @ np.array(way))) for way in ((1, 1), (-1, 1), (1, -2), (-1, -2))]
    pairs = [PointPair(*(uv_px[row] + rng.normal(0, 1.0, 2)), *xy_m[row]) for row in corners]
    rms_m, inside = [], []
    for focal_sigma in (0.0, DATA_SHEET_SIGMA):
        walkers = estimate_pose_from_walkers(
            tracks,
            size_wh=SIZE_WH,
            focal_px=1.05 * VIEW.focal_px,
            mean_height_m=MEAN_HEIGHT_M,
            mean_height_sigma_m=0.03,
            focal_sigma=focal_sigma,
        )
        uncertainty = refine_pose(walkers, pairs).uncertainty
        off = np.linalg.norm(uncertainty.geometry.project_to_floor(uv_px) - xy_m, axis=1)
        rms_m.append(float(np.sqrt(np.mean(off**2))))
        inside.append(float(np.mean(uncertainty.find_ellipses(uv_px).semi_axes_m[:, 0] > off)))
    assert rms_m[1] < 0.7 * rms_m[0]
    assert inside[1] > 0.95


def test_pairs_of_another_floor_are_refused() -> None:
    walkers = fit(VIEW, film_walkers(VIEW, np.random.default_rng(7)))
    pairs = [PointPair(300, 600, 0, 0), PointPair(900, 600, 20, 0)]
    with pytest.raises(CalibrationError, match="apart on the plan"):
        refine_pose(walkers, pairs)


@pytest.mark.parametrize("tracks", [[], [np.zeros((0, 4))] * 20, [np.full((50, 4), np.nan)] * 20])
def test_too_few_walkers_are_refused(tracks: list[np.ndarray]) -> None:
    with pytest.raises(CalibrationError, match="There are 0 walkers with 0 boxes"):
        fit(VIEW, tracks)


def test_boxes_that_are_cut_off_do_not_count() -> None:
    tracks = [np.array([[100.0, 0.0, 200.0, 300.0]] * 20)] * 20
    with pytest.raises(CalibrationError, match="There are 0 walkers"):
        fit(VIEW, tracks)


def test_people_at_one_distance_tell_no_tilt() -> None:
    rng = np.random.default_rng(8)
    tracks = film_walkers(VIEW, rng, near_m=8.0, far_m=8.4, across_m=0.4, edge_noise=0.05)
    with pytest.raises(CalibrationError, match=r"one distance: their feet span only 0\.\d body heights"):
        fit(VIEW, tracks)


@pytest.mark.parametrize(("focal_px", "mean_height_m"), [(0.0, 1.7), (float("nan"), 1.7), (800.0, -1.7)])
def test_figures_that_cannot_be_are_refused(focal_px: float, mean_height_m: float) -> None:
    with pytest.raises(CalibrationError, match="is invalid"):
        estimate_pose_from_walkers([], size_wh=SIZE_WH, focal_px=focal_px, mean_height_m=mean_height_m)


def hold(uncertainty: PositionUncertainty, uv_px: np.ndarray, xy_m: np.ndarray) -> float:
    """The share of floor points within their ellipses."""
    off = uncertainty.geometry.project_to_floor(uv_px) - xy_m
    distance2 = np.einsum("ni,nij,nj->n", off, np.linalg.inv(uncertainty.compute_covariance(uv_px)), off)
    return float(np.mean(distance2 <= compute_ellipse_scale(uncertainty.degrees_of_freedom) ** 2))


@pytest.mark.slow
def test_their_ellipses_hold_the_truth() -> None:
    rng = np.random.default_rng(2)
    shares, rms_m = [], []
    for _ in range(10):
        view = PinholeCamera(
            (0.0, 0.0, rng.uniform(3.5, 6)),
            math.pi / 2,
            math.radians(rng.uniform(20, 30)),
            math.radians(rng.uniform(65, 90)),
            SIZE_WH,
        )
        walkers = estimate_pose_from_walkers(
            film_walkers(view, rng, count=16, boxes=16),
            size_wh=SIZE_WH,
            focal_px=view.focal_px,
            mean_height_m=MEAN_HEIGHT_M + rng.normal(0, 0.03),
            mean_height_sigma_m=0.03,
        )
        uv_px = rng.uniform([0, 0], SIZE_WH, (800, 2))
        xy_m = view.to_geometry().project_to_floor(uv_px)
        near = np.linalg.norm(xy_m, axis=1) < 12
        uv_px, xy_m = uv_px[near], xy_m[near]
        left, right = int(np.argmin(xy_m[:, 0])), int(np.argmax(xy_m[:, 0]))
        pairs = [PointPair(*(uv_px[row] + rng.normal(0, 3, 2)), *xy_m[row]) for row in (left, right)]
        told = make_pose_pairs(refine_pose(walkers, pairs), SIZE_WH)
        fit = fit_camera(Camera(CameraId("a"), SIZE_WH, told.pairs, pair_sigma_px=told.sigma_px))
        shares.append(hold(fit.uncertainty, uv_px, xy_m))
        off = np.linalg.norm(fit.geometry.project_to_floor(uv_px) - xy_m, axis=1)
        rms_m.append(float(np.sqrt(np.mean(off**2))))
    assert 0.86 < np.mean(shares) < 0.99
    assert max(rms_m) < 0.5
