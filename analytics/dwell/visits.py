"""Stays in zones and the visits among them, from track rows: the rule for every count and dwell time.

Positions have errors, so that the outline alone would split one stay into many; presence inside is therefore
decided over a stretch of time (``InsideDecision``), and a stay lasts from the crossing of the outline to the
crossing back, interpolated between two rows. A leave and re-entry within 2 s is one stay. Its two
ends have errors, from which follows how probable it is that it lasted the zone's minimum (3 s) and is a visit
(see ``visit_probability``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import log_ndtr

from analytics.columns import VISIT_COLUMNS, empty_table
from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.floor_geometry import Point
from analytics.domain.zone import Zone
from analytics.metrics.coverage import ViewEdge
from analytics.metrics.floor_distance import (
    find_exit_shares,
    find_half_planes,
    measure_depth,
    measure_depth_near,
)
from analytics.metrics.observation import find_unobserved, unite_spans
from analytics.metrics.presence import TIME_TOLERANCE_S, Identity, OrderedRows, PresenceRows, order_rows
from analytics.metrics.row_blocks import BLOCK_ROWS, list_rows, take_blocks

MAX_LOG_ODDS = 6.0
"""One position proves no more than 400 to 1, however deep it lies: it may be someone else's."""
CERTAIN_SIGMAS = 2.86
"""Depth in position errors at which the log odds reach their largest value."""
ROUNDING_SLACK = 1e-6
"""Tolerance for sums over many rows, log odds times seconds."""
MAX_WEIGHT_S = 0.5
"""A row counts for the time since the previous one, up to this limit."""
REACH_SLACK_M = 1e-6
BLOCKS_AT_ONCE = 2048
"""Block count whose columns fit a processor's cache."""


