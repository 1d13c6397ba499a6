"""Fields for the size and rotation of a selected shape that is a rectangle."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QObject, QSignalBlocker, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from analytics.domain.zone import CountingLine
from app.gui.session.translation import tr
from app.gui.session.units import current_units
from app.gui.widgets.layouts import make_row, name_field
from app.gui.widgets.number_field import NumberField
from app.plan.plan_shapes import PlanItem, list_points
from app.plan.rectangles import Rectangle, find_rectangle

MAX_LENGTH = 10_000.0
_FIELD_PX = 72


class RectangleFields(QObject):
    """Two rows of a form, hidden while the shape is no rectangle."""

    entered = Signal(object)
    """The `Rectangle` with the entered number."""

    def __init__(self, form: QFormLayout) -> None:
        super().__init__(form)
        self._form = form
        self._rectangle: Rectangle | None = None
        self.width, self.depth = (
            NumberField(minimum=0, maximum=MAX_LENGTH, decimals=2, unit="m") for _ in range(2)
        )
        self.angle = NumberField(minimum=-180, maximum=180, decimals=1, unit="°")
        self.extent = QWidget()
        self._labels = {self.extent: QLabel(), self.angle: QLabel()}
        sizes = make_row(self.extent, margins=0)
        for number in (self.width, self.depth):
            # two side by side; a spin box's size hint would fit its largest value
            number.setMinimumWidth(_FIELD_PX)
            sizes.addWidget(number)
        units = current_units
        self.width.valueChanged.connect(lambda value: self._enter(width_m=units().to_metres(value)))
        self.depth.valueChanged.connect(lambda value: self._enter(depth_m=units().to_metres(value)))
        self.angle.valueChanged.connect(lambda value: self._enter(rotation_deg=value))

    def add_rows(self) -> None:
        for field, label in self._labels.items():
            self._form.addRow(label, field)

    def retranslate(self) -> None:
        for field, text in ((self.extent, tr("Size")), (self.angle, tr("Rotation"))):
            self._labels[field].setText(text)
            field.setAccessibleName(text)
        name_field(self.width, tr("Width of the rectangle"))
        name_field(self.depth, tr("Depth of the rectangle"))
        for number in (self.width, self.depth):
            with QSignalBlocker(number):
                number.setMaximum(current_units().from_metres(MAX_LENGTH))
                number.setSuffix(f" {current_units().symbol}")

    def show_item(self, item: PlanItem | None) -> None:
        """Show the rectangle of a shape; nothing for another one."""
        is_area = item is not None and not isinstance(item, CountingLine)
        self._rectangle = find_rectangle(list_points(item)) if is_area and item is not None else None
        for field in (self.extent, self.angle):
            self._form.setRowVisible(field, self._rectangle is not None)
        if self._rectangle is None:
            return
        units = current_units()
        for number, value in (
            (self.width, units.from_metres(self._rectangle.width_m)),
            (self.depth, units.from_metres(self._rectangle.depth_m)),
            (self.angle, self._rectangle.rotation_deg),
        ):
            with QSignalBlocker(number):
                number.setValue(value)

    def _enter(self, **changes: float) -> None:
        if self._rectangle is not None:
            self.entered.emit(dataclasses.replace(self._rectangle, **changes))  # type: ignore[arg-type]
