"""Everything on a plan that can be taken hold of: zones, lines, obstacles and the hall, as they are drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass

from analytics.domain.floor_geometry import Point
from analytics.domain.zone import CountingLine, Zone
from app.core.document import Venue
from app.plan.geometry_change import Part
from app.plan.plan_shapes import HALL, Shape
from app.plan.snapping import Outline


@dataclass(frozen=True, slots=True)
class EditableFigure:
    """One of them, metres.

    Attributes:
        points: corners of an area, or the points of a line; ``in`` is to the right of its way.
        colour: ``#rrggbb`` that somebody gave it; None: one that tells it from its neighbours.
        number: of a zone among the zones, which tells its automatic colour.
        band_m: of a line, how broad the strip is in which a person is on neither side; else 0.
    """

    shape: Shape
    points: tuple[Point, ...]
    colour: str | None = None
    number: int = 0
    band_m: float = 0.0

    @property
    def is_line(self) -> bool:
        """Whether it is a way and no area."""
        return self.shape.part is Part.LINES

    @property
    def bounds_xywh(self) -> tuple[float, float, float, float]:
        """Left, bottom, width and height of the rectangle round it, metres."""
        xs, ys = [x for x, _y in self.points], [y for _x, y in self.points]
        return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)

    @property
    def extent_m2(self) -> float:
        """Of the rectangle round it."""
        _left, _bottom, width_m, height_m = self.bounds_xywh
        return width_m * height_m

    @property
    def middles(self) -> tuple[Point, ...]:
        """The middle of every side, in their order."""
        return tuple(((x0 + x1) / 2, (y0 + y1) / 2) for (x0, y0), (x1, y1) in self.to_outline().sides())

    def covers(self, point: Point) -> bool:
        """Whether a point lies in an area; in a line lies none."""
        if self.is_line:
            return False
        x_m, y_m = point
        crossings = 0
        for (x0, y0), (x1, y1) in self.to_outline().sides():
            if (y0 > y_m) != (y1 > y_m) and x_m < x0 + (y_m - y0) * (x1 - x0) / (y1 - y0):
                crossings += 1
        return crossings % 2 == 1

    def measure_distance(self, point: Point) -> float:
        """From a point to the nearest side, metres."""
        x_m, y_m = point
        nearest = math.inf
        for (x0, y0), (x1, y1) in self.to_outline().sides():
            dx, dy = x1 - x0, y1 - y0
            squared = dx * dx + dy * dy
            along = 0.0 if squared == 0 else ((x_m - x0) * dx + (y_m - y0) * dy) / squared
            along = min(1.0, max(0.0, along))
            nearest = min(nearest, math.hypot(x0 + along * dx - x_m, y0 + along * dy - y_m))
        return nearest

    def to_outline(self) -> Outline:
        """The same as what points snap to."""
        return Outline(self.points, is_closed=not self.is_line)


def newest_version_utc_s(venue: Venue) -> float | None:
    """From when the newest zones and lines hold, seconds since the epoch; None: from the beginning."""
    return venue.geometry_at(None).valid_from_utc_s


def list_editable_figures(venue: Venue) -> tuple[EditableFigure, ...]:
    """The hall, the obstacles, and the zones and lines of the newest version, in the order of the file."""
    geometry = venue.geometry_at(None)
    start_utc_s = geometry.valid_from_utc_s

    def refer(entry: Zone | CountingLine) -> Shape:
        part = Part.ZONES if isinstance(entry, Zone) else Part.LINES
        return Shape(part, str(entry.name), start_utc_s)

    return (
        EditableFigure(HALL, venue.plan.outline.points),
        *(
            EditableFigure(Shape(Part.OBSTACLES, obstacle.name), obstacle.outline.points)
            for obstacle in venue.plan.obstacles
        ),
        *(
            EditableFigure(refer(zone), zone.outline.points, zone.colour, number)
            for number, zone in enumerate(geometry.zones)
        ),
        *(
            EditableFigure(refer(line), line.path.points, line.colour, band_m=line.band_m)
            for line in geometry.lines
        ),
    )
