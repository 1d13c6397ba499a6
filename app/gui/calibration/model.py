"""Calibrating one camera: its picture, the plan, points that are clicked in both, and what they give."""

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
from app.calibration.calibrate_camera import fit_lens, store_calibrations
from app.calibration.calibration_preview import CalibrationPreview, preview_calibration
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
    KeptDrafts,
    draft_camera,
)
from app.gui.calibration.calibration_state import CalibrationState, list_rows
from app.gui.calibration.calibration_ways_model import CalibrationWays
from app.gui.session.app_state import AppState
from app.gui.session.calibration_picture import (
    Box,
    CameraPicture,
    FetchPicture,
    ProbeCamera,
    fetch_camera_picture,
)
from app.gui.session.cell_text import format_share
from app.gui.session.job_runner import JobHandle, JobRunner
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import display_name, tr, translate_phrase, trn
from app.gui.session.units import current_units
from app.gui.session.view_model import ViewModel
from app.plan.floor_scene import describe_floor
from app.settings.paths import settings_folder
from vision.calibration.homography import MINIMUM_PAIRS
from vision.calibration.lens_distortion import MINIMUM_PAIRS_WITH_LENS, LensFit

_CM_PER_M = 100


def list_advice(
    draft: CalibrationDraft,
    preview: CalibrationPreview | None,
    failure: ErrorReport | None,
) -> tuple[str, ...]:
    """What to do next, the most urgent first.

    Args:
        failure: why the points give nothing.
    """
    opened, count = draft.open_point, len(draft.pairs)
    if opened is not None:
        if opened.floor is None:
            return (tr("Now click the same point on the plan."),)
        return (tr("Now click the same point in the picture."),)
    if count < MINIMUM_PAIRS:
        return (
            tr(
                "Click a point of the floor in the picture, such as the corner of a stand, and the same "
                "point on the plan. {count} of at least {least} are there; six or more are better.",
                count=count,
                least=MINIMUM_PAIRS,
            ),
        )
    if failure is not None:
        told = failure.render(tr)
        return (told.problem, told.remedy)
    if preview is None:
        return ()
    advice = [translate_phrase(phrase) for phrase in preview.report.warnings]
    advised = preview.advised
    if advised is not None:
        units = current_units()
        x_m, y_m = advised.place
        advice.append(
            tr(
                "Places of the floor in view are off by {before:.0f} cm on average. A point at the dashed "
                "ring, at {x:.1f}, {y:.1f} {unit}, helps most: {after:.0f} cm with it.",
                before=_CM_PER_M * advised.error_m,
                after=_CM_PER_M * advised.error_after_m,
                x=units.from_metres(x_m),
                y=units.from_metres(y_m),
                unit=units.symbol,
            )
        )
    return tuple(advice) or (tr("The points agree, and the floor in view is known to half a metre."),)


def describe_shape(shape: FloorShape) -> tuple[str, ...]:
    """What to click next of a rectangle or a chessboard."""
    if shape.needs_corner:
        return (
            tr(
                "Click the four corners of the rectangle in the picture, one after the other, as if walking "
                "round it. The side from the first to the second is {width:g} {unit} long, the next one "
                "{depth:g} {unit}. {count} of 4 are there.",
                width=round(current_units().from_metres(shape.size_m[0]), 3),
                depth=round(current_units().from_metres(shape.size_m[1]), 3),
                unit=current_units().symbol,
                count=len(shape.corners),
            ),
        )
    if shape.is_complete:
        return (tr("Take the last step back, or leave it in the menu of other ways."),)
    if not shape.anchors:
        return (tr("Now click on the plan where the corner lies that is ringed in the picture."),)
    return (
        tr(
            "Now click on the plan where the other ringed corner lies, or any place farther on along this "
            "side: it tells the direction."
        ),
    )


def describe_drawing() -> tuple[str, ...]:
    """What to do while lines are drawn for the lens."""
    return (
        tr(
            "Click along an edge that is straight in the hall, such as where floor and wall meet: at least "
            "three points, better eight. Long lines near the picture's borders tell most."
        ),
    )


