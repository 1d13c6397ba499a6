"""Zones, lines, obstacles and the hall by reference, and changes of them."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.floor_geometry import Point, Polygon, Polyline
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle, PlanPicture
from analytics.domain.planned_camera import PlannedCamera
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.domain.zone_targets import ZoneTargets
from analytics.visitors.false_positives.corrections import Corrections
from app.core.change_set import ChangeSet
from app.core.document import Venue, VenueCamera
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


class Part(StrEnum):
    """The part of a venue that changes."""

    ZONES = "zones"
    LINES = "lines"
    OBSTACLES = "obstacles"
    OUTLINE = "outline"
    PICTURE = "picture"
    VERSIONS = "versions"
    CAMERAS = "cameras"
    CORRECTIONS = "corrections"
    PLANNED_CAMERAS = "planned_cameras"
    TARGETS = "targets"


Value = (
    Zone
    | CountingLine
    | Obstacle
    | Polygon
    | PlanPicture
    | FloorGeometry
    | VenueCamera
    | Corrections
    | PlannedCamera
    | ZoneTargets
    | None
)
Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Change:
    """One part of a venue before and after.

    Attributes:
        before: None for an addition.
        after: None for a removal.
        index: position in its list.
        version_utc_s: start of the version of the geometry, for zones and lines.
    """

    part: Part
    before: Value
    after: Value
    index: int = 0
    version_utc_s: float | None = None

    def invert(self) -> Change:
        """Return the inverse change."""
        return dataclasses.replace(self, before=self.after, after=self.before)


class GeometryEdit(Protocol):
    """An edit of the plan, its zones or lines."""

    @property
    def words(self) -> Phrase:
        """Return the edit's name after "Undo" in a menu."""

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """Return its changes to a venue without applying them.

        Raises:
            ExpoFlowError: it cannot be done; names the field, and what to do.
        """


