"""The page that shows camera coverage and plans more cameras."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTableView,
    QToolButton,
    QWidget,
)

from analytics.domain.identifiers import CameraId
from analytics.domain.planned_camera import LIMITS, PlannedCamera
from app.coverage.coverage_map import CoverageLayer, ZoneCoverage
from app.gui.canvas.floor_plan_items import PlanPicture, read_plan_picture
from app.gui.canvas.zoomed_view import ZoomButtons
from app.gui.coverage.coverage_canvas import CoverageCanvas, CoverageLegend
from app.gui.coverage.model import CoveragePlannerState, CoveragePlannerViewModel
from app.gui.coverage.text import AdviceRow, CameraRow, name_layers
from app.gui.session.cell_text import format_number, format_share
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr
from app.gui.session.units import current_units
from app.gui.tables.column_widths import measure_column
from app.gui.tables.record_table import SORT_ROLE, RecordTable, TableColumn, make_name_column
from app.gui.widgets.layouts import (
    bind_key,
    fill,
    make_column,
    make_row,
    name_button,
    name_field,
    show_steps,
    show_text,
    style_message,
    style_tools,
)
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.side_panels import SidePanels

FRAME_SIZES = ((640, 360), (1280, 720), (1920, 1080), (2560, 1440), (2688, 1520), (3840, 2160))
"""Common frame sizes of camera streams."""
_MAX_LENGTH = 100_000.0
_FIELD_PX = 96


class CoverageCameras(Translated, QFrame):
    """The cameras of a `CoveragePlannerState`."""

    install_requested = Signal(str)
    """Name of the planned camera that has been installed."""

    def __init__(self, viewmodel: CoveragePlannerViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._rows: tuple[CameraRow, ...] = ()
        self.cameras = QListWidget()
        self.name = QLineEdit()
        self.x_field, self.y_field = (self._make_length(-_MAX_LENGTH, _MAX_LENGTH, 2) for _ in range(2))
        self.height_field = self._make_length(*LIMITS["height_m"], 2)
        self.tilt = NumberField(
            minimum=LIMITS["tilt_deg"][0], maximum=LIMITS["tilt_deg"][1], decimals=1, unit="°"
        )
        self.heading = NumberField(
            minimum=LIMITS["heading_deg"][0], maximum=LIMITS["heading_deg"][1], decimals=1, unit="°"
        )
        self.fov = NumberField(
            minimum=LIMITS["horizontal_fov_deg"][0],
            maximum=LIMITS["horizontal_fov_deg"][1],
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
        for field, text, name in (
            (self.name, tr("Name"), tr("Name of the camera")),
            (self.place, tr("Place"), tr("Position below the camera")),
            (self.height_field, tr("Height"), tr("Height above the floor")),
            (self.tilt, tr("Tilt"), tr("Downward angle from the horizontal")),
            (self.heading, tr("Direction"), tr("Viewing direction: 0 is right, 90 is up on the plan")),
            (self.fov, tr("Lens"), tr("Horizontal field of view")),
            (self.frame_size, tr("Picture"), tr("Frame size in pixels")),
        ):
            self._labels[field].setText(text)
            name_field(field, name)
        self.x_field.setAccessibleName(tr("Position x"))
        self.y_field.setAccessibleName(tr("Position y"))
        for number in (self.x_field, self.y_field, self.height_field):
            number.setSuffix(f" {current_units().symbol}")
        for button, text, name in (
            (self.install, tr("Install"), tr("Add the installed camera under this name")),
            (self.duplicate, tr("Duplicate"), tr("Plan another camera like this one (Ctrl+D)")),
            (self.remove, tr("Delete"), tr("Remove the planned camera from the plan (Delete)")),
        ):
            name_button(button, text, name)
        self.cameras.setAccessibleName(tr("Cameras"))
        self.empty.setText(tr("This venue has no camera yet. Click 'Plan a camera', then click on the plan."))
        self.hint.setText(
            tr("Select a camera on the plan or in the list. Installed cameras can only be moved on site.")
        )
        self.show_state(self._viewmodel.state)

    def show_state(self, state: CoveragePlannerState) -> None:
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
        column = make_column(content, margins=theme.space_m, spacing=theme.space_s)
        self.cameras.setWordWrap(True)
        self.cameras.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.cameras.setMinimumHeight(140)
        self.cameras.setSpacing(theme.space_xs)
        for label in (self.empty, self.hint):
            label.setWordWrap(True)
            label.setProperty("role", "muted")
        places = make_row(self.place, margins=0)
        for number in (self.x_field, self.y_field):
            number.setMinimumWidth(_FIELD_PX)
            places.addWidget(number)
        for size in FRAME_SIZES:
            self._add_size(size)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for field, label in self._labels.items():
            self._form.addRow(label, field)
        self.remove.setProperty("role", "danger")
        fill(column, self.empty, (self.cameras, 1), self.hint, self._form, self.install)
        row = fill(QHBoxLayout(), self.duplicate, self.remove)
        fill(column, row, 0)
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
        self.install.clicked.connect(lambda: self.install_requested.emit(model.state.selected))
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

    def _make_length(self, min_m: float, max_m: float, decimals: int) -> NumberField:
        units = current_units()
        return NumberField(
            minimum=min(min_m, units.from_metres(min_m)),
            maximum=max(max_m, units.from_metres(max_m)),
            decimals=decimals,
            unit=units.symbol,
        )


class CoverageTable(RecordTable[ZoneCoverage]):
    def make_columns(self) -> Sequence[TableColumn[ZoneCoverage]]:
        units = current_units()
        return (
            make_name_column(tr("Zone"), lambda zone: zone.name),
            TableColumn(
                tr("Blind spots"),
                lambda zone: format_share(_unseen(zone)),
                _unseen,
                meaning=tr("Share of the zone's floor that no camera sees, or only behind an obstacle."),
            ),
            TableColumn(
                tr("Hidden"),
                lambda zone: format_share(_hidden(zone)),
                _hidden,
                meaning=tr("Share of the seen floor on which people hide each other in a crowd."),
            ),
            TableColumn(
                tr("Error ({unit})", unit=units.symbol),
                lambda zone: format_number(
                    None if zone.error_m is None else units.from_metres(zone.error_m), decimals=2
                ),
                lambda zone: zone.error_m,
                meaning=tr("Expected error of a visitor's place on the floor."),
            ),
        )


def _unseen(zone: ZoneCoverage) -> float | None:
    return zone.unseen_m2 / zone.area_m2 if zone.area_m2 else None


def _hidden(zone: ZoneCoverage) -> float | None:
    seen_m2 = zone.area_m2 - zone.unseen_m2
    return zone.hidden_m2 / seen_m2 if seen_m2 > 0 else None


class CoverageAdvice(Translated, QFrame):
    """The advice and the zones of a `CoveragePlannerState`."""

    def __init__(self, viewmodel: CoveragePlannerViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._rows: tuple[AdviceRow, ...] = ()
        self._title, self._zones_title, self.summary = QLabel(), QLabel(), QLabel()
        self.advice, self.apply = QListWidget(), QPushButton()
        self.table, self._sorted, self.zones = CoverageTable(self), QSortFilterProxyModel(self), QTableView()
        self._shown_zones: object = None
        self._build()
        self.advice.currentRowChanged.connect(self._on_row_chosen)
        self.apply.clicked.connect(lambda: viewmodel.apply_advice(self.advice.currentRow()))
        self.retranslate()

    def describe_title(self) -> tuple[str, str]:
        """Return the text and accessible name of this panel's button, with the amount of advice."""
        count = len(self._viewmodel.state.advice)
        name = tr("Suggested improvements")
        return (
            (tr("{name} ({count})", name=tr("Advice"), count=count), name) if count else (tr("Advice"), name)
        )

    def retranslate(self) -> None:
        self._title.setText(tr("Suggested improvements"))
        self._zones_title.setText(tr("Coverage of each zone"))
        self.advice.setAccessibleName(tr("Suggested improvements"))
        self.zones.setAccessibleName(tr("Coverage of each zone"))
        self.apply.setText(tr("Apply to plan"))
        self.apply.setAccessibleName(tr("Apply the selected advice to the planned camera"))
        self.apply.setToolTip(self.apply.accessibleName())
        self.table.retranslate()
        self._fit_columns()
        self.show_state(self._viewmodel.state)

    def show_state(self, state: CoveragePlannerState) -> None:
        show_text(self.summary, state.advice_summary)
        if state.advice != self._rows:
            self._rows = state.advice
            with QSignalBlocker(self.advice):
                self.advice.clear()
                for row in state.advice:
                    QListWidgetItem(row.text, self.advice)
        self.advice.setVisible(bool(state.advice))
        if state.zones is not self._shown_zones:
            self._shown_zones = state.zones
            self.table.show(state.zones)
            self._fit_columns()
        for widget in (self._zones_title, self.zones):
            widget.setVisible(bool(state.zones))
        self._show_apply()

    def _build(self) -> None:
        theme = current_theme()
        self.setProperty("role", "card")
        column = make_column(self, margins=theme.space_m, spacing=theme.space_s)
        for title in (self._title, self._zones_title):
            title.setProperty("role", "title")
        self.summary.setProperty("role", "muted")
        self.summary.setWordWrap(True)
        self.advice.setWordWrap(True)
        self.advice.setSpacing(2)
        # a sentence is wrapped again when a scroll bar makes the list narrower, never cut off
        self.advice.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.advice.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.advice.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.advice.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self._sorted.setSourceModel(self.table)
        self._sorted.setSortRole(SORT_ROLE)
        self.zones.setModel(self._sorted)
        self.zones.setSortingEnabled(True)
        self.zones.sortByColumn(1, Qt.SortOrder.DescendingOrder)
        self.zones.setProperty("role", "tight")
        self.zones.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.zones.verticalHeader().hide()
        self.zones.setTabKeyNavigation(False)
        self.zones.setShowGrid(False)
        header = self.zones.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.sortIndicatorChanged.connect(self._fit_columns)
        fill(column, self._title, self.summary, (self.advice, 1), self.apply, self._zones_title)
        fill(column, (self.zones, 1), 0)

    def _fit_columns(self) -> None:
        for column in range(1, self.table.columnCount()):
            width_px = measure_column(self.zones, column, pad_px=current_theme().space_xs)
            self.zones.setColumnWidth(column, width_px)

    def _on_row_chosen(self, row: int) -> None:
        self._show_apply()
        if 0 <= row < len(self._rows) and self._rows[row].camera:
            self._viewmodel.select(self._rows[row].camera)

    def _show_apply(self) -> None:
        row = self.advice.currentRow()
        self.apply.setVisible(bool(self._rows))
        self.apply.setEnabled(0 <= row < len(self._rows) and bool(self._rows[row].camera))