def describe_agreement(preview: CalibrationPreview, *, are_clicked: bool) -> str:
    """How well the points agree, and how well the floor is known.

    Args:
        are_clicked: the points do not stand for a calibration of another kind.
    """
    report = preview.report
    if are_clicked:
        words = tr(
            "{rms:.1f} cm root mean square, clicked to {noise:.1f} pixels.",
            rms=_CM_PER_M * report.rms_m,
            noise=report.noise_px,
        )
    else:
        words = tr(
            "The points stand for what people told; it is as certain as they are to {noise:.1f} pixels.",
            noise=report.noise_px,
        )
    if report.floor_shares is None:
        return words
    good, fair = report.floor_shares
    shares = tr(
        "Of the floor in view, {good} is known to 0.2 m and {fair} to 0.5 m.",
        good=format_share(good),
        fair=format_share(fair),
    )
    return f"{words} {shares}"


def describe_lens(draft: CalibrationDraft, found: tuple[CalibrationDraft, LensFit] | None) -> str:
    """What is assumed of the lens; as it was estimated, also how straight its lines became."""
    if draft.lens is None:
        words = tr("Lens: straight lines are straight in the picture.")
        if draft.lines:
            words += " " + trn("{n} line is drawn.", "{n} lines are drawn.", len(draft.lines))
        return words
    if found is None or found[0].lens != draft.lens:
        return tr("Lens: distortion {division:.3f}.", division=draft.lens.division)
    fit = found[1]
    said = [
        tr(
            "Lens: distortion {division:.3f}, give or take {sigma:.3f}.",
            division=draft.lens.division,
            sigma=2 * fit.division_sigma,
        )
    ]
    if len(fit.line_rms_px):
        said.append(
            tr(
                "Lines off by {bent:.1f} pixels without a lens, {left:.1f} with it.",
                bent=float(fit.straight_line_rms_px.max()),
                left=float(fit.line_rms_px.max()),
            )
        )
    return " ".join(said)


def describe_consequence(
    preview: CalibrationPreview | None, *, is_saved: bool, is_removed: bool, is_recording: bool
) -> str:
    """What saving changes, or has changed."""
    if is_saved:
        first = tr("Saved.")
    elif is_removed:
        first = tr("Saving removes the calibration: this camera adds no places any more.")
    elif preview is None:
        return ""
    elif preview.moved_m is None:
        first = tr("Saving gives this camera its first calibration.")
    else:
        mean_m, most_m = preview.moved_m
        first = tr(
            "Saving moves what this camera sees by {mean:.0f} cm on average, {most:.0f} cm at most.",
            mean=_CM_PER_M * mean_m,
            most=_CM_PER_M * most_m,
        )
    then = (
        tr("It holds from the next start of the recording; what is recorded until then keeps its places.")
        if is_recording
        else tr("It holds for what is recorded from now on; what was recorded keeps its places.")
    )
    return f"{first} {then}"


MeasureDraft = Callable[[], CalibrationPreview]
"""Called in a worker thread."""


