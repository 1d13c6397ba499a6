"""Edits of where zones, lines, obstacles and the hall lie, and of their names, as values."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.floor_geometry import Point, Polygon
from analytics.domain.floor_plan import Obstacle
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone
from app.core.document import Venue
from app.plan.edit_counting import check_values
from app.plan.edit_targets import follow_renamed_zone
from app.plan.geometry_change import Change, Part, name_value
from app.plan.plan_shapes import (
    Figure,
    Shape,
    check_name,
    describe_shape,
    find_figure,
    list_figures,
    list_points,
    replace_figure,
    with_points,
)


@dataclass(frozen=True, slots=True)
class AddFigure:
    """Add a zone or line to a version of the geometry, or an obstacle to the plan."""

    figure: Zone | CountingLine | Obstacle
    version_utc_s: float | None = None

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Add {what}", {"what": name_value(self.figure)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: the name is taken or none, a value is out of its limits, or no such version.
        """
        part = _part_of(self.figure)
        figure = with_points(self.figure, list_points(self.figure))
        assert isinstance(figure, Zone | CountingLine | Obstacle)
        figure = check_values(figure)
        entries = list_figures(venue, part, self.version_utc_s)
        taken = [str(entry.name) for entry in entries]
        figure = _with_name(figure, check_name(str(figure.name), taken=taken, what=name_value(figure)))
        version_utc_s = None if part is Part.OBSTACLES else self.version_utc_s
        return (Change(part, None, figure, len(entries), version_utc_s),)


@dataclass(frozen=True, slots=True)
class RemoveFigure:
    """Remove a zone, line or obstacle; what was observed stays, and can be counted by another zone."""

    shape: Shape

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Remove {what}", {"what": describe_shape(self.shape)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: there is no such thing, or it is the hall.
        """
        figure = find_figure(venue, self.shape)
        if not isinstance(figure, Zone | CountingLine | Obstacle):
            raise GeometryError("The hall cannot be removed.", "Draw another outline in its place.")
        index = list(list_figures(venue, self.shape.part, self.shape.version_utc_s)).index(figure)
        return (Change(self.shape.part, figure, None, index, self.shape.version_utc_s),)


@dataclass(frozen=True, slots=True)
class MoveFigure:
    """Move a whole figure by metres to the right and up."""

    shape: Shape
    by_m: Point

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Move {what}", {"what": describe_shape(self.shape)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: there is no such shape, or it would lie too far off.
        """
        figure = find_figure(venue, self.shape)
        dx, dy = self.by_m
        moved = [(x + dx, y + dy) for x, y in list_points(figure)]
        return replace_figure(venue, self.shape, with_points(figure, moved))


@dataclass(frozen=True, slots=True)
class SetPoints:
    """Give a figure other corners: drawn anew, or typed as numbers."""

    shape: Shape
    points: tuple[Point, ...]

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Redraw {what}", {"what": describe_shape(self.shape)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: there is no such shape, or the points make none.
        """
        figure = find_figure(venue, self.shape)
        return replace_figure(venue, self.shape, with_points(figure, self.points))


@dataclass(frozen=True, slots=True)
class MoveVertex:
    """Move one corner, counted from 0, to a point."""

    shape: Shape
    vertex: int
    to_m: Point

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Move a corner of {what}", {"what": describe_shape(self.shape)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: there is no such shape or corner, or the shape would cross itself.
        """
        figure, points = _find_points(venue, self.shape, self.vertex)
        points[self.vertex] = self.to_m
        return replace_figure(venue, self.shape, with_points(figure, points))


@dataclass(frozen=True, slots=True)
class InsertVertex:
    """Add a corner behind one, counted from 0."""

    shape: Shape
    after: int
    at_m: Point

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Add a corner to {what}", {"what": describe_shape(self.shape)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: there is no such shape or corner, or the shape would cross itself.
        """
        figure, points = _find_points(venue, self.shape, self.after)
        points.insert(self.after + 1, self.at_m)
        return replace_figure(venue, self.shape, with_points(figure, points))


@dataclass(frozen=True, slots=True)
class RemoveVertex:
    """Remove one corner, counted from 0."""

    shape: Shape
    vertex: int

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Remove a corner of {what}", {"what": describe_shape(self.shape)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: there is no such shape or corner, or too few would be left.
        """
        figure, points = _find_points(venue, self.shape, self.vertex)
        del points[self.vertex]
        return replace_figure(venue, self.shape, with_points(figure, points))


@dataclass(frozen=True, slots=True)
class RenameFigure:
    """Give a zone or line another name in every version of the geometry that has it, or an obstacle one.

    In every version, since a name identifies: history under the former name would be that of another zone.
    """

    shape: Shape
    name: str

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Rename {what}", {"what": describe_shape(self.shape)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: there is no such thing, or another has the name.
        """
        return find_renaming(venue, self.shape, self.name)


def find_renaming(venue: Venue, shape: Shape, name: str, *, freed: Sequence[str] = ()) -> tuple[Change, ...]:
    """The changes that give a zone, line or obstacle another name, wherever it has the former one.

    Args:
        freed: names of its kind that are given up at the same time, and may be taken.

    Raises:
        GeometryError: there is no such thing, or another has the name.
    """
    figure = find_figure(venue, shape)
    if isinstance(figure, Polygon):
        raise GeometryError("The hall has no name of its own.", "Change the name of the exhibition.")
    if name.strip() == figure.name:
        return ()
    versions: list[float | None] = [version.valid_from_utc_s for version in venue.geometry_versions]
    changes: list[Change] = []
    for version_utc_s in [None] if shape.part is Part.OBSTACLES else versions:
        here = dataclasses.replace(shape, version_utc_s=version_utc_s)
        entries = list_figures(venue, here.part, version_utc_s)
        known = next((entry for entry in entries if entry.name == here.name), None)
        if known is None:
            continue
        taken = [str(entry.name) for entry in entries if entry != known and entry.name not in freed]
        what = describe_shape(dataclasses.replace(here, name=name.strip()))
        changes += replace_figure(venue, here, _with_name(known, check_name(name, taken=taken, what=what)))
    if shape.part is Part.ZONES:
        changes += follow_renamed_zone(venue, str(shape.name), name.strip(), freed=freed)
    return tuple(changes)


def turn_point(point: Point, *, by_deg: float, about_m: Point) -> Point:
    """A point turned about another, degrees counter-clockwise."""
    cos, sin = math.cos(math.radians(by_deg)), math.sin(math.radians(by_deg))
    x, y = point[0] - about_m[0], point[1] - about_m[1]
    return about_m[0] + cos * x - sin * y, about_m[1] + sin * x + cos * y


def _part_of(figure: Zone | CountingLine | Obstacle) -> Part:
    match figure:
        case Zone():
            return Part.ZONES
        case CountingLine():
            return Part.LINES
        case _:
            return Part.OBSTACLES


def _with_name(figure: Zone | CountingLine | Obstacle, name: str) -> Zone | CountingLine | Obstacle:
    match figure:
        case Zone():
            return dataclasses.replace(figure, name=ZoneId(name))
        case CountingLine():
            return dataclasses.replace(figure, name=LineId(name))
        case _:
            return dataclasses.replace(figure, name=name)


def _find_points(venue: Venue, shape: Shape, vertex: int) -> tuple[Figure, list[Point]]:
    figure = find_figure(venue, shape)
    points = list(list_points(figure))
    if not 0 <= vertex < len(points):
        raise GeometryError(
            "{what} has no corner {number}.",
            "Choose one of its {count} corners.",
            what=describe_shape(shape),
            number=vertex + 1,
            count=len(points),
        )
    return figure, points
