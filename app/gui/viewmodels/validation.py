"""The page of the validation: consent, which clips are wanted, their labels, and what they show."""

from __future__ import annotations

import random
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError
from analytics.evaluation.clip_labels import Clip
from app.error_reporting import ErrorReport, describe_error
from app.gui.app_state import AppState
from app.gui.job_runner import JobRunner
from app.gui.pipeline_monitor import PipelineMonitor
from app.gui.translation import tr
from app.gui.viewmodels.clip_labelling import ClipLabellingViewModel
from app.gui.viewmodels.shell import Notification
from app.gui.viewmodels.validation_comparison import ValidationComparison
from app.gui.viewmodels.validation_figures import make_results
from app.gui.viewmodels.validation_sampling import ValidationSampling
from app.gui.viewmodels.validation_session import ValidationSession
from app.gui.viewmodels.validation_state import RecordingChoices, ValidationState, ValidationStep
from app.gui.viewmodels.validation_words import (
    describe_collecting,
    describe_comparison,
    describe_kept,
    describe_leftovers,
    describe_needed,
    describe_progress,
    describe_unfinished,
    list_recordings,
    list_waiting,
    measure_progress,
    name_clip,
)
from app.operations.validation_draft import ClipDraft
from app.operations.validation_recorded import Recording
from app.operations.validation_strata import list_plan_rows


