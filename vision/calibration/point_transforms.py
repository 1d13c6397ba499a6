"""Projective transforms of points in the plane: applying, normalising and differentiating them."""

from __future__ import annotations

import numpy as np

from analytics.domain.arrays import FloatArray


def apply_matrix(matrix: FloatArray, points: FloatArray) -> FloatArray:
    """Points, shape (n, 2), moved by a matrix of shape (3, 3) that acts on (x, y, 1)."""
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    result: FloatArray = homogeneous[:, :2] / homogeneous[:, 2:]
    return result


def find_normalisation(points: FloatArray) -> FloatArray:
    """The similarity that moves the centroid to the origin and the mean distance to sqrt(2)."""
    centre = points.mean(axis=0)
    scale = np.sqrt(2) / np.linalg.norm(points - centre, axis=1).mean()
    return np.array([[scale, 0, -scale * centre[0]], [0, scale, -scale * centre[1]], [0, 0, 1]])


def compute_matrix_jacobian(matrix: FloatArray, points: FloatArray) -> FloatArray:
    """Derivatives, shape (n, 2, 9), of the moved points by the matrix's entries, row by row."""
    count = len(points)
    homogeneous = np.column_stack([points, np.ones(count)])
    projected = homogeneous @ matrix.T
    scaled = homogeneous / projected[:, 2:]
    jacobian = np.zeros((count, 2, 9))
    jacobian[:, 0, 0:3] = scaled
    jacobian[:, 1, 3:6] = scaled
    jacobian[:, :, 6:9] = -(projected[:, :2] / projected[:, 2:])[:, :, None] * scaled[:, None, :]
    return jacobian
