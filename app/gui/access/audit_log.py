"""The audit log of the open venue: read, checked and exported in the background."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.access.audit_entry import AuditEntry
from app.access.audit_verification import AuditVerdict
from app.access.audit_view import check_entries, export_entries, list_entries
from app.error_reporting import ErrorReport
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.translation import tr


class AuditLogViewModel(QObject):
    """Holds what was read last."""

    entries_read = Signal()
    checked = Signal(object)
    """An `AuditVerdict`."""
    exported = Signal(str)
    """The path of a file."""
    failed = Signal(object)
    """An `ErrorReport`."""

    def __init__(self, *, app_state: AppState, job_runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner = app_state, job_runner
        self.entries: tuple[AuditEntry, ...] = ()

    @property
    def time_zone(self) -> str:
        """Of the venue."""
        venue = self._app_state.venue
        return "UTC" if venue is None else venue.exhibition.time_zone

    def read(self) -> None:
        """Read the log again."""
        folder = self._folder()
        if folder is not None:
            self._job_runner.run_latest(
                "audit log",
                lambda: tr("Reading the audit log"),
                lambda _context: list_entries(folder),
                on_done=self._show,
                on_failed=self._fail,
            )

    def check(self) -> None:
        """See whether the log is what was written."""
        folder = self._folder()
        if folder is not None:
            self._job_runner.run(
                lambda: tr("Checking the audit log"),
                lambda _context: check_entries(folder),
                on_done=self._tell_verdict,
                on_failed=self._fail,
            )

    def export(self, file: Path) -> None:
        """Write the whole log to a file."""
        folder = self._folder()
        if folder is not None:
            self._job_runner.run(
                lambda: tr("Writing {name}", name=file.name),
                lambda _context: export_entries(folder, file),
                on_done=lambda _count: self.exported.emit(str(file)),
                on_failed=self._fail,
            )

    def _folder(self) -> Path | None:
        venue = self._app_state.venue
        return None if venue is None else venue.folder

    def _show(self, entries: tuple[AuditEntry, ...]) -> None:
        self.entries = entries
        self.entries_read.emit()

    def _tell_verdict(self, verdict: AuditVerdict) -> None:
        self.checked.emit(verdict)

    def _fail(self, report: ErrorReport) -> None:
        self.failed.emit(report)
