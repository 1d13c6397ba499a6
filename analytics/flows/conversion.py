"""How many visits become something that another system counted: sales, leads, tickets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.external_count import ExternalCount
from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.estimate import Estimate

MAX_CUT_S = 3600.0
"""A longer count, such as a day's, cannot be told apart by when somebody looked."""


def count_in_blocks(counts: Sequence[ExternalCount], blocks: PeriodBlocks) -> FloatArray:
    """What was counted in each block, shape (blocks,).

    A count of some time is shared out evenly over it, so that an hour's sales belong to all blocks of that
    hour; what lies outside of the period is left out. So is what was counted in blocks that were hardly
    observed, as far as counts are of an hour or less: there are no visits to hold it against.
    """
    total = np.zeros(len(blocks.edges_s) - 1)
    for one in counts:
        overlap_s = blocks.sum_overlap(np.array([[one.start_s, one.end_s]]))
        length_s = one.end_s - one.start_s
        if length_s <= MAX_CUT_S:
            overlap_s = np.where(blocks.is_observed, overlap_s, 0.0)
        if length_s > 0:
            total += one.count * overlap_s / length_s
    return total


def estimate_conversion(
    *, counts: Sequence[ExternalCount], came: FloatArray, blocks: PeriodBlocks
) -> Estimate:
    """Counted things per visit to a zone, or per visitor of the hall: a ratio over blocks; None without one.

    It may be above 1: a visitor can buy twice, and buy for others of a party.

    Args:
        came: how many visits began, or how many visitors came in, in each block, shape (blocks,).
    """
    return blocks.divide(count_in_blocks(counts, blocks), came)


def estimate_agreement(
    *, counts: Sequence[ExternalCount], came: FloatArray, blocks: PeriodBlocks
) -> Estimate:
    """People who came in by our count over those that another system counted; None where it counted none.

    1 is agreement. It compares two counts, of which neither is the truth.

    Args:
        came: how many came in by our count in each block, shape (blocks,).
    """
    return blocks.divide(came, count_in_blocks(counts, blocks))
