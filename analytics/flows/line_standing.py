"""People standing on a counting line without crossing it, which makes its counts unreliable."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.domain.zone import CountingLine
from analytics.flows.footfall import CrossingSettings, compute_crossings
from analytics.metrics.floor_distance import measure_squared_distance
from analytics.metrics.presence import Identity, order_by_person
from analytics.metrics.row_runs import find_runs

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
