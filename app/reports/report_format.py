"""In which formats a report can be written, and how a file's name says which."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

from analytics.domain.errors import OutputError

LONGEST_STEM = 80
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


class ReportFormat(StrEnum):
    """A format, named as its files end."""

    PDF = "pdf"
    XLSX = "xlsx"
    HTML = "html"
    PPTX = "pptx"
    CSV = "csv"
    """A ZIP file with a table each."""
    PARQUET = "parquet"
    """A ZIP file with a table each."""


ARCHIVED = (ReportFormat.CSV, ReportFormat.PARQUET)


def find_format(path: Path, named: str | None) -> ReportFormat:
    """The format that was named, or else that of a file's ending.

    Raises:
        OutputError: there is no such format.
    """
    name = (named or path.suffix.lstrip(".")).lower()
    try:
        return ReportFormat("csv" if name == "zip" and named is None else name)
    except ValueError:
        raise OutputError(
            "A report cannot be written as '{name}'.",
            "Choose one of: {formats}.",
            name=name,
            formats=", ".join(ReportFormat),
        ) from None


def name_file(path: Path, chosen: ReportFormat) -> Path:
    """The path with the ending that the format's files have."""
    ending = ".zip" if chosen in ARCHIVED else f".{chosen.value}"
    return path if path.suffix.lower() == ending else path.with_name(path.name + ending)


def make_file_stem(name: str) -> str:
    """A name as a file's, without its ending, as every system takes it and no spreadsheet runs it."""
    return _FORBIDDEN.sub("-", name).strip(" .").lstrip("=+-@")[:LONGEST_STEM].strip(" .")
