"""Zones, lines, obstacles and the hall by reference, and changes of them."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.floor_geometry import Point, Polygon, Polyline
from analytics.domain.floor_plan import FloorGeometry, Obstacle
from analytics.domain.planned_camera import PlannedCamera
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from app.core.change_set import Part
from app.core.document import Venue
from app.plan.snapping import Outline, measure_to_side

ZONE_KIND_NAMES: Mapping[ZoneKind, Phrase] = {
    ZoneKind.BOOTH: Phrase("Stand"),
    ZoneKind.AISLE: Phrase("Aisle"),
    ZoneKind.ENTRANCE: Phrase("Entrance"),
    ZoneKind.EXIT: Phrase("Exit"),
    ZoneKind.QUEUE: Phrase("Queue"),
    ZoneKind.STAGE: Phrase("Stage"),
    ZoneKind.CATERING: Phrase("Catering"),
    ZoneKind.STAFF: Phrase("For staff"),
    ZoneKind.OTHER: Phrase("Other"),
}
"""Names of the kinds of zones and lines."""


@dataclass(frozen=True, slots=True)
class EditableShape:
    """A zone, line, obstacle or hall that can be edited, metres.

    Attributes:
        points: corners of an area, or the points of a line; ``in`` is to the right of its direction.
        colour: ``#rrggbb``; None for an automatic one.
        number: index of a zone, which decides its automatic colour.
        band_m: width of a line's neutral band; else 0.
        fill: colour of an area that stands for a figure, ``#aarrggbb``; None: a shade of its own colour.
        note: the figure, shown with the name.
        needs_label: whether a label may lie over the edges of the shape where it has no room inside.
    """

    shape: Shape
    points: tuple[Point, ...]
    colour: str | None = None
    number: int = 0
    band_m: float = 0.0
    fill: str | None = None
    note: str = ""
    needs_label: bool = False

    @property
    def is_line(self) -> bool:
        """Return whether it is a line and not an area."""
        return self.shape.part is Part.LINES

    @property
    def bounds_xywh(self) -> tuple[float, float, float, float]:
        """Return left, bottom, width and height of its bounding box, metres."""
        xs, ys = [x for x, _y in self.points], [y for _x, y in self.points]
        return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)

    @property
    def extent_m2(self) -> float:
        """Return the area of its bounding box, square metres."""
        _left, _bottom, width_m, height_m = self.bounds_xywh
        return width_m * height_m

    @property
    def middles(self) -> tuple[Point, ...]:
        """Return the midpoint of every side, in order."""
        return tuple(((x0 + x1) / 2, (y0 + y1) / 2) for (x0, y0), (x1, y1) in self.to_outline().sides())

    def covers(self, point: Point) -> bool:
        """Return whether an area contains a point; False for lines."""
        if self.is_line:
            return False
        x_m, y_m = point
        crossings = 0
        for (x0, y0), (x1, y1) in self.to_outline().sides():
            if (y0 > y_m) != (y1 > y_m) and x_m < x0 + (y_m - y0) * (x1 - x0) / (y1 - y0):
                crossings += 1
        return crossings % 2 == 1

    def measure_distance(self, point: Point) -> float:
        """Return the distance from a point to the nearest side, metres."""
        return min(measure_to_side(point, side) for side in self.to_outline().sides())

    def to_outline(self) -> Outline:
        """Return its outline for snapping."""
        return Outline(self.points, is_closed=not self.is_line)


def newest_version_utc_s(venue: Venue) -> float | None:
    """Return the start of the newest version, seconds since the epoch; None: from the beginning."""
    return venue.geometry_at(None).valid_from_utc_s


def list_editable_shapes(venue: Venue) -> tuple[EditableShape, ...]:
    """Return the hall, obstacles, and the newest version's zones and lines, in the order of the file."""
    geometry = venue.geometry_at(None)
    start_utc_s = geometry.valid_from_utc_s

    def refer(entry: Zone | CountingLine) -> Shape:
        part = Part.ZONES if isinstance(entry, Zone) else Part.LINES
        return Shape(part, str(entry.name), start_utc_s)

    return (
        EditableShape(HALL, venue.plan.outline.points),
        *(
            EditableShape(Shape(Part.OBSTACLES, obstacle.name), obstacle.outline.points)
            for obstacle in venue.plan.obstacles
        ),
        *(
            EditableShape(refer(zone), zone.outline.points, zone.colour, number)
            for number, zone in enumerate(geometry.zones)
        ),
        *(
            EditableShape(refer(line), line.path.points, line.colour, band_m=line.band_m)
            for line in geometry.lines
        ),
    )