class CoveragePlannerView(Translated, QWidget):
    """The coverage page, for a `CoveragePlannerState`; edits go through its view-model."""

    install_requested = Signal(str)
    """Name of the planned camera to add to the venue."""

    def __init__(self, viewmodel: CoveragePlannerViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._rendered = CoveragePlannerState()
        self.canvas, self.legend = CoverageCanvas(), CoverageLegend()
        self.cameras, self.advice = CoverageCameras(viewmodel), CoverageAdvice(viewmodel)
        self.side = SidePanels()
        self.layers = {layer: QToolButton() for layer in CoverageLayer}
        self._layer_group = QButtonGroup(self)
        self.add, self.undo, self.redo = (QToolButton() for _ in range(3))
        self._zoom = ZoomButtons(self.canvas)
        self.message, self.summary, self.place = (QLabel() for _ in range(3))
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        for layer, text, name in name_layers():
            self.layers[layer].setText(text)
            name_field(self.layers[layer], name)
        name_button(self.add, tr("Plan a camera"), tr("Add a camera that is not installed yet (A)"))
        self._zoom.show_names(tr("Show the whole floor (0)"))
        self.summary.setToolTip(
            tr(
                "In clear view: in a camera's picture, near enough for useful positions, and not behind an "
                "obstacle. Other pages count all floor within a picture as observed, so theirs can be more."
            )
        )
        self.undo.setText(tr("Undo"))
        self.redo.setText(tr("Redo"))
        self.canvas.setAccessibleName(tr("Camera coverage"))
        self.canvas.setAccessibleDescription(
            tr(
                "N and P select a camera; the arrow keys move a planned one by 0.1 m, with Shift by "
                "1 m; with Ctrl they turn it by 1 degree, with Ctrl and Shift by 10"
            )
        )
        self.side.name_buttons()
        self._viewmodel.retranslate()
        self._render()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._viewmodel.set_active(True)
        self._render()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self._viewmodel.set_active(False)

    def _build(self) -> None:
        theme = current_theme()
        page = make_row(
            self, margins=(theme.space_l, theme.space_m, theme.space_l, theme.space_l), spacing=theme.space_m
        )
        card = QFrame()
        card.setProperty("role", "card")
        column = make_column(card, margins=theme.space_m, spacing=theme.space_s)
        layers, tools = QHBoxLayout(), QHBoxLayout()
        for row in (layers, tools):
            row.setSpacing(theme.space_xs)
            column.addLayout(row)
        style_tools("layer", *self.layers.values())
        style_tools("button", self.add, self.undo, self.redo)
        for button in self.layers.values():
            self._layer_group.addButton(button)
        fill(layers, *self.layers.values(), 1)
        fill(tools, self.add, self.undo, self.redo, 1, self._zoom)
        self.add.setCheckable(True)
        style_message(self.message)
        for label in (self.summary, self.place):
            label.setProperty("role", "small")
        self.summary.setWordWrap(True)
        fill(column, self.message, (self.canvas, 1), self.legend)
        below = fill(QHBoxLayout(), (self.summary, 1), self.place)
        column.addLayout(below)
        page.addWidget(card, 1)
        self._bind_keys(card)
        self.side.add_panel(self.cameras, lambda: (tr("Cameras"), tr("Installed and planned cameras")))
        self.side.add_panel(self.advice, self.advice.describe_title)
        self.side.setFixedWidth(384)
        page.addWidget(self.side)

    def _bind_keys(self, card: QWidget) -> None:
        for keys, act, place in (
            ("A", self.add.click, card),
            ("Ctrl+Z", self.undo.click, self),
            ("Ctrl+Shift+Z", self.redo.click, self),
            ("Ctrl+D", self._viewmodel.duplicate, self),
        ):
            bind_key(keys, place, act)

    def _bind(self) -> None:
        model, canvas = self._viewmodel, self.canvas
        model.state_changed.connect(self._render)
        for layer, button in self.layers.items():
            button.clicked.connect(lambda _on, layer=layer: model.choose_layer(layer))
        self.add.clicked.connect(self._on_add_clicked)
        self.undo.clicked.connect(model.undo)
        self.redo.clicked.connect(model.redo)
        canvas.camera_chosen.connect(self._on_camera_chosen)
        canvas.dragged.connect(lambda name, place: model.drag(name, to_m=place))
        canvas.turned.connect(lambda name, heading: model.drag(name, heading_deg=heading))
        canvas.dropped.connect(lambda is_kept: model.drop(is_kept=is_kept))
        canvas.nudged.connect(lambda right, up, turn: model.nudge(right_m=right, up_m=up, turn_deg=turn))
        canvas.remove_requested.connect(model.remove)
        canvas.placed.connect(model.add)
        canvas.placing_ended.connect(lambda: self.add.setChecked(False))
        canvas.hovered.connect(self._on_hovered)
        self.cameras.install_requested.connect(self.install_requested)

    def _render(self) -> None:
        # other pages must not wait for this one
        if not self.isVisible():
            return
        state, was = self._viewmodel.state, self._rendered
        self._rendered = state
        if state.scene is not was.scene:
            self.canvas.show_scene(state.scene)
            path = None if state.scene is None else state.scene.picture
            self._viewmodel.read_picture(path, read_plan_picture, self._show_picture)
        if state.shown is not was.shown or state.scene is not was.scene:
            self.canvas.show_coverage(state.shown)
        self.canvas.show_glyphs(state.glyphs)
        self.layers[state.layer].setChecked(True)
        legend = state.legend
        self.legend.show_scale(
            legend.title,
            (legend.bad, legend.middle, legend.good),
            unseen=tr("not seen by any camera"),
            is_count=legend.is_count,
        )
        self.cameras.show_state(state)
        self.advice.show_state(state)
        if len(state.advice) != len(was.advice):
            self.side.name_buttons()
        show_text(self.message, state.message)
        self.summary.setText(state.summary)
        show_steps(self.undo, self.redo, state.steps)
        for button in (self.add, *self.layers.values()):
            button.setEnabled(state.has_venue)

    def _show_picture(self, picture: PlanPicture) -> None:
        scene = self._viewmodel.state.scene
        if scene is not None and scene.picture == picture.path and scene.picture_place is not None:
            self.canvas.show_picture(picture.image, size_px=picture.size_px, place=scene.picture_place)

    def _on_add_clicked(self, is_on: bool) -> None:
        self.canvas.set_placing(is_on)
        self.canvas.setFocus()

    def _on_camera_chosen(self, name: str) -> None:
        self._viewmodel.select(name)
        if name:
            self.side.show_panel(self.cameras)

    def _on_hovered(self, point: tuple[float, float] | None) -> None:
        if point is None:
            self.place.setText("")
            return
        units = current_units()
        x, y = (units.from_metres(value) for value in point)
        words = tr("x {x:.2f} {unit}, y {y:.2f} {unit}", x=x, y=y, unit=units.symbol)
        description = self._viewmodel.describe_place(point)
        self.place.setText(f"{words} · {description}" if description else words)
