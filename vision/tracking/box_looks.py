"""Comparison of widths, scores and positions of boxes, as evidence for or against a pair.

A person's box keeps about the same width and score; a neighbour's usually differs, as they differ in build,
posture and occlusion. And a box beside or below its place on the floor lies so in the next frame, too: much
of its error persists. The similarity of one person's boxes, and of neighbours', is learned for each camera
from the accepted pairs and from rejected ones near them. Where widths swing with the gait, or scores vary
strongly, the two distributions are alike and give no evidence.
"""

from __future__ import annotations

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IndexArray
from vision.tracking.sightings import BOTTOM, LEFT, RIGHT, TOP, Sightings

WIDTH, SCORE, ASIDE, BELOW = range(4)
SAME_SIGMA, OTHER_SIGMA = np.array([0.12, 0.11, 0.02, 0.03]), np.array([0.18, 0.16, 0.3, 0.3])
"""Differences of a box from its own person's mean and from a neighbour's, before they are learned: logarithm
of the width, score, and how far middle and top are from where the place on the floor has them, in heights.
YOLO11n on five clips of CAVIAR: widths 0.1 to 0.2 after 0.2 s, half of that in most boxes, against 0.16 to
0.4 between people; scores 0.07 to 0.13 against 0.21 to 0.27. Middles and tops are 0.013 and 0.018 of a height
from an even path over four seconds (medians of six clips), less than half of what a new box is allowed."""
PRIOR_PAIRS, REMEMBERED_PAIRS = 100.0, 3000.0
"""Number of pairs that the prior counts as, and number of pairs remembered."""
MAX_SIGMAS = 3.0
"""Limit on learned differences, so that an odd box does not distort the statistics."""
OUTLIER_PRIOR = np.array([[0.05], [0.05], [0.5], [0.5]])
"""Share of a person's boxes that differ from earlier ones like a neighbour's, because another person steps in
front. It matters in crowds, where a box moves whenever another covers a side or the head."""
WEIGHTS = np.array([1.0, 0.5, 0.4, 0.4])
"""Weights of the differences: a covered person's box becomes narrower and less certain at once, which is one
fact; and the place was weighed before, as if its errors were independent between frames."""
SHORTEST_PX, MAX_HEIGHTS = 8.0, 1.0
"""Minimum height of a standing person, undefined below a camera that looks straight down; and the offset
beyond which a box's distance adds no evidence."""
MEAN_OVER_S = 0.5
LEARNING_EVERY_S = 0.15
"""Seconds between learned frames; closer frames add little information."""
FADES_S = 2.0
"""Time constant with which box statistics of unseen people lose their weight."""


class LooksPersistence:
    """Differences between boxes of one person and of neighbours, learned for one camera.

    Attributes:
        same, other: variances of the differences, shape (4,), in the order of ``WIDTH`` and so on.
    """

    def __init__(self) -> None:
        self.same, self.other = SAME_SIGMA**2, OTHER_SIGMA**2
        self._pairs = [PRIOR_PAIRS, PRIOR_PAIRS]
        self._find_weights()

    def _find_weights(self) -> None:
        """Return the terms of ``weigh`` that depend on the variances, which change less often."""
        same = np.minimum(self.same, self.other)
        self._precision = (0.5 / self.other - 0.5 / same)[:, None]
        self._ratio = (1 - OUTLIER_PRIOR) * np.sqrt(self.other / same)[:, None]

    def weigh(self, difference: FloatArray) -> FloatArray:
        """Return minus twice the log likelihood ratio of one person against a neighbour, shape (k,).

        Args:
            difference: shape (4, k); NaN costs nothing.
        """
        ratio = difference * difference
        ratio *= self._precision
        np.exp(ratio, out=ratio)
        ratio *= self._ratio
        ratio += OUTLIER_PRIOR
        costs = np.log(ratio, out=ratio)
        costs *= -2
        is_unknown = np.isnan(costs)
        if np.count_nonzero(is_unknown):
            costs[is_unknown] = 0.0
        weighed: FloatArray = WEIGHTS @ costs
        return weighed

    def learn(self, same: FloatArray, other: FloatArray) -> None:
        """Learn differences, shape (4, ...), from pairs of one person and from pairs of neighbours."""
        for kind, (variance, differences) in enumerate(((self.same, same), (self.other, other))):
            if not differences.shape[1]:
                continue
            self._pairs[kind] = min(self._pairs[kind] + differences.shape[1], REMEMBERED_PAIRS)
            squares = differences * differences
            np.minimum(squares, (MAX_SIGMAS**2 * variance)[:, None], out=squares)
            off = squares - variance[:, None]
            off[np.isnan(off)] = 0.0
            np.add(variance, np.add.reduce(off, axis=1) / self._pairs[kind], out=variance)
        self._find_weights()


