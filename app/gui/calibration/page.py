"""The calibration window: the camera's picture and the plan side by side."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSignalBlocker, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.gui.calibration.calibration_draft import Point
from app.gui.calibration.calibration_state import CalibrationState, CalibrationTable
from app.gui.calibration.canvases import CalibrationPicture, CalibrationPlan, ShownPoint
from app.gui.calibration.model import CalibrationMethods, CalibrationViewModel
from app.gui.calibration.walker_boxes import WalkersPrior
from app.gui.canvas.floor_plan_canvas import PlanLayer
from app.gui.canvas.floor_plan_items import PlanPicture, read_plan_picture
from app.gui.session.calibration_picture import CameraPicture
from app.gui.session.job_runner import JobHandle, JobRunner
from app.gui.session.theme import current_theme
from app.gui.session.translation import display_name, tr
from app.gui.session.units import current_units
from app.gui.widgets.failure_note import FailureNote
from app.gui.widgets.layouts import (
    fill,
    make_button,
    make_column,
    make_dialog_buttons,
    make_row,
    name_field,
    open_dialog,
    show_text,
    style_labels,
)
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.work_row import JobRow

_MAX_LENGTH, _MAX_SQUARES = 1000.0, 60
_DEFAULT_SIDES_M = (3.0, 2.0)
_DEFAULT_SQUARES, _DEFAULT_SQUARE_M = (9, 6), 0.1
_DEFAULT_FOV_DEG, _DEFAULT_HEIGHT_M, _DEFAULT_SIGMA_M = 90.0, 1.68, 0.03
"""Initial values; height and spread are those of ``calibrate --walkers``."""
_MAX_FOV_DEG, _MAX_STATURE_M, _MAX_SIGMA_M = 170.0, 2.2, 0.3
_MAX_FOCAL_MM, _MAX_SENSOR_MM, _MAX_SHEET_DEG = 200.0, 60.0, 179.0
_DEFAULT_FOCAL_MM, _DEFAULT_SENSOR_MM, _DEFAULT_SHEET_DEG = 2.8, 5.4, 105.0
"""Initial values of a dome camera with a 1/2.8 inch sensor."""


class CalibrationMethodDialog(QDialog):
    """A form with a note and a start button."""

    def __init__(self, title: str, begin: str, note: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        theme = current_theme()
        self.form = QFormLayout()
        words = QLabel(note, self)
        words.setWordWrap(True)
        words.setProperty("role", "small")
        words.setMinimumWidth(420)
        buttons, self.begin = make_dialog_buttons(self, begin)
        column = make_column(self, margins=theme.space_l, spacing=theme.space_m)
        fill(column, words, self.form, buttons)

    def add_number(
        self,
        name: str,
        *,
        maximum: float,
        default: float,
        decimals: int,
        unit: str,
        minimum: float | None = None,
    ) -> NumberField:
        """Add a number row; the default minimum is the smallest positive value that it can show."""
        minimum = 10.0**-decimals if minimum is None else minimum
        field = NumberField(minimum=minimum, maximum=maximum, decimals=decimals, unit=unit, parent=self)
        field.setValue(default)
        self._add(name, field)
        return field

    def add_count(self, name: str, default: int) -> NumberField:
        return self.add_number(name, maximum=_MAX_SQUARES, default=default, decimals=0, unit="")

    def add_choice(self, name: str, *choices: str) -> QComboBox:
        field = QComboBox(self)
        field.addItems(choices)
        self._add(name, field)
        return field

    def add_place(self, *, can_place_by_points: bool) -> QComboBox:
        field = self.add_choice(
            tr("Position on the plan"), tr("Click on the plan"), tr("Use the existing points")
        )
        if can_place_by_points:
            field.setCurrentIndex(1)
        else:
            field.removeItem(1)
        return field

    def _add(self, name: str, field: QWidget) -> None:
        field.setAccessibleName(name)
        self.form.addRow(name, field)


class LensDataSheetDialog(CalibrationMethodDialog):
    def __init__(self, viewmodel: CalibrationViewModel, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Lens from the data sheet"),
            tr("Use this lens"),
            tr("For a zoom camera, enter all three values for the current focal length."),
            parent,
        )
        self._viewmodel = viewmodel
        self.focal, self.sensor, self.fov = (
            self.add_number(name, maximum=maximum, default=default, decimals=decimals, unit=unit, minimum=0.1)
            for name, maximum, default, decimals, unit in (
                (tr("Focal length"), _MAX_FOCAL_MM, _DEFAULT_FOCAL_MM, 2, "mm"),
                (tr("Width of the sensor"), _MAX_SENSOR_MM, _DEFAULT_SENSOR_MM, 2, "mm"),
                (tr("Horizontal field of view"), _MAX_SHEET_DEG, _DEFAULT_SHEET_DEG, 1, "°"),
            )
        )

    def accept(self) -> None:
        self._viewmodel.set_data_sheet(
            focal_mm=self.focal.value(),
            sensor_width_mm=self.sensor.value(),
            horizontal_fov_deg=self.fov.value(),
        )
        super().accept()


class RectangleDialog(CalibrationMethodDialog):
    """The dialog for a rectangle's sides and its placement."""

    def __init__(
        self, methods: CalibrationMethods, parent: QWidget | None, *, can_place_by_points: bool
    ) -> None:
        super().__init__(
            tr("Calibrate with a rectangle"),
            tr("Click corners"),
            tr(
                "Measure both sides of a rectangle on the floor, such as a carpet, tiles or tape "
                "marks. The larger it is in the picture, the better."
            ),
            parent,
        )
        self._ways = methods
        unit = current_units()
        self.width_field, self.depth_field = (
            self.add_number(
                name, maximum=_MAX_LENGTH, default=unit.from_metres(default_m), decimals=3, unit=unit.symbol
            )
            for name, default_m in zip(
                (tr("From the first to the second corner"), tr("From the second to the third corner")),
                _DEFAULT_SIDES_M,
                strict=True,
            )
        )
        self.place = self.add_place(can_place_by_points=can_place_by_points)

    def accept(self) -> None:
        self._ways.start_rectangle(
            self.width_field.value(),
            self.depth_field.value(),
            is_placed_by_points=self.place.currentIndex() == 1,
        )
        super().accept()


