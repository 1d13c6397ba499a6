"""The calibration window: the camera's picture and the plan side by side."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSignalBlocker, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
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
from app.gui.calibration.calibration_methods_page import (
    ChessboardDialog,
    LensDataSheetDialog,
    RectangleDialog,
    WalkersDialog,
)
from app.gui.calibration.calibration_state import CalibrationState, CalibrationTable
from app.gui.calibration.canvases import CalibrationPicture, CalibrationPlan, ShownPoint
from app.gui.calibration.model import CalibrationViewModel
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
    make_row,
    name_field,
    open_dialog,
    show_text,
    style_labels,
)
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.work_row import JobRow

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
        """Show the details of the points."""
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
        """Text about the effect of saving."""
        return self._consequence.text()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Cancel a rectangle or board being placed on Escape before closing."""
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
