"""Engines of databases: by the path of a SQLite file or by the URL of a PostgreSQL server."""

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
"""How long a statement waits for another connection's transaction; ours take milliseconds."""


def open_sqlite(path: Path, *, is_read_only: bool = False) -> Engine:
    """The engine of a SQLite file; a writing one makes the file where it is missing.

    Every connection waits for others, checks foreign keys and, when it writes, keeps a write-ahead log, so
    that readers are never in the way. ``synchronous`` is FULL: a commit is on the disk when it returns, also
    if the power fails then, and at one commit a second that costs nothing to speak of.
    """
    engine = create_engine(
        "sqlite://", creator=lambda: connect(path, is_read_only=is_read_only), poolclass=QueuePool
    )

    # the driver's own transactions leave out DDL, and a writer that only asks for the lock at its first
    # write may be told that its snapshot is old: so transactions are begun here, in words
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if is_read_only else "BEGIN IMMEDIATE")

    return engine


def open_url(url: str, *, is_read_only: bool = False) -> Engine:
    """The engine of a database server such as ``postgresql+psycopg://user@host/name``.

    Raises:
        StoreError: the URL is none, or names a kind of database that is not supported.
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
            "The address of the database cannot be used.",
            "Write it like postgresql+psycopg://user@host/name, with that driver installed.",
        )
    return engine


def describe(engine: Engine) -> str:
    """How to call a server's database in a message, without user and password."""
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
            # the first one waits for a reader that just opens the file
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
        # beside a file on a medium that cannot be written no shared memory can be made; nobody can be
        # writing it either, so it may be read as it is, unless a log beside it holds more
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
