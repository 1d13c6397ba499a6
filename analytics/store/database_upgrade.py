"""Bring the history of an older ExpoFlow up to date: copied first, and put back where that fails."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine

from analytics.domain.errors import StoreError
from analytics.store.database_copy import copy_database
from analytics.store.history_folder import BACKUPS_NAME
from analytics.store.migrations import MIGRATIONS, Migration, migrate, read_version


def upgrade_database(
    engine: Engine,
    path: Path,
    *,
    now_us: int,
    place: str,
    migrations: Sequence[Migration] = MIGRATIONS,
) -> Path | None:
    """Bring a SQLite file to the newest version; an empty one gets its tables.

    Args:
        path: of the file that the engine writes.

    Returns:
        The copy of the file as it was, beside the backups; None where nothing had to be changed.

    Raises:
        StoreError: it is of a newer ExpoFlow or of another program; or a step failed, and it is as before.
        sqlite3.Error, OSError: it cannot be copied, for example because the disk is full; it is as before.
    """
    newest = migrations[-1].version
    with engine.connect() as connection:
        version = read_version(connection, place=place, newest=newest)
    if version in (0, newest):
        migrate(engine, now_us=now_us, place=place, migrations=migrations)
        return None
    copy = path.parent / BACKUPS_NAME / f"{path.stem}.version{version}{path.suffix}"
    copy.parent.mkdir(exist_ok=True)
    # one of an attempt that failed before is of the same state, and may be half
    copy.unlink(missing_ok=True)
    copy_database(path, copy)
    try:
        migrate(engine, now_us=now_us, place=place, migrations=migrations)
    except Exception as error:
        engine.dispose()
        _put_back(copy, path)
        raise StoreError(
            "{place} could not be brought up to this ExpoFlow ({cause}). It is as it was.",
            "Go on with the ExpoFlow that wrote it, and report this; a copy is in {copy}.",
            place=place,
            cause=f"{type(error).__name__}: {error}",
            copy=str(copy),
        ) from error
    return copy


def _put_back(copy: Path, path: Path) -> None:
    """Steps before the one that failed are done; each is whole, but not what the former version reads."""
    with (
        contextlib.closing(sqlite3.connect(copy)) as origin,
        contextlib.closing(sqlite3.connect(path)) as target,
    ):
        origin.backup(target, pages=-1)
