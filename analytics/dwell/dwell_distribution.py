"""Distribution of stay times, estimated from stays that may be cut at either end or both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray, IntArray
from analytics.dwell.visit_probability import choose_short_stays, choose_visits
from analytics.dwell.visits import COMPLETE_EDGES, StayEdge

CELL_S = 1.0
"""Width of the grid's cells; a stay is accurate to about an analysed frame, and reported to a second."""
MAX_ITERATIONS = 3000
TOLERANCE = 1e-7
"""The iteration ends when no cell's probability changes by more than this."""


@dataclass(frozen=True, slots=True, eq=False)
class DwellDistribution:
    """Probabilities of stay times on cells of ``CELL_S`` seconds, without those under the minimum stay.

    Attributes:
        probability: shape (cells,), sums to one; cell j holds stays from j to j + 1 cells long.
        known_to_s: beyond it there are only cut stays, so that quantiles are unknown.
    """

    probability: FloatArray
    known_to_s: float

    def mean_s(self) -> float:
        """Return the mean stay, seconds."""
        middles = (np.arange(len(self.probability)) + 0.5) * CELL_S
        return float(self.probability @ middles)

    def quantile_s(self, share: float) -> float | None:
        """Return the time that a share (0 to 1) of the stays does not exceed; None beyond the data.

        If a range of times qualifies, as for the median of an even number, its middle is returned.
        """
        cumulative = np.cumsum(self.probability)
        cell = int(np.searchsorted(cumulative, share - 1e-12))
        if cell >= len(cumulative):
            return None
        before = cumulative[cell - 1] if cell else 0.0
        within = (share - before) / self.probability[cell]
        value = (cell + float(np.clip(within, 0.0, 1.0))) * CELL_S
        above = np.flatnonzero(self.probability[cell + 1 :] > TOLERANCE)
        if abs(cumulative[cell] - share) < TOLERANCE and len(above):
            value = (cell + 1 + int(above[0]) / 2) * CELL_S
        return value if value <= self.known_to_s else None


def estimate_dwell_distribution(
    *, stays: pd.DataFrame, minimum_stay_s: float, is_period_cut: bool = True, ended_share: float = 0.0
) -> DwellDistribution | None:
    """Estimate the distribution by maximum likelihood from stays of all four kinds of censoring.

    A complete stay of d seconds has the likelihood f(d); one with an unseen end S(d); one with an unseen
    start is a draw in proportion to its length, S(d) / mu; one with neither seen is the integral of S from d
    on, over mu. Vardi (1985), Biometrika 72, 407; both-ends-cut stays as in Laslett's problem of line
    segments (Laslett 1982, Biometrika 69, 151). EM on a grid: p_k <- (a_k + b_k) / (n_A + n_B k / mu), with
    the expected numbers of stays of k seconds among those whose start was seen (a) and was not (b).

    Args:
        stays: columns of ``STAY_COLUMN_NAMES`` of one zone, including short ones; they inform the
            continuation of the cut ones, and are left out of the result.
        is_period_cut: whether the edge of the period cuts stays, so that the result is of whole visits;
            otherwise it ends them, and the result is of the parts within the period.
        ended_share: share of the lost edges at which the stay really began or ended: each counts as seen with
            this weight, and as cut with the rest.

    Returns:
        None without any stay.
    """
    if not len(stays):
        return None
    stays = pd.concat([choose_visits(stays, minimum_stay_s), choose_short_stays(stays, minimum_stay_s)])
    weight = stays["probability"].to_numpy(np.float64)
    seconds = np.maximum(stays["seconds"].to_numpy(np.float64), 0.0)
    # a zone that is partly visible has the stays within that part, as in the mean
    genuine = list(COMPLETE_EDGES)
    if not is_period_cut:
        genuine.append(StayEdge.PERIOD.value)
    starts, ends = (
        np.where(stays[edge] == StayEdge.LOST.value, ended_share, stays[edge].isin(genuine))
        for edge in ("start_edge", "end_edge")
    )
    cells = int(seconds.max() // CELL_S) + 2
    # a frame's interval must not push 3.0 s into the cell below
    cell = np.minimum((seconds / CELL_S + 1e-6).astype(np.int64), cells - 1)
    probability = _maximise_likelihood(
        complete=np.bincount(cell, weights=weight * starts * ends, minlength=cells).astype(np.float64),
        end_cut=np.bincount(cell, weights=weight * starts * (1 - ends), minlength=cells).astype(np.float64),
        start_cut=np.bincount(cell, weights=weight * (1 - starts) * ends, minlength=cells).astype(np.float64),
        both_cut=np.bincount(cell, weights=weight * (1 - starts) * (1 - ends), minlength=cells).astype(
            np.float64
        ),
    )
    first = int(np.ceil(minimum_stay_s / CELL_S - 1e-9))
    if first >= cells or probability[first:].sum() < 1e-9:
        return None
    probability = np.where(np.arange(cells) >= first, probability, 0.0)
    whole = seconds[ends > 0]
    return DwellDistribution(
        probability=probability / probability.sum(),
        known_to_s=float((whole.max() // CELL_S + 1) * CELL_S) if len(whole) else 0.0,
    )


def _maximise_likelihood(
    *, complete: FloatArray, end_cut: FloatArray, start_cut: FloatArray, both_cut: FloatArray
) -> FloatArray:
    cells = len(complete)
    length = np.arange(cells) + 0.5
    seen = complete.sum() + end_cut.sum()
    unseen = start_cut.sum() + both_cut.sum()
    with_end_cut, with_start_cut, with_both = map(_Cells.find, (end_cut, start_cut, both_cut))
    probability, nothing = np.full(cells, 1.0 / cells), np.zeros(cells)
    for _ in range(MAX_ITERATIONS):
        # S includes the stay's own cell
        survival = probability[::-1].cumsum()[::-1]
        a = complete
        if len(with_end_cut.at):
            a = a + probability * with_end_cut.add_up(with_end_cut.divide_by(survival))
        b = nothing
        if len(with_start_cut.at):
            b = probability * with_start_cut.add_up(with_start_cut.divide_by(survival))
        if len(with_both.at):
            weighted = (probability * length)[::-1].cumsum()[::-1]
            remaining = weighted - length * survival + 0.5 * probability
            ratio = with_both.divide_by(remaining)
            overlap = length * with_both.add_up(ratio) - with_both.add_up(ratio * length[with_both.at])
            overlap[with_both.at] += 0.5 * ratio
            b = b + probability * overlap
        mean = float(probability @ length)
        updated = (a + b) / (seen + unseen * length / mean)
        updated /= updated.sum()
        change = float(np.abs(updated - probability).max())
        probability = updated
        if change < TOLERANCE:
            break
    return probability


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """The cells that hold stays of one kind.

    Attributes:
        at, count: indices of the cells, and the number of stays in each.
        up_to: number of these cells up to and including each cell, shape (cells,).
    """

    at: IntArray
    count: FloatArray
    up_to: IntArray

    @staticmethod
    def find(count: FloatArray) -> _Cells:
        at = np.flatnonzero(count)
        return _Cells(at, count[at], np.cumsum(count > 0))

    def divide_by(self, values: FloatArray) -> FloatArray:
        """Return the counts over values of the cells; 0 where a value is not positive."""
        own = values[self.at]
        return np.divide(self.count, own, out=np.zeros(len(own)), where=own > 0)

    def add_up(self, values: FloatArray) -> FloatArray:
        """Return the running sum over all cells of values at these cells."""
        sums = np.zeros(len(values) + 1)
        values.cumsum(out=sums[1:])
        return sums[self.up_to]
