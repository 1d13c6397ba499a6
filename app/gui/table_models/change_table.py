"""What changed between two periods, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt

from app.gui.table_models.cell_text import format_change, format_number
from app.gui.table_models.change_words import (
    define_figure,
    format_change_interval,
    format_level,
    name_figure,
    name_finding,
    name_place,
    tell_change,
)
from app.gui.table_models.record_table import Index, RecordTable, TableColumn
from app.gui.translation import tr
from app.operations.comparison_figures import ChangeRow


class ChangeTable(RecordTable[ChangeRow]):
    """One row for each zone and figure."""

    def make_columns(self) -> Sequence[TableColumn[ChangeRow]]:
        """The columns in the window's language."""
        return (
            TableColumn(
                tr("Zone"), lambda r: name_place(r.zone), lambda r: name_place(r.zone), is_number=False
            ),
            TableColumn(
                tr("Figure"),
                lambda r: name_figure(r.figure),
                lambda r: name_figure(r.figure),
                is_number=False,
            ),
            TableColumn(
                tr("Verdict"),
                lambda r: name_finding(r.finding),
                lambda r: name_finding(r.finding),
                lambda r: r.finding.value,
                is_number=False,
            ),
            TableColumn(
                tr("A"),
                lambda r: format_level(r.level_a, r.figure),
                lambda r: r.level_a,
                lambda r: _export(r.level_a),
            ),
            TableColumn(
                tr("B"),
                lambda r: format_level(r.level_b, r.figure),
                lambda r: r.level_b,
                lambda r: _export(r.level_b),
            ),
            TableColumn(
                tr("Relative change"),
                lambda r: format_change(r.ratio),
                lambda r: r.ratio,
                lambda r: _export(r.ratio),
                tr("Ratio of B to A"),
            ),
            TableColumn(
                tr("95 % interval"),
                lambda r: format_change_interval(r.interval),
                lambda r: None if r.interval is None else r.interval[1] - r.interval[0],
                lambda r: "" if r.interval is None else f"{r.interval[0]:.4f}-{r.interval[1]:.4f}",
                tr("95 % interval of the ratio"),
            ),
            TableColumn(
                tr("Noticeable from"),
                lambda r: format_change(r.smallest_noticed),
                lambda r: r.smallest_noticed,
                lambda r: _export(r.smallest_noticed),
                tr("Smallest ratio that would have been noticed"),
            ),
            TableColumn(
                tr("Adjusted p"),
                lambda r: format_number(r.adjusted_p, decimals=3),
                lambda r: r.adjusted_p,
                lambda r: _export(r.adjusted_p),
            ),
        )

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As for every table; the sentence and the figure's definition in the tooltip."""
        if role == Qt.ItemDataRole.ToolTipRole and index.isValid():
            row = self.record(index.row())
            return f"{tell_change(row)}\n\n{name_figure(row.figure)}: {define_figure(row.figure)}"
        return super().data(index, role)


def _export(value: float | None) -> str:
    return "" if value is None else f"{value:.5g}"
