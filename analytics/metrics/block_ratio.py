"""Ratios of two sums over a period, with intervals from blocks of it, as visitors are not independent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtri, stdtrit

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.metrics.estimate import Estimate
from analytics.metrics.observation import clip_intervals, integrate_overlap

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class BlockSettings:
    """Parameters of intervals within one period, printed with every report.

    Attributes:
        block_s: a period is cut into blocks of this length.
        wanted_blocks: a period too short for so many is cut into shorter ones,
        min_block_s: but none shorter than this.
        least_observed: a block with a smaller observed share of its time is not used for the spread.
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
        is_observed: blocks observed for long enough, shape (blocks,).
    """

    edges_s: FloatArray
    is_observed: BoolArray
    settings: BlockSettings

    def count(self, at_s: FloatArray, weights: FloatArray | None = None) -> FloatArray:
        """Return the number of moments (or the sum of their weights) in each block, shape (blocks,)."""
        last = len(self.edges_s) - 2
        block = np.clip(np.searchsorted(self.edges_s, at_s, side="right") - 1, 0, last)
        return np.bincount(block, weights=weights, minlength=last + 1).astype(np.float64)

    def count_by(self, group: IntArray, groups: int, at_s: FloatArray, weights: FloatArray) -> FloatArray:
        """Return the counts of several groups at once, shape (groups, blocks).

        Args:
            group: of each moment, 0 to ``groups`` - 1; moments with another number are left out.
        """
        blocks = len(self.edges_s) - 1
        block = np.clip(np.searchsorted(self.edges_s, at_s, side="right") - 1, 0, blocks - 1)
        own = (group >= 0) & (group < groups)
        slot = group[own] * blocks + block[own]
        return np.bincount(slot, weights[own], groups * blocks).astype(np.float64).reshape(groups, blocks)

    def sum_overlap(self, intervals: FloatArray, weights: FloatArray | None = None) -> FloatArray:
        """Return the (weighted) seconds of the intervals, shape (n, 2), in each block, shape (blocks,)."""
        return np.diff(integrate_overlap(intervals, self.edges_s, weights))

    def divide(
        self,
        above: FloatArray,
        below: FloatArray,
        *,
        low: float = 0.0,
        high: float = np.inf,
    ) -> Estimate:
        """Return the ratio of the sums and its interval; None if the divisor is zero.

        r_b = a_b - R b_b, se = sqrt(B / (B - 1) sum r_b^2) / sum b_b, with Student's t of B - 1 degrees of
        freedom (Cochran 1977, Sampling Techniques, 6.3). Hardly observed blocks count in the ratio but not in
        the spread.

        Args:
            above, below: shape (blocks,).
            low, high: limits of possible ratios.
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
    """Return a ratio as ``PeriodBlocks.divide``, for blocks in any order; all of shape (blocks,).

    With ``strata`` (each block's stratum, 0 and up) the spread is that of the blocks around the ratio of
    their own stratum, with as many degrees of freedom fewer: differences between strata are no chance
    (separate ratio estimator, Cochran 1977, 6.10).

    A share (``high`` is 1) of 0 or 1 shows no spread between blocks: its interval is that of
    ``bound_extreme_share``.
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
    if high == 1.0 and is_extreme_share(ratio):
        limits = bound_extreme_share(
            ratio, effective_blocks=total**2 / float(below @ below), settings=settings
        )
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


def bound_extreme_share(
    share: float, *, effective_blocks: float, settings: BlockSettings
) -> tuple[float, float]:
    """Return the interval of a share of 0 or 1 by Wilson's score (1927), with blocks as independent trials.

    Visitors of the same minutes are not independent, so that a block counts as one.

    Args:
        effective_blocks: (sum b)^2 / sum b^2 of the divisor (Kish 1965): the number of blocks if all are
            equal.
    """
    z2 = float(ndtri(0.5 + settings.confidence / 2)) ** 2
    reach = z2 / (effective_blocks + z2)
    return (0.0, reach) if share < 0.5 else (1.0 - reach, 1.0)


def is_extreme_share(share: float) -> bool:
    """Return whether a share is 0 or 1, up to the rounding of sums."""
    return share <= _ROUNDING or share >= 1.0 - _ROUNDING


@lru_cache(maxsize=4096)
def find_t_quantile(confidence: float, degrees_of_freedom: int) -> float:
    """Return the number of standard errors from the value to a limit of its interval."""
    return float(stdtrit(degrees_of_freedom, 0.5 + confidence / 2))


def make_period_blocks(
    *, period_s: tuple[float, float], observed: FloatArray | None, settings: BlockSettings
) -> PeriodBlocks:
    """Cut a period into blocks.

    Args:
        observed: shape (m, 2), disjoint and ordered observed intervals; None: all the time.
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
