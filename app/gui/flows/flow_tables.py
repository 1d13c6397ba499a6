"""Tables of passages and lines, and the matrix of moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from analytics.flows.places import OUTSIDE
from analytics.results.figure_columns import FigureColumn, Row
from app.flows.flow_figures import (
    LINE_COLUMNS,
    MIN_COUNT,
    PASSAGE_COLUMNS,
    ROUTE_COLUMNS,
    LineFigures,
    ZonePassage,
    is_few,
)
from app.gui.flows.text import name_place, name_route
from app.gui.session.cell_text import (
    ABSENT,
    format_date_time,
    format_number,
    format_share,
    format_share_interval,
)
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr, trn
from app.gui.tables.figure_table import FigureTable, export_count
from app.gui.tables.record_table import export_number


def make_route_table(parent: QObject) -> FigureTable[Row]:
    """Return a table model of routes."""
    return FigureTable(ROUTE_COLUMNS, parent, show_name=name_route, export_name=" > ".join)


class PassageTable(FigureTable[ZonePassage]):
    """Table of zones with shares of passing through, turning back and going back."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(PASSAGE_COLUMNS, parent, zone="name")

    def find_colour(self, zone: ZonePassage) -> int:
        """Return the zone's colour."""
        return zone.colour


class LineTable(FigureTable[LineFigures]):
    """Table of counting lines; times in venue time, with dates unless all are the same."""

    time_zone = "UTC"
    has_date = True

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(LINE_COLUMNS, parent)

    def show_cell(self, column: FigureColumn[LineFigures], record: LineFigures) -> str:
        """Return the text of a cell."""
        if column.key != "peak_per_minute" or record.peak is None or record.peak_at_s is None:
            return super().show_cell(column, record)
        at = format_date_time(record.peak_at_s, time_zone=self.time_zone, has_date=self.has_date)
        return tr("{people} at {time}", people=format_number(record.peak), time=at.removesuffix(":00"))


Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_DARKEST = 0.62
"""Maximum share of the accent colour behind a cell, so that its text stays readable."""


class FlowMatrix(QAbstractTableModel):
    """Matrix of moves: share and count in every cell, darker for larger shares."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._places: tuple[str, ...] = ()
        self._few: frozenset[str] = frozenset()
        self._cells: dict[tuple[str, str], Row] = {}
        self._largest = 0.0

    def show(self, places: Sequence[str], transitions: Sequence[Row], few_from: Sequence[str]) -> None:
        """Replace all cells.

        Args:
            few_from: places with too few moves, whose rows are hidden.
        """
        self.beginResetModel()
        self._places, self._few = tuple(places), frozenset(few_from)
        self._cells = {(cell["from"], cell["to"]): cell for cell in transitions}
        shares = [cell["share"].value or 0.0 for cell in transitions if not is_few(cell["moves"])]
        self._largest = max(shares, default=0.0)
        self.endResetModel()

    def retranslate(self) -> None:
        if self._places:
            last = len(self._places) - 1
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, last)
            self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, last)
            self.dataChanged.emit(self.index(0, 0), self.index(last, last))

    def cell(self, row: int, column: int) -> Row | None:
        """Return the transition of a cell; None without moves."""
        return self._cells.get((self._places[row], self._places[column]))

    def describe(self, row: int, column: int) -> str:
        """Return a description of a cell: origin, destination, count and share."""
        origin, destination = self._places[row], self._places[column]
        way = tr("{origin} → {destination}", origin=name_place(origin), destination=name_place(destination))
        cell = self.cell(row, column)
        if row == column:
            return tr("{way}: returning to the same place is not a move", way=way)
        if origin in self._few:
            return tr("{way}: not shown, with fewer than {n} moves out", way=way, n=MIN_COUNT)
        if cell is None:
            return tr("{way}: no moves observed", way=way)
        if is_few(cell["moves"]):
            return tr("{way}: not shown, with fewer than {n} moves", way=way, n=MIN_COUNT)
        return trn(
            "{way}: {share} of the moves out; {count} observed",
            "{way}: {share} of the moves out; {count} observed",
            cell["moves"],
            way=way,
            share=format_share_interval(cell["share"]),
            count=format_number(cell["moves"]),
        )

    def list_rows(self) -> tuple[list[str], list[list[str]]]:
        titles = [tr("From \\ to"), *(name_place(place) for place in self._places)]
        rows = [
            [name_place(place), *(self._format_cell(row, column, " ") for column in range(len(self._places)))]
            for row, place in enumerate(self._places)
        ]
        return titles, rows

    def list_export(self) -> tuple[list[str], list[list[str]]]:
        """Return titles and a row for every observed move, without small counts."""
        titles = [tr("From"), tr("To"), tr("Moves"), tr("Share"), tr("Share, low"), tr("Share, high")]
        rows = []
        for (origin, destination), cell in self._cells.items():
            share, moves = cell["share"], cell["moves"]
            numbers = (share.value, *(share.interval or (None, None)))
            shares = ["" if is_few(moves) else export_number(number, 4) for number in numbers]
            rows.append([origin, destination, export_count(moves, MIN_COUNT), *shares])
        return titles, rows

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self._places)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self._places)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.describe(row, column)
        makers: dict[int, Callable[[], Any]] = {
            Qt.ItemDataRole.DisplayRole: lambda: self._format_cell(row, column, "\n"),
            Qt.ItemDataRole.TextAlignmentRole: lambda: int(Qt.AlignmentFlag.AlignCenter),
            Qt.ItemDataRole.BackgroundRole: lambda: self._find_ground(row, column),
            Qt.ItemDataRole.ForegroundRole: lambda: self._find_ink(row, column),
        }
        return makers[role]() if role in makers else None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if not 0 <= section < len(self._places):
            return None
        place = self._places[section]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return name_place(place)
        if (
            role == Qt.ItemDataRole.DecorationRole
            and orientation is Qt.Orientation.Vertical
            and place != OUTSIDE
        ):
            palette = current_theme().zones
            return QColor(palette[section % len(palette)])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            is_row = orientation is Qt.Orientation.Vertical
            side = Qt.AlignmentFlag.AlignLeft if is_row else Qt.AlignmentFlag.AlignHCenter
            return int(side | Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextWordWrap)
        return None

    def _format_cell(self, row: int, column: int, between: str) -> str:
        cell = self.cell(row, column)
        if row == column:
            return ""
        if cell is None:
            return "" if self._places[row] in self._few else format_share(0.0)
        if is_few(cell["moves"]):
            return f"{ABSENT}{between}(<{MIN_COUNT})"
        return f"{format_share(cell['share'].value)}{between}({format_number(cell['moves'])})"

    def _find_ink(self, row: int, column: int) -> QColor:
        cell, theme = self.cell(row, column), current_theme()
        return QColor(theme.text if cell is not None and not is_few(cell["moves"]) else theme.text_muted)

    def _find_ground(self, row: int, column: int) -> QColor | None:
        theme, cell = current_theme(), self.cell(row, column)
        if row == column or self._places[row] in self._few:
            return QColor(theme.raised)
        if cell is None or is_few(cell["moves"]) or not self._largest:
            return None
        part = _DARKEST * (cell["share"].value or 0.0) / self._largest
        ground, ink = QColor(theme.surface), QColor(theme.accent)
        mixed = [
            (1 - part) * below + part * above
            for below, above in zip(ground.getRgb()[:3], ink.getRgb()[:3], strict=True)  # type: ignore[index]
        ]
        return QColor(*(round(value) for value in mixed))
