"""Everything on the plan that has corners: which one is meant, its points, and the same with other points."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.floor_geometry import Point, Polygon, Polyline
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle, PlanPicture
from analytics.domain.planned_camera import PlannedCamera
from analytics.domain.zone import CountingLine, Zone
from analytics.domain.zone_targets import ZoneTargets
from analytics.visitors.false_positives.corrections import Corrections
from app.core.change_set import ChangeSet
from app.core.document import Venue, VenueCamera
from app.plan.snapping import Outline, measure_to_side


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
        return min(measure_to_side(point, side) for side in self.to_outline().sides())

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


class Part(StrEnum):
    """Which part of a venue changes."""

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
        before: None where something is added.
        after: None where something is removed.
        index: where in its list it is removed from or added to.
        version_utc_s: of which version of the geometry, for zones and lines.
    """

    part: Part
    before: Value
    after: Value
    index: int = 0
    version_utc_s: float | None = None

    def invert(self) -> Change:
        """The change that takes this one back."""
        return dataclasses.replace(self, before=self.after, after=self.before)


class GeometryEdit(Protocol):
    """Something that a person does to the plan, its zones and its lines."""

    @property
    def words(self) -> Phrase:
        """What it is called after "Undo" in a menu."""

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """What it changes in a venue; nothing has been changed yet.

        Raises:
            ExpoFlowError: it cannot be done; names the field, and what to do.
        """


def invert_changes(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The changes that take several back, last first."""
    return tuple(change.invert() for change in reversed(changes))


def apply_changes(venue: Venue, changes: Iterable[Change]) -> Venue:
    """A venue with changes made, all of them or none.

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
                versions.sort(key=order_version)
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
    """Two groups of changes, made one after the other, as one; what returns to where it was drops out."""
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
    """Which pages have to read again."""
    parts = {change.part for change in changes}
    return ChangeSet(
        cameras=Part.CAMERAS in parts,
        zones=bool(parts & {Part.ZONES, Part.LINES, Part.VERSIONS}),
        plan=bool(parts & {Part.OBSTACLES, Part.OUTLINE, Part.PICTURE}),
        settings=Part.CORRECTIONS in parts,
        planned_cameras=Part.PLANNED_CAMERAS in parts,
        targets=Part.TARGETS in parts,
    )


def find_version(venue: Venue, version_utc_s: float | None) -> FloorGeometry:
    """The version of the geometry that begins at a moment; None: the one without a beginning.

    Raises:
        GeometryError: there is none.
    """
    for geometry in venue.geometry_versions:
        if geometry.valid_from_utc_s == version_utc_s:
            return geometry
    raise GeometryError(
        "No version of the zones begins at that time.",
        "Choose one of those that there are, or start a new one from that time.",
    )


def _find_predecessor(merged: Sequence[Change], change: Change) -> int | None:
    """The last change, if it led to where this one starts and nothing after it depends on the order."""
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
    """Replace, remove or add an entry; the same values are looked for, wherever they are in the list."""
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
        "The plan was changed by somebody else meanwhile.", "Look at it as it is now, then edit it again."
    )


def order_version(geometry: FloorGeometry) -> float:
    """Return from when a version holds, seconds since the epoch; minus infinity: from the beginning."""
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


def find_part(figure: Zone | CountingLine | Obstacle | PlannedCamera) -> Part:
    """Return which part of a venue a zone, line, obstacle or planned camera is."""
    return _PARTS[type(figure)]


def name_value(value: Value) -> Phrase:
    """What a changed part is called in a sentence."""
    if not isinstance(value, Zone | CountingLine | Obstacle | PlannedCamera):
        return Phrase("the plan")
    return dataclasses.replace(_TITLES[find_part(value)], fields={"name": value.name})


FARTHEST_M = 10_000.0
"""No hall is as wide; what lies farther from the origin was given in other units than metres."""
MAX_NAME = 100

Figure = Zone | CountingLine | Obstacle | Polygon
"""What a shape refers to; a bare polygon is the hall's outline."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Which zone, line or obstacle is meant, or the hall's outline.

    Attributes:
        version_utc_s: of which version of the geometry, for zones and lines.
    """

    part: Part
    name: str = ""
    version_utc_s: float | None = None


