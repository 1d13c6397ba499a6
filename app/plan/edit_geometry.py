"""Edits of zones, lines, obstacles, the hall and version start times, as values."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.floor_geometry import Point, Polygon
from analytics.domain.floor_plan import Obstacle
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind, is_colour
from app.core.change_set import Part, version_sort_key
from app.core.document import Venue
from app.plan.plan_shapes import (
    PlanItem,
    Shape,
    check_name,
    describe_shape,
    find_part,
    find_plan_item,
    find_version,
    list_plan_items,
    list_points,
    name_value,
    replace_plan_item,
    with_plan_items,
    with_points,
)

MAX_STAY_S = 3600.0
MAX_LEAVE_DISTANCE_M, MAX_LEAVE_TIME_S = 5.0, 600.0
"""Longest minimum stay: a zone that needs more than an hour would count no visits."""
MAX_BAND_M = 10.0
"""Widest band of a line: people would be lost before they leave a wider one."""
MAX_HEIGHT_M = 30.0
"""Maximum obstacle height; no hall is higher."""
MAX_LABEL = 1000

Checked = TypeVar(
    "Checked", Zone, CountingLine, Obstacle, Zone | CountingLine, Zone | CountingLine | Obstacle
)


@dataclass(frozen=True, slots=True)
class ShapeEdit:
    """Base class of edits that change one zone, line or obstacle.

    Attributes:
        title: name of the edit; ``what`` in it stands for the shape.
    """

    title: ClassVar[Phrase]
    shape: Shape

    @property
    def words(self) -> Phrase:
        """Return the title with the name of the zone, line or obstacle."""
        return dataclasses.replace(self.title, fields={"what": describe_shape(self.shape)})

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: there is no such shape or corner, it is not of the kind that the edit is for, a
                value is out of its limits, or the corners would lie too far off, cross or be too few.
        """
        return replace_plan_item(venue, self.shape, self._change(find_plan_item(venue, self.shape)))

    def _change(self, item: PlanItem) -> PlanItem:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class SetKind(ShapeEdit):
    """Set the kind of a zone or line."""

    title: ClassVar[Phrase] = Phrase("Change the kind of {what}")
    kind: ZoneKind

    def _change(self, item: PlanItem) -> PlanItem:
        return dataclasses.replace(_require_counted(item, self.shape), kind=self.kind)


@dataclass(frozen=True, slots=True)
class SetColour(ShapeEdit):
    """Set the colour of a zone or line, ``#rrggbb``; None uses the default of its kind."""

    title: ClassVar[Phrase] = Phrase("Change the colour of {what}")
    colour: str | None

    def _change(self, item: PlanItem) -> PlanItem:
        return check_values(dataclasses.replace(_require_counted(item, self.shape), colour=self.colour))


@dataclass(frozen=True, slots=True)
class SetMinimumStay(ShapeEdit):
    """Set the minimum stay that counts as a visit to a zone, seconds."""

    title: ClassVar[Phrase] = Phrase("Change the minimum stay of {what}")
    minimum_stay_s: float

    def _change(self, item: PlanItem) -> PlanItem:
        if not isinstance(_require_counted(item, self.shape), Zone):
            raise GeometryError("Lines have no visits.", "Draw a zone to count visits.")
        assert isinstance(item, Zone)
        return check_values(dataclasses.replace(item, minimum_stay_s=self.minimum_stay_s))


@dataclass(frozen=True, slots=True)
class SetLeaving(ShapeEdit):
    """Set when a visitor has left a zone: farther from its outline than a distance, for longer than a time.

    Attributes:
        leave_distance_m, leave_time_s: None for as it is.
    """

    title: ClassVar[Phrase] = Phrase("Change when visitors have left {what}")
    leave_distance_m: float | None = None
    leave_time_s: float | None = None

    def _change(self, item: PlanItem) -> PlanItem:
        if not isinstance(_require_counted(item, self.shape), Zone):
            raise GeometryError("Lines have no visits.", "Draw a zone to count visits.")
        assert isinstance(item, Zone)
        given = {"leave_distance_m": self.leave_distance_m, "leave_time_s": self.leave_time_s}
        changed: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        return check_values(dataclasses.replace(item, **changed))


