"""Lengths of visits as counts that add up over days, and their quantiles."""

from __future__ import annotations

import numpy as np

from analytics.domain.arrays import FloatArray

CELL_S = 1.0
"""Width of a cell of lengths; a visit is accurate to about an analysed frame, and reported to a second."""
_SLACK = 1e-6


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


def add_lengths(parts: list[FloatArray]) -> FloatArray:
    """Return the counts of several zones or days together."""
    added = np.zeros(max((len(part) for part in parts), default=0))
    for part in parts:
        added[: len(part)] += part
    return added
