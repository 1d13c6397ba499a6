"""People per minute through a line, and per metre of its width; time that people stand close to it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import CountingLine
from analytics.dwell.occupancy import MIN_OBSERVED
from analytics.flows.footfall import CrossingSettings, compute_crossings
from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.estimate import Estimate
from analytics.metrics.floor_distance import measure_squared_distance
from analytics.metrics.observation import clip_intervals, integrate_overlap
from analytics.metrics.presence import Identity, order_by_person
from analytics.metrics.row_runs import find_runs

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


STANDING_S = 3.0
"""Duration of a stop; a walker passes a band of half a metre within one second."""
MIN_HALF_BAND_M = 0.25
"""Half band used for a line without a band: half of the default band."""
CROSSING_TOLERANCE_S = 1.0
"""Tolerance of a crossing's time, which may lie just outside the rows in the band."""


@dataclass(frozen=True, slots=True)
class LineStanding:
    """People standing within the band of one line in a period.

    Attributes:
        seconds: person-seconds of those who stay within the band for ``STANDING_S`` or longer without
            crossing.
        stays: number of such stays.
        place_m: middle of their positions; None without any.
    """

    seconds: float
    stays: int
    place_m: tuple[float, float] | None


def measure_standing(
    *,
    tracks: pd.DataFrame,
    line: CountingLine,
    settings: CrossingSettings,
    spans: pd.DataFrame | None = None,
) -> LineStanding:
    """Measure standing within the band of a line, or too near to tell the side, without a crossing.

    Args:
        tracks: the columns of ``TRACK_COLUMNS``.
        spans: spans in which cameras were analysed, as in ``compute_crossings``.
    """
    rows = order_by_person(tracks=tracks, identity=Identity.VISITOR, longest_gap_s=settings.longest_gap_s)
    # as wide as the zone in which the crossing rule finds nobody clear of the line
    half_m = np.maximum(max(line.band_m / 2, MIN_HALF_BAND_M), settings.sigma_factor * rows.sigma_m)
    nearest = np.full(len(rows.time_s), np.inf)
    for start, end in itertools.pairwise(line.path.points):
        np.minimum(nearest, measure_squared_distance(rows.x_m, rows.y_m, start=start, end=end), out=nearest)
    is_within = nearest <= half_m**2
    first, last = find_runs(is_within, rows.segment)
    lasting = rows.time_s[last] - rows.time_s[first] >= STANDING_S
    first, last = first[lasting], last[lasting]
    if not len(first):
        return LineStanding(0.0, 0, None)
    crossings = compute_crossings(tracks=tracks, lines=[line], settings=settings, spans=spans)
    visitor, at_s = crossings["visitor"].to_numpy(np.int64), crossings["time_s"].to_numpy(np.float64)
    stands = np.array(
        [
            not (
                (visitor == rows.person_ids[rows.person[begin]])
                & (at_s >= rows.time_s[begin] - CROSSING_TOLERANCE_S)
                & (at_s <= rows.time_s[end] + CROSSING_TOLERANCE_S)
            ).any()
            for begin, end in zip(first, last, strict=True)
        ],
        bool,
    )
    first, last = first[stands], last[stands]
    if not len(first):
        return LineStanding(0.0, 0, None)
    standing = np.concatenate([np.arange(begin, end + 1) for begin, end in zip(first, last, strict=True)])
    return LineStanding(
        seconds=float((rows.time_s[last] - rows.time_s[first]).sum()),
        stays=len(first),
        place_m=(float(np.median(rows.x_m[standing])), float(np.median(rows.y_m[standing]))),
    )
