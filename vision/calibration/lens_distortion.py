"""Lens distortion from lines that are straight in the hall, together with point pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.camera import PointPair
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError
from analytics.domain.lens import MAX_BARREL, MAX_PINCUSHION, UNKNOWN_SIGMA, Lens, PictureLens
from vision.calibration.click_noise import learn_click_noise
from vision.calibration.homography import MINIMUM_PAIRS, fit_matrix

MINIMUM_LINE_POINTS = 3
MIN_LINE_DIAGONALS = 0.1
"""In picture diagonals: a shorter line bows by less than two pixels of 1280 x 720 near the edge of a
90-degree lens, which is what a hand is off."""
MINIMUM_PAIRS_WITH_LENS = 6
"""Four pairs give the homography, and one more two equations of which the lens takes one; a sixth makes a
slip of the hand show as a residual rather than as a lens."""
MAX_DIVISION_SIGMA = 0.05
"""Standard deviation of the coefficient beyond which it is no estimate: it moves the picture's corners by a
twentieth of half a diagonal."""
_GRID_STEPS = 29
_GOLDEN = (5**0.5 - 1) / 2
_FINEST = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class LensFit:
    """A lens and its agreement with the lines.

    Attributes:
        lens: with the deviation from the lines alone, for uncertainties that include the pairs.
        division_sigma: standard deviation of the coefficient from lines and pairs together.
        line_rms_px: shape (lines,), distance of the clicked points across their lines.
        straight_line_rms_px: shape (lines,), the same without distortion.
    """

    lens: Lens
    division_sigma: float
    line_rms_px: FloatArray
    straight_line_rms_px: FloatArray


def estimate_lens(
    lines: Sequence[FloatArray], size_wh: tuple[int, int], *, pairs: Sequence[PointPair] = ()
) -> LensFit:
    """Estimate the lens that straightens the lines and gives the best agreement of the pairs.

    The plumb-line method (Brown, Close-range camera calibration, 1971; Devernay and Faugeras, Straight lines
    have to be straight, 2001) with one coefficient: least squares of the distances from clicked points to
    their lines, and from clicked to projected points of the pairs, all in pixels as clicked. Lines and
    homography are fitted anew for each coefficient, which leaves a search in one dimension.

    Args:
        lines: pixels, each of shape (n, 2), clicked along an edge that is straight in the hall.
        pairs: fewer than six say nothing of a lens, and are left out.

    Raises:
        CalibrationError: neither lines nor enough pairs, a line of fewer than three points or too short, a
            point outside the picture, lines that say too little (through the picture's middle).
    """
    used_pairs = pairs if len(pairs) >= MINIMUM_PAIRS_WITH_LENS else ()
    checked = [np.asarray(line, np.float64).reshape(-1, 2) for line in lines]
    _check_lines(checked, size_wh, has_pairs=bool(used_pairs))

    def find_line_residuals(division: float) -> FloatArray:
        lens = Lens(division).in_picture(size_wh)
        return np.concatenate([np.zeros(0), *(_measure_line(line, lens) for line in checked)])

    def find_residuals(division: float) -> FloatArray:
        return np.concatenate([find_line_residuals(division), _measure_pairs(used_pairs, division, size_wh)])

    division = _minimise(lambda value: float((find_residuals(value) ** 2).sum()))
    residuals = find_residuals(division)
    freedom = sum(len(line) - 2 for line in checked) + 2 * max(len(used_pairs) - MINIMUM_PAIRS, 0) - 1
    noise_px = learn_click_noise(float((residuals**2).sum()), freedom).sigma_px
    sigma = _find_sigma(find_residuals, division, noise_px)
    if sigma > MAX_DIVISION_SIGMA:
        raise CalibrationError(
            "The lines do not determine the lens: its distortion is {division:.2f} ± {sigma:.2f}.",
            "Add long lines near the picture's edges; one through its middle stays straight in any lens.",
            division=division,
            sigma=2 * sigma,
        )
    sigma_of_lines = min(_find_sigma(find_line_residuals, division, noise_px), UNKNOWN_SIGMA)
    lens = Lens(division, sigma_of_lines)
    return LensFit(
        lens=lens,
        division_sigma=sigma,
        line_rms_px=_find_line_rms(checked, lens, size_wh),
        straight_line_rms_px=_find_line_rms(checked, Lens(0.0), size_wh),
    )


def _check_lines(lines: Sequence[FloatArray], size_wh: tuple[int, int], *, has_pairs: bool) -> None:
    if not lines and not has_pairs:
        raise CalibrationError(
            "Estimating the lens needs at least one line or six point pairs.",
            "Click along at least one edge that is straight in the hall, such as where floor and wall meet.",
        )
    diagonal_px = float(np.hypot(*size_wh))
    for number, line in enumerate(lines, start=1):
        if len(line) < MINIMUM_LINE_POINTS:
            raise CalibrationError(
                "Line {number} has {count} points; any two points lie on a straight line.",
                "Click at least three points along each line, preferably eight.",
                number=number,
                count=len(line),
            )
        if not np.isfinite(line).all() or (line < 0).any() or (line > np.asarray(size_wh)).any():
            raise CalibrationError(
                "Line {number} has a point outside the picture of {width}x{height} pixels.",
                "Correct the point, or the size of the picture.",
                number=number,
                width=size_wh[0],
                height=size_wh[1],
            )
        length_px = float(np.linalg.norm(np.ptp(line, axis=0)))
        if length_px < MIN_LINE_DIAGONALS * diagonal_px:
            raise CalibrationError(
                "Line {number} is only {length:.0f} pixels long; its bend is smaller than clicking errors.",
                "Choose edges at least a tenth of the picture's diagonal long, here {needed:.0f} pixels.",
                number=number,
                length=length_px,
                needed=MIN_LINE_DIAGONALS * diagonal_px,
            )


def _measure_line(line: FloatArray, lens: PictureLens) -> FloatArray:
    """Return distances, shape (n,), to the best-fitting line, in pixels of the original picture.

    Orthogonal regression in the straightened picture, weighted by what a clicked pixel is worth there.
    """
    straight, stretch = lens.straighten(line), lens.compute_straightening(line)
    scale = np.ones(len(line))
    for _ in range(2):
        weights = scale**-2
        middle = np.average(straight, axis=0, weights=weights)
        normal = np.linalg.svd((straight - middle) / scale[:, None])[2][-1]
        scale = np.linalg.norm(np.einsum("nij,i->nj", stretch, normal), axis=1)
    # either side may be the normal's; take the same one for every lens, so that distances can be compared
    chord = line[np.linalg.norm(line - line[0], axis=1).argmax()] - line[0]
    is_turned = normal @ (-chord[1], chord[0]) < 0
    distances: FloatArray = (straight - middle) @ normal / scale
    return -distances if is_turned else distances


def _measure_pairs(pairs: Sequence[PointPair], division: float, size_wh: tuple[int, int]) -> FloatArray:
    if not pairs:
        return np.zeros(0)
    lens = Lens(division).in_picture(size_wh)
    uv_px = np.array([(pair.u_px, pair.v_px) for pair in pairs], dtype=np.float64)
    xy_m = np.array([(pair.x_m, pair.y_m) for pair in pairs], dtype=np.float64)
    try:
        matrix = fit_matrix(uv_px, xy_m, what="", lens=lens)
    except CalibrationError:
        # so strong a lens folds the picture over: farther off than any pixel of it
        return np.full(2 * len(pairs), float(np.hypot(*size_wh)))
    return np.asarray((CameraGeometry(matrix, lens=lens).project_to_pixel(xy_m) - uv_px).ravel(), np.float64)


def _minimise(cost: Callable[[float], float]) -> float:
    """Return the coefficient of minimum cost: a grid over the range, then golden section in its cell."""
    grid = np.linspace(MAX_BARREL, MAX_PINCUSHION, _GRID_STEPS)
    best = int(np.argmin([cost(float(value)) for value in grid]))
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, len(grid) - 1)])
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    cost_left, cost_right = cost(left), cost(right)
    while high - low > _FINEST:
        if cost_left < cost_right:
            high, right, cost_right = right, left, cost_left
            left = high - _GOLDEN * (high - low)
            cost_left = cost(left)
        else:
            low, left, cost_left = left, right, cost_right
            right = low + _GOLDEN * (high - low)
            cost_right = cost(right)
    return (low + high) / 2


def _find_sigma(find_residuals: Callable[[float], FloatArray], division: float, noise_px: float) -> float:
    """Compute the coefficient's deviation by Gauss-Newton, with the refitted parameters projected out."""
    step = 1e-3
    low, high = max(division - step, MAX_BARREL), min(division + step, MAX_PINCUSHION)
    slope = (find_residuals(high) - find_residuals(low)) / (high - low)
    information = float((slope**2).sum())
    return noise_px / information**0.5 if information > 0 else float("inf")


def _find_line_rms(lines: Sequence[FloatArray], lens: Lens, size_wh: tuple[int, int]) -> FloatArray:
    placed = lens.in_picture(size_wh)
    return np.array([float(np.sqrt(np.mean(_measure_line(line, placed) ** 2))) for line in lines])
