"""Stays in zones and the visits among them, from track rows: the rule of every count and dwell time.

Positions have errors, so that the outline alone would make many stays of one; who is inside is therefore
decided over a stretch of time (``inside_decision``), and a stay lasts from the crossing of the outline to the
crossing back, between two rows on the straight line. A leave and re-entry within 2 s is one stay. A stay of
at least the zone's minimum (3 s) is a visit.
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
from analytics.metrics.floor_distance import find_half_planes, find_way_out, measure_depth, measure_depth_near
from analytics.metrics.observation import find_unobserved, unite_spans
from analytics.metrics.presence import TIME_TOLERANCE_S, Identity, OrderedRows, PresenceRows, order_rows
from analytics.metrics.row_blocks import ROWS, list_rows, take_blocks

MAX_LOG_ODDS = 6.0
"""One position proves no more than 400 to 1, however deep it lies: it may be somebody else's."""
CERTAIN_SIGMAS = 2.86
"""At this depth, in position errors, the log odds reach their largest value."""
ROUNDING_SLACK = 1e-6
"""Of sums over many rows, log odds times seconds."""
MAX_WEIGHT_S = 0.5
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
        self._min_sigma_m, self._sigma_factor = smallest_sigma_m, sigma_factor
        self._evidence_s = evidence_s
        if evidence_s > 0:
            self._weight_s = _weigh_rows(rows)
            sigma_m = np.maximum(smallest_sigma_m, sigma_factor * self._blocks.max_sigma_m)
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
            near = self._blocks.find_near(points, min_reach_m=REACH_SLACK_M, reach_sigmas=0.0)
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
        sigma_m = np.maximum(self._min_sigma_m, self._sigma_factor * take_blocks(rows.sigma_m, blocks))
        scaled = depth / np.maximum(sigma_m, 1e-9)
        near = np.flatnonzero(scaled > -CERTAIN_SIGMAS)
        evidence = _measure_odds(scaled[near]) * take_blocks(self._weight_s, blocks)[near]
        return list_rows(blocks, len(rows.time_s))[near], evidence

    def _find_long_blocks(self) -> BoolArray:
        """Full blocks of one segment in which rows deep inside prove it whatever was before."""
        begins = np.arange(0, len(self._weight_s), ROWS)
        if not len(begins):
            return np.zeros(0, bool)
        proof = MAX_LOG_ODDS * np.add.reduceat(self._weight_s, begins)
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
    odds = np.full(len(scaled), MAX_LOG_ODDS)
    doubted = np.flatnonzero(scaled < CERTAIN_SIGMAS)
    depth = scaled[doubted]
    odds[doubted] = np.clip(log_ndtr(depth) - log_ndtr(-depth), -MAX_LOG_ODDS, MAX_LOG_ODDS)
    return odds


def _weigh_rows(rows: PresenceRows) -> FloatArray:
    """The seconds for which each row speaks, shape (n,)."""
    weight_s = np.empty(len(rows.time_s))
    np.subtract(rows.time_s[1:], rows.time_s[:-1], out=weight_s[1:])
    weight_s[rows.segment_starts()] = rows.sample_interval_s() or MAX_WEIGHT_S
    return np.minimum(weight_s, MAX_WEIGHT_S, out=weight_s)


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


@dataclass(frozen=True, slots=True)
class VisitSettings:
    """The parameters of the visit rule; printed with every report.

    Attributes:
        hysteresis_m: breadth of the band about the outline within which a single position proves nothing:
            two position errors, however small the errors are.
        sigma_factor: the position errors over those that the rows state; these hold the calibration's.
        evidence_s: log odds times seconds by which positions must speak for the other side before a person
            has changed sides. Less makes more visits of people who stand at an outline, more loses short
            visits near it. Found with tracked scenes of two simulators at 2 and 5 frames a second (3 to 6
            seeds each of a busy, a dense and the second simulator's hall): at 1.5 visits, mean and median
            dwell come out at 0.94 to 0.99, 0.95 to 1.00 and 0.94 to 1.10 of the truth, at 2.0 at 0.91 to
            0.99, 0.97 to 1.02 and 0.96 to 1.14, and at 1.2 at 0.95 to 1.00, 0.94 to 0.99 and 0.90 to 1.08;
            and errors of up to 0.35 m more, that last for 0.5 to 10 s, make up to 10 % more visits at 1.2.
        merge_s: a leave and re-entry within this time is one stay.
        longest_gap_s: a person unseen for longer is not taken to have stayed.
        max_outage_s: nor is anybody while nobody looked for longer, which is as long as tracklets are
            stitched over an outage. A computer that is busy for two or three seconds must not make two visits
            of everybody who is there: in six scenes of ten minutes, four such stalls made 48 of 1,337.
        period_margin_s: a stay that begins or ends this close to an edge of the observation was cut by it;
            a tracker needs about a second to confirm a track.
        view_margin_m: a track that begins or ends this close to unseen floor, and walks from or towards it
            at no less than ``view_speed_m_s``, came from there or went there.
    """

    hysteresis_m: float = 0.25
    sigma_factor: float = 1.0
    evidence_s: float = 1.5
    merge_s: float = 2.0
    longest_gap_s: float = 10.0
    max_outage_s: float = 5.0
    period_margin_s: float = 2.0
    view_margin_m: float = 0.75
    view_speed_m_s: float = 0.3


