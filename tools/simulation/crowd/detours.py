"""Shortest paths round a rectangular stand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray
from tools.simulation.crowd.walk_hall import Rectangle

CLEARANCE_M = 0.45
"""Distance at which walkers pass a corner, along both of its sides."""
_TOUCH_M = 0.2
_REACHED_M = 0.1
"""Distance from which a corner counts as passed."""


def find_next_point(*, start: FloatArray, goal: FloatArray, footprint: Rectangle) -> FloatArray:
    """Return the goal or the next corner on the shortest path that avoids the footprint.

    Shapes (2,), in metres. The shortest way along the visibility graph of the two points and the four
    corners, moved outwards by the clearance.
    """
    left, low, right, high = footprint
    touched = np.array([left - _TOUCH_M, low - _TOUCH_M, right + _TOUCH_M, high + _TOUCH_M])
    if not cross_rectangle(starts=start[None], ends=goal[None], rectangle=touched)[0]:
        return goal
    c = CLEARANCE_M
    corners = np.array(
        [(left - c, low - c), (right + c, low - c), (right + c, high + c), (left - c, high + c)]
    )
    nodes = np.vstack([start, corners, goal])
    first, second = (a.ravel() for a in np.meshgrid(np.arange(6), np.arange(6), indexing="ij"))
    blocked = cross_rectangle(starts=nodes[first], ends=nodes[second], rectangle=touched).reshape(6, 6)
    length = np.hypot(*(nodes[:, None] - nodes[None]).transpose(2, 0, 1))
    length[blocked] = np.inf
    to_goal = np.full(6, np.inf)
    to_goal[5] = 0.0
    for _ in range(5):
        to_goal = np.minimum(to_goal, (length + to_goal[None]).min(axis=1))
    through = length[0, 1:5] + to_goal[1:5]
    through[length[0, 1:5] < _REACHED_M] = np.inf
    best = int(np.argmin(through))
    return corners[best] if np.isfinite(through[best]) else goal


def cross_rectangle(*, starts: FloatArray, ends: FloatArray, rectangle: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which segments, with endpoints of shapes (n, 2), cross a rectangle (left, low, right, high).

    Clipping after Liang and Barsky (1984).
    """
    way = ends - starts
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        first = (rectangle[:2] - starts) / way
        second = (rectangle[2:] - starts) / way
    enter, leave = np.minimum(first, second), np.maximum(first, second)
    still = way == 0
    within = (starts > rectangle[:2]) & (starts < rectangle[2:])
    enter = np.where(still, np.where(within, -np.inf, np.inf), enter)
    leave = np.where(still, np.where(within, np.inf, -np.inf), leave)
    crossing: npt.NDArray[np.bool_] = np.maximum(enter.max(axis=1), 0.0) < np.minimum(leave.min(axis=1), 1.0)
    return crossing
