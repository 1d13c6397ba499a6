"""The validation results with intervals, the certificate, and the page's tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QGridLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QWidget,
)

from app.gui.session.theme import current_theme
from app.gui.session.translation import current_language, display_name, tr
from app.gui.tables.record_table import RecordTable, TableColumn
from app.gui.validation.model import ValidationViewModel
from app.gui.validation.text import ResultFigure, ValidationResults, ValidationState
from app.gui.widgets.layouts import fill, make_column, make_row, name_buttons, set_roles, style_labels
from app.gui.widgets.scrolled_content import scroll_content

ResultRow = tuple[tuple[str, str], ...]
"""Cells of a camera: a value, and its interval."""


class ResultTable(RecordTable[ResultRow]):
    """The table of cameras, in the columns of the certificate."""

    def __init__(self) -> None:
        self._headings: tuple[str, ...] = ()
        super().__init__()

    def show_results(self, headings: Sequence[str], rows: Sequence[ResultRow]) -> None:
        self._headings = tuple(headings)
        self._columns = self.make_columns()
        self.show(rows)

    def make_columns(self) -> Sequence[TableColumn[ResultRow]]:
        return tuple(
            TableColumn(title, _format_cell(column), _format_cell(column), is_number=column > 0)
            for column, title in enumerate(self._headings)
        )


def _format_cell(column: int) -> Callable[[ResultRow], str]:
    def say(row: ResultRow) -> str:
        value, below = row[column]
        shown = display_name(value) if column == 0 else value
        return f"{shown}\n{below}" if below else shown

    return say


_FIGURES = 4
_HEADER_PX = 42
"""Header height including the frame."""


class ValidationResultsView(QWidget):
    """The last step, with the texts of the certificate."""

    def __init__(self, viewmodel: ValidationViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._results: ValidationResults | None = None
        self._tiles = tuple(_FigureTile() for _ in range(_FIGURES))
        self.table, self.cameras = ResultTable(), QTableView()
        self.empty, self.missing, self.notes = QLabel(), QLabel(), QLabel()
        self._missing_title, self._notes_title = QLabel(), QLabel()
        self.certificate, self.again, self.folder = QPushButton(), QPushButton(), QPushButton()
        self._written = ""
        self._said = QLabel()
        self._content = QWidget()
        self._build()
        self.again.clicked.connect(viewmodel.comparison.compute)
        self.certificate.clicked.connect(self._on_certificate_clicked)
        self.folder.clicked.connect(self._on_folder_clicked)
        viewmodel.comparison.certificate_written.connect(self._on_written)
        self.retranslate()

    def retranslate(self) -> None:
        self.empty.setText(tr("There are no labels yet."))
        self._missing_title.setText(tr("Still missing"))
        self._notes_title.setText(tr("Conditions"))
        self.cameras.setAccessibleName(tr("Accuracy of each camera"))
        name_buttons(
            (self.certificate, tr("Certificate (PDF)"), tr("Save an accuracy certificate as a PDF file")),
            (self.again, tr("Compute again"), tr("Compare all labels with the history again")),
            (self.folder, tr("Open folder"), tr("Show the certificate in its folder")),
        )
        self._results = None
        self.show_state(self._viewmodel.state)

    def show_state(self, state: ValidationState) -> None:
        results = state.results
        self.empty.setVisible(results is None)
        self._content.setVisible(results is not None)
        self.certificate.setEnabled(results is not None and not state.busy)
        self.again.setEnabled(state.labelled > 0 and not state.busy)
        if results is None or results == self._results:
            return
        self._results = results
        for tile, figure in zip(self._tiles, results.figures, strict=True):
            tile.show_figure(figure)
        self.table.show_results(results.headings, results.rows)
        self.cameras.resizeRowsToContents()
        self.cameras.setFixedHeight(_HEADER_PX + sum(map(self.cameras.rowHeight, range(len(results.rows)))))
        self.missing.setText("\n".join(f"• {sentence}" for sentence in results.missing))
        self.notes.setText("\n".join(f"• {sentence}" for sentence in results.notes))

    def _build(self) -> None:
        theme = current_theme()
        tiles = QGridLayout()
        tiles.setSpacing(theme.space_m)
        for at, tile in enumerate(self._tiles):
            tiles.addWidget(tile, 0, at)
            tiles.setColumnStretch(at, 1)
        self.cameras.setModel(self.table)
        self.cameras.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.cameras.verticalHeader().hide()
        self.cameras.setShowGrid(False)
        self.cameras.setAlternatingRowColors(True)
        self.cameras.setTabKeyNavigation(False)
        self.cameras.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for label in (self._missing_title, self._notes_title):
            label.setProperty("role", "title")
        style_labels("", self.missing, self.notes, self._said)
        self.empty.setProperty("role", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_roles((self._said, "good"), (self.certificate, "primary"))
        texts = QGridLayout()
        texts.setHorizontalSpacing(theme.space_l)
        for at, (title, text) in enumerate(
            ((self._missing_title, self.missing), (self._notes_title, self.notes))
        ):
            texts.addWidget(title, 0, at)
            texts.addWidget(text, 1, at, Qt.AlignmentFlag.AlignTop)
            texts.setColumnStretch(at, 1)
        inner = make_column(self._content, margins=0, spacing=theme.space_m)
        fill(inner, tiles, self.cameras, texts, 1)
        scrolled = QWidget()
        scroll_content(scrolled, self._content)
        buttons = fill(make_row(), self.again, (self._said, 1), self.folder, self.certificate)
        self.folder.hide()
        fill(make_column(self, margins=0, spacing=theme.space_m), self.empty, (scrolled, 1), buttons)

    def _on_certificate_clicked(self) -> None:
        name = tr("Accuracy certificate") + ".pdf"
        file, _kind = QFileDialog.getSaveFileName(
            self, tr("Save the certificate"), str(Path.home() / name), "PDF (*.pdf)"
        )
        if file:
            self._viewmodel.comparison.write_certificate(Path(file), language=current_language())

    def _on_written(self, file: str) -> None:
        self._written = file
        self._said.setText(tr("The certificate is in {place}.", place=file))
        self.folder.show()

    def _on_folder_clicked(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._written).parent)))


class _FigureTile(QFrame):
    """A tile with a number, its interval and its basis."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._name, self._value, self._interval, self._basis = (QLabel() for _ in range(4))
        set_roles((self._name, "muted"), (self._value, "figure"), (self._basis, "small"))
        self._basis.setWordWrap(True)
        column = fill(make_column(self, spacing=current_theme().space_xs), self._name, self._value)
        fill(column, self._interval, self._basis, 1)

    def show_figure(self, figure: ResultFigure) -> None:
        self._name.setText(figure.name)
        self._value.setText(figure.value)
        self._interval.setText(figure.interval)
        self._basis.setText(figure.basis)
        self.setAccessibleName(f"{figure.name}: {figure.value} {figure.interval}")
        self.setAccessibleDescription(figure.basis)
