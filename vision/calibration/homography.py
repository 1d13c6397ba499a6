"""A camera's geometry from point pairs, with its errors in metres and its uncertainty. numpy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.camera import PointPair
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError, Phrase
from analytics.domain.lens import PictureLens
from analytics.domain.position_uncertainty import PositionUncertainty
from vision.calibration.click_noise import PRIOR_NOISE, ClickNoise, learn_click_noise
from vision.calibration.fit_deviations import find_deviations
from vision.calibration.point_transforms import apply_matrix, compute_matrix_jacobian, find_normalisation

MINIMUM_PAIRS = 4
MIN_SPREAD = 0.005
"""Width over length of the points (root mean squares) under which they count as lying on one line: an error
of two pixels on a picture a thousand pixels wide would already turn the result round."""
MAX_CONDITION = 1e7
"""Maximum condition of the normalised matrix; beyond it, double precision cannot invert it safely."""
MAXIMUM_REFINEMENTS = 30
_THE_CAMERA = Phrase("the camera")


@dataclass(frozen=True, slots=True, eq=False)
class HomographyFit:
    """A camera's geometry and its agreement with the pairs.

    Attributes:
        residuals_m: shape (n,), floor distance of projected pixels from measured points; zero for four pairs.
        leave_one_out_m: shape (n,), the same using only the other pairs; NaN if those do not suffice.
        residuals_px: shape (n, 2), from each clicked pixel to its projected measured point.
    """

    geometry: CameraGeometry
    residuals_m: FloatArray
    leave_one_out_m: FloatArray
    residuals_px: FloatArray
    uncertainty: PositionUncertainty

    @property
    def rms_m(self) -> float:
        """Return the root mean square of the residuals, metres."""
        return self.geometry.pair_rms_m


def estimate_homography(
    pairs: Sequence[PointPair],
    *,
    what: str | Phrase = _THE_CAMERA,
    lens: PictureLens | None = None,
    division_sigma: float = 0.0,
    noise: ClickNoise = PRIOR_NOISE,
) -> HomographyFit:
    """Fit the homography from pixels to floor metres to point pairs.

    Normalised direct linear transform (Hartley and Zisserman, Multiple View Geometry, algorithm 4.2), then,
    for more than four pairs, Levenberg-Marquardt on the reprojection error in pixels, because it is the
    pixels that are picked by hand. Mirrored floors (v down, y down) are as good as others.

    Args:
        what: names the camera in an error, for example ``camera 'hall north'``.
        lens: of the pictures in which the pixels were picked; None: straight lines are straight in them.
        division_sigma: standard deviation of the lens's coefficient, apart from what the pairs tell of it.
        noise: of the picking, before the residuals are seen.

    Raises:
        CalibrationError: fewer than four pairs, a coordinate that is not a number, a point given twice, a
            pixel outside the lens's picture, points (nearly) on one line, pairs that contradict each other
            (some beyond the horizon).
    """
    uv_px = np.array([(pair.u_px, pair.v_px) for pair in pairs], dtype=np.float64).reshape(-1, 2)
    xy_m = np.array([(pair.x_m, pair.y_m) for pair in pairs], dtype=np.float64).reshape(-1, 2)
    _check_pairs(uv_px, xy_m, what=what)
    _check_inside_lens(uv_px, lens, what=what)
    matrix = fit_matrix(uv_px, xy_m, what=what, lens=lens)
    residuals_m = _distances_m(CameraGeometry(matrix, lens=lens), uv_px, xy_m)
    geometry = CameraGeometry(matrix, float(np.sqrt(np.mean(residuals_m**2))), lens)
    residuals_px = geometry.project_to_pixel(xy_m) - uv_px
    freedom = 2 * (len(uv_px) - MINIMUM_PAIRS)
    learned = learn_click_noise(float((residuals_px**2).sum()) if freedom else 0.0, freedom, prior=noise)
    uncertainty = find_deviations(geometry, uv_px, xy_m, noise=learned, division_sigma=division_sigma)
    return HomographyFit(
        geometry=replace(geometry, floor_errors=uncertainty),
        residuals_m=residuals_m,
        leave_one_out_m=_leave_one_out(uv_px, xy_m, lens),
        residuals_px=residuals_px,
        uncertainty=uncertainty,
    )


def _check_inside_lens(uv_px: FloatArray, lens: PictureLens | None, *, what: str | Phrase) -> None:
    if lens is None:
        return
    outside = ~np.isfinite(lens.straighten(uv_px)).all(axis=1)
    if outside.any():
        raise CalibrationError(
            "Point pair {row} of {what} is outside the area covered by the lens.",
            "Check the pixel, the frame size and the lens.",
            what=what,
            row=int(outside.argmax()) + 1,
        )


def _check_pairs(uv_px: FloatArray, xy_m: FloatArray, *, what: str | Phrase) -> None:
    if len(uv_px) < MINIMUM_PAIRS:
        raise CalibrationError(
            "The calibration of {what} has {count} point pairs.",
            "Provide at least four pairs, spread over the visible floor.",
            what=what,
            count=len(uv_px),
        )
    for row, values in enumerate(np.hstack([uv_px, xy_m]), start=1):
        if not np.isfinite(values).all():
            raise CalibrationError(
                "Pair {row} of {what} has a coordinate that is not a number.",
                "Enter its pixel and its position on the floor in metres.",
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
                "All pairs of {what}, or all but one, are nearly on one line {place}.",
                "Choose four pairs with no three on one line, such as the corners of a stand.",
                what=what,
                place=Phrase(place),
            )


def _all_but_one_on_a_line(points: FloatArray) -> bool:
    """Return whether no four of the points are in general position."""
    return any(_is_thin(np.delete(points, left_out, axis=0)) for left_out in range(len(points)))


def _is_thin(points: FloatArray) -> bool:
    length, width = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return bool(width <= MIN_SPREAD * length)


def fit_matrix(
    uv_px: FloatArray, xy_m: FloatArray, *, what: str | Phrase, lens: PictureLens | None = None
) -> FloatArray:
    """Compute floor from (straightened) pixel, the third coordinate positive and one on average at the pairs.

    Raises:
        CalibrationError: pairs that contradict each other.
    """
    weights: FloatArray | None = None
    if lens is not None:
        # the error counts in the clicked picture, not in the straightened one
        weights = np.asarray(np.linalg.inv(lens.compute_straightening(uv_px)), np.float64)
        uv_px = lens.straighten(uv_px)
    normalise_uv, normalise_xy = find_normalisation(uv_px), find_normalisation(xy_m)
    uv, xy = apply_matrix(normalise_uv, uv_px), apply_matrix(normalise_xy, xy_m)
    inverse = _solve_linearly(xy, uv)
    if len(uv) > MINIMUM_PAIRS:
        inverse = _refine(inverse, xy, uv, weights)
    if np.linalg.cond(inverse) > MAX_CONDITION:
        raise _contradiction(what)
    matrix: FloatArray = np.linalg.inv(normalise_xy) @ np.linalg.inv(inverse) @ normalise_uv
    scales = uv_px @ matrix[2, :2] + matrix[2, 2]
    if scales.min() * scales.max() <= 0:
        raise _contradiction(what)
    signed: FloatArray = matrix / scales.mean()
    return signed


def _contradiction(what: str | Phrase) -> CalibrationError:
    return CalibrationError(
        "The point pairs of {what} contradict each other: no view of a flat floor fits them all.",
        "Check that each pixel belongs to its own floor point and that none is above the horizon.",
        what=what,
    )


def _solve_linearly(source: FloatArray, target: FloatArray) -> FloatArray:
    """Solve the direct linear transform: the null vector of the cross products of the pairs."""
    count = len(source)
    homogeneous = np.column_stack([source, np.ones(count)])
    design = np.zeros((2 * count, 9))
    design[:count, 0:3] = homogeneous
    design[:count, 6:9] = -target[:, :1] * homogeneous
    design[count:, 3:6] = homogeneous
    design[count:, 6:9] = -target[:, 1:] * homogeneous
    vector: FloatArray = np.linalg.svd(design)[2][-1]
    return vector.reshape(3, 3)


def _refine(
    matrix: FloatArray, source: FloatArray, target: FloatArray, weights: FloatArray | None
) -> FloatArray:
    """Minimise the distances in the target by Levenberg-Marquardt; the norm fixes the free scale.

    Args:
        weights: shape (n, 2, 2), what a difference in the target is where it was measured; None: itself.
    """
    best = matrix / np.linalg.norm(matrix)
    residual = _weigh(apply_matrix(best, source) - target, weights)
    damping = 1e-4
    for _ in range(MAXIMUM_REFINEMENTS):
        jacobian = compute_matrix_jacobian(best, source)
        if weights is not None:
            jacobian = weights @ jacobian
        jacobian = jacobian.reshape(-1, 9)
        normal = jacobian.T @ jacobian
        step = np.linalg.solve(
            normal + damping * np.diag(np.diag(normal) + 1e-12) + np.outer(best.ravel(), best.ravel()),
            jacobian.T @ residual,
        )
        trial = best - step.reshape(3, 3)
        trial = trial / np.linalg.norm(trial)
        trial_residual = _weigh(apply_matrix(trial, source) - target, weights)
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


def _weigh(differences: FloatArray, weights: FloatArray | None) -> FloatArray:
    if weights is not None:
        differences = np.einsum("nij,nj->ni", weights, differences)
    return differences.ravel()


def _distances_m(geometry: CameraGeometry, uv_px: FloatArray, xy_m: FloatArray) -> FloatArray:
    distances: FloatArray = np.linalg.norm(geometry.project_to_floor(uv_px) - xy_m, axis=1)
    return distances


def _leave_one_out(uv_px: FloatArray, xy_m: FloatArray, lens: PictureLens | None) -> FloatArray:
    errors_m = np.full(len(uv_px), np.nan)
    if len(uv_px) <= MINIMUM_PAIRS:
        return errors_m
    for left_out in range(len(uv_px)):
        others_uv, others_xy = np.delete(uv_px, left_out, axis=0), np.delete(xy_m, left_out, axis=0)
        if _all_but_one_on_a_line(others_uv) or _all_but_one_on_a_line(others_xy):
            continue
        try:
            matrix = fit_matrix(others_uv, others_xy, what="", lens=lens)
        except CalibrationError:
            continue
        one = CameraGeometry(matrix, lens=lens).project_to_floor(uv_px[[left_out]])
        errors_m[left_out] = np.linalg.norm(one - xy_m[[left_out]])
    return errors_m
