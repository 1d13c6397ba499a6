"""The selected figure as fields: its name, what it is for, its colour, its corners as numbers."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QLocale, QSignalBlocker, Signal
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from analytics.domain.floor_plan import Obstacle
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from app.gui.plan.model import PlanEditorViewModel
from app.gui.plan.plan_editor_state import PlanEditorState
from app.gui.plan.text import name_colours, name_kind, name_shape
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr
from app.gui.session.units import current_units
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.scrolled_content import scroll_content
from app.plan.edit_counting import (
    LONGEST_STAY_S,
    WIDEST_BAND_M,
    SetBand,
    SetColour,
    SetKind,
    SetLineDirection,
    SetMinimumStay,
)
from app.plan.edit_obstacles import HIGHEST_M, SetObstacleHeight
from app.plan.plan_shapes import Figure, list_points
from app.plan.rectangles import Rectangle, find_rectangle

_SWATCH_PX, _FIELD_PX = 14, 72
_DECIMALS = 3
_LONGEST = 10_000.0


class PlanEditorDetails(Translated, QFrame):
    """Renders the selected figure of a `PlanEditorState`; every field that is left writes an edit."""

    vertex_chosen = Signal(object)
    """The number of the corner whose row was chosen, or None."""
    shape_chosen = Signal(object)
    """A figure was chosen in the list of all: a `Shape`, or None."""

    def __init__(self, viewmodel: PlanEditorViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._rendered: PlanEditorState | None = None
        self.chooser, self.kind, self.colour = QComboBox(), QComboBox(), QComboBox()
        self.name = QLineEdit()
        self.stay = NumberField(least=0, most=LONGEST_STAY_S, decimals=1, unit="s")
        self.band = NumberField(least=0, most=WIDEST_BAND_M, decimals=2, unit="m")
        self.obstacle_height = NumberField(least=0, most=HIGHEST_M, decimals=2, unit="m")
        self.width_field = NumberField(least=0, most=_LONGEST, decimals=2, unit="m")
        self.depth_field = NumberField(least=0, most=_LONGEST, decimals=2, unit="m")
        self.angle = NumberField(least=-180, most=180, decimals=1, unit="°")
        self.extent = QWidget()
        self.corners = QTableWidget(0, 2)
        self.turn, self.add, self.remove_corner, self.remove = (QPushButton() for _ in range(4))
        self._hint, self._corners_label = QLabel(), QLabel()
        self._form = QFormLayout()
        self._rectangle: Rectangle | None = None
        self._labels = {
            field: QLabel()
            for field in (
                self.chooser,
                self.name,
                self.kind,
                self.colour,
                self.stay,
                self.band,
                self.obstacle_height,
                self.extent,
                self.angle,
            )
        }
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        """Take the window's language and units."""
        for field, text in (
            (self.chooser, tr("Chosen")),
            (self.name, tr("Name")),
            (self.kind, tr("What for")),
            (self.colour, tr("Colour")),
            (self.stay, tr("Shortest visit")),
            (self.band, tr("Band")),
            (self.obstacle_height, tr("Height")),
            (self.extent, tr("Size")),
            (self.angle, tr("Turned by")),
        ):
            self._labels[field].setText(text)
            field.setAccessibleName(text)
        self.width_field.setAccessibleName(tr("Width of the rectangle"))
        self.depth_field.setAccessibleName(tr("Depth of the rectangle"))
        for field in (self.width_field, self.depth_field):
            field.setToolTip(field.accessibleName())
            field.setSuffix(f" {current_units().symbol}")
        self.chooser.setAccessibleName(tr("Chosen zone, line or obstacle"))
        self.band.setToolTip(tr("Within it a person is on neither side of the line"))
        self.obstacle_height.setToolTip(tr("What is higher hides more floor from the cameras"))
        self.obstacle_height.setSpecialValueText(tr("not known"))
        self.stay.setToolTip(tr("Who stays for less does not count as a visit"))
        for button, text, name in (
            (self.turn, tr("Swap in and out"), tr("Let the arrow point to the other side")),
            (self.add, tr("Add a corner"), tr("Add a corner behind the chosen one (Insert)")),
            (self.remove_corner, tr("Remove the corner"), tr("Remove the chosen corner")),
            (self.remove, tr("Delete"), tr("Delete what is chosen (Delete)")),
        ):
            button.setText(text)
            button.setAccessibleName(name)
            button.setToolTip(name)
        self._corners_label.setText(tr("Corners"))
        self.corners.setAccessibleName(tr("Corners as numbers"))
        symbol = current_units().symbol
        self.corners.setHorizontalHeaderLabels(
            [tr("x in {unit}", unit=symbol), tr("y in {unit}", unit=symbol)]
        )
        self._hint.setText(tr("Choose a zone or line on the plan or in the list, or draw one."))
        self._fill_lists()
        self._rendered = None
        self.show_state(self._viewmodel.state)

    def show_state(self, state: PlanEditorState) -> None:
        """Show what is chosen."""
        was, self._rendered = self._rendered, state
        shapes = [None, *(figure.shape for figure in state.figures)]
        if was is None or shapes[1:] != [figure.shape for figure in was.figures]:
            with QSignalBlocker(self.chooser):
                self.chooser.clear()
                self.chooser.addItem(tr("Nothing"))
                self.chooser.addItems([name_shape(figure.shape) for figure in state.figures])
        with QSignalBlocker(self.chooser):
            self.chooser.setCurrentIndex(shapes.index(state.selected) if state.selected in shapes else 0)
        if was is not None and was.figure == state.figure and was.selected == state.selected:
            return
        self._render_figure(state.figure)

    def choose_corner(self, vertex: int | None) -> None:
        """Mark the row of a corner."""
        with QSignalBlocker(self.corners):
            if vertex is None:
                self.corners.clearSelection()
                self.corners.setCurrentCell(-1, -1)
            else:
                self.corners.setCurrentCell(vertex, max(self.corners.currentColumn(), 0))
        self._enable(self._viewmodel.state.figure)

    def _render_figure(self, figure: Figure | None) -> None:
        is_zone, is_line = isinstance(figure, Zone), isinstance(figure, CountingLine)
        for field, is_shown in (
            (self.name, figure is not None and hasattr(figure, "name")),
            (self.kind, is_zone or is_line),
            (self.colour, is_zone or is_line),
            (self.stay, is_zone),
            (self.band, is_line),
            (self.obstacle_height, isinstance(figure, Obstacle)),
        ):
            self._form.setRowVisible(field, is_shown)
        self._render_rectangle(figure)
        self.turn.setVisible(is_line)
        has_figure = figure is not None
        for widget in (self._corners_label, self.corners, self.add, self.remove_corner, self.remove):
            widget.setVisible(has_figure)
        self._hint.setVisible(not has_figure)
        if isinstance(figure, Zone | CountingLine):
            for box, value in ((self.kind, figure.kind.value), (self.colour, figure.colour or "")):
                with QSignalBlocker(box):
                    if box.findData(value) < 0:
                        box.addItem(_make_swatch(value), value, value)
                    box.setCurrentIndex(box.findData(value))
        with QSignalBlocker(self.name), QSignalBlocker(self.stay), QSignalBlocker(self.band):
            self.name.setText(str(getattr(figure, "name", "")))
            self.stay.setValue(figure.minimum_stay_s if isinstance(figure, Zone) else 0.0)
            self.band.setValue(figure.band_m if isinstance(figure, CountingLine) else 0.0)
        with QSignalBlocker(self.obstacle_height):
            self.obstacle_height.setValue((figure.height_m or 0) if isinstance(figure, Obstacle) else 0)
        with QSignalBlocker(self.corners):
            points = () if figure is None else list_points(figure)
            row = self.corners.currentRow()
            self.corners.setRowCount(len(points))
            for number, point in enumerate(points):
                for column, value_m in enumerate(point):
                    text = QLocale().toString(current_units().from_metres(value_m), "f", _DECIMALS)
                    self.corners.setItem(number, column, QTableWidgetItem(text))
            if row < len(points):
                self.corners.setCurrentCell(row, max(self.corners.currentColumn(), 0))
        self._enable(figure)

    def _render_rectangle(self, figure: Figure | None) -> None:
        is_area = figure is not None and not isinstance(figure, CountingLine)
        self._rectangle = find_rectangle(list_points(figure)) if is_area and figure is not None else None
        for field in (self.extent, self.angle):
            self._form.setRowVisible(field, self._rectangle is not None)
        if self._rectangle is None:
            return
        units = current_units()
        for number, value in (
            (self.width_field, units.from_metres(self._rectangle.width_m)),
            (self.depth_field, units.from_metres(self._rectangle.depth_m)),
            (self.angle, self._rectangle.rotation_deg),
        ):
            with QSignalBlocker(number):
                number.setValue(value)

    def _enable(self, figure: Figure | None) -> None:
        count = 0 if figure is None else len(list_points(figure))
        least = 2 if isinstance(figure, CountingLine) else 3
        self.remove_corner.setEnabled(count > least and self.corners.currentRow() >= 0)
        self.remove.setEnabled(figure is not None and hasattr(figure, "name"))

    def _fill_lists(self) -> None:
        for box in (self.kind, self.colour):
            with QSignalBlocker(box):
                box.clear()
        with QSignalBlocker(self.kind), QSignalBlocker(self.colour):
            for kind in ZoneKind:
                self.kind.addItem(name_kind(kind), kind.value)
            self.colour.addItem(tr("Automatic"), "")
            for colour, name in name_colours():
                self.colour.addItem(_make_swatch(colour), name, colour)

    def _build(self) -> None:
        theme = current_theme()
        self.setProperty("role", "card")
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(theme.space_m, theme.space_m, theme.space_m, theme.space_m)
        column.setSpacing(theme.space_s)
        self._hint.setWordWrap(True)
        self._hint.setProperty("role", "muted")
        self._corners_label.setProperty("role", "muted")
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        sizes = QHBoxLayout(self.extent)
        sizes.setContentsMargins(0, 0, 0, 0)
        for number in (self.width_field, self.depth_field):
            # two beside each other; what a spin box asks for would hold its largest value
            number.setMinimumWidth(_FIELD_PX)
            sizes.addWidget(number)
        for field, label in self._labels.items():
            self._form.addRow(label, field)
        for box in (self.chooser, self.kind, self.colour):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(8)
        self.corners.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.corners.setFrameShape(QFrame.Shape.NoFrame)
        self.corners.setTabKeyNavigation(False)
        self.corners.setMinimumHeight(120)
        self.corners.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        column.addLayout(self._form)
        column.addWidget(self._hint)
        column.addWidget(self.turn)
        column.addWidget(self._corners_label)
        column.addWidget(self.corners, 1)
        row = QHBoxLayout()
        row.addWidget(self.add)
        row.addWidget(self.remove_corner)
        column.addLayout(row)
        self.remove.setProperty("role", "danger")
        column.addWidget(self.remove)
        column.addStretch(0)
        scroll_content(self, content)

    def _bind(self) -> None:
        self.chooser.activated.connect(self._on_shape_chosen)
        self.name.editingFinished.connect(self._on_name_left)
        self.kind.activated.connect(self._on_kind_chosen)
        self.colour.activated.connect(self._on_colour_chosen)
        self.stay.valueChanged.connect(self._on_stay_changed)
        self.band.valueChanged.connect(self._on_band_changed)
        self.obstacle_height.valueChanged.connect(self._on_height_changed)
        self.width_field.valueChanged.connect(self._on_width_changed)
        self.depth_field.valueChanged.connect(self._on_depth_changed)
        self.angle.valueChanged.connect(self._on_angle_changed)
        self.turn.clicked.connect(self._on_turn_clicked)
        self.add.clicked.connect(lambda: self._viewmodel.add_corner(self._chosen_row()))
        self.remove_corner.clicked.connect(self._on_remove_corner_clicked)
        self.remove.clicked.connect(self._viewmodel.remove_selected)
        self.corners.currentCellChanged.connect(lambda row, *_cells: self._on_row_chosen(row))
        self.corners.cellChanged.connect(self._on_cell_changed)

    def _chosen_row(self) -> int | None:
        row = self.corners.currentRow()
        return row if row >= 0 else None

    def _on_row_chosen(self, row: int) -> None:
        self._enable(self._viewmodel.state.figure)
        self.vertex_chosen.emit(row if row >= 0 else None)

    def _on_shape_chosen(self, row: int) -> None:
        figures = self._viewmodel.state.figures
        self.shape_chosen.emit(figures[row - 1].shape if row > 0 else None)

    def _on_name_left(self) -> None:
        figure = self._viewmodel.state.figure
        name = getattr(figure, "name", None)
        if (
            name is not None
            and self.name.text().strip() != name
            and not self._viewmodel.rename(self.name.text())
        ):
            self.name.setText(str(name))

    def _on_kind_chosen(self, _row: int) -> None:
        shape = self._viewmodel.state.selected
        if shape is not None:
            self._viewmodel.edit(SetKind(shape, ZoneKind(self.kind.currentData())))

    def _on_colour_chosen(self, _row: int) -> None:
        shape = self._viewmodel.state.selected
        if shape is not None:
            self._viewmodel.edit(SetColour(shape, self.colour.currentData() or None))

    def _on_stay_changed(self, value: float) -> None:
        shape = self._viewmodel.state.selected
        if shape is not None:
            self._viewmodel.edit(SetMinimumStay(shape, value))

    def _on_band_changed(self, value: float) -> None:
        shape = self._viewmodel.state.selected
        if shape is not None:
            self._viewmodel.edit(SetBand(shape, value))

    def _on_height_changed(self, value_m: float) -> None:
        shape = self._viewmodel.state.selected
        if shape is not None:
            self._viewmodel.edit(SetObstacleHeight(shape, value_m or None))

    def _on_width_changed(self, width: float) -> None:
        if self._rectangle is not None:
            width_m = current_units().to_metres(width)
            self._write_rectangle(dataclasses.replace(self._rectangle, width_m=width_m))

    def _on_depth_changed(self, depth: float) -> None:
        if self._rectangle is not None:
            depth_m = current_units().to_metres(depth)
            self._write_rectangle(dataclasses.replace(self._rectangle, depth_m=depth_m))

    def _on_angle_changed(self, angle_deg: float) -> None:
        if self._rectangle is not None:
            self._write_rectangle(dataclasses.replace(self._rectangle, rotation_deg=angle_deg))

    def _write_rectangle(self, rectangle: Rectangle) -> None:
        figure = self._viewmodel.state.figure
        if not self._viewmodel.set_rectangle(rectangle):
            self._render_figure(figure)

    def _on_turn_clicked(self) -> None:
        shape = self._viewmodel.state.selected
        if shape is not None:
            self._viewmodel.edit(SetLineDirection(shape))

    def _on_remove_corner_clicked(self) -> None:
        row = self._chosen_row()
        if row is not None:
            self._viewmodel.remove_vertex(row)

    def _on_cell_changed(self, row: int, _column: int) -> None:
        figure = self._viewmodel.state.figure
        if figure is None:
            return
        units, numbers = current_units(), []
        for column in range(2):
            item = self.corners.item(row, column)
            value, is_number = QLocale().toDouble(item.text() if item is not None else "")
            numbers.append(units.to_metres(value) if is_number else float("nan"))
        if not self._viewmodel.move_vertex(row, (numbers[0], numbers[1])):
            self._render_figure(figure)


def _make_swatch(colour: str) -> QPixmap:
    pixmap = QPixmap(_SWATCH_PX, _SWATCH_PX)
    pixmap.fill(QColor(colour))
    return pixmap
