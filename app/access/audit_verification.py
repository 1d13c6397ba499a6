"""Read, verify and export an audit log."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from analytics.domain.clock import format_utc
from analytics.domain.errors import OutputError, Phrase, StoreError
from analytics.store.microseconds import to_s
from app.access.access_file import read_access
from app.access.audit_log import (
    DAMAGED_PREFIX,
    LOG_QUARANTINED,
    LOG_TRUNCATED,
    RESTORED,
    AuditEntry,
    AuditTrail,
    Outcome,
    find_chain_fault,
    read_trail,
)
from app.access.audit_witness import recall_head
from app.access.guard import doing, require, write_csv_file
from app.access.roles import Permission
from app.error_reporting import convert_error
from resources.atomic_file import write_text_atomically


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """The result of verifying an audit log.

    Attributes:
        faults: descriptions of faults; empty if all entries are as written.
        is_witnessed: whether this account has written to the log before, so that truncation would be
            noticed.
    """

    entries: int
    faults: tuple[Phrase, ...]
    is_witnessed: bool

    @property
    def is_sound(self) -> bool:
        """Return whether there are no faults."""
        return not self.faults


def verify_audit(folder: Path) -> AuditVerdict:
    """Verify the chain of a venue's log, and its end against the entry that this account remembers."""
    quarantined = {file.name for file in folder.glob(f"{DAMAGED_PREFIX}*.sqlite")}
    try:
        trail = read_trail(folder)
    except StoreError as error:
        faults = [*_describe_quarantined(quarantined), Phrase(error.problem_template, error.details)]
        return AuditVerdict(0, tuple(faults), is_witnessed=False)
    done = [entry for entry in trail.entries if entry.outcome is Outcome.DONE] if trail else []
    faults = _describe_quarantined(
        quarantined | {entry.what.get("file", "?") for entry in done if entry.action == LOG_QUARANTINED}
    )
    faults += [
        Phrase("Entries before entry {number} were removed.", {"number": entry.number})
        for entry in done
        if entry.action == LOG_TRUNCATED
    ]
    if trail is not None:
        fault = find_chain_fault(trail.entries, trail.first_hash)
        if fault is not None:
            named = {"number": fault.number}
            faults.append(
                Phrase("Entry {number} is missing.", named)
                if fault.is_missing
                else Phrase("Entry {number} was changed.", named)
            )
    witness = recall_head(folder)
    faults += _compare_with_witness(folder, trail)
    faults += _compare_with_users(folder, trail)
    return AuditVerdict(len(trail.entries) if trail else 0, tuple(faults), is_witnessed=witness is not None)


def _describe_quarantined(names: Iterable[str]) -> list[Phrase]:
    return [Phrase("A damaged log was quarantined: {file}.", {"file": name}) for name in sorted(names)]


def _compare_with_witness(folder: Path, trail: AuditTrail | None) -> list[Phrase]:
    witness = recall_head(folder)
    if witness is None:
        return []
    if trail is None or trail.first_hash != witness.first_hash:
        return [
            Phrase(
                "The log to which this computer wrote {count} entries is missing or was replaced.",
                {"count": witness.number},
            )
        ]
    if len(trail.entries) < witness.number:
        return [
            Phrase(
                "The log was truncated: this computer wrote {count} entries, and {left} are left.",
                {"count": witness.number, "left": len(trail.entries)},
            )
        ]
    if trail.entries[witness.number - 1].chain_hash != witness.chain_hash:
        return [
            Phrase(
                "Entry {number} differs from the one that this computer wrote.", {"number": witness.number}
            )
        ]
    return []


def _compare_with_users(folder: Path, trail: AuditTrail | None) -> list[Phrase]:
    """Compare the users with those added in the log; a difference means that ``access.toml`` was edited by
    hand.
    """
    names: set[str] = set()
    for entry in trail.entries if trail is not None else ():
        if entry.outcome is Outcome.DONE and entry.action == "user added":
            names.add(entry.what.get("user", "").casefold())
        elif entry.outcome is Outcome.DONE and entry.action == "user removed":
            names.discard(entry.what.get("user", "").casefold())
        elif entry.action == RESTORED:
            names.clear()
    present = {user.name.casefold() for user in read_access(folder).users}
    if names == present or trail is None:
        return []
    return [Phrase("The users in access.toml differ from those added with ExpoFlow.")]


COLUMNS = ("number", "time_utc", "user", "role", "action", "outcome", "what", "chain_hash")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """A filter of audit entries; None or empty fields match all.

    Attributes:
        text: text in the user, action or affected items, ignoring case.
        most: maximum number of entries, newest first.
    """

    from_utc_s: float | None = None
    to_utc_s: float | None = None
    user: str | None = None
    outcome: Outcome | None = None
    text: str = ""
    max_count: int | None = None

    def matches(self, entry: AuditEntry) -> bool:
        """Return whether an entry matches."""
        time_s = to_s(entry.time_us)
        searched = " ".join((entry.user, entry.action, *entry.what, *entry.what.values())).casefold()
        return (
            (self.from_utc_s is None or time_s >= self.from_utc_s)
            and (self.to_utc_s is None or time_s < self.to_utc_s)
            and (self.user is None or entry.user.casefold() == self.user.casefold())
            and (self.outcome is None or entry.outcome is self.outcome)
            and self.text.casefold() in searched
        )


EVERYTHING = AuditFilter()


def list_entries(folder: Path, entry_filter: AuditFilter = EVERYTHING) -> tuple[AuditEntry, ...]:
    """Return matching entries of a venue's log, newest first.

    Raises:
        AccessError: the current user may not see the log.
        StoreError: the log cannot be read.
    """
    require(folder, Permission.SEE_AUDIT, action="audit log read")
    trail = read_trail(folder)
    found = [entry for entry in reversed(trail.entries if trail else ()) if entry_filter.matches(entry)]
    return tuple(found[: entry_filter.max_count])


def check_entries(folder: Path) -> AuditVerdict:
    """Verify the log of a venue.

    Raises:
        AccessError: the current user may not see the log.
        VenueError: ``access.toml`` cannot be understood.
    """
    require(folder, Permission.SEE_AUDIT, action="audit log checked")
    return verify_audit(folder)


def export_entries(folder: Path, file: Path, entry_filter: AuditFilter = EVERYTHING) -> int:
    """Write matching entries, oldest first, as CSV, or as JSON lines to a file ``.jsonl``.

    Returns:
        Number of entries.

    Raises:
        AccessError: the current user may not see the log.
        StoreError: the log cannot be read.
        OutputError: the file cannot be written.
    """
    with doing(folder, Permission.SEE_AUDIT, "audit log exported", {"file": file.name}):
        trail = read_trail(folder)
        found = [entry for entry in (trail.entries if trail else ()) if entry_filter.matches(entry)]
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
        "chain_hash": entry.chain_hash,
    }


def _make_row(entry: AuditEntry) -> tuple[str, ...]:
    described = describe_entry(entry) | {
        "what": "; ".join(f"{key}: {name}" for key, name in entry.what.items())
    }
    return tuple(str(described[column]) for column in COLUMNS)
