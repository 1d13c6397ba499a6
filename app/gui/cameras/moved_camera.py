"""A camera that was moved: view-model, and the dialog with its pictures before and after."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Unpack

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QSlider,
    QWidget,
)

from app.cameras.realign_camera import Realignment, accept_realignment, propose_realignment, undo_realignment
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.gui.session.camera_words import describe_problem, describe_remedy, describe_shift, describe_since
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.theme import current_theme
from app.gui.session.translation import display_name, tr
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.gui.widgets.failure_note import FailureNote
from app.gui.widgets.layouts import fill, make_button, make_column, make_row, show_text, style_labels
from app.gui.widgets.text_table import TextTable
from vision.alignment.view_report import UNKNOWN_VIEW, ViewPictures, ViewReport, ViewVerdict


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """One zone's position error at its middle, centimetres, as text."""

    zone: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class MovedCameraState:
    """Everything that the dialog shows, translated.

    Attributes:
        note: why there is no earlier picture, or what was done.
    """

    camera: str
    headline: str = ""
    shift: str = ""
    since: str = ""
    advice: str = ""
    note: str = ""
    pictures: ViewPictures | None = None
    has_before: bool = False
    rows: tuple[ShiftRow, ...] = ()
    can_accept: bool = False
    can_undo: bool = False
    problem: str = ""
    remedy: str = ""


class MovedCameraViewModel(VenueViewModel[MovedCameraState]):
    """The state of one camera's view during a recording, kept after it stops."""

    realigned = Signal()
    """The calibration was changed; a running recording uses it after a restart."""

    def __init__(self, camera: str, *, monitor: PipelineMonitor, **parts: Unpack[VenueParts]) -> None:
        super().__init__(MovedCameraState(camera), **parts)
        self._camera, self._monitor = camera, monitor
        self._view: ViewReport = UNKNOWN_VIEW
        self._pictures: ViewPictures | None = None
        self._picture_wh: tuple[int, int] | None = None
        self._proposed: Realignment | None = None
        self._accepted: Realignment | None = None
        self._is_busy = False
        self._failure: ErrorReport | None = None
        monitor.updated.connect(self._on_updated)
        self._update()

    def refresh(self) -> None:
        self._set_state(self._compose())

    def accept(self) -> None:
        proposed = self._proposed
        if proposed is not None and not self._is_busy:
            self._exchange(proposed, tr("Realigning the camera"), is_undo=False)

    def undo(self) -> None:
        accepted = self._accepted
        if accepted is not None and not self._is_busy:
            self._exchange(accepted, tr("Undoing the realignment"), is_undo=True)

    def _exchange(self, realignment: Realignment, words: str, *, is_undo: bool) -> None:
        venue = self._app_state.venue
        if venue is None:
            return
        self._is_busy, self._failure = True, None
        change = undo_realignment if is_undo else accept_realignment

        def work(_context: JobContext) -> tuple[Venue, ChangeSet]:
            return change(venue.folder, realignment)

        def done(changed: tuple[Venue, ChangeSet]) -> None:
            self._is_busy = False
            self._accepted = None if is_undo else realignment
            self._app_state.replace_venue(*changed, initiator=self)
            self.refresh()
            self.realigned.emit()

        self._job_runner.run(words, work, on_done=done, on_failed=self._on_failed)
        self.refresh()

    def _on_failed(self, report: ErrorReport) -> None:
        self._is_busy, self._failure = False, report
        self.refresh()

    def _on_updated(self, _status: object) -> None:
        self._update()

    def _update(self) -> None:
        status = self._monitor.status
        found = (
            None if status is None else next((c for c in status.cameras if c.camera == self._camera), None)
        )
        # what was accepted is about the view of then
        if found is not None and self._accepted is None and found.view != self._view:
            self._view, self._picture_wh = found.view, found.size_wh
            self._proposed = None
            self._propose()
        if found is not None and found.view_pictures is not None and self._accepted is None:
            self._pictures = found.view_pictures
        self.refresh()

    def _propose(self) -> None:
        venue, view = self._app_state.venue, self._view
        if venue is None or view.reference_from_now is None:
            return

        def show(proposed: Realignment) -> None:
            if view == self._view:
                self._proposed = proposed
                self.refresh()

        self._job_runner.run(
            tr("Determining how the camera was moved"),
            lambda _context: propose_realignment(venue, self._camera, view, picture_wh=self._picture_wh),
            on_done=show,
            on_failed=self._on_failed,
        )

    def _compose(self) -> MovedCameraState:
        venue, view, pictures = self._app_state.venue, self._view, self._pictures
        has_before = pictures is not None and bool(pictures.before)
        state = MovedCameraState(
            self._camera,
            headline=describe_problem(view) or self._describe_steady(),
            shift=describe_shift(view, width_px=None if self._picture_wh is None else self._picture_wh[0]),
            since="" if venue is None else describe_since(view, time_zone=venue.exhibition.time_zone),
            advice=describe_remedy(view),
            pictures=pictures,
            has_before=has_before,
            note="" if has_before or pictures is None else _describe_missing_picture(),
            rows=() if self._proposed is None else _list_shifts(self._proposed),
            can_accept=self._proposed is not None and self._accepted is None and not self._is_busy,
            can_undo=self._accepted is not None and not self._is_busy,
        )
        if view.verdict not in (ViewVerdict.MOVED, ViewVerdict.BLINDED):
            state = replace(state, since="")
        if self._accepted is not None:
            state = replace(
                state,
                headline=tr("The calibration was adjusted to the camera."),
                advice="",
                note=tr("Takes effect at the next start of the recording; a running recording is restarted."),
            )
        if self._failure is not None:
            rendered = self._failure.render(tr)
            state = replace(state, problem=rendered.problem, remedy=rendered.remedy)
        return state

    def _describe_steady(self) -> str:
        if self._view.verdict is ViewVerdict.STEADY:
            return tr("The view of {camera} matches its calibration.", camera=display_name(self._camera))
        return tr("The view of {camera} has not been checked yet.", camera=display_name(self._camera))


