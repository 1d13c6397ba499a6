"""Opens a venue's history: ``events.sqlite`` and ``tracks/`` in its folder, or tables on a server."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import StoreError
from analytics.store.archive_recovery import recover_archive
from analytics.store.database_copy import find_damage
from analytics.store.database_repair import RepairReport, repair_database
from analytics.store.database_upgrade import upgrade_database
from analytics.store.database_url import describe, open_sqlite, open_url
from analytics.store.microseconds import to_us
from analytics.store.migrations import migrate, require_newest_version
from analytics.store.sql_event_reader import SqlEventReader
from analytics.store.sql_event_writer import SqlEventWriter, WriterLimits
from analytics.store.store_failures import failures_in_words
from analytics.store.track_archive import TrackArchive
from analytics.store.writer_lease import WriterLease

DATABASE_NAME = "events.sqlite"
ARCHIVE_NAME = "tracks"


def open_store(
    folder: Path,
    *,
    clock: Clock | None = None,
    database_url: str | None = None,
    limits: WriterLimits | None = None,
    is_thorough: bool = False,
    on_repair: Callable[[RepairReport], None] = lambda _report: None,
) -> SqlEventWriter:
    """Open a history for writing; makes it where there is none, and mends what a kill left behind.

    A damaged database is made again from its newest backup, what can be read of it, and the track files; it
    keeps another name, and the log says what is lost.

    Args:
        folder: the venue's; holds the track files also when a server holds the tables.
        database_url: of a server, such as ``postgresql+psycopg://user@host/name``.
        is_thorough: check all of a SQLite file; done anyway if its last writer was killed.
        on_repair: told of a repair once it is done.

    Raises:
        StoreError: another writer has it; the folder cannot be written; it is of a newer ExpoFlow.
    """
    clock = clock or SystemClock()
    server = None if database_url is None else open_url(database_url)
    path = folder / DATABASE_NAME
    place = str(path) if server is None else describe(server)
    try:
        with failures_in_words(str(folder)):
            (folder / ARCHIVE_NAME).mkdir(parents=True, exist_ok=True)
            lease = WriterLease.acquire(folder, clock=clock, server=server)
    except BaseException:
        if server is not None:
            server.dispose()
        raise
    try:
        now_us = to_us(clock.now_utc_s())
        if server is None:
            with failures_in_words(place):
                repair = _repair_if_damaged(
                    path, folder / ARCHIVE_NAME, now_us=now_us, is_thorough=is_thorough
                )
            if repair is not None:
                on_repair(repair)
        is_new = server is None and not path.exists()
        engine = server or open_sqlite(path)
        try:
            with failures_in_words(place):
                if server is None:
                    upgrade_database(engine, path, now_us=now_us, place=place)
                else:
                    migrate(engine, now_us=now_us, place=place)
                recover_archive(engine, folder / ARCHIVE_NAME, now_us=now_us)
                archive = TrackArchive(folder / ARCHIVE_NAME, engine)
            return SqlEventWriter(
                engine, archive, lease, clock=clock, place=place, limits=limits or WriterLimits()
            )
        except BaseException:
            engine.dispose()
            if is_new:
                # without tables it would be taken for a history that was lost
                for ending in ("", "-wal", "-shm", "-journal"):
                    path.with_name(path.name + ending).unlink(missing_ok=True)
            raise
    except BaseException:
        lease.release()
        raise


def open_reader(folder: Path, *, database_url: str | None = None) -> SqlEventReader:
    """Open a history for reading, also while another process writes it.

    Raises:
        StoreError: there is none, it cannot be read, or it is of another version of ExpoFlow.
    """
    path = folder / DATABASE_NAME
    if database_url is None and not path.exists():
        raise StoreError(
            "There is no history in {folder}.",
            "Record into this venue or import a recording first.",
            folder=folder,
        )
    engine = open_sqlite(path, is_read_only=True) if database_url is None else None
    if engine is None:
        assert database_url is not None
        engine = open_url(database_url, is_read_only=True)
    place = str(path) if database_url is None else describe(engine)
    try:
        with failures_in_words(place):
            require_newest_version(engine, place=place)
    except BaseException:
        engine.dispose()
        raise
    return SqlEventReader(engine, folder / ARCHIVE_NAME, place=place)


def _repair_if_damaged(path: Path, archive: Path, *, now_us: int, is_thorough: bool) -> RepairReport | None:
    """Check a SQLite file, all of it if its last writer was killed; a damaged one is made again."""
    if not path.exists():
        return None
    damage = find_damage(path, is_thorough=is_thorough or _was_killed(path))
    return repair_database(path, archive, now_us=now_us) if damage else None


def _was_killed(path: Path) -> bool:
    """Whether the last writer never came to its end; True where that cannot be read."""
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
        ) as connection:
            query = "SELECT ended_us FROM sessions ORDER BY session DESC LIMIT 1"
            last = connection.execute(query).fetchone()
    except sqlite3.Error:
        return True
    return last is not None and last[0] is None
