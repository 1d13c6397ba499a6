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
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from vision.tracking.floor_view import FloorView
from vision.tracking.upright_bodies import STATURE_SIGMA, UprightBodies
from vision.tracking.visible_floor import VisibleFloor

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.intp]

WHOLE, FEET_HIDDEN, TOP_UNSURE = 0, 1, 2
LEFT, TOP, RIGHT, BOTTOM = 0, 1, 2, 3

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
BEHIND_CHANCE = 0.5
"""How often feet are hidden with the whole width of the lower edge covered."""
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
_NOISY_HEIGHTS = np.array([[CENTRE_SIGMA_HEIGHTS], [EDGE_SIGMA_HEIGHTS]])


# what follows is made anew in every frame; a frozen dataclass takes several times as long to make


@dataclass(slots=True, eq=False)
class Sightings:
    """The boxes of one frame, shape (m, ...).

    Attributes:
        edges: left, top, right and bottom, each on its own: shape (4, m).
        covered: 0 where nobody in front can hide the feet, 1 where someone stands over the whole lower edge.
        is_cut: whether the picture's edge ends the box, of each of its edges: shape (4, m).
        are_cut: whether it does so with any box.
        appearance: as in ``Detections``.
    """

    xyxy: FloatArray
    score: FloatArray
    edges: FloatArray
    covered: FloatArray
    is_cut: BoolArray
    are_cut: bool
    appearance: npt.NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.score)


@dataclass(slots=True, eq=False)
class UprightBoxes:
    """The boxes of one frame, and what each says of where feet are, whoever it shows.

    Attributes:
        rows: shape (9, m): top, bottom, middle across, width and middle down; how much a vertical line leans
            there; ``scaled_height`` and ``head_depth`` of the top; ``covered`` of the sightings.
    """

    sightings: Sightings
    rows: FloatArray


@dataclass(slots=True, eq=False)
class FootPlaces:
    """Places of k people under each hypothesis.

    Attributes:
        xy_m: shape (2, 3, k); the second axis is the hypothesis.
        spread_m2: shape (3, k): the sum of the variances of x and y.
        is_possible: shape (3, k): whether the hypothesis puts anybody on the floor.
    """

    xy_m: FloatArray
    spread_m2: FloatArray
    is_possible: BoolArray


@dataclass(slots=True, eq=False)
class FootHypotheses:
    """Places of k people under each hypothesis, and what it costs to believe it.

    Attributes:
        places: shape (5, 3, k): x and y, then their covariance in rows as in ``FloorMotion``; the second axis
            is the hypothesis.
        cost: shape (3, k); infinite where the hypothesis puts nobody on the floor.
        stature: shape (k,): height of the box for a mean person, if the feet are at its bottom.
    """

    places: FloatArray
    cost: FloatArray
    stature: FloatArray

    def choose(self, hypothesis: IndexArray, number: IndexArray) -> FloatArray:
        """Places, shape (5, j), of the people ``number`` under one hypothesis each."""
        of_all = self.places.reshape(5, -1)
        chosen: FloatArray = of_all.take(hypothesis * self.cost.shape[1] + number, axis=1)
        return chosen


@dataclass(slots=True, eq=False)
class _MeasuredBoxes:
    """Boxes of k people of known statures; pixels.

    Attributes:
        rows: of ``UprightBoxes``, shape (9, k).
        height: of the whole person.
        lacking: how much of it the box lacks; ``both_variance``: its variance.
        feet_uv, variance: of the feet across and down, shape (2, 3, k); the second axis is the hypothesis.
        is_cut: as of ``Sightings``, shape (4, k); None where the picture's edge ends no box.
    """

    rows: FloatArray
    height: FloatArray
    lacking: FloatArray
    both_variance: FloatArray
    feet_uv: FloatArray
    variance: FloatArray
    is_cut: BoolArray | None