class InsideDecision:
    """Decides over rows of many persons who is inside a zone; prepared once for all zones.

    A two-state hidden Markov model (Rabiner 1989, Proc. IEEE 77, 257), solved by the Viterbi recursion for
    the difference of the two states' scores. A row at depth d with the position error s contributes the log
    odds log Phi(d / s) - log Phi(-d / s), times its seconds, and a change of side costs ``evidence_s``; a row
    far outside is outside. A passing position error thus changes nothing, a second deep inside is enough, and
    a change is dated to where the path meets the outline. Unlike a hysteresis band the rule is unbiased: it
    finds as many shallow stays too long as too short.

    Consecutive rows of one person that are so deep that each proves the maximum, for long enough to change
    sides, are inside whatever came before; such blocks are processed as one.

    Args:
        min_sigma_m: lower limit of the position error.
        sigma_factor: position errors over those stated by the rows.
        evidence_s: log odds times seconds required for a change of side; 0: the outline itself decides.
    """

    def __init__(
        self, *, rows: PresenceRows, min_sigma_m: float, sigma_factor: float, evidence_s: float
    ) -> None:
        self._rows, self._blocks = rows, rows.blocks
        self._min_sigma_m, self._sigma_factor = min_sigma_m, sigma_factor
        self._evidence_s = evidence_s
        if evidence_s > 0:
            self._weight_s = _weigh_rows(rows)
            sigma_m = np.maximum(min_sigma_m, sigma_factor * self._blocks.max_sigma_m)
            self._reach_m = CERTAIN_SIGMAS * sigma_m + REACH_SLACK_M
            self._can_be_sure = self._find_long_blocks()

    def find_runs(self, points: tuple[Point, ...]) -> tuple[IntArray, IntArray]:
        """Return the first and the last row of every unbroken run of rows inside, each within one segment.

        Args:
            points: corners of a simple polygon.
        """
        first, last = self._find_inside(points)
        begins = _find_breaks(first, last) | self._rows.is_segment_start[first]
        return first[begins], last[np.append(begins[1:], True)[: len(last)]]

    def _find_inside(self, points: tuple[Point, ...]) -> tuple[IntArray, IntArray]:
        """Return the first and the last row of all pieces inside; a piece is a row or a block."""
        rows, cost = self._rows, self._evidence_s
        if cost <= 0:
            near = self._blocks.find_near(points, min_reach_m=REACH_SLACK_M, reach_sigmas=0.0)
            inside = near[measure_depth(rows.x_m[near], rows.y_m[near], points=points) >= 0]
            return inside, inside
        first, last, evidence = self._list_pieces(points)
        # an uninterrupted run of near rows; before and behind it are far rows or a segment's end
        is_first = _find_breaks(first, last) | rows.is_segment_start[first]
        is_last = np.append(is_first[1:], True)[: len(last)]
        goes_outside = is_last & ~rows.is_segment_end[last]
        start = np.where(is_first, np.where(rows.is_segment_start[first], 0.0, -cost), np.nan)
        is_inside = _trace_back(accumulate_scores(evidence, start, cost), is_last, goes_outside, cost)
        return first[is_inside], last[is_inside]

    def _list_pieces(self, points: tuple[Point, ...]) -> tuple[IntArray, IntArray, FloatArray]:
        """Return near rows, or blocks of rows, in order: first row, last row and evidence."""
        half_planes = find_half_planes(points)
        blocks = self._blocks.find_near_blocks(points, self._reach_m)
        is_sure = np.zeros(len(blocks), bool)
        if half_planes is not None:
            depth = self._blocks.measure_min_depth(blocks, half_planes)
            is_sure = self._can_be_sure[blocks] & (depth >= self._reach_m[blocks])
        sure, unsure = blocks[is_sure], blocks[~is_sure]
        parts = [
            self._weigh_blocks(unsure[begin : begin + BLOCKS_AT_ONCE], points, half_planes)
            for begin in range(0, len(unsure), BLOCKS_AT_ONCE)
        ]
        first = np.concatenate([*(rows for rows, _ in parts), sure * BLOCK_ROWS])
        last = np.concatenate([*(rows for rows, _ in parts), sure * BLOCK_ROWS + BLOCK_ROWS - 1])
        enough = np.full(len(sure), 2 * self._evidence_s + 1.0)
        evidence = np.concatenate([*(evidence for _, evidence in parts), enough])
        order = np.argsort(first, kind="stable")
        return first[order], last[order], evidence[order]

    def _weigh_blocks(
        self, blocks: IntArray, points: tuple[Point, ...], half_planes: FloatArray | None
    ) -> tuple[IntArray, FloatArray]:
        """Return the rows near the zone in some blocks, and their evidence."""
        rows = self._rows
        depth = measure_depth_near(
            take_blocks(rows.x_m, blocks),
            take_blocks(rows.y_m, blocks),
            points=points,
            half_planes=half_planes,
            reach_m=float(self._reach_m[blocks].max()),
        )
        sigma_m = np.maximum(self._min_sigma_m, self._sigma_factor * take_blocks(rows.sigma_m, blocks))
        scaled = depth / np.maximum(sigma_m, 1e-9)
        near = np.flatnonzero(scaled > -CERTAIN_SIGMAS)
        evidence = _measure_odds(scaled[near]) * take_blocks(self._weight_s, blocks)[near]
        return list_rows(blocks, len(rows.time_s))[near], evidence

    def _find_long_blocks(self) -> BoolArray:
        """Return the full blocks of one segment in which rows deep inside prove it whatever came before."""
        begins = np.arange(0, len(self._weight_s), BLOCK_ROWS)
        if not len(begins):
            return np.zeros(0, bool)
        proof = MAX_LOG_ODDS * np.add.reduceat(self._weight_s, begins)
        is_long: BoolArray = proof >= 2 * self._evidence_s + ROUNDING_SLACK
        starts = self._rows.segment_starts()
        is_long[starts[starts % BLOCK_ROWS != 0] // BLOCK_ROWS] = False
        if len(self._weight_s) % BLOCK_ROWS:
            is_long[-1] = False
        return is_long


def _find_breaks(first: IntArray, last: IntArray) -> BoolArray:
    """Return whether each piece does not directly follow the previous one."""
    is_break = np.ones(len(first), bool)
    is_break[1:] = first[1:] != last[:-1] + 1
    return is_break


def _measure_odds(scaled: FloatArray) -> FloatArray:
    """Return the log odds of being inside for depths in position errors."""
    odds = np.full(len(scaled), MAX_LOG_ODDS)
    doubted = np.flatnonzero(scaled < CERTAIN_SIGMAS)
    depth = scaled[doubted]
    odds[doubted] = np.clip(log_ndtr(depth) - log_ndtr(-depth), -MAX_LOG_ODDS, MAX_LOG_ODDS)
    return odds


def _weigh_rows(rows: PresenceRows) -> FloatArray:
    """Return the seconds that each row stands for, shape (n,)."""
    weight_s = np.empty(len(rows.time_s))
    np.subtract(rows.time_s[1:], rows.time_s[:-1], out=weight_s[1:])
    weight_s[rows.segment_starts()] = rows.sample_interval_s() or MAX_WEIGHT_S
    return np.minimum(weight_s, MAX_WEIGHT_S, out=weight_s)


def accumulate_scores(odds: FloatArray, start: FloatArray, cost: float) -> FloatArray:
    """Return the score of inside minus outside after each row, shape (n,).

    A change of side costs ``cost`` whatever came before, so the difference passed on never exceeds it. Enough
    rows on one side therefore fix the score, and only the others need sequential processing.

    Args:
        start: the score before a stretch's first row, NaN at the others, shape (n,).
    """
    is_start = ~np.isnan(start)
    before = start.copy()
    for side in (1.0, -1.0):
        is_sure = _find_decided(side * odds, is_start, cost)
        before[1:][is_sure[:-1] & ~is_start[1:]] = side * cost
    scores = before + odds
    is_open = np.isnan(before)
    places = np.flatnonzero(is_open)
    if not len(places):
        return scores
    is_chain = np.append(True, np.diff(places) != 1)
    begins = np.full(len(places), np.nan)
    begins[is_chain] = np.clip(scores[places[is_chain] - 1], -cost, cost)
    scores[places] = _accumulate_sequentially(odds[places].tolist(), begins.tolist(), cost)
    return scores


def _find_decided(odds: FloatArray, is_start: BoolArray, cost: float) -> BoolArray:
    """Return the rows after which the supporting rows alone make the score at least ``cost``."""
    total = np.cumsum(odds)
    # the last row that opposes it or begins a stretch passes on at least -cost
    place = np.maximum.accumulate(np.where((odds < 0) | is_start, np.arange(len(odds)), 0))
    return np.asarray(total - total[place] >= 2 * cost + ROUNDING_SLACK, bool)


def _accumulate_sequentially(odds: Sequence[float], start: Sequence[float], cost: float) -> list[float]:
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
    """Return the best sequence, traced from its end: each side reaches back to the last decided row."""
    is_inside = score > cost
    is_decided = (np.abs(score) > cost) | is_last
    is_inside[is_last & ~goes_outside] = score[is_last & ~goes_outside] >= 0
    position = np.where(is_decided, np.arange(len(score)), len(score))
    following = np.minimum.accumulate(position[::-1])[::-1]
    return np.asarray(is_inside[following], bool)


@dataclass(frozen=True, slots=True)
class VisitSettings:
    """The parameters of the visit rule, printed with every report.

    Attributes:
        least_error_m: lower limit of the position error: the sway of somebody who stands. In 140 zones of
            tracked scenes visits came out at 0.97 of the truth, and at 0.96 with 0.125 m.
        sigma_factor: position errors over those stated by the rows, which include the calibration's.
        evidence_s: log odds times seconds that positions must contribute before a person has changed sides.
            Less makes more visits of people who stand at an outline, more loses short visits near it. Tuned
            on tracked scenes of two simulators at 2 and 5 frames per second (3 to 6 seeds each of a busy, a
            dense and the second simulator's hall): at 1.5 visits, mean and median dwell come out at 0.94 to
            0.99, 0.95 to 1.00 and 0.94 to 1.10 of the truth, at 2.0 at 0.91 to 0.99, 0.97 to 1.02 and 0.96 to
            1.14, and at 1.2 at 0.95 to 1.00, 0.94 to 0.99 and 0.90 to 1.08; errors of up to 0.35 m more,
            lasting 0.5 to 10 s, make up to 10 % more visits at 1.2.
        merge_s: a leave and re-entry within this time is one stay.
        longest_gap_s: a person unseen for longer is not assumed to have stayed.
        max_outage_s: likewise after a longer outage; tracklets are stitched over shorter ones. A computer
            that is busy for two or three seconds must not split everybody's visit: in six scenes of ten
            minutes, four such stalls added 48 to 1,337 visits.
        period_margin_s: a stay that begins or ends this close to an edge of the observation was cut by it;
            a tracker needs about a second to confirm a track.
        view_margin_m: a track that begins or ends this close to unseen floor, and walks from or towards it
            at no less than ``view_speed_m_s``, came from there or went there.
        door_margin_m: other tracks that begin or end this close to a door mostly came or left by it: 30 of
            35 lost ends in crowds before a door (16 people a minute).
    """

    least_error_m: float = 0.05
    sigma_factor: float = 1.0
    evidence_s: float = 1.5
    merge_s: float = 2.0
    longest_gap_s: float = 10.0
    max_outage_s: float = 5.0
    period_margin_s: float = 2.0
    view_margin_m: float = 0.75
    view_speed_m_s: float = 0.3
    door_margin_m: float = 1.3


EDGE_REACH_S = 0.5
"""The speed at an outline is that over so much time to either side."""
MAX_SAMPLE_S = 1.0
"""A longer step between two rows is a gap in observation rather than sampling."""


class StayEdge(StrEnum):
    """Causes of the start or the end of a stay; only ``SEEN`` is a complete edge."""

    SEEN = "seen"
    """The same person was followed across the outline."""
    LOST = "lost"
    """The track began or ended inside: an identity was lost."""
    VIEW = "view"
    """The track began or ended inside, with the person walking from or to floor that no camera sees."""
    DOOR = "door"
    """The track began or ended inside, a few steps from a door: four of five of these people came or left."""
    PERIOD = "period"
    """The observation began, ended or was interrupted."""


UNJOINED_EDGES = (StayEdge.LOST.value,)
"""Edges at which a stay may continue another."""
COMPLETE_EDGES = (StayEdge.SEEN.value, StayEdge.VIEW.value, StayEdge.DOOR.value)
"""Edges at which a stay that continues none began or ended."""

_EDGES = tuple(StayEdge)
_STAY_DTYPES = {
    "visitor": "int64",
    "zone": "str",
    "entered_s": "float64",
    "left_s": "float64",
    "seconds": "float64",
    "start_edge": "str",
    "end_edge": "str",
    "start_x_m": "float64",
    "start_y_m": "float64",
    "end_x_m": "float64",
    "end_y_m": "float64",
    "start_error_s": "float64",
    "end_error_s": "float64",
}
STAY_COLUMN_NAMES = tuple(_STAY_DTYPES)
"""The positions are those of the first and of the last row inside. The errors are standard errors of
``entered_s`` and ``left_s``: the position's error over the speed at which the outline was crossed, and 0 at
edges that no outline made."""


def compute_stays(
    *,
    tracks: pd.DataFrame,
    zones: Sequence[Zone],
    spans: pd.DataFrame | None,
    settings: VisitSettings,
    identity: Identity = Identity.VISITOR,
    view_edge: ViewEdge | None = None,
    ordered: OrderedRows | None = None,
) -> pd.DataFrame:
    """Compute every stay of every person in every zone, however short; overlapping zones each have it.

    Args:
        tracks: the columns of ``TRACK_COLUMNS``.
        spans: spans in which cameras were analysed, columns of ``SPAN_COLUMNS``; None: from first to last
            row.
        view_edge: distinguishes tracks that left the view from lost ones; None: all were lost.
        ordered: the tracks by this identity, if already ordered.

    Returns:
        The columns of ``STAY_COLUMN_NAMES``, ordered by zone (as given), entry and visitor. ``entered_s`` and
        ``left_s`` are the crossings of the outline or, if unseen, half a step before the first row or after
        the last: each row stands for its own time, as in person-seconds.
    """
    observed = None if spans is None else unite_spans(spans)
    ordered = order_rows(tracks, identity) if ordered is None else ordered
    rows = ordered.cut(
        longest_gap_s=settings.longest_gap_s,
        unobserved=None if observed is None else find_unobserved(observed),
        min_outage_s=settings.max_outage_s,
    )
    if observed is None or not len(observed):
        observed = (
            np.array([[rows.time_s.min(), rows.time_s.max()]]) if len(rows.time_s) else np.empty((0, 2))
        )
    inside = InsideDecision(
        rows=rows,
        min_sigma_m=settings.least_error_m,
        sigma_factor=settings.sigma_factor,
        evidence_s=settings.evidence_s,
    )
    parts = [_find_stays(rows=rows, zone=zone, inside=inside, settings=settings) for zone in zones]
    if not sum(len(part.first) for part in parts):
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _STAY_DTYPES.items()})
    zone = np.repeat(np.arange(len(zones)), [len(part.first) for part in parts])
    first, last, entered_s, left_s = (
        np.concatenate([getattr(part, name) for part in parts]) for name in _Stays.__slots__
    )
    start_edge, end_edge = (
        _find_edges(
            rows=rows,
            at=at,
            inward=inward,
            is_cut=is_cut[at],
            edges_s=edges_s,
            settings=settings,
            view_edge=view_edge,
        )
        for at, inward, is_cut, edges_s in (
            (first, 1, rows.is_segment_start, observed[:, 0]),
            (last, -1, rows.is_segment_end, observed[:, 1]),
        )
    )
    # somebody appeared between the previous sample and the first row, and disappeared likewise
    entered_s = entered_s - np.where(
        _is_between_samples(start_edge), _find_half_step_s(rows, first, first + 1), 0.0
    )
    left_s = left_s + np.where(_is_between_samples(end_edge), _find_half_step_s(rows, last - 1, last), 0.0)
    start_error_s, end_error_s = (
        np.where(edge == _EDGES.index(StayEdge.SEEN), _measure_edge_error(rows, at, settings), 0.0)
        for at, edge in ((first, start_edge), (last, end_edge))
    )
    visitor = rows.person_ids[rows.person[first]]
    order = np.lexsort((visitor, entered_s, zone))
    first, last = first[order], last[order]
    start_edge, end_edge = start_edge[order], end_edge[order]
    edge_names = pd.array([edge.value for edge in _EDGES], dtype="str")
    return pd.DataFrame(
        {
            "visitor": visitor[order],
            "zone": pd.array([str(zone.name) for zone in zones], dtype="str").take(zone),
            "entered_s": entered_s[order],
            "left_s": left_s[order],
            "seconds": (left_s - entered_s)[order],
            "start_edge": edge_names.take(start_edge),
            "end_edge": edge_names.take(end_edge),
            "start_x_m": rows.x_m[first],
            "start_y_m": rows.y_m[first],
            "end_x_m": rows.x_m[last],
            "end_y_m": rows.y_m[last],
            "start_error_s": start_error_s[order],
            "end_error_s": end_error_s[order],
        }
    )