@dataclass(frozen=True, slots=True)
class SetBand(ShapeEdit):
    """Set the width of a line's neutral band, in which a person is on neither side, metres."""

    title: ClassVar[Phrase] = Phrase("Change the band of {what}")
    band_m: float

    def _change(self, item: PlanItem) -> PlanItem:
        return check_values(dataclasses.replace(_require_line(item, self.shape), band_m=self.band_m))


@dataclass(frozen=True, slots=True)
class SetLineDirection(ShapeEdit):
    """Swap a line's ``in`` and ``out`` by reversing its points."""

    title: ClassVar[Phrase] = Phrase("Reverse the direction of {what}")

    def _change(self, item: PlanItem) -> PlanItem:
        line = _require_line(item, self.shape)
        return with_points(line, line.path.points[::-1])


@dataclass(frozen=True, slots=True)
class SetObstacleHeight(ShapeEdit):
    """Set the height of an obstacle, which decides what it hides from cameras, metres; None if unknown."""

    title: ClassVar[Phrase] = Phrase("Change the height of {what}")
    height_m: float | None

    def _change(self, item: PlanItem) -> PlanItem:
        if not isinstance(item, Obstacle):
            raise GeometryError(
                "{what} has no height.", "Choose an obstacle.", what=describe_shape(self.shape)
            )
        if self.height_m is not None and not (
            math.isfinite(self.height_m) and 0 < self.height_m <= MAX_HEIGHT_M
        ):
            raise GeometryError(
                "The height of {what} is {value:g} m.",
                "Enter a height above 0 and up to {most:g} m, or leave it empty if unknown.",
                what=name_value(item),
                value=self.height_m,
                most=MAX_HEIGHT_M,
            )
        return dataclasses.replace(item, height_m=self.height_m)


@dataclass(frozen=True, slots=True)
class MoveShape(ShapeEdit):
    """Move a zone, line or obstacle by metres to the right and up."""

    title: ClassVar[Phrase] = Phrase("Move {what}")
    by_m: Point

    def _change(self, item: PlanItem) -> PlanItem:
        dx, dy = self.by_m
        return with_points(item, [(x + dx, y + dy) for x, y in list_points(item)])


@dataclass(frozen=True, slots=True)
class MoveVertex(ShapeEdit):
    """Move one corner, counted from 0, to a point."""

    title: ClassVar[Phrase] = Phrase("Move a corner of {what}")
    vertex: int
    to_m: Point

    def _change(self, item: PlanItem) -> PlanItem:
        points = _list_corners(item, self.shape, self.vertex)
        points[self.vertex] = self.to_m
        return with_points(item, points)


@dataclass(frozen=True, slots=True)
class InsertVertex(ShapeEdit):
    """Insert a corner after one, counted from 0."""

    title: ClassVar[Phrase] = Phrase("Add a corner to {what}")
    after: int
    at_m: Point

    def _change(self, item: PlanItem) -> PlanItem:
        points = _list_corners(item, self.shape, self.after)
        points.insert(self.after + 1, self.at_m)
        return with_points(item, points)


@dataclass(frozen=True, slots=True)
class RemoveVertex(ShapeEdit):
    """Remove one corner, counted from 0."""

    title: ClassVar[Phrase] = Phrase("Remove a corner of {what}")
    vertex: int

    def _change(self, item: PlanItem) -> PlanItem:
        points = _list_corners(item, self.shape, self.vertex)
        del points[self.vertex]
        return with_points(item, points)


@dataclass(frozen=True, slots=True)
class RemoveShape(ShapeEdit):
    """Remove a zone, line or obstacle; recorded tracks remain and can be counted by other zones."""

    title: ClassVar[Phrase] = Phrase("Remove {what}")

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: there is no such thing, or it is the hall.
        """
        if self.shape.part is Part.OUTLINE:
            raise GeometryError("The hall cannot be removed.", "Draw another outline instead.")
        return replace_plan_item(venue, self.shape, None)


@dataclass(frozen=True, slots=True)
class RenameShape(ShapeEdit):
    """Rename a zone or line in every version of the geometry, or an obstacle.

    In every version, since a name identifies: history under the former name would be that of another zone.
    """

    title: ClassVar[Phrase] = Phrase("Rename {what}")
    name: str

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: there is no such thing, or another has the name.
        """
        return rename_shapes(venue, {self.shape: self.name})


