"""View-model of a moved or blind camera: pictures before and after, and a proposed realignment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Unpack

from PySide6.QtCore import Signal

from app.cameras.realign_camera import Realignment, accept_realignment, propose_realignment, undo_realignment
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import display_name, tr
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.gui.session.view_words import describe_problem, describe_remedy, describe_shift, describe_since
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