def select_long_stays(*, stays: pd.DataFrame, zones: Sequence[Zone]) -> pd.DataFrame:
    """Return the stays of each person that seem to reach their zone's minimum, columns of ``VISIT_COLUMNS``.

    For ways from zone to zone; ``select_visits`` is for counts.
    """
    if not len(stays):
        return empty_table(VISIT_COLUMNS)
    minimum_s = stays["zone"].map({str(zone.name): zone.minimum_stay_s for zone in zones})
    chosen = stays[stays["seconds"] >= minimum_s - TIME_TOLERANCE_S]
    return make_visit_table(chosen.assign(probability=1.0))


def make_visit_table(chosen: pd.DataFrame) -> pd.DataFrame:
    """Return stays with their ``probability`` as visits, columns of ``VISIT_COLUMNS``, ordered by entry."""
    visits = pd.DataFrame(
        {
            "visitor": chosen["visitor"],
            "zone": chosen["zone"],
            "entered_s": chosen["entered_s"],
            "left_s": chosen["left_s"],
            "seconds": chosen["seconds"],
            "censored_start": (chosen["start_edge"] != StayEdge.SEEN.value).astype("int64"),
            "censored_end": (chosen["end_edge"] != StayEdge.SEEN.value).astype("int64"),
            "probability": chosen["probability"],
        }
    )
    if "stop_s" in chosen:
        visits["stop_s"] = chosen["stop_s"]
    visits = visits.sort_values(["entered_s", "zone", "visitor"], kind="stable", ignore_index=True)
    return visits.astype({column.name: column.dtype for column in VISIT_COLUMNS})


