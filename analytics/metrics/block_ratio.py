"""A ratio of two sums over a period, with an interval from blocks of it: visitors are not independent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.metrics.estimate import Estimate
from analytics.metrics.observation import clip_intervals, integrate_overlap

_ROUNDED = 1e-12


@dataclass(frozen=True, slots=True)
class BlockSettings:
    """Parameters of intervals within one period; printed with every report.

    Attributes:
        block_s: a period is cut into blocks of this length.
        wanted_blocks: a period too short for so many is cut into shorter ones,
        min_block_s: but none shorter than this.
        least_observed: a block that was observed for a smaller share of its time tells nothing of the spread.
        minimum_blocks: with fewer there is no interval.
    """

    block_s: float = 300.0
    wanted_blocks: int = 10
    min_block_s: float = 60.0
    least_observed: float = 0.5
    minimum_blocks: int = 2
    confidence: float = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class PeriodBlocks:
    """A period in blocks of equal length.

    Attributes:
        edges_s: shape (blocks + 1,).
        is_observed: which blocks were observed for long enough, shape (blocks,).
    """

    edges_s: FloatArray
    is_observed: BoolArray
    settings: BlockSettings

    def count(self, at_s: FloatArray, weights: FloatArray | None = None) -> FloatArray:
        """How many moments (or the sum of their weights) lie in each block, shape (blocks,)."""
        last = len(self.edges_s) - 2
        block = np.clip(np.searchsorted(self.edges_s, at_s, side="right") - 1, 0, last)
        return np.bincount(block, weights=weights, minlength=last + 1).astype(np.float64)

    def count_by(self, group: IntArray, groups: int, at_s: FloatArray, weights: FloatArray) -> FloatArray:
        """The same for each of several groups at once, shape (groups, blocks).

        Args:
            group: of each moment, 0 to ``groups`` - 1; moments with another number are left out.
        """
        blocks = len(self.edges_s) - 1
        block = np.clip(np.searchsorted(self.edges_s, at_s, side="right") - 1, 0, blocks - 1)
        own = (group >= 0) & (group < groups)
        slot = group[own] * blocks + block[own]
        return np.bincount(slot, weights[own], groups * blocks).astype(np.float64).reshape(groups, blocks)

    def sum_overlap(self, intervals: FloatArray) -> FloatArray:
        """Seconds of the intervals, shape (n, 2), in each block, shape (blocks,)."""
        return np.diff(integrate_overlap(intervals, self.edges_s))

    def divide(
        self,
        above: FloatArray,
        below: FloatArray,
        *,
        low: float = 0.0,
        high: float = np.inf,
    ) -> Estimate:
        """The ratio of the sums and its interval; None where there is nothing to divide by.

        r_b = a_b - R b_b, se = sqrt(B / (B - 1) sum r_b^2) / sum b_b, with Student's t of B - 1 degrees of
        freedom (Cochran 1977, Sampling Techniques, 6.3). What happened in blocks that were hardly observed
        counts in the ratio; for the spread they are no blocks.

        Args:
            above, below: shape (blocks,).
            low, high: beyond these no such ratio can be.
        """
        return divide_blocks(
            above, below, is_observed=self.is_observed, settings=self.settings, low=low, high=high
        )


def divide_blocks(
    above: FloatArray,
    below: FloatArray,
    *,
    is_observed: BoolArray,
    settings: BlockSettings,
    low: float = 0.0,
    high: float = np.inf,
    strata: IntArray | None = None,
) -> Estimate:
    """As ``PeriodBlocks.divide``, of blocks that need not follow each other; all of shape (blocks,).

    With ``strata`` (the number of each block's, 0 and up) the spread is that of the blocks around the ratio
    of their own stratum, with as many degrees of freedom fewer: what differs between strata is no chance
    (separate ratio estimator, Cochran 1977, 6.10).

    A share (``high`` is 1) of nobody or of all has no spread that blocks could show: its interval is that of
    ``bound_even_share``.
    """
    total = float(below.sum())
    if total <= 0:
        return Estimate(None, None)
    ratio = float(above.sum()) / total
    used = is_observed | (below > 0)
    own = np.zeros(len(used), np.int64) if strata is None else strata
    blocks, groups = int(used.sum()), len(np.unique(own[used]))
    if blocks < settings.minimum_blocks or blocks <= groups:
        return Estimate(ratio, None)
    if high == 1.0 and is_even_share(ratio):
        limits = bound_even_share(ratio, effective_blocks=total**2 / float(below @ below), settings=settings)
        return Estimate(ratio, limits)
    if strata is not None:
        sums = np.bincount(own, below)
        ratio_of = np.divide(np.bincount(own, above), sums, out=np.zeros_like(sums), where=sums > 0)[own]
    else:
        ratio_of = np.full(len(below), ratio)
    residual = (above - ratio_of * below)[used]
    error = float(np.sqrt(blocks / (blocks - groups) * float(residual @ residual))) / total
    reach = find_t_quantile(settings.confidence, blocks - groups) * error
    return Estimate(ratio, (max(low, ratio - reach), min(high, ratio + reach)))


def bound_even_share(
    share: float, *, effective_blocks: float, settings: BlockSettings
) -> tuple[float, float]:
    """The interval of a share of 0 or 1 by Wilson's score (1927), of as many independent ones as blocks.

    Visitors of the same minutes are not independent, so that they count as one.

    Args:
        effective_blocks: (sum b)^2 / sum b^2 of what is divided by (Kish 1965): the number of blocks where
            each has as much.
    """
    z2 = float(stats.norm.ppf(0.5 + settings.confidence / 2)) ** 2
    reach = z2 / (effective_blocks + z2)
    return (0.0, reach) if share < 0.5 else (1.0 - reach, 1.0)


def is_even_share(share: float) -> bool:
    """Whether it is nothing or all, but for the rounding of sums."""
    return share <= _ROUNDED or share >= 1.0 - _ROUNDED


@lru_cache(maxsize=4096)
def find_t_quantile(confidence: float, degrees_of_freedom: int) -> float:
    """By how many standard errors an interval of a confidence (0 to 1) reaches to either side."""
    return float(stats.t.ppf(0.5 + confidence / 2, degrees_of_freedom))


def make_period_blocks(
    *, period_s: tuple[float, float], observed: FloatArray | None, settings: BlockSettings
) -> PeriodBlocks:
    """Cut a period into blocks.

    Args:
        observed: shape (m, 2), disjoint and ordered, when somebody looked; None: all the time.
    """
    start_s, end_s = period_s
    duration_s = max(end_s - start_s, 1e-3)
    block_s = min(settings.block_s, max(settings.min_block_s, duration_s / settings.wanted_blocks))
    edges_s = np.linspace(start_s, start_s + duration_s, max(1, round(duration_s / block_s)) + 1)
    if observed is None:
        return PeriodBlocks(edges_s, np.ones(len(edges_s) - 1, bool), settings)
    within = clip_intervals(observed, start_s=start_s, end_s=end_s)
    share = np.diff(integrate_overlap(within, edges_s)) / np.diff(edges_s)
    return PeriodBlocks(edges_s, share >= settings.least_observed, settings)
