"""Read, check and export an audit log, as far as it can be known whether it is what was written."""

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
    CUT_SHORT,
    DAMAGED_PREFIX,
    PUT_ASIDE,
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
    """What was found.

    Attributes:
        entries: how many there are.
        faults: what is wrong, in words; none: all entries are as they were written.
        is_witnessed: this account has written the log before, so that a cut-off end would be noticed.
    """

    entries: int
    faults: tuple[Phrase, ...]
    is_witnessed: bool

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def verify_audit(folder: Path) -> AuditVerdict:
    """Check the chain of a venue's log, and its end against what this account remembers."""
    aside = {file.name for file in folder.glob(f"{DAMAGED_PREFIX}*.sqlite")}
    try:
        trail = read_trail(folder)
    except StoreError as error:
        faults = [*_name_put_aside(aside), Phrase(error.problem_template, error.details)]
        return AuditVerdict(0, tuple(faults), is_witnessed=False)
    done = [entry for entry in trail.entries if entry.outcome is Outcome.DONE] if trail else []
    faults = _name_put_aside(
        aside | {entry.what.get("file", "?") for entry in done if entry.action == PUT_ASIDE}
    )
    faults += [
        Phrase("Before entry {number}, entries had been taken away.", {"number": entry.number})
        for entry in done
        if entry.action == CUT_SHORT
    ]
    if trail is not None:
        fault = find_chain_fault(trail.entries, trail.first_hash)
        if fault is not None:
            named = {"number": fault.number}
            faults.append(
                Phrase("Entry {number} is missing.", named)
                if fault.is_missing
                else Phrase("Entry {number} is not what was written.", named)
            )
    witness = recall_head(folder)
    faults += _compare_with_witness(folder, trail)
    faults += _compare_with_users(folder, trail)
    return AuditVerdict(len(trail.entries) if trail else 0, tuple(faults), is_witnessed=witness is not None)


def _name_put_aside(names: Iterable[str]) -> list[Phrase]:
    return [Phrase("A damaged log was put aside: {file}.", {"file": name}) for name in sorted(names)]


def _compare_with_witness(folder: Path, trail: AuditTrail | None) -> list[Phrase]:
    witness = recall_head(folder)
    if witness is None:
        return []
    if trail is None or trail.first_hash != witness.first_hash:
        return [
            Phrase(
                "The log of which this computer has written {count} entries is gone or was exchanged.",
                {"count": witness.number},
            )
        ]
    if len(trail.entries) < witness.number:
        return [
            Phrase(
                "The end was cut off: this computer has written {count} entries, and {left} are left.",
                {"count": witness.number, "left": len(trail.entries)},
            )
        ]
    if trail.entries[witness.number - 1].chain_hash != witness.chain_hash:
        return [
            Phrase(
                "Entry {number} is another one than this computer has written.", {"number": witness.number}
            )
        ]
    return []


def _compare_with_users(folder: Path, trail: AuditTrail | None) -> list[Phrase]:
    """Whether the users are those whom the log says were added: else ``access.toml`` was edited by hand."""
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
    return [Phrase("The users in access.toml are others than were added with ExpoFlow.")]


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
            raise convert_error(OutputError, error, file=file) from error
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
