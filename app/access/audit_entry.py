"""One entry of the audit log and the hash that chains it to the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

HASH_CHARACTERS = 64


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    REFUSED = "refused"
    """The role may not do it, or the password was wrong."""
    FAILED = "not completed"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what, and when.

    Attributes:
        number: 1 for the first, without gaps.
        time_us: microseconds since the epoch, UTC.
        user: empty where the venue has no users.
        action: short words such as ``camera changed``.
        what: names of what it was done to; never a secret.
        chain_hash: SHA-256 over the hash before and the canonical JSON of all the rest, in hexadecimal.
    """

    number: int
    time_us: int
    user: str
    role: str
    action: str
    outcome: Outcome
    what: Mapping[str, str] = field(default_factory=dict)
    chain_hash: str = ""


def hash_entry(entry: AuditEntry, hash_before: str) -> str:
    """The hash of an entry whose predecessor has the other one; its own ``chain_hash`` does not count."""
    content = {
        "number": entry.number,
        "time_us": entry.time_us,
        "user": entry.user,
        "role": entry.role,
        "action": entry.action,
        "outcome": entry.outcome.value,
        "what": dict(entry.what),
    }
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{hash_before}\n{canonical}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ChainFault:
    """Where a chain does not hold.

    Attributes:
        number: of the first entry that is not what was written, or is missing.
        is_missing: an entry of this number should be there and is not; else it was changed.
    """

    number: int
    is_missing: bool


def find_chain_fault(entries: Iterable[AuditEntry], first_hash: str) -> ChainFault | None:
    """The first entry that was changed, taken out or put in, or None; entries ordered by number."""
    hash_before = first_hash
    for number, entry in enumerate(entries, start=1):
        if entry.number != number:
            return ChainFault(number, is_missing=True)
        if hash_entry(entry, hash_before) != entry.chain_hash:
            return ChainFault(number, is_missing=False)
        hash_before = entry.chain_hash
    return None
