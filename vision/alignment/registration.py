"""Comparison of a view with the one a camera was calibrated in, and the motion between them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from analytics.domain.arrays import FloatArray
from analytics.domain.lens import PictureLens
from vision.alignment.background import GreyPicture
from vision.alignment.motion import measure_shift, move_points
from vision.alignment.view_features import GRID, ViewFeatures, find_cells, normalise_contrast
from vision.alignment.view_report import ViewVerdict

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


MOVED_PART = 0.0045
"""Root mean square shift of the picture, of its width: half a percent of 480 pixels is 2.4, which noise of a
tenth of that does not reach. A turn of one degree has 0.58 %."""
_INLIER_PX = 2.0
_SAME_PLACE_PX = 1.5
_MAX_PER_CELL = 4
"""Maximum points per cell that count, so that new posters or a caption do not pass for a view."""
_MIN_SCORE = 20
_MIN_CELLS = 7
"""Minimum cells, of 48: fewer cannot distinguish a turned camera from a changed stand."""
_TIMES_BETTER = 1.6
"""Factor by which the points of a moved view must outnumber those of an unmoved one."""
_MIN_GAIN = 0.04
"""Minimum increase of the pictures' correlation after the motion."""
_MIN_SEEN_PART = 0.25
"""Minimum common share of the picture; with less, points are more reliable."""
_TURN_PART = 0.9
"""Share of the homography's points that a turn must explain to be accepted."""
_HOMOGRAPHY_FROM = 40
_RANSAC_ROUNDS = 2000
_SHRINK_LIMITS = 0.5, 2.0
"""Scale limits; a nudge does not halve the picture, so such fits are accidental."""


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """The motion of a view relative to its reference.

    Attributes:
        reference_from_now: pixel homography, shape (3, 3), of the small straightened picture; None:
            unmoved or unknown.
        shift_part: root mean square shift, as a share of the picture's width.
        rotation_rad: clockwise in the picture.
        points, cells: number of matching points, and of cells with any.
        rms_px: of the matching points, in the small picture.
    """

    verdict: ViewVerdict
    reference_from_now: FloatArray | None = None
    shift_part: float = 0.0
    rotation_rad: float = 0.0
    points: int = 0
    cells: int = 0
    rms_px: float = 0.0


@dataclass(frozen=True, slots=True)
class _Support:
    """Points that agree with one motion."""

    is_inlier: npt.NDArray[np.bool_]
    score: int
    cells: int

    @property
    def is_enough(self) -> bool:
        return self.score >= _MIN_SCORE and self.cells >= _MIN_CELLS


@dataclass(frozen=True, slots=True, eq=False)
class _Matched:
    """Matched points of two views, shape (n, 2) each.

    Attributes:
        distorted_px: of the present view, as the lens shows them.
        now_px, reference_px: of the present view and of the reference, straightened.
    """

    size_wh: tuple[int, int]
    distorted_px: FloatArray
    now_px: FloatArray
    reference_px: FloatArray

    def errors(self, motion: FloatArray) -> FloatArray:
        """Return the distance of each point from its place under a motion, pixels."""
        off = move_points(motion, self.now_px) - self.reference_px
        return np.asarray(np.linalg.norm(off, axis=1), np.float64)


def register_view(
    reference: ViewFeatures,
    now: ViewFeatures,
    *,
    lens: PictureLens | None = None,
    reference_picture: GreyPicture | None = None,
    now_picture: GreyPicture | None = None,
) -> Registration:
    """Compare a view with its reference; both of the same size.

    The points' descriptors are matched, and two explanations compared: that the view stands, and the best
    similarity by RANSAC. Where both pictures are at hand, they must agree better once one is moved.

    Args:
        lens: of the small picture; points are straightened by it first, for a bent picture does not move by a
            homography.
    """
    matched = _match(reference, now, lens)
    if matched is None:
        return Registration(ViewVerdict.UNKNOWN)
    standing = _find_support(matched, matched.errors(np.eye(3)) < _SAME_PLACE_PX)
    similarity = _fit_similarity(matched)
    if similarity is None:
        return _make_unmoved(standing)
    shift_part = measure_shift(similarity, now.size_wh)
    moved = _find_support(matched, matched.errors(similarity) < _INLIER_PX)
    if shift_part < MOVED_PART:
        return _make_unmoved(moved if moved.score > standing.score else standing)
    if not moved.is_enough or moved.score <= _TIMES_BETTER * standing.score:
        return _make_unmoved(standing)
    motion = _refine(matched, similarity, moved)
    # so far it explains points alone; the pictures must agree, too
    if lens is None and not _agree_better(motion, reference_picture, now_picture):
        return _make_unmoved(standing)
    errors = matched.errors(motion)[moved.is_inlier]
    return Registration(
        ViewVerdict.MOVED,
        motion,
        shift_part,
        math.atan2(similarity[1, 0], similarity[0, 0]),
        int(moved.is_inlier.sum()),
        moved.cells,
        float(np.sqrt(np.mean(errors**2))),
    )