class CalibrationMeasurement:
    """One measurement at a time; of those asked for meanwhile only the last is made.

    Attributes:
        preview: what the points gave when they were last measured; None if they gave nothing.
        draft: which points those were.
        failure: why they gave nothing.
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
        """Whether a measurement is being made."""
        return self._is_running

    def clear(self) -> None:
        """There is nothing to measure."""
        self.preview = self.draft = self.failure = self._next = None
        self._is_unwanted = self._is_running

    def close(self) -> None:
        """Whatever still runs is of no interest."""
        self._is_closed = True
        self.clear()

    def begin(self, draft: CalibrationDraft, measure: MeasureDraft) -> None:
        """Measure a draft, or do so after what is being measured."""
        if self._is_running:
            self._next = (draft, measure)
            return
        self._is_running, self._is_unwanted = True, False
        self._job_runner.run(
            tr("Measuring the calibration"),
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


T = TypeVar("T")


class CalibrationViewModel(ViewModel[CalibrationState]):
    """One for each time that a camera is calibrated. Nothing is written before `save`.

    Attributes:
        editor: takes what is done to the points.
        ways: makes points otherwise than by clicking them.
    """

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
        self._saved = draft_camera(self._camera)
        self._drafts = KeptDrafts() if drafts is None else drafts
        self.editor = CalibrationEditor(
            self._drafts.recall(venue.folder, self._camera) or DraftHistory(self._saved),
            frame_wh=self._camera.frame_size_wh,
            on_edited=self._on_edited,
            on_selected=self.refresh,
            make_pairs=self._make_pairs,
            on_failed=self.fail,
        )
        self.ways = CalibrationWays(self, monitor)
        self._was_saved = False
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
        """Whether what the points give is being found out."""
        return self._measured.is_running

    def open(self) -> None:
        """Fetch a picture, and say what the points that are there already give."""
        self.fetch_picture()
        self._measure()

    def close(self) -> None:
        """Leave; the picture is forgotten, and what was not saved is kept for the next time."""
        self._drafts.keep(self._venue.folder, self._camera, self.editor.history)
        self._is_closed = True
        self._measured.close()
        self.ways.close()
        self.stop()
        self._picture = None

    def stop(self) -> None:
        """Leave what is being fetched; of people who walk by, make what can be made of those seen so far."""
        if self.ways.is_collecting and not self._is_closed:
            self.ways.finish_walkers()
        elif self._work is not None and not self._is_saving:
            self._work.cancel()
            self._work = None
            self._busy = ""
            self.refresh()

    def fetch_picture(self) -> None:
        """Take the newest picture of the recording, or ask the camera for one."""
        title = tr("Fetching a picture of {camera}", camera=display_name(str(self._camera.name)))
        self.begin(title, self.prepare_fetch(hides_people=True), self.take_picture)

    def prepare_fetch(self, *, hides_people: bool) -> FetchPicture:
        """What fetches a picture, in another thread; with people as they are it is not to be shown."""
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
        """Find the lens that makes the clicked lines straight, and with which the points agree best."""
        draft, camera = self.editor.draft, self.make_camera()
        lines = [np.array(line, np.float64) for line in draft.lines]

        def take(fit: LensFit) -> None:
            found = replace(draft, lens=fit.lens)
            self._lens_fit, self.editor.draws_line = (found, fit), False
            self.editor.do(found)

        self.begin(tr("Estimating the lens"), lambda _context: fit_lens(camera, lines), take)

    def take_data_sheet(self, *, focal_mm: float, sensor_width_mm: float, horizontal_fov_deg: float) -> None:
        """Take the lens from three figures of its data sheet."""
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
        """Write the calibration into the venue."""
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
            self._saved, self._was_saved = draft, True
            self.saved.emit(str(camera.name))
            self._measure()

        self.begin(tr("Saving the calibration"), work, finish, is_saving=True)

    def make_camera(self) -> Camera:
        """The camera as it is drafted."""
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
        """Everybody who was just found in the recording's picture, counted or not."""
        status, name = self._monitor.status, self._camera.name
        found = None if status is None else next((c for c in status.cameras if c.camera == name), None)
        return [] if found is None else [*(track.xyxy for track in found.tracks), *found.found_xyxy]

    def fail(self, error: CalibrationError) -> None:
        """Say what went wrong."""
        self._failure = describe_error(error)
        self.refresh()

    def _on_edited(self) -> None:
        self._failure = None
        self._measure()

    def _measure(self) -> None:
        """Say what the points give; while they move, as often as it can be found out."""
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
        """Show a picture in which people are hidden."""
        self._picture = picture
        if self.editor.frame_wh is None:
            self.editor.frame_wh = picture.frame_wh
        else:
            try:
                self._camera.scaled_to(picture.frame_wh)
            except CalibrationError as error:
                self._begin_anew(picture.frame_wh, describe_error(error))
        self._measure()

    def _begin_anew(self, size_wh: tuple[int, int], report: ErrorReport) -> None:
        """The pictures have another shape: former points mean nothing in them."""
        self._failure = report
        if not self._camera.unobserved:
            self.editor.begin_anew(size_wh)

    def begin(
        self,
        words: str,
        work: Callable[[JobContext], T],
        on_done: Callable[[T], None],
        *,
        is_saving: bool = False,
    ) -> None:
        """Do work in another thread and say so; only the last that was begun is of interest."""
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
        """Say what is otherwise than before."""
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
        is_busy = bool(self._busy) or self.ways.is_collecting
        return CalibrationState(
            camera=str(self._camera.name),
            scene=self._scene,
            frame_wh=self.editor.frame_wh,
            picture=self._picture,
            points=list_rows(draft, preview, of=self._measured.draft),
            selected=selected,
            place=None if floor is None else (units.from_metres(floor[0]), units.from_metres(floor[1])),
            preview=preview,
            busy=self._busy or self.ways.busy,
            progress=self.ways.progress,
            shape=draft.shape,
            problem="" if failure is None else failure.problem,
            remedy="" if failure is None else failure.remedy,
            advice=self._list_advice(draft),
            summary="\n".join(
                words
                for words in (
                    self.ways.describe_found(draft),
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
                is_saved=self._was_saved and not is_changed,
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
