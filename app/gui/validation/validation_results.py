"""What the labels have shown, with intervals, and the certificate."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.gui.session.theme import current_theme
from app.gui.session.translation import current_language, tr
from app.gui.validation.model import ValidationViewModel
from app.gui.validation.validation_state import ResultFigure, ValidationResults, ValidationState
from app.gui.validation.validation_tables import ResultTable
from app.gui.widgets.scrolled_content import scroll_content

_FIGURES = 4
_HEADER_PX = 42
"""With the frame."""


class ValidationResultsView(QWidget):
    """The last step; the same words as on the certificate."""

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
        """Take the window's language."""
        self.empty.setText(tr("Nothing has been labelled yet."))
        self._missing_title.setText(tr("Still missing"))
        self._notes_title.setText(tr("Conditions"))
        self.cameras.setAccessibleName(tr("Accuracy of each camera"))
        for button, text, name in (
            (self.certificate, tr("Certificate (PDF)"), tr("Write an accuracy certificate as a PDF file")),
            (self.again, tr("Compute again"), tr("Compare all labels with the history again")),
            (self.folder, tr("Open its folder"), tr("Show the certificate in its folder")),
        ):
            button.setText(text)
            button.setToolTip(name)
            button.setAccessibleName(name)
        self._results = None
        self.show_state(self._viewmodel.state)

    def show_state(self, state: ValidationState) -> None:
        """Show the newest results."""
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
        for label in (self.missing, self.notes, self._said):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setProperty("role", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._said.setProperty("role", "good")
        self.certificate.setProperty("role", "primary")
        texts = QGridLayout()
        texts.setHorizontalSpacing(theme.space_l)
        for at, (title, text) in enumerate(
            ((self._missing_title, self.missing), (self._notes_title, self.notes))
        ):
            texts.addWidget(title, 0, at)
            texts.addWidget(text, 1, at, Qt.AlignmentFlag.AlignTop)
            texts.setColumnStretch(at, 1)
        inner = QVBoxLayout(self._content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.space_m)
        inner.addLayout(tiles)
        inner.addWidget(self.cameras)
        inner.addLayout(texts)
        inner.addStretch(1)
        scrolled = QWidget()
        scroll_content(scrolled, self._content)
        buttons = QHBoxLayout()
        buttons.addWidget(self.again)
        buttons.addWidget(self._said, 1)
        buttons.addWidget(self.folder)
        buttons.addWidget(self.certificate)
        self.folder.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space_m)
        column.addWidget(self.empty)
        column.addWidget(scrolled, 1)
        column.addLayout(buttons)

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
    """One number with its interval, and what it rests on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._name, self._value, self._interval, self._basis = (QLabel() for _ in range(4))
        self._name.setProperty("role", "muted")
        self._value.setProperty("role", "figure")
        self._basis.setProperty("role", "small")
        self._basis.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setSpacing(current_theme().space_xs)
        for label in (self._name, self._value, self._interval, self._basis):
            column.addWidget(label)
        column.addStretch(1)

    def show_figure(self, figure: ResultFigure) -> None:
        """Show a number."""
        self._name.setText(figure.name)
        self._value.setText(figure.value)
        self._interval.setText(figure.interval)
        self._basis.setText(figure.basis)
        self.setAccessibleName(f"{figure.name}: {figure.value} {figure.interval}")
        self.setAccessibleDescription(figure.basis)
