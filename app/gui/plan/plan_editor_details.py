"""The fields of the selected shape: name, kind, colour, and corners as numbers."""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLocale, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QCompleter,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from analytics.domain.floor_plan import Obstacle
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from app.gui.canvas.plan_editor_items import EditorTool
from app.gui.plan.model import PlanEditorState, PlanEditorViewModel
from app.gui.plan.panel_models import PlanPictureViewModel
from app.gui.plan.text import name_colours, name_kind, name_shape
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr
from app.gui.session.units import current_units
from app.gui.widgets.layouts import fill, make_column, make_row, name_button, name_field
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.scrolled_content import scroll_content
from app.plan.edit_geometry import (
    MAX_BAND_M,
    MAX_HEIGHT_M,
    MAX_LEAVE_DISTANCE_M,
    MAX_LEAVE_TIME_S,
    MAX_STAY_S,
    MoveVertex,
    RemoveVertex,
    SetBand,
    SetColour,
    SetKind,
    SetLeaving,
    SetLineDirection,
    SetMinimumStay,
    SetObstacleHeight,
)
from app.plan.floor_scene import Point
from app.plan.plan_shapes import PlanItem, list_points
from app.plan.rectangles import Rectangle, SetRectangle, find_rectangle

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


_KINDS = "*.png *.jpg *.jpeg *.svg *.pdf *.dxf"
_WITH_OPTIONS = frozenset({".pdf", ".dxf"})
"""Kinds of files that are imported only after a page or a unit was chosen."""
_UNITS = ("mm", "cm", "m", "in", "ft")
_MAX_PAGES = 2000
_MAX_SPAN = 100_000.0


