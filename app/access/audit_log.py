"""``audit.sqlite`` in a venue's folder: who changed, exported and tried what; each entry chained to the last.

An entry is on the disk when `record_audit` returns. A damaged log never stands in the way: it is put aside,
loudly, and a new one begins with an entry that says so. Where a log has lost its end since this account last
wrote it, an entry says so before the next one, with which this account would forget where the log had ended.
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


LOG_NAME = "audit.sqlite"
DAMAGED_PREFIX = "audit.damaged-"
"""Of a log that was put aside; its name goes on with when."""
PUT_ASIDE, CUT_SHORT, RESTORED = "audit log put aside", "audit log cut short", "venue restored from archive"
"""Actions of entries that tell of the log itself; an archive brings a log, and no users."""
MAX_NAME = 300
_LOG = logging.getLogger(__name__)
_COLUMNS = "number, time_us, user, role, action, outcome, what, chain_hash"
_TABLES = (
    "CREATE TABLE IF NOT EXISTS audit_log (first_hash TEXT NOT NULL, format INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS audit_entries (number INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, "
    "user TEXT NOT NULL, role TEXT NOT NULL, action TEXT NOT NULL, outcome TEXT NOT NULL, "
    "what TEXT NOT NULL, chain_hash TEXT NOT NULL) STRICT",
    # against mistakes; who means it can drop them, and is found out by the chain
    "CREATE TRIGGER IF NOT EXISTS audit_no_change BEFORE UPDATE ON audit_entries "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON audit_entries "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
)
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """All that a log holds.

    Attributes:
        first_hash: what the first entry is chained to; random, so that it names the log.
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
    """Append an entry to a venue's log; it is on the disk when this returns.

    Args:
        folder: the venue's.
        action: short words, the same for the same action.
        what: names of what it was done to; the caller leaves secrets out.
        user: empty where the venue has no users; see ``app.access.guard.acting`` for who is at work.

    Raises:
        StoreError: the log cannot be written.
    """
    with open_entry(folder, clock=clock) as pending:
        return pending.append(action, what, user=user, role=role, outcome=outcome)


class PendingEntry:
    """A place in the log that is held while the recorded thing is done, so that nothing goes unrecorded."""

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
        """Write an entry; it counts when the ``with`` of `open_entry` ends."""
        if self.head is None:
            self._tell_of_a_lost_end()
        return self._write(action, what, user=user, role=role, outcome=outcome)

    def _tell_of_a_lost_end(self) -> None:
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
        self._write(CUT_SHORT, found, user="", role=Role.SERVICE.value, outcome=Outcome.DONE)

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
    """Hold the end of a venue's log: what is appended within is kept when the body ends, also by an error.

    Others who record meanwhile wait for up to five seconds, so the body does what takes moments.

    Raises:
        StoreError: the log cannot be written.
    """
    # loaded where it is used: a window shows before SQLAlchemy is there
    from analytics.store.database_url import open_sqlite
    from analytics.store.store_failures import failures_in_words

    clock = clock or SystemClock()
    _put_aside_if_damaged(folder, clock)
    file = folder / LOG_NAME
    engine = open_sqlite(file)
    try:
        with failures_in_words(str(file)):
            connection = engine.connect()
        pending = PendingEntry(connection, folder, clock)
        try:
            with failures_in_words(str(file)):
                connection.begin()
                _make_tables(connection)
            yield pending
        finally:
            with failures_in_words(str(file)):
                connection.commit()
            connection.close()
        _tell(folder, pending)
    finally:
        engine.dispose()


def read_trail(folder: Path) -> AuditTrail | None:
    """Everything in a venue's log, the oldest first; None where there is no log.

    Raises:
        StoreError: the log cannot be read or is damaged.
    """
    from analytics.store.database_url import open_sqlite
    from analytics.store.store_failures import failures_in_words

    file = folder / LOG_NAME
    if not file.exists():
        return None
    engine = open_sqlite(file, is_read_only=True)
    try:
        with failures_in_words(str(file)), engine.connect() as connection:
            first = connection.exec_driver_sql("SELECT first_hash FROM audit_log").scalar()
            rows = connection.exec_driver_sql(
                f"SELECT {_COLUMNS} FROM audit_entries ORDER BY number"  # noqa: S608
            ).all()
        return AuditTrail(str(first or ""), tuple(_unpack(row) for row in rows))
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            "The audit log {place} holds entries that nobody wrote with ExpoFlow.",
            "Keep the file for whoever looks into it, and take it away; a new log is begun in its place.",
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
    """Number and hash of the last entry, and what the first is chained to."""
    first_hash = str(connection.exec_driver_sql("SELECT first_hash FROM audit_log").scalar())
    last = connection.exec_driver_sql(
        "SELECT number, chain_hash FROM audit_entries ORDER BY number DESC LIMIT 1"
    ).one_or_none()
    return (0, first_hash, first_hash) if last is None else (int(last[0]), str(last[1]), first_hash)


def _holds(connection: Any, witness: AuditHead) -> bool:
    """Whether a log still has the entry that is remembered."""
    first_hash = connection.exec_driver_sql("SELECT first_hash FROM audit_log").scalar()
    found = connection.exec_driver_sql(
        "SELECT chain_hash FROM audit_entries WHERE number = ?", (witness.number,)
    ).scalar()
    return bool(first_hash == witness.first_hash and found == witness.chain_hash)


def _put_aside_if_damaged(folder: Path, clock: Clock) -> None:
    """A new log in place of one that is no database any more; the broken file stays beside it."""
    from analytics.store.store_failures import failures_in_words

    file = folder / LOG_NAME
    if not _is_damaged(file):
        return
    with lock_venue(folder):
        if not _is_damaged(file):
            return
        stamp = format_utc(clock.now_utc_s()).replace(":", "").replace("-", "").replace(".", "")
        aside = folder / f"{DAMAGED_PREFIX}{stamp}.sqlite"
        with failures_in_words(str(file)):
            file.replace(aside)
            for ending in ("-wal", "-shm"):
                file.with_name(file.name + ending).unlink(missing_ok=True)
        _LOG.error(
            "The audit log %s is damaged; it was put aside as %s and a new one begun.", file, aside.name
        )
        # the new log says itself that the other one is gone
        forget_head(folder)
        record_audit(folder, PUT_ASIDE, {"file": aside.name}, role=Role.SERVICE.value, clock=clock)


def _is_damaged(file: Path) -> bool:
    from analytics.store.database_url import open_sqlite
    from analytics.store.store_failures import failures_in_words, is_damage

    if not file.exists():
        return False
    engine = open_sqlite(file)
    try:
        with failures_in_words(str(file)), engine.connect() as connection:
            return bool(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok")
    except StoreError as error:
        return is_damage(error.__cause__)
    finally:
        engine.dispose()


def _tell(folder: Path, pending: PendingEntry) -> None:
    """Keep the end of the log elsewhere too, so that a log that was cut short is noticed."""
    if pending.head is None:
        return
    first_hash, entry = pending.head
    _LOG.info("audit %d %s %s %s", entry.number, entry.chain_hash, entry.action, entry.outcome.value)
    remember_head(folder, first_hash=first_hash, number=entry.number, chain_hash=entry.chain_hash)


def _shorten(value: object) -> str:
    text = str(value)
    return text if len(text) <= MAX_NAME else text[: MAX_NAME - 1] + "…"