@dataclass(frozen=True, slots=True, eq=False)
class _Stays:
    """Stays in one zone: first and last row inside, entry and exit, shape (stays,) each."""

    first: IntArray
    last: IntArray
    entered_s: FloatArray
    left_s: FloatArray


def _find_stays(*, rows: PresenceRows, zone: Zone, inside: InsideDecision, settings: VisitSettings) -> _Stays:
    first, last = inside.find_runs(zone.outline.points)
    if not len(first):
        return _Stays(first, last, np.empty(0), np.empty(0))
    is_start, is_end = rows.is_segment_start[first], rows.is_segment_end[last]
    entered_s = _interpolate_crossing(rows, zone, first, np.where(is_start, first, first - 1))
    left_s = _interpolate_crossing(rows, zone, last, np.where(is_end, last, last + 1))
    is_own, segment = np.ones(len(first), bool), rows.find_segments(first)
    is_own[1:] = (segment[1:] != segment[:-1]) | (
        entered_s[1:] - left_s[:-1] > settings.merge_s + TIME_TOLERANCE_S
    )
    head = np.flatnonzero(is_own)
    tail = np.append(head[1:] - 1, len(first) - 1)
    return _Stays(first[head], last[tail], entered_s[head], left_s[tail])


def _interpolate_crossing(rows: PresenceRows, zone: Zone, inside: IntArray, outside: IntArray) -> FloatArray:
    """Return when the path from an inner row to its outer neighbour meets the outline, or else halfway."""
    (inner, outer), time_s = (((rows.x_m[at], rows.y_m[at]) for at in (inside, outside)), rows.time_s)
    share = find_exit_shares(from_xy_m=inner, to_xy_m=outer, points=zone.outline.points)
    share = np.where(np.isnan(share), 0.5, share)
    return np.asarray(time_s[inside] + share * (time_s[outside] - time_s[inside]), np.float64)


