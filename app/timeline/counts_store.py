"""Store counts of other systems as ``counts/NAME.csv`` in a venue's folder."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from analytics.domain.clock import format_utc, parse_utc
from analytics.domain.errors import ExpoFlowError, VenueError
from analytics.domain.external_count import CountKind, ExternalCount
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.error_reporting import convert_error
from resources.atomic_file import write_text_atomically
from resources.file_names import find_same_name, is_portable_name

FOLDER_NAME = "counts"
_COLUMNS = ("kind", "start_utc", "end_utc", "zone", "count", "amount")
_ALLOWED_NAME = re.compile(r"[^\w\- ]")
MAX_NAME = 60


@dataclass(frozen=True, slots=True)
class CountSource:
    """The counts of another system."""

    name: str
    kind: CountKind
    counts: tuple[ExternalCount, ...]


def write_source(folder: Path, source: CountSource) -> None:
    """Write the counts of a system, replacing those of the same name regardless of case.

    Raises:
        VenueError: it has no name, or the file cannot be written.
    """
    file = _find_file(folder, source.name)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_COLUMNS)
    for one in source.counts:
        amount = "" if one.amount is None else f"{one.amount:.10g}"
        table.writerow(
            (
                source.kind.value,
                format_utc(one.start_s),
                format_utc(one.end_s),
                one.zone or "",
                f"{one.count:.10g}",
                amount,
            )
        )
    try:
        file.parent.mkdir(exist_ok=True)
        write_text_atomically(file, text.getvalue())
    except OSError as error:
        raise convert_error(VenueError, error, file=file) from error


def read_sources(folder: Path) -> tuple[CountSource, ...]:
    """Return all stored counts, ordered by name.

    Raises:
        VenueError: a file cannot be read or understood.
    """
    # paths of Windows compare without regard to case
    files = sorted((folder / FOLDER_NAME).glob("*.csv"), key=lambda file: file.name)
    return tuple(_read_source(file) for file in files)


def remove_source(folder: Path, name: str) -> None:
    """Delete the counts of a system.

    Raises:
        VenueError: the file cannot be removed.
    """
    file = _find_file(folder, name)
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise convert_error(VenueError, error, file=file) from error


def _find_file(folder: Path, name: str) -> Path:
    cleaned = _ALLOWED_NAME.sub("", name).strip()[:MAX_NAME]
    if not is_portable_name(cleaned):
        raise VenueError(
            "'{name}' is not a valid file name.", "Use letters, digits, spaces and hyphens.", name=name
        )
    return find_same_name(folder / FOLDER_NAME / f"{cleaned}.csv")


def _read_source(file: Path) -> CountSource:
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        counts = tuple(
            ExternalCount(
                parse_utc(row["start_utc"]),
                parse_utc(row["end_utc"]),
                row["zone"] or None,
                float(row["count"]),
                float(row["amount"]) if row["amount"] else None,
            )
            for row in rows
        )
        kind = CountKind(rows[0]["kind"]) if rows else CountKind.SALES
    except OSError as error:
        raise convert_error(VenueError, error, file=file) from error
    except (ExpoFlowError, csv.Error, KeyError, TypeError, ValueError) as error:
        raise VenueError(
            "This version cannot read {file} as counts.",
            "Delete the file and import the counts again.",
            file=file,
        ) from error
    return CountSource(file.stem, kind, counts)


@changes_venue(Permission.NOTE, "counts imported", lambda source: {"source": source.name})
def store_counts(folder: Path, source: CountSource) -> None:
    """Write the counts of a system, replacing those of the same name, with permission check and audit entry.

    Raises:
        VenueError: it has no name, or the file cannot be written.
    """
    write_source(folder, source)


@changes_venue(Permission.NOTE, "counts removed", lambda name: {"source": name})
def delete_counts(folder: Path, name: str) -> None:
    """Delete the counts of a system, with permission check and audit entry.

    Raises:
        VenueError: the file cannot be removed.
    """
    remove_source(folder, name)
