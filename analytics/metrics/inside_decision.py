"""Whether people are inside a zone, from positions with errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr

from analytics.domain.floor_geometry import Point
from analytics.metrics.floor_distance import find_half_planes, measure_depth, measure_depth_near
from analytics.metrics.presence import PresenceRows
from analytics.metrics.row_blocks import ROWS, list_rows, take_blocks

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
REACH_SLACK_M = 1e-6
BLOCKS_AT_ONCE = 2048
"""Their columns stay in a processor's cache."""


class InsideDecision:
    """Decides over rows of many persons who is inside a zone; prepared once for all zones.

    A two-state hidden Markov model (Rabiner 1989, Proc. IEEE 77, 257), solved by the Viterbi recursion
    for the difference of the two states' scores. A row at depth d with the position error s speaks for inside
    with the log odds log Phi(d / s) - log Phi(-d / s), times the seconds that it stands for, and a change of
    side costs ``evidence_s``; a row too far outside for a doubt is outside. So a passing error of the
    position changes nothing, a second deep inside is enough, and a change is dated to where the path meets
    the outline. Unlike a band of hysteresis the rule takes no side: as many shallow stays are found too much
    as too little.

    Rows of one person that lie together so deep that each proves as much as a row can, for long enough to
    change sides, are inside whatever was before; such blocks are gone through as one.

    Args:
        smallest_sigma_m: no position is taken to be surer.
        sigma_factor: position errors over those that the rows state.
        evidence_s: log odds times seconds that a change of side must bring; 0: the outline itself decides.
    """

    def __init__(
        self, *, rows: PresenceRows, smallest_sigma_m: float, sigma_factor: float, evidence_s: float
    ) -> None:
        self._rows, self._blocks = rows, rows.blocks
        self._smallest_sigma_m, self._sigma_factor = smallest_sigma_m, sigma_factor
        self._evidence_s = evidence_s
        if evidence_s > 0:
            self._weight_s = _weigh_rows(rows)
            sigma_m = np.maximum(smallest_sigma_m, sigma_factor * self._blocks.largest_sigma_m)
            self._reach_m = CERTAIN_SIGMAS * sigma_m + REACH_SLACK_M
            self._can_be_sure = self._find_long_blocks()

    def find_runs(self, points: tuple[Point, ...]) -> tuple[IntArray, IntArray]:
        """The first and the last row of every unbroken run of rows inside, of one segment each.

        Args:
            points: corners of a simple polygon.
        """
        first, last = self._find_inside(points)
        begins = _find_breaks(first, last) | self._rows.is_segment_start[first]
        return first[begins], last[np.append(begins[1:], True)[: len(last)]]

    def _find_inside(self, points: tuple[Point, ...]) -> tuple[IntArray, IntArray]:
        """The first and the last row of all pieces inside, of one row or of a block."""
        rows, cost = self._rows, self._evidence_s
        if cost <= 0:
            near = self._blocks.find_near(points, smallest_reach_m=REACH_SLACK_M, reach_sigmas=0.0)
            inside = near[measure_depth(rows.x_m[near], rows.y_m[near], points=points) >= 0]
            return inside, inside
        first, last, evidence = self._list_pieces(points)
        # a stretch of near rows that nothing interrupts; before and behind it are far rows or a segment's end
        is_first = _find_breaks(first, last) | rows.is_segment_start[first]
        is_last = np.append(is_first[1:], True)[: len(last)]
        goes_outside = is_last & ~rows.is_segment_end[last]
        start = np.where(is_first, np.where(rows.is_segment_start[first], 0.0, -cost), np.nan)
        is_inside = _trace_back(add_up(evidence, start, cost), is_last, goes_outside, cost)
        return first[is_inside], last[is_inside]

    def _list_pieces(self, points: tuple[Point, ...]) -> tuple[IntArray, IntArray, FloatArray]:
        """Rows near the zone, or blocks of rows, in their order: first and last row, and the evidence."""
        half_planes = find_half_planes(points)
        blocks = self._blocks.find_near_blocks(points, self._reach_m)
        is_sure = np.zeros(len(blocks), bool)
        if half_planes is not None:
            depth = self._blocks.measure_least_depth(blocks, half_planes)
            is_sure = self._can_be_sure[blocks] & (depth >= self._reach_m[blocks])
        sure, unsure = blocks[is_sure], blocks[~is_sure]
        parts = [
            self._weigh_blocks(unsure[begin : begin + BLOCKS_AT_ONCE], points, half_planes)
            for begin in range(0, len(unsure), BLOCKS_AT_ONCE)
        ]
        first = np.concatenate([*(rows for rows, _ in parts), sure * ROWS])
        last = np.concatenate([*(rows for rows, _ in parts), sure * ROWS + ROWS - 1])
        enough = np.full(len(sure), 2 * self._evidence_s + 1.0)
        evidence = np.concatenate([*(evidence for _, evidence in parts), enough])
        order = np.argsort(first, kind="stable")
        return first[order], last[order], evidence[order]

    def _weigh_blocks(
        self, blocks: IntArray, points: tuple[Point, ...], half_planes: FloatArray | None
    ) -> tuple[IntArray, FloatArray]:
        """The rows near the zone of some blocks, and for how much each speaks."""
        rows = self._rows
        depth = measure_depth_near(
            take_blocks(rows.x_m, blocks),
            take_blocks(rows.y_m, blocks),
            points=points,
            half_planes=half_planes,
            reach_m=float(self._reach_m[blocks].max()),
        )
        sigma_m = np.maximum(self._smallest_sigma_m, self._sigma_factor * take_blocks(rows.sigma_m, blocks))
        scaled = depth / np.maximum(sigma_m, 1e-9)
        near = np.flatnonzero(scaled > -CERTAIN_SIGMAS)
        evidence = _measure_odds(scaled[near]) * take_blocks(self._weight_s, blocks)[near]
        return list_rows(blocks, len(rows.time_s))[near], evidence

    def _find_long_blocks(self) -> BoolArray:
        """Full blocks of one segment in which rows deep inside prove it whatever was before."""
        begins = np.arange(0, len(self._weight_s), ROWS)
        if not len(begins):
            return np.zeros(0, bool)
        proof = LARGEST_LOG_ODDS * np.add.reduceat(self._weight_s, begins)
        is_long: BoolArray = proof >= 2 * self._evidence_s + ROUNDING_SLACK
        starts = self._rows.segment_starts()
        is_long[starts[starts % ROWS != 0] // ROWS] = False
        if len(self._weight_s) % ROWS:
            is_long[-1] = False
        return is_long


def _find_breaks(first: IntArray, last: IntArray) -> BoolArray:
    """Whether each piece does not follow the one before at once."""
    is_break = np.ones(len(first), bool)
    is_break[1:] = first[1:] != last[:-1] + 1
    return is_break


def _measure_odds(scaled: FloatArray) -> FloatArray:
    """Log odds of inside for depths in position errors."""
    odds = np.full(len(scaled), LARGEST_LOG_ODDS)
    doubted = np.flatnonzero(scaled < CERTAIN_SIGMAS)
    depth = scaled[doubted]
    odds[doubted] = np.clip(log_ndtr(depth) - log_ndtr(-depth), -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)
    return odds


def _weigh_rows(rows: PresenceRows) -> FloatArray:
    """The seconds for which each row speaks, shape (n,)."""
    weight_s = np.empty(len(rows.time_s))
    np.subtract(rows.time_s[1:], rows.time_s[:-1], out=weight_s[1:])
    weight_s[rows.segment_starts()] = rows.sample_interval_s() or LONGEST_WEIGHT_S
    return np.minimum(weight_s, LONGEST_WEIGHT_S, out=weight_s)


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
