"""Zones and lines copied to another place, another version or another hall, and templates of them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.floor_geometry import Point
from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone
from app.core.document import Venue
from app.plan.edit_geometry import turn_point
from app.plan.geometry_change import Change, Part
from app.plan.plan_shapes import check_name, list_figures, list_points, with_points


@dataclass(frozen=True, slots=True)
class CopyZones:
    """Add copies of zones and lines, which may be another venue's, to a version of the geometry.

    A copy whose name is taken gets the first free of ``NAME (2)``, ``NAME (3)``, …

    Attributes:
        figures: what is copied, as it is there.
        by_m: how far to the right and up the copies lie, after turning.
        turned_deg: turned about their lower left corner, counter-clockwise.
        version_utc_s: of the version that they are added to.
    """

    figures: tuple[Zone | CountingLine, ...]
    by_m: Point = (0.0, 0.0)
    turned_deg: float = 0.0
    version_utc_s: float | None = None

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Copy {count} zones and lines", {"count": len(self.figures)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: nothing is chosen, there is no such version, or the copies lie too far off.
        """
        if not self.figures:
            raise GeometryError("Nothing is chosen to be copied.", "Choose zones or lines first.")
        points = [point for figure in self.figures for point in list_points(figure)]
        corner_m = (min(x for x, _y in points), min(y for _x, y in points))
        added: dict[Part, int] = {Part.ZONES: 0, Part.LINES: 0}
        taken = {
            part: [str(entry.name) for entry in list_figures(venue, part, self.version_utc_s)]
            for part in added
        }
        changes: list[Change] = []
        for figure in self.figures:
            part = Part.ZONES if isinstance(figure, Zone) else Part.LINES
            name = find_free_name(str(figure.name), taken=taken[part])
            copied = self._place(_rename(figure, name), about_m=corner_m)
            changes.append(Change(part, None, copied, len(taken[part]), self.version_utc_s))
            taken[part].append(name)
        return tuple(changes)

    def _place(self, figure: Zone | CountingLine, *, about_m: Point) -> Zone | CountingLine:
        turned = [turn_point(p, by_deg=self.turned_deg, about_m=about_m) for p in list_points(figure)]
        placed = with_points(figure, [(x + self.by_m[0], y + self.by_m[1]) for x, y in turned])
        assert isinstance(placed, Zone | CountingLine)
        return placed


@dataclass(frozen=True, slots=True)
class ZoneTemplate:
    """Zones and lines that are placed together again and again: a stand with its queue, a gate with its line.

    Attributes:
        figures: about the origin: their lower left corner is (0 m, 0 m).
    """

    name: str
    figures: tuple[Zone | CountingLine, ...]

    @staticmethod
    def of(name: str, figures: tuple[Zone | CountingLine, ...]) -> ZoneTemplate:
        """What was drawn once, as a template.

        Raises:
            GeometryError: nothing is chosen, or the name is none.
        """
        if not figures:
            raise GeometryError("Nothing is chosen for the template.", "Choose zones or lines first.")
        name = check_name(name, taken=(), what=Phrase("the template"))
        points = [point for figure in figures for point in list_points(figure)]
        left, bottom = min(x for x, _y in points), min(y for _x, y in points)
        moved = []
        for figure in figures:
            placed = with_points(figure, [(x - left, y - bottom) for x, y in list_points(figure)])
            assert isinstance(placed, Zone | CountingLine)
            moved.append(placed)
        return ZoneTemplate(name, tuple(moved))

    def to_geometry(self) -> FloorGeometry:
        """The same as zones and lines, such as a GeoJSON file keeps them."""
        return FloorGeometry(
            tuple(figure for figure in self.figures if isinstance(figure, Zone)),
            tuple(figure for figure in self.figures if isinstance(figure, CountingLine)),
        )

    def place(self, at_m: Point, *, turned_deg: float = 0.0, version_utc_s: float | None = None) -> CopyZones:
        """The edit that puts the template's lower left corner at a point."""
        return CopyZones(self.figures, at_m, turned_deg, version_utc_s)


def find_free_name(name: str, *, taken: list[str]) -> str:
    """The name, or the first of ``NAME (2)``, ``NAME (3)``, … that nothing has."""
    number, free = 2, name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free


def _rename(figure: Zone | CountingLine, name: str) -> Zone | CountingLine:
    if isinstance(figure, Zone):
        return dataclasses.replace(figure, name=ZoneId(name))
    return dataclasses.replace(figure, name=LineId(name))
