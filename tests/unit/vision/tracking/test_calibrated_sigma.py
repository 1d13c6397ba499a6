"""The stated error of a track point holds the truth where the camera was calibrated by an unsteady hand."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from analytics.domain.camera import Camera, PointPair
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.lens import Lens
from analytics.domain.position_uncertainty import NORMAL_ELLIPSE_SCALE
from analytics.domain.track import TrackState
from tools.simulation.pinhole_camera import PinholeCamera
from vision.calibration.camera_fit import fit_camera
from vision.pipeline.detection_lane import make_undistorted_picture
from vision.pixel_types import FootPoint, TrackedBox
from vision.tracking.floor_people import FloorPixels
from vision.tracking.floor_projection import FEET_AHEAD_M, FloorProjection
from vision.tracking.floor_view import FloorView, make_floor_view

SIZE_WH = (1280, 720)
FOOT_SIGMA_PX = 1.5


def draw_camera(rng: np.random.Generator) -> PinholeCamera:
    return PinholeCamera(
        (0.0, 0.0, rng.uniform(3, 6)),
        0.0,
        math.radians(rng.uniform(22, 45)),
        math.radians(rng.uniform(60, 90)),
        SIZE_WH,
    )


def see(view: PinholeCamera, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pixels and floor points up to 14 m away."""
    uv_px = rng.uniform([40, 40], np.array(SIZE_WH) - 40, (500, 2))
    xy_m = view.to_geometry().project_to_floor(uv_px)
    near = np.linalg.norm(xy_m, axis=1) < 14
    return uv_px[near], xy_m[near]


def stand(uv_px: np.ndarray, geometry: CameraGeometry) -> list[TrackedBox]:
    """People whose feet a tracker puts where a calibration says that their pixels are."""
    xy_m, covariance = geometry.project_with_errors(uv_px, np.full_like(uv_px, FOOT_SIGMA_PX))
    sigma_m = np.sqrt(np.trace(covariance, axis1=1, axis2=2) / 2)
    return [
        TrackedBox(
            TrackletId(number),
            float(number),
            (u - 20, v - 100, u + 20, v),
            0.9,
            TrackState.CONFIRMED,
            FootPoint(u, v, x, y, sigma),
        )
        for number, (u, v, x, y, sigma) in enumerate(np.column_stack([uv_px, xy_m, sigma_m]).tolist())
    ]


def stand_behind_feet(places: np.ndarray) -> np.ndarray:
    """The middles of bodies whose feet are at places, before a camera above the origin."""
    return places * (1 + FEET_AHEAD_M / np.linalg.norm(places, axis=1, keepdims=True))


def calibrate(pixels: np.ndarray, places: np.ndarray, rng: np.random.Generator, noise_px: float) -> Camera:
    """Near and far, left and right, and anywhere."""
    corners = [int(np.argmin(pixels @ np.array(way))) for way in ((1, 1), (-1, 1), (1, -1), (-1, -1))]
    others = np.setdiff1d(np.arange(len(pixels)), corners)
    chosen = [*corners, *rng.choice(others, 2, replace=False)]
    clicked = pixels[chosen] + rng.normal(0, noise_px, (6, 2))
    pairs = tuple(
        PointPair(*uv, *xy) for uv, xy in zip(clicked.tolist(), places[chosen].tolist(), strict=True)
    )
    return Camera(CameraId("a"), SIZE_WH, pairs)


def test_six_clicked_pairs_leave_sigmas_that_hold_the_truth() -> None:
    rng = np.random.default_rng(4)
    shares, without = [], []
    for _ in range(60):
        view = draw_camera(rng)
        pixels, places = see(view, rng)
        camera = calibrate(pixels, places, rng, noise_px=float(rng.choice([1.0, 3.0, 5.0])))
        geometry = fit_camera(camera).geometry
        feet = pixels[:60] + rng.normal(0, FOOT_SIGMA_PX, (60, 2))
        for fitted, held in (
            (geometry, shares),
            (dataclasses.replace(geometry, floor_errors=None, pair_rms_m=0.0), without),
        ):
            points = FloorProjection(camera, fitted, SIZE_WH).project(stand(feet, fitted))
            at = [int(point.tracklet) for point in points]
            middles = stand_behind_feet(places)[at]
            off_m = np.linalg.norm(np.array([(p.x_m, p.y_m) for p in points]) - middles, axis=1)
            sigma_m = np.array([point.sigma_m for point in points])
            held.append(float(np.mean(off_m <= NORMAL_ELLIPSE_SCALE * sigma_m)))
    assert 0.90 <= np.mean(shares) <= 0.98
    # what it would be without the calibration's part
    assert np.mean(without) < 0.75


def test_the_calibrations_part_is_in_the_sigmas_of_the_floor_tracker() -> None:
    rng = np.random.default_rng(3)
    view = draw_camera(rng)
    pixels, places = see(view, rng)
    geometry = fit_camera(calibrate(pixels, places, rng, noise_px=3.0)).geometry
    known = np.concatenate([places[:9].T, [[0.04] * 9, [0.09] * 9, [0.01] * 9]])
    floor = FloorPixels(FloorView(geometry, SIZE_WH))
    feet = floor.find_feet(known, floor.find_homogeneous(known), [None] * 9)
    of_calibration = np.trace(
        geometry.compute_floor_covariance(geometry.project_to_pixel(places[:9]), np.zeros((9, 2))),
        axis1=1,
        axis2=2,
    )
    assert of_calibration.max() > 1e-3
    found = [foot.sigma_m for foot in feet if foot is not None]
    np.testing.assert_allclose(found, np.sqrt((0.13 + of_calibration) / 2))


def test_the_calibrations_part_is_the_same_in_the_straightened_picture() -> None:
    rng = np.random.default_rng(2)
    view = draw_camera(rng)
    pixels, places = see(view, rng)
    lensed = dataclasses.replace(
        calibrate(pixels, places, rng, noise_px=2.0), lens=Lens(-0.05, division_sigma=0.02)
    )
    geometry = fit_camera(lensed).geometry
    straightened = make_undistorted_picture(lensed, make_floor_view(lensed, geometry, SIZE_WH))
    assert straightened is not None
    floor = geometry.project_to_floor(pixels)
    straight = straightened.geometry.project_to_pixel(floor)
    nothing = np.zeros_like(pixels)
    np.testing.assert_allclose(
        straightened.geometry.compute_floor_covariance(straight, nothing),
        geometry.compute_floor_covariance(pixels, nothing),
        rtol=1e-6,
    )


@pytest.mark.parametrize("size_wh", [SIZE_WH, (640, 360)])
def test_the_calibrations_part_is_the_same_in_pictures_of_any_size(size_wh: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    view = draw_camera(rng)
    pixels, places = see(view, rng)
    lensed = dataclasses.replace(
        calibrate(pixels, places, rng, noise_px=2.0), lens=Lens(-0.05, division_sigma=0.02)
    )
    geometry = fit_camera(lensed).geometry
    smaller = geometry.scaled_from(SIZE_WH, size_wh)
    shrunk = pixels * (np.array(size_wh) / SIZE_WH)
    nothing = np.zeros_like(pixels)
    np.testing.assert_allclose(
        smaller.compute_floor_covariance(shrunk, nothing),
        geometry.compute_floor_covariance(pixels, nothing),
        rtol=1e-6,
    )