def _find_edges(
    *,
    rows: PresenceRows,
    at: IntArray,
    inward: int,
    is_cut: npt.NDArray[np.bool_],
    edges_s: FloatArray,
    settings: VisitSettings,
    view_edge: ViewEdge | None,
) -> IntArray:
    """Return the index in ``_EDGES`` of each stay's edge.

    Args:
        at: the first or the last row of each stay.
        edges_s: beginnings or ends of the observation, ascending.
    """
    edges = np.where(is_cut, _EDGES.index(StayEdge.LOST), _EDGES.index(StayEdge.SEEN))
    if view_edge is not None:
        at_view = find_view_crossings(rows=rows, at=at, inward=inward, settings=settings, view_edge=view_edge)
        edges[is_cut & at_view] = _EDGES.index(StayEdge.VIEW)
        at_door = view_edge.measure_door_distance(rows.x_m[at], rows.y_m[at]) <= settings.door_margin_m
        edges[is_cut & ~at_view & at_door] = _EDGES.index(StayEdge.DOOR)
    if len(edges_s):
        at_s = rows.time_s[at]
        behind = np.searchsorted(edges_s, at_s)
        before_s, behind_s = (
            np.abs(at_s - edges_s[np.clip(place, 0, len(edges_s) - 1)]) for place in (behind - 1, behind)
        )
        is_near = np.minimum(before_s, behind_s) <= settings.period_margin_s
        edges[is_cut & is_near] = _EDGES.index(StayEdge.PERIOD)
    return edges