def invert_changes(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Return the changes that undo several others, last first."""
    return tuple(change.invert() for change in reversed(changes))


def apply_changes(venue: Venue, changes: Iterable[Change]) -> Venue:
    """Return a venue with all changes applied, or raise.

    Raises:
        GeometryError: something is no longer as it was when the change was made.
        VenueError: two zones, lines or versions would be confused.
    """
    plan, versions = venue.plan, list(venue.geometry_versions)
    cameras, corrections = list(venue.cameras), venue.corrections
    planned, targets = list(venue.planned_cameras), list(venue.targets)
    for change in changes:
        match change.part:
            case Part.ZONES | Part.LINES:
                _change_version(versions, change)
            case Part.OBSTACLES | Part.OUTLINE | Part.PICTURE:
                plan = _change_plan(plan, change)
            case Part.VERSIONS:
                _change_list(versions, change, FloorGeometry)
                versions.sort(key=version_sort_key)
            case Part.CAMERAS:
                _change_list(cameras, change, VenueCamera)
            case Part.PLANNED_CAMERAS:
                _change_list(planned, change, PlannedCamera)
            case Part.TARGETS:
                _change_list(targets, change, ZoneTargets)
            case Part.CORRECTIONS:
                _require_same(corrections, change)
                assert isinstance(change.after, Corrections)
                corrections = change.after
    return dataclasses.replace(
        venue,
        plan=plan,
        geometry_versions=tuple(versions),
        cameras=tuple(cameras),
        corrections=corrections,
        planned_cameras=tuple(planned),
        targets=tuple(targets),
    )


def merge_changes(earlier: Sequence[Change], later: Sequence[Change]) -> tuple[Change, ...]:
    """Merge two successive groups of changes into one; changes that cancel out are dropped."""
    merged = list(earlier)
    for change in later:
        at = _find_predecessor(merged, change)
        if at is None:
            merged.append(change)
            continue
        joined = dataclasses.replace(merged[at], after=change.after)
        if joined.before == joined.after:
            del merged[at]
        else:
            merged[at] = joined
    return tuple(merged)


def summarise_changes(changes: Iterable[Change]) -> ChangeSet:
    """Return the data that pages have to read again."""
    parts = {change.part for change in changes}
    return ChangeSet(
        cameras=Part.CAMERAS in parts,
        zones=bool(parts & {Part.ZONES, Part.LINES, Part.VERSIONS}),
        plan=bool(parts & {Part.OBSTACLES, Part.OUTLINE, Part.PICTURE}),
        corrections=Part.CORRECTIONS in parts,
        planned_cameras=Part.PLANNED_CAMERAS in parts,
        targets=Part.TARGETS in parts,
    )


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


def _find_predecessor(merged: Sequence[Change], change: Change) -> int | None:
    """Return the last change if it ends where this one starts and no later change depends on the order."""
    if change.before is None or change.after is None:
        return None
    for at in range(len(merged) - 1, -1, -1):
        other = merged[at]
        if (other.part, other.version_utc_s) != (change.part, change.version_utc_s):
            continue
        if other.after == change.before:
            return at
    return None


def _change_version(versions: list[FloorGeometry], change: Change) -> None:
    for at, version in enumerate(versions):
        if version.valid_from_utc_s != change.version_utc_s:
            continue
        if change.part is Part.ZONES:
            zones = list(version.zones)
            _change_list(zones, change, Zone)
            versions[at] = dataclasses.replace(version, zones=tuple(zones))
        else:
            lines = list(version.lines)
            _change_list(lines, change, CountingLine)
            versions[at] = dataclasses.replace(version, lines=tuple(lines))
        return
    raise _make_conflict()


def _change_plan(plan: FloorPlan, change: Change) -> FloorPlan:
    match change.part:
        case Part.OBSTACLES:
            obstacles = list(plan.obstacles)
            _change_list(obstacles, change, Obstacle)
            return dataclasses.replace(plan, obstacles=tuple(obstacles))
        case Part.OUTLINE:
            _require_same(plan.outline, change)
            assert isinstance(change.after, Polygon)
            return dataclasses.replace(plan, outline=change.after)
        case _:
            _require_same(plan.picture, change)
            assert change.after is None or isinstance(change.after, PlanPicture)
            return dataclasses.replace(plan, picture=change.after)


def _change_list(entries: list[Entry], change: Change, kind: type[Entry]) -> None:
    """Replace, remove or add an entry; entries are found by value, wherever they are in the list."""
    at = min(change.index, len(entries))
    if change.before is not None:
        at = _find_entry(entries, change.before, near=at)
        del entries[at]
    if change.after is not None:
        assert isinstance(change.after, kind)
        entries.insert(at, change.after)


def _find_entry(entries: Sequence[object], wanted: object, *, near: int) -> int:
    if near < len(entries) and entries[near] == wanted:
        return near
    for at, entry in enumerate(entries):
        if entry == wanted:
            return at
    raise _make_conflict()


def _require_same(value: object, change: Change) -> None:
    if value != change.before:
        raise _make_conflict()


def _make_conflict() -> GeometryError:
    return GeometryError(
        "Someone else has changed the plan in the meantime.", "Review the current plan, then edit it again."
    )


def version_sort_key(geometry: FloorGeometry) -> float:
    """Return the start of a version, seconds since the epoch; minus infinity: from the beginning."""
    return float("-inf") if geometry.valid_from_utc_s is None else geometry.valid_from_utc_s


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


def name_value(value: Value) -> Phrase:
    """Return the name of a changed part for a sentence."""
    if not isinstance(value, Zone | CountingLine | Obstacle | PlannedCamera):
        return Phrase("the plan")
    return dataclasses.replace(_TITLES[find_part(value)], fields={"name": value.name})


FARTHEST_M = 10_000.0
"""Maximum distance from the origin; a point farther away was not given in metres."""
MAX_NAME = 100

PlanItem = Zone | CountingLine | Obstacle | Polygon
"""Object of a shape; a bare polygon is the hall's outline."""


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


def with_points(item: PlanItem, points: Sequence[Point]) -> PlanItem:
    """Return a copy with other corners.

    Raises:
        GeometryError: they make no polygon or line, or lie too far off; names the shape.
    """
    what = Phrase("the hall") if isinstance(item, Polygon) else name_value(item)
    check_points(points, what=what)
    match item:
        case Polygon():
            return Polygon.from_points(points, what=what)
        case CountingLine():
            return dataclasses.replace(item, path=Polyline.from_points(points, what=what))
        case _:
            return dataclasses.replace(item, outline=Polygon.from_points(points, what=what))


def replace_plan_item(venue: Venue, shape: Shape, after: PlanItem) -> tuple[Change, ...]:
    """Return the changes that replace one object by another; none if they are equal.

    Raises:
        GeometryError: there is no such shape.
    """
    before = find_plan_item(venue, shape)
    if before == after:
        return ()
    index = 0
    if shape.part is not Part.OUTLINE:
        index = list(list_plan_items(venue, shape.part, shape.version_utc_s)).index(before)  # type: ignore[arg-type]
    return (Change(shape.part, before, after, index, shape.version_utc_s),)


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
