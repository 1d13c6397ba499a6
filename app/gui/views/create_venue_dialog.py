"""Asks what a new venue is called, where it lies, and how large its hall is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QTimeZone
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.translation import tr
from app.gui.units import current_units
from app.gui.widgets.number_field import NumberField
from app.venue.document import FOLDER_SUFFIX

_NOT_IN_A_NAME = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
_LENGTHS_M = (1.0, 2000.0)


@dataclass(frozen=True, slots=True)
class NewVenue:
    """What was asked for; ``size_m`` is width and depth."""

    folder: Path
    name: str
    time_zone: str
    size_m: tuple[float, float]


class CreateVenueDialog(QDialog):
    """Open it with ``open``; ``new_venue`` is valid once it was accepted."""

    def __init__(self, place: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Create a venue"))
        self._units = current_units()
        self._name = QLineEdit(self)
        self._name.setAccessibleName(tr("Name of the exhibition"))
        self._name.textChanged.connect(self._on_name_changed)
        self._place = QLineEdit(str(place), self)
        self._place.setAccessibleName(tr("Folder"))
        browse = QPushButton(tr("Choose"), self)
        browse.setAccessibleName(tr("Choose a folder"))
        browse.clicked.connect(self._on_browse_clicked)
        place_row = QHBoxLayout()
        place_row.addWidget(self._place, 1)
        place_row.addWidget(browse)
        self._zone = QComboBox(self)
        self._zone.setAccessibleName(tr("Time zone"))
        self._zone.setEditable(True)
        zones = sorted(bytes(zone.data()).decode() for zone in QTimeZone.availableTimeZoneIds())
        self._zone.addItems([zone for zone in zones if "/" in zone and not zone.startswith("Etc/")])
        self._zone.setCurrentText(bytes(QTimeZone.systemTimeZoneId().data()).decode() or "UTC")
        self._width = self._make_length(tr("Width of the hall"), 40.0)
        self._depth = self._make_length(tr("Depth of the hall"), 25.0)
        form = QFormLayout()
        form.addRow(tr("Name of the exhibition"), self._name)
        form.addRow(tr("Folder"), place_row)
        form.addRow(tr("Time zone"), self._zone)
        form.addRow(tr("Width of the hall"), self._width)
        form.addRow(tr("Depth of the hall"), self._depth)
        self._buttons = QDialogButtonBox(self)
        # a box's own buttons are styled before they have a role
        self._create = QPushButton(tr("Create"), self)
        self._create.setProperty("role", "primary")
        self._create.setAccessibleName(tr("Create"))
        self._buttons.addButton(self._create, QDialogButtonBox.ButtonRole.AcceptRole)
        cancel = self._buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        cancel.setAccessibleName(tr("Cancel"))
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(16)
        column.addLayout(form)
        column.addWidget(self._buttons)
        self.setMinimumWidth(520)
        self._on_name_changed("")

    @property
    def new_venue(self) -> NewVenue:
        """What was asked for."""
        name = self._name.text().strip()
        folder = Path(self._place.text()).expanduser() / (_NOT_IN_A_NAME.sub(" ", name) + FOLDER_SUFFIX)
        width_m, depth_m = (self._units.to_metres(box.value()) for box in (self._width, self._depth))
        return NewVenue(folder, name, self._zone.currentText().strip(), (width_m, depth_m))

    def _make_length(self, name: str, value_m: float) -> NumberField:
        least, most = (self._units.from_metres(limit_m) for limit_m in _LENGTHS_M)
        field = NumberField(least=least, most=most, decimals=1, unit=self._units.symbol, parent=self)
        field.setAccessibleName(name)
        field.setValue(self._units.from_metres(value_m))
        return field

    def _on_name_changed(self, name: str) -> None:
        self._create.setEnabled(bool(name.strip()))

    def _on_browse_clicked(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Choose a folder"), self._place.text())
        if folder:
            self._place.setText(folder)
