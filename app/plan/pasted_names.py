"""Names from a spreadsheet for zones, lines or obstacles, as pasted: cells between tabs, rows on lines."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.domain.errors import GeometryError, Phrase
from app.core.document import Venue
from app.plan.edit_geometry import find_renaming
from app.plan.geometry_change import Change
from app.plan.plan_shapes import Shape, find_figure

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