@dataclass(frozen=True, slots=True)
class RedrawPast(ShapeEdit):
    """Apply a zone or line as drawn in one version to all earlier versions that draw it differently.

    For a zone that was drawn wrongly, not for a stand that was moved.
    """

    title: ClassVar[Phrase] = Phrase("Redraw {what} in the past as well")

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: there is no such zone or line.
        """
        if self.shape.part not in (Part.ZONES, Part.LINES):
            raise GeometryError("Only zones and lines have a history.", "Choose a zone or a line.")
        item = find_plan_item(venue, self.shape)
        for past in list(self._list_past(venue)):
            venue = replace_plan_item(venue, past, item)
        return venue

    def _list_past(self, venue: Venue) -> Iterator[Shape]:
        until = version_sort_key(find_version(venue, self.shape.version_utc_s))
        for version in venue.geometry_versions:
            if version_sort_key(version) < until:
                entries = list_plan_items(venue, self.shape.part, version.valid_from_utc_s)
                if self.shape.name in [entry.name for entry in entries]:
                    yield dataclasses.replace(self.shape, version_utc_s=version.valid_from_utc_s)


@dataclass(frozen=True, slots=True)
class StartVersion:
    """Start a new version of the geometry, as a copy of the version before, at a given time.

    What was observed before is still counted by what stood there then.
    """

    words: ClassVar[Phrase] = Phrase("Start a new layout version")
    valid_from_utc_s: float
    label: str = ""

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: a version begins at that time already, or it is no time.
        """
        _check_start(venue, self.valid_from_utc_s)
        version = dataclasses.replace(
            venue.geometry_at(self.valid_from_utc_s),
            valid_from_utc_s=self.valid_from_utc_s,
            label=_check_label(self.label),
        )
        return venue.with_geometry(version)