class ChessboardDialog(CalibrationMethodDialog):
    """The dialog for a board's squares, on the floor or hand-held for the lens."""

    def __init__(
        self, methods: CalibrationMethods, parent: QWidget | None, *, can_place_by_points: bool
    ) -> None:
        super().__init__(
            tr("Calibrate with a chessboard"),
            tr("Find board"),
            tr(
                "A board on the floor gives points. Held up in three to five pictures, it gives "
                "straight lines for estimating the lens."
            ),
            parent,
        )
        self._ways = methods
        unit = current_units()
        self.use = self.add_choice(
            tr("The board"), tr("on the floor: points"), tr("held up: lines for the lens")
        )
        self.across = self.add_count(tr("Squares along the first side"), _DEFAULT_SQUARES[0])
        self.down = self.add_count(tr("Squares along the second side"), _DEFAULT_SQUARES[1])
        self.square = self.add_number(
            tr("Square size"),
            maximum=_MAX_LENGTH,
            default=unit.from_metres(_DEFAULT_SQUARE_M),
            decimals=4,
            unit=unit.symbol,
        )
        self.place = self.add_place(can_place_by_points=can_place_by_points)
        self.use.currentIndexChanged.connect(self._on_use_chosen)

    def accept(self) -> None:
        across, down = round(self.across.value()), round(self.down.value())
        if self.use.currentIndex() == 1:
            self._ways.find_held_chessboard(across, down)
        else:
            self._ways.find_chessboard_on_floor(
                across, down, self.square.value(), is_placed_by_points=self.place.currentIndex() == 1
            )
        super().accept()

    def _on_use_chosen(self, index: int) -> None:
        for field in (self.square, self.place):
            field.setEnabled(index == 0)


