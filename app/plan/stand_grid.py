"""Creation of a numbered grid of stands in one step."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.floor_geometry import Point, Polygon
from analytics.domain.floor_plan import Obstacle
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind
from app.core.change_set import Part
from app.core.document import Venue
from app.plan.edit_geometry import turn_point
from app.plan.plan_shapes import check_name, check_points, list_plan_items, with_plan_items

MAX_STANDS = 2000
"""Maximum number of stands, that of the largest trade fair halls; more is a typing error."""
LETTERS = 26


class Numbering(StrEnum):
    """The naming scheme of stands."""

    LETTER_AND_NUMBER = "letter_and_number"
    """A letter for the row, a number for the column: A1, A2, … Z9, AA1."""
    HUNDREDS = "hundreds"
    """A hundred (a thousand where rows are longer) for the row: 101, 102, … 201."""
    RUNNING = "running"
    """1, 2, 3, … over all rows."""


class RowOrder(StrEnum):
    """The direction in which the numbers of a row rise."""

    SAME = "same"
    SERPENTINE = "serpentine"
    """Alternating directions, as visitors walk from stand to stand."""


@dataclass(frozen=True, slots=True)
class StandGrid:
    """A grid of stands, row by row upwards from a corner.

    Attributes:
        corner_m: the lower left corner of the first stand, before rotation.
        stand_width_m, stand_depth_m: along and across the rows.
        aisle_m: width of the aisles between rows.
        rows_together: rows back to back between two aisles.
        rotation_deg: of the whole grid about its corner, counter-clockwise.
        prefix: name prefix, such as ``H3-``.
    """

    corner_m: Point
    rows: int
    columns: int
    stand_width_m: float = 3.0
    stand_depth_m: float = 3.0
    aisle_m: float = 3.0
    rows_together: int = 1
    rotation_deg: float = 0.0
    numbering: Numbering = Numbering.LETTER_AND_NUMBER
    order: RowOrder = RowOrder.SAME
    prefix: str = ""

    def lay_out(self) -> tuple[tuple[str, Polygon], ...]:
        """Return the name and outline of every stand, in numbering order.

        Raises:
            GeometryError: a size or number is out of its limits; names the field.
        """
        self._check()
        return tuple(
            (self._name(row, place), self._outline(row, column))
            for row in range(self.rows)
            for place, column in self._walk(row)
        )

    def _walk(self, row: int) -> Iterator[tuple[int, int]]:
        backwards = self.order is RowOrder.SERPENTINE and row % 2 == 1
        columns = range(self.columns - 1, -1, -1) if backwards else range(self.columns)
        return iter(enumerate(columns))

    def _name(self, row: int, place: int) -> str:
        match self.numbering:
            case Numbering.LETTER_AND_NUMBER:
                return f"{self.prefix}{name_row(row)}{1 + place}"
            case Numbering.HUNDREDS:
                step = 10 ** max(2, len(str(self.columns)))
                return f"{self.prefix}{(row + 1) * step + 1 + place}"
            case Numbering.RUNNING:
                return f"{self.prefix}{1 + row * self.columns + place}"

    def _outline(self, row: int, column: int) -> Polygon:
        left = self.corner_m[0] + column * self.stand_width_m
        bottom = self.corner_m[1] + row * self.stand_depth_m + (row // self.rows_together) * self.aisle_m
        right, top = left + self.stand_width_m, bottom + self.stand_depth_m
        corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
        turned = [turn_point(p, by_deg=self.rotation_deg, about_m=self.corner_m) for p in corners]
        check_points(turned, what=Phrase("the grid of stands"))
        return Polygon.from_points(turned, what=Phrase("the grid of stands"))

    def _check(self) -> None:
        for field, value in (
            (Phrase("number of rows"), self.rows),
            (Phrase("number of columns"), self.columns),
            (Phrase("number of rows back to back"), self.rows_together),
        ):
            if value < 1:
                raise GeometryError(
                    "The {field} of the grid is {value}.",
                    "Enter at least {least}.",
                    field=field,
                    value=value,
                    least=1,
                )
        if self.rows * self.columns > MAX_STANDS:
            raise GeometryError(
                "The grid would have {count} stands.",
                "Create at most {most} at once.",
                count=self.rows * self.columns,
                most=MAX_STANDS,
            )
        for field, length_m, may_be_zero in (
            (Phrase("width of a stand"), self.stand_width_m, False),
            (Phrase("depth of a stand"), self.stand_depth_m, False),
            (Phrase("width of an aisle"), self.aisle_m, True),
        ):
            if not math.isfinite(length_m) or length_m < 0 or (length_m == 0 and not may_be_zero):
                raise GeometryError(
                    "The {field} is {value:g} m.",
                    "Enter a length in metres, above 0 for stands.",
                    field=field,
                    value=length_m,
                )
        if not math.isfinite(self.rotation_deg):
            raise GeometryError("The angle is not a number.", "Enter it in degrees.")


@dataclass(frozen=True, slots=True)
class MakeStandGrid:
    """Create a zone for every stand of a grid, and an obstacle where walls enclose it.

    Attributes:
        with_obstacles: the stands are closed, so also create obstacles.
    """

    grid: StandGrid
    version_utc_s: float | None = None
    kind: ZoneKind = ZoneKind.BOOTH
    with_obstacles: bool = False

    @property
    def words(self) -> Phrase:
        """Return the edit's name for the undo menu."""
        return Phrase("Create {count} stands", {"count": self.grid.rows * self.grid.columns})

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: the grid cannot be, or a name is taken.
        """
        stands = self.grid.lay_out()
        zones = list_plan_items(venue, Part.ZONES, self.version_utc_s)
        used = [str(zone.name) for zone in zones]
        new = [
            Zone(
                ZoneId(check_name(name, used=used, what=Phrase("zone '{name}'", {"name": name}))),
                self.kind,
                area,
            )
            for name, area in stands
        ]
        changed = with_plan_items(venue, Part.ZONES, self.version_utc_s, [*zones, *new])
        if not self.with_obstacles:
            return changed
        known = venue.plan.obstacles
        used = [obstacle.name for obstacle in known]
        walls = [
            Obstacle(check_name(name, used=used, what=Phrase("obstacle '{name}'", {"name": name})), area)
            for name, area in stands
        ]
        return with_plan_items(changed, Part.OBSTACLES, None, [*known, *walls])


def name_row(row: int) -> str:
    """Return the letters of a row, counted from 0, as in spreadsheet columns: A, …, Z, AA, AB."""
    letters = ""
    row += 1
    while row:
        row, last = divmod(row - 1, LETTERS)
        letters = chr(ord("A") + last) + letters
    return letters