class BoxLooks:
    """Box statistics of each person; parallel to the tracks of a camera."""

    def __init__(self, persistence: LooksPersistence) -> None:
        self._persistence = persistence
        self._means = np.empty((4, 0))
        self._now = np.empty((2, 0))
        self._rows, self._columns = np.empty(0, np.intp), np.empty(0, np.intp)
        self._difference = np.empty((4, 0))
        self._was_missed = np.empty(0, np.bool_)
        self._unlearned_s = 0.0

    def add(self, columns: IndexArray) -> None:
        """Add people with the sightings ``columns`` of the frame that was weighed last."""
        # the offset of a first box determines the place alone
        means = np.full((4, len(columns)), np.nan)
        means[:ASIDE] = self._now.take(columns, axis=1)
        self._means = np.concatenate([self._means, means], axis=1)

    def keep(self, is_kept: BoolArray) -> None:
        """Remove the people who are not marked."""
        self._means = self._means.compress(is_kept, axis=1)

    def weigh(
        self,
        looks: FloatArray,
        offsets: FloatArray,
        rows: IndexArray,
        columns: IndexArray,
        *,
        missed_s: FloatArray,
    ) -> FloatArray:
        """Return the appearance costs of pairs of people ``rows`` and sightings ``columns``, shape (k,).

        Args:
            looks: features of all sightings, see ``describe_looks``.
            offsets: offsets of the pairs from the predicted people, see ``describe_offsets``.
            missed_s: time for which each person was not seen before this frame, shape (n,).
        """
        self._now, self._rows, self._columns = looks, rows, columns
        missed_s = missed_s.take(rows)
        self._was_missed = missed_s > 0
        self._difference = np.concatenate([looks.take(columns, axis=1), offsets])
        self._difference -= self._means.take(rows, axis=1)
        costs = self._persistence.weigh(self._difference)
        if np.count_nonzero(self._was_missed):
            costs *= np.exp(missed_s / -FADES_S)
        return costs

    def see(
        self, rows: IndexArray, columns: IndexArray, offsets: FloatArray, since_s: FloatArray, dt_s: float
    ) -> None:
        """Update the people ``rows`` with the sightings ``columns`` of the frame that was weighed last.

        Args:
            offsets: offsets of these pairs from the corrected places of the people.
            since_s: time since each of them was last seen, shape (k,).
            dt_s: time since the previous frame.
        """
        self._unlearned_s += dt_s
        if self._unlearned_s >= LEARNING_EVERY_S:
            self._unlearned_s = 0.0
            self._learn(rows, columns)
        means = self._means.take(rows, axis=1)
        now = np.concatenate([self._now.take(columns, axis=1), offsets])
        # a hidden body keeps its width; but elsewhere it leans differently in the picture
        gain = np.empty(now.shape)
        gain[:ASIDE], gain[ASIDE:] = dt_s, since_s
        gain /= -MEAN_OVER_S
        np.expm1(gain, out=gain)
        gain *= now - means
        mixed = means - gain
        is_unknown = np.isnan(mixed)
        if np.count_nonzero(is_unknown):
            # an unknown value leaves the mean unchanged, and the first known one is the mean
            mixed = np.where(is_unknown, np.where(np.isnan(means), now, means), mixed)
        self._means[:, rows] = mixed

    def _learn(self, rows: IndexArray, columns: IndexArray) -> None:
        taken = np.full(self._means.shape[1], -1, np.intp)
        taken[rows] = columns
        is_taken = np.zeros(self._now.shape[1], np.bool_)
        is_taken[columns] = True
        own = taken.take(self._rows)
        is_own = own == self._columns
        is_same = is_own & ~self._was_missed
        is_other = (own >= 0) & is_taken.take(self._columns) & ~is_own
        self._persistence.learn(
            self._difference.compress(is_same, axis=1), self._difference.compress(is_other, axis=1)
        )


def describe_looks(sightings: Sightings, relative_width: FloatArray) -> FloatArray:
    """Return each box's log width and score, shape (2, m); the width of a cut-off box is NaN.

    Args:
        relative_width: width relative to a mean person's at this place, shape (m,).
    """
    looks = np.empty((2, len(sightings)))
    np.log(relative_width, out=looks[0])
    if sightings.are_cut:
        # the top of a box that ends at the lower edge still shows the distance
        looks[0, sightings.is_cut[[LEFT, TOP, RIGHT]].any(axis=0)] = np.nan
    looks[1] = sightings.score
    return looks


def describe_offsets(edges: FloatArray, sightings: Sightings, columns: IndexArray) -> FloatArray:
    """Return offsets of boxes to the right of and below standing people, in heights, shape (2, k).

    Args:
        edges: edges of the people, shape (4, k), see ``stand_people``.
        columns: the sightings they are compared with, shape (k,).

    Returns:
        NaN for a side or a top cut off by the picture's edge, and where people are too short to measure.
    """
    of_boxes = sightings.edges.take(columns, axis=1)
    of_boxes -= edges
    offsets = of_boxes[:2]
    offsets[LEFT] += of_boxes[RIGHT]
    offsets[LEFT] *= 0.5
    heights = edges[BOTTOM] - edges[TOP]
    is_short = heights < SHORTEST_PX
    if np.count_nonzero(is_short):
        heights[is_short] = np.nan
    offsets /= heights
    np.maximum(offsets, -MAX_HEIGHTS, out=offsets)
    np.minimum(offsets, MAX_HEIGHTS, out=offsets)
    if sightings.are_cut:
        is_cut = sightings.is_cut.take(columns, axis=1)
        offsets[0, is_cut[LEFT] | is_cut[RIGHT]] = np.nan
        offsets[1, is_cut[TOP]] = np.nan
    return offsets
