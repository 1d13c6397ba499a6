"""Edits of how zones and lines count, and of what they look like, as values that say what they change."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TypeVar

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.floor_plan import Obstacle
from analytics.domain.zone import CountingLine, Zone, ZoneKind, is_colour
from app.core.document import Venue
from app.plan.geometry_change import Change, name_value
from app.plan.plan_shapes import Shape, describe_shape, find_figure, replace_figure, with_points

LONGEST_STAY_S = 3600.0
"""A zone that counts nobody who stays for less than an hour counts nobody."""
WIDEST_BAND_M = 10.0
"""People who pass through a broader one are lost before they are clear of it."""


Checked = TypeVar(
    "Checked", Zone, CountingLine, Obstacle, Zone | CountingLine, Zone | CountingLine | Obstacle
)


@dataclass(frozen=True, slots=True)
class SetKind:
    """Say what a zone or line is for."""

    shape: Shape
    kind: ZoneKind

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Change the kind of {what}", {"what": describe_shape(self.shape)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: there is no such zone or line.
        """
        figure = _find_counted(venue, self.shape)
        return replace_figure(venue, self.shape, dataclasses.replace(figure, kind=self.kind))


@dataclass(frozen=True, slots=True)
class SetColour:
    """Give a zone or line a colour, ``#rrggbb``; None: that of its kind."""

    shape: Shape
    colour: str | None

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Change the colour of {what}", {"what": describe_shape(self.shape)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: there is no such zone or line, or it is no colour.
        """
        figure = _find_counted(venue, self.shape)
        changed = check_values(dataclasses.replace(figure, colour=self.colour))
        return replace_figure(venue, self.shape, changed)


@dataclass(frozen=True, slots=True)
class SetMinimumStay:
    """Say how long a stay in a zone must be to be a visit, seconds."""

    shape: Shape
    minimum_stay_s: float

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Change the shortest visit to {what}", {"what": describe_shape(self.shape)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: there is no such zone, or the time is out of its limits.
        """
        figure = _find_counted(venue, self.shape)
        if not isinstance(figure, Zone):
            raise GeometryError("A line has no visits.", "Draw a zone to count those who stay.")
        changed = check_values(dataclasses.replace(figure, minimum_stay_s=self.minimum_stay_s))
        return replace_figure(venue, self.shape, changed)


@dataclass(frozen=True, slots=True)
class SetBand:
    """Say how broad the band of a line is in which a person is on neither side, metres."""

    shape: Shape
    band_m: float

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Change the band of {what}", {"what": describe_shape(self.shape)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: there is no such line, or the width is out of its limits.
        """
        line = _find_line(venue, self.shape)
        changed = check_values(dataclasses.replace(line, band_m=self.band_m))
        return replace_figure(venue, self.shape, changed)


@dataclass(frozen=True, slots=True)
class SetLineDirection:
    """Let ``in`` be the other way: the line is drawn from its last to its first point."""

    shape: Shape

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Turn the direction of {what}", {"what": describe_shape(self.shape)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: there is no such line.
        """
        line = _find_line(venue, self.shape)
        return replace_figure(venue, self.shape, with_points(line, line.path.points[::-1]))


def check_values(figure: Checked) -> Checked:
    """The same zone or line, if its numbers and its colour can be used.

    Raises:
        GeometryError: names the field and its limits.
    """
    what = name_value(figure)
    if isinstance(figure, Zone):
        _check_range(figure.minimum_stay_s, most=LONGEST_STAY_S, what=what, field=Phrase("shortest visit"))
    if isinstance(figure, CountingLine):
        _check_range(figure.band_m, most=WIDEST_BAND_M, what=what, field=Phrase("band"))
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


def _find_counted(venue: Venue, shape: Shape) -> Zone | CountingLine:
    figure = find_figure(venue, shape)
    if not isinstance(figure, Zone | CountingLine):
        raise GeometryError(
            "Nothing is counted at {what}.", "Choose a zone or a line.", what=describe_shape(shape)
        )
    return figure


def _find_line(venue: Venue, shape: Shape) -> CountingLine:
    figure = find_figure(venue, shape)
    if not isinstance(figure, CountingLine):
        raise GeometryError("{what} is no line.", "Choose a counting line.", what=describe_shape(shape))
    return figure