def look_at(
    view: FloorView,
    xyxy: FloatArray,
    score: FloatArray,
    appearance: npt.NDArray[np.float32] | None = None,
) -> Sightings:
    """What can be said of the boxes of a frame, shape (m, 4), by themselves."""
    near, far = _find_margins(view.frame_size_wh)
    edges = np.ascontiguousarray(xyxy.T)
    is_cut = np.empty(edges.shape, np.bool_)
    np.less_equal(edges[:2], near, out=is_cut[:2])
    np.greater_equal(edges[2:], far, out=is_cut[2:])
    are_cut = bool(np.count_nonzero(is_cut))
    return Sightings(xyxy, score, edges, _cover_lower_edges(edges), is_cut, are_cut, appearance)


@lru_cache(maxsize=64)
def _find_margins(frame_size_wh: tuple[int, int]) -> tuple[FloatArray, FloatArray]:
    """Up to where edges count as the picture's left and upper one, and from where as the others."""
    size = np.array(frame_size_wh, dtype=np.float64)[:, None]
    return MARGIN_PARTS * size, (1 - MARGIN_PARTS) * size


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
        self._columns = tuple(np.ascontiguousarray(column) for column in np.split(self._matrix, 3, axis=1))
        # by u and v, of x and y
        self._by_pixel = np.ascontiguousarray(self._matrix[:2, :2].T)[:, :, None]
        self._scale_by_pixel = self._matrix[2, :2].reshape(2, 1, 1).copy()
        self._least_variance = view.geometry.pair_rms_m**2 + STANCE_SIGMA_M**2
        self.noise = 1.0
        self._noisy_heights = _NOISY_HEIGHTS
        self._noise_variance = 1.0
        self.visible_floor = VisibleFloor(view.frame_size_wh)

    def describe(self, sightings: Sightings) -> UprightBoxes:
        """What boxes say by themselves, by what is known of the camera's people at this moment."""
        bodies = self._bodies
        left, top, right, bottom = sightings.edges
        rows = np.empty((9, len(sightings)))
        rows[0], rows[1] = top, bottom
        centre_u = np.multiply(left + right, 0.5, out=rows[2])
        np.subtract(right, left, out=rows[3])
        middle_v = np.multiply(top + bottom, 0.5, out=rows[4])
        rows[5] = bodies.lean(centre_u, middle_v)
        rows[6], rows[7] = bodies.scaled_height(top), bodies.head_depth(centre_u, top)
        rows[8] = sightings.covered
        return UprightBoxes(sightings, rows)

    def find(
        self,
        boxes: UprightBoxes,
        columns: IndexArray,
        stature: FloatArray | float,
        stature_sigma: FloatArray | float,
    ) -> FootHypotheses:
        """Places for pairs of a sighting (``columns``, shape (k,)) and a person of a stature, shape (k,)."""
        measured = self._measure(boxes, columns, stature, stature_sigma)
        places = self._project(measured)
        cost = self._weigh(measured, stature_sigma)
        feet_u = measured.feet_uv[0, TOP_UNSURE]
        top, bottom, scaled = measured.rows[0], measured.rows[1], measured.rows[6]
        return FootHypotheses(
            places,
            np.where(_is_on_floor(places[2] + places[3]), cost, np.inf),
            self._bodies.measure_stature(feet_u, top, bottom, scaled),
        )

    def find_places(
        self, boxes: UprightBoxes, stature: FloatArray | float, stature_sigma: FloatArray | float
    ) -> FootPlaces:
        """As ``find`` for all boxes, without the covariances and what it costs to believe each hypothesis."""
        measured = self._measure(boxes, None, stature, stature_sigma)
        xy_m, derivative = self._differentiate(measured.feet_uv)
        derivative *= derivative
        derivative *= measured.variance.reshape(2, 1, -1)
        variance = derivative[0] + derivative[1]
        variance += self._least_variance
        shape = measured.feet_uv.shape[1:]
        spread_m2 = (variance[0] + variance[1]).reshape(shape)
        is_possible = _is_on_floor(spread_m2)
        if measured.is_cut is not None:
            _, is_cut_top, _, is_cut_bottom = measured.is_cut
            is_possible[WHOLE, is_cut_top | is_cut_bottom] = False
            is_possible[TOP_UNSURE, is_cut_bottom] = False
        return FootPlaces(xy_m.reshape(2, *shape), spread_m2, is_possible)

    def _measure(
        self,
        boxes: UprightBoxes,
        columns: IndexArray | None,
        stature: FloatArray | float,
        stature_sigma: FloatArray | float,
    ) -> _MeasuredBoxes:
        """Where the feet of the pairs are in the picture; without ``columns``, those of all boxes."""
        rows, is_cut = boxes.rows, boxes.sightings.is_cut if boxes.sightings.are_cut else None
        if columns is not None:
            rows = rows.take(columns, axis=1)
            is_cut = None if is_cut is None else is_cut.take(columns, axis=1)
        top, bottom, middle_u, width, middle_v, lean, scaled, head_depth, _ = rows
        height = self._bodies.find_feet_below(top, scaled, head_depth, stature) - top
        np.maximum(height, 1.0, out=height)
        if is_cut is not None:
            # the top of someone whose head is above the picture says nothing of their height
            height = np.where(is_cut[TOP], np.maximum(height, bottom - top), height)
        variance_u, edge_variance = (height * self._noisy_heights + EDGE_SIGMA_PX) ** 2
        usual = self._bodies.width_heights * height
        missing = usual - width
        doubt = WIDTH_DOUBT * np.maximum(np.maximum(missing, width - 1.4 * usual), 0.0)
        if is_cut is not None:
            aside = is_cut[RIGHT].astype(float) - is_cut[LEFT].astype(float)
            middle_u = middle_u + np.maximum(missing, 0.0) / 2 * aside
            lean = self._bodies.lean(middle_u, middle_v)
        below_variance = edge_variance + (stature_sigma * height) ** 2
        both_variance = below_variance + edge_variance
        below_top = top + height
        lacking = below_top - bottom
        feet_uv, variance = np.empty((2, 3, rows.shape[1])), np.empty((2, 3, rows.shape[1]))
        feet_u, feet_v = feet_uv
        np.add(bottom, edge_variance / both_variance * lacking, out=feet_v[WHOLE])
        np.maximum(below_top, bottom, out=feet_v[FEET_HIDDEN])
        feet_v[TOP_UNSURE] = bottom
        variance[0] = variance_u + doubt**2
        np.multiply(edge_variance, below_variance / both_variance, out=variance[1, WHOLE])
        variance[1, FEET_HIDDEN] = below_variance
        variance[1, TOP_UNSURE] = edge_variance
        np.subtract(feet_v, middle_v, out=feet_u)
        feet_u *= lean
        feet_u += middle_u
        return _MeasuredBoxes(rows, height, lacking, both_variance, feet_uv, variance, is_cut)

    def learn_noise(self, relative: FloatArray, stature_variance: FloatArray) -> None:
        """Take how far the heights of whole people's boxes, in parts, are off the people's statures."""
        variance = (relative**2 - stature_variance) / (2 * EDGE_SIGMA_HEIGHTS**2)
        largest = 9 * self.noise**2
        known = self._noise_variance
        for value in np.minimum(np.maximum(variance, 0.0), largest).tolist():
            known += NOISE_LEARNING * (value - known)
        self._noise_variance = known
        self.noise = math.sqrt(min(max(known, NOISE_LIMITS[0]), NOISE_LIMITS[1]))
        self._noisy_heights = self.noise * _NOISY_HEIGHTS

    def _differentiate(self, feet_uv: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Floor points of pixels, shape (2, ...), as one row each, and their derivatives.

        Returns:
            Shapes (2, k), NaN at and above the horizon, and (2, 2, k), by u and v, of x and y.
        """
        u, v = feet_uv.reshape(2, -1)
        by_u, by_v, fixed = self._columns
        homogeneous = by_u * u
        homogeneous += by_v * v
        homogeneous += fixed
        w = homogeneous[2]
        if w.size and np.minimum.reduce(w) <= 1e-12:
            w = np.where(w > 1e-12, w, np.nan)
        xy_m = homogeneous[:2] / w
        derivative: FloatArray = self._by_pixel - xy_m * self._scale_by_pixel
        derivative /= w
        return xy_m, derivative

    def _project(self, measured: _MeasuredBoxes) -> FloatArray:
        """Places and error ellipses, J diag(sigma²) Jᵀ with the homography's Jacobian J, shape (5, 3, k)."""
        xy_m, derivative = self._differentiate(measured.feet_uv)
        products = np.empty((2, 3, xy_m.shape[1]))
        np.multiply(derivative, derivative, out=products[:, :2])
        np.multiply(derivative[:, 0], derivative[:, 1], out=products[:, 2])
        products *= measured.variance.reshape(2, 1, -1)
        places = np.empty((5, xy_m.shape[1]))
        places[:2] = xy_m
        np.add(products[0], products[1], out=places[2:])
        places[2:4] += self._least_variance
        return places.reshape(5, *measured.feet_uv.shape[1:])

    def _weigh(self, measured: _MeasuredBoxes, stature_sigma: FloatArray | float) -> FloatArray:
        """Costs for boxes that lack a share of the height, give or take a ``sigma``; densities per height."""
        height, covered = measured.height, measured.rows[8]
        hidden_chance = self.visible_floor.find_hidden_chance(measured.feet_uv[:, FEET_HIDDEN])
        unsure = np.minimum((stature_sigma / STATURE_SIGMA) ** 2, 1.0)
        lacking, sigma = measured.lacking / height, np.sqrt(measured.both_variance) / height
        hidden = hidden_chance + np.maximum(BEHIND_CHANCE - hidden_chance, 0.0) * covered
        missed = lacking / sigma
        densities = np.empty((3, len(height)))
        np.divide(sigma, 1 - hidden, out=densities[WHOLE])
        np.divide(HIDDEN_RANGE, hidden, out=densities[FEET_HIDDEN])
        densities[TOP_UNSURE] = TOP_RANGE / (TOP_UNSURE_CHANCE + UNKNOWN_STATURE_CHANCE * unsure)
        cost: FloatArray = 2 * np.log(densities)
        cost[WHOLE] += missed**2
        cost[WHOLE] += _LOG_2PI
        cost[FEET_HIDDEN] += np.minimum(missed, 0.0) ** 2
        cost[FEET_HIDDEN] += np.maximum((lacking - HIDDEN_RANGE) / sigma, 0.0) ** 2
        if measured.is_cut is not None:
            _, is_cut_top, _, is_cut_bottom = measured.is_cut
            cost[TOP_UNSURE, is_cut_top] = 0.0
            cost[WHOLE, is_cut_top | is_cut_bottom] = np.inf
            cost[FEET_HIDDEN, is_cut_bottom] = 0.0
            cost[TOP_UNSURE, is_cut_bottom] = np.inf
        return cost


def _is_on_floor(spread_m2: FloatArray) -> BoolArray:
    """Whether anything is known of places, shape (3, k): not at and above the horizon."""
    is_on_floor: BoolArray = spread_m2 <= 2 * _LARGEST_SIGMA_M**2
    return is_on_floor


def _cover_lower_edges(edges: FloatArray) -> FloatArray:
    """Which share of each box's lower edge lies in boxes of people who stand nearer, shape (m,)."""
    left, top, right, bottom = edges
    if len(left) < 2:
        return np.zeros(len(left))
    width, height = edges[2:] - edges[:2]
    below = (bottom + 0.03 * height)[:, None]
    is_in_front = bottom > below
    is_in_front &= top < below
    shared = np.minimum(right[:, None], right)
    shared -= np.maximum(left[:, None], left)
    shared *= is_in_front
    covered: FloatArray = np.maximum.reduce(shared, axis=1)
    covered /= np.maximum(width, 1e-9)
    covered -= COVERED_SHARE
    covered /= 1 - COVERED_SHARE
    np.minimum(np.maximum(covered, 0.0, out=covered), 1.0, out=covered)
    covered **= COVERING_GROWS
    return covered
