"""Beside the pictures of a calibration: its points as a table, the chosen one's figures, the lens, advice."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.gui.table_models.calibration_table import CalibrationTable
from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.units import current_units
from app.gui.viewmodels.calibration import CalibrationViewModel
from app.gui.viewmodels.calibration_state import CalibrationState
from app.gui.views.calibration_data_sheet import LensDataSheetDialog
from app.gui.widgets.number_field import NumberField

_FARTHEST = 10_000.0
_LARGEST_FRAME_PX = 20_000.0
_ROW_HEIGHT_PX = 24
_TABLE_WIDTH_PX = 510


class CalibrationDetails(QWidget):
    """Renders the part of a `CalibrationState` that is not a picture."""

    def __init__(self, viewmodel: CalibrationViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._model = CalibrationTable(self)
        self.table = QTableView(self)
        self.u_field, self.v_field = (self._make_field("px", 0.0, _LARGEST_FRAME_PX, 1) for _ in range(2))
        unit = current_units().symbol
        self.x_field, self.y_field = (self._make_field(unit, -_FARTHEST, _FARTHEST, 3) for _ in range(2))
        self._remove = QPushButton(tr("Remove the point"), self)
        self.draw_line = QPushButton(tr("Draw a line"), self)
        self.draw_line.setCheckable(True)
        self.lens_menu = QMenu(self)
        self._estimate = self.lens_menu.addAction(
            tr("Estimate it by the lines and points"), viewmodel.estimate_lens
        )
        self.lens_menu.addAction(tr("From its data sheet…"), self._ask_for_data_sheet)
        self._straight = self.lens_menu.addAction(
            tr("Straight, and forget the lines"), lambda: viewmodel.editor.set_lens(None)
        )
        self._lens_button = QPushButton(tr("Lens"), self)
        self._lens_button.setMenu(self.lens_menu)
        self._lens, self.summary, self.advice = QLabel(self), QLabel(self), QLabel(self)
        self._build()
        self._bind()

    def render_state(self, state: CalibrationState) -> None:
        """Show what is known of the points."""
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
        self.summary.setText(state.summary)
        self.summary.setVisible(bool(state.summary))
        self.advice.setText("\n".join(state.advice))

    def _make_field(self, unit: str, least: float, most: float, decimals: int) -> NumberField:
        return NumberField(least=least, most=most, decimals=decimals, unit=unit, parent=self)

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
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space_m)
        row.addWidget(self.table, 3)
        row.addLayout(self._build_fields())
        row.addWidget(self._build_words(), 3)

    def _build_fields(self) -> QVBoxLayout:
        theme = current_theme()
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.space_s)
        grid.setVerticalSpacing(theme.space_xs)
        fields = (
            (self.u_field, tr("In the picture"), tr("Pixels from the left"), 0, 1),
            (self.v_field, "", tr("Pixels from the top"), 0, 2),
            (self.x_field, tr("On the plan"), tr("Place on the plan, x"), 1, 1),
            (self.y_field, "", tr("Place on the plan, y"), 1, 2),
        )
        for field, label, name, line, at in fields:
            field.setAccessibleName(name)
            field.setToolTip(name)
            field.setMinimumWidth(96)
            grid.addWidget(field, line, at)
            if label:
                grid.addWidget(QLabel(label, self), line, 0)
        self._lens.setProperty("role", "small")
        self._lens.setWordWrap(True)
        self.draw_line.setToolTip(
            tr("Click along an edge that is straight in the hall; once more ends the line")
        )
        lens_row = QHBoxLayout()
        lens_row.setSpacing(theme.space_s)
        lens_row.addWidget(self._lens_button)
        lens_row.addWidget(self.draw_line)
        lens_row.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(theme.space_xs)
        column.addLayout(grid)
        column.addWidget(self._remove, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        column.addWidget(self._lens)
        column.addLayout(lens_row)
        for button in (self._remove, self._lens_button, self.draw_line):
            button.setAccessibleName(button.text())
            button.setAutoDefault(False)
        return column

    def _build_words(self) -> QScrollArea:
        theme = current_theme()
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(theme.space_m, theme.space_s, theme.space_m, theme.space_s)
        column.setSpacing(theme.space_s)
        self.summary.setProperty("role", "small")
        for label in (self.advice, self.summary):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            column.addWidget(label)
        column.addStretch(1)
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

    def _ask_for_data_sheet(self) -> None:
        dialog = LensDataSheetDialog(self._viewmodel, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _on_row_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self._viewmodel.editor.select(current.row())