@dataclass(frozen=True, slots=True)
class AddShape:
    """Add a zone or line to a version of the geometry, or an obstacle to the plan."""

    item: Zone | CountingLine | Obstacle
    version_utc_s: float | None = None

    @property
    def words(self) -> Phrase:
        """Return the edit's name for the undo menu."""
        return Phrase("Add {what}", {"what": name_value(self.item)})

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: the name is taken or none, a value is out of its limits, or no such version.
        """
        part = find_part(self.item)
        item = check_values(with_points(self.item, list_points(self.item)))
        entries = list_plan_items(venue, part, self.version_utc_s)
        used = [str(entry.name) for entry in entries]
        item = with_name(item, check_name(str(item.name), used=used, what=name_value(item)))
        return with_plan_items(venue, part, self.version_utc_s, [*entries, item])


def rename_shapes(venue: Venue, names: Mapping[Shape, str]) -> Venue:
    """Return the venue with zones, lines and obstacles renamed at once, wherever their former names are used.

    Targets that a zone of a new name had before are dropped.

    Raises:
        GeometryError: there is no such thing, or another has the name.
    """
    if any(isinstance(find_plan_item(venue, shape), Polygon) for shape in names):
        raise GeometryError("The hall cannot be renamed here.", "Change the name of the exhibition instead.")
    starts = [version.valid_from_utc_s for version in venue.geometry_versions]
    for part in dict.fromkeys(shape.part for shape in names):
        new = {one.name: name for one, name in names.items() if one.part is part and name.strip() != one.name}
        for start in [None] if part is Part.OBSTACLES else starts:
            entries = list_plan_items(venue, part, start)
            used = [str(entry.name) for entry in entries if entry.name not in new]
            checked = {
                old: check_name(name, used=used, what=describe_shape(Shape(part, name.strip())))
                for old, name in new.items()
            }
            renamed = [with_name(entry, checked.get(entry.name, entry.name)) for entry in entries]
            venue = with_plan_items(venue, part, start, renamed)
        if part is Part.ZONES:
            taken = {new[one.zone].strip() for one in venue.targets if one.zone in new}
            targets = tuple(
                dataclasses.replace(one, zone=ZoneId(new.get(one.zone, one.zone).strip()))
                for one in venue.targets
                if one.zone in new or one.zone not in taken
            )
            venue = dataclasses.replace(venue, targets=targets)
    return venue


def turn_point(point: Point, *, by_deg: float, about_m: Point) -> Point:
    """Rotate a point about another, degrees counter-clockwise."""
    cos, sin = math.cos(math.radians(by_deg)), math.sin(math.radians(by_deg))
    x, y = point[0] - about_m[0], point[1] - about_m[1]
    return about_m[0] + cos * x - sin * y, about_m[1] + sin * x + cos * y


def check_values(item: Checked) -> Checked:
    """Return the zone or line after checking its numbers and colour.

    Raises:
        GeometryError: names the field and its limits.
    """
    what = name_value(item)
    if isinstance(item, Zone):
        _check_range(item.minimum_stay_s, most=MAX_STAY_S, what=what, field=Phrase("minimum stay"))
        _check_range(
            item.leave_distance_m, most=MAX_LEAVE_DISTANCE_M, what=what, field=Phrase("leave distance")
        )
        _check_range(item.leave_time_s, most=MAX_LEAVE_TIME_S, what=what, field=Phrase("leave time"))
    if isinstance(item, CountingLine):
        _check_range(item.band_m, most=MAX_BAND_M, what=what, field=Phrase("band"))
    if isinstance(item, Zone | CountingLine) and item.colour is not None and not is_colour(item.colour):
        raise GeometryError(
            "The colour of {what} is '{colour}'.",
            "Enter it as #2563eb, or leave it empty for the default of its kind.",
            what=what,
            colour=item.colour,
        )
    return item


def _check_range(value: float, *, most: float, what: Phrase, field: Phrase) -> None:
    if not (math.isfinite(value) and 0 <= value <= most):
        raise GeometryError(
            "The {field} of {what} is {value:g}.",
            "Enter a number from 0 to {most:g}.",
            field=field,
            what=what,
            value=value,
            most=most,
        )


def _check_start(venue: Venue, valid_from_utc_s: float | None) -> None:
    if valid_from_utc_s is not None and not math.isfinite(valid_from_utc_s):
        raise GeometryError("Not a valid time.", "Enter a time such as 2026-11-25T09:00:00Z.")
    if valid_from_utc_s in [version.valid_from_utc_s for version in venue.geometry_versions]:
        raise GeometryError(
            "A layout version already starts at that time.",
            "Edit that version, or choose another time.",
        )


def _check_label(label: str) -> str:
    label = label.strip()
    if len(label) > MAX_LABEL:
        raise GeometryError(
            "The label has {count} characters.",
            "Use at most {most} characters.",
            count=len(label),
            most=MAX_LABEL,
        )
    return label


def with_name(item: Checked, name: str) -> Checked:
    """Return a copy of a zone, line or obstacle with another name."""
    # the names of zones and lines are strings of types of their own
    return dataclasses.replace(item, name=name)  # type: ignore[arg-type]


def _require_counted(item: PlanItem, shape: Shape) -> Zone | CountingLine:
    if not isinstance(item, Zone | CountingLine):
        raise GeometryError(
            "Nothing is counted at {what}.", "Choose a zone or a line.", what=describe_shape(shape)
        )
    return item


def _require_line(item: PlanItem, shape: Shape) -> CountingLine:
    if not isinstance(item, CountingLine):
        raise GeometryError("{what} is not a line.", "Choose a counting line.", what=describe_shape(shape))
    return item


def _list_corners(item: PlanItem, shape: Shape, vertex: int) -> list[Point]:
    points = list(list_points(item))
    if not 0 <= vertex < len(points):
        raise GeometryError(
            "{what} has no corner {number}.",
            "Choose one of its {count} corners.",
            what=describe_shape(shape),
            number=vertex + 1,
            count=len(points),
        )
    return points
