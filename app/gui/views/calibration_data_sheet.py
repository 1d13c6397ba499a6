"""Asks for the three figures of a data sheet that tell a lens."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.calibration import CalibrationViewModel
from app.gui.widgets.number_field import NumberField

_LONGEST_FOCAL_MM, _WIDEST_SENSOR_MM, _WIDEST_FOV_DEG = 200.0, 60.0, 179.0
_USUAL_FOCAL_MM, _USUAL_SENSOR_MM, _USUAL_FOV_DEG = 2.8, 5.4, 105.0
"""Of a dome camera with a 1/2.8 inch sensor; they stand there as examples."""


class LensDataSheetDialog(QDialog):
    """Open it with ``open``; the view-model says what it makes of the figures."""

    def __init__(self, viewmodel: CalibrationViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.setWindowTitle(tr("Lens from its data sheet"))
        self.focal = self._make_field(tr("Focal length"), _LONGEST_FOCAL_MM, _USUAL_FOCAL_MM, 2, "mm")
        self.sensor = self._make_field(
            tr("Width of the sensor"), _WIDEST_SENSOR_MM, _USUAL_SENSOR_MM, 2, "mm"
        )
        self.fov = self._make_field(tr("Horizontal angle of view"), _WIDEST_FOV_DEG, _USUAL_FOV_DEG, 1, "°")
        note = QLabel(tr("For a camera with a zoom, all three belong to the focal length that is set."), self)
        note.setProperty("role", "small")
        note.setWordWrap(True)
        form = QFormLayout()
        for field in (self.focal, self.sensor, self.fov):
            form.addRow(field.accessibleName(), field)
        buttons = QDialogButtonBox(self)
        take, cancel = QPushButton(tr("Take this lens"), self), QPushButton(tr("Cancel"), self)
        # a box's own buttons are styled before they have a role
        take.setProperty("role", "primary")
        buttons.addButton(take, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        for button in (take, cancel):
            button.setAccessibleName(button.text())
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        theme = current_theme()
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space_l, theme.space_l, theme.space_l, theme.space_l)
        column.setSpacing(theme.space_m)
        column.addLayout(form)
        column.addWidget(note)
        column.addWidget(buttons)

    def accept(self) -> None:
        """Take the figures."""
        self._viewmodel.take_data_sheet(
            focal_mm=self.focal.value(),
            sensor_width_mm=self.sensor.value(),
            horizontal_fov_deg=self.fov.value(),
        )
        super().accept()

    def _make_field(self, name: str, most: float, usual: float, decimals: int, unit: str) -> NumberField:
        field = NumberField(least=0.1, most=most, decimals=decimals, unit=unit, parent=self)
        field.setValue(usual)
        field.setAccessibleName(name)
        return field
