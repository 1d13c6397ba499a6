"""View-model of the validation page: consent, clips, labels and results."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError
from analytics.domain.identifiers import CameraId
from analytics.evaluation.clip_labels import Clip
from app.core.job import JobCancelled, JobContext
from app.core.number_words import NONE, make_translator
from app.error_reporting import ErrorReport, describe_error
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.notification import Notification
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import current_language, tr, trn
from app.gui.session.view_model import ComposedViewModel
from app.gui.validation.clip_labelling_model import ClipLabellingViewModel
from app.gui.validation.text import (
    RecordingChoices,
    ResultFigure,
    ValidationResults,
    ValidationState,
    ValidationStep,
    describe_collecting,
    describe_comparison,
    describe_leftovers,
    describe_needed,
    describe_progress,
    describe_storage,
    describe_unfinished,
    list_recordings,
    list_waiting,
    measure_progress,
    name_clip,
)
from app.gui.validation.validation_session import ValidationComparison, ValidationSession
from app.validation.validation_certificate import (
    Certificate,
    describe_conditions,
    describe_figures,
    describe_missing,
    describe_quality,
    describe_row,
    list_headings,
)
from app.validation.validation_clips import ClipStore
from app.validation.validation_draft import ClipDraft
from app.validation.validation_labels import ValidationLabels
from app.validation.validation_recorded import (
    Recording,
    capture_clip,
    capture_recorded_clips,
    count_open_clips,
    draw_recorded_clips,
)
from vision.pipeline.frame_slots import FramePreview
from vision.pipeline.messages import CameraState

POLL_EVERY_MS = 500
END_WITHIN_S = 2.0
DrawClip = Callable[[Sequence[CameraId]], Clip | None]
"""Draws the clip that begins now, given the people in view of each camera; None if none is needed."""


class ClipCapture(QObject):
    """Capture of clips from live cameras, in a thread of its own, as jobs must be short."""

    changed = Signal()
    """Capture started, stopped or progressed."""
    taken = Signal(object)
    """A `Clip` that is ready for labelling."""
    failed = Signal(object)
    """An `ErrorReport`; capture stops until it is started again."""

    _ended = Signal(object, object, object)

    def __init__(
        self, *, monitor: PipelineMonitor, clock: Clock | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._monitor, self._clock = monitor, clock or SystemClock()
        self._store: ClipStore | None = None
        self._draw: DrawClip | None = None
        self._clip: Clip | None = None
        self._done_s = 0.0
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_EVERY_MS)
        self._timer.timeout.connect(self.refresh)
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    @property
    def is_active(self) -> bool:
        return self._timer.isActive()

    @property
    def clip(self) -> Clip | None:
        return self._clip

    @property
    def done_s(self) -> float:
        """Captured seconds of it."""
        return self._done_s

    def start(self, store: ClipStore, draw: DrawClip) -> None:
        self._store, self._draw = store, draw
        self._timer.start()
        self.refresh()
        self.changed.emit()

    def stop(self) -> None:
        """Stop; an incomplete clip is dropped."""
        self._timer.stop()
        self._cancelled.set()
        if self._thread is not None:
            self._thread.join(END_WITHIN_S)
        self._thread, self._clip, self._store = None, None, None
        self.changed.emit()

    def refresh(self) -> None:
        """Start the next clip if one is needed and none is being captured."""
        store, draw = self._store, self._draw
        if store is None or draw is None:
            return
        if self._clip is None:
            cameras = self._list_cameras()
            clip = draw(cameras) if cameras else None
            preview = None if clip is None else self._monitor.preview(str(clip.camera))
            if clip is not None and preview is not None:
                self._begin(store, clip, preview)
        self.changed.emit()

    def _list_cameras(self) -> list[CameraId]:
        status = self._monitor.status
        if status is None or not self._monitor.is_active or self._monitor.is_stopping:
            return []
        return [
            camera.camera
            for camera in status.cameras
            if camera.state is CameraState.STREAMING and camera.analysed
        ]

    def _begin(self, store: ClipStore, clip: Clip, watched: FramePreview) -> None:
        self._clip, self._done_s = clip, 0.0
        self._cancelled = cancelled = threading.Event()

        def note(done_s: float, total_s: float) -> None:
            if total_s:
                self._done_s = done_s

        def work() -> None:
            error: BaseException | None = None
            try:
                capture_clip(
                    store,
                    clip,
                    watched,
                    now_utc_s=self._clock.now_utc_s,
                    wait=cancelled.wait,
                    context=JobContext(is_cancelled=cancelled.is_set, on_progress=note),
                )
            except BaseException as raised:
                error = raised
            self._ended.emit(cancelled, clip, error)

        self._thread = threading.Thread(target=work, name="clip", daemon=True)
        self._thread.start()

    @Slot(object, object, object)
    def _on_ended(self, cancelled: threading.Event, clip: Clip, error: BaseException | None) -> None:
        if cancelled is not self._cancelled or cancelled.is_set():
            return
        self._clip, self._thread = None, None
        if error is None:
            self.taken.emit(clip)
        elif not isinstance(error, JobCancelled):
            self._timer.stop()
            self.failed.emit(describe_error(error, translate=tr))
        self.changed.emit()


T = TypeVar("T")
RECORDING_KEY = "validation recording"
SPREAD_S = 4 * 3600.0
"""Time over which clips of live cameras are spread at random."""


class ValidationSampling(QObject):
    """Random sampling of clips that are still needed; ``busy`` describes reading in progress."""

    changed = Signal()
    taken = Signal()
    """Clips are ready for labelling."""
    failed = Signal(object)
    """An `ErrorReport`."""

    def __init__(
        self,
        session: ValidationSession,
        *,
        job_runner: JobRunner,
        monitor: PipelineMonitor,
        clock: Clock,
        chance: random.Random,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._job_runner = session, job_runner
        self._monitor, self._clock, self._chance = monitor, clock, chance
        self.collection = ClipCapture(monitor=monitor, clock=clock, parent=self)
        self._busy: Callable[[], str] | None = None
        self._next_utc_s = 0.0
        self.collection.changed.connect(self.changed)
        self.collection.taken.connect(lambda _clip: self.taken.emit())
        self.collection.failed.connect(self._on_failed)
        session.clips_removed.connect(self._on_clips_removed)

    @property
    def busy(self) -> str:
        """Description of the reading in progress, translated; empty for none."""
        return "" if self._busy is None else self._busy()

    @property
    def is_recording(self) -> bool:
        return self._monitor.is_active and not self._monitor.is_stopping and self._monitor.status is not None

    @property
    def waiting(self) -> tuple[Clip, ...]:
        """Unlabelled clips that exist or are being captured."""
        clip = self.collection.clip
        return self._session.unlabelled if clip is None else (*self._session.unlabelled, clip)

    def collect(self, is_on: bool) -> None:
        """Start or stop capturing clips from live cameras."""
        store = self._session.store
        if is_on and store is not None and self._session.labels is not None:
            self._next_utc_s = 0.0
            self.collection.start(store, self._draw)
        else:
            self.collection.stop()

    def capture_from_recording(self, recording: Recording) -> None:
        """Extract the needed clips from an analysed recording."""
        session, waiting, chance = self._session, self.waiting, self._chance
        venue, labels, store = session.venue, session.labels, session.store
        if venue is None or labels is None or store is None:
            return

        def work(context: JobContext) -> int:
            clips = draw_recorded_clips(venue, labels, recording, waiting=waiting, draw=chance)
            camera = venue.camera(recording.camera).camera
            return capture_recorded_clips(store, clips, recording, camera, context=context)

        file = recording.file.name
        self._run(
            RECORDING_KEY,
            lambda: tr("Extracting clips from {file}", file=file),
            work,
            lambda _kept: self.taken.emit(),
        )

    def stop(self) -> None:
        """Cancel the reading; complete clips are kept."""
        self._job_runner.cancel(RECORDING_KEY)
        self._busy = None
        self.changed.emit()

    def _run(
        self,
        key: str,
        title: Callable[[], str],
        work: Callable[[JobContext], T],
        on_done: Callable[[T], object],
    ) -> None:
        self._busy = title

        def end(result: T) -> None:
            self._busy = None
            on_done(result)
            self.changed.emit()

        self._job_runner.run_latest(key, title, work, on_done=end, on_failed=self._on_failed)
        self.changed.emit()

    def _draw(self, cameras: Sequence[CameraId]) -> Clip | None:
        """Return the next clip, of a random camera, after a random pause; None before, or without any."""
        session, now_utc_s = self._session, self._clock.now_utc_s()
        if session.venue is None or session.labels is None or now_utc_s < self._next_utc_s:
            return None
        labels, known = session.labels, session.venue.camera_names
        candidates = sorted(camera for camera in cameras if camera in known)
        if not candidates or not count_open_clips(labels, self.waiting):
            return None
        end_s = now_utc_s + labels.clip_s
        self._next_utc_s = end_s + self._chance.expovariate(labels.wanted_clips / SPREAD_S)
        return Clip(self._chance.choice(candidates), now_utc_s, end_s)

    def _on_clips_removed(self) -> None:
        self.collection.stop()
        self.stop()

    def _on_failed(self, report: ErrorReport) -> None:
        self._busy = None
        self.failed.emit(report)
        self.changed.emit()


def make_results(certificate: Certificate, labels: ValidationLabels | None) -> ValidationResults:
    """Make the certificate's numbers, cameras and missing quantities, translated."""
    translate = make_translator(current_language())
    missing = []
    still = 0 if labels is None else labels.wanted_clips - len(labels.clips)
    if still > 0:
        missing.append(trn("{n} more clip is to be labelled.", "{n} more clips are to be labelled.", still))
    skipped = 0 if labels is None else len(labels.skipped)
    notes = [*describe_quality(certificate, translate), *describe_conditions(certificate, translate)]
    if skipped:
        notes.append(trn("{n} clip was skipped.", "{n} clips were skipped.", skipped))
    cameras = (certificate.total, *certificate.cameras)
    return ValidationResults(
        figures=tuple(
            ResultFigure(figure.name, figure.value or NONE, figure.interval, figure.basis)
            for figure in describe_figures(certificate, translate)
        ),
        headings=list_headings(translate),
        rows=tuple(describe_row(camera, translate) for camera in cameras),
        missing=(*missing, *describe_missing(certificate, translate)),
        notes=tuple(notes),
        certificate=certificate,
    )


