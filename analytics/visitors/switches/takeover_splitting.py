"""Cuts tracklets that were taken over by another person, as shown by one that begins beside them.

Two people pass each other, one hidden by the other, and the tracklet of one continues with the other. The
first person is found again a moment later, as a tracklet that begins in the middle of the floor, near where
the old one just was. If that beginning continues the tracklet's past, by place, velocity and height, better
than the tracklet's own rest does, it was a takeover, and the tracklet is cut.
"""

from __future__ import annotations

import numpy as np

from analytics.domain.arrays import FloatArray, IntArray
from analytics.visitors.gap_stitching import compute_evidence
from analytics.visitors.tracklet_ends import WINDOW_S, EndStates, estimate_first_states, estimate_last_states
from analytics.visitors.tracklet_pairs import STEP_S, sample_tracklets
from analytics.visitors.tracklet_rows import TrackletRows, split_pieces
from analytics.visitors.visitor_settings import SCALES, SWITCHES


def cut_takeovers(rows: TrackletRows) -> TrackletRows:
    """Return the rows with pieces cut where the person continued in a piece that begins there."""
    if not len(rows):
        return rows
    first = estimate_first_states(rows)
    taken, begun = _find_beside(rows, first)
    at = _find_partings(rows, first, taken, begun)
    known = np.flatnonzero(at >= 0)
    taken, begun, at = taken[known], begun[known], at[known]
    if not len(taken):
        return rows
    gain = _weigh_takeovers(rows, taken, begun, at)
    surest = np.lexsort((taken, -gain, begun))
    is_surest = np.append(True, np.diff(begun[surest]) != 0)
    chosen = surest[is_surest & (gain[surest] >= 0.0)]
    return split_pieces(rows, piece=taken[chosen], at_s=rows.time_s[at[chosen]])


def _find_beside(rows: TrackletRows, first: EndStates) -> tuple[IntArray, IntArray]:
    """Return pairs of an existing piece and one of its camera that begins where it is or has just been."""
    origin_s = float(rows.time_s.min())
    samples = sample_tracklets(rows, origin_s=origin_s)
    begin_s, end_s = rows.time_s[rows.starts], rows.time_s[rows.ends - 1]
    newcomers = np.flatnonzero(end_s - begin_s >= WINDOW_S)
    looks = round(SCALES.hidden_s / STEP_S) + 1
    step = np.floor((begin_s[newcomers] - origin_s) / STEP_S).astype(np.int64)
    steps = (step[:, None] - np.arange(looks)).ravel()
    begun = np.repeat(newcomers, looks)
    near, query = samples.find_around(steps, first.x_m[begun], first.y_m[begun], reach_m=SCALES.place_m)
    taken, begun = samples.piece[near], begun[query]
    is_possible = (
        (rows.camera[taken] == rows.camera[begun])
        & (begin_s[taken] <= begin_s[begun] - WINDOW_S)
        & (end_s[taken] >= begin_s[begun] + WINDOW_S)
    )
    code = np.unique(taken[is_possible] * len(rows) + begun[is_possible])
    return code // len(rows), code % len(rows)


def _find_partings(rows: TrackletRows, first: EndStates, taken: IntArray, begun: IntArray) -> IntArray:
    """Return the row at which each piece left the beginning of the other, -1 if the parts are too short."""
    begin_s = rows.time_s[rows.starts[begun]]
    low = rows.find_rows(taken, begin_s - SCALES.hidden_s)
    high = rows.find_rows(taken, begin_s + SWITCHES.slack_s)
    at = np.full(len(taken), -1)
    for place, (piece, other) in enumerate(zip(taken.tolist(), begun.tolist(), strict=True)):
        own = slice(low[place], high[place])
        away_m = np.hypot(rows.x_m[own] - first.x_m[other], rows.y_m[own] - first.y_m[other])
        if not len(away_m) or away_m.min() > SCALES.place_m:
            continue
        last_near = int(np.flatnonzero(away_m <= max(SWITCHES.there_m, float(away_m.min())))[-1])
        row = low[place] + last_near + 1
        if rows.starts[piece] + SWITCHES.min_rows <= row <= rows.ends[piece] - SWITCHES.min_rows:
            at[place] = row
    return at


def _weigh_takeovers(rows: TrackletRows, taken: IntArray, begun: IntArray, at: IntArray) -> FloatArray:
    """Return the log ratio of the piece's past continuing in the other piece or in its own rest."""
    at_s, begin_s = rows.time_s[at], rows.time_s[rows.starts[begun]]
    before = _take_rows(rows, rows.find_rows(taken, at_s - SCALES.around_s), at)
    rest = _take_rows(rows, at, rows.find_rows(taken, at_s + SCALES.around_s))
    other = _take_rows(rows, rows.starts[begun], rows.find_rows(begun, begin_s + SCALES.around_s))
    last = estimate_last_states(before)
    goes_on, stays = (compute_evidence(last, estimate_first_states(part)) for part in (other, rest))
    return np.asarray(goes_on - stays, np.float64)


def _take_rows(rows: TrackletRows, begin: IntArray, end: IntArray) -> TrackletRows:
    """Return rows from ``begin`` to before ``end`` as pieces, at least one row each."""
    count = np.maximum(end - begin, 1)
    ends = np.cumsum(count)
    chosen = np.arange(int(ends[-1])) + np.repeat(begin - (ends - count), count)
    piece = rows.find_pieces(begin)
    return rows.take(chosen, ends=ends, camera=rows.camera[piece], number=rows.number[piece])