class GeometryEdit(Protocol):
    """An edit of the plan, its zones or lines."""

    @property
    def words(self) -> Phrase:
        """Return the edit's name after "Undo" in a menu."""

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            ExpoFlowError: it cannot be done; names the field, and what to do.
        """


def find_version(venue: Venue, version_utc_s: float | None) -> FloorGeometry:
    """Return the version of the geometry that begins at a time; None: the one without a beginning.

    Raises:
        GeometryError: there is none.
    """
    for geometry in venue.geometry_versions:
        if geometry.valid_from_utc_s == version_utc_s:
            return geometry
    raise GeometryError(
        "No layout version starts at that time.",
        "Choose an existing version, or start a new one at that time.",
    )


_PARTS: dict[type[object], Part] = {
    Zone: Part.ZONES,
    CountingLine: Part.LINES,
    Obstacle: Part.OBSTACLES,
    PlannedCamera: Part.PLANNED_CAMERAS,
}
_TITLES = {
    Part.ZONES: Phrase("zone '{name}'"),
    Part.LINES: Phrase("line '{name}'"),
    Part.OBSTACLES: Phrase("obstacle '{name}'"),
    Part.PLANNED_CAMERAS: Phrase("camera '{name}'"),
}


def find_part(item: Zone | CountingLine | Obstacle | PlannedCamera) -> Part:
    """Return the part of a venue that a zone, line, obstacle or planned camera belongs to."""
    return _PARTS[type(item)]


def name_value(value: object) -> Phrase:
    """Return the name of a changed part for a sentence."""
    if not isinstance(value, Zone | CountingLine | Obstacle | PlannedCamera):
        return Phrase("the plan")
    return dataclasses.replace(_TITLES[find_part(value)], fields={"name": value.name})


FARTHEST_M = 10_000.0
"""Maximum distance from the origin; a point farther away was not given in metres."""
MAX_NAME = 100

PlanItem = Zone | CountingLine | Obstacle | Polygon
"""Object of a shape; a bare polygon is the hall's outline."""
Item = TypeVar("Item", bound=PlanItem)


@dataclass(frozen=True, slots=True)
class Shape:
    """A reference to a zone, line or obstacle, or to the hall's outline.

    Attributes:
        version_utc_s: start of the version of the geometry, for zones and lines.
    """

    part: Part
    name: str = ""
    version_utc_s: float | None = None


HALL = Shape(Part.OUTLINE)


def find_plan_item(venue: Venue, shape: Shape) -> PlanItem:
    """Return the zone, line, obstacle or outline that a shape refers to.

    Raises:
        GeometryError: there is none of that name, or no such version.
    """
    if shape.part is Part.OUTLINE:
        return venue.plan.outline
    entries = list_plan_items(venue, shape.part, shape.version_utc_s)
    for entry in entries:
        if entry.name == shape.name:
            return entry
    raise GeometryError(
        "There is no {what}.",
        "Choose an existing object of the plan; it may have been removed or renamed.",
        what=describe_shape(shape),
    )


def list_plan_items(
    venue: Venue, part: Part, version_utc_s: float | None
) -> Sequence[Zone | CountingLine | Obstacle]:
    """Return all zones or lines of a version, or all obstacles.

    Raises:
        GeometryError: there is no such version.
    """
    if part is Part.OBSTACLES:
        return venue.plan.obstacles
    version = find_version(venue, version_utc_s)
    return version.zones if part is Part.ZONES else version.lines


