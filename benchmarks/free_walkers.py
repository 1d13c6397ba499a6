"""A third crowd: people who walk straight through everything, and do not avoid each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.floor_geometry import Point
from analytics.domain.zone import Zone
from tools.simulation.crowd.visitor_paths import STEP_S, VisitorPath, VisitorPaths

_WARM_UP_S = 180.0
_PASSING_SHARE, _SHORT_SHARE = 0.45, 0.4
_SHORT_MEAN_S, _LONG_MEDIAN_S, _LONG_SPREAD = 6.0, 30.0, 0.8
_SPEED_M_S, _SPEED_SPREAD_M_S = 1.15, 0.22
_SWAY_M, _SWAY_S = 0.04, 1.5


def walk_freely(
    *,
    zones: Sequence[Zone],
    doors: Sequence[Point],
    duration_s: float,
    seed: int,
    people: float,
) -> VisitorPaths:
    """Walk visitors from door to door by way of points in the zones; the same arguments give the same ways.

    Args:
        doors: where people come in and leave.
        people: mean number in the hall.
    """
    rng = np.random.default_rng([seed, 41])
    walks = [_walk(rng, zones, doors) for _ in range(round(4 * people * (duration_s + _WARM_UP_S) / 30.0))]
    mean_s = float(np.mean([len(xy_m) for xy_m in walks])) * STEP_S
    paths, start_s = [], -_WARM_UP_S
    for visitor, xy_m in enumerate(walks, start=1):
        start_s += float(rng.exponential(mean_s / people))
        if start_s >= duration_s:
            break
        moves = np.diff(xy_m, axis=0, prepend=xy_m[:1])
        moving = np.hypot(*moves.T) > 0.03
        heading = np.unwrap(np.where(moving, np.arctan2(moves[:, 1], moves[:, 0]), 0.0))
        walked_m = np.cumsum(np.where(moving, np.hypot(*moves.T), 0.0))
        start_s = round(start_s / STEP_S) * STEP_S
        paths.append(VisitorPath(visitor, start_s, xy_m, heading, walked_m))
    return VisitorPaths(duration_s, tuple(path for path in paths if path.times_s[-1] > 0))


def _walk(rng: np.random.Generator, zones: Sequence[Zone], doors: Sequence[Point]) -> FloatArray:
    """Return one visitor's positions in steps of ``STEP_S``."""
    first, last = rng.choice(len(doors), 2, replace=False)
    speed = float(np.clip(rng.normal(_SPEED_M_S, _SPEED_SPREAD_M_S), 0.6, 1.8))
    parts, at = [], np.asarray(doors[first]) + rng.normal(0, 0.4, 2)
    for _ in range(int(rng.integers(1, 4))):
        goal = _draw_place(rng, zones[int(rng.integers(len(zones)))])
        parts.append(_step_straight(at, goal, speed))
        at = goal
        if rng.random() >= _PASSING_SHARE:
            is_short = rng.random() < _SHORT_SHARE
            stay_s = (
                rng.exponential(_SHORT_MEAN_S)
                if is_short
                else rng.lognormal(np.log(_LONG_MEDIAN_S), _LONG_SPREAD)
            )
            parts.append(np.repeat(goal[None], round(float(stay_s) / STEP_S), axis=0))
    parts.append(_step_straight(at, np.asarray(doors[last]) + rng.normal(0, 0.4, 2), speed))
    xy_m = np.concatenate(parts)
    sway = np.empty_like(xy_m)
    keep = np.exp(-STEP_S / _SWAY_S)
    noise = rng.normal(0, _SWAY_M * np.sqrt(1 - keep**2), xy_m.shape)
    sway[0] = 0.0
    for step in range(1, len(xy_m)):
        sway[step] = keep * sway[step - 1] + noise[step]
    return xy_m + sway


def _step_straight(start: FloatArray, end: FloatArray, speed: float) -> FloatArray:
    steps = max(1, round(float(np.hypot(*(end - start))) / speed / STEP_S))
    return start + np.linspace(0, 1, steps, endpoint=False)[:, None] * (end - start)


def _draw_place(rng: np.random.Generator, zone: Zone) -> FloatArray:
    left, low, right, high = zone.outline.to_shape().bounds
    return np.array([rng.uniform(left, right), rng.uniform(low, high)])
