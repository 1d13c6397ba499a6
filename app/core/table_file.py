"""Write tables as CSV files and as text for the clipboard."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from analytics.domain.errors import OutputError
from analytics.results.cell_text import disarm
from resources.atomic_file import write_bytes_atomically


def format_csv(*, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table as CSV in UTF-8 with a byte order mark for spreadsheets."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([disarm(title) for title in titles])
    writer.writerows([disarm(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def write_csv_file(*, path: Path, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table as `format_csv`, completely or not at all.

    Raises:
        OutputError: it cannot be written; an existing file is unchanged.
    """
    write_file(path, format_csv(titles=titles, rows=rows))


def write_file(path: Path, content: bytes) -> None:
    """Write a file, completely or not at all.

    Raises:
        OutputError: it cannot be written; an existing file is unchanged.
    """
    try:
        write_bytes_atomically(path, content)
    except OSError as error:
        raise OutputError(
            "{path} cannot be written: {reason}.",
            "Choose another folder, or close the program that has the file open.",
            path=path,
            reason=error.strerror or type(error).__name__,
        ) from error


def format_tsv(*, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return tab-separated lines for the clipboard, as spreadsheets accept them."""
    lines = [titles, *rows]
    return "\n".join("\t".join(disarm(" ".join(cell.split())) for cell in line) for line in lines)
