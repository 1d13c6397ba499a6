"""Projective transforms of points in the plane: application, normalisation and derivatives."""

from __future__ import annotations

import numpy as np

from analytics.domain.arrays import FloatArray


def apply_matrix(matrix: FloatArray, points: FloatArray) -> FloatArray:
    """Apply a matrix, shape (3, 3), to the homogeneous coordinates (x, y, 1) of points, shape (n, 2)."""
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    result: FloatArray = homogeneous[:, :2] / homogeneous[:, 2:]
    return result


def find_normalisation(points: FloatArray) -> FloatArray:
    """Return the similarity that moves the centroid to the origin and the mean distance to sqrt(2)."""
    centre = points.mean(axis=0)
    scale = np.sqrt(2) / np.linalg.norm(points - centre, axis=1).mean()
    return np.array([[scale, 0, -scale * centre[0]], [0, scale, -scale * centre[1]], [0, 0, 1]])


def compute_matrix_jacobian(matrix: FloatArray, points: FloatArray) -> FloatArray:
    """Compute derivatives, shape (n, 2, 9), of transformed points by the matrix entries, row by row."""
    count = len(points)
    homogeneous = np.column_stack([points, np.ones(count)])
    projected = homogeneous @ matrix.T
    scaled = homogeneous / projected[:, 2:]
    jacobian = np.zeros((count, 2, 9))
    jacobian[:, 0, 0:3] = scaled
    jacobian[:, 1, 3:6] = scaled
    jacobian[:, :, 6:9] = -(projected[:, :2] / projected[:, 2:])[:, :, None] * scaled[:, None, :]
    return jacobian
