"""Zones and lines copied to another place, another version or another hall, and templates of them."""

from __future__ import annotations

import csv
import io
import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.domain.errors import ExpoFlowError, GeometryError, OutputError, Phrase
from analytics.domain.floor_geometry import Point
from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.zone import CountingLine, Zone
from app.core.document import Venue
from app.error_reporting import convert_error
from app.plan.edit_geometry import find_renaming, with_name
from app.plan.geojson import read_floor_geojson, write_floor_geojson
from app.plan.plan_shapes import (
    Change,
    Part,
    Shape,
    check_name,
    find_figure,
    list_figures,
    list_points,
    with_points,
)

_LOG = logging.getLogger(__name__)
SUFFIX = ".geojson"
_NOT_IN_FILE_NAMES = re.compile(r'[/\\:*?"<>|]|^\.')


def save_template(folder: Path, template: ZoneTemplate) -> Path:
    """Keep a template; one of the same name is replaced.

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
    """All templates that can be read, by name; none where the folder is absent."""
    templates = []
    for file in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            geometry = read_floor_geojson(file)
            templates.append(ZoneTemplate.of(file.stem, (*geometry.zones, *geometry.lines)))
        except ExpoFlowError as error:
            # somebody's own file among them must not hide the others
            _LOG.warning("%s is no template: %s", file.name, error.problem)
    return tuple(templates)


def remove_template(folder: Path, name: str) -> None:
    """Forget a template.

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
    if _NOT_IN_FILE_NAMES.search(name):
        raise GeometryError(
            "The template cannot be called '{name}'.",
            'Leave out / \\ : * ? " < > | and a dot at the start.',
            name=name,
        )
    return folder / f"{name}{SUFFIX}"


SHOWN_NAMES = 3


@dataclass(frozen=True, slots=True)
class PasteNames:
    """Give names out of a pasted table.

    The cells are the names of the shapes in their order, row by row; a table of two columns whose first
    holds their present names gives each the name beside it, in any order.
    """

    shapes: tuple[Shape, ...]
    text: str

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Paste {count} names", {"count": len(self.shapes)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: the numbers of names and shapes differ, a name occurs twice, or is taken.
        """
        for shape in self.shapes:
            find_figure(venue, shape)
        names = self._match(read_table(self.text))
        _require_unique(list(names.values()))
        changes: list[Change] = []
        for shape, name in names.items():
            freed = [other.name for other in names if other.part is shape.part]
            changes += find_renaming(venue, shape, name, freed=freed)
        return tuple(changes)

    def _match(self, table: Sequence[Sequence[str]]) -> dict[Shape, str]:
        by_name = {shape.name: shape for shape in self.shapes}
        rows = [row for row in table if any(row)]
        if rows and all(len(row) == 2 and row[1] for row in rows) and all(row[0] in by_name for row in rows):
            _require_unique([row[0] for row in rows])
            return {by_name[row[0]]: row[1] for row in rows}
        names = [cell for row in rows for cell in row if cell]
        if len(names) != len(self.shapes):
            raise GeometryError(
                "The table holds {names} names, and {shapes} things are chosen to be named.",
                "Choose as many as there are names, or paste as many names; nothing was renamed.",
                names=len(names),
                shapes=len(self.shapes),
            )
        return dict(zip(self.shapes, names, strict=True))


def read_table(text: str) -> list[list[str]]:
    """The cells of a pasted table; spreadsheets put cells with line breaks or tabs into quotation marks.

    Raises:
        GeometryError: it is no such table.
    """
    try:
        rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter="\t"))
    except csv.Error:
        raise GeometryError(
            "What was pasted is no table of names.", "Copy the cells with the names from the spreadsheet."
        ) from None
    return [[" ".join(cell.split()) for cell in row] for row in rows]


def _require_unique(names: Sequence[str]) -> None:
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise GeometryError(
            "Names occur twice in the table: {names}.",
            "Give each its own name; nothing was renamed.",
            names=", ".join(f"'{name}'" for name in repeated[:SHOWN_NAMES]),
        )


@dataclass(frozen=True, slots=True)
class CopyZones:
    """Add copies of zones and lines, which may be another venue's, to a version of the geometry.

    A copy whose name is taken gets the first free of ``NAME (2)``, ``NAME (3)``, …

    Attributes:
        figures: what is copied, as it is there.
        by_m: how far to the right and up the copies lie.
        version_utc_s: of the version that they are added to.
    """

    figures: tuple[Zone | CountingLine, ...]
    by_m: Point = (0.0, 0.0)
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
        added: dict[Part, int] = {Part.ZONES: 0, Part.LINES: 0}
        taken = {
            part: [str(entry.name) for entry in list_figures(venue, part, self.version_utc_s)]
            for part in added
        }
        changes: list[Change] = []
        for figure in self.figures:
            part = Part.ZONES if isinstance(figure, Zone) else Part.LINES
            name = find_free_name(str(figure.name), taken=taken[part])
            copied = _move(with_name(figure, name), self.by_m)
            changes.append(Change(part, None, copied, len(taken[part]), self.version_utc_s))
            taken[part].append(name)
        return tuple(changes)


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
        return ZoneTemplate(name, tuple(_move(figure, (-left, -bottom)) for figure in figures))

    def to_geometry(self) -> FloorGeometry:
        """The same as zones and lines, such as a GeoJSON file keeps them."""
        return FloorGeometry(
            tuple(figure for figure in self.figures if isinstance(figure, Zone)),
            tuple(figure for figure in self.figures if isinstance(figure, CountingLine)),
        )

    def place(self, at_m: Point, *, version_utc_s: float | None = None) -> CopyZones:
        """The edit that puts the template's lower left corner at a point."""
        return CopyZones(self.figures, at_m, version_utc_s)


def _move(figure: Zone | CountingLine, by_m: Point) -> Zone | CountingLine:
    moved = with_points(figure, [(x + by_m[0], y + by_m[1]) for x, y in list_points(figure)])
    assert isinstance(moved, Zone | CountingLine)
    return moved


def find_free_name(name: str, *, taken: list[str]) -> str:
    """The name, or the first of ``NAME (2)``, ``NAME (3)``, … that nothing has."""
    number, free = 2, name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free
