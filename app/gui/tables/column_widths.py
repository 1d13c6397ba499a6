"""Widths of a table's columns without the room that Qt keeps for a sort arrow in each of them."""

from __future__ import annotations

from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtWidgets import QTableView

from app.gui.session.theme import CELL_FRAME_PX, current_theme
from app.gui.tables.record_table import RecordTable


def measure_cells(table: QTableView, column: int) -> int:
    """Return the width in pixels that the cells of a column of a `RecordTable` need; 0 without rows.

    Qt would ask for eight properties of each cell. Only the one with the longest text is measured so.
    """
    model = table.model()
    proxy = model if isinstance(model, QSortFilterProxyModel) else None
    source = model if proxy is None else proxy.sourceModel()
    assert isinstance(source, RecordTable)
    advance, texts = table.fontMetrics().horizontalAdvance, source.list_texts(column)
    for row in sorted(range(len(texts)), key=lambda row: -advance(texts[row])):
        index = source.index(row, column)
        shown = index if proxy is None else proxy.mapFromSource(index)
        if shown.isValid():
            return table.sizeHintForIndex(shown).width()
    return 0


def measure_column(table: QTableView, column: int, *, cells_px: int | None = None, pad_px: int = 0) -> int:
    """Return the width in pixels that a column's title and cells need.

    Args:
        cells_px: width of its cells; None to measure them.
        pad_px: padding beside its title; 0 for that of ordinary tables.
    """
    header = table.horizontalHeader()
    cells_px = measure_cells(table, column) if cells_px is None else cells_px
    full_px = max(cells_px, header.sectionSizeHint(column))
    if column == header.sortIndicatorSection():
        # the arrow is drawn in the one column that sorts
        return full_px
    title = str(table.model().headerData(column, Qt.Orientation.Horizontal))
    pads_px = 2 * ((pad_px or current_theme().space_s) + CELL_FRAME_PX) + 2
    return min(full_px, max(cells_px, header.fontMetrics().horizontalAdvance(title) + pads_px))
