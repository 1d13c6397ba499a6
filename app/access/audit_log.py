"""Keep the audit log of a venue in ``audit.sqlite``, each entry chained to the previous one.

An entry is durable when `record_audit` returns. A damaged log does not block work: it is quarantined, and a
new one begins with an entry about it. If a log has lost its end since this account last wrote to it, an entry
about the loss precedes the next one.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from analytics.domain.clock import Clock, SystemClock, format_utc
from analytics.domain.errors import StoreError
from analytics.store.microseconds import to_us
from app.access.audit_witness import AuditHead, forget_head, recall_head, remember_head
from app.access.roles import Role
from app.core.venue_lock import lock_venue


class Outcome(StrEnum):
    """An outcome of an action."""

    DONE = "done"
    REFUSED = "refused"
    """Not permitted for the role, or a wrong password."""
    FAILED = "not completed"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An entry of the audit log.

    Attributes:
        number: 1 for the first, without gaps.
        time_us: microseconds since the epoch, UTC.
        user: name of the user; empty in a venue without users.
        action: short description such as ``camera changed``.
        what: names of affected items; never a secret.
        chain_hash: SHA-256 of the previous hash and the canonical JSON of the other fields, in
            hexadecimal.
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
    """Return the hash of an entry, given the previous hash; its own ``chain_hash`` is ignored."""
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
    """A break in the chain of entries.

    Attributes:
        number: number of the first entry that was changed or is missing.
        is_missing: whether the entry is missing; otherwise it was changed.
    """

    number: int
    is_missing: bool


def find_chain_fault(entries: Iterable[AuditEntry], first_hash: str) -> ChainFault | None:
    """Return the first entry that was changed, removed or inserted, or None; entries are ordered by
    number.
    """
    hash_before = first_hash
    for number, entry in enumerate(entries, start=1):
        if entry.number != number:
            return ChainFault(number, is_missing=True)
        if hash_entry(entry, hash_before) != entry.chain_hash:
            return ChainFault(number, is_missing=False)
        hash_before = entry.chain_hash
    return None


LOG_NAME = "audit.sqlite"
DAMAGED_PREFIX = "audit.damaged-"
"""Prefix of a quarantined log, followed by the time."""
LOG_QUARANTINED, LOG_TRUNCATED, RESTORED = (
    "audit log put aside",
    "audit log cut short",
    "venue restored from archive",
)
"""Actions that concern the log itself; an archive contains a log but no users."""
MAX_NAME = 300
_LOG = logging.getLogger(__name__)
_COLUMNS = "number, time_us, user, role, action, outcome, what, chain_hash"
_TABLES = (
    "CREATE TABLE IF NOT EXISTS audit_log (first_hash TEXT NOT NULL, format INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS audit_entries (number INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, "
    "user TEXT NOT NULL, role TEXT NOT NULL, action TEXT NOT NULL, outcome TEXT NOT NULL, "
    "what TEXT NOT NULL, chain_hash TEXT NOT NULL) STRICT",
    # protects against mistakes; deliberate removal of the triggers is detected by the chain
    "CREATE TRIGGER IF NOT EXISTS audit_no_change BEFORE UPDATE ON audit_entries "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON audit_entries "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
)
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """The content of an audit log.

    Attributes:
        first_hash: random hash to which the first entry is chained; identifies the log.
    """

    first_hash: str
    entries: tuple[AuditEntry, ...]


def record_audit(
    folder: Path,
    action: str,
    what: Mapping[str, object] | None = None,
    *,
    user: str = "",
    role: str = Role.EVERYBODY.value,
    outcome: Outcome = Outcome.DONE,
    clock: Clock | None = None,
) -> AuditEntry:
    """Append an entry to a venue's log; it is durable on return.

    Args:
        action: short description, the same for the same action.
        what: names of affected items, without secrets.
        user: name of the user; empty in a venue without users, see ``app.access.guard.find_actor``.

    Raises:
        StoreError: the log cannot be written.
    """
    with open_entry(folder, clock=clock) as pending:
        return pending.append(action, what, user=user, role=role, outcome=outcome)


class PendingEntry:
    """A reserved place in the log while an action runs, so that no action goes unrecorded."""

    def __init__(self, connection: Any, folder: Path, clock: Clock) -> None:
        self._connection = connection
        self._folder = folder
        self._clock = clock
        self.head: tuple[str, AuditEntry] | None = None

    def append(
        self,
        action: str,
        what: Mapping[str, object] | None,
        *,
        user: str,
        role: str,
        outcome: Outcome = Outcome.DONE,
    ) -> AuditEntry:
        """Write an entry, which becomes durable when the ``with`` block of `open_entry` ends."""
        if self.head is None:
            self._record_truncation()
        return self._write(action, what, user=user, role=role, outcome=outcome)

    def _record_truncation(self) -> None:
        witness = recall_head(self._folder)
        if witness is None or _holds(self._connection, witness):
            return
        number, _, _ = _find_end(self._connection)
        _LOG.error(
            "The audit log of %s does not hold entry %d any more, which was written here: it ends with %d.",
            self._folder,
            witness.number,
            number,
        )
        found = {"last entry written": witness.number, "last entry found": number}
        self._write(LOG_TRUNCATED, found, user="", role=Role.SERVICE.value, outcome=Outcome.DONE)

    def _write(
        self, action: str, what: Mapping[str, object] | None, *, user: str, role: str, outcome: Outcome
    ) -> AuditEntry:
        number, hash_before, first_hash = _find_end(self._connection)
        time_us = to_us(self._clock.now_utc_s())
        named = {key: _shorten(value) for key, value in (what or {}).items()}
        bare = AuditEntry(number + 1, time_us, user, role, action, outcome, named)
        entry = replace(bare, chain_hash=hash_entry(bare, hash_before))
        self._connection.exec_driver_sql(
            f"INSERT INTO audit_entries ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (
                entry.number,
                entry.time_us,
                entry.user,
                entry.role,
                entry.action,
                entry.outcome.value,
                json.dumps(named, ensure_ascii=False, sort_keys=True),
                entry.chain_hash,
            ),
        )
        self.head = (first_hash, entry)
        return entry


@contextmanager
def open_entry(folder: Path, *, clock: Clock | None = None) -> Iterator[PendingEntry]:
    """Lock the end of a venue's log; entries of the body are kept when it ends, also by an error.

    Other writers wait up to five seconds, so the body must be short.

    Raises:
        StoreError: the log cannot be written.
    """
    # imported here so that a window appears before SQLAlchemy is loaded
    from analytics.store.database_url import open_sqlite
    from analytics.store.store_failures import converting_store_errors

    clock = clock or SystemClock()
    _quarantine_if_damaged(folder, clock)
    file = folder / LOG_NAME
    engine = open_sqlite(file)
    try:
        with converting_store_errors(str(file)):
            connection = engine.connect()
        pending = PendingEntry(connection, folder, clock)
        try:
            with converting_store_errors(str(file)):
                connection.begin()
                _make_tables(connection)
            yield pending
        finally:
            with converting_store_errors(str(file)):
                connection.commit()
            connection.close()
        _remember_end(folder, pending)
    finally:
        engine.dispose()


def read_trail(folder: Path) -> AuditTrail | None:
    """Return a venue's log, oldest entry first; None without a log.

    Raises:
        StoreError: the log cannot be read or is damaged.
    """
    from analytics.store.database_url import open_sqlite
    from analytics.store.store_failures import converting_store_errors

    file = folder / LOG_NAME
    if not file.exists():
        return None
    engine = open_sqlite(file, is_read_only=True)
    try:
        with converting_store_errors(str(file)), engine.connect() as connection:
            first = connection.exec_driver_sql("SELECT first_hash FROM audit_log").scalar()
            rows = connection.exec_driver_sql(
                f"SELECT {_COLUMNS} FROM audit_entries ORDER BY number"  # noqa: S608
            ).all()
        return AuditTrail(str(first or ""), tuple(_unpack(row) for row in rows))
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            "The audit log {place} contains entries that were not written by ExpoFlow.",
            "Move the file to another folder and keep it for investigation; a new log will be created.",
            place=str(file),
        ) from error
    finally:
        engine.dispose()


def _unpack(row: Sequence[Any]) -> AuditEntry:
    number, time_us, user, role, action, outcome, what, chain_hash = row
    return AuditEntry(
        number, time_us, user, role, action, Outcome(outcome), dict(json.loads(what)), chain_hash
    )


def _make_tables(connection: Any) -> None:
    for statement in _TABLES:
        connection.exec_driver_sql(statement)
    if connection.exec_driver_sql("SELECT count(*) FROM audit_log").scalar() == 0:
        connection.exec_driver_sql(
            "INSERT INTO audit_log (first_hash, format) VALUES (?, ?)", (secrets.token_hex(32), _FORMAT)
        )


def _find_end(connection: Any) -> tuple[int, str, str]:
    """Return number and hash of the last entry, and the hash to which the first is chained."""
    first_hash = str(connection.exec_driver_sql("SELECT first_hash FROM audit_log").scalar())
    last = connection.exec_driver_sql(
        "SELECT number, chain_hash FROM audit_entries ORDER BY number DESC LIMIT 1"
    ).one_or_none()
    return (0, first_hash, first_hash) if last is None else (int(last[0]), str(last[1]), first_hash)


def _holds(connection: Any, witness: AuditHead) -> bool:
    """Return whether a log still contains the remembered entry."""
    first_hash = connection.exec_driver_sql("SELECT first_hash FROM audit_log").scalar()
    found = connection.exec_driver_sql(
        "SELECT chain_hash FROM audit_entries WHERE number = ?", (witness.number,)
    ).scalar()
    return bool(first_hash == witness.first_hash and found == witness.chain_hash)


def _quarantine_if_damaged(folder: Path, clock: Clock) -> None:
    """Quarantine a log that is no valid database and begin a new one."""
    from analytics.store.store_failures import converting_store_errors

    file = folder / LOG_NAME
    if not _is_damaged(file):
        return
    with lock_venue(folder):
        if not _is_damaged(file):
            return
        stamp = format_utc(clock.now_utc_s()).replace(":", "").replace("-", "").replace(".", "")
        quarantined = folder / f"{DAMAGED_PREFIX}{stamp}.sqlite"
        with converting_store_errors(str(file)):
            file.replace(quarantined)
            for ending in ("-wal", "-shm"):
                file.with_name(file.name + ending).unlink(missing_ok=True)
        _LOG.error(
            "The audit log %s is damaged; it was put aside as %s and a new one begun.", file, quarantined.name
        )
        # the new log has its own entry about the loss
        forget_head(folder)
        record_audit(
            folder, LOG_QUARANTINED, {"file": quarantined.name}, role=Role.SERVICE.value, clock=clock
        )


def _is_damaged(file: Path) -> bool:
    from analytics.store.database_url import open_sqlite
    from analytics.store.store_failures import converting_store_errors, is_damage

    if not file.exists():
        return False
    engine = open_sqlite(file)
    try:
        with converting_store_errors(str(file)), engine.connect() as connection:
            return bool(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok")
    except StoreError as error:
        return is_damage(error.__cause__)
    finally:
        engine.dispose()


def _remember_end(folder: Path, pending: PendingEntry) -> None:
    """Remember the end of the log outside the venue, so that truncation is noticed."""
    if pending.head is None:
        return
    first_hash, entry = pending.head
    _LOG.info("audit %d %s %s %s", entry.number, entry.chain_hash, entry.action, entry.outcome.value)
    remember_head(folder, first_hash=first_hash, number=entry.number, chain_hash=entry.chain_hash)


def _shorten(value: object) -> str:
    text = str(value)
    return text if len(text) <= MAX_NAME else text[: MAX_NAME - 1] + "…"
