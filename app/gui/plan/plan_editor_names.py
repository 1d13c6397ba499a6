"""Asks for names out of a spreadsheet, and for the zones that are to get them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.gui.plan.plan_editor_stands import PlanStandsViewModel
from app.gui.plan.text import name_shape
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr
from app.plan.geometry_change import Part
from app.plan.plan_shapes import Shape

_SIZE_WH = (720, 520)


class PasteNamesDialog(QDialog):
    """Open it with ``open``; it gives the names itself when it is accepted."""

    def __init__(self, viewmodel: PlanStandsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.setWindowTitle(tr("Give zones names out of a spreadsheet"))
        parts = (Part.ZONES, Part.LINES)
        self._shapes = [f.shape for f in viewmodel.state.figures if f.shape.part in parts]
        self.zones, self.text, self.summary = QListWidget(self), QPlainTextEdit(self), QLabel(self)
        self.buttons = QDialogButtonBox(self)
        self.rename = self.buttons.addButton(tr("Give the names"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._build()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE_WH)
        self._render()

    def accept(self) -> None:
        """Give the names."""
        if self._viewmodel.paste_names(self._chosen(), self.text.toPlainText()):
            super().accept()

    def _build(self) -> None:
        theme = current_theme()
        self.zones.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.zones.addItems([name_shape(shape) for shape in self._shapes])
        for row, shape in enumerate(self._shapes):
            self.zones.item(row).setSelected(shape.part is Part.ZONES)
        self.zones.setAccessibleName(tr("Zones and lines that get names"))
        self.text.setAccessibleName(tr("Names out of a spreadsheet"))
        self.text.setPlaceholderText(
            tr("Paste cells here: the names in the order of the list, or the present name and the new one.")
        )
        self.text.setTabChangesFocus(True)
        self.summary.setWordWrap(True)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.rename.setProperty("role", "primary")
        cancel = self.buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        for button in (self.rename, cancel):
            button.setAccessibleName(button.text())
        left, right, body = QVBoxLayout(), QVBoxLayout(), QHBoxLayout()
        left.addWidget(QLabel(tr("Zones and lines that get names"), self))
        left.addWidget(self.zones, 1)
        right.addWidget(QLabel(tr("Names out of a spreadsheet"), self))
        right.addWidget(self.text, 1)
        body.setSpacing(theme.space_m)
        body.addLayout(left, 1)
        body.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setSpacing(theme.space_m)
        column.addLayout(body, 1)
        column.addWidget(self.summary)
        column.addWidget(self.buttons)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.text.textChanged.connect(self._render)
        self.zones.itemSelectionChanged.connect(self._render)
        self.text.setFocus()

    def _chosen(self) -> tuple[Shape, ...]:
        rows = sorted(index.row() for index in self.zones.selectedIndexes())
        return tuple(self._shapes[row] for row in rows)

    def _render(self) -> None:
        complaint = self._viewmodel.check_names(self._chosen(), self.text.toPlainText())
        self.summary.setText(complaint)
        self.rename.setEnabled(not complaint)
