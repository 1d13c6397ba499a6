"""Dialogs for a numbered grid of stands, with a preview on the plan, and for pasted names."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.core.change_set import Part
from app.gui.canvas.plan_editor_canvas import PlanEditorCanvas
from app.gui.plan.panel_models import PlanStandsViewModel
from app.gui.plan.text import name_shape
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr
from app.gui.session.units import current_units
from app.gui.widgets.layouts import fill, make_column, make_dialog_buttons, make_row, style_labels
from app.gui.widgets.number_field import NumberField
from app.plan.plan_shapes import Shape
from app.plan.stand_grid import Numbering, RowOrder, StandGrid

_NAMES_WH = (720, 520)


class PasteNamesDialog(QDialog):
    """The dialog that renames stands from a pasted table when accepted."""

    def __init__(self, viewmodel: PlanStandsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.setWindowTitle(tr("Paste zone names from a spreadsheet"))
        parts = (Part.ZONES, Part.LINES)
        self._shapes = [f.shape for f in viewmodel.state.shapes if f.shape.part in parts]
        self.zones, self.text, self.summary = QListWidget(self), QPlainTextEdit(self), QLabel(self)
        self.buttons, self.rename = make_dialog_buttons(self, tr("Rename"))
        self._build()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_NAMES_WH)
        self._render()

    def accept(self) -> None:
        if self._viewmodel.paste_names(self._chosen(), self.text.toPlainText()):
            super().accept()

    def _build(self) -> None:
        theme = current_theme()
        self.zones.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.zones.addItems([name_shape(shape) for shape in self._shapes])
        for row, shape in enumerate(self._shapes):
            self.zones.item(row).setSelected(shape.part is Part.ZONES)
        self.zones.setAccessibleName(tr("Zones and lines to rename"))
        self.text.setAccessibleName(tr("Names from a spreadsheet"))
        self.text.setPlaceholderText(
            tr(
                "Paste cells here: the names in the order of the list, or the current and the new "
                "names in two columns."
            )
        )
        self.text.setTabChangesFocus(True)
        style_labels("", self.summary)
        left, right, body = QVBoxLayout(), QVBoxLayout(), QHBoxLayout()
        fill(left, QLabel(tr("Zones and lines to rename"), self), (self.zones, 1))
        fill(right, QLabel(tr("Names from a spreadsheet"), self), (self.text, 1))
        body.setSpacing(theme.space_m)
        fill(body, (left, 1), (right, 1))
        fill(make_column(self, spacing=theme.space_m), (body, 1), self.summary, self.buttons)
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


_MAX_ROWS = 200
_FARTHEST = 10_000.0
_MAX_LENGTH = 500.0
_SIZE_WH = (940, 600)


class StandGridDialog(QDialog):
    """The dialog that creates a grid of stands; stays open on failure."""

    def __init__(self, viewmodel: PlanStandsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._units = current_units()
        self.setWindowTitle(tr("Create a numbered grid of stands"))
        self.rows, self.columns = self._make_count(tr("Rows"), 4), self._make_count(tr("Columns"), 10)
        self.width_field = self._make_length(tr("Width of a stand"), 3.0)
        self.depth_field = self._make_length(tr("Depth of a stand"), 3.0)
        self.aisle = self._make_length(tr("Aisle between rows"), 3.0)
        self.together = self._make_count(tr("Rows back to back"), 2)
        self.left = self._make_length(tr("Lower left corner, x"), 2.0, least=-_FARTHEST, most=_FARTHEST)
        self.bottom = self._make_length(tr("Lower left corner, y"), 2.0, least=-_FARTHEST, most=_FARTHEST)
        self.angle = NumberField(minimum=-180, maximum=180, decimals=1, unit="°")
        self.angle.setAccessibleName(tr("Rotation"))
        self.prefix = QLineEdit(self)
        self.prefix.setAccessibleName(tr("Name prefix"))
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
            (RowOrder.SERPENTINE, tr("Alternating")),
        ):
            self.order.addItem(text, order.value)
        self.numbering.setAccessibleName(tr("Names"))
        self.order.setAccessibleName(tr("Order"))
        self.closed = QCheckBox(tr("Closed: visitors cannot walk through"), self)
        self.closed.setAccessibleName(self.closed.text())
        self.preview = PlanEditorCanvas(self)
        self.preview.setAccessibleName(tr("The grid on the plan"))
        self.summary = QLabel(self)
        self.buttons, self.make = make_dialog_buttons(self, tr("Create stands"))
        self._build()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE_WH)
        self.preview.show_scene(viewmodel.state.scene)
        self._render()

    @property
    def stand_grid(self) -> StandGrid:
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
        style_labels("", self.summary)
        body = fill(make_row(spacing=theme.space_l), form, (self.preview, 1))
        fill(make_column(self, spacing=theme.space_m), (body, 1), self.summary, self.buttons)
        for number in self.findChildren(NumberField):
            number.valueChanged.connect(self._render)
        for box in (self.numbering, self.order):
            box.currentIndexChanged.connect(self._render)
        self.prefix.textChanged.connect(self._render)
        self.closed.toggled.connect(self._render)

    def _make_count(self, name: str, value: int) -> NumberField:
        field = NumberField(minimum=1, maximum=_MAX_ROWS, decimals=0, unit="", parent=self)
        field.setValue(value)
        field.setAccessibleName(name)
        return field

    def _make_length(
        self, name: str, value_m: float, *, least: float = 0.0, most: float = _MAX_LENGTH
    ) -> NumberField:
        field = NumberField(minimum=least, maximum=most, decimals=2, unit=self._units.symbol, parent=self)
        field.setValue(self._units.from_metres(value_m))
        field.setAccessibleName(name)
        return field

    def _render(self, *_value: object) -> None:
        shown = self._viewmodel.preview_stands(self.stand_grid, is_closed=self.closed.isChecked())
        self.preview.show_shapes(shown.shapes, None)
        self.summary.setText(shown.text)
        self.make.setEnabled(shown.is_possible)
