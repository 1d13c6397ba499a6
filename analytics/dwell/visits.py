"""Stays in zones and the visits among them, from track rows: the rule for every count and dwell time.

A stay begins when a visitor is first inside the outline, and ends when they were last inside before they
left. They have left when they were farther than the zone's leave distance (0.5 m) from the outline for longer
than its leave time (2 s), or in another zone of the same layer for longer than that, or out of the hall. The
band around the outline thus decides only whether somebody left; both moments lie on the outline, interpolated
between two rows. A stay of the zone's minimum (3 s) is a visit.

Who is unseen for a while and found again in the same zone was seen nowhere else, and has stayed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.columns import VISIT_COLUMNS
from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.floor_geometry import Polygon
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
from analytics.metrics.row_blocks import list_rows, take_blocks


@dataclass(frozen=True, slots=True)
class VisitSettings:
    """Parameters of the visit rule that all zones share, printed with every report.

    Attributes:
        longest_gap_s: over a longer time unseen, nobody is taken to have crossed an outline half-way.
        max_outage_s: no stay continues over a longer outage of the cameras. A computer that is busy for two
            or three seconds must not split everybody's visit.
        period_margin_s: a stay that begins or ends this close to an edge of the observation was cut by it;
            a tracker needs about a second to confirm a track.
        view_margin_m: a track that begins or ends this close to unseen floor, and walks from or towards it
            at no less than ``view_speed_m_s``, came from there or went there.
        door_margin_m: other tracks that begin or end this close to a door mostly came or left by it: 30 of
            35 lost ends in crowds before a door (16 people a minute).
    """

    longest_gap_s: float = 10.0
    max_outage_s: float = 5.0
    period_margin_s: float = 2.0
    view_margin_m: float = 0.75
    view_speed_m_s: float = 0.3
    door_margin_m: float = 1.3


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


COMPLETE_EDGES = (StayEdge.SEEN.value, StayEdge.VIEW.value, StayEdge.DOOR.value)
"""Edges at which a stay began or ended."""

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
    shift_m: float = 0.0,
) -> pd.DataFrame:
    """Compute every stay of every person in every zone, however short; overlapping zones each have it.

    Args:
        tracks: the columns of ``TRACK_COLUMNS``.
        spans: spans in which cameras were analysed, columns of ``SPAN_COLUMNS``; None: from first to last
            row.
        view_edge: distinguishes tracks that left the view from lost ones; None: all were lost.
        ordered: the tracks by this identity, if already ordered.
        shift_m: outlines are moved outwards by so much, as if all places were off by it.

    Returns:
        The columns of ``STAY_COLUMN_NAMES``, ordered by zone (as given), entry and visitor. ``entered_s`` and
        ``left_s`` are the crossings of the outline or, if unseen, half a step before the first row or after
        the last: each row stands for its own time, as in person-seconds.
    """
    observed = None if spans is None else unite_spans(spans)
    ordered = order_rows(tracks, identity) if ordered is None else ordered
    rows = _cut_at_outages(ordered, observed, settings)
    if observed is None or not len(observed):
        observed = (
            np.array([[rows.time_s.min(), rows.time_s.max()]]) if len(rows.time_s) else np.empty((0, 2))
        )
    runs = _find_all_runs(rows, [_move_outline(zone, shift_m) for zone in zones], settings)
    if not len(runs.first):
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _STAY_DTYPES.items()})
    stay, runs = _assign_stays(runs, rows, zones)
    head, tail = _find_heads_and_tails(stay)
    zone, first, last = runs.zone[head], runs.first[head], runs.last[tail]
    entered_s, left_s = runs.entered_s[head], runs.left_s[tail]
    start_edge, end_edge = (
        _find_edges(
            rows=rows,
            at=at,
            inward=inward,
            is_cut=is_cut,
            edges_s=edges_s,
            settings=settings,
            view_edge=view_edge,
        )
        for at, inward, is_cut, edges_s in (
            (first, 1, runs.is_start_cut[head], observed[:, 0]),
            (last, -1, runs.is_end_cut[tail], observed[:, 1]),
        )
    )
    # somebody appeared between the previous sample and the first row, and disappeared likewise
    entered_s = entered_s - np.where(
        _is_between_samples(start_edge), _find_half_step_s(rows, first, first + 1), 0.0
    )
    left_s = left_s + np.where(_is_between_samples(end_edge), _find_half_step_s(rows, last - 1, last), 0.0)
    visitor = rows.person_ids[rows.person[first]]
    order = np.lexsort((visitor, entered_s, zone))
    first, last = first[order], last[order]
    start_edge, end_edge = start_edge[order], end_edge[order]
    edge_names = pd.array([edge.value for edge in _EDGES], dtype="str")
    return pd.DataFrame(
        {
            "visitor": visitor[order],
            "zone": pd.array([str(zone.name) for zone in zones], dtype="str").take(zone[order]),
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


def _move_outline(zone: Zone, shift_m: float) -> Zone:
    if not shift_m:
        return zone
    moved = zone.outline.to_shape().buffer(shift_m, join_style="mitre")
    if moved.is_empty or moved.geom_type != "Polygon":
        return zone
    return replace(zone, outline=Polygon(tuple((x_m, y_m) for x_m, y_m in moved.exterior.coords[:-1])))


def list_presence(
    *, ordered: OrderedRows, zones: Sequence[Zone], spans: pd.DataFrame | None, settings: VisitSettings
) -> pd.DataFrame:
    """Return when somebody was inside an outline: ``zone``, ``entered_s``, ``left_s``.

    Unlike a stay it ends with every step over the outline: it is for the people in a zone at a moment.
    """
    observed = None if spans is None else unite_spans(spans)
    runs = _find_all_runs(_cut_at_outages(ordered, observed, settings), zones, settings)
    names = pd.array([str(zone.name) for zone in zones], dtype="str")
    return pd.DataFrame({"zone": names.take(runs.zone), "entered_s": runs.entered_s, "left_s": runs.left_s})


def select_visits(*, stays: pd.DataFrame, zones: Sequence[Zone]) -> pd.DataFrame:
    """Return the stays that reach their zone's minimum, columns of ``VISIT_COLUMNS``, ordered by entry.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES``; with ``stop_s`` the visits have it, too.
    """
    minimum_s = stays["zone"].map({str(zone.name): zone.minimum_stay_s for zone in zones}).astype("float64")
    chosen = stays[stays["seconds"] >= minimum_s - TIME_TOLERANCE_S]
    visits = pd.DataFrame(
        {
            "visitor": chosen["visitor"],
            "zone": chosen["zone"],
            "entered_s": chosen["entered_s"],
            "left_s": chosen["left_s"],
            "seconds": chosen["seconds"],
            "censored_start": chosen["start_edge"] != StayEdge.SEEN.value,
            "censored_end": chosen["end_edge"] != StayEdge.SEEN.value,
        }
    ).astype({column.name: column.dtype for column in VISIT_COLUMNS})
    if "stop_s" in chosen:
        visits["stop_s"] = chosen["stop_s"]
    return visits.sort_values(["entered_s", "zone", "visitor"], kind="stable", ignore_index=True)


@dataclass(frozen=True, slots=True, eq=False)
class _Runs:
    """Unbroken stretches of rows inside zones, shape (runs,) each.

    Attributes:
        band: number of the stay that the band around the outline makes of runs, rising within a zone.
        is_start_cut, is_end_cut: the visitor was not seen to cross the outline.
    """

    zone: IntArray
    first: IntArray
    last: IntArray
    entered_s: FloatArray
    left_s: FloatArray
    band: IntArray
    is_start_cut: BoolArray
    is_end_cut: BoolArray


def _cut_at_outages(
    ordered: OrderedRows, observed: FloatArray | None, settings: VisitSettings
) -> PresenceRows:
    return ordered.cut(
        longest_gap_s=np.inf,
        unobserved=None if observed is None else find_unobserved(observed),
        min_outage_s=settings.max_outage_s,
    )


def _find_all_runs(rows: PresenceRows, zones: Sequence[Zone], settings: VisitSettings) -> _Runs:
    parts = [_find_runs(rows, zone, number, settings) for number, zone in enumerate(zones)]
    if not parts:
        return _Runs(*np.empty((len(_Runs.__slots__), 0), np.int64))
    return _Runs(*(np.concatenate([getattr(part, name) for part in parts]) for name in _Runs.__slots__))


def _find_runs(rows: PresenceRows, zone: Zone, number: int, settings: VisitSettings) -> _Runs:
    near, depth_m = _find_near_rows(rows, zone)
    is_inside = depth_m >= 0
    follows = np.zeros(len(near), bool)
    follows[1:] = (near[1:] == near[:-1] + 1) & ~rows.is_segment_start[near[1:]]
    has_left = ~follows
    apart = np.flatnonzero(~follows[1:]) + 1
    apart = apart[rows.find_segments(near[apart]) == rows.find_segments(near[apart - 1])]
    away_s = _find_return_s(rows, zone, near[apart], -1) - _find_return_s(rows, zone, near[apart - 1], 1)
    has_left[apart] = away_s > zone.leave_time_s + TIME_TOLERANCE_S
    starts, ends = is_inside.copy(), is_inside.copy()
    starts[1:] &= ~(is_inside[:-1] & follows[1:])
    ends[:-1] &= ~(is_inside[1:] & follows[1:])
    first, last = near[starts], near[ends]
    is_start_cut = rows.is_segment_start[first] | _is_gap(rows, first, settings)
    is_end_cut = rows.is_segment_end[last] | _is_gap(rows, last + 1, settings)
    return _Runs(
        zone=np.full(len(first), number),
        first=first,
        last=last,
        entered_s=_interpolate_crossing(rows, zone, first, np.where(is_start_cut, first, first - 1)),
        left_s=_interpolate_crossing(rows, zone, last, np.where(is_end_cut, last, last + 1)),
        band=np.cumsum(has_left)[starts],
        is_start_cut=is_start_cut,
        is_end_cut=is_end_cut,
    )


def _find_near_rows(rows: PresenceRows, zone: Zone) -> tuple[IntArray, FloatArray]:
    """Return the rows inside the zone or in the band around it, in order, and their depth in metres."""
    points, reach_m = zone.outline.points, zone.leave_distance_m
    blocks = rows.blocks.find_near_blocks(points, reach_m)
    depth_m = measure_depth_near(
        take_blocks(rows.x_m, blocks),
        take_blocks(rows.y_m, blocks),
        points=points,
        half_planes=find_half_planes(points),
        reach_m=reach_m,
    )
    is_near = depth_m >= -reach_m
    return list_rows(blocks, len(rows.time_s))[is_near], depth_m[is_near]


def _find_return_s(rows: PresenceRows, zone: Zone, near: IntArray, way: int) -> FloatArray:
    """Return when paths meet the outer edge of the band, between near rows and their far neighbours.

    Args:
        way: 1 where the following row is far, -1 where the previous one is.
    """
    depth_m, far_depth_m = (
        measure_depth(rows.x_m[at], rows.y_m[at], points=zone.outline.points) for at in (near, near + way)
    )
    share = (depth_m + zone.leave_distance_m) / np.maximum(depth_m - far_depth_m, 1e-9)
    return np.asarray(rows.time_s[near] + share * (rows.time_s[near + way] - rows.time_s[near]), np.float64)


def _is_gap(rows: PresenceRows, at: IntArray, settings: VisitSettings) -> BoolArray:
    """Return whether nobody saw the visitor for long before each row."""
    at = np.minimum(at, len(rows.time_s) - 1)
    return np.asarray(rows.time_s[at] - rows.time_s[np.maximum(at - 1, 0)] > settings.longest_gap_s, bool)


def _assign_stays(runs: _Runs, rows: PresenceRows, zones: Sequence[Zone]) -> tuple[IntArray, _Runs]:
    """Return the stay of every run, and the runs in the same order, without those that belong to none.

    Runs of one stay are neighbours. A visitor is in one zone of a layer at a time: they stay in the first
    until they have left it, so that a shorter step into the next stand belongs to the stay in the first.
    """
    layer, segment = find_layers(zones)[runs.zone], rows.find_segments(runs.first)
    order = np.lexsort((runs.first, runs.entered_s, segment, layer))
    runs = _take(runs, order)
    layer, segment = layer[order], segment[order]
    _, stay = np.unique(np.column_stack([runs.zone, segment, runs.band]), axis=0, return_inverse=True)
    stay = stay.astype(np.int64)
    end_s = np.full(stay.max() + 1, -np.inf)
    np.maximum.at(end_s, stay, runs.left_s)
    is_same = np.append(False, (layer[1:] == layer[:-1]) & (segment[1:] == segment[:-1]))
    meets = (
        np.flatnonzero(is_same[1:] & (stay[1:] != stay[:-1]) & (end_s[stay[:-1]] > runs.entered_s[1:])) + 1
    )
    entered_s = runs.entered_s.copy()
    begins = np.flatnonzero(~is_same)
    for group in np.unique(np.searchsorted(begins, meets, side="right") - 1).tolist():
        own = slice(begins[group], begins[group + 1] if group + 1 < len(begins) else len(stay))
        _part_stays(runs, own, zones, stay, entered_s, end_s)
    kept = np.flatnonzero(stay >= 0)
    kept = kept[np.lexsort((kept, stay[kept]))]
    return stay[kept], _take(replace(runs, entered_s=entered_s), kept)


def _part_stays(  # noqa: PLR0917 - the columns of the runs
    runs: _Runs, own: slice, zones: Sequence[Zone], stay: IntArray, entered_s: FloatArray, end_s: FloatArray
) -> None:
    """Part the stays of one visitor in the zones of one layer, in place; -1 for a run that is in no stay."""
    band, number = stay[own].copy(), int(stay.max())
    current, leave_time_s, left_s = -1, 0.0, -np.inf
    for place, at in enumerate(range(own.start, own.stop)):
        if band[place] != current:
            begins_s = max(entered_s[at], left_s)
            least_s = leave_time_s if current >= 0 and end_s[current] > begins_s else 0.0
            # one row alone has no length, and is a stay where it is in no other
            since_s = begins_s if least_s else left_s
            if runs.left_s[at] - since_s <= least_s + TIME_TOLERANCE_S and current >= 0:
                stay[at] = -1
                continue
            entered_s[at], current = begins_s, band[place]
            leave_time_s = zones[runs.zone[at]].leave_time_s
            number += 1
        stay[at] = number
        left_s = max(left_s, runs.left_s[at])


def _take(runs: _Runs, order: IntArray) -> _Runs:
    return _Runs(*(getattr(runs, name)[order] for name in _Runs.__slots__))


def _find_heads_and_tails(stay: IntArray) -> tuple[IntArray, IntArray]:
    head = np.flatnonzero(np.append(True, stay[1:] != stay[:-1]))
    return head, np.append(head[1:], len(stay)) - 1


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


OVERLAP_SHARE = 0.05
"""Outlines of neighbours, drawn by hand, overlap by less of the smaller one."""


def find_layers(zones: Sequence[Zone]) -> IntArray:
    """Return the layer of every zone, 0 and up, shape (zones,).

    Stands (whatever visitors come for) are in a layer of their own, and so is each other kind. A zone that
    overlaps one of its kind, such as a part of a stand, is in a further layer.
    """
    layers: list[list[Zone]] = []
    found = []
    for zone in zones:
        shape = zone.outline.to_shape()
        for number, others in enumerate(layers):
            if _is_alike(zone, others[0]) and all(
                shape.intersection(other.outline.to_shape()).area
                <= OVERLAP_SHARE * min(shape.area, other.outline.to_shape().area)
                for other in others
            ):
                others.append(zone)
                found.append(number)
                break
        else:
            found.append(len(layers))
            layers.append([zone])
    return np.array(found, np.int64)


def _is_alike(zone: Zone, other: Zone) -> bool:
    return zone.kind == other.kind or (zone.is_stand and other.is_stand)
