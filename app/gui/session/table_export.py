"""Writes tables that are shown into files, in the background."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.access.table_file import export_csv_file, write_csv_file
from app.core.job import JobContext
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.translation import tr
from app.gui.session.view_model import State, ViewModel


class TableSource(ViewModel[State]):
    """A view-model of a page with tables: any of them can be written as it is shown."""

    exported = Signal(str)
    """A table was written; the file's path."""
    export_failed = Signal(object)
    """``ErrorReport`` of a file that could not be written."""

    def __init__(self, *, app_state: AppState, job_runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner = app_state, job_runner

    def set_watched(self, is_watched: bool) -> None:
        """The page came into sight or left it."""
        raise NotImplementedError

    def export_table(self, path: Path, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write a table as CSV; with a venue open, whoever may not take anything out of it is refused."""
        venue = self._app_state.venue

        def write(_job: JobContext) -> Path:
            if venue is None:
                write_csv_file(path=path, titles=titles, rows=rows)
            else:
                export_csv_file(venue.folder, path=path, titles=titles, rows=rows)
            return path

        self._job_runner.run(
            tr("Writing {name}", name=path.name),
            write,
            on_done=lambda written: self.exported.emit(str(written)),
            on_failed=self.export_failed.emit,
        )
