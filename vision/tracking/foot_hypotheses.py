"""Where the feet of a detected person may be: at the bottom of the box, or hidden below it.

A box says three things of a person whose stature is known: across, top and bottom. Three hypotheses explain
it: the person is seen whole, and top and bottom agree with the stature; the feet are hidden (by someone in
front, by furniture, by the picture's lower edge), and the top and the stature tell where they are; or the top
is not where the stature would have it (a person who bends or sits, raised arms, the picture's upper edge),
and the bottom tells. Each gives a place on the floor with its error ellipse, and a cost: minus twice the
logarithm of the hypothesis' prior and of the likelihood of the box's height.
"""

from __future__ import annotations

import math
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
FEET_KNOWN_LOOKS = 2.0
"""The first chance that furniture hides feet counts as much as so many looks at a place."""
MOST_HIDDEN_CHANCE = 0.9
"""Wherever furniture hides feet, some are seen beside it."""
TOP_UNSURE_CHANCE, UNKNOWN_STATURE_CHANCE = 0.02, 0.06
"""How often the top is not where the stature would have it; the second in addition for a newcomer, who may be
a child."""
HIDDEN_RANGE, TOP_RANGE = 0.75, 0.8
"""Shares of a height over which hidden feet, or a wrong top, are taken to be spread evenly."""
MARGIN_PARTS = 0.01
"""Of the picture's height and width: a box that ends so near an edge is cut off by it; detectors leave about
one per cent."""
COVERED_SHARE, COVERING_GROWS = 0.6, 1.5
"""Someone in front who covers less of a lower edge leaves a leg to be seen beside them; from there on feet
are hidden the more often, along a power. A sixth of the person is missing in 1.5 % of the boxes covered by
less than 0.6, as in those that nobody covers; in 5 to 13 % of those covered by 0.7 to 0.8, in 9 to 35 % by
0.8 to 0.9, in 31 to 60 % of those wholly covered (three scenes of two simulators with a detector each)."""
_LOG_2PI = float(np.log(2 * np.pi))
_LARGEST_SIGMA_M = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Sightings:
    """The boxes of one frame, shape (m, ...).

    Attributes:
        edges: left, top, right and bottom, each on its own: shape (4, m).
        covered: 0 where nobody in front can hide the feet, 1 where someone stands over the whole lower edge.
        is_cut_left, is_cut_top, is_cut_right, is_cut_bottom: whether the picture's edge ends the box.
        is_cut, are_cut: whether any edge does, and whether it does so with any box.
    """

    xyxy: FloatArray
    score: FloatArray
    edges: FloatArray
    covered: FloatArray
    is_cut_left: BoolArray
    is_cut_top: BoolArray
    is_cut_right: BoolArray
    is_cut_bottom: BoolArray
    is_cut: BoolArray
    are_cut: bool

    def __len__(self) -> int:
        return len(self.score)


@dataclass(frozen=True, slots=True, eq=False)
class FootPlaces:
    """Places of k people under each hypothesis.

    Attributes:
        xy_m, covariance_m2: shapes (2, 3, k) and (3, 3, k), in rows as in ``FloorMotion``; the second axis is
            the hypothesis.
        is_possible: shape (3, k): whether the hypothesis puts anybody on the floor.
    """

    xy_m: FloatArray
    covariance_m2: FloatArray
    is_possible: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class FootHypotheses:
    """Places of k people under each hypothesis, and what it costs to believe it.

    Attributes:
        xy_m, covariance_m2: as in ``FootPlaces``.
        cost: shape (3, k); infinite where the hypothesis puts nobody on the floor.
        stature: shape (k,): height of the box for a mean person, if the feet are at its bottom.
    """

    xy_m: FloatArray
    covariance_m2: FloatArray
    cost: FloatArray
    stature: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _MeasuredBoxes:
    """Boxes of k people of known statures; pixels.

    Attributes:
        height: of the whole person.
        lacking: how much of it the box lacks; ``both_variance``: its variance.
        feet_uv, variance: of the feet across and down, shape (2, 3, k); the second axis is the hypothesis.
    """

    top: FloatArray
    bottom: FloatArray
    height: FloatArray
    lacking: FloatArray
    both_variance: FloatArray
    feet_uv: FloatArray
    variance: FloatArray


def look_at(view: FloorView, xyxy: FloatArray, score: FloatArray) -> Sightings:
    """What can be said of the boxes of a frame, shape (m, 4), by themselves."""
    width, height = view.frame_size_wh
    edges = np.ascontiguousarray(xyxy.T)
    is_cut_left, is_cut_top = edges[:2] <= ((MARGIN_PARTS * width,), (MARGIN_PARTS * height,))
    is_cut_right, is_cut_bottom = edges[2:] >= (
        ((1 - MARGIN_PARTS) * width,),
        ((1 - MARGIN_PARTS) * height,),
    )
    is_cut = is_cut_left | is_cut_top | is_cut_right | is_cut_bottom
    return Sightings(
        xyxy,
        score,
        edges,
        _cover_lower_edges(edges),
        is_cut_left,
        is_cut_top,
        is_cut_right,
        is_cut_bottom,
        is_cut,
        bool(is_cut.any()),
    )


