"""People per minute through a line, and per metre of its width."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import CountingLine
from analytics.dwell.occupancy import MIN_OBSERVED
from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.estimate import Estimate
from analytics.metrics.observation import clip_intervals, integrate_overlap

FLOW_COLUMN_NAMES = ("start_s", "end_s", "in", "out", "per_minute", "per_minute_m", "observed_s")


def measure_width(line: CountingLine) -> float:
    """Return the length of a counting line in metres, which is the width of the passage."""
    return float(line.path.to_shape().length)


def compute_line_flow(
    at_s: FloatArray,
    inward: FloatArray,
    outward: FloatArray,
    *,
    line: CountingLine,
    observed: FloatArray | None,
    period_s: tuple[float, float],
    step_s: float = 60.0,
) -> pd.DataFrame:
    """Compute the flow in each step of a period, columns of ``FLOW_COLUMN_NAMES``.

    ``in`` and ``out`` are the counts; ``per_minute`` is both over the observed time, and ``per_minute_m`` the
    specific flow, per metre of the line. Both are NaN in a step observed for less than half of its time, as
    people may have passed unseen.

    Args:
        at_s: moments within the period, shape (n,), with the numbers that went ``inward`` and ``outward``.
        observed: shape (m, 2), disjoint and ordered observed intervals; None: all the time.
    """
    start_s, end_s = period_s
    steps = max(1, int(np.ceil((end_s - start_s) / step_s - 1e-9)))
    edges_s = np.minimum(start_s + step_s * np.arange(steps + 1), end_s)
    whole = np.array([[start_s, end_s]]) if observed is None else observed
    within = clip_intervals(whole, start_s=start_s, end_s=end_s)
    observed_s = np.diff(integrate_overlap(within, edges_s))
    step = np.clip(np.searchsorted(edges_s, at_s, side="right") - 1, 0, steps - 1)
    came, went = (np.bincount(step, ways, minlength=steps).astype(np.int64) for ways in (inward, outward))
    per_minute = np.full(steps, np.nan)
    enough = (observed_s >= MIN_OBSERVED * np.diff(edges_s)) & (observed_s > 0)
    per_minute[enough] = (came + went)[enough] / observed_s[enough] * 60.0
    return pd.DataFrame(
        {
            "start_s": edges_s[:-1],
            "end_s": edges_s[1:],
            "in": came,
            "out": went,
            "per_minute": per_minute,
            "per_minute_m": per_minute / measure_width(line),
            "observed_s": observed_s,
        }
    )


@dataclass(frozen=True, slots=True)
class LineFlow:
    """Flow of a whole period, per minute, and per minute and metre."""

    per_minute: Estimate
    per_minute_m: Estimate


def estimate_line_flow(
    *, count: FloatArray, line: CountingLine, observed: FloatArray, blocks: PeriodBlocks
) -> LineFlow:
    """Estimate the mean flow of a period with its interval: crossings over observed minutes, by blocks.

    Args:
        count: crossings in each block, shape (blocks,).
        observed: shape (m, 2), disjoint and ordered observed intervals.
    """
    start_s, end_s = float(blocks.edges_s[0]), float(blocks.edges_s[-1])
    minutes = blocks.sum_overlap(clip_intervals(observed, start_s=start_s, end_s=end_s)) / 60.0
    return LineFlow(
        per_minute=blocks.divide(count, minutes),
        per_minute_m=blocks.divide(count, minutes * measure_width(line)),
    )
