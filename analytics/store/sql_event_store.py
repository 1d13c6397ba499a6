"""Open a venue's history: ``events.sqlite`` and ``tracks/`` in its folder, or tables on a server."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import DamagedStoreError, Phrase, StoreError
from analytics.store.database_url import describe, open_sqlite, open_url
from analytics.store.history_folder import (
    ARCHIVE_NAME,
    BACKUPS_NAME,
    DATABASE_NAME,
    SERVER_NAME,
    open_on_server,
    read_server_mark,
)
from analytics.store.microseconds import to_us
from analytics.store.migrations import MIGRATIONS, Migration, migrate, read_version, require_newest_version
from analytics.store.recovery.archive_recovery import recover_archive
from analytics.store.recovery.database_copy import copy_database, find_damage, find_loss
from analytics.store.recovery.database_repair import RepairReport, repair_database
from analytics.store.recovery.lost_tracks import LostTracks
from analytics.store.sql_event_writer import SqlEventWriter, WriterLimits
from analytics.store.store_failures import REMEDY, converting_store_errors
from analytics.store.track_archive import TrackArchive
from analytics.store.writer_lease import WriterLease

if TYPE_CHECKING:
    from analytics.store.sql_event_reader import SqlEventReader


def upgrade_database(
    engine: Engine,
    path: Path,
    *,
    now_us: int,
    place: str,
    migrations: Sequence[Migration] = MIGRATIONS,
) -> Path | None:
    """Upgrade a SQLite file to the newest version; an empty one gets its tables.

    Args:
        path: path of the engine's file.

    Returns:
        The copy of the file before the upgrade, beside the backups; None if nothing had to be changed.

    Raises:
        StoreError: it is of a newer ExpoFlow or of another program; or a step failed and was undone.
        sqlite3.Error, OSError: it cannot be copied, for example because the disk is full; nothing was
            changed.
    """
    newest = migrations[-1].version
    with engine.connect() as connection:
        version = read_version(connection, place=place, newest=newest)
    if version in (0, newest):
        migrate(engine, now_us=now_us, place=place, migrations=migrations)
        return None
    copy = path.parent / BACKUPS_NAME / f"{path.stem}.version{version}{path.suffix}"
    copy.parent.mkdir(exist_ok=True)
    # a copy of a failed attempt has the same content, but may be incomplete
    copy.unlink(missing_ok=True)
    copy_database(path, copy)
    try:
        migrate(engine, now_us=now_us, place=place, migrations=migrations)
    except Exception as error:
        engine.dispose()
        _put_back(copy, path)
        raise StoreError(
            "{place} could not be upgraded ({cause}). It was not changed.",
            "Continue to use the version of ExpoFlow that wrote it, and report this error. A copy is in "
            "{copy}.",
            place=place,
            cause=f"{type(error).__name__}: {error}",
            copy=str(copy),
        ) from error
    return copy


def _put_back(copy: Path, path: Path) -> None:
    """Restore the copy, because the completed steps are not readable by the former version."""
    with (
        contextlib.closing(sqlite3.connect(copy)) as origin,
        contextlib.closing(sqlite3.connect(path)) as target,
    ):
        origin.backup(target, pages=-1)


def open_store(
    folder: Path,
    *,
    clock: Clock | None = None,
    database_url: str | None = None,
    limits: WriterLimits | None = None,
    is_thorough: bool = False,
    is_expected: bool = False,
    on_repair: Callable[[RepairReport | LostTracks], None] = lambda _report: None,
) -> SqlEventWriter:
    """Open a history for writing; it is created if missing, and repaired after a kill.

    A damaged database is rebuilt from its newest backup, its readable rows and the track files; it gets
    another name, and the log records the losses. The same applies to one that is empty or missing although
    other files prove a history. Missing or damaged track files are quarantined and replaced by gaps.

    Args:
        folder: venue folder; contains the track files also if a server has the tables.
        database_url: URL of a server, such as ``postgresql+psycopg://user@host/name``.
        is_thorough: check a SQLite file completely, as after a kill of its last writer, and read all
            track files.
        is_expected: whether a history must exist, regardless of the folder's content.
        on_repair: called after a repair and after losses of track files.

    Raises:
        StoreError: another writer has it; the folder cannot be written; it is of a newer ExpoFlow; its tables
            are on the server of a site, whose machines write them.
    """
    _require_local(folder, database_url)
    clock = clock or SystemClock()
    server = None if database_url is None else open_url(database_url)
    path = folder / DATABASE_NAME
    place = str(path) if server is None else describe(server)
    try:
        with converting_store_errors(str(folder)):
            folder.mkdir(parents=True, exist_ok=True)
            lease = WriterLease.acquire(folder, clock=clock, server=server)
    except BaseException:
        if server is not None:
            server.dispose()
        raise
    try:
        now_us = to_us(clock.now_utc_s())
        if server is None:
            with converting_store_errors(place):
                is_damaged = is_expected and not path.exists()
                is_damaged = is_damaged or find_history_damage(folder, is_thorough=is_thorough) is not None
                repair = repair_database(path, folder / ARCHIVE_NAME, now_us=now_us) if is_damaged else None
            for report in () if repair is None else (repair, repair.lost_tracks):
                if report is not None:
                    on_repair(report)
        is_new = server is None and not path.exists()
        engine = server or open_sqlite(path)
        try:
            with converting_store_errors(place):
                if server is None:
                    upgrade_database(engine, path, now_us=now_us, place=place)
                else:
                    migrate(engine, now_us=now_us, place=place)
                (folder / ARCHIVE_NAME).mkdir(exist_ok=True)
                lost = recover_archive(engine, folder / ARCHIVE_NAME, now_us=now_us, is_thorough=is_thorough)
                archive = TrackArchive(folder / ARCHIVE_NAME, engine, clock=clock)
            if lost is not None:
                on_repair(lost)
            return SqlEventWriter(
                engine, archive, lease, clock=clock, place=place, limits=limits or WriterLimits()
            )
        except BaseException:
            engine.dispose()
            if is_new:
                # a file without tables would be mistaken for a lost history
                for ending in ("", "-wal", "-shm", "-journal"):
                    path.with_name(path.name + ending).unlink(missing_ok=True)
            raise
    except BaseException:
        lease.release()
        raise


def _require_local(folder: Path, database_url: str | None) -> None:
    if database_url is None and (folder / SERVER_NAME).exists():
        raise StoreError(
            "The history of '{hall}' is written by the machines of the site.",
            "To record here, open this computer's venue and let it take part in the site: Settings, Site.",
            hall=read_server_mark(folder).get("hall", folder.stem),
        )


def open_reader(folder: Path, *, database_url: str | None = None) -> SqlEventReader:
    """Open a history for reading, also while another process writes it.

    Raises:
        DamagedStoreError: its database is missing, empty or truncated.
        StoreError: there is none, it cannot be read, or it is of another version of ExpoFlow.
    """
    if database_url is None and (folder / SERVER_NAME).exists():
        if not open_on_server:
            raise StoreError(
                "The history in {folder} is on a server.", "Open it with ExpoFlow's window.", folder=folder
            )
        reader: SqlEventReader = open_on_server[0](folder)
        return reader
    # pandas, which a writer does not need, takes a moment to load
    from analytics.store.sql_event_reader import SqlEventReader

    path = folder / DATABASE_NAME
    if database_url is None:
        require_present(folder)
        if not path.exists():
            raise StoreError(
                "There is no history in {folder}.",
                "Start a recording or import a video first.",
                folder=folder,
            )
    engine = open_sqlite(path, is_read_only=True) if database_url is None else None
    if engine is None:
        assert database_url is not None
        engine = open_url(database_url, is_read_only=True)
    place = str(path) if database_url is None else describe(engine)
    try:
        with converting_store_errors(place):
            require_newest_version(engine, place=place)
    except BaseException:
        engine.dispose()
        raise
    return SqlEventReader(engine, folder / ARCHIVE_NAME, place=place)


def require_present(folder: Path) -> None:
    """Check that an existing history's SQLite file is not missing, empty or truncated.

    Raises:
        DamagedStoreError: it is.
        StoreError: it cannot be read.
    """
    with converting_store_errors(str(folder / DATABASE_NAME)):
        loss = find_loss(folder)
    if loss is not None:
        raise DamagedStoreError(loss.template, REMEDY, **loss.fields)


def find_history_damage(folder: Path, *, is_thorough: bool = False) -> Phrase | None:
    """Return the damage of a history's SQLite file; None for a sound file or without a history.

    Args:
        is_thorough: check it completely, as after a kill of its last writer.

    Raises:
        sqlite3.Error, OSError: it cannot be opened for another reason than damage.
    """
    path = folder / DATABASE_NAME
    loss = find_loss(folder)
    if loss is not None or not path.exists() or not path.stat().st_size:
        return loss
    damage = find_damage(path, is_thorough=is_thorough or _was_killed(path))
    return (
        Phrase("The database {file} is damaged: {damage}", {"file": path.name, "damage": damage[0]})
        if damage
        else None
    )


def _was_killed(path: Path) -> bool:
    """Return whether the last writer was killed; True if that cannot be read."""
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
        ) as connection:
            query = "SELECT ended_us FROM sessions ORDER BY session DESC LIMIT 1"
            last = connection.execute(query).fetchone()
    except sqlite3.Error:
        return True
    return last is not None and last[0] is None
