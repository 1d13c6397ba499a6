"""What a place on the plan is a grip of: a corner, the middle of a side, a whole figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum

from app.plan.editable_figures import EditableFigure
from app.plan.floor_scene import Point
from app.plan.geometry_change import Part
from app.plan.plan_shapes import Shape


class Grip(StrEnum):
    """What the mouse has taken hold of."""

    NOTHING = "nothing"
    VERTEX = "vertex"
    SIDE = "side"
    FIGURE = "figure"


def find_grip(figure: EditableFigure | None, point: Point, *, reach_m: float) -> tuple[Grip, int]:
    """What of a figure is at a point, and the number of the corner, or of the side behind that corner."""
    if figure is None:
        return Grip.NOTHING, 0
    for grip, places in ((Grip.VERTEX, figure.points), (Grip.SIDE, figure.middles)):
        distance_m, number = min((math.dist(place, point), number) for number, place in enumerate(places))
        if distance_m <= reach_m:
            return grip, number
    # the hall is too easily moved by somebody who wants to look at another part of it
    if figure.shape.part is not Part.OUTLINE and (
        figure.measure_distance(point) <= reach_m or figure.covers(point)
    ):
        return Grip.FIGURE, 0
    return Grip.NOTHING, 0


def find_shape_at(figures: Sequence[EditableFigure], point: Point, *, reach_m: float) -> Shape | None:
    """What a click at a point means: a line that is near, else the smallest area there; never the hall."""
    hit: list[tuple[float, Shape]] = []
    for figure in figures:
        if figure.is_line:
            if figure.measure_distance(point) <= reach_m:
                return figure.shape
        elif figure.shape.part is not Part.OUTLINE and figure.covers(point):
            hit.append((figure.extent_m2, figure.shape))
    return min(hit, key=lambda pair: pair[0])[1] if hit else None
