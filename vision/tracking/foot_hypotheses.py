"""Where the feet of a detected person may be: at the bottom of the box, or hidden below it.

A box says three things of a person whose stature is known: across, top and bottom. Three hypotheses explain
it: the person is seen whole, and top and bottom agree with the stature; the feet are hidden (by someone in
front, by furniture, by the picture's lower edge), and the top and the stature tell where they are; or the top
is not where the stature would have it (a person who bends or sits, raised arms, the picture's upper edge),
and the bottom tells. Each gives a place on the floor with its error ellipse, and a cost: minus twice the
logarithm of the hypothesis' prior and of the likelihood of the box's height.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision.tracking.floor_view import FloorView
from vision.tracking.upright_bodies import STATURE_SIGMA, UprightBodies
from vision.tracking.visible_floor import VisibleFloor

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.intp]

WHOLE, FEET_HIDDEN, TOP_UNSURE = 0, 1, 2

CENTRE_SIGMA_HEIGHTS, EDGE_SIGMA_HEIGHTS = 0.035, 0.04
"""Jitter of a box's middle across and of its top and bottom, in heights of the whole person: what YOLO11n
shows on CAVIAR against boxes drawn by hand, and a little for the stride."""
STANCE_SIGMA_M = 0.06
"""How far the middle of the body is from between the feet, along each axis."""
EDGE_SIGMA_PX = 0.7
"""Of any edge, however small the person."""
NOISE_LEARNING, NOISE_LIMITS = 0.003, (0.25, 6.0)
"""Share of the known variance that one box replaces, and between what it may come to lie."""
WIDTH_DOUBT = 0.35
"""How far the middle may be off for a box that is wider (two people) or narrower (half hidden) than people
are, in parts of the difference."""
HIDDEN_FEET_CHANCE, BEHIND_CHANCE = 0.04, 0.5
"""How often feet are hidden with nobody in front, and with the whole width of the lower edge covered."""
SEEN_FEET_HALVE = 2.0
"""Feet were seen so often at a place: it halves the chance that furniture hides them there."""
TOP_UNSURE_CHANCE, UNKNOWN_STATURE_CHANCE = 0.02, 0.06
"""How often the top is not where the stature would have it; the second in addition for a newcomer, who may be
a child."""
HIDDEN_RANGE, TOP_RANGE = 0.75, 0.8
"""Shares of a height over which hidden feet, or a wrong top, are taken to be spread evenly."""
MARGIN_PARTS = 0.01
"""Of the picture's height and width: a box that ends so near an edge is cut off by it; detectors leave about
one per cent."""
COVERED_SHARE = 0.2
"""So much of a lower edge must someone in front cover to count."""
_LOG_2PI = float(np.log(2 * np.pi))
_LARGEST_SIGMA_M = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Sightings:
    """The boxes of one frame, shape (m, ...).

    Attributes:
        covered: share of the lower edge over which someone in front stands.
        is_cut_left, is_cut_top, is_cut_right, is_cut_bottom: whether the picture's edge ends the box.
    """

    xyxy: FloatArray
    score: FloatArray
    covered: FloatArray
    is_cut_left: BoolArray
    is_cut_top: BoolArray
    is_cut_right: BoolArray
    is_cut_bottom: BoolArray

    def __len__(self) -> int:
        return len(self.score)


@dataclass(frozen=True, slots=True, eq=False)
class FootHypotheses:
    """Places of k people under each hypothesis.

    Attributes:
        xy_m, covariance_m2: shapes (3, k, 2) and (3, k, 2, 2); the first axis is the hypothesis.
        cost: shape (3, k); infinite where the hypothesis puts nobody on the floor.
        stature: shape (k,): height of the box for a mean person, if the feet are at its bottom.
        height_px: shape (k,): of the whole person.
    """

    xy_m: FloatArray
    covariance_m2: FloatArray
    cost: FloatArray
    stature: FloatArray
    height_px: FloatArray


def look_at(view: FloorView, xyxy: FloatArray, score: FloatArray) -> Sightings:
    """What can be said of the boxes of a frame, shape (m, 4), by themselves."""
    width, height = view.frame_size_wh
    return Sightings(
        xyxy,
        score,
        _cover_lower_edges(xyxy),
        xyxy[:, 0] <= MARGIN_PARTS * width,
        xyxy[:, 1] <= MARGIN_PARTS * height,
        xyxy[:, 2] >= (1 - MARGIN_PARTS) * width,
        xyxy[:, 3] >= (1 - MARGIN_PARTS) * height,
    )


class FootFinder:
    """Puts boxes of one camera on the floor.

    Attributes:
        noise: how large the errors of this camera's boxes are, in parts of the constants above; learned.
        visible_floor: where feet were seen; learned.
    """

    def __init__(self, view: FloorView, bodies: UprightBodies) -> None:
        self._view = view
        self._bodies = bodies
        self._matrix = view.geometry.floor_from_pixel
        self._least_variance = view.geometry.pair_rms_m**2 + STANCE_SIGMA_M**2
        self.noise = 1.0
        self._noise_variance = 1.0
        self.visible_floor = VisibleFloor(view.frame_size_wh)

    def find(
        self, sightings: Sightings, columns: IndexArray, stature: FloatArray, stature_sigma: FloatArray
    ) -> FootHypotheses:
        """Places for pairs of a sighting (``columns``, shape (k,)) and a person of a stature, shape (k,)."""
        bodies = self._bodies
        left, top, right, bottom = sightings.xyxy[columns].T
        rough_u = (left + right) / 2
        height = np.maximum(bodies.expected_height_px(rough_u, top, stature), 1.0)
        # the top of someone whose head is above the picture says nothing of their height
        height = np.where(sightings.is_cut_top[columns], np.maximum(height, bottom - top), height)
        middle_u, sigma_u = self._find_middle(sightings, columns, left, right, height)
        edge_sigma = self.noise * EDGE_SIGMA_HEIGHTS * height + EDGE_SIGMA_PX
        below_top = top + height
        below_sigma = np.sqrt(edge_sigma**2 + (stature_sigma * height) ** 2)
        share = below_sigma**2 / (below_sigma**2 + edge_sigma**2)
        whole_v = bottom + (1 - share) * (below_top - bottom)
        feet_v = np.stack([whole_v, np.maximum(below_top, bottom), bottom])
        sigma_v = np.stack([edge_sigma * np.sqrt(share), below_sigma, edge_sigma])
        middle_v = (top + bottom) / 2
        feet_u = middle_u + (feet_v - middle_v) * bodies.lean(middle_u, middle_v)
        xy_m, covariance_m2 = self._project(feet_u, feet_v, sigma_u, sigma_v)
        cost = self._weigh(
            sightings,
            columns,
            hidden_chance=HIDDEN_FEET_CHANCE
            / (1 + self.visible_floor.count(feet_u[FEET_HIDDEN], feet_v[FEET_HIDDEN]) / SEEN_FEET_HALVE),
            unsure_chance=TOP_UNSURE_CHANCE
            + UNKNOWN_STATURE_CHANCE * np.minimum((stature_sigma / STATURE_SIGMA) ** 2, 1.0),
            lacking=(below_top - bottom) / height,
            sigma=np.sqrt(below_sigma**2 + edge_sigma**2) / height,
        )
        trace = covariance_m2[..., 0, 0] + covariance_m2[..., 1, 1]
        is_on_floor = np.isfinite(xy_m[..., 0]) & (trace <= 2 * _LARGEST_SIGMA_M**2)
        return FootHypotheses(
            xy_m,
            covariance_m2,
            np.where(is_on_floor, cost, np.inf),
            bodies.measure_stature(feet_u[TOP_UNSURE], top, bottom),
            height,
        )

    def learn_noise(self, relative: FloatArray, stature_variance: FloatArray) -> None:
        """Take how far the heights of whole people's boxes, in parts, are off the people's statures."""
        variance = (relative**2 - stature_variance) / (2 * EDGE_SIGMA_HEIGHTS**2)
        largest = 9 * self.noise**2
        for value in np.clip(variance, 0.0, largest).tolist():
            self._noise_variance += NOISE_LEARNING * (value - self._noise_variance)
        self.noise = float(np.sqrt(np.clip(self._noise_variance, *NOISE_LIMITS)))

    def _find_middle(
        self,
        sightings: Sightings,
        columns: IndexArray,
        left: FloatArray,
        right: FloatArray,
        height: FloatArray,
    ) -> tuple[FloatArray, FloatArray]:
        width = right - left
        usual = self._bodies.width_heights * height
        missing = np.maximum(usual - width, 0.0)
        shift = (
            missing
            / 2
            * (sightings.is_cut_right[columns].astype(float) - sightings.is_cut_left[columns].astype(float))
        )
        doubt = WIDTH_DOUBT * (missing + np.maximum(width - 1.4 * usual, 0.0))
        sigma = self.noise * CENTRE_SIGMA_HEIGHTS * height + EDGE_SIGMA_PX
        return (left + right) / 2 + shift, np.sqrt(sigma**2 + doubt**2)

    def _project(
        self, u: FloatArray, v: FloatArray, sigma_u: FloatArray, sigma_v: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Places and error ellipses, J diag(sigma²) Jᵀ with the homography's Jacobian J."""
        m = self._matrix
        w = m[2, 0] * u + m[2, 1] * v + m[2, 2]
        w = np.where(w > 1e-12, w, np.nan)
        x = (m[0, 0] * u + m[0, 1] * v + m[0, 2]) / w
        y = (m[1, 0] * u + m[1, 1] * v + m[1, 2]) / w
        variance_u, variance_v = (sigma_u / w) ** 2, (sigma_v / w) ** 2
        xu, xv = m[0, 0] - x * m[2, 0], m[0, 1] - x * m[2, 1]
        yu, yv = m[1, 0] - y * m[2, 0], m[1, 1] - y * m[2, 1]
        covariance = np.empty((*np.shape(v), 2, 2))
        covariance[..., 0, 0] = xu * xu * variance_u + xv * xv * variance_v + self._least_variance
        covariance[..., 1, 1] = yu * yu * variance_u + yv * yv * variance_v + self._least_variance
        covariance[..., 0, 1] = covariance[..., 1, 0] = xu * yu * variance_u + xv * yv * variance_v
        return np.stack([x, y], axis=-1), covariance

    def _weigh(
        self,
        sightings: Sightings,
        columns: IndexArray,
        *,
        hidden_chance: FloatArray,
        unsure_chance: FloatArray,
        lacking: FloatArray,
        sigma: FloatArray,
    ) -> FloatArray:
        """Costs for boxes that lack a share of the height, give or take ``sigma``; densities per height."""
        is_cut_top, is_cut_bottom = sightings.is_cut_top[columns], sightings.is_cut_bottom[columns]
        hidden = hidden_chance + (BEHIND_CHANCE - hidden_chance) * sightings.covered[columns]
        whole = (lacking / sigma) ** 2 + 2 * np.log(sigma) + _LOG_2PI - 2 * np.log1p(-hidden)
        feet_hidden = 2 * np.log(HIDDEN_RANGE / hidden) + np.minimum(lacking / sigma, 0.0) ** 2
        feet_hidden += np.maximum((lacking - HIDDEN_RANGE) / sigma, 0.0) ** 2
        top_unsure = 2 * np.log(TOP_RANGE / unsure_chance)
        whole = np.where(is_cut_bottom | is_cut_top, np.inf, whole)
        feet_hidden = np.where(is_cut_bottom, 0.0, feet_hidden)
        top_unsure = np.where(is_cut_bottom, np.inf, np.where(is_cut_top, 0.0, top_unsure))
        return np.stack([whole, feet_hidden, top_unsure])


def _cover_lower_edges(xyxy: FloatArray) -> FloatArray:
    """Which share of each box's lower edge lies in boxes of people who stand nearer, shape (m,)."""
    if len(xyxy) < 2:
        return np.zeros(len(xyxy))
    left, top, right, bottom = xyxy.T
    margin = 0.03 * (bottom - top)
    is_in_front = bottom[None] > (bottom + margin)[:, None]
    is_in_front &= top[None] < (bottom + margin)[:, None]
    shared = np.minimum(right[:, None], right[None]) - np.maximum(left[:, None], left[None])
    shares = np.where(is_in_front, shared, 0.0).max(axis=1) / np.maximum(right - left, 1e-9)
    covered: FloatArray = np.where(shares >= COVERED_SHARE, np.minimum(shares, 1.0), 0.0)
    return covered
