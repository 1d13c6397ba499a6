"""Tables as text: for a spreadsheet's file and for the clipboard."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from analytics.domain.errors import OutputError
from analytics.reports.cell_text import disarm
from app.access.guard import doing
from app.access.roles import Permission
from resources.atomic_file import write_bytes_atomically


def write_csv_file(*, path: Path, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table whole or not at all, as UTF-8 with the mark that spreadsheets know it by.

    Raises:
        OutputError: it cannot be written; what stood there before is still there.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([disarm(title) for title in titles])
    writer.writerows([disarm(cell) for cell in row] for row in rows)
    try:
        write_bytes_atomically(path, text.getvalue().encode("utf-8-sig"))
    except OSError as error:
        raise OutputError(
            "{path} cannot be written: {reason}.",
            "Choose another folder, or close the program that has the file open.",
            path=path,
            reason=error.strerror or type(error).__name__,
        ) from error


def export_csv_file(
    folder: Path, *, path: Path, titles: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    """The same for figures of a venue: asked for, and recorded.

    Raises:
        AccessError: who is at work may not export.
        OutputError: as `write_csv_file`.
    """
    with doing(folder, Permission.EXPORT_REPORTS, "table exported", {"file": path.name}):
        write_csv_file(path=path, titles=titles, rows=rows)


def format_tsv(*, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lines of cells with tabs in between, as spreadsheets take them from the clipboard."""
    lines = [titles, *rows]
    return "\n".join("\t".join(disarm(" ".join(cell.split())) for cell in line) for line in lines)
