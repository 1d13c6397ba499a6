"""Rectangles among polygons: drawn from corner to corner, and edited as numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.floor_geometry import Point
from app.plan.edit_geometry import ShapeEdit, turn_point
from app.plan.plan_shapes import PlanItem, with_points

RIGHT_WITHIN = 1e-3
"""Tolerance of a right angle: corners are rounded to about a millimetre."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle as numbers.

    Attributes:
        corner_m: the lower left corner before rotation.
        rotation_deg: about that corner, counter-clockwise; from -45 to 45 for a detected one.
    """

    corner_m: Point
    width_m: float
    depth_m: float
    rotation_deg: float = 0.0

    def to_points(self) -> tuple[Point, ...]:
        """Return its corners, counter-clockwise from ``corner_m``.

        Raises:
            GeometryError: a side has no length, or a number is none.
        """
        for field, length_m in ((Phrase("width"), self.width_m), (Phrase("depth"), self.depth_m)):
            if not (math.isfinite(length_m) and length_m > 0):
                raise GeometryError(
                    "The {field} of the rectangle is {value:g} m.",
                    "Enter a length above 0, in metres.",
                    field=field,
                    value=length_m,
                )
        if not math.isfinite(self.rotation_deg):
            raise GeometryError("The angle is not a number.", "Enter it in degrees.")
        x, y = self.corner_m
        corners = ((0.0, 0.0), (self.width_m, 0.0), (self.width_m, self.depth_m), (0.0, self.depth_m))
        straight = ((x + dx, y + dy) for dx, dy in corners)
        if self.rotation_deg == 0:
            return tuple(straight)
        return tuple(turn_point(p, by_deg=self.rotation_deg, about_m=self.corner_m) for p in straight)


@dataclass(frozen=True, slots=True)
class SetRectangle(ShapeEdit):
    """Replace the corners of a zone or obstacle by those of a rectangle."""

    title: ClassVar[Phrase] = Phrase("Redraw {what}")
    rectangle: Rectangle

    def _change(self, item: PlanItem) -> PlanItem:
        return with_points(item, self.rectangle.to_points())


def draw_rectangle(first: Point, opposite: Point, *, rotation_deg: float = 0.0) -> Rectangle:
    """Return the rotated rectangle between two opposite corners; its area may be zero."""
    # in the frame of the sides
    dx, dy = turn_point(
        (opposite[0] - first[0], opposite[1] - first[1]), by_deg=-rotation_deg, about_m=(0.0, 0.0)
    )
    to_corner = turn_point((min(dx, 0.0), min(dy, 0.0)), by_deg=rotation_deg, about_m=(0.0, 0.0))
    corner_m = (first[0] + to_corner[0], first[1] + to_corner[1])
    return Rectangle(corner_m, abs(dx), abs(dy), rotation_deg)


def find_rectangle(points: Sequence[Point]) -> Rectangle | None:
    """Return the rectangle that four corners form, in any order round it; None if they form none."""
    if len(points) != 4:
        return None
    corners = list(points)
    if _turn_of(corners[0], corners[1], corners[2]) < 0:
        corners.reverse()
    ways = [corners[start:] + corners[:start] for start in range(4)]
    # the side that is turned least; of a turn by 45 degrees rounding could leave none within a fixed range
    at = min(ways, key=lambda way: (round(abs(_angle_of(way)), 6), _angle_of(way)))
    along, up = _side(at[0], at[1]), _side(at[1], at[2])
    width_m, depth_m = math.hypot(*along), math.hypot(*up)
    if width_m == 0 or depth_m == 0:
        return None
    is_square = abs(along[0] * up[0] + along[1] * up[1]) <= RIGHT_WITHIN * width_m * depth_m
    closes = math.dist(_side(at[3], at[2]), along) <= RIGHT_WITHIN * width_m
    return Rectangle(at[0], width_m, depth_m, _angle_of(at)) if is_square and closes else None


def _angle_of(corners: Sequence[Point]) -> float:
    """Return the direction of the first side, degrees."""
    along = _side(corners[0], corners[1])
    return math.degrees(math.atan2(along[1], along[0]))


def _side(start: Point, end: Point) -> Point:
    return end[0] - start[0], end[1] - start[1]


def _turn_of(first: Point, second: Point, third: Point) -> float:
    """Return the sense of a turn, above 0 to the left."""
    (ax, ay), (bx, by) = _side(first, second), _side(second, third)
    return ax * by - ay * bx
