"""Tails of full queues outside their zones, and the speed of people walking past them."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from analytics.domain.arrays import FloatArray, IntArray
from analytics.domain.zone import Zone, ZoneKind
from analytics.metrics.presence import PresenceRows
from analytics.metrics.speed import STANDING_M_S, measure_velocity
from analytics.rollups.open_floor import find_open_floor
from analytics.rollups.stretch import Stretch, cache_by_stretch

QUEUE_TAIL_COLUMN_NAMES = (
    "zone",
    "minute_s",
    "tail",
    "tail_x_m",
    "tail_y_m",
    "walkers",
    "walking_s",
    "way_m",
)
"""Columns of the table. ``minute_s``: start of a minute of the UTC clock. ``tail``: mean number of people
who stand outside the queue's zone, enter it at some time, and are connected with it, each within
``LINK_M`` of the next standing person or of the zone; ``tail_x_m`` and ``tail_y_m`` the sums of their
coordinates over the people and moments of the minute, over the moments. ``walkers``, ``walking_s`` and
``way_m`` (speed times seconds) are of other people who walk within ``NEARBY_M`` of where the tail stands
in the stretch, also in minutes without it. People who wait or are served are left out, and so are those
who come to do so or have done so within ``APPROACH_S``. Queues that never have a tail of ``MIN_TAIL`` have
no rows."""
LINK_M = 1.2
"""Maximum distance in a tail: people in a queue stand less than a metre apart (Fruin's level D of queueing
and worse), and a position may be off by some decimetres."""
NEARBY_M = 1.5
"""Walkers within this distance of standing people have to give way to them."""
APPROACH_S = 60.0
"""Longer than the way to a queue's end, and than that from the counter out of sight of the queue."""
MIN_TAIL = 2
SAMPLE_S = 10.0
"""Sampling interval of the tail."""
_MINUTE_S = 60.0
_GAP_S = 1.5


def tabulate_queue_tails(stretch: Stretch) -> pd.DataFrame:
    """Return one row per queue and minute with people standing or walking outside."""
    parts = [
        part
        for zone, tail in _find_tails(stretch).items()
        if (part := _tabulate_queue(stretch, zone, tail)) is not None
    ]
    if parts:
        return pd.concat(parts, ignore_index=True)
    table = pd.DataFrame({name: pd.Series(dtype="float64") for name in QUEUE_TAIL_COLUMN_NAMES})
    return table.astype({"zone": "str"})


def find_queueing_stops(stretch: Stretch) -> pd.DataFrame:
    """Return the stops in the tails of queues: rows of the stretch's ``stops``."""
    chosen = [stop for _, stop in _find_tails(stretch).values()]
    return stretch.stops.iloc[np.unique(np.concatenate([np.empty(0, np.int64), *chosen]))]


@cache_by_stretch
def _find_tails(stretch: Stretch) -> dict[Zone, tuple[FloatArray, IntArray]]:
    """Return the moments and stops in the tail of each queue."""
    queues = [zone for zone in stretch.geometry.zones if zone.kind is ZoneKind.QUEUE]
    return {zone: _find_tail(stretch, zone) for zone in queues}


def _list_waiting(stretch: Stretch, zone: Zone) -> IntArray:
    """Return the visitors who are in a zone at some time."""
    stays = stretch.stays
    return stays.loc[stays["zone"] == str(zone.name), "visitor"].unique().astype(np.int64)


def _list_queueing(stretch: Stretch, zone: Zone, tail_stops: IntArray) -> FloatArray:
    """Return visitor, start and end of waiting in the tail or zone, shape (n, 3); may overlap."""
    stops, stays = stretch.stops.iloc[tail_stops], stretch.stays
    stays = stays[stays["zone"] == str(zone.name)]
    times = [
        stops[["visitor", "started_s", "ended_s"]].to_numpy(np.float64),
        stays[["visitor", "entered_s", "left_s"]].to_numpy(np.float64),
    ]
    return np.asarray(np.concatenate(times) + np.array([0.0, -APPROACH_S, APPROACH_S]), np.float64)


def _tabulate_queue(
    stretch: Stretch, zone: Zone, tail_stops: tuple[FloatArray, IntArray]
) -> pd.DataFrame | None:
    at_s, stop = tail_stops
    x_m, y_m = (stretch.stops[name].to_numpy(np.float64)[stop] for name in ("x_m", "y_m"))
    if not len(at_s) or np.unique(at_s, return_counts=True)[1].max() < MIN_TAIL:
        return None
    first_s = -(stretch.start_utc_s % _MINUTE_S)
    count = max(1, int(np.ceil((stretch.duration_s - first_s) / _MINUTE_S)))
    moments = _MINUTE_S / SAMPLE_S
    minute = np.clip(((at_s - first_s) / _MINUTE_S).astype(np.int64), 0, count - 1)
    tail, tail_x, tail_y = (
        np.bincount(minute, weights=values, minlength=count) / moments
        for values in (np.ones(len(at_s)), x_m, y_m)
    )
    places = np.unique(np.round(np.column_stack([x_m, y_m]), 1), axis=0)
    beside = shapely.union_all(shapely.buffer(shapely.points(places), NEARBY_M))
    beside = beside.intersection(find_open_floor(stretch.plan, stretch.geometry))
    rows = stretch.ordered.cut(longest_gap_s=_GAP_S)
    queueing = _list_queueing(stretch, zone, np.unique(stop))
    walkers, walking_s, way_m = _measure_walkers(rows, beside, queueing, first_s, count)
    chosen = np.flatnonzero((tail > 0) | (walking_s > 0))
    return pd.DataFrame(
        {
            "zone": pd.Series([str(zone.name)] * len(chosen), dtype="str"),
            "minute_s": first_s + chosen * _MINUTE_S,
            "tail": tail[chosen],
            "tail_x_m": tail_x[chosen],
            "tail_y_m": tail_y[chosen],
            "walkers": walkers[chosen],
            "walking_s": walking_s[chosen],
            "way_m": way_m[chosen],
        }
    )