class FootFinder:
    """Puts boxes of one camera on the floor.

    Attributes:
        noise: how large the errors of this camera's boxes are, in parts of the constants above; learned.
        visible_floor: where feet were seen and hidden; learned.
    """

    def __init__(self, view: FloorView, bodies: UprightBodies) -> None:
        self._view = view
        self._bodies = bodies
        self._matrix = view.geometry.floor_from_pixel
        self._by_pixel = np.ascontiguousarray(self._matrix[:2, :2].T)[:, :, None, None]
        self._scale_by_pixel = self._matrix[2, :2].reshape(2, 1, 1, 1).copy()
        self._least_variance = view.geometry.pair_rms_m**2 + STANCE_SIGMA_M**2
        self.noise = 1.0
        self._noise_variance = 1.0
        self.visible_floor = VisibleFloor(view.frame_size_wh)

    def find(
        self, sightings: Sightings, columns: IndexArray, stature: FloatArray, stature_sigma: FloatArray
    ) -> FootHypotheses:
        """Places for pairs of a sighting (``columns``, shape (k,)) and a person of a stature, shape (k,)."""
        boxes = self._measure(sightings, columns, stature, stature_sigma)
        xy_m, covariance_m2 = self._project(boxes)
        feet_uv = boxes.feet_uv
        cost = self._weigh(
            sightings,
            columns,
            hidden_chance=self._find_hidden_chance(feet_uv[:, FEET_HIDDEN]),
            unsure_chance=TOP_UNSURE_CHANCE
            + UNKNOWN_STATURE_CHANCE * np.minimum((stature_sigma / STATURE_SIGMA) ** 2, 1.0),
            lacking=boxes.lacking / boxes.height,
            sigma=np.sqrt(boxes.both_variance) / boxes.height,
        )
        return FootHypotheses(
            xy_m,
            covariance_m2,
            np.where(_find_on_floor(covariance_m2), cost, np.inf),
            self._bodies.measure_stature(feet_uv[0, TOP_UNSURE], boxes.top, boxes.bottom),
        )

    def _find_hidden_chance(self, feet_uv: FloatArray) -> FloatArray:
        """How often furniture hides feet at pixels, shape (2, k), by how often they were seen and hidden."""
        seen, hidden = self.visible_floor.count(feet_uv), self.visible_floor.count_hidden(feet_uv)
        hidden_chance = (HIDDEN_FEET_CHANCE * FEET_KNOWN_LOOKS + hidden) / (FEET_KNOWN_LOOKS + seen + hidden)
        return np.minimum(hidden_chance, MOST_HIDDEN_CHANCE)

    def find_places(
        self, sightings: Sightings, columns: IndexArray, stature: FloatArray, stature_sigma: FloatArray
    ) -> FootPlaces:
        """As ``find``, without what it costs to believe each hypothesis."""
        xy_m, covariance_m2 = self._project(self._measure(sightings, columns, stature, stature_sigma))
        is_possible = _find_on_floor(covariance_m2)
        if sightings.are_cut:
            is_cut_top, is_cut_bottom = sightings.is_cut_top[columns], sightings.is_cut_bottom[columns]
            is_possible[WHOLE, is_cut_top | is_cut_bottom] = False
            is_possible[TOP_UNSURE, is_cut_bottom] = False
        return FootPlaces(xy_m, covariance_m2, is_possible)

    def _measure(
        self, sightings: Sightings, columns: IndexArray, stature: FloatArray, stature_sigma: FloatArray
    ) -> _MeasuredBoxes:
        """Where the feet of the pairs are in the picture."""
        bodies = self._bodies
        left, top, right, bottom = sightings.edges.take(columns, axis=1)
        centre_u = (left + right) / 2
        height = np.maximum(bodies.expected_height_px(centre_u, top, stature), 1.0)
        if sightings.are_cut:
            # the top of someone whose head is above the picture says nothing of their height
            is_cut_top = sightings.is_cut_top.take(columns)
            height = np.where(is_cut_top, np.maximum(height, bottom - top), height)
        middle_u, variance_u = self._find_middle(sightings, columns, right - left, centre_u, height)
        edge_variance = (self.noise * EDGE_SIGMA_HEIGHTS * height + EDGE_SIGMA_PX) ** 2
        below_variance = edge_variance + (stature_sigma * height) ** 2
        both_variance = below_variance + edge_variance
        below_top = top + height
        lacking = below_top - bottom
        feet_uv, variance = np.empty((2, 3, len(columns))), np.empty((2, 3, len(columns)))
        feet_u, feet_v = feet_uv
        feet_v[WHOLE] = bottom + edge_variance / both_variance * lacking
        feet_v[FEET_HIDDEN] = np.maximum(below_top, bottom)
        feet_v[TOP_UNSURE] = bottom
        variance[0] = variance_u
        variance[1, WHOLE] = edge_variance * (below_variance / both_variance)
        variance[1, FEET_HIDDEN] = below_variance
        variance[1, TOP_UNSURE] = edge_variance
        middle_v = (top + bottom) / 2
        np.add(middle_u, (feet_v - middle_v) * bodies.lean(middle_u, middle_v), out=feet_u)
        return _MeasuredBoxes(top, bottom, height, lacking, both_variance, feet_uv, variance)

    def learn_noise(self, relative: FloatArray, stature_variance: FloatArray) -> None:
        """Take how far the heights of whole people's boxes, in parts, are off the people's statures."""
        variance = (relative**2 - stature_variance) / (2 * EDGE_SIGMA_HEIGHTS**2)
        largest = 9 * self.noise**2
        known = self._noise_variance
        for value in variance.tolist():
            known += NOISE_LEARNING * (min(max(value, 0.0), largest) - known)
        self._noise_variance = known
        self.noise = math.sqrt(min(max(known, NOISE_LIMITS[0]), NOISE_LIMITS[1]))

    def _find_middle(
        self,
        sightings: Sightings,
        columns: IndexArray,
        width: FloatArray,
        centre_u: FloatArray,
        height: FloatArray,
    ) -> tuple[FloatArray, FloatArray]:
        """Middles across of people, and their variances."""
        usual = self._bodies.width_heights * height
        missing = np.maximum(usual - width, 0.0)
        doubt = WIDTH_DOUBT * (missing + np.maximum(width - 1.4 * usual, 0.0))
        variance = (self.noise * CENTRE_SIGMA_HEIGHTS * height + EDGE_SIGMA_PX) ** 2 + doubt**2
        if not sightings.are_cut:
            return centre_u, variance
        is_cut_left, is_cut_right = sightings.is_cut_left[columns], sightings.is_cut_right[columns]
        return centre_u + missing / 2 * (is_cut_right.astype(float) - is_cut_left.astype(float)), variance

    def _project(self, boxes: _MeasuredBoxes) -> tuple[FloatArray, FloatArray]:
        """Places and error ellipses, J diag(sigma²) Jᵀ with the homography's Jacobian J."""
        m, (u, v) = self._matrix, boxes.feet_uv
        homogeneous = (m[:, :1] * u.reshape(-1) + m[:, 1:2] * v.reshape(-1) + m[:, 2:]).reshape(3, *v.shape)
        w = homogeneous[2]
        if w.size and w.min() <= 1e-12:
            w = np.where(w > 1e-12, w, np.nan)
        xy_m = homogeneous[:2] / w
        # by u and v, of x and y
        derivative = (self._by_pixel - xy_m * self._scale_by_pixel) / w
        weighted = derivative * derivative * boxes.variance[:, None]
        both = derivative[:, 0] * derivative[:, 1] * boxes.variance
        covariance = np.empty((3, *v.shape))
        covariance[:2] = weighted[0] + weighted[1] + self._least_variance
        covariance[2] = both[0] + both[1]
        return xy_m, covariance

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
        behind = np.maximum(BEHIND_CHANCE - hidden_chance, 0.0)
        hidden = hidden_chance + behind * sightings.covered.take(columns)
        missed = lacking / sigma
        cost = np.empty((3, len(columns)))
        cost[WHOLE] = missed**2 + 2 * np.log(sigma / (1 - hidden)) + _LOG_2PI
        cost[FEET_HIDDEN] = 2 * np.log(HIDDEN_RANGE / hidden) + np.minimum(missed, 0.0) ** 2
        cost[FEET_HIDDEN] += np.maximum((lacking - HIDDEN_RANGE) / sigma, 0.0) ** 2
        cost[TOP_UNSURE] = 2 * np.log(TOP_RANGE / unsure_chance)
        if sightings.are_cut:
            is_cut_top, is_cut_bottom = sightings.is_cut_top[columns], sightings.is_cut_bottom[columns]
            cost[TOP_UNSURE, is_cut_top] = 0.0
            cost[WHOLE, is_cut_top | is_cut_bottom] = np.inf
            cost[FEET_HIDDEN, is_cut_bottom] = 0.0
            cost[TOP_UNSURE, is_cut_bottom] = np.inf
        return cost


def _find_on_floor(covariance_m2: FloatArray) -> BoolArray:
    """Whether anything is known of places, shape (3, k): not at and above the horizon."""
    is_on_floor: BoolArray = covariance_m2[0] + covariance_m2[1] <= 2 * _LARGEST_SIGMA_M**2
    return is_on_floor


def _cover_lower_edges(edges: FloatArray) -> FloatArray:
    """Which share of each box's lower edge lies in boxes of people who stand nearer, shape (m,)."""
    left, top, right, bottom = edges
    if len(left) < 2:
        return np.zeros(len(left))
    below = (bottom + 0.03 * (bottom - top))[:, None]
    is_in_front = (bottom > below) & (top < below)
    shared = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    shares = (shared * is_in_front).max(axis=1) / np.maximum(right - left, 1e-9)
    covered: FloatArray = np.clip((shares - COVERED_SHARE) / (1 - COVERED_SHARE), 0.0, 1.0) ** COVERING_GROWS
    return covered
