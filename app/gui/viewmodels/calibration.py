"""Calibrating one camera: its picture, the plan, points that are clicked in both, and what they give."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from analytics.domain.camera import Camera
from analytics.domain.errors import CalibrationError
from analytics.domain.identifiers import CameraId
from app.error_reporting import ErrorReport, describe_error
from app.gui.app_state import AppState
from app.gui.job_runner import JobHandle, JobRunner
from app.gui.pipeline_monitor import PipelineMonitor
from app.gui.translation import display_name, tr
from app.gui.units import current_units
from app.gui.viewmodels.calibration_draft import (
    CalibrationDraft,
    DraftHistory,
    KeptDrafts,
    Point,
    draft_pairs,
)
from app.gui.viewmodels.calibration_picture import CameraPicture, ProbeCamera, fetch_camera_picture
from app.gui.viewmodels.calibration_state import CalibrationState, list_rows
from app.gui.viewmodels.calibration_words import (
    describe_agreement,
    describe_consequence,
    describe_lens,
    list_advice,
)
from app.jobs.job import JobContext
from app.operations.calibrate_camera import fit_lens, store_calibrations
from app.operations.calibration_preview import CalibrationPreview, preview_calibration
from app.operations.change_set import ChangeSet
from app.operations.floor_scene import describe_floor
from app.operations.probe_camera import probe_camera
from app.settings.paths import settings_folder
from app.venue.credentials import CredentialStore, open_credential_store
from app.venue.document import Venue
from vision.calibration.homography import MINIMUM_PAIRS
from vision.calibration.lens_distortion import MINIMUM_PAIRS_WITH_LENS, LensFit

T = TypeVar("T")


class CalibrationViewModel(QObject):
    """One for each time that a camera is calibrated. Nothing is written before `save`."""

    state_changed = Signal()
    saved = Signal(str)
    """The camera's name."""

    def __init__(
        self,
        camera: str,
        *,
        venue: Venue,
        app_state: AppState,
        job_runner: JobRunner,
        monitor: PipelineMonitor,
        open_credentials: Callable[[], CredentialStore] | None = None,
        probe: ProbeCamera = probe_camera,
        drafts: KeptDrafts | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._venue, self._app_state = venue, app_state
        self._job_runner, self._monitor = job_runner, monitor
        self._open_credentials = open_credentials or (lambda: open_credential_store(settings_folder()))
        self._probe = probe
        self._camera = venue.camera(camera).camera
        self._scene = describe_floor(venue, venue.geometry_at(None))
        self._frame_wh = self._camera.frame_size_wh
        self._saved = draft_pairs(self._camera.pairs, self._camera.lens)
        self._drafts = KeptDrafts() if drafts is None else drafts
        self._history = self._drafts.recall(venue.folder, self._camera) or DraftHistory(self._saved)
        self._was_saved = False
        self._preview: CalibrationPreview | None = None
        self._preview_of: CalibrationDraft | None = None
        self._unfit: ErrorReport | None = None
        self._failure: ErrorReport | None = None
        self._is_previewing = self._is_outdated = self._is_closed = False
        self._work: JobHandle | None = None
        self._busy = ""
        self._selected: int | None = None
        self._picture: CameraPicture | None = None
        self._state = self._compose()

    @property
    def state(self) -> CalibrationState:
        """What the window shows."""
        return self._state

    @property
    def is_measuring(self) -> bool:
        """Whether what the points give is being found out."""
        return self._is_previewing

    def open(self) -> None:
        """Fetch a picture, and say what the points that are there already give."""
        self.fetch_picture()
        self._measure()

    def close(self) -> None:
        """Leave; the picture is forgotten, and what was not saved is kept for the next time."""
        self._drafts.keep(self._venue.folder, self._camera, self._history)
        self._is_closed = True
        self.stop()
        self._picture = None

    def stop(self) -> None:
        """Leave what is being fetched."""
        if self._work is not None:
            self._work.cancel()
            self._work = None
            self._busy = ""
            self._refresh()

    def fetch_picture(self) -> None:
        """Take the newest picture of the recording, or ask the camera for one."""
        name, venue = str(self._camera.name), self._venue
        recorded = self._monitor.preview(name)
        title = tr("Fetching a picture of {camera}", camera=display_name(name))

        def work(context: JobContext) -> CameraPicture:
            return fetch_camera_picture(
                name,
                venue=venue,
                recorded=recorded,
                open_credentials=self._open_credentials,
                context=context,
                probe=self._probe,
            )

        self._begin(title, work, self._on_picture)

    def click_picture(self, pixel: Point) -> None:
        """A place in the picture was clicked."""
        if self._frame_wh is not None:
            self._do(self._history.draft.with_pixel(self._limit(pixel)))
            self._select_last()

    def click_plan(self, floor: Point) -> None:
        """A place on the plan was clicked."""
        self._do(self._history.draft.with_floor(floor))
        self._select_last()

    def select(self, index: int | None) -> None:
        """Show one point's figures, and let keys move it."""
        self._selected = index
        self._refresh()

    def move_pixel(self, index: int, pixel: Point, *, gesture: Hashable = None) -> None:
        """Move a point in the picture."""
        self._replace(index, gesture=gesture, pixel=self._limit(pixel))

    def move_floor(self, index: int, floor: Point, *, gesture: Hashable = None) -> None:
        """Move a point on the floor."""
        self._replace(index, gesture=gesture, floor=floor)

    def nudge_pixel(self, index: int, by: Point) -> None:
        """Move a point in the picture a little; such steps are undone together."""
        pixel = self._history.draft.points[index].pixel
        if pixel is not None:
            self.move_pixel(index, (pixel[0] + by[0], pixel[1] + by[1]), gesture=("nudge pixel", index))

    def nudge_floor(self, index: int, by: Point) -> None:
        """Move a point on the floor a little; such steps are undone together."""
        floor = self._history.draft.points[index].floor
        if floor is not None:
            self.move_floor(index, (floor[0] + by[0], floor[1] + by[1]), gesture=("nudge floor", index))

    def enter_place(self, place: Point) -> None:
        """The selected point's place was typed, in the unit that the window shows."""
        if self._selected is not None:
            units = current_units()
            self.move_floor(self._selected, (units.to_metres(place[0]), units.to_metres(place[1])))

    def enter_pixel(self, pixel: Point) -> None:
        """The selected point's pixel was typed."""
        if self._selected is not None:
            self.move_pixel(self._selected, pixel)

    def remove(self, index: int) -> None:
        """Take a point away."""
        draft = self._history.draft
        if 0 <= index < len(draft.points):
            left = len(draft.points) - 1
            self._selected = min(index, left - 1) if left else None
            self._do(draft.without(index))

    def remove_selected(self) -> None:
        """Take the selected point away."""
        if self._selected is not None:
            self.remove(self._selected)

    def undo(self) -> None:
        """Take the last step back."""
        self._history.undo()
        self._on_draft_changed()

    def redo(self) -> None:
        """Do again what was taken back."""
        self._history.redo()
        self._on_draft_changed()

    def clear_lens(self) -> None:
        """Take straight lines for straight."""
        self._do(replace(self._history.draft, lens=None))

    def estimate_lens(self) -> None:
        """Find the lens with which the points agree best."""
        draft, camera = self._history.draft, self._make_camera()

        def take(fit: LensFit) -> None:
            self._do(replace(draft, lens=fit.lens))

        self._begin(tr("Estimating the lens"), lambda _context: fit_lens(camera, ()), take)

    def save(self) -> None:
        """Write the calibration into the venue."""
        if not self._state.can_save:
            return
        draft, camera, folder = self._history.draft, self._make_camera(), self._venue.folder

        def work(_context: JobContext) -> tuple[Venue, ChangeSet]:
            return store_calibrations(folder, [camera])

        def finish(result: tuple[Venue, ChangeSet]) -> None:
            changed, changes = result
            shown = self._app_state.venue
            if shown is not None and shown.folder == changed.folder:
                self._app_state.replace_venue(changed, changes, initiator=self)
            self._venue, self._camera = changed, camera
            self._saved, self._was_saved = draft, True
            self.saved.emit(str(camera.name))
            self._measure()

        self._begin(tr("Saving the calibration"), work, finish)

    def _make_camera(self) -> Camera:
        draft = self._history.draft
        return replace(self._camera, pairs=draft.pairs, lens=draft.lens, frame_size_wh=self._frame_wh)

    def _limit(self, pixel: Point) -> Point:
        width, height = self._frame_wh or (0, 0)
        return min(max(pixel[0], 0.0), float(width)), min(max(pixel[1], 0.0), float(height))

    def _replace(self, index: int, *, gesture: Hashable, **place: Point) -> None:
        draft = self._history.draft
        if 0 <= index < len(draft.points):
            self._selected = index
            self._do(draft.with_point(index, replace(draft.points[index], **place)), gesture=gesture)

    def _do(self, draft: CalibrationDraft, *, gesture: Hashable = None) -> None:
        self._history.do(draft, gesture=gesture)
        self._on_draft_changed()

    def _select_last(self) -> None:
        self.select(len(self._history.draft.points) - 1)

    def _on_draft_changed(self) -> None:
        self._failure = None
        count = len(self._history.draft.points)
        if self._selected is not None and self._selected >= count:
            self._selected = count - 1 if count else None
        self._measure()

    def _measure(self) -> None:
        """Say what the points give; while they move, as often as it can be found out."""
        draft = self._history.draft
        if self._frame_wh is None or len(draft.pairs) < MINIMUM_PAIRS:
            self._preview = self._preview_of = self._unfit = None
            self._is_outdated = self._is_previewing
            self._refresh()
            return
        if self._is_previewing:
            self._is_outdated = True
            self._refresh()
            return
        venue, former, picture = self._venue, self._camera, self._picture
        # what is said of it says its name
        camera = replace(self._make_camera(), name=CameraId(display_name(str(former.name))))

        def work(_context: JobContext) -> CalibrationPreview:
            return preview_calibration(
                camera,
                plan=venue.plan,
                geometry=venue.geometry_at(None),
                former=former,
                picture=None if picture is None else picture.to_array(),
            )

        def finish(preview: CalibrationPreview | None, unfit: ErrorReport | None) -> None:
            self._is_previewing = False
            if self._is_closed:
                return
            is_outdated, self._is_outdated = self._is_outdated, False
            if len(self._history.draft.pairs) >= MINIMUM_PAIRS:
                self._preview, self._preview_of, self._unfit = preview, draft, unfit
            if is_outdated:
                self._measure()
            else:
                self._refresh()

        self._is_previewing = True
        self._refresh()
        self._job_runner.run(
            tr("Measuring the calibration"),
            work,
            on_done=lambda preview: finish(preview, None),
            on_failed=lambda report: finish(None, report),
        )

    def _on_picture(self, picture: CameraPicture) -> None:
        self._picture = picture
        if self._frame_wh is None:
            self._frame_wh = picture.frame_wh
        else:
            try:
                self._camera.scaled_to(picture.frame_wh)
            except CalibrationError as error:
                self._begin_anew(picture.frame_wh, describe_error(error))
        self._measure()

    def _begin_anew(self, size_wh: tuple[int, int], report: ErrorReport) -> None:
        """The pictures have another shape: former points mean nothing in them."""
        self._failure = report
        if not self._camera.mask:
            self._frame_wh = size_wh
            self._history = DraftHistory(CalibrationDraft())

    def _begin(self, words: str, work: Callable[[JobContext], T], on_done: Callable[[T], None]) -> None:
        if self._work is not None:
            self._work.cancel()

        def finish(result: T) -> None:
            self._work, self._busy = None, ""
            if not self._is_closed:
                on_done(result)
                self._refresh()

        def fail(report: ErrorReport) -> None:
            self._work, self._busy, self._failure = None, "", report
            self._refresh()

        self._busy, self._failure = words, None
        self._refresh()
        handle = self._job_runner.run(words, work, on_done=finish, on_failed=fail)
        if not handle.is_finished:
            self._work = handle

    def _refresh(self) -> None:
        if self._is_closed:
            return
        state = self._compose()
        if state != self._state:
            self._state = state
            self.state_changed.emit()

    def _compose(self) -> CalibrationState:
        draft = self._history.draft
        is_current = self._preview is not None and self._preview_of == draft
        is_changed = draft != self._saved
        failure = None if self._failure is None else self._failure.tell_again(tr)
        selected = self._selected
        floor = None if selected is None else draft.points[selected].floor
        units = current_units()
        is_recording = self._monitor.is_active
        return CalibrationState(
            camera=str(self._camera.name),
            scene=self._scene,
            frame_wh=self._frame_wh,
            picture=self._picture,
            points=list_rows(draft, self._preview, of=self._preview_of),
            selected=selected,
            place=None if floor is None else (units.from_metres(floor[0]), units.from_metres(floor[1])),
            preview=self._preview,
            busy=self._busy,
            problem="" if failure is None else failure.problem,
            remedy="" if failure is None else failure.remedy,
            advice=list_advice(draft, self._preview, self._unfit),
            summary="" if self._preview is None else describe_agreement(self._preview),
            lens=describe_lens(draft.lens),
            consequence=describe_consequence(
                self._preview if is_changed else None,
                is_saved=self._was_saved and not is_changed,
                is_recording=is_recording,
            ),
            has_lens=draft.lens is not None,
            can_estimate_lens=len(draft.pairs) >= MINIMUM_PAIRS_WITH_LENS and not self._busy,
            can_undo=self._history.can_undo,
            can_redo=self._history.can_redo,
            can_save=is_current and is_changed and draft.open_point is None and not self._busy,
        )
