"""What the points of a calibration give, found out beside the window as often as there is time."""

from __future__ import annotations

from collections.abc import Callable

from app.error_reporting import ErrorReport
from app.gui.job_runner import JobRunner
from app.gui.translation import tr
from app.gui.viewmodels.calibration_draft import CalibrationDraft
from app.operations.calibration_preview import CalibrationPreview

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