def describe_shape(shape: Shape) -> Phrase:
    """Describe a shape for a sentence."""
    if shape.part not in _TITLES:
        return Phrase("the outline of the hall")
    return dataclasses.replace(_TITLES[shape.part], fields={"name": shape.name})


def list_points(item: PlanItem) -> tuple[Point, ...]:
    """Return the corners of a zone, an obstacle or the hall, or the points of a line, metres."""
    match item:
        case Polygon():
            return item.points
        case CountingLine():
            return item.path.points
        case _:
            return item.outline.points


def with_points(item: Item, points: Sequence[Point]) -> Item:
    """Return a copy with other corners.

    Raises:
        GeometryError: they make no polygon or line, or lie too far off; names the shape.
    """
    what = Phrase("the hall") if isinstance(item, Polygon) else name_value(item)
    check_points(points, what=what)
    changed: Any
    match item:
        case Polygon():
            changed = Polygon.from_points(points, what=what)
        case CountingLine():
            changed = dataclasses.replace(item, path=Polyline.from_points(points, what=what))
        case Zone() | Obstacle():
            changed = dataclasses.replace(item, outline=Polygon.from_points(points, what=what))
    return cast(Item, changed)


def replace_plan_item(venue: Venue, shape: Shape, after: PlanItem | None) -> Venue:
    """Return the venue with one object replaced by another, or without it.

    Raises:
        GeometryError: there is no such shape.
    """
    before = find_plan_item(venue, shape)
    if isinstance(after, Polygon):
        return dataclasses.replace(venue, plan=dataclasses.replace(venue.plan, outline=after))
    entries = list_plan_items(venue, shape.part, shape.version_utc_s)
    kept = [after if entry is before else entry for entry in entries]
    return with_plan_items(
        venue, shape.part, shape.version_utc_s, [entry for entry in kept if entry is not None]
    )


def with_plan_items(
    venue: Venue, part: Part, version_utc_s: float | None, items: Sequence[Zone | CountingLine | Obstacle]
) -> Venue:
    """Return the venue with other zones or lines in a version, or other obstacles."""
    if part is Part.OBSTACLES:
        obstacles = tuple(item for item in items if isinstance(item, Obstacle))
        return dataclasses.replace(venue, plan=dataclasses.replace(venue.plan, obstacles=obstacles))
    version = find_version(venue, version_utc_s)
    if part is Part.ZONES:
        version = dataclasses.replace(version, zones=tuple(item for item in items if isinstance(item, Zone)))
    else:
        lines = tuple(item for item in items if isinstance(item, CountingLine))
        version = dataclasses.replace(version, lines=lines)
    return venue.with_geometry(version)


def check_points(points: Sequence[Point], *, what: Phrase) -> None:
    """Raise unless points can be metres on a floor.

    Raises:
        GeometryError: one is no number, or farther off than any hall is wide.
    """
    for x_m, y_m in points:
        if math.isfinite(x_m) and math.isfinite(y_m) and max(abs(x_m), abs(y_m)) > FARTHEST_M:
            raise GeometryError(
                "{what} has a corner at {x:.0f} m, {y:.0f} m, beyond the size of any hall.",
                "Enter coordinates in metres from the lower left corner of the plan.",
                what=what,
                x=x_m,
                y=y_m,
            )


def check_name(name: str, *, used: Sequence[str], what: Phrase) -> str:
    """Return a name without surrounding spaces; raise if another has it.

    Raises:
        GeometryError: it is empty, too long, has a line break, or another has it.
    """
    name = name.strip()
    if not name:
        raise GeometryError("{what} has no name.", "Enter a name, such as A1.", what=what)
    if len(name) > MAX_NAME:
        raise GeometryError(
            "The name of {what} has {count} characters.",
            "Use at most {most} characters.",
            what=what,
            count=len(name),
            most=MAX_NAME,
        )
    if re.search(r"[\x00-\x1f]", name):
        raise GeometryError(
            "The name of {what} has a line break or a tab.", "Enter it on one line.", what=what
        )
    if name in used:
        raise GeometryError("There is already a {what}.", "Choose a name that is not in use.", what=what)
    return name
