"""The ways between the places of a fair along its aisles, with room for each walker's own line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.floor_geometry import Point
from tools.fairs.fair_hall import FairHall

_BEFORE_PASSAGE_M = 0.8
_Knot = tuple[float, float, float, float]
"""x, y and how much of a walker's own offset in x and y belongs to it."""


@dataclass(frozen=True, slots=True)
class FairPlace:
    """Somewhere to go.

    Attributes:
        aisle: whose number it faces; None for the plaza behind the passage.
        is_in_way: in the eastern way across the aisles, as the queue is.
    """

    xy: Point
    aisle: int | None = None
    is_in_way: bool = False

    @property
    def is_behind_passage(self) -> bool:
        """Whether one has to go through the passage to it."""
        return self.aisle is None and not self.is_in_way


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """From one place to another, both left out.

    Attributes:
        xy_m: the points between, shape (n, 2).
        spread: shares of a walker's own offset at each of them, shape (n, 2).
    """

    xy_m: FloatArray
    spread: FloatArray


def find_way(hall: FairHall, start: FairPlace, goal: FairPlace) -> Way:
    """The shortest way along the aisles between two places on the same side of the passage."""
    if start.is_behind_passage != goal.is_behind_passage:
        raise ValueError("The way to the other side of the passage has two parts: to it and from it.")
    if start.is_behind_passage:
        return _make_way([])
    east_x = hall.ways_x_m[2]
    knots: list[_Knot] = []
    if start.aisle is not None:
        knots.append((start.xy[0], hall.aisle_y_m[start.aisle], 0.0, 1.0))
    if start.aisle is not None and goal.aisle is not None and start.aisle != goal.aisle:
        x = min(hall.ways_x_m, key=lambda way_x: abs(start.xy[0] - way_x) + abs(goal.xy[0] - way_x))
        knots += [(x, hall.aisle_y_m[aisle], 1.0, 1.0) for aisle in (start.aisle, goal.aisle)]
    elif start.aisle is None and goal.aisle is not None:
        knots.append((east_x, hall.aisle_y_m[goal.aisle], 1.0, 1.0))
    elif start.aisle is not None and goal.aisle is None:
        knots.append((east_x, hall.aisle_y_m[start.aisle], 1.0, 1.0))
    if goal.aisle is not None:
        knots.append((goal.xy[0], hall.aisle_y_m[goal.aisle], 0.0, 1.0))
    return _make_way(knots)


def find_passage_sides(hall: FairHall, *, eastwards: bool) -> tuple[FairPlace, FairPlace]:
    """Where one comes to the passage, and where one has gone through it."""
    west = FairPlace((hall.wall_x_m - _BEFORE_PASSAGE_M, hall.passage_y_m), is_in_way=True)
    east = FairPlace((hall.wall_x_m + _BEFORE_PASSAGE_M, hall.passage_y_m))
    return (west, east) if eastwards else (east, west)


def subdivide_ways(places_m: FloatArray, *, step_m: float) -> FloatArray:
    """Ways of several walkers, shape (size, k, 2), in pieces no longer than a step; shape (size, n, 2)."""
    length_m = np.hypot(*np.diff(places_m, axis=1).transpose(2, 0, 1)).max(axis=0)
    pieces = np.maximum(np.ceil(length_m / step_m).astype(np.int64), 1)
    starts = np.repeat(np.arange(len(pieces)), pieces)
    share = (np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[starts]
    way = places_m[:, starts + 1] - places_m[:, starts]
    return np.concatenate([places_m[:, starts] + share[:, None] * way, places_m[:, -1:]], axis=1)


def _make_way(knots: list[_Knot]) -> Way:
    table = np.array(knots, np.float64).reshape(-1, 4)
    return Way(table[:, :2], table[:, 2:])
