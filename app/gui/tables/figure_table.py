"""A table model of figures whose columns are declared without Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QObject

from analytics.domain.errors import Phrase
from analytics.results.content import CellKind
from analytics.results.figure_columns import FigureColumn
from app.gui.session.cell_text import (
    ABSENT,
    format_duration,
    format_number,
    format_share_interval,
    format_with_interval,
)
from app.gui.session.translation import display_name, translate_phrase
from app.gui.tables.record_table import R, RecordTable, TableColumn, export_number


class FigureTable(RecordTable[R]):
    """Table model of records or rows with declared columns; subclasses show single cells in another way.

    Args:
        digits: significant ones of numbers in a file.
        show_name, export_name: text of a name, in the window and in a file.
        zone: attribute or entry with the name of the zone whose page a row opens; empty for none.
    """

    def __init__(
        self,
        columns: Sequence[FigureColumn[R]],
        parent: QObject | None = None,
        *,
        digits: int = 4,
        show_name: Callable[[Any], str] = display_name,
        export_name: Callable[[Any], str] = str,
        zone: str = "",
    ) -> None:
        self._declared, self._digits = columns, digits
        self._show_name, self._export_name = show_name, export_name
        self._zone = FigureColumn[R](zone, Phrase(""), CellKind.TEXT)
        super().__init__(parent)

    def find_zone(self, record: R) -> str | None:
        """Return the zone whose page the record's name opens; None for none."""
        return str(self._zone.read(record)) if self._zone.key else None

    def make_columns(self) -> Sequence[TableColumn[R]]:
        """Return the columns in the current language."""
        return [
            TableColumn(
                translate_phrase(column.title),
                partial(self.show_cell, column),
                partial(self.sort_cell, column),
                partial(self.export_cell, column),
                translate_phrase(column.exported_title),
                is_number=column.kind is not CellKind.TEXT,
                meaning=translate_phrase(column.definition),
                is_expert=column.is_expert,
            )
            for column in self._declared
        ]

    def show_cell(self, column: FigureColumn[R], record: R) -> str:
        """Return the text of a cell."""
        value = column.read(record)
        match column.kind:
            case CellKind.TEXT:
                return self._show_name(value)
            case CellKind.COUNT:
                return format_count(value, column.least)
            case CellKind.SHARE:
                return format_share_interval(column.read_estimate(record))
            case CellKind.SECONDS:
                return format_duration(value)
        show = partial(format_number, decimals=column.decimals)
        return format_with_interval(column.read_estimate(record), show)

    def export_cell(self, column: FigureColumn[R], record: R) -> str:
        """Return the plain value of a cell for a file."""
        value = column.read(record)
        if column.kind is CellKind.TEXT:
            return self._export_name(value)
        if column.kind is CellKind.COUNT:
            return export_count(value, column.least)
        return export_number(value, self._digits)

    def sort_cell(self, column: FigureColumn[R], record: R) -> float | str | None:
        """Return what rows are ordered by."""
        if column.kind is CellKind.TEXT:
            return self.show_cell(column, record).casefold()
        value: float | None = column.read(record)
        return value


def format_count(count: float | None, least: int = 0) -> str:
    """Format a count: "<" for one that is hidden, a dash for none."""
    if count is None:
        return ABSENT
    return f"<{least}" if 0 < count < least else format_number(count)


def export_count(count: float | None, least: int = 0) -> str:
    """Format a count for a file: a limit for one that is hidden, empty for none."""
    if count is None:
        return ""
    return f"<{least}" if 0 < count < least else str(round(count))