class ValidationViewModel(QObject):
    """Whoever labels is told nothing of what the system counted in a clip before it is finished."""

    state_changed = Signal()
    notified = Signal(object)
    """A `Notification`: what an earlier program left behind was removed."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        monitor: PipelineMonitor,
        models_folder: Path,
        clock: Clock | None = None,
        chance: random.Random | None = None,
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
            chance=chance or random.SystemRandom(),
            parent=self,
        )
        self.comparison = ValidationComparison(
            self.session, job_runner=job_runner, clock=clock, models_folder=models_folder, parent=self
        )
        self._app_state = app_state
        self._step = ValidationStep.CONSENT
        self._failure: ErrorReport | None = None
        self._state = ValidationState()
        self.labelling.labelled.connect(self.session.note)
        self.labelling.finished.connect(self._on_finished)
        self.labelling.skipped.connect(self._on_skipped)
        self.session.forgotten.connect(self._on_forgotten)
        self.session.leftovers_removed.connect(self._on_leftovers_removed)
        self.sampling.taken.connect(self._on_taken)
        for part in (self.session, self.sampling, self.comparison):
            part.failed.connect(self._complain)
            part.changed.connect(self.refresh)
        app_state.venue_opened.connect(self._on_venue_opened)
        app_state.changed.connect(lambda _changes, _initiator: self.refresh())
        monitor.started.connect(self.refresh)
        monitor.stopped.connect(self.refresh)
        self._on_venue_opened()

    @property
    def state(self) -> ValidationState:
        """What is shown."""
        return self._state

    def show_step(self, step: ValidationStep) -> None:
        """Go to a part of the page."""
        self._step, self._failure = step, None
        self.labelling.playback.stop()
        if step is ValidationStep.LABEL and self.labelling.clip is None:
            self.open_next_clip()
        if step is ValidationStep.RESULTS:
            self.comparison.compute()
        self.refresh()

    def consent(self, *, given_by: str, labelled_by: str, in_file: bool) -> bool:
        """Let clips be taken, as `ValidationSession.consent`, and go on; False with a message."""
        failure = self.session.consent(given_by=given_by, labelled_by=labelled_by, in_file=in_file)
        if failure is not None:
            self._complain(failure)
            return False
        self.show_step(ValidationStep.CLIPS)
        return True

    def forget(self) -> None:
        """Remove every clip now; labels stay."""
        self.session.forget()
        self._step = ValidationStep.CONSENT
        self.refresh()

    def close(self) -> None:
        """The window closes: nothing of a clip outlives it, and no label is lost."""
        self.session.close()

    def begin_anew(self) -> None:
        """Leave the labels that there are in their file, and begin with none."""
        self.labelling.close()
        self.comparison.forget_all()
        self.session.begin_anew()

    def plan(self, *, margin: float, clip_s: float) -> None:
        """Find out which clips are wanted, as `ValidationSampling.plan`."""
        self._failure = None
        self.sampling.plan(margin=margin, clip_s=clip_s)

    def collect(self, is_on: bool) -> None:
        """Take clips from the live cameras as they are wanted, or no more."""
        self._failure = None
        self.sampling.collect(is_on)

    def describe_recordings(self) -> RecordingChoices:
        """What to offer where a recording is asked for."""
        return list_recordings(self.session.venue, self._app_state.history)

    def take_from_recording(self, recording: Recording) -> None:
        """Take those clips of an analysed recording that are wanted."""
        self._failure = None
        self.sampling.take_from_recording(recording)

    def open_clip(self, value: str) -> None:
        """Label the clip of a value of ``state.waiting``."""
        clip = next((clip for clip in self.session.unlabelled if name_clip(clip) == value), None)
        if clip is not None and clip != self.labelling.clip:
            self._leave_clip()
            self._open(clip)
        self.refresh()

    def open_next_clip(self) -> None:
        """Label the oldest clip that waits; the one that was finished is removed."""
        self._leave_clip()
        clips = self.session.unlabelled
        if clips:
            self._open(clips[0])
        self.refresh()

    def stop(self) -> None:
        """Leave what is being read or compared."""
        self.sampling.stop()
        self.comparison.stop()

    def refresh(self) -> None:
        """Say what is otherwise than before, in the language in force."""
        state = self._compose()
        if state != self._state:
            self._state = state
            self.state_changed.emit()

    def retranslate(self) -> None:
        """Say everything in the language in force."""
        self.labelling.refresh()
        self.refresh()

    def _open(self, clip: Clip) -> None:
        from app.operations.validation_plan import find_seen_lines

        venue, store = self.session.venue, self.session.store
        if venue is None or store is None:
            return
        seen = find_seen_lines(venue)[clip.camera]
        lines = tuple(line.name for line in venue.geometry_at(None).lines if str(line.name) in seen)
        known = self.session.drafts.get(clip)
        try:
            self.labelling.open(clip, store=store, venue=venue, lines=lines, known=known)
        except ExpoFlowError as error:
            self._complain(describe_error(error, translate=tr))

    def _leave_clip(self) -> None:
        """Remove the pictures of a clip that was labelled: they have done what they were kept for."""
        clip, is_finished = self.labelling.clip, self.labelling.state.is_finished
        self.comparison.forget_clip()
        self.labelling.close()
        if clip is not None and is_finished:
            self.session.discard(clip)

    def _on_venue_opened(self) -> None:
        self.labelling.close()
        self.comparison.forget_all()
        self._step, self._failure = ValidationStep.CONSENT, None
        self.session.open_venue()
        self.refresh()

    def _on_forgotten(self) -> None:
        self.labelling.close()
        self.comparison.forget_clip()

    def _on_leftovers_removed(self, names: tuple[str, ...]) -> None:
        def say() -> Notification:
            return Notification(describe_leftovers(names), tone="neutral", say_again=say)

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

    def _complain(self, report: ErrorReport) -> None:
        self._failure = report
        self.refresh()

    def _compose(self) -> ValidationState:
        session, sampling, comparison = self.session, self.sampling, self.comparison
        venue, store, plan, labels = session.venue, session.store, session.plan, session.labels
        if venue is None or not venue.cameras:
            return ValidationState()
        zone, clip, taking = venue.exhibition.time_zone, self.labelling.clip, sampling.collection.clip
        rows = () if plan is None else list_plan_rows(plan, labels, sampling.waiting)
        failure = None if self._failure is None else self._failure.tell_again(tr)
        kept = ""
        if store is not None:
            kept = describe_kept(
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
            plan=rows,
            needed=describe_needed(plan),
            progress=describe_progress(plan, rows),
            progress_share=measure_progress(rows),
            waiting=list_waiting(session.unlabelled, labels, zone),
            chosen="" if clip is None else name_clip(clip),
            labelled=0 if labels is None else len(labels.clips),
            busy=sampling.busy or comparison.busy,
            is_collecting=sampling.collection.is_active,
            collecting=describe_collecting(
                taking, is_active=sampling.collection.is_active, is_complete=measure_progress(rows) >= 1
            ),
            collecting_done=(sampling.collection.done_s, 0.0 if taking is None else taking.seconds),
            is_recording=sampling.is_recording,
            comparison=describe_comparison(comparison.clip) if comparison.is_known else (),
            results=None
            if comparison.certificate is None
            else make_results(comparison.certificate, plan, labels),
            problem="" if failure is None else failure.problem,
            remedy="" if failure is None else failure.remedy,
        )
