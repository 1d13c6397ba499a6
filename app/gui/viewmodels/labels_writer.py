"""Writes the labels of a validation after every key, in a thread, and never older ones over newer ones."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.error_reporting import ErrorReport, describe_error
from app.gui.job_runner import JobRunner
from app.gui.translation import tr
from app.jobs.job import JobContext
from app.operations.validation_labels import ValidationLabels, write_labels


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
