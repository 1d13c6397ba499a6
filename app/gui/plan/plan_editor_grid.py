"""Asks for a numbered grid of stands, and shows it on the plan before it is made."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.gui.plan.plan_editor_canvas import PlanEditorCanvas
from app.gui.plan.plan_editor_stands import PlanStandsViewModel
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr
from app.gui.session.units import current_units
from app.gui.widgets.number_field import NumberField
from app.plan.stand_grid import Numbering, RowOrder, StandGrid

_MOST_ROWS = 200
_FARTHEST = 10_000.0
_LONGEST = 500.0
_SIZE_WH = (940, 600)


class StandGridDialog(QDialog):
    """Open it with ``open``; it makes the grid itself, and stays open where that fails."""

    def __init__(self, viewmodel: PlanStandsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._units = current_units()
        self.setWindowTitle(tr("Make a numbered grid of stands"))
        self.rows, self.columns = self._make_count(tr("Rows"), 4), self._make_count(tr("Columns"), 10)
        self.width_field = self._make_length(tr("Width of a stand"), 3.0)
        self.depth_field = self._make_length(tr("Depth of a stand"), 3.0)
        self.aisle = self._make_length(tr("Aisle between rows"), 3.0)
        self.together = self._make_count(tr("Rows back to back"), 2)
        self.left = self._make_length(tr("Lower left corner, x"), 2.0, least=-_FARTHEST, most=_FARTHEST)
        self.bottom = self._make_length(tr("Lower left corner, y"), 2.0, least=-_FARTHEST, most=_FARTHEST)
        self.angle = NumberField(least=-180, most=180, decimals=1, unit="°")
        self.angle.setAccessibleName(tr("Turned by"))
        self.prefix = QLineEdit(self)
        self.prefix.setAccessibleName(tr("Before every name"))
        self.prefix.setPlaceholderText("H3-")
        self.numbering, self.order = QComboBox(self), QComboBox(self)
        for numbering, text in (
            (Numbering.LETTER_AND_NUMBER, tr("A1, A2 … B1")),
            (Numbering.HUNDREDS, tr("101, 102 … 201")),
            (Numbering.RUNNING, tr("1, 2, 3 …")),
        ):
            self.numbering.addItem(text, numbering.value)
        for order, text in (
            (RowOrder.SAME, tr("Every row from the left")),
            (RowOrder.SERPENTINE, tr("There and back")),
        ):
            self.order.addItem(text, order.value)
        self.numbering.setAccessibleName(tr("Names"))
        self.order.setAccessibleName(tr("Order"))
        self.closed = QCheckBox(tr("Closed: nobody walks through them"), self)
        self.closed.setAccessibleName(self.closed.text())
        self.preview = PlanEditorCanvas(self)
        self.preview.setAccessibleName(tr("The grid on the plan"))
        self.summary = QLabel(self)
        self.buttons = QDialogButtonBox(self)
        self.make = self.buttons.addButton(tr("Make the stands"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._build()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE_WH)
        self.preview.show_scene(viewmodel.state.scene)
        self._render()

    @property
    def stand_grid(self) -> StandGrid:
        """What was asked for."""
        to_metres = self._units.to_metres
        return StandGrid(
            corner_m=(to_metres(self.left.value()), to_metres(self.bottom.value())),
            rows=round(self.rows.value()),
            columns=round(self.columns.value()),
            stand_width_m=to_metres(self.width_field.value()),
            stand_depth_m=to_metres(self.depth_field.value()),
            aisle_m=to_metres(self.aisle.value()),
            rows_together=round(self.together.value()),
            rotation_deg=self.angle.value(),
            numbering=Numbering(self.numbering.currentData()),
            order=RowOrder(self.order.currentData()),
            prefix=self.prefix.text(),
        )

    def accept(self) -> None:
        """Make the stands."""
        if self._viewmodel.make_stands(self.stand_grid, is_closed=self.closed.isChecked()):
            super().accept()

    def _build(self) -> None:
        theme = current_theme()
        form = QFormLayout()
        form.setVerticalSpacing(theme.space_xs)
        for field in (
            self.rows,
            self.columns,
            self.width_field,
            self.depth_field,
            self.together,
            self.aisle,
            self.left,
            self.bottom,
            self.angle,
            self.numbering,
            self.order,
            self.prefix,
        ):
            form.addRow(field.accessibleName(), field)
        form.addRow(self.closed)
        self.summary.setWordWrap(True)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.make.setProperty("role", "primary")
        cancel = self.buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        for button in (self.make, cancel):
            button.setAccessibleName(button.text())
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        body = QHBoxLayout()
        body.setSpacing(theme.space_l)
        body.addLayout(form)
        body.addWidget(self.preview, 1)
        column = QVBoxLayout(self)
        column.setSpacing(theme.space_m)
        column.addLayout(body, 1)
        column.addWidget(self.summary)
        column.addWidget(self.buttons)
        for number in self.findChildren(NumberField):
            number.valueChanged.connect(self._render)
        for box in (self.numbering, self.order):
            box.currentIndexChanged.connect(self._render)
        self.prefix.textChanged.connect(self._render)
        self.closed.toggled.connect(self._render)

    def _make_count(self, name: str, value: int) -> NumberField:
        field = NumberField(least=1, most=_MOST_ROWS, decimals=0, unit="", parent=self)
        field.setValue(value)
        field.setAccessibleName(name)
        return field

    def _make_length(
        self, name: str, value_m: float, *, least: float = 0.0, most: float = _LONGEST
    ) -> NumberField:
        field = NumberField(least=least, most=most, decimals=2, unit=self._units.symbol, parent=self)
        field.setValue(self._units.from_metres(value_m))
        field.setAccessibleName(name)
        return field

    def _render(self, *_value: object) -> None:
        shown = self._viewmodel.preview_stands(self.stand_grid, is_closed=self.closed.isChecked())
        self.preview.show_figures(shown.figures, None)
        self.summary.setText(shown.text)
        self.make.setEnabled(shown.is_possible)
