"""The picture motion of a camera turned on its mount: four parameters instead of eight."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from analytics.domain.arrays import FloatArray
from vision.alignment.motion import move_points

_DEFAULT_FOCAL, _MIN_FOCAL, _MAX_FOCAL = 0.9, 0.35, 4.0
"""Focal lengths in picture widths: horizontal fields of view of 58, 110 and 14 degrees."""
_NOISE_PX = 1.0
"""Distance beyond which a point counts linearly instead of squared."""


def fit_turn(
    similarity: FloatArray, now_px: FloatArray, reference_px: FloatArray, size_wh: tuple[int, int]
) -> FloatArray:
    """Fit the homography K R K⁻¹ of a turned camera, shape (3, 3), by robust least squares.

    Hartley and Zisserman, Multiple View Geometry, 2nd edition, section 8.4.2; the principal point is the
    picture's middle, and the focal length is estimated with the turn.

    Args:
        similarity: to begin with.
        now_px, reference_px: shape (n, 2), straightened pixels before and after the motion.
    """
    width, height = size_wh
    middle = np.array([[width / 2, height / 2]])
    shift = (move_points(similarity, middle) - middle)[0]
    roll = math.atan2(similarity[1, 0], similarity[0, 0])
    focal = _DEFAULT_FOCAL * width
    start = np.array([-shift[1] / focal, shift[0] / focal, roll, _DEFAULT_FOCAL])

    def measure(parameters: FloatArray) -> FloatArray:
        off = move_points(_compose(parameters, size_wh), now_px) - reference_px
        return np.asarray(off.ravel(), np.float64)

    turns = [math.pi] * 3
    fitted = least_squares(
        measure,
        start,
        bounds=([-angle for angle in turns] + [_MIN_FOCAL], [*turns, _MAX_FOCAL]),
        loss="soft_l1",
        f_scale=_NOISE_PX,
        x_scale=[0.01, 0.01, 0.01, 0.3],
    )
    return _compose(fitted.x, size_wh)


def _compose(parameters: FloatArray, size_wh: tuple[int, int]) -> FloatArray:
    """Compose the homography from turns about right, down and forward, radians, and the focal length."""
    width, height = size_wh
    focal = float(parameters[3]) * width
    camera = np.array([[focal, 0.0, width / 2], [0.0, focal, height / 2], [0.0, 0.0, 1.0]])
    motion = camera @ Rotation.from_rotvec(parameters[:3]).as_matrix() @ np.linalg.inv(camera)
    return np.asarray(motion / motion[2, 2], np.float64)
