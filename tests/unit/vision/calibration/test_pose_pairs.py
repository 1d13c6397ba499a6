"""Pairs that stand for a pose know the floor as well as the pose does, and say so."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from analytics.domain.camera import Camera, PointPair
from analytics.domain.identifiers import CameraId
from analytics.domain.position_uncertainty import PositionUncertainty, compute_ellipse_scale
from app.calibration.calibration_preview import report_calibration
from tests.support.halls.walking_people import MEAN_HEIGHT_M, film_walkers
from vision.calibration.camera_fit import fit_camera
from vision.calibration.pose_pairs import make_pose_pairs
from vision.calibration.pose_refinement import refine_pose
from vision.calibration.walkers import estimate_pose_from_walkers
from vision.simulation.pinhole_camera import PinholeCamera

SIZE_WH = (1280, 720)


def hold(uncertainty: PositionUncertainty, uv_px: np.ndarray, xy_m: np.ndarray) -> float:
    """The share of floor points within their ellipses."""
    off = uncertainty.geometry.project_to_floor(uv_px) - xy_m
    distance2 = np.einsum("ni,nij,nj->n", off, np.linalg.inv(uncertainty.compute_covariance(uv_px)), off)
    return float(np.mean(distance2 <= compute_ellipse_scale(uncertainty.degrees_of_freedom) ** 2))


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


def test_a_clicked_point_beside_them_is_not_accused_of_what_they_do_not_know() -> None:
    floor = np.array([(-3.0, 4.0), (3.0, 4.0), (-6.0, 11.0), (6.0, 11.0), (0.0, 6.0), (1.0, 9.0)])
    view = PinholeCamera((0.0, 0.0, 4.0), math.pi / 2, math.radians(25), math.radians(80), SIZE_WH)
    pixels = view.to_geometry().project_to_pixel(floor)
    pixels[4] += (22.0, 0.0)
    pairs = tuple(PointPair(*uv, *xy) for uv, xy in zip(pixels.tolist(), floor.tolist(), strict=True))
    clicked = Camera(CameraId("a"), SIZE_WH, pairs)
    assert [pair.spoils for pair in report_calibration(clicked).pairs][4]
    report = report_calibration(dataclasses.replace(clicked, pair_sigma_px=15.0))
    assert not any(pair.spoils for pair in report.pairs)
    assert not report.warnings
