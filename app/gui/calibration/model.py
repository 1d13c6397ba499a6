"""View-models of one camera's calibration: its picture, plan and points, and the other methods."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np
from PySide6.QtCore import QObject, Signal

from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import CalibrationError
from analytics.domain.identifiers import CameraId
from analytics.domain.lens import compute_lens_of_data_sheet
from app.calibration.calibrate_camera import fit_lens, fit_walkers, store_calibrations
from app.calibration.calibration_preview import CalibrationPreview, preview_calibration
from app.calibration.chessboard_search import search_chessboard
from app.cameras.probe_camera import probe_camera
from app.core.change_set import ChangeSet
from app.core.credentials import CredentialStore, open_credential_store
from app.core.document import Venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport, describe_error
from app.gui.calibration.calibration_draft import (
    CalibrationDraft,
    CalibrationEditor,
    DraftHistory,
    FloorShape,
    UnsavedDrafts,
    list_points,
    make_draft,
)
from app.gui.calibration.calibration_state import (
    MIN_PLACING_POINTS,
    CalibrationState,
    describe_agreement,
    describe_consequence,
    describe_drawing,
    describe_lens,
    describe_pose,
    describe_shape,
    list_advice,
    list_rows,
)
from app.gui.calibration.walker_boxes import WalkerBoxes, WalkersPrior
from app.gui.session.app_state import AppState
from app.gui.session.calibration_picture import (
    Box,
    CameraPicture,
    FetchPicture,
    ProbeCamera,
    fetch_camera_picture,
)
from app.gui.session.job_runner import JobHandle, JobRunner
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import display_name, tr, trn
from app.gui.session.units import current_units
from app.gui.session.view_model import ViewModel
from app.plan.floor_scene import describe_floor
from vision.calibration.homography import MINIMUM_PAIRS
from vision.calibration.lens_distortion import MIN_LINE_DIAGONALS, MINIMUM_PAIRS_WITH_LENS, LensFit
from vision.calibration.pose_pairs import PosePairs, make_pose_pairs
from vision.calibration.pose_refinement import RefinedPose
from vision.pipeline.pipeline_status import PipelineStatus

MeasureDraft = Callable[[], CalibrationPreview]
"""Measures a draft; called in a worker thread."""


class CalibrationMeasurement:
    """Measurements one at a time; of requests made meanwhile only the last is run.

    Attributes:
        preview: latest result; None without one.
        failure: reason for no result.
    """

    def __init__(self, job_runner: JobRunner, on_changed: Callable[[], None]) -> None:
        self.preview: CalibrationPreview | None = None
        self.draft: CalibrationDraft | None = None
        self.failure: ErrorReport | None = None
        self._job_runner, self._on_changed = job_runner, on_changed
        self._next: tuple[CalibrationDraft, MeasureDraft] | None = None
        self._is_running = self._is_unwanted = self._is_closed = False

    @property
    def is_running(self) -> bool:
        return self._is_running

    def clear(self) -> None:
        self.preview = self.draft = self.failure = self._next = None
        self._is_unwanted = self._is_running

    def close(self) -> None:
        self._is_closed = True
        self.clear()

    def begin(self, draft: CalibrationDraft, measure: MeasureDraft) -> None:
        if self._is_running:
            self._next = (draft, measure)
            return
        self._is_running, self._is_unwanted = True, False
        self._job_runner.run(
            tr("Evaluating the calibration"),
            lambda _context: measure(),
            on_done=lambda preview: self._finish(draft, preview, None),
            on_failed=lambda report: self._finish(draft, None, report),
        )

    def _finish(
        self, draft: CalibrationDraft, preview: CalibrationPreview | None, failure: ErrorReport | None
    ) -> None:
        self._is_running = False
        if self._is_closed:
            return
        if not self._is_unwanted:
            self.preview, self.draft, self.failure = preview, draft, failure
        following, self._next = self._next, None
        if following is not None:
            self.begin(*following)
        self._on_changed()


class CalibrationMethods:
    """The calibration methods; each adds its points to the draft as one undo step.

    Attributes:
        found: description of the last result, and its draft.
    """

    def __init__(self, host: CalibrationViewModel, monitor: PipelineMonitor) -> None:
        self._host, self._monitor = host, monitor
        self._walkers: WalkerBoxes | None = None
        self._figures: WalkersPrior | None = None
        self._found: tuple[CalibrationDraft, str] | None = None
        monitor.updated.connect(self._on_updated)

    @property
    def is_collecting(self) -> bool:
        return self._walkers is not None

    @property
    def progress(self) -> float | None:
        """Progress of the collection; None without one."""
        return None if self._walkers is None else self._walkers.progress

    @property
    def busy(self) -> str:
        """Description of the work in progress; empty for none."""
        walkers = self._walkers
        if walkers is None:
            return ""
        people = trn("{n} person", "{n} people", walkers.walkers)
        return tr("Collecting walkers: {people}, {boxes} boxes", people=people, boxes=walkers.boxes)

    def describe_found(self, draft: CalibrationDraft) -> str:
        """Describe the result, while it is unchanged in the draft."""
        if self._found is None or self._found[0] != draft:
            return ""
        return self._found[1]

    def start_rectangle(self, width: float, depth: float, *, is_placed_by_points: bool) -> None:
        """Start clicking a rectangle's corners; its sides are in the window's unit."""
        units = current_units()
        size_m = (units.to_metres(width), units.to_metres(depth))
        self._host.editor.set_shape(FloorShape(size_m, is_placed_by_points=is_placed_by_points))

    def find_chessboard_on_floor(
        self, across: int, down: int, square: float, *, is_placed_by_points: bool
    ) -> None:
        """Find a board on the floor, and prompt for its place.

        Args:
            across, down: squares along the sides.
            square: its side in the unit that the window shows.
        """
        square_m = current_units().to_metres(square)

        def take(corners: np.ndarray) -> None:
            flat = tuple((float(u), float(v)) for u, v in corners.reshape(-1, 2))
            shape = FloorShape(
                (square_m, square_m), flat, corners.shape[1], is_placed_by_points=is_placed_by_points
            )
            self._host.editor.set_shape(shape)
            self._note(trn("{n} corner of the board found.", "{n} corners of the board found.", len(flat)))

        self._search(across, down, take)

    def find_held_chessboard(self, across: int, down: int) -> None:
        """Find a hand-held board, whose straight rows and columns determine the lens."""

        def take(corners: np.ndarray) -> None:
            editor = self._host.editor
            assert editor.frame_wh is not None
            min_length_px = MIN_LINE_DIAGONALS * math.hypot(*editor.frame_wh)
            edges = [*corners, *np.swapaxes(corners, 0, 1)]
            lines = tuple(
                tuple((float(u), float(v)) for u, v in edge)
                for edge in edges
                if np.linalg.norm(edge[-1] - edge[0]) >= min_length_px
            )
            if not lines:
                self._host.fail(
                    CalibrationError(
                        "The chessboard is too small in the picture to estimate the lens.",
                        "Hold it closer to the camera.",
                    )
                )
                return
            editor.do(replace(editor.draft, lines=editor.draft.lines + lines))
            self._note(
                tr(
                    "The board gave {count} straight lines. Hold it elsewhere, especially near the "
                    "corners of the picture, and search again; three to five pictures are enough for "
                    "the lens.",
                    count=len(lines),
                )
            )

        self._search(across, down, take)

    def start_walkers(self, figures: WalkersPrior) -> None:
        """Collect boxes of people from the recording until `finish_walkers` or enough are found."""
        editor = self._host.editor
        if editor.frame_wh is None or not self._monitor.is_active:
            self._host.fail(
                CalibrationError(
                    "This camera is not tracking anyone at the moment.",
                    "Start the recording, open this window again, and let people walk through.",
                )
            )
        elif len(editor.draft.pairs) < MIN_PLACING_POINTS:
            self._host.fail(
                CalibrationError(
                    "Walkers give the camera's height and tilt, but not its position.",
                    "First click two points, far apart, in the picture and on the plan.",
                )
            )
        else:
            self._walkers, self._figures = WalkerBoxes(editor.frame_wh), figures
            self._host.refresh()

    def finish_walkers(self) -> None:
        walkers, figures = self._walkers, self._figures
        self._walkers = None
        if walkers is None or figures is None:
            return
        camera, tracks = self._host.make_camera(), walkers.list_tracks()

        def work(_context: JobContext) -> tuple[RefinedPose, PosePairs]:
            refined = fit_walkers(
                camera,
                tracks,
                horizontal_fov_rad=math.radians(figures.horizontal_fov_deg),
                mean_height_m=figures.mean_height_m,
                mean_height_sigma_m=figures.mean_height_sigma_m,
                known=camera.pairs,
            )
            return refined, make_pose_pairs(refined, walkers.frame_wh)

        def take(result: tuple[RefinedPose, PosePairs]) -> None:
            refined, pairs = result
            editor = self._host.editor
            editor.do(
                replace(
                    editor.draft, points=list_points(pairs.pairs), pair_sigma_px=pairs.sigma_px, shape=None
                )
            )
            self._note(describe_pose(refined, walkers.walkers))

        self._host.begin(tr("Calibrating from walkers"), work, take)

    def close(self) -> None:
        self._walkers = None
        self._monitor.updated.disconnect(self._on_updated)

    def _search(self, across: int, down: int, take: Callable[[np.ndarray], None]) -> None:
        host = self._host
        fetch, people_xyxy = host.prepare_fetch(hides_people=False), host.list_people()

        def work(context: JobContext) -> tuple[CameraPicture, np.ndarray]:
            picture = fetch(context)
            corners = search_chessboard(
                picture.to_array(),
                frame_wh=host.editor.frame_wh or picture.frame_wh,
                squares_across=across,
                squares_down=down,
                context=context,
            )
            return picture.without_people(people_xyxy), corners

        def finish(result: tuple[CameraPicture, np.ndarray]) -> None:
            host.take_picture(result[0])
            take(result[1])

        host.begin(tr("Looking for the chessboard"), work, finish)

    def _note(self, words: str) -> None:
        self._found = (self._host.editor.draft, words)
        self._host.refresh()

    def _on_updated(self, status: PipelineStatus) -> None:
        walkers = self._walkers
        if walkers is None:
            return
        name = str(self._host.make_camera().name)
        found = next((camera for camera in status.cameras if camera.camera == name), None)
        if found is not None and walkers.add(found):
            if walkers.progress >= 1.0:
                self.finish_walkers()
            else:
                self._host.refresh()


T = TypeVar("T")


class CalibrationViewModel(ViewModel[CalibrationState]):
    """The view-model of one calibration window. Nothing is written before `save`."""

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
        drafts: UnsavedDrafts | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._venue, self._app_state = venue, app_state
        self._job_runner, self._monitor = job_runner, monitor
        self._open_credentials = open_credentials or open_credential_store
        self._probe = probe
        self._camera = venue.camera(camera).camera
        self._scene = describe_floor(venue, venue.geometry_at(None))
        self._saved = make_draft(self._camera)
        self._drafts = UnsavedDrafts() if drafts is None else drafts
        self.editor = CalibrationEditor(
            self._drafts.load(venue.folder, self._camera) or DraftHistory(self._saved),
            frame_wh=self._camera.frame_size_wh,
            on_edited=self._on_edited,
            on_selected=self.refresh,
            make_pairs=self._make_pairs,
            on_failed=self.fail,
        )
        self.methods = CalibrationMethods(self, monitor)
        self._measured = CalibrationMeasurement(job_runner, self.refresh)
        self._failure: ErrorReport | None = None
        self._is_closed = self._is_saving = False
        self._lens_fit: tuple[CalibrationDraft, LensFit] | None = None
        self._work: JobHandle | None = None
        self._busy = ""
        self._picture: CameraPicture | None = None
        self._state = self._compose()

    @property
    def is_measuring(self) -> bool:
        return self._measured.is_running

    def open(self) -> None:
        """Fetch a picture, and measure the existing points."""
        self.fetch_picture()
        self._measure()

    def close(self) -> None:
        """Close and drop the picture; unsaved points are kept for the next time."""
        self._drafts.store(self._venue.folder, self._camera, self.editor.history)
        self._is_closed = True
        self._measured.close()
        self.methods.close()
        self.stop()
        self._picture = None

    def stop(self) -> None:
        """Cancel the fetch; calibrate from the walkers collected so far."""
        if self.methods.is_collecting and not self._is_closed:
            self.methods.finish_walkers()
        elif self._work is not None and not self._is_saving:
            self._work.cancel()
            self._work = None
            self._busy = ""
            self.refresh()

    def fetch_picture(self) -> None:
        title = tr("Fetching a picture of {camera}", camera=display_name(str(self._camera.name)))
        self.begin(title, self.prepare_fetch(hides_people=True), self.take_picture)

    def prepare_fetch(self, *, hides_people: bool) -> FetchPicture:
        """Return a function that fetches a picture in a thread; one with visible people must not be shown."""
        name, venue = str(self._camera.name), self._venue
        recorded, people_xyxy = self._monitor.preview(name), self.list_people()

        def fetch(context: JobContext) -> CameraPicture:
            return fetch_camera_picture(
                name,
                venue=venue,
                recorded=recorded,
                people_xyxy=people_xyxy if hides_people else (),
                open_credentials=self._open_credentials,
                context=context,
                probe=self._probe,
            )

        return fetch

    def estimate_lens(self) -> None:
        """Estimate the lens that straightens the clicked lines and gives the best agreement of the points."""
        draft, camera = self.editor.draft, self.make_camera()
        lines = [np.array(line, np.float64) for line in draft.lines]

        def take(fit: LensFit) -> None:
            found = replace(draft, lens=fit.lens)
            self._lens_fit, self.editor.draws_line = (found, fit), False
            self.editor.do(found)

        self.begin(tr("Estimating the lens"), lambda _context: fit_lens(camera, lines), take)

    def set_data_sheet(self, *, focal_mm: float, sensor_width_mm: float, horizontal_fov_deg: float) -> None:
        if self.editor.frame_wh is None:
            return
        try:
            lens = compute_lens_of_data_sheet(
                focal_mm=focal_mm,
                sensor_width_mm=sensor_width_mm,
                horizontal_fov_rad=math.radians(horizontal_fov_deg),
                size_wh=self.editor.frame_wh,
            )
        except CalibrationError as error:
            self.fail(error)
        else:
            self.editor.set_lens(lens)

    def save(self) -> None:
        if not self._state.can_save:
            return
        draft, camera, folder = self.editor.draft, self.make_camera(), self._venue.folder

        def work(_context: JobContext) -> tuple[Venue, ChangeSet]:
            return store_calibrations(folder, [camera])

        def finish(result: tuple[Venue, ChangeSet]) -> None:
            self._is_saving = False
            changed, changes = result
            shown = self._app_state.venue
            if shown is not None and shown.folder == changed.folder:
                self._app_state.replace_venue(changed, changes, initiator=self)
            self._venue, self._camera = changed, camera
            self._saved = draft
            self.saved.emit(str(camera.name))

        self.begin(tr("Saving the calibration"), work, finish, is_saving=True)

    def make_camera(self) -> Camera:
        draft = self.editor.draft
        return replace(
            self._camera,
            pairs=draft.pairs,
            lens=draft.lens,
            pair_sigma_px=draft.pair_sigma_px,
            frame_size_wh=self.editor.frame_wh,
        )

    def _make_pairs(self, draft: CalibrationDraft, shape: FloorShape) -> tuple[PointPair, ...]:
        return shape.make_pairs(replace(self.make_camera(), pairs=draft.pairs))

    def list_people(self) -> list[Box]:
        """Return all people just detected in the recording's picture, counted or not."""
        status, name = self._monitor.status, self._camera.name
        found = None if status is None else next((c for c in status.cameras if c.camera == name), None)
        return [] if found is None else [*(track.xyxy for track in found.tracks), *found.found_xyxy]

    def fail(self, error: CalibrationError) -> None:
        self._failure = describe_error(error)
        self.refresh()

    def _on_edited(self) -> None:
        self._failure = None
        self._measure()

    def _measure(self) -> None:
        """Measure the points; while they move, as often as possible."""
        draft = self.editor.draft
        if self.editor.frame_wh is None or len(draft.pairs) < MINIMUM_PAIRS:
            self._measured.clear()
            self.refresh()
            return
        venue, former, picture = self._venue, self._camera, self._picture
        # what is said of it says its name
        camera = replace(self.make_camera(), name=CameraId(display_name(str(former.name))))

        def measure() -> CalibrationPreview:
            return preview_calibration(
                camera,
                plan=venue.plan,
                geometry=venue.geometry_at(None),
                former=former,
                picture=None if picture is None else picture.to_array(),
            )

        self._measured.begin(draft, measure)
        self.refresh()

    def take_picture(self, picture: CameraPicture) -> None:
        self._picture = picture
        if self.editor.frame_wh is None:
            self.editor.frame_wh = picture.frame_wh
        else:
            try:
                self._camera.scaled_to(picture.frame_wh)
            except CalibrationError as error:
                self._start_over(picture.frame_wh, describe_error(error))
        self._measure()

    def _start_over(self, size_wh: tuple[int, int], report: ErrorReport) -> None:
        self._failure = report
        if not self._camera.unobserved:
            self.editor.start_over(size_wh)

    def begin(
        self,
        words: str,
        work: Callable[[JobContext], T],
        on_done: Callable[[T], None],
        *,
        is_saving: bool = False,
    ) -> None:
        """Run work in a thread and show its description; only the last result is used."""
        if self._work is not None:
            self._work.cancel()

        def finish(result: T) -> None:
            self._work, self._busy = None, ""
            if not self._is_closed:
                on_done(result)
                self.refresh()

        def fail(report: ErrorReport) -> None:
            self._work, self._busy, self._failure, self._is_saving = None, "", report, False
            self.refresh()

        self._busy, self._failure, self._is_saving = words, None, is_saving
        self.refresh()
        handle = self._job_runner.run(words, work, on_done=finish, on_failed=fail)
        if not handle.is_finished:
            self._work = handle

    def refresh(self) -> None:
        """Recompute the state and emit it if it changed."""
        if self._is_closed:
            return
        self._set_state(self._compose())

    def _list_advice(self, draft: CalibrationDraft) -> tuple[str, ...]:
        if draft.shape is not None:
            return describe_shape(draft.shape)
        if self.editor.draws_line:
            return describe_drawing()
        return list_advice(draft, self._measured.preview, self._measured.failure)

    def _compose(self) -> CalibrationState:
        draft = self.editor.draft
        preview = self._measured.preview
        measured = self._measured.draft
        is_current = measured is not None and measured.calibration == draft.calibration
        is_changed = draft.calibration != self._saved.calibration
        failure = None if self._failure is None else self._failure.render(tr)
        selected = self.editor.selected
        floor = None if selected is None else draft.points[selected].floor
        units = current_units()
        is_recording = self._monitor.is_active
        is_removed = not draft.points and draft.shape is None and bool(self._saved.points)
        is_busy = bool(self._busy) or self.methods.is_collecting
        return CalibrationState(
            camera=str(self._camera.name),
            scene=self._scene,
            frame_wh=self.editor.frame_wh,
            picture=self._picture,
            points=list_rows(draft, preview, of=self._measured.draft),
            selected=selected,
            place=None if floor is None else (units.from_metres(floor[0]), units.from_metres(floor[1])),
            preview=preview,
            busy=self._busy or self.methods.busy,
            progress=self.methods.progress,
            shape=draft.shape,
            problem="" if failure is None else failure.problem,
            remedy="" if failure is None else failure.remedy,
            advice=self._list_advice(draft),
            summary="\n".join(
                words
                for words in (
                    self.methods.describe_found(draft),
                    ""
                    if preview is None
                    else describe_agreement(preview, are_clicked=draft.pair_sigma_px is None),
                )
                if words
            ),
            lens=describe_lens(draft, self._lens_fit),
            lines=draft.lines,
            draws_line=self.editor.draws_line,
            can_stop=not self._is_saving,
            consequence=describe_consequence(
                preview if is_changed else None,
                is_removed=is_changed and is_removed,
                is_recording=is_recording,
            ),
            has_lens=draft.lens is not None or bool(draft.lines),
            can_estimate_lens=(bool(draft.lines) or len(draft.pairs) >= MINIMUM_PAIRS_WITH_LENS)
            and self.editor.frame_wh is not None
            and not is_busy,
            can_undo=self.editor.history.can_undo,
            can_redo=self.editor.history.can_redo,
            can_save=is_changed
            and not is_busy
            and (is_removed or (preview is not None and is_current and draft.open_point is None)),
        )
