"""The health of the recording: view-model and panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Unpack

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

from analytics.domain.errors import fill_template
from app.error_reporting import ErrorReport
from app.gui.charts.spark_line import SparkLine
from app.gui.session.camera_words import describe_own_recording, describe_recorder
from app.gui.session.cell_text import ABSENT, format_date_time, format_number, format_share
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, display_name, tr
from app.gui.session.view_model import VenueParts, VenueViewModel, WatchTimer
from app.gui.tables.record_table import RecordTable, TableColumn, make_name_column
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.failure_note import FailureNote
from app.gui.widgets.layouts import make_column
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.titled_card import TitledCard
from app.recording.health_sample import HealthSample
from app.recording.recorder_health import HOURS, MAX_PAUSE_S, RecorderHealth, find_health, measure_spread
from app.recording.recording_session import is_own_recording
from vision.pipeline.messages import CameraState
from vision.pipeline.pipeline_status import CameraStatus

_MB, _GB = 1e6, 1e9
Piece = tuple[tuple[float, float], ...]
Read = Callable[[HealthSample], float | None]


@dataclass(frozen=True, slots=True)
class HealthLine:
    """A measured quantity over the last hours with translated texts.

    Attributes:
        value: newest value.
        range: minimum and maximum.
        pieces: pieces of (time, value), interrupted where nothing was measured.
    """

    title: str
    value: str
    range: str
    pieces: tuple[Piece, ...]

    @property
    def spoken(self) -> str:
        """Return the title, value and range for screen readers."""
        return f"{self.title}: {self.value} ({self.range})" if self.range else f"{self.title}: {self.value}"


def describe_lines(samples: Sequence[HealthSample]) -> tuple[HealthLine, ...]:
    """Return the lines of the machine, followed by each camera's rate and delay."""
    if not samples:
        return ()

    def megabytes(value: float) -> str:
        return f"{format_number(value / _MB)} MB"

    def gigabytes(value: float) -> str:
        return f"{value / _GB:.1f} GB"

    def seconds(value: float) -> str:
        return tr("{seconds:.1f} s", seconds=value)

    lines = [
        _make(tr("Age of the newest data on disk"), samples, lambda s: s.write_lag_s, seconds),
        _make(tr("Processor, total"), samples, lambda s: s.cpu_share, format_share),
        _make(
            tr("Processor, recording"),
            samples,
            lambda s: s.recorder_cpu_cores,
            lambda v: tr("{cores:.1f} cores", cores=v),
        ),
        _make(tr("Memory, recording"), samples, lambda s: s.recorder_memory_bytes, megabytes),
        _make(tr("Memory, free"), samples, lambda s: s.memory_free_bytes, megabytes),
        _make(tr("Disk, free"), samples, lambda s: s.disk_free_bytes, gigabytes),
        _make(tr("Pictures in process"), samples, lambda s: s.pictures_under_way, _format_whole),
        _make(tr("Positions waiting to be saved"), samples, lambda s: s.waiting_points, _format_whole),
    ]
    lines += [_make(gpu.name, samples, _read_gpu(gpu.name), format_share) for gpu in samples[-1].gpus]
    # in the order of the newest sample, which is that of the venue
    for name in dict.fromkeys(camera.camera for sample in reversed(samples) for camera in sample.cameras):
        shown = display_name(name)
        lines.append(
            _make(
                tr("{camera}, analysed", camera=shown),
                samples,
                _read_camera(name, "fps_analysed"),
                lambda v: tr("{fps:.1f}/s", fps=v),
            )
        )
        lines.append(
            _make(tr("{camera}, delay", camera=shown), samples, _read_camera(name, "latency_s"), seconds)
        )
    return tuple(lines)


def _make(
    title: str, samples: Sequence[HealthSample], read: Read, form: Callable[[float], str]
) -> HealthLine:
    values = [(sample.at_utc_s, read(sample)) for sample in samples]
    spread = measure_spread([value for _, value in values])
    last = values[-1][1]
    return HealthLine(
        title=title,
        value=ABSENT if last is None else form(last),
        range=""
        if spread is None
        else tr("{minimum} to {maximum}", minimum=form(spread.minimum), maximum=form(spread.maximum)),
        pieces=_cut(values),
    )