class ValidationViewModel(ComposedViewModel[ValidationState]):
    """The validation page; counts of the system stay hidden until a clip is finished."""

    notified = Signal(object)
    """A `Notification` about removed leftovers of an earlier run."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        monitor: PipelineMonitor,
        models_folder: Path,
        clock: Clock | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        clock = clock or SystemClock()
        self.session = ValidationSession(app_state=app_state, job_runner=job_runner, clock=clock, parent=self)
        self.labelling = ClipLabellingViewModel(clock=clock, parent=self)
        self.sampling = ValidationSampling(
            self.session,
            job_runner=job_runner,
            monitor=monitor,
            clock=clock,
            chance=random.SystemRandom(),
            parent=self,
        )
        self.comparison = ValidationComparison(
            self.session, job_runner=job_runner, clock=clock, models_folder=models_folder, parent=self
        )
        self._app_state = app_state
        self._step = ValidationStep.CONSENT
        self._failure: ErrorReport | None = None
        self._state = ValidationState()
        self.labelling.labelled.connect(self.session.save_draft)
        self.labelling.finished.connect(self._on_finished)
        self.labelling.skipped.connect(self._on_skipped)
        self.session.clips_removed.connect(self._on_clips_removed)
        self.session.leftovers_removed.connect(self._on_leftovers_removed)
        self.sampling.taken.connect(self._on_taken)
        for part in (self.session, self.sampling, self.comparison):
            part.failed.connect(self._show_error)
            part.changed.connect(self.refresh)
        app_state.venue_opened.connect(self._on_venue_opened)
        app_state.changed.connect(lambda _changes, _initiator: self.refresh())
        monitor.started.connect(self.refresh)
        monitor.stopped.connect(self.refresh)
        self._on_venue_opened()

    def show_step(self, step: ValidationStep) -> None:
        self._step, self._failure = step, None
        self.labelling.playback.stop()
        if step is ValidationStep.LABEL and self.labelling.clip is None:
            self.open_next_clip()
        if step is ValidationStep.RESULTS:
            self.comparison.compute()
        self.refresh()

    def consent(self, *, given_by: str, labelled_by: str, in_file: bool) -> bool:
        """Store the consent, like `ValidationSession.consent`, and continue; False with a message."""
        failure = self.session.consent(given_by=given_by, labelled_by=labelled_by, in_file=in_file)
        if failure is not None:
            self._show_error(failure)
            return False
        self.show_step(ValidationStep.CLIPS)
        return True

    def remove_clips(self) -> None:
        """Remove every clip now; labels are kept."""
        self.session.remove_clips()
        self._step = ValidationStep.CONSENT
        self.refresh()

    def close(self) -> None:
        """Remove all clips and save the labels when the window closes."""
        self.session.close()

    def start_over(self) -> None:
        """Start over with no labels; the old ones stay in their file."""
        self.labelling.close()
        self.comparison.clear_all()
        self.session.start_over()

    def choose_clips(self, count: int, *, clip_s: float) -> None:
        self._failure = None
        self.session.choose_clips(count, clip_s=clip_s)

    def collect(self, is_on: bool) -> None:
        """Start or stop capturing clips from live cameras."""
        self._failure = None
        self.sampling.collect(is_on)

    def describe_recordings(self) -> RecordingChoices:
        return list_recordings(self.session.venue, self._app_state.history)

    def capture_from_recording(self, recording: Recording) -> None:
        """Extract the needed clips from an analysed recording."""
        self._failure = None
        self.sampling.capture_from_recording(recording)

    def open_clip(self, value: str) -> None:
        """Open the clip of a value of ``state.waiting``."""
        clip = next((clip for clip in self.session.unlabelled if name_clip(clip) == value), None)
        if clip is not None and clip != self.labelling.clip:
            self._leave_clip()
            self._open(clip)
        self.refresh()

    def open_next_clip(self) -> None:
        """Open the oldest waiting clip and remove the finished one."""
        self._leave_clip()
        clips = self.session.unlabelled
        if clips:
            self._open(clips[0])
        self.refresh()

    def stop(self) -> None:
        self.sampling.stop()
        self.comparison.stop()

    def retranslate(self) -> None:
        self.labelling.refresh()
        self.refresh()

    def _open(self, clip: Clip) -> None:
        from app.validation.validation_days import find_seen_lines

        venue, store = self.session.venue, self.session.store
        if venue is None or store is None:
            return
        seen = find_seen_lines(venue)[clip.camera]
        lines = tuple(line.name for line in venue.geometry_at(None).lines if str(line.name) in seen)
        known = self.session.drafts.get(clip)
        try:
            self.labelling.open(clip, store=store, venue=venue, lines=lines, known=known)
        except ExpoFlowError as error:
            self._show_error(describe_error(error, translate=tr))

    def _leave_clip(self) -> None:
        """Remove the pictures of a labelled clip, which are no longer needed."""
        clip, is_finished = self.labelling.clip, self.labelling.state.is_finished
        self.comparison.clear_clip()
        self.labelling.close()
        if clip is not None and is_finished:
            self.session.discard(clip)

    def _on_venue_opened(self) -> None:
        self.labelling.close()
        self.comparison.clear_all()
        self._step, self._failure = ValidationStep.CONSENT, None
        self.session.open_venue()
        self.refresh()

    def _on_clips_removed(self) -> None:
        self.labelling.close()
        self.comparison.clear_clip()

    def _on_leftovers_removed(self, names: tuple[str, ...]) -> None:
        def say() -> Notification:
            return Notification(describe_leftovers(names), tone="neutral", rebuild=say)

        self.notified.emit(say())

    def _on_taken(self) -> None:
        if self._step is ValidationStep.LABEL and self.labelling.clip is None:
            self.open_next_clip()
        self.refresh()

    def _on_finished(self, draft: ClipDraft) -> None:
        self.comparison.compare_clip(self.session.finish(draft))

    def _on_skipped(self, clip: Clip, reason: str) -> None:
        self.labelling.close()
        self.session.skip(clip, reason)
        self.open_next_clip()

    def _show_error(self, report: ErrorReport) -> None:
        self._failure = report
        self.refresh()

    def _compose(self) -> ValidationState:
        session, sampling, comparison = self.session, self.sampling, self.comparison
        venue, store, labels = session.venue, session.store, session.labels
        if venue is None or not venue.cameras:
            return ValidationState()
        zone, clip, taking = venue.exhibition.time_zone, self.labelling.clip, sampling.collection.clip
        waiting = len(sampling.waiting)
        share = measure_progress(labels, waiting=waiting)
        failure = None if self._failure is None else self._failure.render(tr)
        kept = ""
        if store is not None:
            kept = describe_storage(
                store,
                clips=len(session.clips),
                until_utc_s=session.until_utc_s,
                time_zone=zone,
                in_file=session.is_in_file,
            )
        return ValidationState(
            step=self._step,
            has_cameras=True,
            cameras=tuple(map(str, venue.camera_names)),
            has_consent=store is not None,
            kept=kept,
            unfinished=describe_unfinished(labels, known=len(session.drafts)),
            needed=describe_needed(labels),
            progress=describe_progress(labels, waiting=waiting),
            progress_share=share,
            waiting=list_waiting(session.unlabelled, labels, zone),
            chosen="" if clip is None else name_clip(clip),
            labelled=0 if labels is None else len(labels.clips),
            busy=sampling.busy or comparison.busy,
            is_collecting=sampling.collection.is_active,
            collecting=describe_collecting(
                taking, is_active=sampling.collection.is_active, is_complete=share >= 1
            ),
            collecting_done=(sampling.collection.done_s, 0.0 if taking is None else taking.seconds),
            is_recording=sampling.is_recording,
            comparison=describe_comparison(comparison.clip) if comparison.is_known else (),
            results=None if comparison.certificate is None else make_results(comparison.certificate, labels),
            problem="" if failure is None else failure.problem,
            remedy="" if failure is None else failure.remedy,
        )