class WalkersDialog(CalibrationMethodDialog):
    """The dialog for the field of view and the mean height of people."""

    def __init__(self, methods: CalibrationMethods, parent: QWidget | None) -> None:
        super().__init__(
            tr("Calibrate with walkers"),
            tr("Start collecting"),
            tr(
                "No tape measure is needed: the camera's height and tilt follow from the boxes of "
                "people of known mean height, and its position from two or more clicked points. "
                "While this camera records, let at least ten people walk near and far, left and "
                "right."
            ),
            parent,
        )
        self._ways = methods
        unit = current_units()
        self.fov = self.add_number(
            tr("Horizontal field of view"),
            maximum=_MAX_FOV_DEG,
            default=_DEFAULT_FOV_DEG,
            decimals=1,
            unit="°",
        )
        self.height_field = self.add_number(
            tr("Mean height of people"),
            maximum=unit.from_metres(_MAX_STATURE_M),
            default=unit.from_metres(_DEFAULT_HEIGHT_M),
            decimals=2,
            unit=unit.symbol,
        )
        self.sigma = self.add_number(
            tr("Uncertainty"),
            maximum=unit.from_metres(_MAX_SIGMA_M),
            default=unit.from_metres(_DEFAULT_SIGMA_M),
            decimals=2,
            unit=unit.symbol,
        )

    def accept(self) -> None:
        unit = current_units()
        self._ways.start_walkers(
            WalkersPrior(
                self.fov.value(),
                unit.to_metres(self.height_field.value()),
                unit.to_metres(self.sigma.value()),
            )
        )
        super().accept()


_FARTHEST = 10_000.0
_MAX_FRAME_PX = 20_000.0
_ROW_HEIGHT_PX = 24
_TABLE_WIDTH_PX = 510


