"""Writes a table that is shown into a file, in the background."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from app.error_reporting import ErrorReport
from app.gui.job_runner import JobRunner
from app.gui.translation import tr
from app.jobs.job import JobContext
from app.operations.table_file import write_csv_file


def export_table(
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
        on_written: takes the path of the file.
    """

    def write(_job: JobContext) -> Path:
        write_csv_file(path=path, titles=titles, rows=rows)
        return path

    job_runner.run(
        tr("Writing {name}", name=path.name),
        write,
        on_done=lambda written: on_written(str(written)),
        on_failed=on_failed,
    )
