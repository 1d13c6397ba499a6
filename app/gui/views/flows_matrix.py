"""The transition matrix with what belongs to it: how to read it, copying, and a file for a spreadsheet."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.access.roles import Permission
from app.gui.permissions import needs
from app.gui.table_models.flow_matrix import FlowMatrix
from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.flow_words import describe_matrix
from app.operations.flow_figures import FlowFigures, Place, PlaceKind

_LEAST_CELL_PX = 58
_MOST_CELL_PX = 120
_MOST_NAME_PX = 130


class FlowMatrixPanel(QWidget):
    """A cell that is reached is told in a line below; copying takes the whole matrix."""

    export_requested = Signal(object, object)
    """(titles, rows) as plain values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: FlowFigures | None = None
        self.model = FlowMatrix(self)
        self.table = QTableView(self)
        self.table.setModel(self.model)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setCornerButtonEnabled(False)
        self.table.setWordWrap(True)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        for names in (header, self.table.verticalHeader()):
            names.setProperty("role", "narrow")
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._explanation, self._cell = QLabel(self), QLabel(self)
        for label in (self._explanation, self._cell):
            label.setProperty("role", "small")
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._copy, self._export = QPushButton(self), QPushButton(self)
        self._copy.clicked.connect(self.copy)
        needs(self._export, Permission.EXPORT_REPORTS)
        self._export.clicked.connect(lambda: self.export_requested.emit(*self.model.list_export()))
        self.table.selectionModel().currentChanged.connect(self._on_cell_reached)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.table)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self.copy)
        tools = QHBoxLayout()
        tools.addWidget(self._explanation, 1)
        tools.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        tools.addWidget(self._export, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(tools)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._cell)
        self.retranslate()

    def show_figures(self, figures: FlowFigures | None) -> None:
        """Show the moves between all places."""
        self._figures = figures
        places = () if figures is None else (
            *(Place(PlaceKind.ZONE, name) for name in figures.zones), Place(PlaceKind.OUTSIDE),
        )  # fmt: skip
        self.model.show(
            places,
            () if figures is None else figures.transitions,
            () if figures is None else figures.few_from,
        )
        self._cell.setText("")
        self._say()
        self._fit()

    def copy(self) -> None:
        """Put the matrix on the clipboard, as a spreadsheet takes it."""
        from app.operations.table_file import format_tsv

        titles, rows = self.model.list_rows()
        QGuiApplication.clipboard().setText(format_tsv(titles=titles, rows=rows))
        self._cell.setText(tr("The matrix was copied."))

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self.table.setAccessibleName(tr("Moves from zone to zone"))
        self._copy.setText(tr("Copy"))
        self._copy.setAccessibleName(tr("Copy the matrix"))
        self._export.setText(tr("Export CSV"))
        self._export.setAccessibleName(tr("Export the matrix as CSV"))
        self.model.retranslate()
        self._on_cell_reached(self.table.currentIndex())
        self._say()
        self._fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Share the width out."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:  # noqa: N802
        """As large as there is room for."""
        return QSize(900, 420)

    def _say(self) -> None:
        self._explanation.setText("" if self._figures is None else describe_matrix(self._figures))

    def _on_cell_reached(self, index: QModelIndex, _former: QModelIndex | None = None) -> None:
        self._cell.setText(self.model.describe(index.row(), index.column()) if index.isValid() else "")

    def _fit(self) -> None:
        columns = self.model.columnCount()
        if not columns:
            return
        font = QFont(self.font())
        font.setPointSizeF(current_theme().font_small_pt)
        rows = self.table.verticalHeader()
        for part in (self.table, rows, self.table.horizontalHeader()):
            part.setFont(font)
        metrics = self.table.fontMetrics()
        rows.setFixedWidth(min(rows.sizeHint().width(), _MOST_NAME_PX) + current_theme().space_s)
        scroll_px = self.table.verticalScrollBar().sizeHint().width()
        room = self.width() - rows.width() - scroll_px - 2 * self.table.frameWidth() - 2
        wide = max(_LEAST_CELL_PX, min(_MOST_CELL_PX, room // columns))
        for column in range(columns):
            self.table.setColumnWidth(column, wide)
        high = 2 * metrics.lineSpacing() + 6
        for row in range(columns):
            self.table.setRowHeight(row, high)
        self.table.horizontalHeader().setFixedHeight(3 * metrics.lineSpacing() + 8)