def _cut(values: Sequence[tuple[float, float | None]]) -> tuple[Piece, ...]:
    pieces: list[list[tuple[float, float]]] = []
    before_s: float | None = None
    for at_s, value in values:
        if value is None:
            before_s = None
            continue
        if before_s is None or at_s - before_s > MAX_PAUSE_S:
            pieces.append([])
        pieces[-1].append((at_s, value))
        before_s = at_s
    return tuple(tuple(piece) for piece in pieces)


def _format_whole(value: float) -> str:
    return f"{value:.0f}"


def _read_camera(name: str, field: str) -> Read:
    def read(sample: HealthSample) -> float | None:
        found = next((camera for camera in sample.cameras if camera.camera == name), None)
        return None if found is None else getattr(found, field)

    return read


def _read_gpu(name: str) -> Read:
    return lambda sample: next((gpu.share for gpu in sample.gpus if gpu.name == name), None)


POLL_INTERVAL_MS = 10_000
_KEY = "health"


@dataclass(frozen=True, slots=True)
class HealthState:
    """The state of the page with translated texts.

    Attributes:
        headline: description of the recorder, or of its absence.
        note: warning, if any.
        lines: lines from ``from_s`` (by the venue's clock in ``from_words``) to ``to_s``.
    """

    has_venue: bool = False
    headline: str = ""
    note: str = ""
    cameras: tuple[CameraStatus, ...] = ()
    lines: tuple[HealthLine, ...] = ()
    from_s: float = 0.0
    from_words: str = ""
    to_s: float = 0.0
    problem: str = ""
    remedy: str = ""


class HealthViewModel(VenueViewModel[HealthState]):
    """The view-model of the page Health; it updates every ten seconds while visible."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(HealthState(), **parts)
        self._found: RecorderHealth | None = None
        self._failure: ErrorReport | None = None
        self._watch = WatchTimer(self.update, every_ms=POLL_INTERVAL_MS, parent=self)
        self._app_state.venue_opened.connect(self._on_venue_opened)

    def set_active(self, is_active: bool) -> None:
        self._watch.set_active(is_active)

    def update(self) -> None:
        venue = self._app_state.venue
        if venue is None:
            self.refresh()
            return
        self._job_runner.run_latest(
            _KEY,
            lambda: tr("Measuring the health of the recording"),
            lambda _context: find_health(venue.folder),
            on_done=self._on_found,
            on_failed=self._on_failed,
        )

    def refresh(self) -> None:
        state = self._compose()
        self._set_state(state)

    def _compose(self) -> HealthState:
        venue, found = self._app_state.venue, self._found
        if venue is None:
            return HealthState()
        state = HealthState(has_venue=True)
        if self._failure is not None:
            report = self._failure.render(tr)
            state = replace(state, problem=report.problem, remedy=report.remedy)
        if found is None:
            return state
        recorder, status = found.recorder, found.status
        if recorder is None:
            headline = tr("This venue is not being recorded on this machine.")
        elif is_own_recording(recorder):
            headline = describe_own_recording(recorder, time_zone=venue.exhibition.time_zone)
        else:
            headline = describe_recorder(recorder, time_zone=venue.exhibition.time_zone)
        note = ""
        if status is not None and (phrase := status.history.describe()) is not None:
            note = fill_template(phrase.template, phrase.fields, tr)
        elif recorder is not None and status is None:
            note = tr(
                "The recorder's account does not share its status with yours: join the group of "
                "that name, or ask root."
            )
        from_s = found.samples[0].at_utc_s if found.samples else found.at_utc_s
        return replace(
            state,
            headline=headline,
            note=note,
            cameras=() if status is None else status.cameras,
            lines=describe_lines(found.samples),
            from_s=from_s,
            from_words=format_date_time(from_s, time_zone=venue.exhibition.time_zone),
            to_s=found.at_utc_s,
        )

    def _on_found(self, found: RecorderHealth) -> None:
        self._found, self._failure = found, None
        self.refresh()

    def _on_failed(self, report: ErrorReport) -> None:
        self._failure = report
        self.refresh()

    def _on_venue_opened(self) -> None:
        self._found, self._failure = None, None
        self.refresh()
        self._watch.run_if_active()


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
