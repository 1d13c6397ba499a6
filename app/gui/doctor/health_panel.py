"""Show the health of the recording: recorder, cameras and charts of the last hours."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QLabel,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.gui.charts.spark_line import SparkLine
from app.gui.doctor.health_model import HealthLine, HealthState, HealthViewModel
from app.gui.session.cell_text import ABSENT
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr
from app.gui.tables.record_table import RecordTable, TableColumn, make_name_column
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.failure_note import FailureNote
from app.gui.widgets.layouts import make_column
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.titled_card import TitledCard
from app.recording.recorder_health import HOURS
from vision.pipeline.messages import CameraState
from vision.pipeline.pipeline_status import CameraStatus


def name_state(state: CameraState) -> str:
    return {
        CameraState.CONNECTING: tr("connecting"),
        CameraState.STREAMING: tr("streaming"),
        CameraState.FROZEN: tr("frozen"),
        CameraState.DARK: tr("dark"),
        CameraState.LOST: tr("no connection"),
        CameraState.REFUSED: tr("login refused"),
        CameraState.ENDED: tr("ended"),
        CameraState.RESTARTING: tr("restarting"),
        CameraState.QUARANTINED: tr("quarantined"),
    }[state]


class HealthTable(RecordTable[CameraStatus]):
    def make_columns(self) -> Sequence[TableColumn[CameraStatus]]:
        return (
            make_name_column(tr("Camera"), lambda camera: str(camera.camera)),
            TableColumn(
                tr("State"), lambda c: name_state(c.state), lambda c: name_state(c.state), is_number=False
            ),
            TableColumn(
                tr("Received"),
                lambda c: tr("{fps:.1f}/s", fps=c.fps_in),
                lambda c: c.fps_in,
                meaning=tr("Pictures received from the camera per second."),
            ),
            TableColumn(
                tr("Analysed"),
                lambda c: tr("{fps:.1f}/s", fps=c.fps_analysed),
                lambda c: c.fps_analysed,
                meaning=tr("Pictures analysed per second."),
            ),
            TableColumn(
                tr("Not analysed"),
                lambda c: tr("{fps:.1f}/s", fps=c.fps_dropped),
                lambda c: c.fps_dropped,
                meaning=tr(
                    "Due pictures per second that were not analysed, because the machine is too slow."
                ),
            ),
            TableColumn(
                tr("Delay"),
                lambda c: ABSENT if c.age_s is None else tr("{seconds:.1f} s", seconds=c.age_s),
                lambda c: c.age_s,
                meaning=tr("Age of the newest analysed picture."),
            ),
            TableColumn(
                tr("Reconnected"),
                lambda c: str(c.reconnects),
                lambda c: float(c.reconnects),
                meaning=tr("Times that the connection was restored since the recording began."),
            ),
            TableColumn(
                tr("Damaged"),
                lambda c: str(c.corrupt),
                lambda c: float(c.corrupt),
                meaning=tr("Damaged pictures received since the recording began."),
            ),
        )


_LINE_COLUMNS = 3
_MAX_ROWS = 10


class HealthView(Translated, QWidget):
    """The view of a `HealthState`; its view-model updates only while it is visible."""

    def __init__(self, viewmodel: HealthViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        theme = current_theme()
        self.empty = EmptyPage("doctor")
        self.headline, self.note = QLabel(), QLabel()
        self.headline.setProperty("role", "title")
        self.note.setProperty("role", "muted")
        for label in (self.headline, self.note):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.failure = FailureNote()
        self._model = HealthTable(self)
        self.table = QTableView()
        self.table.setModel(self._model)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setHighlightSections(False)
        self._cameras = TitledCard(self.table)
        self._tiles = QWidget()
        self._grid = QGridLayout(self._tiles)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.space_l)
        self._grid.setVerticalSpacing(theme.space_m)
        self._lines = TitledCard(self._tiles)
        self._shown: list[_LineTile] = []
        content = QWidget()
        column = make_column(content, margins=(0, 0, theme.space_s, 0), spacing=theme.space_m)
        for widget in (self.headline, self.note, self.failure, self._cameras, self._lines):
            column.addWidget(widget)
        column.addStretch(1)
        scroll = QWidget()
        scroll_content(scroll, content)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(scroll)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, theme.space_m)
        outer.addWidget(self._pages)
        viewmodel.state_changed.connect(self._render)
        self.retranslate()

    def retranslate(self) -> None:
        self.empty.show_texts(tr("No venue is open"), tr("Open a venue to see the health of its recording."))
        self._cameras.show_texts(tr("Cameras"))
        self.table.setAccessibleName(tr("Cameras"))
        self._model.retranslate()
        self._viewmodel.refresh()
        self._render()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._viewmodel.set_active(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self._viewmodel.set_active(False)

    def _render(self) -> None:
        state = self._viewmodel.state
        self._pages.setCurrentIndex(1 if state.has_venue else 0)
        self.headline.setText(state.headline)
        self.note.setText(state.note)
        self.note.setVisible(bool(state.note))
        self.failure.show_failure(state.problem, state.remedy, "")
        self._model.show(state.cameras)
        self._cameras.setVisible(bool(state.cameras))
        header_px = self.table.horizontalHeader().sizeHint().height()
        rows_px = self.table.verticalHeader().defaultSectionSize() * min(len(state.cameras), _MAX_ROWS)
        self.table.setFixedHeight(header_px + rows_px + 4)
        self._lines.setVisible(bool(state.lines))
        self._lines.show_texts(
            tr("The last {hours:g} hours", hours=HOURS),
            tr(
                "Since {moment}, measured every half minute during recording; lines are interrupted "
                "while nothing was recorded.",
                moment=state.from_words,
            ),
        )
        self._render_lines(state)

    def _render_lines(self, state: HealthState) -> None:
        while len(self._shown) < len(state.lines):
            tile = _LineTile(self._tiles)
            number = len(self._shown)
            self._grid.addWidget(tile, number // _LINE_COLUMNS, number % _LINE_COLUMNS)
            self._grid.setColumnStretch(number % _LINE_COLUMNS, 1)
            self._shown.append(tile)
        for number, tile in enumerate(self._shown):
            tile.setVisible(number < len(state.lines))
            if number < len(state.lines):
                tile.show_line(state.lines[number], from_s=state.from_s, to_s=state.to_s)


class _LineTile(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._value, self._range = QLabel(self), QLabel(self), QLabel(self)
        self._line = SparkLine(self)
        for label, role in ((self._title, "small"), (self._value, "title"), (self._range, "small")):
            label.setProperty("role", role)
            label.setTextFormat(Qt.TextFormat.PlainText)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.addWidget(self._title, 0, 0, 1, 2)
        grid.addWidget(self._value, 1, 0)
        grid.addWidget(self._range, 1, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
        grid.addWidget(self._line, 2, 0, 1, 2)

    def show_line(self, line: HealthLine, *, from_s: float, to_s: float) -> None:
        self._title.setText(line.title)
        self._value.setText(line.value)
        self._range.setText(line.range)
        self._line.show_line(line.pieces, from_s=from_s, to_s=to_s)
        self.setAccessibleName(line.spoken)
        self.setToolTip(line.spoken)