def _find_tail(stretch: Stretch, zone: Zone) -> tuple[FloatArray, IntArray]:
    """Return moments and stops of people connected with a queue outside it, each of shape (n,)."""
    stops = stretch.stops
    shape = zone.outline.to_shape()
    x_m, y_m = stops["x_m"].to_numpy(np.float64), stops["y_m"].to_numpy(np.float64)
    elsewhere = find_open_floor(stretch.plan, stretch.geometry)
    near = np.flatnonzero(
        shapely.contains_xy(shape.envelope.buffer(_MAX_TAIL_M), x_m, y_m)
        & shapely.contains_xy(elsewhere, x_m, y_m)
    )
    begin = np.ceil(stops["started_s"].to_numpy(np.float64)[near] / SAMPLE_S).astype(np.int64)
    end = np.floor(stops["ended_s"].to_numpy(np.float64)[near] / SAMPLE_S).astype(np.int64)
    lasting = np.maximum(end - begin + 1, 0)
    stop = np.repeat(near, lasting)
    moment = np.arange(lasting.sum()) - np.repeat(np.cumsum(lasting) - lasting - begin, lasting)
    if not len(stop):
        return np.empty(0), np.empty(0, np.int64)
    order = np.argsort(moment, kind="stable")
    stop, moment = stop[order], moment[order]
    to_zone = shapely.distance(shape, shapely.points(x_m[near], y_m[near]))
    distance = np.full(len(stops), np.inf)
    distance[near] = to_zone
    found = np.zeros(len(stop), bool)
    bounds = np.append(np.flatnonzero(np.diff(moment, prepend=moment[0] - 1)), len(moment))
    for first, last in itertools.pairwise(bounds.tolist()):
        people = stop[first:last]
        found[first:last] = _find_connected(x_m[people], y_m[people], distance[people] <= LINK_M)
    # a crowd that cannot get past is only connected with a queue by chance
    found &= np.isin(stops["visitor"].to_numpy(np.int64)[stop], _list_waiting(stretch, zone))
    return moment[found] * SAMPLE_S, stop[found]


_MAX_TAIL_M = 15.0
"""Maximum distance of a tail from its queue."""


def _find_connected(
    x_m: FloatArray, y_m: FloatArray, is_next: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Return who is connected, person by person, with someone next to the zone."""
    reached = is_next.copy()
    if reached.all() or not reached.any():
        return reached
    pairs = cKDTree(np.column_stack([x_m, y_m])).query_pairs(LINK_M, output_type="ndarray")
    while True:
        grown = reached.copy()
        grown[pairs[reached[pairs[:, 0]], 1]] = True
        grown[pairs[reached[pairs[:, 1]], 0]] = True
        if (grown == reached).all():
            return reached
        reached = grown


def _measure_walkers(
    rows: PresenceRows,
    area: BaseGeometry,
    queueing: FloatArray,
    first_s: float,
    count: int,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the number, seconds and metres of others who walk in an area, each of shape (minutes,)."""
    left, low, right, high = area.bounds
    near = np.flatnonzero((rows.x_m >= left) & (rows.x_m <= right) & (rows.y_m >= low) & (rows.y_m <= high))
    shapely.prepare(area)
    near = near[shapely.contains_xy(area, rows.x_m[near], rows.y_m[near])]
    near = near[~_is_within(rows.person_ids[rows.person[near]], rows.time_s[near], queueing)]
    speed = np.hypot(*measure_velocity(rows))[near]
    near, speed = near[speed >= STANDING_M_S], speed[speed >= STANDING_M_S]
    minute = np.clip(((rows.time_s[near] - first_s) / _MINUTE_S).astype(np.int64), 0, count - 1)
    seconds = rows.seconds()[near]
    pairs: IntArray = np.unique(np.column_stack([minute, rows.person[near]]), axis=0)[:, 0]
    return (
        np.bincount(pairs, minlength=count).astype(np.float64),
        np.bincount(minute, weights=seconds, minlength=count).astype(np.float64),
        np.bincount(minute, weights=seconds * speed, minlength=count).astype(np.float64),
    )


def _is_within(
    visitor: npt.NDArray[np.int64], time_s: FloatArray, times: FloatArray
) -> npt.NDArray[np.bool_]:
    """Return whether a visitor's moment lies in any of the visitor's times (visitor, from, until)."""
    # all visitors' times one after the other on one axis
    apart_s = 1.0 + 2 * max(float(np.abs(at).max(initial=0.0)) for at in (time_s, times[:, 1:]))
    moment = visitor * apart_s + time_s
    begun = np.searchsorted(np.sort(times[:, 0] * apart_s + times[:, 1]), moment, "right")
    ended = np.searchsorted(np.sort(times[:, 0] * apart_s + times[:, 2]), moment, "left")
    return np.asarray(begun > ended)
