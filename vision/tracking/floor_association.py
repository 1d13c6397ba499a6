"""What it costs to take a sighting for a person of whom it is known where they may be on the floor.

The cost is minus twice the logarithm of the likelihood of the box: of its place on the floor under both
models of motion, in 1/m², and of its height under the best hypothesis of its feet. So an error ellipse, a
time since the last sighting and a walking speed are all accounted for in one unit, and a pair is worth less
than the chance of an unknown person beyond ``NO_MATCH_COST``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision.tracking.floor_motion import WALKING, FloorMotion
from vision.tracking.foot_hypotheses import FootHypotheses, FootPlaces

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

UNKNOWN_PER_M2 = 0.015
"""Newcomers and false detections in a frame and a square metre of floor."""
SEEN_AGAIN_CHANCE = 0.93
"""Of someone who was seen in the frame before."""
FOUND_AT_ONCE_CHANCE, FOUND_LATER_CHANCE, FOUND_FADES_S = 0.65, 0.2, 0.7
"""Of someone who was missed: just now, long ago, and how fast the one turns into the other. Misses come in
bursts: who was missed is probably hidden still."""
NO_MATCH_COST = -2 * float(np.log(UNKNOWN_PER_M2))
FASTEST_M_PER_S = 3.0
"""People run, at a fair, at most so fast."""
_LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Tracks and sightings that may belong together.

    Attributes:
        rows, columns: of tracks and sightings, shape (k,).
        cost: shape (k,).
        best: the hypothesis that explains each pair best, shape (k,).
    """

    rows: IndexArray
    columns: IndexArray
    cost: FloatArray
    best: IndexArray
    hypotheses: FootHypotheses

    def find_costs(self, count_rows: int, count_columns: int) -> FloatArray:
        """As a matrix, infinite for pairs that are not listed."""
        costs = np.full((count_rows, count_columns), np.inf)
        costs[self.rows, self.columns] = self.cost
        return costs

    def find_pairs(self, count_columns: int, rows: IndexArray, columns: IndexArray) -> IndexArray:
        """Positions in the list of pairs that are all in it."""
        key = self.rows * count_columns + self.columns
        positions: IndexArray = np.searchsorted(key, rows * count_columns + columns)
        return positions


def find_candidates(
    motion: FloorMotion, rough: FootPlaces, unseen_s: FloatArray
) -> tuple[IndexArray, IndexArray]:
    """Tracks and sightings within walking distance, in the order of the tracks.

    Args:
        rough: of all sightings, for people of mean height.
        unseen_s: since each track's last sighting, shape (n,).
    """
    spread = motion.covariance[0, 0, WALKING] + motion.covariance[1, 1, WALKING]
    reach_m = 4 * np.sqrt(spread) + motion.unit_m * (0.5 + FASTEST_M_PER_S * np.minimum(unseen_s, 1.0))
    slack_m = 3 * np.sqrt(rough.covariance_m2[0] + rough.covariance_m2[1])
    within_m = reach_m[:, None] + slack_m[:, None]
    # nobody is within no distance
    within2 = np.where(rough.is_possible[:, None], within_m * within_m, -1.0)
    # by model, hypothesis, track and sighting
    x, y = rough.xy_m[:, None, :, None] - motion.mean[:2, :, None, :, None]
    is_near = (x * x + y * y < within2).reshape(-1, *within2.shape[1:]).any(axis=0)
    rows, columns = np.nonzero(is_near)
    return rows, columns


def weigh_pairs(
    motion: FloorMotion,
    rows: IndexArray,
    columns: IndexArray,
    hypotheses: FootHypotheses,
    missed_s: FloatArray,
) -> Pairs:
    """Costs of the pairs ``rows`` and ``columns``, shape (k,), with the places of each pair.

    Args:
        missed_s: for how long each track was not seen before this frame, shape (n,); 0 for one that was seen
            in the frame before.
    """
    known = motion.covariance[:2, :2].take(rows, axis=-1)[:, :, :, None]
    a, d = known[0, 0] + hypotheses.covariance_m2[0], known[1, 1] + hypotheses.covariance_m2[1]
    b = known[0, 1] + hypotheses.covariance_m2[2]
    determinant = a * d - b * b
    x, y = hypotheses.xy_m[:, None] - motion.mean[:2].take(rows, axis=-1)[:, :, None]
    distance2 = (x * (x * d - 2 * y * b) + y * y * a) / determinant
    likelihood = np.exp(-0.5 * distance2) / np.sqrt(determinant)
    likelihood *= motion.probability.take(rows, axis=-1)[:, None]
    chance = np.where(
        missed_s > 0,
        FOUND_LATER_CHANCE + (FOUND_AT_ONCE_CHANCE - FOUND_LATER_CHANCE) * np.exp(-missed_s / FOUND_FADES_S),
        SEEN_AGAIN_CHANCE,
    )
    # densities are per real m², whatever a metre of the plan is
    found_cost = 2 * _LOG_2PI - 2 * np.log(chance / (1 - chance)) - 4 * math.log(motion.unit_m)
    # a likelihood that is too small for a number is that of another person
    with np.errstate(divide="ignore"):
        place_cost = found_cost.take(rows) - 2 * np.log(likelihood[0] + likelihood[1])
    costs = np.where(np.isfinite(hypotheses.cost), place_cost + hypotheses.cost, np.inf)
    best = costs.argmin(axis=0)
    return Pairs(rows, columns, costs[best, np.arange(len(rows))], best, hypotheses)