def _find_half_step_s(rows: PresenceRows, before: IntArray, behind: IntArray) -> FloatArray:
    """Return half the time between rows, seconds; 0 between segments, and at most half a second."""
    before, behind = np.maximum(before, 0), np.minimum(behind, len(rows.time_s) - 1)
    is_within = rows.find_segments(before) == rows.find_segments(behind)
    step_s = np.where(is_within, rows.time_s[behind] - rows.time_s[before], 0.0)
    return np.asarray(np.minimum(step_s, MAX_SAMPLE_S) / 2, np.float64)


def _measure_edge_error(rows: PresenceRows, at: IntArray, settings: VisitSettings) -> FloatArray:
    """Return the standard error of the time at which a path crossed the outline near a row, seconds."""
    interval_s = rows.sample_interval_s()
    reach = max(1, round(EDGE_REACH_S / interval_s)) if interval_s > 0 else 1
    segment = rows.find_segments(at)
    before = np.maximum(at - reach, rows.segment_starts()[segment])
    behind = np.minimum(at + reach, rows.segment_ends()[segment])
    way_m = np.hypot(rows.x_m[behind] - rows.x_m[before], rows.y_m[behind] - rows.y_m[before])
    elapsed_s = np.maximum(rows.time_s[behind] - rows.time_s[before], TIME_TOLERANCE_S)
    speed_m_s = np.maximum(way_m / elapsed_s, settings.view_speed_m_s)
    return np.asarray(settings.sigma_factor * rows.sigma_m[at] / speed_m_s, np.float64)


