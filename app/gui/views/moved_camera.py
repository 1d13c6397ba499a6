"""The window about a camera that was moved: the empty floor before and after, how far, and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSlider,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.gui.theme import current_theme
from app.gui.translation import display_name, tr
from app.gui.viewmodels.moved_camera import MovedCameraState, MovedCameraViewModel, ShiftRow
from app.gui.widgets.compared_pictures import ComparedPictures
from app.gui.widgets.failure_note import FailureNote

_SIZE_WH = (900, 620)
"""Fits beside the task bar of a screen of 1366x768."""
_BLINK_MS = 700
_TABLE_HEIGHT_PX = 130


class MovedCameraDialog(QDialog):
    """Open it with ``open``; it owns its view-model."""

    calibration_requested = Signal(str)
    """Name of the camera: the new view is right, and it is calibrated anew."""

    def __init__(self, viewmodel: MovedCameraViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        camera = display_name(viewmodel.state.camera)
        self.setWindowTitle(tr("Where {camera} looks", camera=camera))
        self.resize(*_SIZE_WH)
        self.pictures = ComparedPictures(self)
        self._headline, self._shift, self._since, self._advice, self._note = (
            self._add_label() for _ in range(5)
        )
        self._headline.setProperty("role", "title")
        for label in (self._since, self._note):
            label.setProperty("role", "muted")
        self.curtain = QSlider(Qt.Orientation.Horizontal, self)
        self.curtain.setRange(0, 100)
        self.curtain.setValue(50)
        self.curtain.setAccessibleName(tr("From before to after"))
        self.over = self._add_check(tr("One over the other"))
        self.blink = self._add_check(tr("Blink"))
        self.table = QTableWidget(0, 3, self)
        self.failure = FailureNote(self)
        self.close_button, self.undo_button = self._add_button(tr("Close")), self._add_button(tr("Undo"))
        self.ignore_button = self._add_button(tr("It was moved back"))
        self.calibrate_button = self._add_button(tr("Calibrate again"))
        self.accept_button = self._add_button(tr("Accept the re-alignment"))
        self.accept_button.setProperty("role", "primary")
        self._timer = QTimer(self)
        self._timer.setInterval(_BLINK_MS)
        self._is_after = False
        self._build()
        self._bind()
        self._render()

    def _add_label(self) -> QLabel:
        label = QLabel(self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _add_button(self, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setAccessibleName(text)
        button.setAutoDefault(False)
        return button

    def _add_check(self, text: str) -> QCheckBox:
        check = QCheckBox(text, self)
        check.setAccessibleName(text)
        return check

    def _build(self) -> None:
        theme = current_theme()
        self.table.setAccessibleName(tr("Positions at the middle of each zone"))
        self.table.setHorizontalHeaderLabels([tr("Zone"), tr("Now"), tr("After the re-alignment")])
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.verticalHeader().setVisible(False)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.table.setFixedHeight(_TABLE_HEIGHT_PX)
        self.ignore_button.setToolTip(
            tr("The view is looked at again by itself; the notice comes back if it still differs.")
        )
        tools = QHBoxLayout()
        tools.setSpacing(theme.space_m)
        tools.addWidget(self.over)
        tools.addWidget(self.curtain, 1)
        tools.addWidget(self.blink)
        last = QHBoxLayout()
        last.setSpacing(theme.space_m)
        last.addWidget(self.close_button)
        last.addStretch(1)
        for button in (self.undo_button, self.ignore_button, self.calibrate_button, self.accept_button):
            last.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, theme.space_m)
        column.setSpacing(theme.space_s)
        for label in (self._headline, self._shift, self._since):
            column.addWidget(label)
        column.addWidget(self.pictures, 1)
        column.addLayout(tools)
        for widget in (self._note, self.table, self._advice, self.failure):
            column.addWidget(widget)
        column.addLayout(last)

    def _bind(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._render)
        self.close_button.clicked.connect(self.reject)
        self.ignore_button.clicked.connect(self.reject)
        self.accept_button.clicked.connect(viewmodel.accept)
        self.undo_button.clicked.connect(viewmodel.undo)
        self.calibrate_button.clicked.connect(self._on_calibrate_clicked)
        self.over.toggled.connect(self._compare)
        self.curtain.valueChanged.connect(self._on_curtain_drawn)
        self.blink.toggled.connect(self._on_blink_toggled)
        self._timer.timeout.connect(self._on_blinked)

    def _render(self) -> None:
        state = self._viewmodel.state
        for label, text in (
            (self._headline, state.headline),
            (self._shift, state.shift),
            (self._since, state.since),
            (self._advice, state.advice),
            (self._note, state.note),
        ):
            label.setText(text)
            label.setVisible(bool(text))
        self._render_pictures(state)
        self._render_rows(state.rows)
        self.failure.show_failure(state.problem, state.remedy, "")
        self.accept_button.setEnabled(state.can_accept)
        self.undo_button.setVisible(state.can_undo)

    def _render_pictures(self, state: MovedCameraState) -> None:
        self.pictures.show_words(tr("Before"), tr("After"), tr("No picture"))
        if state.pictures is not None:
            self.pictures.show_pictures(state.pictures.before, state.pictures.after, state.pictures.size_wh)
        for tool in (self.over, self.curtain, self.blink):
            tool.setEnabled(state.has_before)
        self._compare()

    def _render_rows(self, rows: tuple[ShiftRow, ...]) -> None:
        self.table.setVisible(bool(rows))
        self.table.setRowCount(len(rows))
        for index, row in enumerate(rows):
            for column, text in enumerate((row.zone, row.before, row.after)):
                self.table.setItem(index, column, QTableWidgetItem(text))

    def _compare(self) -> None:
        if self.blink.isChecked():
            self.pictures.draw_curtain(0 if self._is_after else 100)
        else:
            self.pictures.draw_curtain(self.curtain.value() if self.over.isChecked() else None)

    def _on_curtain_drawn(self) -> None:
        self.over.setChecked(True)
        self._compare()

    def _on_blink_toggled(self, is_on: bool) -> None:
        if is_on:
            self._timer.start()
        else:
            self._timer.stop()
        self._compare()

    def _on_blinked(self) -> None:
        self._is_after = not self._is_after
        self._compare()

    def _on_calibrate_clicked(self) -> None:
        self.reject()
        self.calibration_requested.emit(self._viewmodel.state.camera)
