"""A table's rows as text for the clipboard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QTableView


def list_shown_rows(table: QTableView) -> list[list[str]]:
    """Return the texts of all rows, in their order on the screen."""
    model = table.model()
    columns = range(model.columnCount())
    return [
        [str(model.index(row, column).data() or "") for column in columns] for row in range(model.rowCount())
    ]


def list_titles(table: QTableView) -> list[str]:
    model = table.model()
    return [str(model.headerData(column, Qt.Orientation.Horizontal)) for column in range(model.columnCount())]


def copy_table(table: QTableView) -> int:
    """Copy the title and the selected rows, or all rows if fewer than two are selected.

    Returns:
        How many rows were copied.
    """
    from app.core.table_file import format_tsv

    rows = list_shown_rows(table)
    selected = sorted(index.row() for index in table.selectionModel().selectedRows())
    chosen = [rows[row] for row in selected] if len(selected) > 1 else rows
    QGuiApplication.clipboard().setText(format_tsv(titles=list_titles(table), rows=chosen))
    return len(chosen)
