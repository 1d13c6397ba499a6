"""Conversion of visits into counts by other systems: sales, leads, tickets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.external_count import ExternalCount
from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.estimate import Estimate

MAX_CUT_S = 3600.0
"""Longer counts, such as a day's, are not restricted to observed blocks."""


def count_in_blocks(counts: Sequence[ExternalCount], blocks: PeriodBlocks) -> FloatArray:
    """Return the count in each block, shape (blocks,).

    A count is distributed evenly over its time, so that an hour's sales belong to all blocks of that hour;
    parts outside the period are left out. For counts of an hour or less, so are blocks that were hardly
    observed, as there are no visits to compare with.
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
    """Estimate counted items per visit to a zone, or per visitor of the hall; None without one.

    The ratio may exceed 1: a visitor can buy twice, and buy for others of a party.

    Args:
        came: visits that began, or visitors who came in, in each block, shape (blocks,).
    """
    return blocks.divide(count_in_blocks(counts, blocks), came)


def estimate_agreement(
    *, counts: Sequence[ExternalCount], came: FloatArray, blocks: PeriodBlocks
) -> Estimate:
    """Estimate our count of people who came in over another system's; None if that is zero.

    1 is agreement. It compares two counts, neither of which is the truth.

    Args:
        came: how many came in by our count in each block, shape (blocks,).
    """
    return blocks.divide(came, count_in_blocks(counts, blocks))