def _list_shifts(proposed: Realignment) -> tuple[ShiftRow, ...]:
    return tuple(
        ShiftRow(
            display_name(shift.zone),
            tr("error {centimetres:.0f} cm", centimetres=100 * shift.before_m),
            tr("± {centimetres:.1f} cm", centimetres=100 * shift.after_m),
        )
        for shift in proposed.shifts
    )


def _describe_missing_picture() -> str:
    return tr(
        "There is no earlier picture: pictures are never stored, and the recording has since "
        "been restarted. The feature points for recognising the view are kept."
    )


_DEFAULT_WH = (720, 300)
_MIN_WH = (420, 180)


class ComparedPictures(QFrame):
    """Two pictures side by side, or the later one over the earlier from a share of the width on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._before, self._after = QImage(), QImage()
        self._words = ("", "", "")
        self._curtain_percent: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def has_both(self) -> bool:
        return not self._before.isNull() and not self._after.isNull()

    def show_pictures(self, before: bytes, after: bytes, size_wh: tuple[int, int]) -> None:
        """Show two pictures.

        Args:
            before, after: grey levels row by row; empty for none.
        """
        self._before, self._after = (_make_image(grey, size_wh) for grey in (before, after))
        self.update()

    def show_words(self, before: str, after: str, missing: str) -> None:
        self._words = (before, after, missing)
        self.setAccessibleName(f"{before}, {after}")
        self.update()

    def draw_curtain(self, percent: int | None) -> None:
        """Show the later picture from this part of the width on, 0 to 100; None: side by side."""
        self._curtain_percent = percent
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(*_DEFAULT_WH)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(*_MIN_WH)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        inside = self.contentsRect().adjusted(4, 4, -4, -4)
        if self._curtain_percent is not None and self.has_both:
            self._paint_curtain(painter, inside, self._curtain_percent)
            return
        half = QSize((inside.width() - 8) // 2, inside.height())
        left = QRect(inside.topLeft(), half)
        right = QRect(left.right() + 9, inside.top(), half.width(), half.height())
        for image, words, area in (
            (self._before, self._words[0], left),
            (self._after, self._words[1], right),
        ):
            place = _fit(image, area)
            if image.isNull():
                painter.setPen(QColor(current_theme().text_muted))
                centred = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(area.adjusted(12, 12, -12, -12), centred, self._words[2])
            else:
                painter.drawImage(place, image)
                _paint_label(painter, place, words, is_left=True)

    def _paint_curtain(self, painter: QPainter, inside: QRect, percent: int) -> None:
        place = _fit(self._after, inside)
        x = place.left() + round(percent / 100 * place.width())
        painter.drawImage(place, self._after)
        painter.save()
        painter.setClipRect(QRect(place.left(), place.top(), x - place.left(), place.height()))
        painter.drawImage(place, self._before)
        painter.restore()
        painter.setPen(QPen(QColor(current_theme().accent), 2))
        painter.drawLine(x, place.top(), x, place.bottom())
        if percent > 0:
            _paint_label(painter, place, self._words[0], is_left=True)
        if percent < 100:
            _paint_label(painter, place, self._words[1], is_left=False)


def _make_image(grey: bytes, size_wh: tuple[int, int]) -> QImage:
    if not grey:
        return QImage()
    width, height = size_wh
    # a copy: the picture must not refer to the bytes that it was made of
    return QImage(grey, width, height, width, QImage.Format.Format_Grayscale8).copy()


def _fit(image: QImage, area: QRect) -> QRect:
    shape = image.size() if not image.isNull() else QSize(16, 9)
    place = QRect(area.topLeft(), shape.scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio))
    place.moveCenter(area.center())
    return place


def _paint_label(painter: QPainter, place: QRect, words: str, *, is_left: bool) -> None:
    box = painter.fontMetrics().boundingRect(words).adjusted(-6, -3, 6, 3)
    box.moveTopLeft(place.topLeft())
    if not is_left:
        box.moveRight(place.right())
    painter.fillRect(box, QColor(10, 14, 20, 190))
    painter.setPen(QColor("#ffffff"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


_SIZE_WH = (900, 620)
"""Window size that fits a screen of 1366x768 beside the task bar."""
_BLINK_MS = 700
_TABLE_HEIGHT_PX = 130


class MovedCameraDialog(QDialog):
    calibration_requested = Signal(str)
    """Name of the camera to calibrate anew, as its new view is intended."""

    def __init__(self, viewmodel: MovedCameraViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        camera = display_name(viewmodel.state.camera)
        self.setWindowTitle(tr("View of {camera}", camera=camera))
        self.resize(*_SIZE_WH)
        self.pictures = ComparedPictures(self)
        self._headline, self._shift, self._since, self._advice, self._note = (QLabel(self) for _ in range(5))
        style_labels("title", self._headline)
        style_labels("", self._shift, self._advice)
        style_labels("muted", self._since, self._note)
        self.curtain = QSlider(Qt.Orientation.Horizontal, self)
        self.curtain.setRange(0, 100)
        self.curtain.setValue(50)
        self.curtain.setAccessibleName(tr("From before to after"))
        self.over = self._add_check(tr("Overlay"))
        self.blink = self._add_check(tr("Blink"))
        self.table = TextTable(3, self, is_selectable=False)
        self.failure = FailureNote(self)
        self.close_button, self.undo_button = make_button(tr("Close"), self), make_button(tr("Undo"), self)
        self.ignore_button = make_button(tr("Moved back"), self)
        self.calibrate_button = make_button(tr("Calibrate again"), self)
        self.accept_button = make_button(tr("Accept realignment"), self)
        self.accept_button.setProperty("role", "primary")
        self._timer = QTimer(self)
        self._timer.setInterval(_BLINK_MS)
        self._is_after = False
        self._build()
        self._bind()
        self._render()

    def _add_check(self, text: str) -> QCheckBox:
        check = QCheckBox(text, self)
        check.setAccessibleName(text)
        return check

    def _build(self) -> None:
        theme = current_theme()
        self.table.setAccessibleName(tr("Positions at the middle of each zone"))
        self.table.setHorizontalHeaderLabels([tr("Zone"), tr("Now"), tr("After realignment")])
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.setFixedHeight(_TABLE_HEIGHT_PX)
        self.ignore_button.setToolTip(
            tr("The view is checked again automatically; the notice returns if it still differs.")
        )
        tools = fill(make_row(spacing=theme.space_m), self.over, (self.curtain, 1), self.blink)
        last = fill(make_row(spacing=theme.space_m), self.close_button, 1)
        for button in (self.undo_button, self.ignore_button, self.calibrate_button, self.accept_button):
            last.addWidget(button)
        column = make_column(
            self, margins=(theme.space_l, theme.space_m, theme.space_l, theme.space_m), spacing=theme.space_s
        )
        for label in (self._headline, self._shift, self._since):
            column.addWidget(label)
        fill(column, (self.pictures, 1), tools)
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
        self.curtain.valueChanged.connect(self._on_curtain_moved)
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
            show_text(label, text)
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
        self.table.show_rows([(row.zone, row.before, row.after) for row in rows])

    def _compare(self) -> None:
        if self.blink.isChecked():
            self.pictures.draw_curtain(0 if self._is_after else 100)
        else:
            self.pictures.draw_curtain(self.curtain.value() if self.over.isChecked() else None)

    def _on_curtain_moved(self) -> None:
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