class CalibrationDetails(QWidget):
    """The part of a `CalibrationState` that is not a picture."""

    def __init__(self, viewmodel: CalibrationViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._model = CalibrationTable(self)
        self.table = QTableView(self)
        unit, pixels, places = (
            current_units().symbol,
            (0.0, _MAX_FRAME_PX, 1, "px"),
            (-_FARTHEST, _FARTHEST, 3),
        )
        self.u_field, self.v_field, self.x_field, self.y_field = (
            NumberField(minimum=least, maximum=most, decimals=decimals, unit=name, parent=self)
            for least, most, decimals, name in (pixels, pixels, (*places, unit), (*places, unit))
        )
        self._remove = make_button(tr("Remove the point"), self)
        self.draw_line = make_button(tr("Draw a line"), self)
        self.draw_line.setCheckable(True)
        self.lens_menu = QMenu(self)
        self._estimate = self.lens_menu.addAction(
            tr("Estimate from lines and points"), viewmodel.estimate_lens
        )
        self.lens_menu.addAction(tr("From the data sheet…"), self._open_data_sheet_dialog)
        self._straight = self.lens_menu.addAction(
            tr("Set no distortion and clear the lines"), lambda: viewmodel.editor.set_lens(None)
        )
        self._lens_button = make_button(tr("Lens"), self)
        self._lens_button.setMenu(self.lens_menu)
        self._lens, self.summary, self.advice = QLabel(self), QLabel(self), QLabel(self)
        self._build()
        self._bind()

    def render_state(self, state: CalibrationState) -> None:
        self._render_table(state)
        point = state.selected_point
        pixel = None if point is None else point.pixel
        for field, value in (
            (self.u_field, None if pixel is None else pixel[0]),
            (self.v_field, None if pixel is None else pixel[1]),
            (self.x_field, None if state.place is None else state.place[0]),
            (self.y_field, None if state.place is None else state.place[1]),
        ):
            field.setEnabled(value is not None)
            with QSignalBlocker(field):
                field.setValue(value or 0.0)
        self._remove.setEnabled(point is not None)
        self._lens.setText(state.lens)
        self._estimate.setEnabled(state.can_estimate_lens)
        self._straight.setEnabled(state.has_lens)
        with QSignalBlocker(self.draw_line):
            self.draw_line.setChecked(state.draws_line)
        show_text(self.summary, state.summary)
        self.advice.setText("\n".join(state.advice))

    def _build(self) -> None:
        theme = current_theme()
        self.table.setModel(self._model)
        self.table.setAccessibleName(tr("Points"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setMinimumWidth(_TABLE_WIDTH_PX)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT_PX)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        row = make_row(self, margins=0, spacing=theme.space_m)
        fill(row, (self.table, 3), self._build_fields(), (self._build_words(), 3))

    def _build_fields(self) -> QVBoxLayout:
        theme = current_theme()
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.space_s)
        grid.setVerticalSpacing(theme.space_xs)
        fields = (
            (self.u_field, tr("In the picture"), tr("Pixels from the left"), 0, 1),
            (self.v_field, "", tr("Pixels from the top"), 0, 2),
            (self.x_field, tr("On the plan"), tr("Position on the plan, x"), 1, 1),
            (self.y_field, "", tr("Position on the plan, y"), 1, 2),
        )
        for field, label, name, line, at in fields:
            name_field(field, name)
            field.setMinimumWidth(96)
            grid.addWidget(field, line, at)
            if label:
                grid.addWidget(QLabel(label, self), line, 0)
        self._lens.setProperty("role", "small")
        self._lens.setWordWrap(True)
        self.draw_line.setToolTip(
            tr("Click along an edge that is straight in the hall; press again to end the line")
        )
        lens_row = fill(make_row(spacing=theme.space_s), self._lens_button, self.draw_line, 1)
        column = make_column(spacing=theme.space_xs)
        column.addLayout(grid)
        column.addWidget(self._remove, 0, Qt.AlignmentFlag.AlignLeft)
        fill(column, 1, self._lens, lens_row)
        return column

    def _build_words(self) -> QScrollArea:
        theme = current_theme()
        inside = QWidget(self)
        column = make_column(
            inside,
            margins=(theme.space_m, theme.space_s, theme.space_m, theme.space_s),
            spacing=theme.space_s,
        )
        self.summary.setProperty("role", "small")
        style_labels("", self.advice, self.summary)
        fill(column, self.advice, self.summary, 1)
        area = QScrollArea(self)
        area.setProperty("role", "card")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName(tr("Advice"))
        area.setWidget(inside)
        inside.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        return area

    def _bind(self) -> None:
        editor = self._viewmodel.editor
        for field in (self.u_field, self.v_field):
            field.valueChanged.connect(
                lambda _value: editor.enter_pixel((self.u_field.value(), self.v_field.value()))
            )
        for field in (self.x_field, self.y_field):
            field.valueChanged.connect(
                lambda _value: editor.enter_place((self.x_field.value(), self.y_field.value()))
            )
        self._remove.clicked.connect(editor.remove_selected)
        self.draw_line.toggled.connect(editor.draw_line)
        self.table.selectionModel().currentRowChanged.connect(self._on_row_chosen)

    def _render_table(self, state: CalibrationState) -> None:
        selection = self.table.selectionModel()
        with QSignalBlocker(selection):
            self._model.show(state.points)
            if state.selected is not None:
                flags = QItemSelectionModel.SelectionFlag
                selection.setCurrentIndex(
                    self._model.index(state.selected, 0), flags.ClearAndSelect | flags.Rows
                )
        if state.selected is not None:
            self.table.scrollTo(self._model.index(state.selected, 0))
        self.table.viewport().update()

    def _open_data_sheet_dialog(self) -> None:
        open_dialog(LensDataSheetDialog(self._viewmodel, self.window()))

    def _on_row_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self._viewmodel.editor.select(current.row())


_SIZE_WH = (1300, 700)
"""Window size that fits a screen of 1366x768 beside the task bar."""
_DETAILS_HEIGHT_PX = 196


class CalibrationDialog(QDialog):
    """The calibration dialog, which owns its view-model; the view-model's ``saved`` reports success."""

    def __init__(
        self, viewmodel: CalibrationViewModel, job_runner: JobRunner, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._viewmodel, self._job_runner = viewmodel, job_runner
        viewmodel.setParent(self)
        self._reading: JobHandle | None = None
        self._shown_picture: CameraPicture | None = None
        self._shown_frame: tuple[int, int] | None = None
        camera = display_name(viewmodel.state.camera)
        self.setWindowTitle(tr("Calibrate {camera}", camera=camera))
        self.resize(*_SIZE_WH)
        self.picture, self.plan = CalibrationPicture(self), CalibrationPlan(self)
        self.details = CalibrationDetails(viewmodel, self)
        self.failure = FailureNote(self)
        self._work = JobRow(self)
        self._consequence = QLabel(self)
        self._on_picture = self._add_check(tr("Plan over the picture"))
        self._on_plan = self._add_check(tr("Picture under the plan"))
        self._ellipses = self._add_check(tr("Error ellipses (95 %)"))
        self._fetch = make_button(tr("New picture"), self)
        self._others = make_button(tr("Other methods"), self)
        self.methods_menu = QMenu(self)
        self._others.setMenu(self.methods_menu)
        self._fill_menu()
        self._undo, self._redo = make_button(tr("Undo"), self), make_button(tr("Redo"), self)
        self._close, self._save = (
            make_button(tr("Close"), self),
            make_button(tr("Save"), self, role="primary"),
        )
        self._build()
        # as the window reads: from the pictures over the tools below them to the table
        for before, tool in pairwise((self.plan, *self._tools, self._undo, self._redo)):
            self.setTabOrder(before, tool)
        self._bind()
        self.plan.show_scene(viewmodel.state.scene)
        self.plan.show_layer(PlanLayer.CAMERAS, False)
        self._read_plan_picture(viewmodel.state)
        self._render()
        viewmodel.open()

    @property
    def consequence(self) -> str:
        return self._consequence.text()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Escape and self._viewmodel.state.shape is not None:
            self._viewmodel.editor.cancel_shape()
        else:
            super().keyPressEvent(event)

    def reject(self) -> None:
        """Close after a running save; unsaved points are restored the next time."""
        if self._viewmodel.state.can_stop:
            super().reject()

    def done(self, result: int) -> None:
        """Release the picture and close, after saving or without."""
        if self._reading is not None:
            self._reading.cancel()
        self._viewmodel.close()
        super().done(result)

    def _fill_menu(self) -> None:
        menu, editor = self.methods_menu, self._viewmodel.editor
        menu.addAction(tr("A measured rectangle…"), lambda: self._open_method_dialog(RectangleDialog))
        menu.addAction(tr("A chessboard…"), lambda: self._open_method_dialog(ChessboardDialog))
        menu.addAction(tr("Walkers…"), lambda: open_dialog(WalkersDialog(self._viewmodel.methods, self)))
        menu.addSeparator()
        self._cancel_shape = menu.addAction(tr("Cancel the rectangle or board"), editor.cancel_shape)
        self._remove_all = menu.addAction(tr("Remove the calibration"), editor.remove_all)

    def _open_method_dialog(self, kind: type[RectangleDialog | ChessboardDialog]) -> None:
        state = self._viewmodel.state
        open_dialog(kind(self._viewmodel.methods, self, can_place_by_points=state.can_place_by_points))

    def _add_check(self, text: str) -> QCheckBox:
        check = QCheckBox(text, self)
        check.setAccessibleName(text)
        check.setChecked(True)
        return check

    def _build(self) -> None:
        theme = current_theme()
        self.picture.setAccessibleName(tr("Picture of the camera"))
        self.plan.setAccessibleName(tr("Floor plan"))
        keys = tr(
            "Click or Insert: add a point. Arrow keys: move it, with Shift ten times as far. Delete: "
            "remove it. Page keys: next point. Wheel, + and −: zoom; 0: show all."
        )
        for canvas in (self.picture, self.plan):
            canvas.setToolTip(keys)
            canvas.setAccessibleDescription(keys)
        pictures = fill(make_row(spacing=theme.space_s), (self.picture, 1), (self.plan, 1))
        self._tools = (self._fetch, self._others, self._on_picture, self._on_plan, self._ellipses)
        tools = fill(make_row(spacing=theme.space_m), *self._tools, 1, self._undo, self._redo)
        self.details.setFixedHeight(_DETAILS_HEIGHT_PX)
        style_labels("", self._consequence)
        last = make_row(spacing=theme.space_m)
        fill(last, self._close, (self._work, 1), (self._consequence, 2), self._save)
        column = make_column(self, margins=theme.space_m, spacing=theme.space_s)
        fill(column, (pictures, 1), tools, self.details, self.failure, last)

    def _bind(self) -> None:
        viewmodel, editor = self._viewmodel, self._viewmodel.editor
        viewmodel.state_changed.connect(self._render)
        self._close.clicked.connect(self.reject)
        self._save.clicked.connect(viewmodel.save)
        viewmodel.saved.connect(lambda _camera: self.accept())
        self._fetch.clicked.connect(viewmodel.fetch_picture)
        self._undo.clicked.connect(editor.undo)
        self._redo.clicked.connect(editor.redo)
        self._work.stop_requested.connect(viewmodel.stop)
        for check in (self._on_picture, self._on_plan, self._ellipses):
            check.toggled.connect(self._render_preview)
        for key, act in (
            (QKeySequence.StandardKey.Undo, editor.undo),
            (QKeySequence.StandardKey.Redo, editor.redo),
            (QKeySequence.StandardKey.Save, viewmodel.save),
        ):
            QShortcut(QKeySequence(key), self).activated.connect(act)
        picture, plan = self.picture.hand, self.plan.hand
        picture.placed.connect(editor.click_picture)
        picture.moved.connect(
            lambda index, pixel, drag: editor.move_pixel(index, pixel, gesture=("pixel", drag))
        )
        picture.nudged.connect(editor.nudge_pixel)
        plan.placed.connect(lambda floor: editor.click_plan(self.plan.snap(floor)))
        plan.moved.connect(self._on_floor_dragged)
        plan.nudged.connect(editor.nudge_floor)
        for hand in (picture, plan):
            hand.chosen.connect(editor.select)
            hand.removed.connect(editor.remove)

    def _on_floor_dragged(self, index: int, floor: Point, drag: int) -> None:
        self._viewmodel.editor.move_floor(index, self.plan.snap(floor), gesture=("floor", drag))

    def _read_plan_picture(self, state: CalibrationState) -> None:
        file, place = state.scene.picture, state.scene.picture_place
        if file is None or place is None:
            return

        def show(read: PlanPicture) -> None:
            self.plan.show_picture(read.image, size_px=read.size_px, place=place)

        self._reading = self._job_runner.run(
            tr("Reading the plan's picture"),
            lambda _context: read_plan_picture(file),
            on_done=show,
            # the plan's page says what is wrong with it; points can be clicked without
            on_failed=lambda _report: None,
        )

    def _render(self) -> None:
        state = self._viewmodel.state
        if (
            state.picture is not self._shown_picture
            or state.frame_wh != self._shown_frame
            or state.picture is None
        ):
            self._render_picture(state)
        self._render_preview()
        self._render_points(state)
        self.details.render_state(state)
        self.failure.show_failure(state.problem, state.remedy, "")
        self._work.show_job(
            state.busy,
            done=state.progress or 0.0,
            total=0.0 if state.progress is None else 1.0,
            can_stop=state.can_stop,
        )
        self._consequence.setText(state.consequence)
        self._undo.setEnabled(state.can_undo)
        self._redo.setEnabled(state.can_redo)
        self._save.setEnabled(state.can_save)
        self._fetch.setEnabled(not state.busy)
        self._others.setEnabled(not state.busy and state.can_stop)
        self._cancel_shape.setEnabled(state.shape is not None)
        self._remove_all.setEnabled(bool(state.points) or state.has_lens)
        self._close.setEnabled(state.can_stop)

    def _render_picture(self, state: CalibrationState) -> None:
        picture, self._shown_picture, self._shown_frame = state.picture, state.picture, state.frame_wh
        frame_wh = state.frame_wh or (16, 9)
        if picture is None:
            words = state.busy or tr("No picture")
            self.picture.show_picture(b"", (0, 0), frame_wh=frame_wh, words=words)
        else:
            self.picture.show_picture(picture.rgb, picture.size_wh, frame_wh=frame_wh, words="")

    def _render_preview(self) -> None:
        preview = self._viewmodel.state.preview
        self.picture.show_lines(
            () if preview is None else preview.lines_px, is_shown=self._on_picture.isChecked()
        )
        self.plan.show_preview(
            None if preview is None else preview.warped,
            () if preview is None else preview.ellipses,
            shows_picture=self._on_plan.isChecked(),
            shows_ellipses=self._ellipses.isChecked(),
        )

    def _render_points(self, state: CalibrationState) -> None:
        pixels, places = [], []
        for row in state.points:
            looks = {
                "is_selected": row.index == state.selected,
                "is_open": not row.is_complete,
                "is_bad": row.is_outlier,
            }
            if row.pixel is not None:
                pixels.append(ShownPoint(row.index, row.pixel, **looks))
            if row.floor is not None:
                places.append(ShownPoint(row.index, row.floor, **looks))
        on_picture, on_plan = state.hint
        self.picture.show_strokes(state.strokes)
        self.picture.show_points(pixels, hint=on_picture)
        self.plan.show_points(places, hint=on_plan)
