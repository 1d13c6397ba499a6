"""A table of texts that nobody edits."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

_ROW_PX = 32


class TextTable(QTableWidget):
    """A table of rows of texts; Tab leaves it."""

    def __init__(
        self,
        columns: int,
        parent: QWidget | None = None,
        *,
        stretched: int = 0,
        is_selectable: bool = True,
        max_rows: int = 0,
    ) -> None:
        """Set up an empty table.

        Args:
            stretched: column that takes the free space; the others are as wide as their texts.
            max_rows: rows that are shown at once, by which the table is as high as it needs; 0 for a table
                that takes what room there is.
        """
        super().__init__(0, columns, parent)
        self._max_rows = max_rows
        if is_selectable:
            self.setSelectionBehavior(self.SelectionBehavior.SelectRows)
            self.setSelectionMode(self.SelectionMode.SingleSelection)
        else:
            self.setSelectionMode(self.SelectionMode.NoSelection)
        self.setEditTriggers(self.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        if max_rows:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def chosen_row(self) -> int | None:
        rows = self.selectionModel().selectedRows()
        return rows[0].row() if rows else None

    def show_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Show rows; the selection stays where it is."""
        self.setRowCount(len(rows))
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                item = self.item(row, column)
                if item is None:
                    self.setItem(row, column, QTableWidgetItem(text))
                elif item.text() != text:
                    item.setText(text)
        if self._max_rows:
            for row in range(len(rows)):
                self.setRowHeight(row, _ROW_PX)
            header_px = self.horizontalHeader().sizeHint().height()
            self.setFixedHeight(header_px + _ROW_PX * min(max(len(rows), 1), self._max_rows) + 4)
        else:
            self.resizeRowsToContents()
