"""The labels against what the system counted: of the clip that was just labelled, and of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from analytics.domain.clock import Clock
from analytics.domain.errors import LabelError
from analytics.evaluation.clip_labels import Clip, ClipLabels
from app.access.guard import doing
from app.access.roles import Permission
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.gui.session.job_runner import JobRunner
from app.gui.session.translation import tr
from app.gui.validation.validation_session import ValidationSession

if TYPE_CHECKING:
    from analytics.evaluation.clip_comparison import ClipComparison
    from analytics.evaluation.clip_plan import ClipPlan
    from app.validation.validation_certificate import Certificate

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
        for handle in self._job_runner.handles:
            if handle.key == RESULTS_KEY:
                handle.cancel()
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
