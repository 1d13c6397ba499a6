"""The log-rank test of two sides' dwell times: support for a change of them, never the proof."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from analytics.comparison.block_figures import Block, Side

LEAST_ENDS = 10
"""With fewer stays that were seen to end on a side the test's approximation does not hold."""


def compare_dwell_curves(blocks: Sequence[Block], zone: str) -> float | None:
    """The p-value of equal dwell times (Mantel 1966, Cancer Chemother. Rep. 50, 163); None with few stays.

    Of stays whose entry was seen; those that were not seen to end are censored. It takes stays for
    independent, which those of groups and of one day are not, so that it is too small.
    """
    sides = []
    for side in Side:
        chosen = [b.zones[zone] for b in blocks if b.side is side and zone in b.zones]
        seconds = np.concatenate([np.empty(0), *(z.entered_stays_s for z in chosen)])
        is_end_seen = np.concatenate([np.empty(0, np.bool_), *(z.is_end_seen for z in chosen)])
        if int(is_end_seen.sum()) < LEAST_ENDS:
            return None
        sides.append(stats.CensoredData.right_censored(seconds, ~is_end_seen))
    return float(stats.logrank(sides[0], sides[1]).pvalue)
