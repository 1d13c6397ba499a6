"""A camera's height, tilt and roll from people who walk through its picture, without measuring."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray, IntArray
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError
from analytics.domain.lens import PictureLens
from vision.calibration.camera_pose import CameraPose

MINIMUM_WALKERS = 10
"""Adults differ by some 9 cm: the mean of ten is known to 3 cm, which makes a camera at 5 m 9 cm too high."""
MINIMUM_BOXES = 100
STATURE_SPREAD = 0.055
"""Relative standard deviation of statures: 9 cm."""
FOOT_AHEAD_STATURES = 0.06
"""Distance of the nearer foot, a box's lower edge, before the middle of the body, in statures."""
EDGE_MARGIN_PARTS = 0.01
"""Share of the picture at its edges, in which boxes count as cut off."""
MIN_FEET_SPAN = 0.5
"""Minimum span of feet: distance between quartiles of the lower edges, in median box heights. A detector's
errors alone make 0.1, and where they dominate, the fit would find a camera that is not there."""
MAX_TILT_SIGMA_RAD = math.radians(5)
MAX_HEIGHT_SIGMA = 0.2
"""Relative standard deviation of the height beyond which the estimate is refused."""
_FOCAL_STEP = 0.02
_MAX_BOXES = 2000
_TUKEY = 4.685
"""Tuning constant of the biweight at 95 % efficiency (Huber, Robust Statistics)."""
_NORMAL_MAD = 1.4826
_ITERATIONS = 60
_TILTS_RAD = np.radians(np.arange(0.0, 90.0, 3.0))
_STATURES = np.geomspace(0.08, 0.95, 25)
"""Grid of statures over camera height."""


@dataclass(frozen=True, slots=True, eq=False)
class WalkersFit:
    """A camera's pose in local coordinates: the origin below the camera, y along its view.

    Attributes:
        covariance: shape (3, 3), of height (m), tilt and roll (rad), for the focal length as it is given.
        focal_sigma: relative standard deviation of the focal length.
        focal_effect: shape (3,), derivatives of height, tilt and roll by log focal length; zero if it is
            exact.
        spread: relative standard deviation of a walker's box heights around the model.
        walkers, boxes: numbers used.
    """

    pose: CameraPose
    covariance: FloatArray
    focal_px: float
    focal_sigma: float
    focal_effect: FloatArray
    centre_px: tuple[float, float]
    lens: PictureLens | None
    spread: float
    walkers: int
    boxes: int

    @property
    def geometry(self) -> CameraGeometry:
        """Return the mapping from pixels to metres on the camera's own floor."""
        return CameraGeometry(self.pose.compute_floor_matrix(self.focal_px, self.centre_px), lens=self.lens)


