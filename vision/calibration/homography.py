"""From point pairs to a camera's geometry, with its errors in metres. numpy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.domain.camera import PointPair
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError, Phrase

FloatArray = npt.NDArray[np.float64]

MINIMUM_PAIRS = 4
THINNEST_SPREAD = 0.005
"""Width over length of the points (root mean squares) under which they count as lying on one line: an error
of two pixels on a picture a thousand pixels wide would already turn the result round."""
WORST_CONDITION = 1e7
"""Of the matrix between the normalised points: beyond it, double precision no longer inverts it safely."""
MAXIMUM_REFINEMENTS = 30
_THE_CAMERA = Phrase("the camera")


@dataclass(frozen=True, slots=True, eq=False)
class HomographyFit:
    """A camera's geometry and how well its pairs agree with it.

    Attributes:
        residuals_m: shape (n,), distance on the floor between each pair's projected pixel and its measured
            point; zero for exactly four pairs, which any homography fits.
        leave_one_out_m: shape (n,), the same distance with a geometry from all the other pairs, the honest
            measure of each pair; NaN where the others do not suffice (four pairs, or the rest on one line).
    """

    geometry: CameraGeometry
    residuals_m: FloatArray
    leave_one_out_m: FloatArray

    @property
    def rms_m(self) -> float:
        """Root mean square of the residuals, metres."""
        return self.geometry.pair_rms_m


def estimate_homography(pairs: Sequence[PointPair], *, what: str | Phrase = _THE_CAMERA) -> HomographyFit:
    """Fit the homography from pixels to floor metres to point pairs.

    Normalised direct linear transform (Hartley and Zisserman, Multiple View Geometry, algorithm 4.2), then,
    for more than four pairs, Levenberg-Marquardt on the reprojection error in pixels, because it is the
    pixels that are picked by hand. Mirrored floors (v down, y down) are as good as others.

    Args:
        what: names the camera in an error, for example ``camera 'hall north'``.

    Raises:
        CalibrationError: fewer than four pairs, a coordinate that is not a number, a point given twice,
            points (nearly) on one line, pairs that contradict each other (some beyond the horizon).
    """
    uv_px = np.array([(pair.u_px, pair.v_px) for pair in pairs], dtype=np.float64).reshape(-1, 2)
    xy_m = np.array([(pair.x_m, pair.y_m) for pair in pairs], dtype=np.float64).reshape(-1, 2)
    _check_pairs(uv_px, xy_m, what=what)
    matrix = _fit_matrix(uv_px, xy_m, what=what)
    residuals_m = _distances_m(matrix, uv_px, xy_m)
    rms_m = float(np.sqrt(np.mean(residuals_m**2)))
    return HomographyFit(
        geometry=CameraGeometry(matrix, rms_m),
        residuals_m=residuals_m,
        leave_one_out_m=_leave_one_out(uv_px, xy_m),
    )


def _check_pairs(uv_px: FloatArray, xy_m: FloatArray, *, what: str | Phrase) -> None:
    if len(uv_px) < MINIMUM_PAIRS:
        raise CalibrationError(
            "The calibration of {what} has {count} point pairs.",
            "Give at least four, spread over the floor that it sees.",
            what=what,
            count=len(uv_px),
        )
    for row, values in enumerate(np.hstack([uv_px, xy_m]), start=1):
        if not np.isfinite(values).all():
            raise CalibrationError(
                "Pair {row} of {what} has a coordinate that is not a number.",
                "Give its pixel and its place on the floor in metres.",
                what=what,
                row=row,
            )
    for points, kind in ((uv_px, "pixel"), (xy_m, "floor point")):
        _, first, inverse = np.unique(points, axis=0, return_index=True, return_inverse=True)
        earlier = first[inverse.reshape(-1)]
        for row, original in enumerate(earlier):
            if row != original:
                raise CalibrationError(
                    "Pairs {first} and {second} of {what} have the same {kind}.",
                    "Delete one of them.",
                    what=what,
                    first=int(original) + 1,
                    second=row + 1,
                    kind=Phrase(kind),
                )
    for points, place in ((uv_px, "in the picture"), (xy_m, "on the floor")):
        if _all_but_one_on_a_line(points):
            raise CalibrationError(
                "All pairs of {what}, or all but one, lie nearly on one line {place}.",
                "Give four pairs of which no three are on one line, such as the corners of a stand.",
                what=what,
                place=Phrase(place),
            )


def _all_but_one_on_a_line(points: FloatArray) -> bool:
    """Whether no four of the points are in general position, which is the same."""
    return any(_is_thin(np.delete(points, left_out, axis=0)) for left_out in range(len(points)))


def _is_thin(points: FloatArray) -> bool:
    length, width = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return bool(width <= THINNEST_SPREAD * length)


def _fit_matrix(uv_px: FloatArray, xy_m: FloatArray, *, what: str | Phrase) -> FloatArray:
    """The matrix floor from pixel, its third coordinate positive and one on average at the pairs."""
    normalise_uv, normalise_xy = _normalisation(uv_px), _normalisation(xy_m)
    uv, xy = _apply(normalise_uv, uv_px), _apply(normalise_xy, xy_m)
    inverse = _solve_linearly(xy, uv)
    if len(uv) > MINIMUM_PAIRS:
        inverse = _refine(inverse, xy, uv)
    if np.linalg.cond(inverse) > WORST_CONDITION:
        raise _contradiction(what)
    matrix: FloatArray = np.linalg.inv(normalise_xy) @ np.linalg.inv(inverse) @ normalise_uv
    scales = uv_px @ matrix[2, :2] + matrix[2, 2]
    if scales.min() * scales.max() <= 0:
        raise _contradiction(what)
    signed: FloatArray = matrix / scales.mean()
    return signed


def _contradiction(what: str | Phrase) -> CalibrationError:
    return CalibrationError(
        "The pairs of {what} contradict each other: no view of a flat floor fits them all.",
        "Check that each pixel belongs to its own floor point and that none is above the horizon.",
        what=what,
    )


def _normalisation(points: FloatArray) -> FloatArray:
    """The similarity that moves the centroid to the origin and the mean distance to sqrt(2)."""
    centre = points.mean(axis=0)
    scale = np.sqrt(2) / np.linalg.norm(points - centre, axis=1).mean()
    return np.array([[scale, 0, -scale * centre[0]], [0, scale, -scale * centre[1]], [0, 0, 1]])


def _apply(matrix: FloatArray, points: FloatArray) -> FloatArray:
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    result: FloatArray = homogeneous[:, :2] / homogeneous[:, 2:]
    return result


def _solve_linearly(source: FloatArray, target: FloatArray) -> FloatArray:
    """The direct linear transform: the null vector of the cross products of the pairs."""
    count = len(source)
    homogeneous = np.column_stack([source, np.ones(count)])
    design = np.zeros((2 * count, 9))
    design[:count, 0:3] = homogeneous
    design[:count, 6:9] = -target[:, :1] * homogeneous
    design[count:, 3:6] = homogeneous
    design[count:, 6:9] = -target[:, 1:] * homogeneous
    vector: FloatArray = np.linalg.svd(design)[2][-1]
    return vector.reshape(3, 3)


def _refine(matrix: FloatArray, source: FloatArray, target: FloatArray) -> FloatArray:
    """Levenberg-Marquardt on the distances in the target; the free scale is fixed by the norm."""
    best = matrix / np.linalg.norm(matrix)
    residual = (_apply(best, source) - target).ravel()
    damping = 1e-4
    for _ in range(MAXIMUM_REFINEMENTS):
        jacobian = _jacobian(best, source)
        normal = jacobian.T @ jacobian
        step = np.linalg.solve(
            normal + damping * np.diag(np.diag(normal) + 1e-12) + np.outer(best.ravel(), best.ravel()),
            jacobian.T @ residual,
        )
        trial = best - step.reshape(3, 3)
        trial = trial / np.linalg.norm(trial)
        trial_residual = (_apply(trial, source) - target).ravel()
        gain = float(residual @ residual - trial_residual @ trial_residual)
        if not gain > 0:
            damping *= 10
            if damping > 1e8:
                break
            continue
        best, residual, damping = trial, trial_residual, damping / 10
        if gain <= 1e-14 * float(residual @ residual) + 1e-30:
            break
    return best


def _jacobian(matrix: FloatArray, source: FloatArray) -> FloatArray:
    """Derivatives, shape (2n, 9), of the projected points by the matrix's entries."""
    count = len(source)
    homogeneous = np.column_stack([source, np.ones(count)])
    projected = homogeneous @ matrix.T
    scaled = homogeneous / projected[:, 2:]
    jacobian = np.zeros((count, 2, 9))
    jacobian[:, 0, 0:3] = scaled
    jacobian[:, 1, 3:6] = scaled
    jacobian[:, :, 6:9] = -(projected[:, :2] / projected[:, 2:])[:, :, None] * scaled[:, None, :]
    return jacobian.reshape(2 * count, 9)


def _distances_m(matrix: FloatArray, uv_px: FloatArray, xy_m: FloatArray) -> FloatArray:
    distances: FloatArray = np.linalg.norm(_apply(matrix, uv_px) - xy_m, axis=1)
    return distances


def _leave_one_out(uv_px: FloatArray, xy_m: FloatArray) -> FloatArray:
    errors_m = np.full(len(uv_px), np.nan)
    if len(uv_px) <= MINIMUM_PAIRS:
        return errors_m
    for left_out in range(len(uv_px)):
        others_uv, others_xy = np.delete(uv_px, left_out, axis=0), np.delete(xy_m, left_out, axis=0)
        if _all_but_one_on_a_line(others_uv) or _all_but_one_on_a_line(others_xy):
            continue
        try:
            matrix = _fit_matrix(others_uv, others_xy, what="")
        except CalibrationError:
            continue
        one = CameraGeometry(matrix).project_to_floor(uv_px[[left_out]])
        errors_m[left_out] = np.linalg.norm(one - xy_m[[left_out]])
    return errors_m
