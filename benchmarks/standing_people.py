"""People who stand at the outlines of zones, sway, shift their weight and step aside, for minutes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.floor_geometry import Point
from analytics.domain.zone import Zone
from tools.simulation.crowd.visitor_paths import STEP_S, VisitorPath, VisitorPaths

_WARM_UP_S = 300.0
_STAY_MEDIAN_S, _STAY_SPREAD = 150.0, 0.7
_SPEED_M_S = 1.0
_SWAY_M, _SWAY_S = 0.03, 2.0
_SHIFT_M, _SHIFT_S, _MOVE_S = 0.25, 25.0, 1.2
"""Every so often somebody takes a step or two, to a place so far from the one first chosen."""
_OUTSIDE_M, _INSIDE_M = 0.3, 0.8


def stand_at_outlines(
    *, zones: Sequence[Zone], doors: Sequence[Point], duration_s: float, seed: int, people: float
) -> VisitorPaths:
    """Stand visitors at the outlines of one to three zones each; the same arguments give the same ways.

    Args:
        doors: where people come in and leave.
        people: mean number in the hall.
    """
    rng = np.random.default_rng([seed, 43])
    paths, start_s, visitor = [], -_WARM_UP_S, 0
    mean_s = 2.0 * _STAY_MEDIAN_S * np.exp(_STAY_SPREAD**2 / 2) + 30.0
    while (start_s := start_s + float(rng.exponential(mean_s / people))) < duration_s:
        visitor += 1
        xy_m = _walk(rng, zones, doors)
        moves = np.diff(xy_m, axis=0, prepend=xy_m[:1])
        way_m = np.hypot(*moves.T)
        heading = np.unwrap(np.where(way_m > 0.03, np.arctan2(moves[:, 1], moves[:, 0]), 0.0))
        walked_m = np.cumsum(np.where(way_m > 0.03, way_m, 0.0))
        paths.append(VisitorPath(visitor, round(start_s / STEP_S) * STEP_S, xy_m, heading, walked_m))
    return VisitorPaths(duration_s, tuple(path for path in paths if path.times_s[-1] > 0))


def _walk(rng: np.random.Generator, zones: Sequence[Zone], doors: Sequence[Point]) -> FloatArray:
    first, last = rng.choice(len(doors), 2, replace=False)
    parts, at = [], np.asarray(doors[first], np.float64)
    for _ in range(int(rng.integers(1, 4))):
        place = _draw_place(rng, zones[int(rng.integers(len(zones)))])
        stay_s = float(rng.lognormal(np.log(_STAY_MEDIAN_S), _STAY_SPREAD))
        parts += [_step_straight(at, place), _stand(rng, place, stay_s)]
        at = parts[-1][-1]
    parts.append(_step_straight(at, np.asarray(doors[last], np.float64)))
    xy_m = np.concatenate(parts)
    keep = np.exp(-STEP_S / _SWAY_S)
    noise = rng.normal(0, _SWAY_M * np.sqrt(1 - keep**2), xy_m.shape)
    sway = np.zeros_like(xy_m)
    for step in range(1, len(xy_m)):
        sway[step] = keep * sway[step - 1] + noise[step]
    return xy_m + sway


def _draw_place(rng: np.random.Generator, zone: Zone) -> FloatArray:
    """Return a place up to ``_OUTSIDE_M`` outside and ``_INSIDE_M`` inside of a point of the outline."""
    outline = zone.outline.to_shape()
    at_m = rng.uniform(0, outline.exterior.length)
    point, ahead = (outline.exterior.interpolate(at_m + step) for step in (0.0, 0.01))
    along = np.array([ahead.x - point.x, ahead.y - point.y]) / 0.01
    inward = np.array([-along[1], along[0]]) * (1 if outline.exterior.is_ccw else -1)
    return np.array([point.x, point.y]) + inward * rng.uniform(-_OUTSIDE_M, _INSIDE_M)


def _stand(rng: np.random.Generator, place: FloatArray, stay_s: float) -> FloatArray:
    times_s = np.arange(0.0, max(stay_s, 1.0), STEP_S)
    anchors, at_s = [place], [0.0]
    while at_s[-1] < times_s[-1]:
        pause_s = float(rng.exponential(_SHIFT_S))
        anchors += [anchors[-1], place + rng.normal(0, _SHIFT_M, 2)]
        at_s += [at_s[-1] + pause_s, at_s[-1] + pause_s + _MOVE_S]
    return np.column_stack([np.interp(times_s, at_s, np.array(anchors)[:, axis]) for axis in (0, 1)])


def _step_straight(start: FloatArray, end: FloatArray) -> FloatArray:
    steps = max(1, round(float(np.hypot(*(end - start))) / _SPEED_M_S / STEP_S))
    return np.asarray(start + np.linspace(0, 1, steps, endpoint=False)[:, None] * (end - start), np.float64)
