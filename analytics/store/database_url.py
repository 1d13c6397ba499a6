"""Open databases by the path of a SQLite file or the URL of a PostgreSQL server."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from analytics.domain.errors import StoreError

BUSY_TIMEOUT_S = 5.0
"""Time for which a statement waits for another connection's transaction; ours take milliseconds."""


def open_sqlite(path: Path, *, is_read_only: bool = False) -> Engine:
    """Return the engine of a SQLite file; a writing engine creates the file if missing.

    Every connection waits for others, checks foreign keys and, when writing, uses a write-ahead log, so that
    readers never block. ``synchronous`` is FULL: a commit is durable when it returns, even on power failure,
    at negligible cost for one commit a second.
    """
    engine = create_engine(
        "sqlite://", creator=lambda: connect(path, is_read_only=is_read_only), poolclass=QueuePool
    )

    # the driver's implicit transactions exclude DDL, and a writer that requests the lock only at its first
    # write may fail with a stale snapshot, so transactions are begun explicitly
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if is_read_only else "BEGIN IMMEDIATE")

    return engine


def open_url(url: str, *, is_read_only: bool = False) -> Engine:
    """Return the engine of a database server such as ``postgresql+psycopg://user@host/name``.

    Raises:
        StoreError: the URL is not valid, or names an unsupported kind of database.
    """
    try:
        parsed = make_url(url)
        is_supported = parsed.get_backend_name() == "postgresql"
        options: dict[str, Any] = {"pool_pre_ping": True}
        if is_read_only:
            options["isolation_level"] = "REPEATABLE READ"
        engine = create_engine(parsed, **options) if is_supported else None
    except (SQLAlchemyError, ImportError, ValueError):
        engine = None
    if engine is None:
        raise StoreError(
            "The database address is not valid.",
            "Use the form postgresql+psycopg://user@host/name, and install the driver.",
        )
    return engine


def describe(engine: Engine) -> str:
    """Return the name of a server's database for messages, without user and password."""
    return f"the database '{engine.url.database}' on {engine.url.host or 'this machine'}"


def connect(path: Path, *, is_read_only: bool) -> sqlite3.Connection:
    """Return a connection to a SQLite file, also to one in a folder that cannot be written.

    Raises:
        sqlite3.Error: it cannot be opened, or is damaged.
    """
    if not is_read_only:
        connection = _open(f"{path.absolute().as_uri()}?mode=rwc")
        _execute(
            connection,
            # the first statement waits for a reader that is opening the file
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "PRAGMA fullfsync = ON",  # macOS: only this reaches the disk and not its cache
            "PRAGMA foreign_keys = ON",
        )
        return connection
    try:
        connection = _open(f"{path.absolute().as_uri()}?mode=ro")
        _execute(connection, "PRAGMA foreign_keys = ON", "SELECT count(*) FROM sqlite_schema")
    except sqlite3.OperationalError:
        # on a read-only medium no shared memory can be created, but nothing can write the file either, so it
        # can be read as it is, unless a log beside it contains more
        if not path.exists() or _has_log(path):
            raise
        connection = _open(f"{path.absolute().as_uri()}?immutable=1")
        _execute(connection, "PRAGMA foreign_keys = ON")
    return connection


def _open(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(
        uri, uri=True, timeout=BUSY_TIMEOUT_S, check_same_thread=False, isolation_level=None
    )


def _execute(connection: sqlite3.Connection, *statements: str) -> None:
    try:
        for statement in statements:
            connection.execute(statement).fetchall()
    except BaseException:
        connection.close()
        raise


def _has_log(path: Path) -> bool:
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0
