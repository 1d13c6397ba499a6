"""Cost of matching a sighting with a person whose place on the floor is predicted.

The cost is minus twice the logarithm of the likelihood of the box: of its place on the floor under both
models of motion, in 1/m², and of its height and width under the best hypothesis of its feet. So an error
ellipse, a time since the last sighting and a walking speed are all accounted for in one unit. The cost of the
same box as a newcomer is subtracted, so that a pair costs at most the chance of an unknown person plus
``NO_MATCH_COST``, however odd the box is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray, IndexArray
from vision.tracking.floor_motion import WALKING, FloorMotion
from vision.tracking.foot_hypotheses import FootHypotheses, RoughPlaces

UNKNOWN_PER_M2 = 0.0013
"""Newcomers and false detections per frame, square metre and box of the frame: most are people whose track
was lost in a crowd, so an isolated person is rarely a different one."""
SEEN_AGAIN_CHANCE = 0.8
"""Probability of detection for people seen in the frame before. In plain view it is 0.95; but it matters
where another person's box may be theirs, and those hide each other."""
FOUND_AT_ONCE_CHANCE, FOUND_LATER_CHANCE, FOUND_FADES_S = 0.65, 0.2, 0.7
"""Probabilities of detection for people missed just now and long ago, and the time constant between. Misses
come in bursts: a person who was missed is probably still hidden."""
NO_MATCH_COST = 0.0
"""Cost of a pair that is as likely as a newcomer and a missed person."""
FASTEST_M_PER_S = 3.0
"""Maximum speed of people at a fair, who may run."""
MIN_LIKELIHOOD = 1e-300
"""Lower limit of the likelihood; costs more than any match may."""
MAX_NEWCOMER_COST = 20.0
"""Maximum cost of a box that shows no person of mean height on the floor."""
CORE_SHARE, CORE_PRECISION = 0.7, np.array([2.0, 1.5])[:, None, None]
"""Share and precision of boxes that lie nearer to their predictions than the motion models' ellipses say, as
persistent errors do not add up between frames. The others follow the ellipses."""
_LOG_2PI = float(np.log(2 * np.pi))
_SEEN_AGAIN_LOG_ODDS = math.log(SEEN_AGAIN_CHANCE / (1 - SEEN_AGAIN_CHANCE))


@dataclass(slots=True, eq=False)
class Pairs:
    """Tracks and sightings that may belong together.

    Attributes:
        keys: the number of the track times the count of sightings, plus the number of the sighting, in
            ascending order, shape (k,).
        costs: costs by hypothesis, shape (3, k).
    """

    keys: IndexArray
    costs: FloatArray
    hypotheses: FootHypotheses

    def find_costs(self, count_rows: int, count_columns: int) -> FloatArray:
        """Return the costs of the best hypotheses as a matrix, infinite for pairs not listed."""
        costs = np.full(count_rows * count_columns, np.inf)
        costs[self.keys] = np.minimum(np.minimum(self.costs[0], self.costs[1]), self.costs[2])
        return costs.reshape(count_rows, count_columns)

    def find_pairs(
        self, count_columns: int, rows: IndexArray, columns: IndexArray
    ) -> tuple[IndexArray, IndexArray]:
        """Return the positions of pairs in the list, which holds them all, and each one's best hypothesis."""
        positions = self.keys.searchsorted(rows * count_columns + columns)
        return positions, self.costs.take(positions, axis=1).argmin(axis=0)


def find_candidates(motion: FloorMotion, rough: RoughPlaces, unseen_s: FloatArray) -> IndexArray:
    """Return tracks and sightings within walking distance, as ``keys`` of ``Pairs``.

    Args:
        rough: places of all sightings.
        unseen_s: time since each track's last sighting, shape (n,).
    """
    spread = motion.covariance[0, WALKING] + motion.covariance[1, WALKING]
    reach_m = 4 * np.sqrt(spread) + motion.unit_m * (0.5 + FASTEST_M_PER_S * np.minimum(unseen_s, 1.0))
    # nothing is within a distance of NaN
    within2 = reach_m[:, None] + (3 * rough.sigma_m)[:, None]
    within2 *= within2
    # axes: model, end, track and sighting
    away = rough.xy_m[:, None, :, None] - motion.mean[:2, :, None, :, None]
    away *= away
    is_near = (away[0] + away[1] < within2).reshape(-1, within2.shape[1] * within2.shape[2])
    keys: IndexArray = np.logical_or.reduce(is_near).nonzero()[0]
    return keys


def weigh_pairs(
    motion: FloorMotion,
    rows: IndexArray,
    keys: IndexArray,
    hypotheses: FootHypotheses,
    *,
    newcomer_cost: FloatArray,
    missed_s: FloatArray,
) -> Pairs:
    """Return costs of pairs of the tracks ``rows``, shape (k,), with the places of each pair.

    Args:
        newcomer_cost: newcomer cost of each pair's sighting, shape (k,), see ``find_newcomer_costs``.
        missed_s: time for which each track was not seen before this frame, shape (n,); 0 for one that was
            seen in the previous frame.
    """
    # axes: model, hypothesis and pair
    x, y = hypotheses.places[:2, None] - motion.mean[:2].take(rows, axis=2)[:, :, None]
    a, d, b = hypotheses.places[2:, None] + motion.covariance[:3].take(rows, axis=2)[:, :, None]
    determinant = a * d
    determinant -= b * b
    distance2 = x * d
    distance2 -= 2 * y * b
    distance2 *= x
    y *= y
    y *= a
    distance2 += y
    distance2 /= determinant
    distance2 *= -0.5
    likelihood = np.exp(distance2 * CORE_PRECISION)
    likelihood *= CORE_SHARE * CORE_PRECISION
    np.exp(distance2, out=distance2)
    distance2 *= 1 - CORE_SHARE
    likelihood += distance2
    likelihood /= np.sqrt(determinant, out=determinant)
    likelihood *= motion.probability.take(rows, axis=1)[:, None]
    # an underflow counts as another person; a place that is not on the floor may be NaN
    costs = np.fmax(likelihood[0] + likelihood[1], MIN_LIKELIHOOD)
    np.log(costs, out=costs)
    costs *= -2
    costs += _find_found_costs(missed_s, motion.unit_m).take(rows)
    costs += hypotheses.cost
    costs -= newcomer_cost
    return Pairs(keys, costs, hypotheses)


def find_newcomer_costs(newcomers: FootHypotheses) -> FloatArray:
    """Return the cost of taking each sighting of a frame for a newcomer, shape (m,)."""
    seen = max(newcomers.cost.shape[1], 1)
    cost: FloatArray = np.minimum.reduce(newcomers.cost)
    np.minimum(cost, MAX_NEWCOMER_COST, out=cost)
    cost -= 2 * math.log(UNKNOWN_PER_M2 * seen)
    return cost


def _find_found_costs(missed_s: FloatArray, unit_m: float) -> FloatArray:
    """Return the cost of detecting each person, apart from that of the place; see ``weigh_pairs``."""
    # densities are per real m², whatever the plan's unit
    of_place = 2 * _LOG_2PI - 4 * math.log(unit_m)
    costs = np.full(len(missed_s), of_place - 2 * _SEEN_AGAIN_LOG_ODDS)
    for row in missed_s.nonzero()[0].tolist():
        fading = math.exp(-missed_s[row] / FOUND_FADES_S)
        chance = FOUND_LATER_CHANCE + (FOUND_AT_ONCE_CHANCE - FOUND_LATER_CHANCE) * fading
        costs[row] = of_place - 2 * math.log(chance / (1 - chance))
    return costs
