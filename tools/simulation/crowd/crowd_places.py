"""Places where simulated visitors appear, leave, and stand or walk beside each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from analytics.domain.floor_geometry import Point
from tools.simulation.crowd.crowd_visitor import CrowdVisitor
from tools.simulation.crowd.walk_hall import WalkHall

_BACK_BY_THE_SAME_DOOR = 0.25
"""Share of visitors who leave by the door they came in, if there are several."""
_ABREAST_M = 0.65
_TRIES = 12


def draw_way_through(hall: WalkHall, rng: np.random.Generator) -> tuple[Point, Point]:
    """Draw an entrance and an exit."""
    if not hall.doors:
        x, y = np.asarray(hall.entrance) + rng.uniform((-0.3, -1.0), (0.3, 1.0))
        return (float(x), float(y)), hall.exit
    entered = int(rng.integers(len(hall.doors)))
    left = entered
    if len(hall.doors) > 1 and rng.random() >= _BACK_BY_THE_SAME_DOOR:
        left = int(rng.choice([index for index in range(len(hall.doors)) if index != entered]))
    return _draw_along(hall.doors[entered], rng), _draw_along(hall.doors[left], rng)


def find_place_beside(leader: CrowdVisitor, rank: int, *, is_free: Callable[[Point], bool]) -> Point:
    """Return a companion's place by rank: right, left, then behind; in single file where it is narrow."""
    x, y = leader.place
    dx, dy = leader.find_direction()
    side = -1 if rank % 2 else 1
    back_m = _ABREAST_M * ((rank - 1) // 2)
    abreast = (
        x - side * _ABREAST_M * dy - back_m * dx,
        y + side * _ABREAST_M * dx - back_m * dy,
    )
    behind = (x - rank * _ABREAST_M * dx, y - rank * _ABREAST_M * dy)
    return next((place for place in (abreast, behind) if is_free(place)), (x, y))


def find_free_place_around(
    xy: Point,
    taken: Sequence[Point],
    *,
    distance_m: float,
    is_free: Callable[[Point], bool],
    rng: np.random.Generator,
) -> Point | None:
    """Return a place about ``distance_m`` from a point with no one nearer than that, or None."""
    start = rng.uniform(0, 2 * math.pi)
    for attempt in range(_TRIES):
        angle = start + 2 * math.pi * attempt / _TRIES * 5
        radius = distance_m * (1.02 + 0.5 * attempt / _TRIES)
        place = (xy[0] + radius * math.cos(angle), xy[1] + radius * math.sin(angle))
        if is_free(place) and all(math.dist(place, other) >= distance_m for other in taken):
            return place
    return None


def _draw_along(door: tuple[Point, Point], rng: np.random.Generator) -> Point:
    share = float(rng.random())
    (ax, ay), (bx, by) = door
    return (ax + share * (bx - ax), ay + share * (by - ay))
