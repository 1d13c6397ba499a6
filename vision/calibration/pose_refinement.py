"""Placement of a pose from walkers on the plan, and its refinement by a few point pairs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.camera import PointPair
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError
from analytics.domain.position_uncertainty import PositionUncertainty
from vision.calibration.camera_pose import CameraPose
from vision.calibration.click_noise import PRIOR_NOISE, ClickNoise, learn_click_noise
from vision.calibration.floor_placement import place_by_points
from vision.calibration.walkers import WalkersFit

_ITERATIONS = 50
_SCALES = np.array([1.0, 0.1, 0.1, 0.1, 1.0, 1.0, 0.1])
"""For height, tilt, roll, heading, x, y and the logarithm of the relative focal length, for steps of
numerical derivatives."""
_MIN_FOCAL_SIGMA = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class RefinedPose:
    """A pose on the plan.

    Attributes:
        residuals_m: shape (n,), distance on the floor between each pair's pixel and its measured point.
    """

    pose: CameraPose
    uncertainty: PositionUncertainty
    residuals_m: FloatArray

    @property
    def geometry(self) -> CameraGeometry:
        """Return the mapping from pixels to the plan's metres."""
        return self.uncertainty.geometry


def refine_pose(walkers: WalkersFit, pairs: Sequence[PointPair]) -> RefinedPose:
    """Place a pose on the plan by two or more pairs, and refine it as far as they are exact.

    Least squares of the pairs' pixels in units of the clicking noise, with what the walkers told of height,
    tilt, roll and focal length as a normal prior; Gauss-Newton from the placement that keeps the walkers'
    pose. The noise is learned once from the residuals (``learn_click_noise``). Walkers tell no focal length;
    the third and further pairs do.

    Raises:
        CalibrationError: fewer than two pairs, or pairs that the walkers' floor does not fit at all.
    """
    start = _find_start(walkers, pairs)
    noise = PRIOR_NOISE
    for _ in range(2):
        residuals = _make_residuals(walkers, pairs, noise)
        parameters, jacobian = _minimise(residuals, start)
        pixels = residuals(parameters)[: 2 * len(pairs)] * noise.sigma_px
        noise = learn_click_noise(float((pixels**2).sum()), max(2 * len(pairs) - 3, 0))
        start = parameters
    covariance = np.asarray(np.linalg.inv(jacobian.T @ jacobian), np.float64)
    xy_m = np.array([(pair.x_m, pair.y_m) for pair in pairs])
    uv_px = np.array([(pair.u_px, pair.v_px) for pair in pairs])
    bare = _make_geometry(walkers, parameters)
    residuals_m = np.linalg.norm(bare.project_to_floor(uv_px) - xy_m, axis=1)
    geometry = CameraGeometry(bare.floor_from_pixel, float(np.sqrt(np.mean(residuals_m**2))), walkers.lens)
    return RefinedPose(
        pose=CameraPose(*parameters[:6].tolist()),
        uncertainty=_find_uncertainty(walkers, geometry, parameters, covariance, noise),
        residuals_m=residuals_m,
    )


def _find_start(walkers: WalkersFit, pairs: Sequence[PointPair]) -> FloatArray:
    placement = place_by_points(walkers.geometry, pairs)
    pose = walkers.pose
    return np.array(
        [
            pose.height_m,
            pose.tilt_rad,
            pose.roll_rad,
            pose.heading_rad + placement.angle_rad,
            *placement.shift_m,
            0.0,
        ]
    )


def _make_geometry(walkers: WalkersFit, parameters: FloatArray) -> CameraGeometry:
    pose = CameraPose(*parameters[:6].tolist())
    focal_px = walkers.focal_px * math.exp(parameters[6])
    return CameraGeometry(pose.compute_floor_matrix(focal_px, walkers.centre_px), lens=walkers.lens)


def _make_residuals(
    walkers: WalkersFit, pairs: Sequence[PointPair], noise: ClickNoise
) -> Callable[[FloatArray], FloatArray]:
    uv_px = np.array([(pair.u_px, pair.v_px) for pair in pairs])
    xy_m = np.array([(pair.x_m, pair.y_m) for pair in pairs])
    pose = walkers.pose
    known = np.array([pose.height_m, pose.tilt_rad, pose.roll_rad])
    whitening = np.linalg.inv(np.linalg.cholesky(walkers.covariance))
    focal_sigma = max(walkers.focal_sigma, _MIN_FOCAL_SIGMA)

    def compute(parameters: FloatArray) -> FloatArray:
        seen = _make_geometry(walkers, parameters).project_to_pixel(xy_m)
        longer = parameters[6]
        # the walkers' result applies to the assumed focal length
        expected = known + walkers.focal_effect * longer
        return np.concatenate(
            [
                ((seen - uv_px) / noise.sigma_px).ravel(),
                whitening @ (parameters[:3] - expected),
                [longer / focal_sigma],
            ]
        )

    return compute


def _minimise(
    residuals: Callable[[FloatArray], FloatArray], start: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Minimise by Levenberg-Marquardt; return the parameters and the Jacobian there."""
    parameters, now = start, residuals(start)
    if not np.isfinite(now).all():
        raise CalibrationError(
            "The point pairs do not match the floor estimated from the walkers.",
            "Check that each pixel belongs to its floor point, and check the camera's field of view.",
        )
    damping = 1e-3
    for _ in range(_ITERATIONS):
        jacobian = _compute_jacobian(residuals, parameters)
        normal = jacobian.T @ jacobian
        step = np.linalg.solve(normal + damping * np.diag(np.diag(normal)), jacobian.T @ now)
        trial = residuals(parameters - step)
        if np.isfinite(trial).all() and trial @ trial < now @ now:
            gain = float(now @ now - trial @ trial)
            parameters, now, damping = parameters - step, trial, damping / 10
            if gain < 1e-9:
                break
        else:
            damping *= 10
            if damping > 1e9:
                break
    return parameters, _compute_jacobian(residuals, parameters)


def _compute_jacobian(residuals: Callable[[FloatArray], FloatArray], parameters: FloatArray) -> FloatArray:
    steps = 1e-5 * np.diag(_SCALES)
    return np.column_stack(
        [
            (residuals(parameters + step) - residuals(parameters - step)) / (2 * float(step.sum()))
            for step in steps
        ]
    )


def _find_uncertainty(
    walkers: WalkersFit,
    geometry: CameraGeometry,
    parameters: FloatArray,
    covariance: FloatArray,
    noise: ClickNoise,
) -> PositionUncertainty:
    deviations = []
    for direction in np.linalg.cholesky(covariance).T:
        more, less = (_make_geometry(walkers, parameters + sign * direction) for sign in (1e-3, -1e-3))
        deviations.append((more.floor_from_pixel - less.floor_from_pixel) / 2e-3)
    return PositionUncertainty(
        geometry=geometry,
        matrix_deviations=np.array(deviations),
        division_deviations=np.zeros(len(deviations)),
        noise_px=noise.sigma_px,
        degrees_of_freedom=noise.degrees_of_freedom,
    )
