"""Everything on the plan that has corners: which one is meant, its points, and the same with other points."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.floor_geometry import Point, Polygon, Polyline
from analytics.domain.floor_plan import Obstacle
from analytics.domain.zone import CountingLine, Zone
from app.core.document import Venue
from app.plan.geometry_change import Change, Part, find_version, name_value

FARTHEST_M = 10_000.0
"""No hall is as wide; what lies farther from the origin was given in other units than metres."""
LONGEST_NAME = 100

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
    match shape.part:
        case Part.ZONES:
            return Phrase("zone '{name}'", {"name": shape.name})
        case Part.LINES:
            return Phrase("line '{name}'", {"name": shape.name})
        case Part.OBSTACLES:
            return Phrase("obstacle '{name}'", {"name": shape.name})
        case _:
            return Phrase("the outline of the hall")


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
    if len(name) > LONGEST_NAME:
        raise GeometryError(
            "The name of {what} has {count} characters.",
            "Give it one of at most {most}.",
            what=what,
            count=len(name),
            most=LONGEST_NAME,
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
