"""Points, polygons and lines on the floor, in metres (x right, y up), checked when they are made."""

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
"""A smaller polygon is a slip of the mouse."""


@dataclass(frozen=True, slots=True)
class Polygon:
    """A simple polygon without holes; the last point is not a repetition of the first."""

    points: tuple[Point, ...]

    @staticmethod
    def from_points(points: Iterable[Point], *, what: str | Phrase) -> Polygon:
        """Check and make a polygon; ``what`` names it in the error, for example ``zone 'A1'``.

        Raises:
            GeometryError: fewer than three points, not finite, no area, or it crosses itself.
        """
        checked = _finite_points(points, what=what)
        if len(checked) > 1 and checked[0] == checked[-1]:
            checked = checked[:-1]
        if len(set(checked)) < 3:
            raise GeometryError(
                "The outline of {what} has {count} different points.",
                "Draw at least three.",
                what=what,
                count=len(set(checked)),
            )
        shape = shapely.Polygon(checked)
        if not shape.is_valid:
            x, y = find_fault(shape)
            raise GeometryError(
                "The outline of {what} crosses itself at x = {x:.2f} m, y = {y:.2f} m.",
                "Move its corners so that no two sides cross.",
                what=what,
                x=x,
                y=y,
            )
        if shape.area < MINIMUM_AREA_M2:
            raise GeometryError(
                "The outline of {what} encloses {area:.4f} m², which is no area to speak of.",
                "Draw it larger; coordinates are in metres.",
                what=what,
                area=shape.area,
            )
        return Polygon(checked)

    def to_shape(self) -> shapely.Polygon:
        """The same as a shapely polygon."""
        return shapely.Polygon(self.points)


@dataclass(frozen=True, slots=True)
class Polyline:
    """At least two points in their order."""

    points: tuple[Point, ...]

    @staticmethod
    def from_points(points: Iterable[Point], *, what: str | Phrase) -> Polyline:
        """Check and make a line; ``what`` names it in the error, for example ``line 'door'``.

        Raises:
            GeometryError: fewer than two different points, not finite, or it crosses itself.
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
        """The same as a shapely line."""
        return shapely.LineString(self.points)


def find_fault(shape: shapely.Polygon) -> Point:
    """Where the outline of an invalid polygon crosses or touches itself, in its own coordinates."""
    sides = [
        shapely.LineString(pair) for pair in itertools.pairwise(shape.exterior.coords) if pair[0] != pair[1]
    ]
    count = len(sides)
    pairs = shapely.STRtree(sides).query(sides, predicate="intersects").T.tolist()
    for first, second in sorted(pair for pair in pairs if pair[0] < pair[1]):
        common = sides[first].intersection(sides[second])
        is_neighbour = second - first in (1, count - 1)
        # neighbours share their corner, and nothing more of them may be common
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
                "{what} has a coordinate that is not a number.", "Give every corner in metres.", what=what
            )
    return checked