class PlanEditorPicture(Translated, QFrame):
    """The panel of the plan's picture, for a `PictureState`."""

    tool_requested = Signal(object)
    """The `EditorTool` that is needed to point at a place on the plan."""

    def __init__(self, viewmodel: PlanPictureViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._span: tuple[Point, Point] | None = None
        self.text, self.span_text = QLabel(), QLabel()
        self._import_title, self._scale_title, self._place_title = QLabel(), QLabel(), QLabel()
        self.page = NumberField(minimum=1, maximum=_MAX_PAGES, decimals=0, unit="")
        self.unit, self.takes_hall = QComboBox(), QCheckBox()
        self.choose, self.take, self.cancel, self.points, self.apply = (QPushButton() for _ in range(5))
        self._file: Path | None = None
        self.length = NumberField(minimum=0, maximum=_MAX_SPAN, decimals=2, unit="m")
        # the button beside it is to be used as soon as something is typed
        self.length.setKeyboardTracking(True)
        self.with_drawing, self.with_hall = QCheckBox(), QCheckBox()
        self._needs_scale = False
        self.angle = NumberField(minimum=-180, maximum=180, decimals=1, unit="°")
        self.turn, self.crop, self.whole, self.remove = (QPushButton() for _ in range(4))
        self._page_label, self._unit_label = QLabel(), QLabel()
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        self._import_title.setText(tr("Import a plan"))
        self._scale_title.setText(tr("Scale"))
        self._place_title.setText(tr("Place"))
        self._page_label.setText(tr("Page of a PDF file"))
        self.page.setAccessibleName(tr("Page of a PDF file"))
        self._unit_label.setText(tr("Unit of a DXF file"))
        self.unit.setAccessibleName(tr("Unit of a DXF file"))
        self.unit.setItemText(0, tr("As in the file"))
        self.takes_hall.setText(tr("Use a DXF file's outline as the hall"))
        self.with_drawing.setText(tr("Scale zones with the picture"))
        self.with_drawing.setToolTip(tr("For zones drawn on the picture before its scale was set"))
        self.with_hall.setText(tr("Make the hall as large as the plan"))
        for box in (self.takes_hall, self.with_drawing, self.with_hall):
            box.setAccessibleName(box.text())
        self.length.setSuffix(f" {current_units().symbol}")
        self.length.setAccessibleName(tr("Length between the two points"))
        self.angle.setAccessibleName(tr("Angle, counter-clockwise"))
        for button, text, name in (
            (self.choose, tr("Choose a file…"), tr("Import PNG, JPEG, SVG, PDF or DXF")),
            (self.take, tr("Import"), tr("Import the chosen file")),
            (self.cancel, tr("Cancel"), tr("Cancel the import")),
            (self.points, tr("Pick two points"), tr("Click two points with a known distance")),
            (self.apply, tr("Set the scale"), tr("Set the distance between the two points")),
            (self.turn, tr("Turn"), tr("Rotate the picture by the angle")),
            (self.crop, tr("Crop"), tr("Drag over the part of the picture to show")),
            (self.whole, tr("Show all"), tr("Show the whole picture again")),
            (self.remove, tr("Remove picture"), tr("Remove the picture below the plan")),
        ):
            name_button(button, text, name)
        self._viewmodel.retranslate()
        self._render()

    def set_span(self, span: tuple[Point, Point]) -> None:
        """Accept two points and prompt for their distance."""
        self._span = span
        # a plan with white space around the hall is the exception, and the hall can be changed later
        self.with_hall.setChecked(self._viewmodel.state.can_be_hall)
        self._render()
        self.length.setFocus()
        self.length.selectAll()

    def clear_span(self) -> None:
        if self._span is not None:
            self._span = None
            self._render()

    def _build(self) -> None:
        theme = current_theme()
        self.setProperty("role", "card")
        content = QWidget()
        column = make_column(content, margins=theme.space_m, spacing=theme.space_s)
        for title in (self._import_title, self._scale_title, self._place_title):
            title.setProperty("role", "title")
        for label in (self.text, self.span_text):
            label.setProperty("role", "small")
            label.setWordWrap(True)
        self.unit.addItem("", None)
        for unit in _UNITS:
            self.unit.addItem(unit, unit)
        self.takes_hall.setChecked(True)
        form = QFormLayout()
        form.setVerticalSpacing(theme.space_xs)
        form.addRow(self._page_label, self.page)
        form.addRow(self._unit_label, self.unit)
        self.take.setProperty("role", "primary")
        fill(
            column, self._import_title, self.choose, form, self.takes_hall, _make_row(self.take, self.cancel)
        )
        fill(column, self._scale_title, self.text, self.points, self.span_text)
        fill(column, _make_row(self.length, self.apply), self.with_hall, self.with_drawing)
        fill(column, self._place_title)
        fill(column, _make_row(self.angle, self.turn), _make_row(self.crop, self.whole), self.remove, 1)
        scroll_content(self, content)

    def _bind(self) -> None:
        model = self._viewmodel
        model.state_changed.connect(self._render)
        model.scale_needed.connect(self._on_scale_needed)
        self.choose.clicked.connect(self._on_choose_clicked)
        self.take.clicked.connect(self._import_file)
        self.cancel.clicked.connect(self._on_cancel_clicked)
        self.points.clicked.connect(lambda: self.tool_requested.emit(EditorTool.SCALE))
        self.crop.clicked.connect(lambda: self.tool_requested.emit(EditorTool.CROP))
        self.apply.clicked.connect(self._on_apply_clicked)
        self.length.lineEdit().returnPressed.connect(self.apply.click)
        self.length.valueChanged.connect(self._render)
        self.turn.clicked.connect(lambda: model.turn(self.angle.value()))
        self.whole.clicked.connect(model.show_all)
        self.remove.clicked.connect(model.remove)

    def _render(self, *_value: object) -> None:
        state = self._viewmodel.state
        self.text.setText(state.text)
        self.choose.setEnabled(state.has_venue and not state.is_importing)
        kind = "" if self._file is None else self._file.suffix.casefold()
        for pdf_part in (self._page_label, self.page):
            pdf_part.setVisible(kind == ".pdf")
        for dxf_part in (self._unit_label, self.unit, self.takes_hall):
            dxf_part.setVisible(kind == ".dxf")
        self.take.setVisible(bool(kind))
        self.cancel.setVisible(state.is_importing or bool(kind))
        has_span = self._span is not None and state.is_sized
        self.span_text.setText(
            tr("Enter the distance between the two points.")
            if has_span
            else tr("Pick two points on the picture, such as the ends of the longest wall.")
        )
        self.points.setEnabled(state.is_sized)
        for scale_part in (self.length, self.with_drawing, self.apply):
            scale_part.setVisible(has_span)
        self.with_hall.setVisible(has_span and state.can_be_hall)
        self.apply.setEnabled(self.length.value() > 0)
        self.apply.setToolTip(
            tr("Set the distance between the two points")
            if self.length.value() > 0
            else tr("Enter the distance between the two points.")
        )
        for widget in (self.angle, self.turn, self.remove):
            widget.setEnabled(state.has_picture)
        self.crop.setEnabled(state.is_sized)
        self.whole.setEnabled(state.is_cropped and state.is_sized)
        if self._needs_scale and state.is_sized:
            self._needs_scale = False
            if not state.fits_hall:
                self.tool_requested.emit(EditorTool.SCALE)

    def _on_scale_needed(self) -> None:
        self._needs_scale = True
        self._render()

    def _on_choose_clicked(self) -> None:
        file, _kind = QFileDialog.getOpenFileName(self, tr("Choose a file"), "", _KINDS)
        if not file:
            return
        self._file = Path(file)
        if self._file.suffix.casefold() in _WITH_OPTIONS:
            self.page.setValue(1)
            self._render()
            self.take.setFocus()
        else:
            self._import_file()

    def _import_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            self._viewmodel.import_file(
                file,
                page=round(self.page.value()),
                unit=self.unit.currentData(),
                takes_hall=self.takes_hall.isChecked(),
            )
        self._render()

    def _on_cancel_clicked(self) -> None:
        self._file = None
        self._viewmodel.cancel()
        self._render()

    def _on_apply_clicked(self) -> None:
        length_m = current_units().to_metres(self.length.value())
        if self._span is not None and self._viewmodel.set_scale(
            self._span,
            length_m,
            with_drawing=self.with_drawing.isChecked(),
            with_hall=self.with_hall.isChecked() and self._viewmodel.state.can_be_hall,
        ):
            self.tool_requested.emit(EditorTool.SELECT)


def _make_row(*widgets: QWidget) -> QHBoxLayout:
    row = make_row(spacing=current_theme().space_s)
    for widget in widgets:
        row.addWidget(widget, 1)
    row.setAlignment(Qt.AlignmentFlag.AlignTop)
    return row


_SWATCH_PX = 14
_DECIMALS = 3


class PlanEditorDetails(Translated, QFrame):
    """The fields of the selected shape of a `PlanEditorState`; leaving a field saves it."""

    vertex_chosen = Signal(object)
    """The number of the corner whose row was chosen, or None."""
    shape_chosen = Signal(object)
    """The `Shape` selected in the list, or None."""

    def __init__(self, viewmodel: PlanEditorViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._rendered: PlanEditorState | None = None
        self.chooser, self.kind, self.colour = QComboBox(), QComboBox(), QComboBox()
        self.name = QLineEdit()
        self.stay = NumberField(minimum=0, maximum=MAX_STAY_S, decimals=1, unit="s")
        self.leave_distance = NumberField(minimum=0, maximum=MAX_LEAVE_DISTANCE_M, decimals=2, unit="m")
        self.leave_time = NumberField(minimum=0, maximum=MAX_LEAVE_TIME_S, decimals=1, unit="s")
        self.band = NumberField(minimum=0, maximum=MAX_BAND_M, decimals=2, unit="m")
        self.obstacle_height = NumberField(minimum=0, maximum=MAX_HEIGHT_M, decimals=2, unit="m")
        self.corners = QTableWidget(0, 2)
        self.turn, self.add, self.remove_corner, self.remove = (QPushButton() for _ in range(4))
        self._hint, self._corners_label = QLabel(), QLabel()
        self._form = QFormLayout()
        self.rectangle = RectangleFields(self._form)
        self._labels = {
            field: QLabel()
            for field in (
                self.chooser,
                self.name,
                self.kind,
                self.colour,
                self.stay,
                self.leave_distance,
                self.leave_time,
                self.band,
                self.obstacle_height,
            )
        }
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        for field, text in (
            (self.chooser, tr("Selected")),
            (self.name, tr("Name")),
            (self.kind, tr("Kind")),
            (self.colour, tr("Colour")),
            (self.stay, tr("Minimum stay")),
            (self.leave_distance, tr("Leave distance")),
            (self.leave_time, tr("Leave time")),
            (self.band, tr("Band")),
            (self.obstacle_height, tr("Height")),
        ):
            self._labels[field].setText(text)
            field.setAccessibleName(text)
        self.rectangle.retranslate()
        for field, longest_m in (
            (self.leave_distance, MAX_LEAVE_DISTANCE_M),
            (self.band, MAX_BAND_M),
            (self.obstacle_height, MAX_HEIGHT_M),
        ):
            with QSignalBlocker(field):
                field.setMaximum(current_units().from_metres(longest_m))
                field.setSuffix(f" {current_units().symbol}")
        self.chooser.setAccessibleName(tr("Selected zone, line or obstacle"))
        self.chooser.setToolTip(tr("Type a part of a name to search"))
        self.band.setToolTip(tr("People inside the band are on neither side of the line"))
        self.obstacle_height.setToolTip(tr("Higher obstacles hide more floor from the cameras"))
        self.obstacle_height.setSpecialValueText(tr("not known"))
        self.stay.setSuffix(tr(" s"))
        self.stay.setToolTip(tr("Shorter stays do not count as visits"))
        self.leave_distance.setToolTip(tr("Within this distance of the outline a visitor has not left"))
        self.leave_time.setSuffix(tr(" s"))
        self.leave_time.setToolTip(tr("Who is farther away for longer than this has left"))
        for button, text, name in (
            (self.turn, tr("Swap in and out"), tr("Point the arrow to the other side")),
            (self.add, tr("Add a corner"), tr("Add a corner after the selected one (Insert)")),
            (self.remove_corner, tr("Remove corner"), tr("Remove the selected corner")),
            (self.remove, tr("Delete"), tr("Delete the selection (Delete)")),
        ):
            name_button(button, text, name)
        self._corners_label.setText(tr("Corners"))
        self.corners.setAccessibleName(tr("Corner coordinates"))
        symbol = current_units().symbol
        self.corners.setHorizontalHeaderLabels(
            [tr("x in {unit}", unit=symbol), tr("y in {unit}", unit=symbol)]
        )
        self._hint.setText(tr("Select a zone or line on the plan or in the list, or draw one."))
        self._fill_lists()
        self._rendered = None
        self.show_state(self._viewmodel.state)

    def show_state(self, state: PlanEditorState) -> None:
        was, self._rendered = self._rendered, state
        shapes = [None, *(item.shape for item in state.shapes)]
        if was is None or shapes[1:] != [item.shape for item in was.shapes]:
            with QSignalBlocker(self.chooser):
                self.chooser.clear()
                self.chooser.addItem(tr("Nothing"))
                self.chooser.addItems([name_shape(item.shape) for item in state.shapes])
        with QSignalBlocker(self.chooser):
            self.chooser.setCurrentIndex(shapes.index(state.selected) if state.selected in shapes else 0)
        if was is not None and was.item == state.item and was.selected == state.selected:
            return
        self._render_item(state.item)

    def choose_corner(self, vertex: int | None) -> None:
        with QSignalBlocker(self.corners):
            if vertex is None:
                self.corners.clearSelection()
                self.corners.setCurrentCell(-1, -1)
            else:
                self.corners.setCurrentCell(vertex, max(self.corners.currentColumn(), 0))
        self._enable(self._viewmodel.state.item)

    def _render_item(self, item: PlanItem | None) -> None:
        is_zone, is_line = isinstance(item, Zone), isinstance(item, CountingLine)
        for field, is_shown in (
            (self.name, item is not None and hasattr(item, "name")),
            (self.kind, is_zone or is_line),
            (self.colour, is_zone or is_line),
            (self.stay, is_zone),
            (self.leave_distance, is_zone),
            (self.leave_time, is_zone),
            (self.band, is_line),
            (self.obstacle_height, isinstance(item, Obstacle)),
        ):
            self._form.setRowVisible(field, is_shown)
        self.rectangle.show_item(item)
        self.turn.setVisible(is_line)
        has_item = item is not None
        for widget in (self._corners_label, self.corners, self.add, self.remove_corner, self.remove):
            widget.setVisible(has_item)
        self._hint.setVisible(not has_item)
        if isinstance(item, Zone | CountingLine):
            for box, value in ((self.kind, item.kind.value), (self.colour, item.colour or "")):
                with QSignalBlocker(box):
                    if box.findData(value) < 0:
                        box.addItem(_make_swatch(value), value, value)
                    box.setCurrentIndex(box.findData(value))
        with QSignalBlocker(self.name), QSignalBlocker(self.stay), QSignalBlocker(self.band):
            self.name.setText(str(getattr(item, "name", "")))
            self.stay.setValue(item.minimum_stay_s if isinstance(item, Zone) else 0.0)
            band_m = item.band_m if isinstance(item, CountingLine) else 0.0
            self.band.setValue(current_units().from_metres(band_m))
        with QSignalBlocker(self.leave_distance), QSignalBlocker(self.leave_time):
            zone = item if isinstance(item, Zone) else None
            self.leave_distance.setValue(current_units().from_metres(zone.leave_distance_m if zone else 0.0))
            self.leave_time.setValue(zone.leave_time_s if zone else 0.0)
        with QSignalBlocker(self.obstacle_height):
            height_m = (item.height_m or 0.0) if isinstance(item, Obstacle) else 0.0
            self.obstacle_height.setValue(current_units().from_metres(height_m))
        with QSignalBlocker(self.corners):
            points = () if item is None else list_points(item)
            row = self.corners.currentRow()
            self.corners.setRowCount(len(points))
            for number, point in enumerate(points):
                for column, value_m in enumerate(point):
                    text = QLocale().toString(current_units().from_metres(value_m), "f", _DECIMALS)
                    self.corners.setItem(number, column, QTableWidgetItem(text))
            if row < len(points):
                self.corners.setCurrentCell(row, max(self.corners.currentColumn(), 0))
        self._enable(item)

    def _enable(self, item: PlanItem | None) -> None:
        count = 0 if item is None else len(list_points(item))
        least = 2 if isinstance(item, CountingLine) else 3
        self.remove_corner.setEnabled(count > least and self.corners.currentRow() >= 0)
        self.remove.setEnabled(item is not None and hasattr(item, "name"))

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
        column = make_column(content, margins=theme.space_m, spacing=theme.space_s)
        self._hint.setWordWrap(True)
        self._hint.setProperty("role", "muted")
        self._corners_label.setProperty("role", "muted")
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for field, label in self._labels.items():
            self._form.addRow(label, field)
        self.rectangle.add_rows()
        # a hall may have hundreds of zones
        self.chooser.setEditable(True)
        self.chooser.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        completer, line = self.chooser.completer(), self.chooser.lineEdit()
        assert completer is not None
        assert line is not None
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        line.editingFinished.connect(
            lambda: self.chooser.setEditText(self.chooser.itemText(self.chooser.currentIndex()))
        )
        for box in (self.chooser, self.kind, self.colour):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(8)
        self.corners.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.corners.setFrameShape(QFrame.Shape.NoFrame)
        self.corners.setTabKeyNavigation(False)
        self.corners.setMinimumHeight(120)
        self.corners.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        fill(column, self._form, self._hint, self.turn, self._corners_label, (self.corners, 1))
        row = fill(QHBoxLayout(), self.add, self.remove_corner)
        column.addLayout(row)
        fill(column, fill(QHBoxLayout(), self.remove, 1), 0)
        scroll_content(self, content)

    def _bind(self) -> None:
        self.chooser.activated.connect(self._on_shape_chosen)
        self.name.editingFinished.connect(self._on_name_left)
        self.kind.activated.connect(
            lambda _row: self._viewmodel.edit_selected(
                partial(SetKind, kind=ZoneKind(self.kind.currentData()))
            )
        )
        self.colour.activated.connect(
            lambda _row: self._viewmodel.edit_selected(
                partial(SetColour, colour=self.colour.currentData() or None)
            )
        )
        self.stay.valueChanged.connect(
            lambda value: self._viewmodel.edit_selected(partial(SetMinimumStay, minimum_stay_s=value))
        )
        self.leave_distance.valueChanged.connect(
            lambda value: self._viewmodel.edit_selected(
                partial(
                    SetLeaving, leave_distance_m=min(current_units().to_metres(value), MAX_LEAVE_DISTANCE_M)
                )
            )
        )
        self.leave_time.valueChanged.connect(
            lambda value: self._viewmodel.edit_selected(partial(SetLeaving, leave_time_s=value))
        )
        self.band.valueChanged.connect(
            lambda value: self._viewmodel.edit_selected(
                partial(SetBand, band_m=min(current_units().to_metres(value), MAX_BAND_M))
            )
        )
        self.obstacle_height.valueChanged.connect(
            lambda value: self._viewmodel.edit_selected(
                partial(
                    SetObstacleHeight, height_m=min(current_units().to_metres(value), MAX_HEIGHT_M) or None
                )
            )
        )
        self.rectangle.entered.connect(self._on_rectangle_entered)
        self.turn.clicked.connect(lambda: self._viewmodel.edit_selected(SetLineDirection))
        self.add.clicked.connect(lambda: self._viewmodel.add_corner(self._chosen_row()))
        self.remove_corner.clicked.connect(self._on_remove_corner_clicked)
        self.remove.clicked.connect(self._viewmodel.remove_selected)
        self.corners.currentCellChanged.connect(lambda row, *_cells: self._on_row_chosen(row))
        self.corners.cellChanged.connect(self._on_cell_changed)

    def _chosen_row(self) -> int | None:
        row = self.corners.currentRow()
        return row if row >= 0 else None

    def _on_row_chosen(self, row: int) -> None:
        self._enable(self._viewmodel.state.item)
        self.vertex_chosen.emit(row if row >= 0 else None)

    def _on_shape_chosen(self, row: int) -> None:
        shapes = self._viewmodel.state.shapes
        self.shape_chosen.emit(shapes[row - 1].shape if row > 0 else None)

    def _on_name_left(self) -> None:
        item = self._viewmodel.state.item
        name = getattr(item, "name", None)
        if (
            name is not None
            and self.name.text().strip() != name
            and not self._viewmodel.rename(self.name.text())
        ):
            self.name.setText(str(name))

    def _on_rectangle_entered(self, rectangle: Rectangle) -> None:
        if not self._viewmodel.edit_selected(partial(SetRectangle, rectangle=rectangle)):
            self._render_item(self._viewmodel.state.item)

    def _on_remove_corner_clicked(self) -> None:
        row = self._chosen_row()
        if row is not None:
            self._viewmodel.edit_selected(partial(RemoveVertex, vertex=row))

    def _on_cell_changed(self, row: int, _column: int) -> None:
        item = self._viewmodel.state.item
        if item is None:
            return
        units, numbers = current_units(), []
        for column in range(2):
            cell = self.corners.item(row, column)
            value, is_number = QLocale().toDouble(cell.text() if cell is not None else "")
            numbers.append(units.to_metres(value) if is_number else float("nan"))
        to_m = (numbers[0], numbers[1])
        if not self._viewmodel.edit_selected(partial(MoveVertex, vertex=row, to_m=to_m)):
            self._render_item(item)


def _make_swatch(colour: str) -> QPixmap:
    pixmap = QPixmap(_SWATCH_PX, _SWATCH_PX)
    pixmap.fill(QColor(colour))
    return pixmap
