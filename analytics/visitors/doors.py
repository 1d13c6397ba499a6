"""Doors, stairs and lifts inside the view: places of the floor at which people come and go.

They are known from entrance and exit zones, from counting lines of these kinds, and learned from where
walkers' tracks begin and end amid visible floor. A walker lost behind somebody or something is found farther
along the same way; a walker lost at a door is not, and whoever appears there next comes the other way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.floor_geometry import Point, Polygon
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.metrics.coverage import CameraView, ViewEdge
from analytics.visitors.switches.turnover_map import EDGE_CELL_M
from analytics.visitors.tracklet_ends import WINDOW_S, EndStates, estimate_first_states, estimate_last_states
from analytics.visitors.tracklet_pairs import STEP_S, TrackletSamples, sample_tracklets
from analytics.visitors.tracklet_rows import TrackletRows, split_pieces
from analytics.visitors.visitor_settings import DOORS, SCALES

DOOR_KINDS = (ZoneKind.ENTRANCE, ZoneKind.EXIT)


@dataclass(frozen=True, slots=True)
class LearnedDoor:
    """A place amid visible floor at which many people appear and disappear, though nothing is drawn there."""

    place_m: Point
    appeared: int
    disappeared: int


@dataclass(frozen=True, slots=True, eq=False)
class Doors:
    """Floor at which people come and go.

    Attributes:
        floor: of all doors, drawn and learned; may be empty.
    """

    floor: shapely.Geometry
    learned: tuple[LearnedDoor, ...] = ()


NO_DOORS = Doors(shapely.GeometryCollection())


def draw_doors(zones: Sequence[Zone], lines: Sequence[CountingLine]) -> shapely.Geometry:
    """Return the floor of entrance and exit zones, and around lines of these kinds."""
    return shapely.union_all(
        [zone.outline.to_shape() for zone in zones if zone.is_door]
        + [line.path.to_shape().buffer(DOORS.radius_m) for line in lines if line.kind in DOOR_KINDS]
    )


def find_doors(
    rows: TrackletRows,
    *,
    views: Sequence[CameraView],
    outline: Polygon,
    zones: Sequence[Zone],
    lines: Sequence[CountingLine],
    not_doors: Sequence[Point] = (),
) -> Doors:
    """Return the doors of a floor.

    A line counts if more tracks begin or end beside it than go on across it: one across an aisle is no place
    where people vanish, of whatever kind it is.

    Args:
        views: of the cameras; without its view, no door is learned from a camera, as the edge of its picture
            would be taken for one.
        outline: of the floor.
        not_doors: places near which no door is learned, since a user said that there is none.
    """
    if not len(rows):
        return Doors(draw_doors(zones, ()))
    first, last = estimate_first_states(rows), estimate_last_states(rows)
    used = [line for line in lines if _is_used(draw_doors((), [line]), rows, first, last)]
    known = draw_doors(zones, used)
    edges = {
        camera: ViewEdge(views=[view], around=outline, cell_m=EDGE_CELL_M)
        for view in views
        for camera, name in enumerate(rows.camera_names)
        if name == view.camera
    }
    refused = shapely.union_all([known, *(shapely.Point(place) for place in not_doors)])
    learned = _learn(rows, first, last, edges=edges, known=refused)
    return Doors(shapely.union_all([known, outline_learned(learned)]), learned)


def outline_learned(learned: Sequence[LearnedDoor]) -> shapely.Geometry:
    """Return the floor of learned doors."""
    return shapely.union_all([shapely.Point(door.place_m).buffer(DOORS.radius_m) for door in learned])


def _is_used(floor: shapely.Geometry, rows: TrackletRows, first: EndStates, last: EndStates) -> bool:
    """Return whether tracks that come to the floor around a line mostly begin or end there."""
    if shapely.is_empty(floor):
        return False
    away_m = np.stack(
        [shapely.distance(floor, shapely.points(states.x_m, states.y_m)) for states in (first, last)]
    )
    is_turnover = away_m <= SCALES.place_m
    there = shapely.contains_xy(floor, rows.x_m, rows.y_m)
    passes = np.bincount(rows.piece_of_rows()[there], minlength=len(rows)) > 0
    return bool(np.count_nonzero(is_turnover) >= np.count_nonzero(passes & ~is_turnover.any(axis=0)))


def _learn(
    rows: TrackletRows,
    first: EndStates,
    last: EndStates,
    *,
    edges: Mapping[int, ViewEdge],
    known: shapely.Geometry,
) -> tuple[LearnedDoor, ...]:
    samples, origin_s = sample_tracklets(rows), float(rows.time_s.min())
    soonest_s, latest_s = origin_s + DOORS.margin_s, float(rows.time_s.max()) - DOORS.margin_s
    pieces, ends = [], []
    for states, sign in ((last, 1), (first, -1)):
        is_open = _is_candidate(states, edges, known)
        is_open &= (states.time_s >= soonest_s) & (states.time_s <= latest_s)
        piece = np.flatnonzero(is_open)
        piece = piece[~_goes_on(samples, states.take(piece), piece, sign=sign, origin_s=origin_s)]
        pieces.append(piece)
        ends.append(states.take(piece))
    if not all(map(len, pieces)):
        return ()
    xy_m = np.concatenate([np.column_stack([of.x_m, of.y_m]) for of in ends])
    way = np.concatenate([np.column_stack([of.vx_m_s, of.vy_m_s]) for of in ends])
    way /= np.hypot(*way.T)[:, None]
    piece, piece_of_rows = np.concatenate(pieces), rows.piece_of_rows()
    goes = np.arange(len(piece)) < len(pieces[0])
    tree = cKDTree(xy_m)
    is_free = np.ones(len(xy_m), bool)
    doors: list[LearnedDoor] = []
    near = tree.query_ball_point(xy_m, SCALES.place_m)
    order = np.argsort([-len(members) for members in near], kind="stable")
    for event in order.tolist():
        members = np.array(near[event])
        members = members[is_free[members]]
        if not is_free[event] or len(members) < DOORS.min_events:
            continue
        leaving, coming = members[goes[members]], members[~goes[members]]
        is_free[members] = False
        if min(len(leaving), len(coming)) < SCALES.fewest:
            continue
        if float(way[leaving].mean(axis=0) @ way[coming].mean(axis=0)) > DOORS.max_along:
            continue
        x_m, y_m = np.median(xy_m[members], axis=0).tolist()
        is_there = np.hypot(rows.x_m - x_m, rows.y_m - y_m) <= SCALES.place_m
        there = np.count_nonzero(np.bincount(piece_of_rows[is_there]))
        if len(np.unique(piece[members])) < DOORS.min_share * there:
            continue
        is_free[tree.query_ball_point((x_m, y_m), 2 * SCALES.place_m)] = False
        doors.append(LearnedDoor((x_m, y_m), len(coming), len(leaving)))
    return tuple(doors)


def _is_candidate(states: EndStates, edges: Mapping[int, ViewEdge], known: shapely.Geometry) -> BoolArray:
    """Return which ends are walkers' amid the view of their camera, and not at a known door."""
    edge_m = np.zeros(len(states))
    for camera, edge in edges.items():
        own = states.camera == camera
        edge_m[own] = edge.measure_distance(states.x_m[own], states.y_m[own])
    is_walking = np.hypot(states.vx_m_s, states.vy_m_s) >= SCALES.slow_m_s
    away_m: FloatArray = np.full(len(states), np.inf)
    if not shapely.is_empty(known):
        away_m = np.asarray(shapely.distance(known, shapely.points(states.x_m, states.y_m)))
    found: BoolArray = is_walking & (edge_m >= DOORS.edge_m) & (away_m > 2 * SCALES.place_m)
    return found


