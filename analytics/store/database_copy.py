"""Whole copies of SQLite files that are in use, and whether one is sound."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from analytics.store.database_url import BUSY_TIMEOUT_S
from analytics.store.durable_files import sync_folder
from analytics.store.store_failures import is_damage

_MOST_FAULTS = 20
SIDE_FILES = ("-wal", "-shm")
"""What a SQLite file has beside it: its log and the log's index."""


def copy_database(source: Path, target: Path) -> None:
    """Write a SQLite file as it is at one moment, also while others write it, as one file without a log.

    Raises:
        sqlite3.Error, OSError: it cannot be read or written; nothing is left under the target's name.
    """
    try:
        with (
            contextlib.closing(_open_reading(source)) as origin,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            # in one step: nobody who writes waits for it, and it never has to begin anew
            origin.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode = DELETE").fetchall()
    except BaseException:
        with contextlib.suppress(OSError):
            target.unlink(missing_ok=True)
        raise


def find_damage(path: Path, *, is_thorough: bool) -> list[str]:
    """What is wrong with a SQLite file, in its own words; empty for a sound one.

    Args:
        is_thorough: also look whether tables and their indices agree; takes about a second a gigabyte more.

    Raises:
        sqlite3.Error: it cannot be opened for another reason than damage.
    """
    pragma = "integrity_check" if is_thorough else "quick_check"
    try:
        with contextlib.closing(_open_reading(path)) as connection:
            words = [str(row[0]) for row in connection.execute(f"PRAGMA {pragma}({_MOST_FAULTS})")]
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return [str(error)]
    return [] if words == ["ok"] else words


def swap_database(fresh: Path, path: Path, *, aside: Path) -> None:
    """Put a whole SQLite file in the place of another, which keeps another name; for who holds its locks.

    A kill at any instant leaves one of the two under the name.

    Raises:
        OSError: running it again finishes it.
    """
    if path.exists():
        with contextlib.suppress(FileExistsError):
            os.link(path, aside)
        # a log beside a file that it does not belong to would be played into it
        for suffix in SIDE_FILES:
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.replace(aside.with_name(aside.name + suffix))
    fresh.replace(path)
    sync_folder(path.parent)


def _open_reading(path: Path) -> sqlite3.Connection:
    # not mode=ro: a log that a killed process left can only be read by who may index it
    mode = "ro" if not path.with_name(f"{path.name}-wal").exists() else "rw"
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None
    )
