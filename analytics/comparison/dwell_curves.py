"""The log-rank test of two sides' dwell times: support for a change of them, never the proof."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import stats

from analytics.comparison.block_figures import Block, Side

FloatArray = npt.NDArray[np.float64]

LEAST_ENDS = 10
"""With fewer stays that were seen to end on a side the test's approximation does not hold."""


def compare_dwell_curves(blocks: Sequence[Block], zone: str) -> float | None:
    """The p-value of equal dwell times (Mantel 1966, Cancer Chemother. Rep. 50, 163); None with few stays.

    Of stays whose entry was seen, by whole seconds; those that were not seen to end are censored. It takes
    stays for independent, which those of groups and of one day are not, so that it is too small.
    """
    sides = [_add_up(blocks, side, zone) for side in Side]
    if any(ended.sum() < LEAST_ENDS for _, ended in sides):
        return None
    length = max(len(count) for count, _ in sides)
    counts, ends = (
        np.array([np.pad(side[part], (0, length - len(side[part]))) for side in sides]) for part in (0, 1)
    )
    at_risk = counts[:, ::-1].cumsum(axis=1)[:, ::-1]
    everybody, ended = at_risk.sum(axis=0), ends.sum(axis=0)
    is_told = (ended > 0) & (everybody > 1)
    share = at_risk[0, is_told] / everybody[is_told]
    expected = ended[is_told] * share
    # hypergeometric: of those at risk as many end as end, whichever side they are of
    spread = expected * (1 - share) * (everybody - ended)[is_told] / (everybody[is_told] - 1)
    variance = float(spread.sum())
    if variance <= 0:
        return None
    statistic = float(ends[0, is_told].sum() - expected.sum()) / np.sqrt(variance)
    return float(2 * stats.norm.sf(abs(statistic)))


def _add_up(blocks: Sequence[Block], side: Side, zone: str) -> tuple[FloatArray, FloatArray]:
    known = [
        entered
        for block in blocks
        if block.side is side and zone in block.zones and (entered := block.zones[zone].entered) is not None
    ]
    length = max((len(entered.count) for entered in known), default=0)
    count, ended = np.zeros(length), np.zeros(length)
    for entered in known:
        count[: len(entered.count)] += entered.count
        ended[: len(entered.ended)] += entered.ended
    return count, ended
