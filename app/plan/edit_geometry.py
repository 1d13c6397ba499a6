"""Edits of zones, lines, obstacles and the hall, and of when zones hold, as values."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.floor_geometry import Point, Polygon
from analytics.domain.floor_plan import Obstacle
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind, is_colour
from app.core.document import Venue
from app.plan.plan_shapes import (
    Change,
    Figure,
    Part,
    Shape,
    check_name,
    describe_shape,
    find_figure,
    find_part,
    find_version,
    list_figures,
    list_points,
    name_value,
    order_version,
    replace_figure,
    with_points,
)

MAX_STAY_S = 3600.0
"""A zone that counts nobody who stays for less than an hour counts nobody."""
MAX_BAND_M = 10.0
"""People who pass through a broader one are lost before they are clear of it."""
HIGHEST_M = 30.0
"""No hall is higher."""
MAX_LABEL = 1000

Checked = TypeVar(
    "Checked", Zone, CountingLine, Obstacle, Zone | CountingLine, Zone | CountingLine | Obstacle
)


@dataclass(frozen=True, slots=True)
class FigureEdit:
    """Change one figure; subclasses say what it becomes.

    Attributes:
        title: how a menu calls the edit; ``what`` in it stands for the figure.
    """

    title: ClassVar[Phrase]
    shape: Shape

    @property
    def words(self) -> Phrase:
        """Return the title with the figure's name."""
        return dataclasses.replace(self.title, fields={"what": describe_shape(self.shape)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """Return the change of the figure; nothing where it stays the same.

        Raises:
            GeometryError: there is no such figure or corner, it is not of the kind that the edit is for, a
                value is out of its limits, or the corners would lie too far off, cross or be too few.
        """
        return replace_figure(venue, self.shape, self._change(find_figure(venue, self.shape)))

    def _change(self, figure: Figure) -> Figure:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class SetKind(FigureEdit):
    """Say what a zone or line is for."""

    title: ClassVar[Phrase] = Phrase("Change the kind of {what}")
    kind: ZoneKind

    def _change(self, figure: Figure) -> Figure:
        return dataclasses.replace(_require_counted(figure, self.shape), kind=self.kind)


@dataclass(frozen=True, slots=True)
class SetColour(FigureEdit):
    """Give a zone or line a colour, ``#rrggbb``; None: that of its kind."""

    title: ClassVar[Phrase] = Phrase("Change the colour of {what}")
    colour: str | None

    def _change(self, figure: Figure) -> Figure:
        return check_values(dataclasses.replace(_require_counted(figure, self.shape), colour=self.colour))


@dataclass(frozen=True, slots=True)
class SetMinimumStay(FigureEdit):
    """Say how long a stay in a zone must be to be a visit, seconds."""

    title: ClassVar[Phrase] = Phrase("Change the shortest visit to {what}")
    minimum_stay_s: float

    def _change(self, figure: Figure) -> Figure:
        if not isinstance(_require_counted(figure, self.shape), Zone):
            raise GeometryError("A line has no visits.", "Draw a zone to count those who stay.")
        assert isinstance(figure, Zone)
        return check_values(dataclasses.replace(figure, minimum_stay_s=self.minimum_stay_s))


@dataclass(frozen=True, slots=True)
class SetBand(FigureEdit):
    """Say how broad the band of a line is in which a person is on neither side, metres."""

    title: ClassVar[Phrase] = Phrase("Change the band of {what}")
    band_m: float

    def _change(self, figure: Figure) -> Figure:
        return check_values(dataclasses.replace(_require_line(figure, self.shape), band_m=self.band_m))


@dataclass(frozen=True, slots=True)
class SetLineDirection(FigureEdit):
    """Let ``in`` be the other way: the line is drawn from its last to its first point."""

    title: ClassVar[Phrase] = Phrase("Turn the direction of {what}")

    def _change(self, figure: Figure) -> Figure:
        line = _require_line(figure, self.shape)
        return with_points(line, line.path.points[::-1])


@dataclass(frozen=True, slots=True)
class SetObstacleHeight(FigureEdit):
    """Say how high an obstacle is, metres, to tell what it hides from a camera; None: not known."""

    title: ClassVar[Phrase] = Phrase("Change the height of {what}")
    height_m: float | None

    def _change(self, figure: Figure) -> Figure:
        if not isinstance(figure, Obstacle):
            raise GeometryError(
                "{what} has no height.", "Choose an obstacle.", what=describe_shape(self.shape)
            )
        if self.height_m is not None and not (
            math.isfinite(self.height_m) and 0 < self.height_m <= HIGHEST_M
        ):
            raise GeometryError(
                "The height of {what} is {value:g} m.",
                "Give a height above 0 and up to {most:g} m, or none if it is not known.",
                what=name_value(figure),
                value=self.height_m,
                most=HIGHEST_M,
            )
        return dataclasses.replace(figure, height_m=self.height_m)


@dataclass(frozen=True, slots=True)
class MoveFigure(FigureEdit):
    """Move a whole figure by metres to the right and up."""

    title: ClassVar[Phrase] = Phrase("Move {what}")
    by_m: Point

    def _change(self, figure: Figure) -> Figure:
        dx, dy = self.by_m
        return with_points(figure, [(x + dx, y + dy) for x, y in list_points(figure)])


@dataclass(frozen=True, slots=True)
class SetPoints(FigureEdit):
    """Give a figure other corners: drawn anew, or typed as numbers."""

    title: ClassVar[Phrase] = Phrase("Redraw {what}")
    points: tuple[Point, ...]

    def _change(self, figure: Figure) -> Figure:
        return with_points(figure, self.points)


@dataclass(frozen=True, slots=True)
class MoveVertex(FigureEdit):
    """Move one corner, counted from 0, to a point."""

    title: ClassVar[Phrase] = Phrase("Move a corner of {what}")
    vertex: int
    to_m: Point

    def _change(self, figure: Figure) -> Figure:
        points = _list_corners(figure, self.shape, self.vertex)
        points[self.vertex] = self.to_m
        return with_points(figure, points)


@dataclass(frozen=True, slots=True)
class InsertVertex(FigureEdit):
    """Add a corner behind one, counted from 0."""

    title: ClassVar[Phrase] = Phrase("Add a corner to {what}")
    after: int
    at_m: Point

    def _change(self, figure: Figure) -> Figure:
        points = _list_corners(figure, self.shape, self.after)
        points.insert(self.after + 1, self.at_m)
        return with_points(figure, points)


@dataclass(frozen=True, slots=True)
class RemoveVertex(FigureEdit):
    """Remove one corner, counted from 0."""

    title: ClassVar[Phrase] = Phrase("Remove a corner of {what}")
    vertex: int

    def _change(self, figure: Figure) -> Figure:
        points = _list_corners(figure, self.shape, self.vertex)
        del points[self.vertex]
        return with_points(figure, points)


@dataclass(frozen=True, slots=True)
class RemoveFigure(FigureEdit):
    """Remove a zone, line or obstacle; what was observed stays, and can be counted by another zone."""

    title: ClassVar[Phrase] = Phrase("Remove {what}")

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """Return the removal.

        Raises:
            GeometryError: there is no such thing, or it is the hall.
        """
        figure = find_figure(venue, self.shape)
        if not isinstance(figure, Zone | CountingLine | Obstacle):
            raise GeometryError("The hall cannot be removed.", "Draw another outline in its place.")
        index = list(list_figures(venue, self.shape.part, self.shape.version_utc_s)).index(figure)
        return (Change(self.shape.part, figure, None, index, self.shape.version_utc_s),)


@dataclass(frozen=True, slots=True)
class RenameFigure(FigureEdit):
    """Give a zone or line another name in every version of the geometry that has it, or an obstacle one.

    In every version, since a name identifies: history under the former name would be that of another zone.
    """

    title: ClassVar[Phrase] = Phrase("Rename {what}")
    name: str

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """Return the changes of every version.

        Raises:
            GeometryError: there is no such thing, or another has the name.
        """
        return find_renaming(venue, self.shape, self.name)


@dataclass(frozen=True, slots=True)
class RedrawPast(FigureEdit):
    """Let the past be counted by a zone or line as it is in one version, wherever it was drawn otherwise.

    For a zone that was drawn wrongly, not for a stand that was moved.
    """

    title: ClassVar[Phrase] = Phrase("Redraw {what} in the past, too")

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """Return the changes of the earlier versions.

        Raises:
            GeometryError: there is no such zone or line.
        """
        if self.shape.part not in (Part.ZONES, Part.LINES):
            raise GeometryError("Only zones and lines have a past.", "Choose a zone or a line.")
        figure = find_figure(venue, self.shape)
        return tuple(
            change for past in self._list_past(venue) for change in replace_figure(venue, past, figure)
        )

    def _list_past(self, venue: Venue) -> Iterator[Shape]:
        until = order_version(find_version(venue, self.shape.version_utc_s))
        for version in venue.geometry_versions:
            if order_version(version) < until:
                entries = list_figures(venue, self.shape.part, version.valid_from_utc_s)
                if self.shape.name in [entry.name for entry in entries]:
                    yield dataclasses.replace(self.shape, version_utc_s=version.valid_from_utc_s)


@dataclass(frozen=True, slots=True)
class StartVersion:
    """Let a new version hold from a moment on: what held until then, to be changed.

    What was observed before is still counted by what stood there then.
    """

    words: ClassVar[Phrase] = Phrase("Start a new version of the zones")
    valid_from_utc_s: float
    label: str = ""

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """Return the new version.

        Raises:
            GeometryError: a version begins at that time already, or it is no time.
        """
        _check_start(venue, self.valid_from_utc_s)
        version = dataclasses.replace(
            venue.geometry_at(self.valid_from_utc_s),
            valid_from_utc_s=self.valid_from_utc_s,
            label=_check_label(self.label),
        )
        return (Change(Part.VERSIONS, None, version, len(venue.geometry_versions)),)


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
        part = find_part(self.figure)
        figure = with_points(self.figure, list_points(self.figure))
        assert isinstance(figure, Zone | CountingLine | Obstacle)
        figure = check_values(figure)
        entries = list_figures(venue, part, self.version_utc_s)
        taken = [str(entry.name) for entry in entries]
        figure = with_name(figure, check_name(str(figure.name), taken=taken, what=name_value(figure)))
        version_utc_s = None if part is Part.OBSTACLES else self.version_utc_s
        return (Change(part, None, figure, len(entries), version_utc_s),)


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
        changes += replace_figure(venue, here, with_name(known, check_name(name, taken=taken, what=what)))
    if shape.part is Part.ZONES:
        changes += _follow_renamed_zone(venue, str(shape.name), name.strip(), freed=freed)
    return tuple(changes)


def _follow_renamed_zone(venue: Venue, old: str, new: str, *, freed: Sequence[str] = ()) -> Iterator[Change]:
    """What a zone's new name changes in its targets; those of a former zone of that name are given up.

    Args:
        freed: names that are given up at the same time.
    """
    known = {str(targets.zone): (index, targets) for index, targets in enumerate(venue.targets)}
    if old not in known:
        return
    index, targets = known[old]
    yield Change(Part.TARGETS, targets, dataclasses.replace(targets, zone=ZoneId(new)), index)
    if new in known and new not in freed:
        yield Change(Part.TARGETS, known[new][1], None, known[new][0])


def turn_point(point: Point, *, by_deg: float, about_m: Point) -> Point:
    """A point turned about another, degrees counter-clockwise."""
    cos, sin = math.cos(math.radians(by_deg)), math.sin(math.radians(by_deg))
    x, y = point[0] - about_m[0], point[1] - about_m[1]
    return about_m[0] + cos * x - sin * y, about_m[1] + sin * x + cos * y


def check_values(figure: Checked) -> Checked:
    """The same zone or line, if its numbers and its colour can be used.

    Raises:
        GeometryError: names the field and its limits.
    """
    what = name_value(figure)
    if isinstance(figure, Zone):
        _check_range(figure.minimum_stay_s, most=MAX_STAY_S, what=what, field=Phrase("shortest visit"))
    if isinstance(figure, CountingLine):
        _check_range(figure.band_m, most=MAX_BAND_M, what=what, field=Phrase("band"))
    if isinstance(figure, Zone | CountingLine) and figure.colour is not None and not is_colour(figure.colour):
        raise GeometryError(
            "The colour of {what} is '{colour}'.",
            "Give it as #2563eb, or none for that of its kind.",
            what=what,
            colour=figure.colour,
        )
    return figure


def _check_range(value: float, *, most: float, what: Phrase, field: Phrase) -> None:
    if not (math.isfinite(value) and 0 <= value <= most):
        raise GeometryError(
            "The {field} of {what} is {value:g}.",
            "Give a number from 0 to {most:g}.",
            field=field,
            what=what,
            value=value,
            most=most,
        )


def _check_start(venue: Venue, valid_from_utc_s: float | None) -> None:
    if valid_from_utc_s is not None and not math.isfinite(valid_from_utc_s):
        raise GeometryError("That is no time.", "Give one such as 2026-11-25T09:00:00Z.")
    if valid_from_utc_s in [version.valid_from_utc_s for version in venue.geometry_versions]:
        raise GeometryError(
            "A version of the zones begins at that time already.", "Edit that one, or choose another time."
        )


def _check_label(label: str) -> str:
    label = label.strip()
    if len(label) > MAX_LABEL:
        raise GeometryError(
            "The label has {count} characters.",
            "Give one of at most {most}.",
            count=len(label),
            most=MAX_LABEL,
        )
    return label


def with_name(figure: Checked, name: str) -> Checked:
    """Return the same figure under another name."""
    # the names of zones and lines are strings of types of their own
    return dataclasses.replace(figure, name=name)  # type: ignore[arg-type]


def _require_counted(figure: Figure, shape: Shape) -> Zone | CountingLine:
    if not isinstance(figure, Zone | CountingLine):
        raise GeometryError(
            "Nothing is counted at {what}.", "Choose a zone or a line.", what=describe_shape(shape)
        )
    return figure


def _require_line(figure: Figure, shape: Shape) -> CountingLine:
    if not isinstance(figure, CountingLine):
        raise GeometryError("{what} is no line.", "Choose a counting line.", what=describe_shape(shape))
    return figure


def _list_corners(figure: Figure, shape: Shape, vertex: int) -> list[Point]:
    points = list(list_points(figure))
    if not 0 <= vertex < len(points):
        raise GeometryError(
            "{what} has no corner {number}.",
            "Choose one of its {count} corners.",
            what=describe_shape(shape),
            number=vertex + 1,
            count=len(points),
        )
    return points
