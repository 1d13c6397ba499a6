"""Motions of a picture, as homographies of its pixels."""

from __future__ import annotations

import numpy as np

from analytics.domain.arrays import FloatArray

_SAMPLES_PER_SIDE = 7


def move_points(motion: FloatArray, points_px: FloatArray) -> FloatArray:
    """Apply a homography, shape (3, 3), to points, shape (n, 2)."""
    moved = np.column_stack([points_px, np.ones(len(points_px))]) @ motion.T
    return np.asarray(moved[:, :2] / moved[:, 2:], np.float64)


def measure_shift(motion: FloatArray, size_wh: tuple[int, int]) -> float:
    """Return the root mean square shift of a picture under a homography, as a share of its width."""
    u, v = np.meshgrid(
        np.linspace(0, size_wh[0], _SAMPLES_PER_SIDE), np.linspace(0, size_wh[1], _SAMPLES_PER_SIDE)
    )
    places = np.column_stack([u.ravel(), v.ravel()])
    shift = move_points(motion, places) - places
    return float(np.sqrt(np.mean((shift**2).sum(axis=1))) / size_wh[0])


def scale_motion(motion: FloatArray, *, from_wh: tuple[int, int], to_wh: tuple[int, int]) -> FloatArray:
    """Return the same motion for pictures of another size."""
    scale = np.diag([to_wh[0] / from_wh[0], to_wh[1] / from_wh[1], 1.0])
    scaled = scale @ motion @ np.linalg.inv(scale)
    return np.asarray(scaled / scaled[2, 2], np.float64)
