"""Whether people are inside a zone, from positions with errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr

from analytics.domain.floor_geometry import Point
from analytics.metrics.floor_distance import find_near, measure_depth
from analytics.metrics.presence import PresenceRows

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

LARGEST_LOG_ODDS = 6.0
"""One position proves no more than 400 to 1, however deep it lies: it may be somebody else's."""
CERTAIN_SIGMAS = 2.86
"""At this depth, in position errors, the log odds reach their largest value."""
LONGEST_WEIGHT_S = 0.5
"""A row speaks for the time since the one before, but for no more than this."""


def decide_inside(
    *,
    rows: PresenceRows,
    points: tuple[Point, ...],
    smallest_sigma_m: float,
    sigma_factor: float,
    evidence_s: float,
) -> BoolArray:
    """Whether each row is inside a simple polygon: the most likely sequence of inside and outside.

    A two-state hidden Markov model (Rabiner 1989, Proc. IEEE 77, 257), solved by the Viterbi recursion
    for the difference of the two states' scores. A row at depth d with the position error s speaks for inside
    with the log odds log Phi(d / s) - log Phi(-d / s), times the seconds that it stands for, and a change of
    side costs ``evidence_s``; a row too far outside for a doubt is outside. So a passing error of the
    position changes nothing, a second deep inside is enough, and a change is dated to where the path meets
    the outline. Unlike a band of hysteresis the rule takes no side: as many shallow stays are found too much
    as too little.

    Args:
        points: corners of the polygon.
        smallest_sigma_m: no position is taken to be surer.
        sigma_factor: position errors over those that the rows state.
        evidence_s: log odds times seconds that a change of side must bring; 0: the outline itself decides.
    """
    is_inside: BoolArray = np.zeros(len(rows.time_s), bool)
    sigma_m = np.maximum(smallest_sigma_m, sigma_factor * rows.sigma_m)
    margin_m = CERTAIN_SIGMAS * float(sigma_m.max(initial=0.0)) if evidence_s > 0 else 0.0
    near = find_near(rows.x_m, rows.y_m, points=points, margin_m=margin_m + 1e-6)
    depth = measure_depth(rows.x_m[near], rows.y_m[near], points=points)
    if evidence_s <= 0:
        is_inside[near] = depth >= 0
        return is_inside
    scaled = depth / np.maximum(sigma_m[near], 1e-9)
    is_near = scaled > -CERTAIN_SIGMAS
    near, scaled = near[is_near], scaled[is_near]
    if not len(near):
        return is_inside
    odds = np.clip(log_ndtr(scaled) - log_ndtr(-scaled), -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)
    # a stretch of near rows that nothing interrupts; before and behind it are far rows or a segment's end
    segment = rows.segment[near]
    is_last = np.append((np.diff(near) != 1) | (np.diff(segment) != 0), True)
    is_first = np.append(True, is_last[:-1])
    comes_from_outside = is_first & (near > rows.segment_starts()[segment])
    goes_outside = is_last & (near < rows.segment_ends()[segment])
    start = np.where(is_first, np.where(comes_from_outside, -evidence_s, 0.0), np.nan)
    score = _add_up((odds * _weigh_rows(rows, near)).tolist(), start.tolist(), evidence_s)
    is_inside[near] = _trace_back(score, is_last, goes_outside, evidence_s)
    return is_inside


def _weigh_rows(rows: PresenceRows, near: IntArray) -> FloatArray:
    usual_s = min(rows.sample_interval_s() or LONGEST_WEIGHT_S, LONGEST_WEIGHT_S)
    since_s = rows.time_s[near] - rows.time_s[np.maximum(near - 1, 0)]
    is_first = near == rows.segment_starts()[rows.segment[near]]
    return np.where(is_first, usual_s, np.minimum(since_s, LONGEST_WEIGHT_S))


def _add_up(odds: Sequence[float], start: Sequence[float], cost: float) -> FloatArray:
    """Score of inside minus outside after each row.

    Whatever the best sequence was, a change of side costs ``cost``: the difference is never passed on as more
    than that.

    Args:
        start: the score before a stretch's first row, not a number at the others.
    """
    scores = []
    score = 0.0
    for value, begin in zip(odds, start, strict=True):
        if begin == begin:  # noqa: PLR0124 -- quicker than math.isnan
            score = begin
        elif score > cost:
            score = cost
        elif score < -cost:
            score = -cost
        score += value
        scores.append(score)
    return np.array(scores)


def _trace_back(score: FloatArray, is_last: BoolArray, goes_outside: BoolArray, cost: float) -> BoolArray:
    """The best sequence, from its end: a side reaches back to the last row that is decided without it."""
    is_inside = score > cost
    is_decided = (np.abs(score) > cost) | is_last
    is_inside[is_last & ~goes_outside] = score[is_last & ~goes_outside] >= 0
    position = np.where(is_decided, np.arange(len(score)), len(score))
    following = np.minimum.accumulate(position[::-1])[::-1]
    return np.asarray(is_inside[following], bool)
