"""The cameras of a venue in a list, and the figures of a planned one to be typed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from analytics.domain.identifiers import CameraId
from analytics.domain.planned_camera import LIMITS, PlannedCamera
from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.units import current_units
from app.gui.viewmodels.coverage_planner import CoveragePlannerViewModel
from app.gui.viewmodels.coverage_planner_state import CameraRow, CoveragePlannerState
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.scrolled_content import scroll_content

FRAME_SIZES = ((640, 360), (1280, 720), (1920, 1080), (2560, 1440), (2688, 1520), (3840, 2160))
"""Of the streams that cameras commonly have."""
_LONGEST = 100_000.0
_FIELD_PX = 96


class CoverageCameras(QFrame):
    """Renders the cameras of a `CoveragePlannerState`."""

    install_asked = Signal(str)
    """Name of the planned camera that is there now."""

    def __init__(self, viewmodel: CoveragePlannerViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._rows: tuple[CameraRow, ...] = ()
        self.cameras = QListWidget()
        self.name = QLineEdit()
        self.x_field, self.y_field = (self._make_length(-_LONGEST, _LONGEST, 2) for _ in range(2))
        self.height_field = self._make_length(*LIMITS["height_m"], 2)
        self.tilt = NumberField(least=LIMITS["tilt_deg"][0], most=LIMITS["tilt_deg"][1], decimals=1, unit="°")
        self.heading = NumberField(
            least=LIMITS["heading_deg"][0], most=LIMITS["heading_deg"][1], decimals=1, unit="°"
        )
        self.fov = NumberField(
            least=LIMITS["horizontal_fov_deg"][0],
            most=LIMITS["horizontal_fov_deg"][1],
            decimals=1,
            unit="°",
        )
        self.frame_size = QComboBox()
        self.place = QWidget()
        self.install, self.duplicate, self.remove = (QPushButton() for _ in range(3))
        self.empty, self.hint = QLabel(), QLabel()
        self._form = QFormLayout()
        self._labels = {
            field: QLabel()
            for field in (
                self.name,
                self.place,
                self.height_field,
                self.tilt,
                self.heading,
                self.fov,
                self.frame_size,
            )
        }
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        """Take the window's language and units."""
        for field, text, name in (
            (self.name, tr("Name"), tr("Name of the camera")),
            (self.place, tr("Place"), tr("Place below the camera")),
            (self.height_field, tr("Height"), tr("Height above the floor")),
            (self.tilt, tr("Tilt"), tr("How far it looks down from the horizontal")),
            (self.heading, tr("Direction"), tr("Direction of view, 0 to the right, 90 up on the plan")),
            (self.fov, tr("Lens"), tr("Angle of view across the picture")),
            (self.frame_size, tr("Picture"), tr("Size of its pictures in pixels")),
        ):
            self._labels[field].setText(text)
            field.setAccessibleName(name)
            field.setToolTip(name)
        self.x_field.setAccessibleName(tr("x of the place"))
        self.y_field.setAccessibleName(tr("y of the place"))
        for number in (self.x_field, self.y_field, self.height_field):
            number.setSuffix(f" {current_units().symbol}")
        for button, text, name in (
            (self.install, tr("Install it"), tr("Add the camera that hangs there now, under this name")),
            (self.duplicate, tr("Duplicate"), tr("Plan another camera like this one (Ctrl+D)")),
            (self.remove, tr("Delete"), tr("Take the planned camera off the plan (Delete)")),
        ):
            button.setText(text)
            button.setAccessibleName(name)
            button.setToolTip(name)
        self.cameras.setAccessibleName(tr("Cameras"))
        self.empty.setText(
            tr("This venue has no camera yet. Plan one: 'Plan a camera', then click on the plan.")
        )
        self.hint.setText(
            tr("Choose a camera on the plan or in the list. Those that hang already are moved on a ladder.")
        )
        self.show_state(self._viewmodel.state)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802, D102
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def show_state(self, state: CoveragePlannerState) -> None:
        """Show the cameras, and the figures of the chosen one."""
        if state.rows != self._rows:
            self._rows = state.rows
            with QSignalBlocker(self.cameras):
                self.cameras.clear()
                for row in state.rows:
                    item = QListWidgetItem(f"{row.text}\n{row.note}", self.cameras)
                    item.setData(Qt.ItemDataRole.UserRole, row.name)
                    item.setToolTip(row.note)
        names = [row.name for row in state.rows]
        with QSignalBlocker(self.cameras):
            self.cameras.setCurrentRow(names.index(state.selected) if state.selected in names else -1)
        self.cameras.setVisible(bool(state.rows))
        self.empty.setVisible(state.has_venue and not state.rows and not state.glyphs)
        self._show_planned(state.planned)
        self.hint.setVisible(state.planned is None and bool(state.rows))

    def _show_planned(self, camera: PlannedCamera | None) -> None:
        for field in self._labels:
            self._form.setRowVisible(field, camera is not None)
        for button in (self.install, self.duplicate, self.remove):
            button.setVisible(camera is not None)
        if camera is None:
            return
        units = current_units()
        for number, value in (
            (self.x_field, units.from_metres(camera.x_m)),
            (self.y_field, units.from_metres(camera.y_m)),
            (self.height_field, units.from_metres(camera.height_m)),
            (self.tilt, camera.tilt_deg),
            (self.heading, camera.heading_deg),
            (self.fov, camera.horizontal_fov_deg),
        ):
            with QSignalBlocker(number):
                number.setValue(value)
        with QSignalBlocker(self.name), QSignalBlocker(self.frame_size):
            if not self.name.hasFocus() or self.name.text().strip() == str(camera.name):
                self.name.setText(str(camera.name))
            if self.frame_size.findData(camera.frame_size_wh) < 0:
                self._add_size(camera.frame_size_wh)
            self.frame_size.setCurrentIndex(self.frame_size.findData(camera.frame_size_wh))

    def _build(self) -> None:
        theme = current_theme()
        self.setProperty("role", "card")
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(theme.space_m, theme.space_m, theme.space_m, theme.space_m)
        column.setSpacing(theme.space_s)
        self.cameras.setWordWrap(True)
        self.cameras.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.cameras.setMinimumHeight(140)
        self.cameras.setSpacing(theme.space_xs)
        for label in (self.empty, self.hint):
            label.setWordWrap(True)
            label.setProperty("role", "muted")
        places = QHBoxLayout(self.place)
        places.setContentsMargins(0, 0, 0, 0)
        for number in (self.x_field, self.y_field):
            number.setMinimumWidth(_FIELD_PX)
            places.addWidget(number)
        for size in FRAME_SIZES:
            self._add_size(size)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for field, label in self._labels.items():
            self._form.addRow(label, field)
        self.remove.setProperty("role", "danger")
        column.addWidget(self.empty)
        column.addWidget(self.cameras, 1)
        column.addWidget(self.hint)
        column.addLayout(self._form)
        column.addWidget(self.install)
        row = QHBoxLayout()
        row.addWidget(self.duplicate)
        row.addWidget(self.remove)
        column.addLayout(row)
        column.addStretch(0)
        scroll_content(self, content)

    def _bind(self) -> None:
        model, units = self._viewmodel, current_units
        self.cameras.currentRowChanged.connect(self._on_row_chosen)
        self.name.editingFinished.connect(self._on_name_left)
        self.x_field.valueChanged.connect(lambda value: self._change(x_m=units().to_metres(value)))
        self.y_field.valueChanged.connect(lambda value: self._change(y_m=units().to_metres(value)))
        self.height_field.valueChanged.connect(lambda value: self._change(height_m=units().to_metres(value)))
        self.tilt.valueChanged.connect(lambda value: self._change(tilt_deg=value))
        self.heading.valueChanged.connect(lambda value: self._change(heading_deg=value))
        self.fov.valueChanged.connect(lambda value: self._change(horizontal_fov_deg=value))
        self.frame_size.activated.connect(
            lambda _row: self._change(frame_size_wh=self.frame_size.currentData())
        )
        self.install.clicked.connect(lambda: self.install_asked.emit(model.state.selected))
        self.duplicate.clicked.connect(model.duplicate)
        self.remove.clicked.connect(model.remove)

    def _change(self, **figures: object) -> None:
        if not self._viewmodel.change(**figures):
            self._show_planned(self._viewmodel.state.planned)

    def _on_row_chosen(self, row: int) -> None:
        if 0 <= row < len(self._rows):
            self._viewmodel.select(self._rows[row].name)

    def _on_name_left(self) -> None:
        camera, name = self._viewmodel.state.planned, self.name.text().strip()
        if camera is None or name == camera.name:
            return
        if not self._viewmodel.change(name=CameraId(name)):
            with QSignalBlocker(self.name):
                self.name.setText(str(camera.name))

    def _add_size(self, size_wh: tuple[int, int]) -> None:
        self.frame_size.addItem(f"{size_wh[0]} × {size_wh[1]}", size_wh)

    def _make_length(self, least_m: float, most_m: float, decimals: int) -> NumberField:
        units = current_units()
        return NumberField(
            least=min(least_m, units.from_metres(least_m)),
            most=max(most_m, units.from_metres(most_m)),
            decimals=decimals,
            unit=units.symbol,
        )
