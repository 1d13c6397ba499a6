"""A validation of the open venue: labels, temporary clips, and scores."""

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
    from app.validation.validation_certificate import Certificate


RESULTS_KEY, CLIP_KEY = "validation results", "validation comparison"


class ValidationComparison(QObject):
    """The comparison with the history, read only once labels are complete, to keep labelling unbiased."""

    changed = Signal()
    certificate_written = Signal(str)
    """Path of the written file."""
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
        self._compared: Clip | None = None
        self._busy: Callable[[], str] | None = None

    @property
    def is_known(self) -> bool:
        return self.clip is not None or self.is_unobserved

    @property
    def busy(self) -> str:
        """Description of the comparison in progress, translated; empty for none."""
        return "" if self._busy is None else self._busy()

    def clear_all(self) -> None:
        self.certificate, self._busy = None, None
        self.clear_clip()

    def clear_clip(self) -> None:
        self.clip, self._compared, self.is_unobserved = None, None, False
        self.changed.emit()

    def compare_clip(self, labelled: ClipLabels) -> None:
        venue, labels = self._session.venue, self._session.labels
        if venue is None or labels is None:
            return
        self._compared = labelled.clip
        alone = replace(labels, clips=(labelled,), unfinished=())

        def work(context: JobContext) -> tuple[Clip, ClipComparison | None]:
            from app.validation.validation_scores import score_validation

            try:
                return labelled.clip, score_validation(venue, alone, context=context).comparisons[0]
            except LabelError:
                # not enough of the clip was analysed
                return labelled.clip, None

        self._start(lambda: tr("Comparing the clip with the history"))
        self._job_runner.run_latest(
            CLIP_KEY,
            lambda: tr("Comparing the clip with the history"),
            work,
            on_done=self._on_clip_compared,
            on_failed=self._on_failed,
        )

    def compute(self) -> None:
        venue, labels, now_utc_s = self._session.venue, self._session.labels, self._clock.now_utc_s()
        if venue is None or labels is None or not labels.clips:
            self.certificate = None
            self.changed.emit()
            return
        models_folder = self._models_folder

        def work(context: JobContext) -> Certificate:
            from app.validation.validation_certificate import make_certificate
            from app.validation.validation_scores import score_validation

            scored = score_validation(venue, labels, context=context)
            return make_certificate(venue, labels, scored, now_utc_s=now_utc_s, user_models=models_folder)

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
        self._job_runner.cancel(RESULTS_KEY)
        self._busy = None
        self.changed.emit()

    def _start(self, words: Callable[[], str]) -> None:
        self._busy = words
        self.changed.emit()

    def _on_clip_compared(self, compared: tuple[Clip, ClipComparison | None]) -> None:
        self._busy = None
        clip, comparison = compared
        # the next clip may be open already, whose labelling must not be biased
        if clip == self._compared:
            self.clip, self.is_unobserved = comparison, comparison is None
        self.changed.emit()

    def _on_computed(self, made: Certificate) -> None:
        self._busy = None
        self.certificate = made
        self.changed.emit()

    def _on_failed(self, report: ErrorReport) -> None:
        self._busy = None
        self.failed.emit(report)
        self.changed.emit()


class LabelsWriter(QObject):
    """A writer of labels, one at a time; of those pushed meanwhile, only the newest is written."""

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
        self._number += 1
        self._due = self._newest = (self._number, file, labels)
        if not self._is_writing:
            self._write_next()

    def flush(self) -> None:
        """Save unsaved labels now, before the window closes."""
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


CHECK_EVERY_MS = 30_000
"""Period of the check for expired clips."""


