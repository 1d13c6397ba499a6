"""Mean time that people go unseen between two pieces of their track, which the pieces leave out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray

MAX_LINK_S = 4.0
LINK_REACH_M = 0.6
LINK_SPEED_M_S = 1.2
"""Speed by which the reach of a piece grows until another begins, at most ``MAX_LINK_S`` later."""


def measure_mean_gap(*, tracks: pd.DataFrame, longest_gap_s: float) -> float:
    """Measure the mean time unseen between two pieces of one person's track, seconds; 0 without any.

    From the pieces of stitched visitors; if nothing was stitched, from pairs of pieces of which each is the
    only one that can follow the other.
    """
    if not len(tracks):
        return 0.0
    pieces = _find_pieces(tracks)
    gap_s = _measure_visitor_gaps(pieces, longest_gap_s)
    if not len(gap_s):
        gap_s = _measure_sole_follower_gaps(pieces)
    return float(gap_s.mean()) if len(gap_s) else 0.0


def _find_pieces(tracks: pd.DataFrame) -> pd.DataFrame:
    tracklet, numbers = pd.factorize(tracks["tracklet"].to_numpy(np.int64), sort=True)
    time_s = tracks["time_s"].to_numpy(np.float64)
    order = np.argsort(time_s, kind="stable")
    first, last = np.empty((2, len(numbers)), np.int64)
    # of several rows of one tracklet the last one written stays
    first[tracklet[order[::-1]]] = order[::-1]
    last[tracklet[order]] = order
    x_m, y_m = tracks["x_m"].to_numpy(), tracks["y_m"].to_numpy()
    return pd.DataFrame(
        {
            "visitor": tracks["visitor"].take(first).array,
            "start_s": time_s[first],
            "end_s": time_s[last],
            "start_x_m": x_m[first].astype(np.float64),
            "start_y_m": y_m[first].astype(np.float64),
            "end_x_m": x_m[last].astype(np.float64),
            "end_y_m": y_m[last].astype(np.float64),
        },
        index=pd.Index(numbers, name="tracklet"),
    )


def _measure_visitor_gaps(pieces: pd.DataFrame, longest_gap_s: float) -> FloatArray:
    stitched = pieces[pieces["visitor"].notna()].sort_values(["visitor", "start_s"], kind="stable")
    gap_s = stitched["start_s"].to_numpy(np.float64)[1:] - stitched["end_s"].to_numpy(np.float64)[:-1]
    visitor = stitched["visitor"].to_numpy(np.int64)
    is_link = (visitor[1:] == visitor[:-1]) & (gap_s > 0) & (gap_s <= longest_gap_s)
    return np.asarray(gap_s[is_link], np.float64)


def _measure_sole_follower_gaps(pieces: pd.DataFrame) -> FloatArray:
    begun = pieces.sort_values("start_s", kind="stable")
    start_s, start_x, start_y = (begun[name].to_numpy() for name in ("start_s", "start_x_m", "start_y_m"))
    end_s, end_x, end_y = (pieces[name].to_numpy() for name in ("end_s", "end_x_m", "end_y_m"))
    first = np.searchsorted(start_s, end_s, side="right")
    behind = np.searchsorted(start_s, end_s + MAX_LINK_S, side="right")
    sole = np.full(len(pieces), -1, np.int64)
    candidates = np.zeros(len(pieces), np.int64)
    for piece in np.flatnonzero(behind > first):
        window = slice(first[piece], behind[piece])
        reach_m = LINK_REACH_M + LINK_SPEED_M_S * (start_s[window] - end_s[piece])
        distance_m = np.hypot(start_x[window] - end_x[piece], start_y[window] - end_y[piece])
        fitting = np.flatnonzero(distance_m <= reach_m) + first[piece]
        candidates[fitting] += 1
        if len(fitting) == 1:
            sole[piece] = fitting[0]
    linked = np.flatnonzero(sole >= 0)
    linked = linked[candidates[sole[linked]] == 1]
    return np.asarray(start_s[sole[linked]] - end_s[linked], np.float64)
