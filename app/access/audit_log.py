"""Keep the audit log of a venue in ``audit.sqlite``, to which entries are only added.

An entry is durable when `record_audit` returns. A damaged log does not block work: it is quarantined, and a
new one begins with an entry about it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from analytics.domain.clock import Clock, SystemClock, format_utc
from analytics.domain.errors import StoreError
from analytics.store.microseconds import to_us
from app.access.roles import Role
from app.core.venue_lock import lock_venue
from resources.atomic_file import rename_over


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
        what: names of affected items, and their values before and after; never a secret.
    """

    number: int
    time_us: int
    user: str
    role: str
    action: str
    outcome: Outcome
    what: Mapping[str, str] = field(default_factory=dict)


LOG_NAME = "audit.sqlite"
DAMAGED_PREFIX = "audit.damaged-"
"""Prefix of a quarantined log, followed by the time."""
LOG_QUARANTINED, RESTORED = "audit log put aside", "venue restored from archive"
"""Actions that concern the log itself; an archive contains a log but no users."""
MAX_NAME = 300
_LOG = logging.getLogger(__name__)
_COLUMNS = "number, time_us, user, role, action, outcome, what"
_TABLES = (
    "CREATE TABLE IF NOT EXISTS audit_entries (number INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, "
    "user TEXT NOT NULL, role TEXT NOT NULL, action TEXT NOT NULL, outcome TEXT NOT NULL, "
    "what TEXT NOT NULL) STRICT",
    # protects against mistakes, not against whoever may write the file
    "CREATE TRIGGER IF NOT EXISTS audit_no_change BEFORE UPDATE ON audit_entries "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON audit_entries "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
)


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

    def __init__(self, connection: Any, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

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
        last = self._connection.exec_driver_sql("SELECT max(number) FROM audit_entries").scalar()
        named = {key: _shorten(value) for key, value in (what or {}).items()}
        time_us = to_us(self._clock.now_utc_s())
        entry = AuditEntry((last or 0) + 1, time_us, user, role, action, outcome, named)
        self._connection.exec_driver_sql(
            f"INSERT INTO audit_entries ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (
                entry.number,
                entry.time_us,
                entry.user,
                entry.role,
                entry.action,
                entry.outcome.value,
                json.dumps(named, ensure_ascii=False, sort_keys=True),
            ),
        )
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
        pending = PendingEntry(connection, clock)
        try:
            with converting_store_errors(str(file)):
                connection.begin()
                _make_tables(connection)
            yield pending
        finally:
            with converting_store_errors(str(file)):
                connection.commit()
            connection.close()
    finally:
        engine.dispose()


def read_entries(folder: Path) -> tuple[AuditEntry, ...]:
    """Return the entries of a venue's log, oldest first; none without a log.

    Raises:
        StoreError: the log cannot be read or is damaged.
    """
    from analytics.store.database_url import open_sqlite
    from analytics.store.store_failures import converting_store_errors

    file = folder / LOG_NAME
    if not file.exists():
        return ()
    engine = open_sqlite(file, is_read_only=True)
    try:
        with converting_store_errors(str(file)), engine.connect() as connection:
            rows = connection.exec_driver_sql(
                f"SELECT {_COLUMNS} FROM audit_entries ORDER BY number"  # noqa: S608
            ).all()
        return tuple(_unpack(row) for row in rows)
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            "The audit log {place} contains entries that were not written by ExpoFlow.",
            "Move the file to another folder and keep it for investigation; a new log will be created.",
            place=str(file),
        ) from error
    finally:
        engine.dispose()


def _unpack(row: Sequence[Any]) -> AuditEntry:
    number, time_us, user, role, action, outcome, what = row
    return AuditEntry(number, time_us, user, role, action, Outcome(outcome), dict(json.loads(what)))


def _make_tables(connection: Any) -> None:
    for statement in _TABLES:
        connection.exec_driver_sql(statement)
    columns = connection.exec_driver_sql("SELECT name FROM pragma_table_info('audit_entries')").scalars()
    if "chain_hash" in columns:
        # logs of early versions chained their entries
        connection.exec_driver_sql("ALTER TABLE audit_entries DROP COLUMN chain_hash")


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
            rename_over(file, quarantined)
            for ending in ("-wal", "-shm"):
                file.with_name(file.name + ending).unlink(missing_ok=True)
        _LOG.error(
            "The audit log %s is damaged; it was put aside as %s and a new one begun.", file, quarantined.name
        )
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


def _shorten(value: object) -> str:
    text = str(value)
    return text if len(text) <= MAX_NAME else text[: MAX_NAME - 1] + "…"
