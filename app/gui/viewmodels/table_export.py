"""Writes a table that is shown into a file, in the background."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from app.error_reporting import ErrorReport
from app.gui.app_state import AppState
from app.gui.job_runner import JobRunner
from app.gui.translation import tr
from app.jobs.job import JobContext
from app.operations.table_file import export_csv_file, write_csv_file


def export_table(
    app_state: AppState,
    job_runner: JobRunner,
    path: Path,
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    on_written: Callable[[str], None],
    on_failed: Callable[[ErrorReport], None],
) -> None:
    """Write a table as CSV.

    Args:
        app_state: whose open venue the table is about.
        on_written: takes the path of the file.
    """

    venue = app_state.venue

    def write(_job: JobContext) -> Path:
        if venue is None:
            write_csv_file(path=path, titles=titles, rows=rows)
        else:
            export_csv_file(venue.folder, path=path, titles=titles, rows=rows)
        return path

    job_runner.run(
        tr("Writing {name}", name=path.name),
        write,
        on_done=lambda written: on_written(str(written)),
        on_failed=on_failed,
    )
