"""A validation while a venue is open: its labels, the clips that exist for a while, and what they show."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from analytics.domain.clock import Clock
from analytics.domain.errors import ExpoFlowError, LabelError
from analytics.evaluation.clip_labels import Clip, ClipLabels
from app.access.guard import doing
from app.access.roles import Permission
from app.core.document import Venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport, describe_error
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.translation import tr
from app.validation.validation_clips import EXPIRES_S, ClipStore, open_clip_store, remove_leftover_clips
from app.validation.validation_draft import ClipDraft
from app.validation.validation_labels import (
    Consent,
    SkippedClip,
    ValidationLabels,
    list_labels_files,
    name_labels_file,
    read_labels,
    write_labels,
)

if TYPE_CHECKING:
    from analytics.evaluation.clip_comparison import ClipComparison
    from analytics.evaluation.clip_plan import ClipPlan
    from app.validation.validation_certificate import Certificate
    from app.validation.validation_plan import ValidationPlan


RESULTS_KEY, CLIP_KEY = "validation results", "validation comparison"


class ValidationComparison(QObject):
    """Reads the history only when labels are complete: nobody who still labels may know what it holds."""

    changed = Signal()
    certificate_written = Signal(str)
    """The file."""
    failed = Signal(object)
    """An `ErrorReport`."""

    def __init__(
        self,
        session: ValidationSession,
        *,
        job_runner: JobRunner,
        clock: Clock,
        models_folder: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._job_runner, self._clock = session, job_runner, clock
        self._models_folder = models_folder
        self.certificate: Certificate | None = None
        self.clip: ClipComparison | None = None
        self.is_unobserved = False
        self._looked_at: Clip | None = None
        self._busy: Callable[[], str] | None = None

    @property
    def is_known(self) -> bool:
        """Whether anything can be said of the clip that was finished."""
        return self.clip is not None or self.is_unobserved

    @property
    def busy(self) -> str:
        """What is being compared, in the language in force; empty for nothing."""
        return "" if self._busy is None else self._busy()

    def forget_all(self) -> None:
        """Another validation begins."""
        self.certificate, self._busy = None, None
        self.forget_clip()

    def forget_clip(self) -> None:
        """Another clip is looked at, of which nothing may be told."""
        self.clip, self._looked_at, self.is_unobserved = None, None, False
        self.changed.emit()

    def compare_clip(self, said: ClipLabels) -> None:
        """Compare a clip that was labelled to its end."""
        venue, labels = self._session.venue, self._session.labels
        if venue is None or labels is None:
            return
        self._looked_at = said.clip
        alone = replace(labels, clips=(said,), unfinished=(), loads=())

        def work(context: JobContext) -> tuple[Clip, ClipComparison | None]:
            from app.validation.validation_scores import score_validation

            try:
                return said.clip, score_validation(venue, alone, context=context).comparisons[0]
            except LabelError:
                # the system did not look for long enough
                return said.clip, None

        self._start(lambda: tr("Comparing the clip with the history"))
        self._job_runner.run_latest(
            CLIP_KEY,
            lambda: tr("Comparing the clip with the history"),
            work,
            on_done=self._on_clip_compared,
            on_failed=self._on_failed,
        )

    def compute(self) -> None:
        """Compare all labels with the history."""
        venue, labels, now_utc_s = self._session.venue, self._session.labels, self._clock.now_utc_s()
        if venue is None or labels is None or not labels.clips:
            self.certificate = None
            self.changed.emit()
            return
        models_folder = self._models_folder

        def work(context: JobContext) -> tuple[Certificate, ClipPlan | None]:
            from app.validation.validation_certificate import make_certificate
            from app.validation.validation_scores import score_validation

            scored = score_validation(venue, labels, context=context)
            made = make_certificate(venue, labels, scored, now_utc_s=now_utc_s, user_models=models_folder)
            return made, None if scored.plan is None else scored.plan.chosen

        self._start(lambda: tr("Comparing the labels with the history"))
        self._job_runner.run_latest(
            RESULTS_KEY,
            lambda: tr("Comparing the labels with the history"),
            work,
            on_done=self._on_computed,
            on_failed=self._on_failed,
        )

    def write_certificate(self, file: Path, *, language: str) -> None:
        """Write the accuracy certificate as a PDF file in a language, ``en`` or ``zh_CN``."""
        venue, certificate = self._session.venue, self.certificate
        if venue is None or certificate is None:
            return

        def work(_context: JobContext) -> str:
            from app.print.certificate_page import write_certificate

            with doing(venue.folder, Permission.VALIDATE, "certificate exported", {"file": file.name}):
                write_certificate(file, certificate, language=language)
            return str(file)

        self._job_runner.run(
            lambda: tr("Writing the certificate"),
            work,
            on_done=self.certificate_written.emit,
            on_failed=self._on_failed,
        )

    def stop(self) -> None:
        """Leave what is being compared."""
        self._job_runner.cancel(RESULTS_KEY)
        self._busy = None
        self.changed.emit()

    def _start(self, words: Callable[[], str]) -> None:
        self._busy = words
        self.changed.emit()

    def _on_clip_compared(self, compared: tuple[Clip, ClipComparison | None]) -> None:
        self._busy = None
        clip, comparison = compared
        # somebody may label the next one already, and must not be told anything then
        if clip == self._looked_at:
            self.clip, self.is_unobserved = comparison, comparison is None
        self.changed.emit()

    def _on_computed(self, made: tuple[Certificate, ClipPlan | None]) -> None:
        self._busy = None
        self.certificate, learnt = made
        if learnt is not None:
            self._session.plan = learnt
        self.changed.emit()

    def _on_failed(self, report: ErrorReport) -> None:
        self._busy = None
        self.failed.emit(report)
        self.changed.emit()


class LabelsWriter(QObject):
    """One write at a time; of what is pushed meanwhile, the newest follows."""

    failed = Signal(object)
    """An `ErrorReport`."""
    written = Signal()

    def __init__(self, *, job_runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job_runner = job_runner
        self._due: tuple[int, Path, ValidationLabels] | None = None
        self._newest: tuple[int, Path, ValidationLabels] | None = None
        self._is_writing = False
        self._number = self._written = 0
        self._lock = threading.Lock()

    def push(self, file: Path, labels: ValidationLabels) -> None:
        """Let these be on disk soon."""
        self._number += 1
        self._due = self._newest = (self._number, file, labels)
        if not self._is_writing:
            self._write_next()

    def flush(self) -> None:
        """Write now what is not on disk yet; for the end of the window."""
        self._due = None
        if self._newest is None:
            return
        try:
            self._write(*self._newest)
        except Exception as error:
            self.failed.emit(describe_error(error, translate=tr))

    def _write_next(self) -> None:
        due, self._due = self._due, None
        if due is None:
            return
        self._is_writing = True

        def work(_context: JobContext) -> None:
            self._write(*due)

        self._job_runner.run(
            lambda: tr("Saving labels"), work, on_done=self._on_written, on_failed=self._on_failed
        )

    def _write(self, number: int, file: Path, labels: ValidationLabels) -> None:
        with self._lock:
            if number > self._written:
                write_labels(file, labels)
                self._written = number

    def _on_written(self, _nothing: None) -> None:
        self._is_writing = False
        self.written.emit()
        self._write_next()

    def _on_failed(self, report: ErrorReport) -> None:
        self._is_writing = False
        self.failed.emit(report)
        self._write_next()


POLL_INTERVAL_MS = 30_000
"""For clips whose time is over."""


class ValidationSession(QObject):
    """Clips exist from the consent until they are labelled, forgotten, too old, or the venue is left."""

    changed = Signal()
    forgotten = Signal()
    """No clip exists any more; whoever shows or takes one must stop."""
    failed = Signal(object)
    """An `ErrorReport`."""
    leftovers_removed = Signal(object)
    """Names of files of clips that an earlier program left behind."""

    def __init__(
        self, *, app_state: AppState, job_runner: JobRunner, clock: Clock, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner, self._clock = app_state, job_runner, clock
        self._writer = LabelsWriter(job_runner=job_runner, parent=self)
        self._writer.failed.connect(self.failed)
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_INTERVAL_MS)
        self._timer.timeout.connect(self.look)
        self.store: ClipStore | None = None
        self.labels: ValidationLabels | None = None
        self.plan: ClipPlan | None = None
        self.drafts: dict[Clip, ClipDraft] = {}
        self.labelled_by = ""
        self.until_utc_s = 0.0
        self.is_in_file = False
        self._file: Path | None = None

    @property
    def venue(self) -> Venue | None:
        """The one that is validated."""
        return self._app_state.venue

    @property
    def clips(self) -> tuple[Clip, ...]:
        """Those that can be looked at, the oldest first."""
        return () if self.store is None or self.store.is_closed else self.store.clips

    @property
    def unlabelled(self) -> tuple[Clip, ...]:
        """Those of them that were not labelled to their end."""
        labels = self.labels
        return tuple(clip for clip in self.clips if labels is None or labels.find(clip) is None)

    def open_venue(self) -> None:
        """Leave the venue before; look for labels of this one and for what a killed program left behind."""
        self.close()
        self.labels, self.plan, self._file, self.labelled_by = None, None, None, ""
        venue = self.venue
        if venue is None:
            return
        self._job_runner.run(
            lambda: tr("Looking for labels"),
            lambda _context: _look_back(venue.folder),
            on_done=lambda found: self._on_looked_back(venue.folder, *found),
            on_failed=self.failed.emit,
        )

    def consent(self, *, given_by: str, labelled_by: str, in_file: bool) -> ErrorReport | None:
        """Let clips be taken from now on; says why not without a name.

        Args:
            given_by: who agrees that clips are kept.
            labelled_by: who labels them; empty: the same person.
            in_file: keep the encrypted pictures in a file of the venue rather than in memory.
        """
        venue = self.venue
        if venue is None:
            return None
        self.forget()
        given = Consent(given_by.strip(), self._clock.now_utc_s())
        try:
            self.store = open_clip_store(venue.folder, given, in_file=in_file, clock=self._clock)
        except ExpoFlowError as error:
            return describe_error(error, translate=tr)
        self.labelled_by = labelled_by.strip() or given.given_by
        self.until_utc_s, self.is_in_file = given.given_utc_s + EXPIRES_S, in_file
        if self.labels is not None:
            self.labels = replace(self.labels, consent=given)
        self._timer.start()
        self.changed.emit()
        return None

    def forget(self) -> None:
        """Remove every clip now; labels stay. Without a new consent nothing is taken any more."""
        self._timer.stop()
        # before the key is gone, so that a thread that takes a clip is not surprised
        self.forgotten.emit()
        self.drafts.clear()
        if self.store is not None:
            self.store.close()
            self.store = None
        self.changed.emit()

    def look(self) -> None:
        """Remove what may be kept no longer: what was agreed to has an end, also for clips taken just now."""
        if self.store is not None and self._clock.now_utc_s() >= self.until_utc_s:
            self.forget()
        self.changed.emit()

    def close(self) -> None:
        """Remove every clip, and write what is not on disk yet."""
        self.forget()
        self._writer.flush()

    def begin_anew(self) -> None:
        """Leave the labels that there are in their file, and begin with none."""
        self.labels, self.plan, self._file = None, None, None
        self.drafts.clear()
        self.changed.emit()

    def take_plan(self, plan: ValidationPlan) -> None:
        """Want the clips of a plan from now on; labels of clips of another length stay as they are."""
        venue, chosen, now_utc_s = self.venue, plan.chosen, self._clock.now_utc_s()
        self.plan = chosen
        if venue is not None and chosen is not None:
            if self.labels is None:
                self._file = name_labels_file(venue.folder, now_utc_s)
                self.labels = ValidationLabels(venue.name, now_utc_s, chosen.clip_s)
            self.labels = replace(
                self.labels,
                clip_s=chosen.clip_s,
                loads=plan.loads,
                bounds=plan.bounds,
                wanted_margin=chosen.wanted_margin,
                consent=self.labels.consent if self.store is None else self.store.consent,
            )
        self.changed.emit()

    def note(self, draft: ClipDraft) -> None:
        """Keep what was said of a clip so far."""
        self.drafts[draft.clip] = draft
        if self.labels is not None:
            self._keep(self.labels.with_unfinished(self._say(draft)))

    def finish(self, draft: ClipDraft) -> ClipLabels:
        """Keep what was said of a clip that was looked at to its end."""
        said = self._say(draft)
        self.drafts.pop(draft.clip, None)
        if self.labels is not None:
            self._keep(self.labels.with_clip(said))
        return said

    def skip(self, clip: Clip, reason: str) -> None:
        """Keep that a clip could not be labelled, and remove it."""
        self.drafts.pop(clip, None)
        if self.labels is not None:
            skipped = SkippedClip(clip, reason, self.labelled_by, self._clock.now_utc_s())
            self._keep(self.labels.with_skipped(skipped))
        self.discard(clip)

    def discard(self, clip: Clip) -> None:
        """Remove a clip's pictures."""
        if self.store is not None:
            self.store.discard(clip)
        self.changed.emit()

    def _say(self, draft: ClipDraft) -> ClipLabels:
        return draft.finish(labelled_by=self.labelled_by, now_utc_s=self._clock.now_utc_s())

    def _keep(self, labels: ValidationLabels) -> None:
        self.labels = labels
        if self._file is not None:
            self._writer.push(self._file, labels)
        self.changed.emit()

    def _on_looked_back(
        self, folder: Path, removed: tuple[str, ...], file: Path | None, labels: ValidationLabels | None
    ) -> None:
        venue = self.venue
        if venue is None or venue.folder != folder:
            return
        if removed:
            self.leftovers_removed.emit(removed)
        if self.labels is None and labels is not None:
            self._file, self.labels = file, labels
        self.changed.emit()


def _look_back(folder: Path) -> tuple[tuple[str, ...], Path | None, ValidationLabels | None]:
    removed = remove_leftover_clips(folder)
    file = next(iter(list_labels_files(folder)), None)
    return removed, file, None if file is None else read_labels(file)
