"""Zones and lines copied within or between venues, and reusable templates of them."""

from __future__ import annotations

import csv
import io
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.domain.errors import ExpoFlowError, GeometryError, OutputError, Phrase
from analytics.domain.floor_geometry import Point
from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.zone import CountingLine, Zone
from app.core.change_set import Part
from app.core.document import Venue
from app.error_reporting import convert_error
from app.plan.edit_geometry import rename_shapes, with_name
from app.plan.geojson import read_floor_geojson, write_floor_geojson
from app.plan.plan_shapes import (
    Shape,
    check_name,
    find_plan_item,
    list_plan_items,
    list_points,
    with_plan_items,
    with_points,
)
from resources.file_names import find_same_name, is_portable_name

_LOG = logging.getLogger(__name__)
SUFFIX = ".geojson"


def save_template(folder: Path, template: ZoneTemplate) -> Path:
    """Save a template, replacing any of the same name regardless of case.

    Args:
        folder: of all templates; it is made where it is absent.

    Raises:
        GeometryError: the name cannot be that of a file.
        OutputError: it cannot be written.
    """
    file = _find_file(folder, template.name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise convert_error(OutputError, error, file=folder) from error
    write_floor_geojson(file, template.to_geometry())
    return file


def read_templates(folder: Path) -> tuple[ZoneTemplate, ...]:
    """Read all readable templates, ordered by name; none if the folder is absent."""
    templates = []
    for file in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            geometry = read_floor_geojson(file)
            templates.append(ZoneTemplate.of(file.stem, (*geometry.zones, *geometry.lines)))
        except ExpoFlowError as error:
            # an unrelated file must not hide the templates
            _LOG.warning("%s is no template: %s", file.name, error.problem)
    return tuple(templates)


def remove_template(folder: Path, name: str) -> None:
    """Delete a template.

    Raises:
        GeometryError: the name cannot be that of a file.
        OutputError: it cannot be removed.
    """
    file = _find_file(folder, name)
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise convert_error(OutputError, error, file=file) from error


def _find_file(folder: Path, name: str) -> Path:
    if name.startswith(".") or not is_portable_name(name):
        raise GeometryError(
            "'{name}' is not a valid template name.",
            'Do not use / \\ : * ? " < > |, a dot at either end, or a name of Windows such as CON.',
            name=name,
        )
    return find_same_name(folder / f"{name}{SUFFIX}")


SHOWN_NAMES = 3


@dataclass(frozen=True, slots=True)
class PasteNames:
    """Rename zones and lines from a pasted table.

    The cells are the names of the shapes in their order, row by row; a table of two columns whose first
    holds their present names gives each the name beside it, in any order.
    """

    shapes: tuple[Shape, ...]
    text: str

    @property
    def words(self) -> Phrase:
        """Return the edit's name for the undo menu."""
        return Phrase("Paste {count} names", {"count": len(self.shapes)})

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: the numbers of names and shapes differ, a name occurs twice, or is taken.
        """
        for shape in self.shapes:
            find_plan_item(venue, shape)
        names = self._match(read_table(self.text))
        _require_unique(list(names.values()))
        return rename_shapes(venue, names)

    def _match(self, table: Sequence[Sequence[str]]) -> dict[Shape, str]:
        by_name = {shape.name: shape for shape in self.shapes}
        rows = [row for row in table if any(row)]
        if rows and all(len(row) == 2 and row[1] for row in rows) and all(row[0] in by_name for row in rows):
            _require_unique([row[0] for row in rows])
            return {by_name[row[0]]: row[1] for row in rows}
        names = [cell for row in rows for cell in row if cell]
        if len(names) != len(self.shapes):
            raise GeometryError(
                "The table has {names} names for {shapes} selected zones and lines.",
                "Select the same number as there are names; nothing was renamed.",
                names=len(names),
                shapes=len(self.shapes),
            )
        return dict(zip(self.shapes, names, strict=True))


def read_table(text: str) -> list[list[str]]:
    """Parse the cells of a pasted table; quoted cells may hold line breaks and tabs.

    Raises:
        GeometryError: it is no such table.
    """
    try:
        rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter="\t"))
    except csv.Error:
        raise GeometryError(
            "The pasted text is not a table of names.", "Copy the cells with the names from the spreadsheet."
        ) from None
    return [[" ".join(cell.split()) for cell in row] for row in rows]


def _require_unique(names: Sequence[str]) -> None:
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise GeometryError(
            "The table has duplicate names: {names}.",
            "Use unique names; nothing was renamed.",
            names=", ".join(f"'{name}'" for name in repeated[:SHOWN_NAMES]),
        )


@dataclass(frozen=True, slots=True)
class CopyZones:
    """Add copies of zones and lines, possibly from another venue, to a version of the geometry.

    A copy whose name is taken gets the first free of ``NAME (2)``, ``NAME (3)``, …

    Attributes:
        by_m: offset of the copies to the right and up.
        version_utc_s: start of the version that they are added to.
    """

    items: tuple[Zone | CountingLine, ...]
    by_m: Point = (0.0, 0.0)
    version_utc_s: float | None = None

    @property
    def words(self) -> Phrase:
        """Return the edit's name for the undo menu."""
        return Phrase("Copy {count} zones and lines", {"count": len(self.items)})

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            GeometryError: nothing is chosen, there is no such version, or the copies lie too far off.
        """
        if not self.items:
            raise GeometryError("Nothing is selected to copy.", "Select zones or lines first.")
        for part, kind in ((Part.ZONES, Zone), (Part.LINES, CountingLine)):
            entries = list(list_plan_items(venue, part, self.version_utc_s))
            used = [str(entry.name) for entry in entries]
            for item in self.items:
                if isinstance(item, kind):
                    used.append(find_free_name(str(item.name), used=used))
                    entries.append(_move(with_name(item, used[-1]), self.by_m))
            venue = with_plan_items(venue, part, self.version_utc_s, entries)
        return venue


@dataclass(frozen=True, slots=True)
class ZoneTemplate:
    """A reusable group of zones and lines, such as a stand with its queue, or a gate with its line.

    Attributes:
        items: zones and lines relative to their lower left corner.
    """

    name: str
    items: tuple[Zone | CountingLine, ...]

    @staticmethod
    def of(name: str, items: tuple[Zone | CountingLine, ...]) -> ZoneTemplate:
        """Make a template of zones and lines.

        Raises:
            GeometryError: nothing is chosen, or the name is none.
        """
        if not items:
            raise GeometryError("Nothing is selected for the template.", "Select zones or lines first.")
        name = check_name(name, used=(), what=Phrase("the template"))
        points = [point for item in items for point in list_points(item)]
        left, bottom = min(x for x, _y in points), min(y for _x, y in points)
        return ZoneTemplate(name, tuple(_move(item, (-left, -bottom)) for item in items))

    def to_geometry(self) -> FloorGeometry:
        """Return the template's zones and lines as a geometry, as GeoJSON files store them."""
        return FloorGeometry(
            tuple(item for item in self.items if isinstance(item, Zone)),
            tuple(item for item in self.items if isinstance(item, CountingLine)),
        )

    def place(self, at_m: Point, *, version_utc_s: float | None = None) -> CopyZones:
        """Return the edit that places the template with its lower left corner at a point."""
        return CopyZones(self.items, at_m, version_utc_s)


def _move(item: Zone | CountingLine, by_m: Point) -> Zone | CountingLine:
    return with_points(item, [(x + by_m[0], y + by_m[1]) for x, y in list_points(item)])


def find_free_name(name: str, *, used: list[str]) -> str:
    """Return the name, or the first unused of ``NAME (2)``, ``NAME (3)``, …."""
    number, free = 2, name
    while free in used:
        free, number = f"{name} ({number})", number + 1
    return free
