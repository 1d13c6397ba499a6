"""Reading a venue's audit log: filtered, checked, and written to a file for whoever looks into it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from analytics.domain.clock import format_utc
from analytics.domain.errors import OutputError
from analytics.store.microseconds import to_s
from app.access.audit_entry import AuditEntry, Outcome
from app.access.audit_log import read_trail
from app.access.audit_verification import AuditVerdict, verify_audit
from app.access.guard import doing, require
from app.access.roles import Permission
from app.access.table_file import write_csv_file
from app.error_reporting import explain_error
from resources.atomic_file import write_text_atomically

COLUMNS = ("number", "time_utc", "user", "role", "action", "outcome", "what", "chain_hash")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; None or empty: all.

    Attributes:
        text: somewhere in the user, the action, or what it was done to; capital letters make no difference.
        most: so many of the newest.
    """

    from_utc_s: float | None = None
    to_utc_s: float | None = None
    user: str | None = None
    outcome: Outcome | None = None
    text: str = ""
    most: int | None = None

    def keeps(self, entry: AuditEntry) -> bool:
        """Whether an entry is wanted."""
        time_s = to_s(entry.time_us)
        said = " ".join((entry.user, entry.action, *entry.what, *entry.what.values())).casefold()
        return (
            (self.from_utc_s is None or time_s >= self.from_utc_s)
            and (self.to_utc_s is None or time_s < self.to_utc_s)
            and (self.user is None or entry.user.casefold() == self.user.casefold())
            and (self.outcome is None or entry.outcome is self.outcome)
            and self.text.casefold() in said
        )


EVERYTHING = AuditFilter()


def list_entries(folder: Path, wanted: AuditFilter = EVERYTHING) -> tuple[AuditEntry, ...]:
    """The wanted entries of a venue's log, the newest first.

    Raises:
        AccessError: who is at work may not see the log.
        StoreError: the log cannot be read.
    """
    require(folder, Permission.SEE_AUDIT, action="audit log read")
    trail = read_trail(folder)
    found = [entry for entry in reversed(trail.entries if trail else ()) if wanted.keeps(entry)]
    return tuple(found[: wanted.most])


def check_entries(folder: Path) -> AuditVerdict:
    """Whether the log is what was written.

    Raises:
        AccessError: who is at work may not see the log.
        VenueError: ``access.toml`` cannot be understood.
    """
    require(folder, Permission.SEE_AUDIT, action="audit log checked")
    return verify_audit(folder)


def export_entries(folder: Path, file: Path, wanted: AuditFilter = EVERYTHING) -> int:
    """Write entries, the oldest first, as CSV, or as lines of JSON where the file ends in ``.jsonl``.

    Returns:
        How many.

    Raises:
        AccessError: who is at work may not see the log.
        StoreError: the log cannot be read.
        OutputError: the file cannot be written.
    """
    with doing(folder, Permission.SEE_AUDIT, "audit log exported", {"file": file.name}):
        trail = read_trail(folder)
        found = [entry for entry in (trail.entries if trail else ()) if wanted.keeps(entry)]
        rows = [_make_row(entry) for entry in found]
        if file.suffix.lower() != ".jsonl":
            write_csv_file(path=file, titles=COLUMNS, rows=rows)
            return len(rows)
        lines = [json.dumps(describe_entry(entry), ensure_ascii=False) for entry in found]
        try:
            write_text_atomically(file, "".join(f"{line}\n" for line in lines))
        except OSError as error:
            raise explain_error(OutputError, error, file=file) from error
        return len(lines)


def describe_entry(entry: AuditEntry) -> dict[str, object]:
    """An entry as a JSON object."""
    return {
        "number": entry.number,
        "time_utc": format_utc(to_s(entry.time_us)),
        "user": entry.user,
        "role": entry.role,
        "action": entry.action,
        "outcome": entry.outcome.value,
        "what": dict(entry.what),
        "chain_hash": entry.chain_hash,
    }


def _make_row(entry: AuditEntry) -> tuple[str, ...]:
    said = describe_entry(entry) | {"what": "; ".join(f"{key}: {name}" for key, name in entry.what.items())}
    return tuple(str(said[column]) for column in COLUMNS)
