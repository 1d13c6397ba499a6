"""Lengths of visits as counts that add up over days, their quantiles and their survival curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from analytics.domain.arrays import FloatArray

CELL_S = 1.0
"""Width of a cell of lengths; a visit is accurate to about an analysed frame, and reported to a second."""
_SLACK = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalCurve:
    """Share of the visits that last longer than each time, from the minimum stay on.

    Attributes:
        at_s: shape (n,), rising; the share is linear in between, as in quantiles.
        share, low, high: shape (n,), 0 to 1; the interval is pointwise and assumes independent visits.
        count: visits in each cell of ``CELL_S``.
    """

    at_s: FloatArray
    share: FloatArray
    low: FloatArray
    high: FloatArray
    count: FloatArray

    def count_at_risk(self, at_s: float) -> int:
        """Return the visits of at least this length, in whole ``CELL_S``."""
        return round(float(self.count[int(at_s / CELL_S + _SLACK) :].sum()))


def count_lengths(seconds: FloatArray) -> FloatArray:
    """Return the number of visits in each cell of ``CELL_S``, shape (cells,)."""
    # a frame's interval must not push 3.0 s into the cell below
    return np.bincount((seconds / CELL_S + _SLACK).astype(np.int64)).astype(np.float64)


def find_quantile_s(count: FloatArray, share: float) -> float | None:
    """Return the time that a share (0 to 1) of the visits does not exceed; None without a visit.

    Linear within a cell. If a range of times qualifies, as for the median of an even number, its middle.

    Args:
        count: of ``count_lengths``, or a sum of several.
    """
    total = float(count.sum())
    if total <= 0:
        return None
    below = np.append(0.0, np.cumsum(count))
    wanted = share * total
    first = int(np.searchsorted(below, wanted - _SLACK * total))
    if first and below[first] - wanted > _SLACK * total:
        above = (below[first] - wanted) / (below[first] - below[first - 1])
        return float(first - above) * CELL_S
    return (first + int(np.searchsorted(below, wanted + _SLACK * total, side="right")) - 1) / 2 * CELL_S


def trace_survival(
    *, count: FloatArray, minimum_stay_s: float, confidence: float = 0.95
) -> SurvivalCurve | None:
    """Return the curve of visits, with Wilson's score interval (1927) of each share; None without a visit.

    Args:
        count: see ``find_quantile_s``.
    """
    total = float(count.sum())
    if total <= 0:
        return None
    first = int(np.ceil(minimum_stay_s / CELL_S - 1e-9))
    at_s = np.arange(first, max(first, len(count)) + 1, dtype=np.float64) * CELL_S
    longer = np.append(np.cumsum(count[::-1])[::-1], 0.0)
    share = np.append(longer[first:], [0.0] * max(0, first + 1 - len(longer)))[: len(at_s)] / total
    z2 = float(ndtri(0.5 + confidence / 2)) ** 2
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    reach = np.sqrt(z2 * (share * (1 - share) + z2 / (4 * total)) / total) / (1 + z2 / total)
    return SurvivalCurve(at_s, share, np.maximum(middle - reach, 0.0), np.minimum(middle + reach, 1.0), count)


def add_lengths(parts: list[FloatArray]) -> FloatArray:
    """Return the counts of several zones or days together."""
    added = np.zeros(max((len(part) for part in parts), default=0))
    for part in parts:
        added[: len(part)] += part
    return added
