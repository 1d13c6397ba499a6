"""Whether people are inside a zone, from positions with errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr

from analytics.domain.floor_geometry import Point
from analytics.metrics.floor_distance import measure_depth
from analytics.metrics.presence import PresenceRows

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

LARGEST_LOG_ODDS = 6.0
"""One position proves no more than 400 to 1, however deep it lies: it may be somebody else's."""
CERTAIN_SIGMAS = 2.86
"""At this depth, in position errors, the log odds reach their largest value."""
ROUNDING_SLACK = 1e-6
"""Of sums over many rows, log odds times seconds."""
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
    sigmas = CERTAIN_SIGMAS if evidence_s > 0 else 0.0
    near = rows.blocks.find_near(
        points, smallest_reach_m=sigmas * smallest_sigma_m + 1e-6, reach_sigmas=sigmas * sigma_factor + 1e-6
    )
    depth = measure_depth(rows.x_m[near], rows.y_m[near], points=points)
    if evidence_s <= 0:
        is_inside[near] = depth >= 0
        return is_inside
    sigma_m = np.maximum(smallest_sigma_m, sigma_factor * rows.sigma_m[near])
    scaled = depth / np.maximum(sigma_m, 1e-9)
    is_near = scaled > -CERTAIN_SIGMAS
    near, scaled = near[is_near], scaled[is_near]
    if not len(near):
        return is_inside
    # a stretch of near rows that nothing interrupts; before and behind it are far rows or a segment's end
    is_first = np.append(True, np.diff(near) != 1) | rows.is_segment_start[near]
    is_last = np.append(is_first[1:], True)
    comes_from_outside = is_first & ~rows.is_segment_start[near]
    goes_outside = is_last & ~rows.is_segment_end[near]
    start = np.where(is_first, np.where(comes_from_outside, -evidence_s, 0.0), np.nan)
    score = add_up(_measure_odds(scaled) * _weigh_rows(rows, near), start, evidence_s)
    is_inside[near] = _trace_back(score, is_last, goes_outside, evidence_s)
    return is_inside


def _measure_odds(scaled: FloatArray) -> FloatArray:
    """Log odds of inside for depths in position errors."""
    odds = np.full(len(scaled), LARGEST_LOG_ODDS)
    doubted = np.flatnonzero(scaled < CERTAIN_SIGMAS)
    depth = scaled[doubted]
    odds[doubted] = np.clip(log_ndtr(depth) - log_ndtr(-depth), -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)
    return odds


def _weigh_rows(rows: PresenceRows, near: IntArray) -> FloatArray:
    usual_s = min(rows.sample_interval_s() or LONGEST_WEIGHT_S, LONGEST_WEIGHT_S)
    since_s = rows.time_s[near] - rows.time_s[np.maximum(near - 1, 0)]
    return np.where(rows.is_segment_start[near], usual_s, np.minimum(since_s, LONGEST_WEIGHT_S))


def add_up(odds: FloatArray, start: FloatArray, cost: float) -> FloatArray:
    """Score of inside minus outside after each row, shape (n,).

    Whatever the best sequence was, a change of side costs ``cost``: the difference is never passed on as more
    than that. So rows enough on one side make the score what it is whatever was before, and only the others
    have to be gone through one by one.

    Args:
        start: the score before a stretch's first row, not a number at the others, shape (n,).
    """
    is_start = ~np.isnan(start)
    before = start.copy()
    for side in (1.0, -1.0):
        is_sure = _find_sure(side * odds, is_start, cost)
        before[1:][is_sure[:-1] & ~is_start[1:]] = side * cost
    scores = before + odds
    is_open = np.isnan(before)
    places = np.flatnonzero(is_open)
    if not len(places):
        return scores
    is_chain = np.append(True, np.diff(places) != 1)
    begins = np.full(len(places), np.nan)
    begins[is_chain] = np.clip(scores[places[is_chain] - 1], -cost, cost)
    scores[places] = _add_one_by_one(odds[places].tolist(), begins.tolist(), cost)
    return scores


def _find_sure(odds: FloatArray, is_start: BoolArray, cost: float) -> BoolArray:
    """Rows after which the score is at least ``cost``, as those up to them that speak for it say alone."""
    total = np.cumsum(odds)
    # whatever the last row was that speaks against it or begins a stretch, it passes on -cost or more
    place = np.maximum.accumulate(np.where((odds < 0) | is_start, np.arange(len(odds)), 0))
    return np.asarray(total - total[place] >= 2 * cost + ROUNDING_SLACK, bool)


def _add_one_by_one(odds: Sequence[float], start: Sequence[float], cost: float) -> list[float]:
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
    return scores


def _trace_back(score: FloatArray, is_last: BoolArray, goes_outside: BoolArray, cost: float) -> BoolArray:
    """The best sequence, from its end: a side reaches back to the last row that is decided without it."""
    is_inside = score > cost
    is_decided = (np.abs(score) > cost) | is_last
    is_inside[is_last & ~goes_outside] = score[is_last & ~goes_outside] >= 0
    position = np.where(is_decided, np.arange(len(score)), len(score))
    following = np.minimum.accumulate(position[::-1])[::-1]
    return np.asarray(is_inside[following], bool)
