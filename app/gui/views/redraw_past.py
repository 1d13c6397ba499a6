"""The question whether a zone is redrawn in the past, too, beside what that changes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.redraw_past import RedrawPastViewModel

_SIZE_WH = (760, 380)
_PARTS = 1000
"""Qt's bar counts in whole numbers."""


class RedrawPastDialog(QDialog):
    """Renders a `RedrawPastState`; open it with ``open``. Left without an answer, it changes nothing."""

    def __init__(self, viewmodel: RedrawPastViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.resize(*_SIZE_WH)
        self.text, self.problem = QLabel(self), QLabel(self)
        for label in (self.text, self.problem):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setProperty("role", "bad")
        self.rows = QTableWidget(0, 4, self)
        self.progress = QProgressBar(self)
        self.cancel, self.redraw = QPushButton(tr("Cancel"), self), QPushButton(tr("Redraw the past"), self)
        self._build()
        viewmodel.state_changed.connect(self._render)
        self.cancel.clicked.connect(self.reject)
        self.redraw.clicked.connect(self._on_redraw_clicked)
        self._render()

    def reject(self) -> None:
        """Stop counting and change nothing."""
        self._viewmodel.leave()
        super().reject()

    def _build(self) -> None:
        theme = current_theme()
        self.rows.setHorizontalHeaderLabels(
            [tr("Held"), tr("Counted as an example"), tr("As it is"), tr("Redrawn")]
        )
        self.rows.setAccessibleName(tr("What redrawing changes"))
        header = self.rows.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self.rows.verticalHeader().setVisible(False)
        self.rows.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.rows.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.rows.setTabKeyNavigation(False)
        self.rows.setWordWrap(True)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Progress"))
        self.redraw.setProperty("role", "primary")
        for button in (self.cancel, self.redraw):
            button.setAccessibleName(button.text())
            button.setAutoDefault(False)
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(self.cancel)
        last.addWidget(self.redraw)
        column = QVBoxLayout(self)
        column.setSpacing(theme.space_m)
        column.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, theme.space_m)
        for widget in (self.text, self.rows, self.progress, self.problem):
            column.addWidget(widget)
        column.addLayout(last)

    def _render(self) -> None:
        state = self._viewmodel.state
        if state.shape is None:
            return
        self.setWindowTitle(state.title)
        self.text.setText(state.text)
        self.problem.setText(state.problem)
        self.problem.setVisible(bool(state.problem))
        self.progress.setVisible(state.is_counting)
        self.progress.setRange(0, 0 if state.share is None else _PARTS)
        self.progress.setValue(round(_PARTS * (state.share or 0.0)))
        self.redraw.setEnabled(state.can_redraw)
        self.rows.setRowCount(len(state.rows))
        for index, row in enumerate(state.rows):
            for column, text in enumerate((row.period, row.counted, row.before, row.after)):
                self.rows.setItem(index, column, QTableWidgetItem(text))
        self.rows.resizeRowsToContents()

    def _on_redraw_clicked(self) -> None:
        self._viewmodel.redraw()
        self.accept()
