"""Whether an audit log is what was written, entry by entry, as far as that can be known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from analytics.domain.errors import Phrase, StoreError
from app.access.access_file import read_access
from app.access.audit_entry import Outcome, find_chain_fault
from app.access.audit_log import CUT_SHORT, DAMAGED_PREFIX, PUT_ASIDE, RESTORED, AuditTrail, read_trail
from app.access.audit_witness import recall_head


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
