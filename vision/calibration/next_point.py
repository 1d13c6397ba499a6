"""The next point pair that would improve a calibration most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.position_uncertainty import PositionUncertainty


@dataclass(frozen=True, slots=True)
class NextPoint:
    """One of several candidate points, and its benefit.

    Attributes:
        error_m, error_after_m: mean of the expected errors over the floor, without and with the point.
    """

    index: int
    error_m: float
    error_after_m: float


def find_next_point(
    uncertainty: PositionUncertainty, candidates_px: FloatArray, floor_px: FloatArray
) -> NextPoint | None:
    """Return the point that lowers the floor errors most, if clicked as exactly as the others.

    Optimal design for the mean error of prediction (Atkinson and Donev, Optimum Experimental Designs, 10),
    one point at a time: the calibration's errors, independent and of variance one, become (I + Bᵀ B)⁻¹ with
    B the derivatives of the point's pixel in units of the clicking noise.

    Args:
        candidates_px, floor_px: pixels of floor in view, shapes (k, 2) and (n, 2).

    Returns:
        None where no place is of a finite error.
    """
    seen = uncertainty.compute_steps(floor_px)
    seen = seen[:, np.isfinite(seen).all(axis=(0, 2))]
    steps = uncertainty.compute_steps(candidates_px)
    jacobian = uncertainty.geometry.compute_jacobian(candidates_px)
    is_usable = np.isfinite(steps).all(axis=(0, 2)) & np.isfinite(jacobian).all(axis=(1, 2))
    if not is_usable.any() or not seen.shape[1]:
        return None
    error_m = _average(seen, np.eye(len(seen)))
    lowest, best = np.inf, -1
    for index in np.flatnonzero(is_usable).tolist():
        moved_px = np.linalg.solve(jacobian[index], steps[:, index].T) / uncertainty.noise_px
        covariance = np.asarray(np.linalg.inv(np.eye(len(seen)) + moved_px.T @ moved_px), np.float64)
        after = _average(seen, covariance)
        if after < lowest:
            lowest, best = after, index
    return NextPoint(best, error_m, float(lowest))


def _average(steps: FloatArray, covariance: FloatArray) -> float:
    """Return the mean expected error, metres, for a covariance; ``steps`` has the shape (p, n, 2)."""
    weighted = np.tensordot(covariance, steps, axes=1)
    return float(np.sqrt(np.maximum((steps * weighted).sum(axis=(0, 2)), 0.0)).mean())