HALL = Shape(Part.OUTLINE)


def find_figure(venue: Venue, shape: Shape) -> Figure:
    """The zone, line, obstacle or outline that is meant.

    Raises:
        GeometryError: there is none of that name, or no such version.
    """
    if shape.part is Part.OUTLINE:
        return venue.plan.outline
    entries = list_figures(venue, shape.part, shape.version_utc_s)
    for entry in entries:
        if entry.name == shape.name:
            return entry
    raise GeometryError(
        "There is no {what}.",
        "Choose one of those on the plan; somebody may have removed or renamed it.",
        what=describe_shape(shape),
    )


def list_figures(
    venue: Venue, part: Part, version_utc_s: float | None
) -> Sequence[Zone | CountingLine | Obstacle]:
    """All zones or lines of a version, or all obstacles.

    Raises:
        GeometryError: there is no such version.
    """
    if part is Part.OBSTACLES:
        return venue.plan.obstacles
    version = find_version(venue, version_utc_s)
    return version.zones if part is Part.ZONES else version.lines


def describe_shape(shape: Shape) -> Phrase:
    """What a shape is called in a sentence."""
    if shape.part not in _TITLES:
        return Phrase("the outline of the hall")
    return dataclasses.replace(_TITLES[shape.part], fields={"name": shape.name})


def list_points(figure: Figure) -> tuple[Point, ...]:
    """The corners of a zone, an obstacle or the hall, or the points of a line, metres."""
    match figure:
        case Polygon():
            return figure.points
        case CountingLine():
            return figure.path.points
        case _:
            return figure.outline.points


def with_points(figure: Figure, points: Sequence[Point]) -> Figure:
    """The same with other corners.

    Raises:
        GeometryError: they make no polygon or line, or lie too far off; names the figure.
    """
    what = Phrase("the hall") if isinstance(figure, Polygon) else name_value(figure)
    check_points(points, what=what)
    match figure:
        case Polygon():
            return Polygon.from_points(points, what=what)
        case CountingLine():
            return dataclasses.replace(figure, path=Polyline.from_points(points, what=what))
        case _:
            return dataclasses.replace(figure, outline=Polygon.from_points(points, what=what))


def replace_figure(venue: Venue, shape: Shape, after: Figure) -> tuple[Change, ...]:
    """The changes that put another figure in the place of one; none where they are the same.

    Raises:
        GeometryError: there is no such shape.
    """
    before = find_figure(venue, shape)
    if before == after:
        return ()
    index = 0
    if shape.part is not Part.OUTLINE:
        index = list(list_figures(venue, shape.part, shape.version_utc_s)).index(before)  # type: ignore[arg-type]
    return (Change(shape.part, before, after, index, shape.version_utc_s),)


def check_points(points: Sequence[Point], *, what: Phrase) -> None:
    """Refuse points that cannot be metres on a floor.

    Raises:
        GeometryError: one is no number, or farther off than any hall is wide.
    """
    for x_m, y_m in points:
        if math.isfinite(x_m) and math.isfinite(y_m) and max(abs(x_m), abs(y_m)) > FARTHEST_M:
            raise GeometryError(
                "{what} has a corner at {x:.0f} m, {y:.0f} m, farther off than any hall is wide.",
                "Give coordinates in metres from the lower left corner of the plan.",
                what=what,
                x=x_m,
                y=y_m,
            )


def check_name(name: str, *, taken: Sequence[str], what: Phrase) -> str:
    """A name without spaces round it that no other has.

    Raises:
        GeometryError: it is empty, too long, has a line break, or another has it.
    """
    name = name.strip()
    if not name:
        raise GeometryError("{what} has no name.", "Give it one, such as A1.", what=what)
    if len(name) > MAX_NAME:
        raise GeometryError(
            "The name of {what} has {count} characters.",
            "Give it one of at most {most}.",
            what=what,
            count=len(name),
            most=MAX_NAME,
        )
    if re.search(r"[\x00-\x1f]", name):
        raise GeometryError(
            "The name of {what} has a line break or a tab.", "Write it on one line.", what=what
        )
    if name in taken:
        raise GeometryError(
            "There is a {what} already.", "Choose a name that nothing else of its kind has.", what=what
        )
    return name