def _match(reference: ViewFeatures, now: ViewFeatures, lens: PictureLens | None) -> _Matched | None:
    if reference.size_wh != now.size_wh or min(len(reference), len(now)) < _MIN_SCORE:
        return None
    matches = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(now.descriptors, reference.descriptors)
    bent = now.points_px[[match.queryIdx for match in matches]]
    here, there = bent, reference.points_px[[match.trainIdx for match in matches]]
    if lens is not None:
        here, there = lens.straighten(here), lens.straighten(there)
        is_known = np.isfinite(here).all(axis=1) & np.isfinite(there).all(axis=1)
        bent, here, there = bent[is_known], here[is_known], there[is_known]
    return _Matched(now.size_wh, bent, here, there) if len(here) >= _MIN_SCORE else None


def _make_unmoved(standing: _Support) -> Registration:
    verdict = ViewVerdict.STEADY if standing.is_enough else ViewVerdict.UNKNOWN
    return Registration(verdict, points=int(standing.is_inlier.sum()), cells=standing.cells)


def _find_support(matched: _Matched, is_inlier: npt.NDArray[np.bool_]) -> _Support:
    counts = np.bincount(
        find_cells(matched.distorted_px[is_inlier], matched.size_wh), minlength=GRID[0] * GRID[1]
    )
    score = int(np.minimum(counts, _MAX_PER_CELL).sum())
    return _Support(is_inlier, score, int((counts > 0).sum()))


def _fit_similarity(matched: _Matched) -> FloatArray | None:
    cv2.setRNGSeed(1)  # the same pictures give the same verdict
    matrix, _ = cv2.estimateAffinePartial2D(
        matched.now_px,
        matched.reference_px,
        method=cv2.RANSAC,
        ransacReprojThreshold=_INLIER_PX,
        maxIters=_RANSAC_ROUNDS,
    )
    if matrix is None or not np.isfinite(matrix).all():
        return None
    if not _SHRINK_LIMITS[0] < math.hypot(matrix[0, 0], matrix[1, 0]) < _SHRINK_LIMITS[1]:
        return None
    return np.vstack([matrix, [0.0, 0.0, 1.0]])


def _refine(matched: _Matched, similarity: FloatArray, moved: _Support) -> FloatArray:
    """Return the motion of a turned camera, or a homography or the similarity if points fit it better.

    A turn has four parameters, a homography eight: so a turn holds also where there are few points, on the
    floor. A camera that was pushed aside, too, needs the other.
    """
    near = matched.errors(similarity) < 3 * _INLIER_PX
    if near.sum() < _HOMOGRAPHY_FROM:
        return similarity
    turn = fit_turn(similarity, matched.now_px[near], matched.reference_px[near], matched.size_wh)
    turned = _find_support(matched, matched.errors(turn) < _INLIER_PX)
    fitted, _ = cv2.findHomography(matched.now_px[near], matched.reference_px[near], cv2.RANSAC, _INLIER_PX)
    if fitted is None or not np.isfinite(fitted).all():
        return similarity
    homography: FloatArray = np.asarray(fitted / fitted[2, 2], np.float64)
    better = _find_support(matched, matched.errors(homography) < _INLIER_PX)
    if turned.is_inlier.sum() >= max(_TURN_PART * better.is_inlier.sum(), moved.is_inlier.sum()):
        return turn
    is_better = better.is_inlier.sum() >= moved.is_inlier.sum() and better.cells >= _MIN_CELLS
    return homography if is_better else similarity


def _agree_better(motion: FloatArray, reference: GreyPicture | None, now: GreyPicture | None) -> bool:
    """Return whether moving one picture onto the other increases their correlation."""
    if reference is None or now is None:
        return True
    size_wh = reference.shape[1], reference.shape[0]
    there, here = normalise_contrast(reference), normalise_contrast(now)
    moved = np.asarray(cv2.warpPerspective(here, motion, size_wh, flags=cv2.INTER_LINEAR), np.uint8)
    seen = cv2.warpPerspective(np.full_like(here, 255), motion, size_wh, flags=cv2.INTER_NEAREST) > 0
    if seen.sum() < _MIN_SEEN_PART * seen.size:
        return True
    gain = _correlate(moved[seen], there[seen]) - _correlate(here[seen], there[seen])
    return gain >= _MIN_GAIN


def _correlate(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8]) -> float:
    a, b = first.astype(np.float32) - first.mean(), second.astype(np.float32) - second.mean()
    return float((a * b).sum() / max(1e-6, math.sqrt(float((a * a).sum() * (b * b).sum()))))