def _is_between_samples(edge: IntArray) -> npt.NDArray[np.bool_]:
    return np.isin(edge, [_EDGES.index(cut) for cut in (StayEdge.LOST, StayEdge.VIEW, StayEdge.DOOR)])


def find_view_crossings(
    *, rows: PresenceRows, at: IntArray, inward: int, settings: VisitSettings, view_edge: ViewEdge
) -> npt.NDArray[np.bool_]:
    """Return whether a track begins (``inward`` 1) or ends (-1) in a walk across the edge of the view.

    The track must lie beside the edge, or up to a second's walk from it (the time to confirm a track), and
    lead towards the nearest unseen floor or, along an edge, reach unseen floor within another second.
    """
    interval_s = rows.sample_interval_s()
    reach = max(1, round(1.0 / interval_s)) if interval_s > 0 else 1
    starts, ends = rows.segment_starts(), rows.segment_ends()
    segment = rows.find_segments(at)
    other = np.clip(at + inward * reach, starts[segment], ends[segment])
    distance_m = view_edge.measure_distance(rows.x_m[at], rows.y_m[at])
    farther_m = view_edge.measure_distance(rows.x_m[other], rows.y_m[other])
    elapsed_s = np.abs(rows.time_s[other] - rows.time_s[at])
    with np.errstate(invalid="ignore"):
        way_m = np.where(np.isfinite(distance_m) & np.isfinite(farther_m), farther_m - distance_m, 0.0)
    way_x_m, way_y_m = rows.x_m[at] - rows.x_m[other], rows.y_m[at] - rows.y_m[other]
    leads_out = view_edge.measure_distance(rows.x_m[at] + way_x_m, rows.y_m[at] + way_y_m) == 0
    way_m = np.where(leads_out, np.hypot(way_x_m, way_y_m), way_m)
    speed_m_s = np.divide(way_m, elapsed_s, out=np.zeros_like(way_m), where=elapsed_s > 0)
    margin_m = np.maximum(np.maximum(settings.view_margin_m, 2 * rows.sigma_m[at]), speed_m_s * 1.0)
    found: npt.NDArray[np.bool_] = (distance_m <= margin_m) & (speed_m_s >= settings.view_speed_m_s)
    return found
