"""Location of a detected person's feet: at the bottom of the box, or hidden below it.

A box gives three measurements of a person of known stature: across, top and bottom. Three hypotheses explain
it: the person is seen whole, and top and bottom agree with the stature; the feet are hidden (by someone in
front, by furniture, by the picture's lower edge), and the top and the stature locate them; or the top does
not match the stature (a person who bends or sits, raised arms, the picture's upper edge), and the bottom
locates them. Each gives a place on the floor with its error ellipse, and a cost: minus twice the
logarithm of the hypothesis' prior and of the likelihood of the box's height.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IndexArray
from vision.tracking.floor_view import MAX_SIGMA_M, FloorView
from vision.tracking.sightings import BOTTOM, LEFT, RIGHT, TOP, Sightings
from vision.tracking.upright_bodies import STATURE_SIGMA, UprightBodies
from vision.tracking.visible_floor import VisibleFloor

WIDER_SIGMA, NARROWER_SIGMA = 0.3, 0.5
"""Standard deviations of the logarithm of a box's width over its person's: arms and bags; hidden sides."""
_WIDTH_SIGMAS = np.array([NARROWER_SIGMA, WIDER_SIGMA])
MIN_COST = -100.0
"""Lower limit of the cost of a width: no box is so thin that it proves a child."""


def weigh_short(*, width: FloatArray, height: FloatArray) -> FloatArray:
    """Return minus twice the log likelihood of the boxes' widths if people are as short as they look.

    Relative to people of the expected height whose feet are hidden.

    Args:
        width: of the boxes, shape (k,), in parts of the usual width of the people expected in them.
        height: visible heights of people, shape (j, k), relative to those expected; more than 1 is 1.
    """
    # the last row assumes people as tall as expected, the others as tall as they look
    off = np.empty((len(height) + 1, *height.shape[1:]))
    np.log(width, out=off[-1])
    np.minimum(height, 1.0, out=off[:-1])
    np.log(off[:-1], out=off[:-1])
    np.subtract(off[-1], off[:-1], out=off[:-1])
    off /= _WIDTH_SIGMAS.take(off > 0)
    off *= off
    cost: FloatArray = off[:-1] - off[-1]
    return np.maximum(cost, MIN_COST, out=cost)


WHOLE, FEET_HIDDEN, TOP_UNSURE = 0, 1, 2
CENTRE_SIGMA_HEIGHTS, EDGE_SIGMA_HEIGHTS = 0.035, 0.04
"""Jitter of a box's middle across and of its top and bottom, in heights of the whole person: that of YOLO11n
on CAVIAR against hand-drawn boxes, and a little for the stride."""
STANCE_SIGMA_M = 0.06
"""Standard deviation of the middle of the body around the middle between the feet, along each axis."""
EDGE_SIGMA_PX = 0.7
"""Standard deviation of any edge, however small the person."""
NOISE_LEARNING, NOISE_LIMITS = 0.003, (0.25, 6.0)
"""Share of the known variance that one box replaces, and the limits of the result."""
WIDTH_DOUBT = 0.35
"""Error of the middle of a box that is wider (two people) or narrower (half hidden) than expected, as a share
of the difference."""
BEHIND_CHANCE = 0.5
"""Probability that feet are hidden when the whole width of the lower edge is covered."""
TOP_UNSURE_CHANCE, UNKNOWN_STATURE_CHANCE = 0.005, 0.06
"""Probability that the top differs from the stature's; the second in addition for a newcomer, who may be a
child."""
HIDDEN_RANGE, TOP_RANGE = 0.75, 0.8
"""Shares of a height over which hidden feet, or a wrong top, are assumed to be spread evenly."""
_LOG_2PI = float(np.log(2 * np.pi))
_NOISY_HEIGHTS = np.array([[CENTRE_SIGMA_HEIGHTS], [EDGE_SIGMA_HEIGHTS]])


# named tuples, as they are created in every frame; a frozen dataclass takes several times as long
@dataclass(slots=True, eq=False)
class UprightBoxes:
    """The boxes of one frame, with the features that locate feet for any stature.

    Attributes:
        rows: shape (10, m): those of ``UprightBodies.describe``, and ``covered`` of the sightings.
    """

    sightings: Sightings
    rows: FloatArray


@dataclass(slots=True, eq=False)
class RoughPlaces:
    """The two extremes of the places of k people of mean height: with hidden feet, and at the box's bottom.

    Attributes:
        xy_m: shape (2, 2, k); the second axis is the end.
        sigma_m: shape (2, k): the root of the variances of x and y together, or a little more; NaN where
            no person can be on the floor.
        relative_width: width of the box relative to the usual one, shape (k,).
    """

    xy_m: FloatArray
    sigma_m: FloatArray
    relative_width: FloatArray

    @property
    def is_off_floor(self) -> BoolArray:
        """Return whether boxes show nobody on the floor, shape (k,)."""
        below, bottom = np.isnan(self.sigma_m)
        is_off_floor: BoolArray = below & bottom
        return is_off_floor


@dataclass(slots=True, eq=False)
class FootHypotheses:
    """Places of k people under each hypothesis, and the cost of each.

    Attributes:
        places: shape (5, 3, k): x and y, then their covariance in rows as in ``FloorMotion``; the second axis
            is the hypothesis.
        cost: shape (3, k); infinite where the hypothesis is not on the floor.
        stature: shape (k,): height of the box for a mean person, if the feet are at its bottom.
        edge_weight: the variance of that stature over the variance of an edge of the box, in parts of the
            height each, shape (k,).
        hidden_chance: of feet hidden by furniture, shape (k,).
    """

    places: FloatArray
    cost: FloatArray
    stature: FloatArray
    edge_weight: FloatArray
    hidden_chance: FloatArray

    def select(self, numbers: IndexArray | slice) -> FootHypotheses:
        """Return the hypotheses of some of the people."""
        return FootHypotheses(
            self.places[:, :, numbers],
            self.cost[:, numbers],
            self.stature[numbers],
            self.edge_weight[numbers],
            self.hidden_chance[numbers],
        )

    def choose(self, hypothesis: IndexArray, number: IndexArray) -> FloatArray:
        """Return places, shape (5, j), of the people ``number`` under one hypothesis each."""
        of_all = self.places.reshape(5, -1)
        chosen: FloatArray = of_all.take(hypothesis * self.cost.shape[1] + number, axis=1)
        return chosen


@dataclass(slots=True, eq=False)
class _PeopleInBoxes:
    """Fit of k people of known statures into boxes; pixels.

    Attributes:
        rows: of ``UprightBoxes``, shape (10, k), with the middle where that of the whole person is.
        height: of the whole person; ``clearance`` and ``reach``: of ``UprightBodies``.
        too_narrow: width that the box lacks, negative if it is wider, and ``usual_width``.
        is_cut: see ``Sightings``, shape (4, k); None where the picture's edge cuts no box.
    """

    rows: FloatArray
    height: FloatArray
    clearance: FloatArray
    reach: FloatArray
    too_narrow: FloatArray
    usual_width: FloatArray
    is_cut: BoolArray | None


@dataclass(slots=True, eq=False)
class _MeasuredFeet:
    """Positions of the feet of k people in the picture; pixels.

    Attributes:
        uv1: across and down, and 1, shape (3, 3, k); the second axis is the hypothesis.
        variance: across and down, shape (2, 3, k).
        lacking: share of the height that the box lacks; ``sigma``: its standard deviation.
    """

    uv1: FloatArray
    variance: FloatArray
    lacking: FloatArray
    sigma: FloatArray


class FootFinder:
    """Converter of one camera's boxes to places on the floor.

    Attributes:
        noise: relative size of this camera's box errors against the constants above; learned.
        visible_floor: places of visible and hidden feet; learned.
    """

    def __init__(self, view: FloorView, bodies: UprightBodies) -> None:
        self._view = view
        self._bodies = bodies
        self._matrix = view.geometry.floor_from_pixel
        # derivatives of x and y by u and v
        self._by_pixel = np.ascontiguousarray(self._matrix[:2, :2].T)[:, :, None]
        self._scale_by_pixel = self._matrix[2, :2].reshape(2, 1, 1).copy()
        self._min_variance = view.geometry.pair_rms_m**2 + STANCE_SIGMA_M**2
        self.noise = 1.0
        self._noisy_heights = _NOISY_HEIGHTS
        self._noise_variance = 1.0
        self.visible_floor = VisibleFloor(view)

    def describe(self, sightings: Sightings) -> UprightBoxes:
        """Return the features of boxes by themselves, from what is learned of the camera's people so far."""
        rows = np.empty((10, len(sightings)))
        rows[:9], rows[9] = self._bodies.describe(sightings.edges), sightings.covered
        return UprightBoxes(sightings, rows)

    def find(
        self,
        boxes: UprightBoxes,
        columns: IndexArray,
        stature: FloatArray | float,
        stature_variance: FloatArray | float,
    ) -> FootHypotheses:
        """Return places for pairs of a sighting (``columns``, shape (k,)) and a person of known stature."""
        is_cut = boxes.sightings.is_cut.take(columns, axis=1) if boxes.sightings.are_cut else None
        people = self._fit(boxes.rows.take(columns, axis=1), is_cut, stature)
        feet = self._measure(people, stature_variance / (stature * stature))
        places, inverse_depth = self._project(feet)
        chance = self.visible_floor.find_hidden_chance(feet.uv1[:2, FEET_HIDDEN])
        cost = self._weigh(people, feet, stature_variance, chance)
        is_on_floor = _is_on_floor(places[2] + places[3])
        if np.count_nonzero(is_on_floor) < is_on_floor.size:
            cost = np.where(is_on_floor, cost, np.inf)
        top, bottom, scaled = people.rows[0], people.rows[1], people.rows[6]
        measured = (bottom - top) / (scaled * inverse_depth[TOP_UNSURE])
        edge_weight = people.clearance**2 * (1 + people.reach**2)
        return FootHypotheses(places, cost, measured, edge_weight, chance)

    def find_roughly(self, boxes: UprightBoxes) -> RoughPlaces:
        """Return the extremes of places of people of mean height, for all boxes; full views lie between."""
        people = self._fit(boxes.rows, boxes.sightings.is_cut if boxes.sightings.are_cut else None, 1.0)
        top, bottom, height = people.rows[0], people.rows[1], people.height
        edge_sigma = self.noise * EDGE_SIGMA_HEIGHTS * height + EDGE_SIGMA_PX
        variance_v = np.empty((2, len(height)))
        np.multiply(edge_sigma, people.reach, out=variance_v[0])
        variance_v[1] = edge_sigma
        variance_v *= variance_v
        variance_v[0] += (STATURE_SIGMA * height / people.clearance) ** 2
        variance_u = (WIDTH_DOUBT * people.too_narrow) ** 2
        variance_u += variance_v[1]
        uv1 = np.empty((3, 2, len(height)))
        np.maximum(top + height, bottom, out=uv1[1, 0])
        uv1[1, 1] = bottom
        xy_m, derivative, _ = self._differentiate(_complete(uv1, people.rows))
        derivative *= derivative
        spread_m2, of_v = (derivative[:, 0] + derivative[:, 1]).reshape(2, 2, -1)
        spread_m2 *= variance_u
        of_v *= variance_v
        spread_m2 += of_v
        spread_m2 += 2 * self._min_variance
        is_on_floor = _is_on_floor(spread_m2)
        if np.count_nonzero(is_on_floor) < is_on_floor.size:
            spread_m2[~is_on_floor] = np.nan
        if people.is_cut is not None:
            spread_m2[1, people.is_cut[BOTTOM]] = np.nan
        relative_width = people.rows[3] / people.usual_width
        return RoughPlaces(xy_m.reshape(2, 2, -1), np.sqrt(spread_m2, out=spread_m2), relative_width)

    def find_lasting_share(self, hypothesis: IndexArray, stature_variance: FloatArray) -> FloatArray:
        """Return the share of the variance of places, by hypothesis, that further boxes do not reduce.

        Where feet are located below a top, an error of the stature moves them alike in every frame.
        """
        share = stature_variance / (stature_variance + (self.noise * EDGE_SIGMA_HEIGHTS) ** 2)
        return np.where(hypothesis == FEET_HIDDEN, share, 0.0)

    def _fit(self, rows: FloatArray, is_cut: BoolArray | None, stature: FloatArray | float) -> _PeopleInBoxes:
        """Return the fit of people of a stature in boxes, ``rows`` of ``UprightBoxes``."""
        clearance = self._bodies.find_clearance(stature, rows[8])
        height = self._bodies.find_height(stature, rows[7], clearance)
        np.maximum(height, 1.0, out=height)
        if is_cut is not None:
            # the top of a person whose head is above the picture gives no height
            height = np.where(is_cut[TOP], np.maximum(height, rows[1] - rows[0]), height)
        usual = self._bodies.width_heights * height
        too_narrow = usual - rows[3]
        if is_cut is not None:
            rows = rows.copy()
            aside = is_cut[RIGHT].astype(float) - is_cut[LEFT].astype(float)
            rows[2] += np.maximum(too_narrow, 0.0) / 2 * aside
            rows[5] = self._bodies.lean(rows[2], rows[4])
        reach = self._bodies.find_reach(height, rows[6], clearance)
        return _PeopleInBoxes(rows, height, clearance, reach, too_narrow, usual, is_cut)

    def _measure(self, people: _PeopleInBoxes, relative_variance: FloatArray | float) -> _MeasuredFeet:
        """Return the feet in the picture; the variance is of statures in parts of themselves."""
        top, bottom, height = people.rows[0], people.rows[1], people.height
        box_variance = height * self._noisy_heights
        box_variance += EDGE_SIGMA_PX
        box_variance *= box_variance
        variance_u, edge_variance = box_variance
        too_narrow, usual = people.too_narrow, people.usual_width
        doubt = np.maximum(too_narrow, -0.4 * usual - too_narrow)
        np.maximum(doubt, 0.0, out=doubt)
        doubt *= WIDTH_DOUBT
        variance_u += doubt * doubt
        below_variance = height / people.clearance
        below_variance *= below_variance
        below_variance *= relative_variance
        below_variance += edge_variance * people.reach * people.reach
        both_variance = below_variance + edge_variance
        share = edge_variance / both_variance
        below_top = top + height
        lacking = below_top - bottom
        uv1, variance = np.empty((3, 3, len(height))), np.empty((2, 3, len(height)))
        feet_v, variance_v = uv1[1], variance[1]
        np.add(bottom, share * lacking, out=feet_v[WHOLE])
        np.maximum(below_top, bottom, out=feet_v[FEET_HIDDEN])
        feet_v[TOP_UNSURE] = bottom
        variance[0] = variance_u
        np.multiply(share, below_variance, out=variance_v[WHOLE])
        variance_v[FEET_HIDDEN], variance_v[TOP_UNSURE] = below_variance, edge_variance
        return _MeasuredFeet(_complete(uv1, people.rows), variance, lacking, np.sqrt(both_variance))

    def learn_floor(self, sightings: Sightings, columns: IndexArray) -> None:
        """Learn which floor furniture hides, from the sightings ``columns`` of walkers with nobody in front.

        Whatever is known of their statures may come from boxes that furniture cut.
        """
        people = self._fit(self.describe(sightings).rows.take(columns, axis=1), None, 1.0)
        feet = self._measure(people, STATURE_SIGMA**2)
        lacking, sigma = feet.lacking / people.height, feet.sigma / people.height
        self.visible_floor.learn(feet.uv1[:2, FEET_HIDDEN], lacking, sigma)

    def learn_noise(self, relative: FloatArray, variance: FloatArray, edge_weight: FloatArray) -> None:
        """Learn the height errors of whole people of known stature, given its ``variance``.

        Args:
            relative: relative deviations, shape (k,); the others likewise.
        """
        found = (relative * relative - variance) / (EDGE_SIGMA_HEIGHTS**2 * edge_weight)
        np.minimum(found, 9 * self.noise**2, out=found)
        known = self._noise_variance
        for value in np.maximum(found, 0.0, out=found).tolist():
            known += NOISE_LEARNING * (value - known)
        self._noise_variance = known
        self.noise = math.sqrt(min(max(known, NOISE_LIMITS[0]), NOISE_LIMITS[1]))
        self._noisy_heights = self.noise * _NOISY_HEIGHTS

    def _differentiate(self, uv1: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return floor points of pixels, shape (3, ...), as one row each, and their derivatives.

        Returns:
            Shapes (2, k), NaN at and above the horizon; (2, 2, k), by u and v, of x and y; and (k,), the
            inverse of the depth.
        """
        homogeneous = self._matrix.dot(uv1.reshape(3, -1))
        w = homogeneous[2]
        if w.size and np.minimum.reduce(w) <= 1e-12:
            w = np.where(w > 1e-12, w, np.nan)
        xy_m = homogeneous[:2] / w
        derivative: FloatArray = self._by_pixel - xy_m * self._scale_by_pixel
        derivative /= w
        return xy_m, derivative, w

    def _project(self, feet: _MeasuredFeet) -> tuple[FloatArray, FloatArray]:
        """Return places and error ellipses, J diag(sigma²) Jᵀ with the homography's Jacobian J, (5, 3, k).

        Returns:
            These, and the inverses of the depths, shape (3, k).
        """
        xy_m, derivative, inverse_depth = self._differentiate(feet.uv1)
        products = np.empty((2, 3, len(inverse_depth)))
        np.multiply(derivative, derivative, out=products[:, :2])
        np.multiply(derivative[:, 0], derivative[:, 1], out=products[:, 2])
        products *= feet.variance.reshape(2, 1, -1)
        places = np.empty((5, len(inverse_depth)))
        places[:2] = xy_m
        np.add(products[0], products[1], out=places[2:])
        places[2:4] += self._min_variance
        shape = feet.uv1.shape[1:]
        return places.reshape(5, *shape), inverse_depth.reshape(shape)

    def _weigh(
        self,
        people: _PeopleInBoxes,
        feet: _MeasuredFeet,
        stature_variance: FloatArray | float,
        chance: FloatArray,
    ) -> FloatArray:
        """Return costs of boxes that lack a share of the height, with its ``sigma``; densities per height."""
        hidden = BEHIND_CHANCE - chance
        np.maximum(hidden, 0.0, out=hidden)
        hidden *= people.rows[9]
        hidden += chance
        sigma, missed = feet.sigma / people.height, feet.lacking / feet.sigma
        densities = np.empty((3, len(chance)))
        np.divide(sigma, 1 - hidden, out=densities[WHOLE])
        np.divide(HIDDEN_RANGE, hidden, out=densities[FEET_HIDDEN])
        unsure = stature_variance * (UNKNOWN_STATURE_CHANCE / STATURE_SIGMA**2)
        whole_short, bottom_short = weigh_short(
            width=people.rows[3] / people.usual_width,
            height=(feet.uv1[1, :: TOP_UNSURE - WHOLE] - people.rows[0]) / people.height,
        )
        if people.is_cut is not None:
            # the width of a person cut off at a side is no evidence against them
            whole_short = np.where(people.is_cut[LEFT] | people.is_cut[RIGHT], 0.0, whole_short)
        unsure *= np.exp(-0.5 * bottom_short)
        unsure += TOP_UNSURE_CHANCE
        unsure /= people.reach
        densities[TOP_UNSURE] = TOP_RANGE / unsure
        cost: FloatArray = np.log(densities, out=densities)
        cost *= 2
        of_whole, of_hidden = cost[WHOLE], cost[FEET_HIDDEN]
        of_whole += whole_short
        of_whole += missed * missed
        of_whole += _LOG_2PI
        # too short to be hidden below, or too much is hidden for a person to be visible
        too_long = np.maximum(missed - HIDDEN_RANGE / sigma, 0.0)
        too_long += np.minimum(missed, 0.0)
        of_hidden += too_long * too_long
        if people.is_cut is not None:
            _, is_cut_top, _, is_cut_bottom = people.is_cut
            cost[TOP_UNSURE, is_cut_top] = 0.0
            cost[WHOLE, is_cut_top | is_cut_bottom] = np.inf
            cost[FEET_HIDDEN, is_cut_bottom] = 0.0
            cost[TOP_UNSURE, is_cut_bottom] = np.inf
        return cost


def _complete(uv1: FloatArray, rows: FloatArray) -> FloatArray:
    """Return homogeneous pixels with known second row, on the middle lines of boxes ``rows``."""
    feet_u = np.subtract(uv1[1], rows[4], out=uv1[0])
    feet_u *= rows[5]
    feet_u += rows[2]
    uv1[2] = 1.0
    return uv1


def _is_on_floor(spread_m2: FloatArray) -> BoolArray:
    """Return whether places are on the floor, below and not too near the horizon."""
    is_on_floor: BoolArray = spread_m2 <= 2 * MAX_SIGMA_M**2
    return is_on_floor