def estimate_pose_from_walkers(
    tracks: Sequence[FloatArray],
    *,
    size_wh: tuple[int, int],
    focal_px: float,
    mean_height_m: float,
    mean_height_sigma_m: float = 0.0,
    focal_sigma: float = 0.0,
    lens: PictureLens | None = None,
) -> WalkersFit:
    """Estimate the pose at which people of a known mean height fit their boxes.

    Feet on the floor and heads at one height above it are two pictures of one plane, whose vanishing line and
    distance are the camera's tilt, roll and height (Lv, Zhao and Nevatia, PAMI 2006; Krahnstoever and
    Mendonça, ICCV 2005). Found by a search over tilt and height, then by iteratively reweighted least squares
    of the boxes' heights in parts (Tukey's biweight, for people bend, sit and hide behind counters). Each
    walker keeps a stature of their own, so that one who comes nearer tells the tilt whatever that is; and the
    boxes of one walker do not count as independent (a sandwich over walkers).

    Args:
        tracks: boxes (left, top, right, bottom) in pixels, shape (n, 4), of one walker each.
        focal_px: of the straightened picture; see ``compute_focal_px``.
        mean_height_sigma_m: how well the mean height is known.
        focal_sigma: how well the focal length is known, in parts. Boxes tell no focal length: a longer one is
            made up for by a lower camera that looks less far down. So it is left to the pairs.

    Raises:
        CalibrationError: too few walkers or boxes inside the picture, figures that cannot be, or people who
            walk at one distance only, so that they tell nothing of the tilt.
    """
    _check_parameters(focal_px, mean_height_m)
    boxes, walker = _collect_boxes(tracks, size_wh)
    centre_px = lens.centre_px if lens is not None else (size_wh[0] / 2, size_wh[1] / 2)
    rays = _find_rays(boxes, focal_px, centre_px, lens)
    parameters = _search(rays)
    parameters, weighting = _refine(parameters, rays, walker)
    covariance = _find_covariance(parameters, rays, weighting)
    tilt_rad, roll_rad, log_stature = parameters.tolist()
    height_m = mean_height_m / math.exp(log_stature)
    # from (tilt, roll, log of s) to (height, tilt, roll)
    change = np.array([[0.0, 0.0, -height_m], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    covariance = change @ covariance @ change.T
    covariance[0, 0] += (height_m * mean_height_sigma_m / mean_height_m) ** 2
    if covariance[1, 1] > MAX_TILT_SIGMA_RAD**2 or covariance[0, 0] > (MAX_HEIGHT_SIGMA * height_m) ** 2:
        raise CalibrationError(
            "The camera's mounting cannot be determined from the walkers: height {height:.1f} ± "
            "{sigma:.1f} m.",
            "Let people walk near the camera and far from it, to its left and its right.",
            height=height_m,
            sigma=2 * math.sqrt(covariance[0, 0]),
        )
    return WalkersFit(
        pose=CameraPose(height_m, tilt_rad, roll_rad),
        covariance=covariance,
        focal_px=focal_px,
        focal_sigma=focal_sigma,
        focal_effect=_find_focal_effect(parameters, rays, walker, mean_height_m=mean_height_m)
        if focal_sigma > 0
        else np.zeros(3),
        centre_px=centre_px,
        lens=lens,
        spread=weighting.spread,
        walkers=len(np.unique(walker)),
        boxes=len(boxes),
    )


def _find_focal_effect(
    parameters: FloatArray, rays: FloatArray, walker: IntArray, *, mean_height_m: float
) -> FloatArray:
    """Compute the derivative of height, tilt and roll by the focal length, by refitting."""
    found = []
    for step in (_FOCAL_STEP, -_FOCAL_STEP):
        tilt_rad, roll_rad, log_stature = _refine(parameters, rays / math.exp(step), walker)[0].tolist()
        found.append(np.array([mean_height_m / math.exp(log_stature), tilt_rad, roll_rad]))
    effect: FloatArray = (found[0] - found[1]) / (2 * _FOCAL_STEP)
    return effect


def _check_parameters(focal_px: float, mean_height_m: float) -> None:
    if not (math.isfinite(focal_px) and focal_px > 0 and math.isfinite(mean_height_m) and mean_height_m > 0):
        raise CalibrationError(
            "The focal length or the mean height of people is invalid.",
            "Enter the horizontal field of view, below 180 degrees, and a height in metres such as 1.68.",
        )


def _collect_boxes(tracks: Sequence[FloatArray], size_wh: tuple[int, int]) -> tuple[FloatArray, IntArray]:
    """Return whole boxes, shape (n, 4), and their walkers; at most ``_MAX_BOXES``, evenly from all."""
    boxes = np.concatenate([np.zeros((0, 4)), *(np.asarray(t, np.float64).reshape(-1, 4) for t in tracks)])
    walker = np.repeat(np.arange(len(tracks)), [len(track) for track in tracks])
    margin = np.asarray(size_wh) * EDGE_MARGIN_PARTS
    with np.errstate(invalid="ignore"):
        is_whole = np.isfinite(boxes).all(axis=1)
        is_whole &= (boxes[:, :2] > margin).all(axis=1) & (boxes[:, 2:] < size_wh - margin).all(axis=1)
        is_whole &= (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
    boxes, walker = boxes[is_whole], walker[is_whole]
    count = len(np.unique(walker))
    if count < MINIMUM_WALKERS or len(boxes) < MINIMUM_BOXES:
        raise CalibrationError(
            "There are {walkers} walkers with {boxes} boxes inside the picture.",
            "Record until at least {least_walkers} people have walked through, with {least_boxes} boxes.",
            walkers=count,
            boxes=len(boxes),
            least_walkers=MINIMUM_WALKERS,
            least_boxes=MINIMUM_BOXES,
        )
    far, near = np.quantile(boxes[:, 3], (0.25, 0.75))
    span = float((near - far) / np.median(boxes[:, 3] - boxes[:, 1]))
    if span < MIN_FEET_SPAN:
        raise CalibrationError(
            "Most walkers were at one distance: their feet span only {span:.1f} body heights in the picture.",
            "Let people walk near the camera and far from it, to its left and its right.",
            span=span,
        )
    if len(boxes) > _MAX_BOXES:
        chosen = np.linspace(0, len(boxes) - 1, _MAX_BOXES).astype(np.int64)
        boxes, walker = boxes[chosen], walker[chosen]
    return boxes, walker


def _find_rays(
    boxes: FloatArray, focal_px: float, centre_px: tuple[float, float], lens: PictureLens | None
) -> FloatArray:
    """Return middle, bottom and top of boxes as (x, y bottom, y top) at distance 1, shape (n, 3)."""
    middle = (boxes[:, 0] + boxes[:, 2]) / 2
    bottom, top = np.column_stack([middle, boxes[:, 3]]), np.column_stack([middle, boxes[:, 1]])
    if lens is not None:
        bottom, top = lens.straighten(bottom), lens.straighten(top)
    bottom, top = (bottom - centre_px) / focal_px, (top - centre_px) / focal_px
    return np.column_stack([(bottom[:, 0] + top[:, 0]) / 2, bottom[:, 1], top[:, 1]])


def _compute_residuals(parameters: FloatArray, rays: FloatArray) -> FloatArray:
    """Compute relative height residuals of the boxes, shape (n,); large out of sight.

    Both edges of a box are off by about as much; the difference is divided by what that makes of it, so that
    a noisy lower edge does not pull the tilt (orthogonal regression; Fuller, Measurement Error Models, 1.3).
    """
    head_y = _find_heads(parameters, rays)
    step = 1e-5
    slope = (_find_heads(parameters, rays + np.array([0.0, step, 0.0])) - head_y) / step
    height = np.maximum(rays[:, 1] - rays[:, 2], 1e-9)
    residuals: FloatArray = (rays[:, 2] - head_y) / height * np.sqrt(2 / (1 + slope**2))
    return residuals


def _find_heads(parameters: FloatArray, rays: FloatArray) -> FloatArray:
    """Compute y of the heads above the boxes' lower edges, shape (n,); far above the picture without floor.

    All lengths are in camera heights. A box's middle lies between foot and head, which lean where the camera
    looks steeply down: the foot's x follows in a few rounds.
    """
    tilt, roll, log_stature = parameters
    up = np.array([math.sin(roll) * math.cos(tilt), -math.cos(roll) * math.cos(tilt), -math.sin(tilt)])
    stature = math.exp(log_stature)
    foot = np.column_stack([rays[:, 0], rays[:, 1], np.ones(len(rays))])
    head = foot
    is_seen = np.ones(len(rays), bool)
    for _ in range(3):
        below = foot @ up
        is_seen = below < -1e-6
        on_floor = foot / -np.where(is_seen, below, -1.0)[:, None]
        way = on_floor + up
        distance = np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
        crown = on_floor + way / distance * (stature * FOOT_AHEAD_STATURES) + stature * up
        is_seen &= crown[:, 2] > 1e-6
        head = crown / np.where(is_seen, crown[:, 2], 1.0)[:, None]
        foot[:, 0] = np.where(is_seen, rays[:, 0] + (foot[:, 0] - head[:, 0]) / 2, rays[:, 0])
    return np.where(is_seen, head[:, 1], -1e3)


def _search(rays: FloatArray) -> FloatArray:
    """Return the level pose, on a grid of tilts and statures, with the smallest median absolute residual."""
    some = rays[np.linspace(0, len(rays) - 1, min(len(rays), 200)).astype(int)]
    best, lowest = np.zeros(3), math.inf
    for tilt in _TILTS_RAD.tolist():
        for stature in _STATURES.tolist():
            parameters = np.array([tilt, 0.0, math.log(stature)])
            cost = float(np.median(np.abs(_compute_residuals(parameters, some))))
            if cost < lowest:
                best, lowest = parameters, cost
    return best


def _refine(parameters: FloatArray, rays: FloatArray, walker: IntArray) -> tuple[FloatArray, _Weighting]:
    """Refine by reweighted Gauss-Newton on residuals without each walker's own stature."""
    weights, weighting = np.ones(len(rays)), None
    for _ in range(_ITERATIONS):
        residuals, jacobian = _compute_residuals(parameters, rays), _compute_jacobian(parameters, rays)
        weighting = _weigh(residuals, jacobian[:, 2], weights, walker)
        weights = weighting.weights
        jacobian = weighting.remove_statures(jacobian)
        weighted = weights[:, None] * jacobian
        normal = jacobian.T @ weighted + 1e-9 * np.eye(3)
        step = np.linalg.solve(normal, weighted.T @ weighting.remove_statures(residuals[:, None])[:, 0])
        step *= min(1.0, 0.2 / max(float(np.abs(step).max()), 1e-12))
        parameters = parameters - step
        if float(np.abs(step).max()) < 1e-7:
            break
    assert weighting is not None
    return parameters, weighting


@dataclass(frozen=True, slots=True, eq=False)
class _Weighting:
    """Weights of boxes, and the effect of the walkers' own statures.

    Attributes:
        weights: shape (n,).
        walker: of each box, shape (n,).
        effects: derivative of the residuals by log stature, shape (n,).
        shares: part of its walker's stature removed from each box, shape (n,).
        spread: standard deviation of the rest.
    """

    weights: FloatArray
    walker: IntArray
    effects: FloatArray
    shares: FloatArray
    spread: float

    def remove_statures(self, values: FloatArray) -> FloatArray:
        """Return values, shape (n, k), whitened for each walker's constant stature (a random effect)."""
        statures = _fit_statures(values, self.effects, self.weights, self.walker)
        return values - (self.shares * self.effects)[:, None] * statures


def _weigh(residuals: FloatArray, effects: FloatArray, weights: FloatArray, walker: IntArray) -> _Weighting:
    """Weigh down boxes that differ from their walker's others, and walkers who differ from the others."""
    stature = _fit_statures(residuals[:, None], effects, weights, walker)[:, 0]
    own = residuals - effects * stature
    spread = max(float(_NORMAL_MAD * np.median(np.abs(own))), 1e-4)
    weights = _biweight(own / spread) * _biweight(stature / np.hypot(STATURE_SPREAD, spread))
    information = np.bincount(walker, weights * effects**2)[walker]
    shares = 1 - 1 / np.sqrt(1 + information * (STATURE_SPREAD / spread) ** 2)
    return _Weighting(weights, walker, effects, shares, spread)


def _biweight(values: FloatArray) -> FloatArray:
    return np.asarray(np.maximum(1 - (values / _TUKEY) ** 2, 0.0) ** 2, np.float64)


def _fit_statures(
    values: FloatArray, effects: FloatArray, weights: FloatArray, walker: IntArray
) -> FloatArray:
    """Fit values, shape (n, k), by the effect of the walkers' statures; return the fit, shape (n, k)."""
    count = int(walker.max()) + 1
    sums = np.zeros((count, values.shape[1]))
    np.add.at(sums, walker, (weights * effects)[:, None] * values)
    information = np.maximum(np.bincount(walker, weights * effects**2, minlength=count), 1e-12)
    statures: FloatArray = (sums / information[:, None])[walker]
    return statures


def _compute_jacobian(parameters: FloatArray, rays: FloatArray) -> FloatArray:
    step = 1e-5
    return np.column_stack(
        [
            (_compute_residuals(parameters + move, rays) - _compute_residuals(parameters - move, rays))
            / (2 * step)
            for move in np.eye(3) * step
        ]
    )


def _find_covariance(parameters: FloatArray, rays: FloatArray, weighting: _Weighting) -> FloatArray:
    """Compute the parameter covariance, shape (3, 3): the sandwich of scores summed per walker."""
    jacobian = weighting.remove_statures(_compute_jacobian(parameters, rays))
    residuals = weighting.remove_statures(_compute_residuals(parameters, rays)[:, None])
    weighted = weighting.weights[:, None] * jacobian
    inverse = np.linalg.inv(jacobian.T @ weighted + 1e-12 * np.eye(3))
    scores = np.zeros((int(weighting.walker.max()) + 1, 3))
    np.add.at(scores, weighting.walker, residuals * weighted)
    count = len(np.unique(weighting.walker))
    covariance: FloatArray = inverse @ (scores.T @ scores) @ inverse * count / (count - 3)
    return covariance
