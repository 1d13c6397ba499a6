"""Opens a venue's history: ``events.sqlite`` and ``tracks/`` in its folder, or tables on a server."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import StoreError
from analytics.store.archive_recovery import recover_archive
from analytics.store.database_url import describe, open_sqlite, open_url
from analytics.store.durable_files import sync_folder
from analytics.store.microseconds import to_us
from analytics.store.migrations import migrate, require_newest_version
from analytics.store.sql_event_reader import SqlEventReader
from analytics.store.sql_event_writer import SqlEventWriter, WriterLimits
from analytics.store.store_failures import failures_in_words, is_damage
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
) -> SqlEventWriter:
    """Open a history for writing; makes it where there is none, and mends what a kill left behind.

    Args:
        folder: the venue's; holds the track files also when a server holds the tables.
        database_url: of a server, such as ``postgresql+psycopg://user@host/name``.

    Raises:
        StoreError: another writer has it; the folder cannot be written; it is of a newer ExpoFlow; or the
            database is damaged, which has then been put aside, so that opening again begins a new one.
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
        engine = server or open_sqlite(path)
        try:
            now_us = to_us(clock.now_utc_s())
            if server is None:
                _require_sound(engine, path, clock)
            with failures_in_words(place):
                migrate(engine, now_us=now_us, place=place)
                recover_archive(engine, folder / ARCHIVE_NAME, now_us=now_us)
                archive = TrackArchive(folder / ARCHIVE_NAME, engine)
            return SqlEventWriter(
                engine, archive, lease, clock=clock, place=place, limits=limits or WriterLimits()
            )
        except BaseException:
            engine.dispose()
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


def _require_sound(engine: Engine, path: Path, clock: Clock) -> None:
    """Check a SQLite file; a damaged one is put aside under another name, never deleted."""
    try:
        with engine.connect() as connection:
            verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        is_sound = verdict == "ok"
    except DatabaseError as error:
        if not is_damage(error):
            with failures_in_words(str(path)):
                raise
        is_sound = False
    if is_sound:
        return
    engine.dispose()
    moment = datetime.fromtimestamp(clock.now_utc_s(), tz=UTC)
    aside = path.with_name(f"{path.stem}.damaged-{moment:%Y%m%dT%H%M%SZ}{path.suffix}")
    with failures_in_words(str(path)):
        for suffix in ("", "-wal", "-shm"):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.replace(aside.with_name(aside.name + suffix))
        sync_folder(path.parent)
    raise StoreError(
        "The history {path} is damaged; it was put aside as {aside}.",
        "Start again: a new one begins with the track files that are there. A backup of the damaged file can "
        "be put back instead under its old name.",
        path=path,
        aside=aside.name,
    )