MAX_SAMPLE_S = 1.0
"""A longer step between two rows is a gap in what was seen, and no sampling."""
EXACT_VISITS = VisitSettings(hysteresis_m=0.0, sigma_factor=0.0, evidence_s=0.0)
"""For exact positions, such as truth: the outline itself decides."""


class StayEdge(StrEnum):
    """How the start or the end of a stay came about; only a seen one is a complete edge."""

    SEEN = "seen"
    """The same person was followed from one side of the outline to the other."""
    LOST = "lost"
    """The track began or ended inside: an identity was lost."""
    VIEW = "view"
    """The track began or ended inside, as the person walked in from or out to floor that no camera sees."""
    PERIOD = "period"
    """The observation began or ended, or was interrupted."""


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
}
STAY_COLUMN_NAMES = tuple(_STAY_DTYPES)
"""The positions are those of the first and of the last row inside."""


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
    """Every stay of every person in every zone, however short; a person in overlapping zones is in each.

    Args:
        tracks: the columns of ``TRACK_COLUMNS``.
        spans: when cameras were analysed, the columns of ``SPAN_COLUMNS``; None: from first to last row.
        view_edge: tells a track that left the view from one that was lost; None: every one was lost.
        ordered: the tracks by this identity, where they are ordered already.

    Returns:
        The columns of ``STAY_COLUMN_NAMES``, ordered by zone (as given), entry and visitor. ``entered_s`` and
        ``left_s`` are when the outline was crossed or, where that was not seen, half a
        step before the first row or after the last: each row stands for its own time, as in person-seconds.
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
        smallest_sigma_m=settings.hysteresis_m / 2,
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
    # somebody appeared between the moment before and the first row, and disappeared likewise
    entered_s = entered_s - np.where(
        _is_between_samples(start_edge), _halve_step(rows, first, first + 1), 0.0
    )
    left_s = left_s + np.where(_is_between_samples(end_edge), _halve_step(rows, last - 1, last), 0.0)
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
        }
    )


def select_visits(*, stays: pd.DataFrame, zones: Sequence[Zone]) -> pd.DataFrame:
    """The stays that are visits: at least as long as their zone's minimum. Columns of ``VISIT_COLUMNS``."""
    if not len(stays):
        return empty_table(VISIT_COLUMNS)
    minimum_s = stays["zone"].map({str(zone.name): zone.minimum_stay_s for zone in zones})
    chosen = stays[stays["seconds"] >= minimum_s - TIME_TOLERANCE_S]
    visits = pd.DataFrame(
        {
            "visitor": chosen["visitor"],
            "zone": chosen["zone"],
            "entered_s": chosen["entered_s"],
            "left_s": chosen["left_s"],
            "seconds": chosen["seconds"],
            "censored_start": (chosen["start_edge"] != StayEdge.SEEN.value).astype("int64"),
            "censored_end": (chosen["end_edge"] != StayEdge.SEEN.value).astype("int64"),
        }
    )
    visits = visits.sort_values(["entered_s", "zone", "visitor"], kind="stable", ignore_index=True)
    return visits.astype({column.name: column.dtype for column in VISIT_COLUMNS})