class ValidationSession(QObject):
    """The validation of a venue; clips exist from consent until they are labelled, removed, or expired."""

    changed = Signal()
    clips_removed = Signal()
    """All clips were removed; displays and captures of them must stop."""
    failed = Signal(object)
    """An `ErrorReport`."""
    leftovers_removed = Signal(object)
    """File names of clips left by an earlier run."""

    def __init__(
        self, *, app_state: AppState, job_runner: JobRunner, clock: Clock, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner, self._clock = app_state, job_runner, clock
        self._writer = LabelsWriter(job_runner=job_runner, parent=self)
        self._writer.failed.connect(self.failed)
        self._timer = QTimer(self)
        self._timer.setInterval(CHECK_EVERY_MS)
        self._timer.timeout.connect(self.remove_expired)
        self.store: ClipStore | None = None
        self.labels: ValidationLabels | None = None
        self.drafts: dict[Clip, ClipDraft] = {}
        self.labelled_by = ""
        self.until_utc_s = 0.0
        self.is_in_file = False
        self._file: Path | None = None

    @property
    def venue(self) -> Venue | None:
        return self._app_state.venue

    @property
    def clips(self) -> tuple[Clip, ...]:
        return () if self.store is None or self.store.is_closed else self.store.clips

    @property
    def unlabelled(self) -> tuple[Clip, ...]:
        """Available clips without complete labels."""
        labels = self.labels
        return tuple(clip for clip in self.clips if labels is None or labels.find(clip) is None)

    def open_venue(self) -> None:
        """Switch to the open venue; find its labels and leftovers of a killed process."""
        self.close()
        self.labels, self._file, self.labelled_by = None, None, ""
        venue = self.venue
        if venue is None:
            return
        self._job_runner.run(
            lambda: tr("Looking for labels"),
            lambda _context: _find_leftovers(venue.folder),
            on_done=lambda found: self._on_leftovers_found(venue.folder, *found),
            on_failed=self.failed.emit,
        )

    def consent(self, *, given_by: str, labelled_by: str, in_file: bool) -> ErrorReport | None:
        """Store the consent and allow clips; return why not if a name is missing.

        Args:
            given_by: name of the person who consents.
            labelled_by: name of the labelling person; empty: the same one.
            in_file: keep the encrypted pictures in a file of the venue rather than in memory.
        """
        venue = self.venue
        if venue is None:
            return None
        self.remove_clips()
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

    def remove_clips(self) -> None:
        """Remove every clip now; labels are kept. New clips need a new consent."""
        self._timer.stop()
        # before the key is gone, so that a thread that takes a clip is not surprised
        self.clips_removed.emit()
        self.drafts.clear()
        if self.store is not None:
            self.store.close()
            self.store = None
        self.changed.emit()

    def remove_expired(self) -> None:
        """Remove expired clips, including the one being captured."""
        if self.store is not None and self._clock.now_utc_s() >= self.until_utc_s:
            self.remove_clips()
        self.changed.emit()

    def close(self) -> None:
        """Remove every clip, and save unsaved labels."""
        self.remove_clips()
        self._writer.flush()

    def start_over(self) -> None:
        """Start over with no labels; the old ones stay in their file."""
        self.labels, self._file = None, None
        self.drafts.clear()
        self.changed.emit()

    def choose_clips(self, count: int, *, clip_s: float) -> None:
        """Set how many clips are to be labelled; labels of clips of another length are kept."""
        venue, now_utc_s = self.venue, self._clock.now_utc_s()
        if venue is None:
            return
        if self.labels is None:
            self._file = name_labels_file(venue.folder, now_utc_s)
            self.labels = ValidationLabels(venue.name, now_utc_s, clip_s)
        consent = self.labels.consent if self.store is None else self.store.consent
        self.labels = replace(self.labels, clip_s=clip_s, wanted_clips=count, consent=consent)
        self.changed.emit()

    def save_draft(self, draft: ClipDraft) -> None:
        self.drafts[draft.clip] = draft
        if self.labels is not None:
            self._store_labels(self.labels.with_unfinished(self._make_labels(draft)))

    def finish(self, draft: ClipDraft) -> ClipLabels:
        labels = self._make_labels(draft)
        self.drafts.pop(draft.clip, None)
        if self.labels is not None:
            self._store_labels(self.labels.with_clip(labels))
        return labels

    def skip(self, clip: Clip, reason: str) -> None:
        self.drafts.pop(clip, None)
        if self.labels is not None:
            skipped = SkippedClip(clip, reason, self.labelled_by, self._clock.now_utc_s())
            self._store_labels(self.labels.with_skipped(skipped))
        self.discard(clip)

    def discard(self, clip: Clip) -> None:
        if self.store is not None:
            self.store.discard(clip)
        self.changed.emit()

    def _make_labels(self, draft: ClipDraft) -> ClipLabels:
        return draft.finish(labelled_by=self.labelled_by, now_utc_s=self._clock.now_utc_s())

    def _store_labels(self, labels: ValidationLabels) -> None:
        self.labels = labels
        if self._file is not None:
            self._writer.push(self._file, labels)
        self.changed.emit()

    def _on_leftovers_found(
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


def _find_leftovers(folder: Path) -> tuple[tuple[str, ...], Path | None, ValidationLabels | None]:
    removed = remove_leftover_clips(folder)
    file = next(iter(list_labels_files(folder)), None)
    return removed, file, None if file is None else read_labels(file)
