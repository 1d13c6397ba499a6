"""The zones beside the floor plan: who is there now, and the figures of the period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from app.gui.table_models.cell_text import ABSENT, format_duration, format_number
from app.gui.table_models.record_table import Index, RecordTable, TableColumn, make_name_column
from app.gui.theme import current_theme
from app.gui.translation import display_name, tr
from app.operations.floor_scene import ZoneRow


class FloorZoneTable(RecordTable[ZoneRow]):
    """One row a zone in the order of the plan, which gives it its colour."""

    def make_columns(self) -> Sequence[TableColumn[ZoneRow]]:
        """The columns in the window's language."""
        return (
            make_name_column(tr("Zone"), lambda z: z.name),
            TableColumn(tr("Now"), lambda z: format_number(z.people_now), lambda z: z.people_now),
            TableColumn(tr("Visits"), lambda z: format_number(z.visits), lambda z: z.visits),
            TableColumn(
                tr("Mean dwell"), lambda z: format_duration(z.mean_dwell_s), lambda z: z.mean_dwell_s
            ),
        )

    def show(self, records: Sequence[ZoneRow]) -> None:
        """Replace all rows; the selection stays where the zones are the same."""
        new = tuple(records)
        if [row.name for row in new] != [row.name for row in self._records]:
            super().show(new)
        elif new != self._records:
            self._records = new
            self.dataChanged.emit(self.index(0, 0), self.index(len(new) - 1, self.columnCount() - 1))

    def row_of(self, name: str | None) -> int | None:
        """The row of a zone, if there is one."""
        return next((row for row, record in enumerate(self._records) if record.name == name), None)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As for every table; the zone's colour beside its name, and intervals as tool tips."""
        if index.isValid() and index.row() < len(self._records):
            row = self._records[index.row()]
            if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
                palette = current_theme().zones
                return QColor(palette[index.row() % len(palette)])
            if role == Qt.ItemDataRole.ToolTipRole:
                return _explain(row, index.column())
        return super().data(index, role)


def _explain(row: ZoneRow, column: int) -> str:
    if column == 2 and row.visits_interval is not None:
        low, high = (format_number(limit) for limit in row.visits_interval)
        return tr("95 % interval: {low} to {high}", low=low, high=high)
    if column == 3 and row.mean_dwell_interval_s is not None:
        low, high = (format_duration(limit) for limit in row.mean_dwell_interval_s)
        return tr("95 % interval: {low} to {high}", low=low, high=high)
    value = (row.name, row.people_now, row.visits, row.mean_dwell_s)[column]
    return (
        display_name(row.name)
        if column == 0
        else ("" if value is not None else tr("Not known ({dash})", dash=ABSENT))
    )
