"""Observed time: the union of the cameras' spans, its gaps, and its length."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.columns import SPAN_COLUMNS, require_columns
from analytics.domain.arrays import FloatArray

JOIN_S = 1.0
"""Spans this close together are one: nobody comes and goes unnoticed between two analysed frames."""


def unite_intervals(intervals: FloatArray, *, join_s: float = 0.0) -> FloatArray:
    """Return disjoint intervals in order, shape (m, 2), that cover the given ones, shape (n, 2)."""
    if not len(intervals):
        return np.empty((0, 2))
    ordered = intervals[np.argsort(intervals[:, 0], kind="stable")]
    reach = np.maximum.accumulate(ordered[:, 1])
    is_new = np.append(True, ordered[1:, 0] > reach[:-1] + join_s)
    last = np.append(np.flatnonzero(is_new)[1:] - 1, len(ordered) - 1)
    return np.column_stack([ordered[is_new, 0], reach[last]])


def unite_spans(spans: pd.DataFrame, *, cameras: set[str] | None = None) -> FloatArray:
    """Return when at least one of the cameras (None: any) was analysed; shape (m, 2), seconds."""
    require_columns(spans, SPAN_COLUMNS)
    chosen = spans if cameras is None else spans[spans["camera"].isin(sorted(cameras))]
    return unite_intervals(chosen[["start_s", "end_s"]].to_numpy(np.float64), join_s=JOIN_S)


def find_unobserved(observed: FloatArray) -> FloatArray:
    """Return the gaps between disjoint ordered intervals, shape (m - 1, 2)."""
    if len(observed) < 2:
        return np.empty((0, 2))
    return np.column_stack([observed[:-1, 1], observed[1:, 0]])


def clip_intervals(intervals: FloatArray, *, start_s: float, end_s: float) -> FloatArray:
    """Return the parts of the intervals within a period, without empty ones."""
    clipped = np.clip(intervals, start_s, end_s)
    return clipped[clipped[:, 1] > clipped[:, 0]]


def integrate_overlap(
    intervals: FloatArray, at_s: FloatArray, weights: FloatArray | None = None
) -> FloatArray:
    """Return seconds of (possibly overlapping) intervals before each moment; same shape as ``at_s``.

    The integral of the number (or of the weights) of open intervals from minus infinity, piecewise linear and
    exact.
    """
    return _sum_of_elapsed(intervals[:, 0], at_s, weights) - _sum_of_elapsed(intervals[:, 1], at_s, weights)


def measure_intervals(united: FloatArray, intervals_s: FloatArray) -> FloatArray:
    """Return the seconds of each interval, shape (n, 2), within disjoint ones; shape (n,)."""
    return np.asarray(
        integrate_overlap(united, intervals_s[:, 1]) - integrate_overlap(united, intervals_s[:, 0]),
        np.float64,
    )


def _sum_of_elapsed(moments: FloatArray, at_s: FloatArray, weights: FloatArray | None) -> FloatArray:
    if not len(moments):
        return np.zeros_like(at_s, dtype=np.float64)
    order = np.argsort(moments, kind="stable")
    ordered = moments[order]
    weight = np.ones(len(order)) if weights is None else weights[order]
    origin = ordered[0]
    sums = np.append(0.0, np.cumsum(weight * (ordered - origin)))
    total = np.append(0.0, np.cumsum(weight))
    count = np.searchsorted(ordered, at_s, side="right")
    result: FloatArray = total[count] * (at_s - origin) - sums[count]
    return result
