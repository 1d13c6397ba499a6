"""A table with filter, sorting, copying and export."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.access.roles import Permission
from app.gui.session.experts_view import is_experts_view
from app.gui.session.permissions import require_permission
from app.gui.session.translation import current_language, tr, trn
from app.gui.session.units import Units, current_units
from app.gui.tables.column_widths import measure_cells, measure_column
from app.gui.tables.record_table import SORT_ROLE, RecordTable
from app.gui.tables.table_copy import copy_table, list_shown_rows, list_titles
from app.gui.widgets.export_menu import Table, TableExportMenu
from app.gui.widgets.figure_list import InfoButton
from app.gui.widgets.layouts import fill

_MIN_WORDS_PX = 180


class RecordList(QWidget):
    """View of a `RecordTable`; it emits chosen records and export requests."""

    record_chosen = Signal(object)
    """A row was clicked, or Enter was pressed on it."""
    current_record_changed = Signal(object)
    """A row became the current one by keyboard or mouse."""
    zone_opened = Signal(str)
    """The name of a zone was clicked, or Enter was pressed in its row."""
    export_requested = Signal(object, object)
    """(titles, rows) of the shown rows, as plain values."""

    def __init__(self, model: RecordTable[Any], *, table_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._name = table_name
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(model)
        self._proxy.setSortRole(SORT_ROLE)
        self._proxy.setFilterKeyColumn(-1)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._filter = QLineEdit(self)
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(self._proxy.setFilterFixedString)
        self._filter.textChanged.connect(self._update_count)
        self._proxy.rowsInserted.connect(self._update_count)
        self._count = QLabel(self)
        self._count.setProperty("role", "small")
        self._copy = QPushButton(self)
        self._copy.clicked.connect(self.copy)
        self._export = QPushButton(self)
        self._export.clicked.connect(self._on_export_clicked)
        require_permission(self._export, Permission.EXPORT_REPORTS)
        self.table = QTableView(self)
        self.table.setModel(self._proxy)
        self.table.setSortingEnabled(True)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.table.clicked.connect(self._on_row_clicked)
        self.table.activated.connect(self._on_row_activated)
        self.table.selectionModel().currentRowChanged.connect(self._on_row_reached)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.table)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self.copy)
        self.export_menu = TableExportMenu(
            self.table, list_table=self._list_exported, list_shown=self._list_shown
        )
        self._info = InfoButton(self)
        tools = fill(
            QHBoxLayout(),
            (self._filter, 1),
            self._info,
            self._count,
            self._copy,
            self._export,
            self.export_menu,
        )
        fill(QVBoxLayout(self), tools, (self.table, 1), margins=0)
        self._when_empty = ""
        self.hint = QLabel(self.table.viewport())
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._cells_px: list[int] = []
        self._contents_px: list[int] = []
        self._narrow_px: list[int] | None = None
        self.table.horizontalHeader().sortIndicatorChanged.connect(self._on_sorted)
        self._shown_language: tuple[str, Units, bool] | None = None
        self._is_programmatic = False
        self.table.viewport().installEventFilter(self)
        model.modelReset.connect(self._on_reset)
        self.retranslate()

    def set_table_name(self, name: str) -> None:
        self._name = name
        self.table.setAccessibleName(name)

    def set_hint(self, words: str) -> None:
        """Set the translated text shown while there are no rows."""
        self._when_empty = words
        self._update_count()

    def set_current_row(self, row: int | None) -> None:
        """Make a row of the model current and visible, or none; `current_record_changed` is not emitted."""
        self._is_programmatic = True
        index = QModelIndex() if row is None else self._proxy.mapFromSource(self._model.index(row, 0))
        if index.isValid():
            self.table.selectRow(index.row())
            self.table.scrollTo(index)
        else:
            self.table.clearSelection()
            self.table.selectionModel().clearCurrentIndex()
        self._is_programmatic = False

    def shown_records(self) -> list[Any]:
        """Return the records of all rows that pass the filter, in their order on the screen."""
        return [
            self._model.record(self._proxy.mapToSource(self._proxy.index(row, 0)).row())
            for row in range(self._proxy.rowCount())
        ]

    def shown_rows(self) -> list[list[str]]:
        """Texts of all rows that pass the filter, in their order on the screen."""
        return list_shown_rows(self.table)

    def copy(self) -> None:
        self._count.setText(trn("{n} row copied", "{n} rows copied", copy_table(self.table)))

    def retranslate(self) -> None:
        self._shown_language = _describe_language()
        self._model.retranslate()
        meanings = self._model.describe_columns()
        self._info.explain(
            tr("Meaning of the columns"),
            "\n\n".join(tr("{name}: {value}", name=title, value=meaning) for title, meaning in meanings),
        )
        self._filter.setPlaceholderText(tr("Filter"))
        self._filter.setAccessibleName(tr("Filter the table"))
        self._copy.setText(tr("Copy"))
        self._copy.setAccessibleName(tr("Copy the table"))
        self._copy.setToolTip(tr("Copy the selected rows, or all, for a spreadsheet"))
        self._export.setText(tr("Export CSV"))
        self._export.setAccessibleName(tr("Export the table as CSV"))
        self.table.setAccessibleName(self._name)
        self._update_count()
        self.fit_columns()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        # Qt sends a language change twice within a scrolling page
        is_current = self._shown_language == _describe_language()
        if event.type() is QEvent.Type.LanguageChange and not is_current:
            self.retranslate()
        super().changeEvent(event)

    def _on_reset(self) -> None:
        self._update_count()
        self.fit_columns()

    def fit_columns(self) -> None:
        """Fit the columns to their contents, and distribute the remaining width."""
        header = self.table.horizontalHeader()
        header.setStretchLastSection(False)
        for column in range(header.count()):
            if self._model.is_expert_column(column):
                header.setSectionHidden(column, not is_experts_view())
        self._cells_px = [measure_cells(self.table, column) for column in range(header.count())]
        self._contents_px = [
            max(cells_px, header.sectionSizeHint(column)) for column, cells_px in enumerate(self._cells_px)
        ]
        self._narrow_px = None
        self.distribute_width()

    def distribute_width(self) -> None:
        """Distribute the remaining width among the visible columns."""
        header = self.table.horizontalHeader()
        columns = [column for column in range(len(self._contents_px)) if not header.isSectionHidden(column)]
        widths_px, room_px = self._contents_px, self.table.viewport().width()
        if sum(widths_px[column] for column in columns) > room_px:
            widths_px = list(self._measure_narrow())
            self._shorten_words(widths_px, columns, room_px)
        spare_px = room_px - sum(widths_px[column] for column in columns)
        share_px = max(0, spare_px) // max(1, len(columns))
        for column in columns:
            header.resizeSection(column, widths_px[column] + share_px)
        # Qt stretches the last column only on request or when the table is resized
        header.setStretchLastSection(False)
        header.setStretchLastSection(True)

    def _shorten_words(self, widths_px: list[int], columns: list[int], room_px: int) -> None:
        """Limit the width of long texts so that numbers stay visible; the tool tip shows the whole text."""
        words = [column for column in columns if not self._model.is_number_column(column)]
        widest_column = max(words, key=lambda column: widths_px[column], default=None)
        beyond_px = sum(widths_px[column] for column in columns) - room_px
        if widest_column is not None and beyond_px > 0:
            widths_px[widest_column] -= min(beyond_px, max(0, widths_px[widest_column] - _MIN_WORDS_PX))

    def _on_sorted(self) -> None:
        # the sort arrow has moved to another title
        self._narrow_px = None
        self.distribute_width()

    def _measure_narrow(self) -> list[int]:
        """Return the columns' widths in pixels without the space that Qt reserves for sort arrows."""
        if self._narrow_px is None:
            self._narrow_px = [
                measure_column(self.table, column, cells_px=cells_px)
                for column, cells_px in enumerate(self._cells_px)
            ]
        return self._narrow_px

    def fit_height_to_rows(self, max_rows: int) -> None:
        """Grow with the rows, up to a maximum, instead of scrolling within a scrolling page."""
        rows = min(max_rows, self._proxy.rowCount())
        row_px = self.table.rowHeight(0) if rows else 0
        header_px = self.table.horizontalHeader().sizeHint().height()
        self.table.setMinimumHeight(header_px + rows * row_px + 2 * self.table.frameWidth() + 2)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() is QEvent.Type.Resize and watched is self.table.viewport():
            self.distribute_width()
            self.hint.setGeometry(self.table.viewport().rect())
        return super().eventFilter(watched, event)

    def _update_count(self) -> None:
        rows = self._proxy.rowCount()
        self._count.setText(trn("{n} row", "{n} rows", rows))
        is_filtered = self._model.rowCount() > 0
        self.hint.setText(tr("No row contains these words.") if is_filtered else self._when_empty)
        self.hint.setVisible(not rows)
        self.table.setAccessibleDescription("" if rows else self.hint.text())

    def _on_row_clicked(self, index: QModelIndex) -> None:
        self._choose_row(index, opens_zone=index.column() == 0)

    def _on_row_activated(self, index: QModelIndex) -> None:
        self._choose_row(index, opens_zone=True)

    def _choose_row(self, index: QModelIndex, *, opens_zone: bool) -> None:
        record = self._model.record(self._proxy.mapToSource(index).row())
        self.record_chosen.emit(record)
        zone = self._model.find_zone(record)
        if opens_zone and zone:
            self.zone_opened.emit(zone)

    def _on_row_reached(self, index: QModelIndex, _former: QModelIndex) -> None:
        if index.isValid() and not self._is_programmatic:
            self.current_record_changed.emit(self._model.record(self._proxy.mapToSource(index).row()))

    def _list_shown(self) -> Table:
        header, titles = self.table.horizontalHeader(), list_titles(self.table)
        shown = [column for column in range(len(titles)) if not header.isSectionHidden(column)]
        return [titles[column] for column in shown], [
            [row[column] for column in shown] for row in self.shown_rows()
        ]

    def _list_exported(self) -> Table:
        return self._model.export_titles(), [
            self._model.export_row(self._proxy.mapToSource(self._proxy.index(row, 0)).row())
            for row in range(self._proxy.rowCount())
        ]

    def _on_export_clicked(self) -> None:
        self.export_requested.emit(*self._list_exported())


def _describe_language() -> tuple[str, Units, bool]:
    return current_language(), current_units(), is_experts_view()
