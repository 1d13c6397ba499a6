"""Read and export an audit log."""

from __future__ import annotations

import json
import math
from pathlib import Path

from analytics.domain.clock import format_utc
from analytics.domain.errors import OutputError
from analytics.store.microseconds import to_s
from app.access.audit_log import AuditEntry, read_entries
from app.access.guard import doing, require
from app.access.roles import Permission
from app.core.table_file import write_csv_file
from app.error_reporting import convert_error
from resources.atomic_file import write_text_atomically

COLUMNS = ("number", "time_utc", "user", "role", "action", "outcome", "what")


def list_entries(folder: Path) -> tuple[AuditEntry, ...]:
    """Return the entries of a venue's log, newest first.

    Raises:
        AccessError: the current user may not see the log.
        StoreError: the log cannot be read.
    """
    require(folder, Permission.SEE_AUDIT, action="audit log read")
    return read_entries(folder)[::-1]


def export_entries(
    folder: Path, file: Path, *, from_utc_s: float | None = None, to_utc_s: float | None = None
) -> int:
    """Write the entries of a period, oldest first, as CSV, or as JSON lines to a file ``.jsonl``.

    Returns:
        Number of entries.

    Raises:
        AccessError: the current user may not see the log.
        StoreError: the log cannot be read.
        OutputError: the file cannot be written.
    """
    with doing(folder, Permission.SEE_AUDIT, "audit log exported", {"file": file.name}):
        start_s = -math.inf if from_utc_s is None else from_utc_s
        end_s = math.inf if to_utc_s is None else to_utc_s
        found = [entry for entry in read_entries(folder) if start_s <= to_s(entry.time_us) < end_s]
        rows = [_make_row(entry) for entry in found]
        if file.suffix.lower() != ".jsonl":
            write_csv_file(path=file, titles=COLUMNS, rows=rows)
            return len(rows)
        lines = [json.dumps(describe_entry(entry), ensure_ascii=False) for entry in found]
        try:
            write_text_atomically(file, "".join(f"{line}\n" for line in lines))
        except OSError as error:
            raise convert_error(OutputError, error, file=file) from error
        return len(lines)


def describe_entry(entry: AuditEntry) -> dict[str, object]:
    """Return an entry as a JSON object."""
    return {
        "number": entry.number,
        "time_utc": format_utc(to_s(entry.time_us)),
        "user": entry.user,
        "role": entry.role,
        "action": entry.action,
        "outcome": entry.outcome.value,
        "what": dict(entry.what),
    }


def _make_row(entry: AuditEntry) -> tuple[str, ...]:
    described = describe_entry(entry) | {
        "what": "; ".join(f"{key}: {name}" for key, name in entry.what.items())
    }
    return tuple(str(described[column]) for column in COLUMNS)