def _goes_on(
    samples: TrackletSamples, states: EndStates, piece: IntArray, *, sign: int, origin_s: float
) -> BoolArray:
    """Return from which ends of pieces somebody goes on, or came to which beginnings (``sign`` -1).

    Somebody is seen farther along the way when a walk leads there, by whichever camera, in a track that was
    there before or in a new one.
    """
    following = np.minimum(np.arange(len(samples.step)) + 1, samples.offset[samples.piece + 1] - 1)
    before = np.maximum(following - 1, samples.offset[samples.piece])
    goes_on = np.zeros(len(states), bool)
    for way_m in DOORS.beyond_m:
        at_s = states.time_s + sign * way_m / np.hypot(states.vx_m_s, states.vy_m_s)
        step = np.round((at_s - origin_s) / STEP_S).astype(np.int64)
        gap_s = origin_s + step * STEP_S - states.time_s
        x_m, y_m = states.x_m + gap_s * states.vx_m_s, states.y_m + gap_s * states.vy_m_s
        seen, end = samples.find_around(step, x_m, y_m, reach_m=SCALES.apart_m)
        along = (samples.x_m[following] - samples.x_m[before])[seen] * states.vx_m_s[end]
        along += (samples.y_m[following] - samples.y_m[before])[seen] * states.vy_m_s[end]
        goes_on[end[(along > 0) & (samples.piece[seen] != piece[end])]] = True
    return goes_on


def cut_at_doors(rows: TrackletRows, doors: Doors) -> TrackletRows:
    """Return the rows with pieces cut that walk into a door and at once, or unseen, out of it again.

    A tracker holds on to who went through a door until the next person comes out of it. What it drew in
    between is left out.
    """
    if shapely.is_empty(doors.floor):
        return rows
    low_x, low_y, high_x, high_y = shapely.bounds(shapely.buffer(doors.floor, DOORS.inside_m))
    close = np.flatnonzero(
        (rows.x_m >= low_x) & (rows.x_m <= high_x) & (rows.y_m >= low_y) & (rows.y_m <= high_y)
    )
    away_m = shapely.distance(doors.floor, shapely.points(rows.x_m[close], rows.y_m[close]))
    close = close[away_m <= DOORS.inside_m]
    if not len(close):
        return rows
    piece = rows.find_pieces(close)
    borders = np.flatnonzero((np.diff(close) > 1) | (np.diff(piece) != 0)) + 1
    cut, at_s, is_drawn = [], [], np.zeros(len(rows.time_s), bool)
    for run in np.split(close, borders):
        own = int(rows.find_pieces(run[:1])[0])
        begin_s, end_s = rows.time_s[run[[0, -1]]]
        before, after = rows.find_rows(np.array([own, own]), np.array([begin_s - WINDOW_S, end_s + WINDOW_S]))
        after = min(after, rows.ends[own] - 1)
        way = [
            np.array([rows.x_m[outer] - rows.x_m[inner], rows.y_m[outer] - rows.y_m[inner]])
            for outer, inner in ((before, run[0]), (after, run[-1]))
        ]
        turns = min(float(np.hypot(*part)) for part in way) >= DOORS.walks_m and way[0] @ way[1] > 0
        unseen = run[~rows.is_seen[run]]
        if not turns or (not len(unseen) and end_s - begin_s > WINDOW_S):
            continue
        is_drawn[unseen] = True
        middle = unseen[len(unseen) // 2] if len(unseen) else run[len(run) // 2]
        cut.append(own)
        at_s.append(float(rows.time_s[middle]))
    if not cut:
        return rows
    rows = split_pieces(rows, piece=np.array(cut), at_s=np.array(at_s))
    return rows.leave_out(is_drawn)[0]
