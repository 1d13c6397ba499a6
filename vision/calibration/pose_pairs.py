"""Conversion of a pose to equally certain point pairs, the form in which calibrations are stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.camera import PointPair
from analytics.domain.errors import CalibrationError
from analytics.domain.position_uncertainty import PositionUncertainty, compute_ellipse_scale
from vision.calibration.click_noise import KNOWN_DEGREES_OF_FREEDOM, ClickNoise
from vision.calibration.fit_deviations import find_deviations
from vision.calibration.pose_refinement import RefinedPose

MAX_PAIR_M = 15.0
"""Maximum distance of a pair from below the camera, so that pairs lie on useful floor."""
_MIN_ROW, _ROWS = 0.95, 60
_LEFT, _RIGHT = 0.1, 0.9
_GRID = 12


@dataclass(frozen=True, slots=True)
class PosePairs:
    """Four pairs, and the pixel noise at which they are as certain as the pose."""

    pairs: tuple[PointPair, ...]
    sigma_px: float


def make_pose_pairs(refined: RefinedPose, size_wh: tuple[int, int]) -> PosePairs:
    """Make four pairs that represent a pose: near and far, left and right.

    Four pairs have eight errors and a pose has six, so that the ellipses differ in shape; those of the pairs
    are as large as they have to be to hold the truth as often.

    Raises:
        CalibrationError: the camera sees no floor within reach.
    """
    width_px, height_px = size_wh
    below_m = np.array([refined.pose.x_m, refined.pose.y_m])
    rows = []
    for part in np.linspace(_MIN_ROW, 0.0, _ROWS):
        row = np.array([[_LEFT * width_px, part * height_px], [_RIGHT * width_px, part * height_px]])
        floor = refined.geometry.project_to_floor(row)
        with np.errstate(invalid="ignore"):
            if (np.linalg.norm(floor - below_m, axis=1) <= MAX_PAIR_M).all():
                rows.append((row, floor))
    if len(rows) < 2:
        raise CalibrationError(
            "The camera sees no floor within {reach:.0f} m.",
            "Tilt the camera further down, or calibrate it with point pairs.",
            reach=MAX_PAIR_M,
        )
    uv_px, xy_m = (np.concatenate([rows[0][which], rows[-1][which]]) for which in (0, 1))
    pairs = tuple(
        PointPair(float(u), float(v), float(x), float(y)) for (u, v), (x, y) in zip(uv_px, xy_m, strict=True)
    )
    unit = find_deviations(refined.geometry, uv_px, xy_m, noise=ClickNoise(1.0, KNOWN_DEGREES_OF_FREEDOM))
    low, high = uv_px.min(axis=0), uv_px.max(axis=0)
    axes = [np.linspace(low[axis], high[axis], _GRID) for axis in (0, 1)]
    between = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    return PosePairs(pairs, _compare(refined.uncertainty, unit, between))


def _compare(stated: PositionUncertainty, unit: PositionUncertainty, uv_px: FloatArray) -> float:
    """Return the factor on the unit's ellipses at which they hold the truth as often as others.

    The mean square of the stated errors, measured in the unit's ellipses (Mahalanobis).
    """
    of_stated, of_unit = stated.compute_covariance(uv_px), unit.compute_covariance(uv_px)
    square = np.trace(np.linalg.solve(of_unit, of_stated), axis1=1, axis2=2) / 2
    scale = compute_ellipse_scale(stated.degrees_of_freedom) / compute_ellipse_scale(unit.degrees_of_freedom)
    return scale * float(np.sqrt(np.mean(square)))
