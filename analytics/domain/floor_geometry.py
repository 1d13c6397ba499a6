"""Points, polygons and lines on the floor, in metres (x right, y up), checked on creation."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass

import shapely

from analytics.domain.errors import GeometryError, Phrase

Point = tuple[float, float]
"""(x_m, y_m)."""

MINIMUM_AREA_M2 = 0.01
"""Minimum area of a polygon; anything smaller is a slip of the mouse."""


@dataclass(frozen=True, slots=True)
class Polygon:
    """A simple polygon without holes; the first point is not repeated at the end."""

    points: tuple[Point, ...]

    @staticmethod
    def from_points(points: Iterable[Point], *, what: str | Phrase) -> Polygon:
        """Return a checked polygon; ``what`` names it in errors, for example ``zone 'A1'``.

        Raises:
                GeometryError: fewer than three points, not finite, no area, or self-intersecting.
        """
        checked = _finite_points(points, what=what)
        if len(checked) > 1 and checked[0] == checked[-1]:
            checked = checked[:-1]
        if len(set(checked)) < 3:
            raise GeometryError(
                "The outline of {what} has {count} different points.",
                "Draw at least three corners.",
                what=what,
                count=len(set(checked)),
            )
        shape = shapely.Polygon(checked)
        if not shape.is_valid:
            x, y = find_self_intersection(shape)
            raise GeometryError(
                "The outline of {what} crosses itself at x = {x:.2f} m, y = {y:.2f} m.",
                "Move its corners so that no two sides cross.",
                what=what,
                x=x,
                y=y,
            )
        if shape.area < MINIMUM_AREA_M2:
            raise GeometryError(
                "The outline of {what} encloses only {area:.4f} m².",
                "Draw it larger; coordinates are in metres.",
                what=what,
                area=shape.area,
            )
        return Polygon(checked)

    def to_shape(self) -> shapely.Polygon:
        """Return the polygon as a shapely one."""
        return shapely.Polygon(self.points)


@dataclass(frozen=True, slots=True)
class Polyline:
    """A line through at least two points in order."""

    points: tuple[Point, ...]

    @staticmethod
    def from_points(points: Iterable[Point], *, what: str | Phrase) -> Polyline:
        """Return a checked line; ``what`` names it in errors, for example ``line 'door'``.

        Raises:
                GeometryError: fewer than two different points, not finite, or self-intersecting.
        """
        checked = _finite_points(points, what=what)
        if len(set(checked)) < 2:
            raise GeometryError(
                "{what} has fewer than two different points.", "Draw it from one point to another.", what=what
            )
        if not shapely.LineString(checked).is_simple:
            raise GeometryError(
                "{what} crosses itself.", "Draw it so that it has a left and a right side.", what=what
            )
        return Polyline(checked)

    def to_shape(self) -> shapely.LineString:
        """Return the line as a shapely one."""
        return shapely.LineString(self.points)


def find_self_intersection(shape: shapely.Polygon) -> Point:
    """Return a point at which the outline of an invalid polygon crosses or touches itself."""
    sides = [
        shapely.LineString(pair) for pair in itertools.pairwise(shape.exterior.coords) if pair[0] != pair[1]
    ]
    count = len(sides)
    pairs = shapely.STRtree(sides).query(sides, predicate="intersects").T.tolist()
    for first, second in sorted(pair for pair in pairs if pair[0] < pair[1]):
        common = sides[first].intersection(sides[second])
        is_neighbour = second - first in (1, count - 1)
        # neighbours share their corner and may have nothing else in common
        if common.is_empty or (is_neighbour and common.geom_type == "Point"):
            continue
        place = common.representative_point()
        return float(place.x), float(place.y)
    place = shape.exterior.representative_point()
    return float(place.x), float(place.y)


def _finite_points(points: Iterable[Point], *, what: str | Phrase) -> tuple[Point, ...]:
    checked = tuple((float(x), float(y)) for x, y in points)
    for x, y in checked:
        if not (math.isfinite(x) and math.isfinite(y)):
            raise GeometryError(
                "{what} has a coordinate that is not a number.", "Specify every corner in metres.", what=what
            )
    return checked
