"""Comparison of people's clothes, as evidence for or against a pair.

The colours come with the boxes (``vision.detection.clothing_colours``) where a detector has the picture, and
are held in memory while the person is tracked. The similarity of one person's boxes, and of two people's, is
learned for each camera from pairs that place and speed alone make certain: if all people wear the same, or in
the dark, the two distributions are alike and appearance gives no evidence.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import BoolArray, FloatArray, IndexArray
from vision.tracking.floor_association import Pairs
from vision.tracking.sightings import Sightings

MAX_COST = 4.0
"""Maximum change of a cost by appearance."""
PRIOR_S = 60.0
"""Person-seconds of both kinds that the prior counts as."""
SAME_MEAN, OTHER_MEAN, SPREAD = 0.2, 0.35, 0.15
"""Prior distances of a box from its own person's mean and from another's."""
REMEMBERED_S = 1800.0
"""Person-seconds that are remembered; the light of a hall changes."""
MIN_SPREAD = 0.05
SURE_AFTER_S = 0.4
"""Seconds in full view after which a mean is half as good as a perfectly known one."""
MEAN_OVER_S = 5.0
CERTAIN_COST = 9.0
"""Cost margin by place alone over all alternatives from which a pair is certain."""
LEARNING_EVERY_S = 0.5
"""Also the longest time that one box counts for."""


class Likeness:
    """Distances of two descriptions, of one person and of two, learned for one camera."""

    def __init__(self) -> None:
        self._same = _Distances(SAME_MEAN, SPREAD)
        self._other = _Distances(OTHER_MEAN, SPREAD)

    def weigh(self, distance: FloatArray) -> FloatArray:
        """Return minus twice the log likelihood ratio of one person against two; within ``MAX_COST``.

        The wider spread is used for both, so that a greater distance is never evidence for one person.
        A NaN distance costs NaN.
        """
        apart = self._other.mean - self._same.mean
        if apart <= 0:
            return np.zeros_like(distance)
        variance = max(self._same.variance, self._other.variance, MIN_SPREAD**2)
        middle = (self._other.mean + self._same.mean) / 2
        costs: FloatArray = (distance - middle) * (2 * apart / variance)
        np.fmax(costs, -MAX_COST, out=costs)
        return np.fmin(costs, MAX_COST, out=costs)

    def learn(self, same: FloatArray, other: FloatArray, for_s: float) -> None:
        """Learn certain pairs of one frame, each weighted by its duration."""
        self._same.learn(same, for_s)
        self._other.learn(other, for_s)


class _Distances:
    """Mean and variance of distances of one kind."""

    def __init__(self, mean: float, spread: float) -> None:
        self.mean = mean
        self.variance = spread**2
        self._seen_s = PRIOR_S

    def learn(self, distances: FloatArray, for_s: float) -> None:
        if not len(distances):
            return
        # many pairs of a few people add little to one pair each
        weight_s = for_s * math.sqrt(len(distances))
        self._seen_s = min(self._seen_s + weight_s, REMEMBERED_S)
        gain = weight_s / self._seen_s
        off = distances - self.mean
        step = gain * float(off.mean())
        self.variance = (1 - gain) * self.variance + gain * float(off @ off) / len(off) - step * step
        self.mean += step


class TrackAppearance:
    """Clothing of each person; parallel to the tracks of a camera. Boxes may lack a description."""

    def __init__(self, likeness: Likeness) -> None:
        self._likeness = likeness
        self._means = np.empty((0, 0), np.float32)
        self._looked_s = np.empty(0)
        self._unlearned_s = 0.0
        self._place_costs: FloatArray | None = None
        self._squares = np.empty((0, 0), np.float32)
        self._described = np.empty((0, 0), np.float32)
        self._is_clear = np.empty(0, np.bool_)

    def add(self, columns: IndexArray, sightings: Sightings, dt_s: float) -> None:
        """Add people with the sightings ``columns`` of the frame that was weighed last."""
        count = len(columns)
        self._looked_s = np.concatenate([self._looked_s, np.zeros(count)])
        means = np.zeros((count, self._means.shape[1]), np.float32)
        self._means = np.concatenate([self._means, means])
        if sightings.appearance is not None:
            self._average(np.arange(len(self._means) - count, len(self._means)), columns, dt_s)

    def keep(self, is_kept: BoolArray) -> None:
        """Remove the people who are not marked."""
        self._looked_s, self._means = self._looked_s[is_kept], self._means[is_kept]

    def weigh(self, sightings: Sightings, pairs: Pairs) -> None:
        """Add the evidence of clothes to the costs of pairs; none for covered, cut or undescribed boxes."""
        self._place_costs = None
        described = sightings.appearance
        if described is None:
            return
        self._described, self._is_clear = described, find_clear(sightings, described)
        if self._means.shape[1] != described.shape[1]:
            self._means = np.zeros((len(self._means), described.shape[1]), np.float32)
            self._looked_s[:] = 0.0
        if not len(pairs.keys):
            return
        if self._unlearned_s >= LEARNING_EVERY_S:
            self._place_costs = pairs.find_costs(len(self._means), len(described))
        # descriptions are of length 1, or NaN, which is left out at the end
        self._squares = self._means @ described.T
        self._squares *= -2.0
        self._squares += (np.vecdot(self._means, self._means) + 1.0)[:, None]
        costs = self._likeness.weigh(_find_distances(self._squares.take(pairs.keys)))
        trust = self._looked_s / (self._looked_s + SURE_AFTER_S)
        costs *= (trust[:, None] * self._is_clear).take(pairs.keys)
        pairs.costs += costs

    def see(self, rows: IndexArray, columns: IndexArray, sightings: Sightings, dt_s: float) -> None:
        """Update the people ``rows`` with the sightings ``columns`` of the frame that was weighed last."""
        if sightings.appearance is None:
            return
        self._unlearned_s += dt_s
        if self._place_costs is not None:
            self._learn(rows, columns, self._place_costs)
        self._average(rows, columns, dt_s)

    def _learn(self, rows: IndexArray, columns: IndexArray, place_costs: FloatArray) -> None:
        """Learn from known people with unambiguous matches, any two of them being different people."""
        own = place_costs[rows, columns]
        place_costs[rows, columns] = np.inf
        rival = np.minimum(place_costs.min(axis=1)[rows], place_costs.min(axis=0)[columns])
        is_certain = (rival - own > CERTAIN_COST) & self._is_clear[columns]
        is_certain &= self._looked_s[rows] >= SURE_AFTER_S
        distances = _find_distances(self._squares[np.ix_(rows[is_certain], columns[is_certain])])
        is_same = np.eye(len(distances), dtype=np.bool_)
        self._likeness.learn(distances[is_same], distances[~is_same], LEARNING_EVERY_S)
        self._unlearned_s = 0.0

    def _average(self, rows: IndexArray, columns: IndexArray, dt_s: float) -> None:
        is_clear = self._is_clear.take(columns)
        if np.count_nonzero(is_clear) < len(is_clear):
            rows, columns = rows.compress(is_clear), columns.compress(is_clear)
        dt_s = min(dt_s, LEARNING_EVERY_S) or LEARNING_EVERY_S
        looked_s = self._looked_s.take(rows) + dt_s
        gain = (dt_s / np.minimum(looked_s, MEAN_OVER_S)).astype(np.float32)
        means = self._means.take(rows, axis=0)
        means += gain[:, None] * (self._described.take(columns, axis=0) - means)
        self._means[rows] = means
        self._looked_s[rows] = looked_s


def _find_distances(squares: npt.NDArray[np.float32]) -> FloatArray:
    """Return Hellinger distances, 0 to 1, of squared ones, which may lie below 0 by rounding."""
    distances = np.maximum(squares, 0.0, dtype=np.float64)
    distances *= 0.5
    return np.sqrt(distances, out=distances)


def find_clear(sightings: Sightings, described: npt.NDArray[np.float32]) -> BoolArray:
    """Return which boxes are described, and not cut off by an edge, so that body parts are in place."""
    is_clear: BoolArray = ~np.isnan(described[:, 0])
    if sightings.are_cut:
        is_clear &= ~sightings.is_cut.any(axis=0)
    return is_clear