def compute_visits(
    *, tracks: pd.DataFrame, zones: Sequence[Zone], spans: pd.DataFrame | None, settings: VisitSettings
) -> pd.DataFrame:
    """The visits of every person, columns of ``VISIT_COLUMNS``, ordered by entry.

    A visit is censored at its start or end where that was not seen: the track began or ended inside, or the
    observation did. Its seconds are then a lower limit and are never to be averaged as if complete.
    """
    return select_visits(
        stays=compute_stays(tracks=tracks, zones=zones, spans=spans, settings=settings), zones=zones
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Stays:
    """Stays in one zone: the first and the last row inside, entry and exit, shape (stays,) each."""

    first: IntArray
    last: IntArray
    entered_s: FloatArray
    left_s: FloatArray


def _find_stays(*, rows: PresenceRows, zone: Zone, inside: InsideDecision, settings: VisitSettings) -> _Stays:
    first, last = inside.find_runs(zone.outline.points)
    if not len(first):
        return _Stays(first, last, np.empty(0), np.empty(0))
    is_start, is_end = rows.is_segment_start[first], rows.is_segment_end[last]
    entered_s = _date_crossing(rows, zone, first, np.where(is_start, first, first - 1))
    left_s = _date_crossing(rows, zone, last, np.where(is_end, last, last + 1))
    is_own, segment = np.ones(len(first), bool), rows.find_segments(first)
    is_own[1:] = (segment[1:] != segment[:-1]) | (
        entered_s[1:] - left_s[:-1] > settings.merge_s + TIME_TOLERANCE_S
    )
    head = np.flatnonzero(is_own)
    tail = np.append(head[1:] - 1, len(first) - 1)
    return _Stays(first[head], last[tail], entered_s[head], left_s[tail])


def _date_crossing(rows: PresenceRows, zone: Zone, inside: IntArray, outside: IntArray) -> FloatArray:
    """When the way from an inner row to its outer neighbour meets the outline; where it does not, halfway."""
    (inner, outer), time_s = (((rows.x_m[at], rows.y_m[at]) for at in (inside, outside)), rows.time_s)
    share = find_way_out(from_xy_m=inner, to_xy_m=outer, points=zone.outline.points)
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
    """Of each stay the place of its edge's kind among ``_EDGES``.

    Args:
        at: the first or the last row of each stay.
        edges_s: where the observation began or ended, ascending.
    """
    edges = np.where(is_cut, _EDGES.index(StayEdge.LOST), _EDGES.index(StayEdge.SEEN))
    if view_edge is not None:
        at_view = find_walks_across(rows=rows, at=at, inward=inward, settings=settings, view_edge=view_edge)
        edges[is_cut & at_view] = _EDGES.index(StayEdge.VIEW)
    if len(edges_s):
        at_s = rows.time_s[at]
        behind = np.searchsorted(edges_s, at_s)
        before_s, behind_s = (
            np.abs(at_s - edges_s[np.clip(place, 0, len(edges_s) - 1)]) for place in (behind - 1, behind)
        )
        is_near = np.minimum(before_s, behind_s) <= settings.period_margin_s
        edges[is_cut & is_near] = _EDGES.index(StayEdge.PERIOD)
    return edges


def _halve_step(rows: PresenceRows, before: IntArray, behind: IntArray) -> FloatArray:
    """Half the time from row to row, seconds; 0 between two segments, and never more than half a second."""
    before, behind = np.maximum(before, 0), np.minimum(behind, len(rows.time_s) - 1)
    is_within = rows.find_segments(before) == rows.find_segments(behind)
    step_s = np.where(is_within, rows.time_s[behind] - rows.time_s[before], 0.0)
    return np.asarray(np.minimum(step_s, MAX_SAMPLE_S) / 2, np.float64)


def _is_between_samples(edge: IntArray) -> npt.NDArray[np.bool_]:
    return np.isin(edge, (_EDGES.index(StayEdge.LOST), _EDGES.index(StayEdge.VIEW)))


def find_walks_across(
    *, rows: PresenceRows, at: IntArray, inward: int, settings: VisitSettings, view_edge: ViewEdge
) -> npt.NDArray[np.bool_]:
    """Whether a track begins (``inward`` 1) or ends (-1) in a walk across the edge of the view.

    Beside the edge, or up to a second's walk from it: a tracker needs as long to confirm a track. Towards the
    nearest unseen floor, or, along an edge, so that another second of the walk leads to unseen floor.
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
