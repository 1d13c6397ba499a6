"""Whole copies of SQLite files that are in use, and whether one is sound."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from analytics.domain.errors import Phrase
from analytics.store.database_url import BUSY_TIMEOUT_S, connect
from analytics.store.durable_files import sync_folder
from analytics.store.history_folder import DATABASE_NAME, has_traces
from analytics.store.store_failures import is_damage

_MAX_FAULTS = 20
_HEADER_BYTES = 100
_MAX_BLANK_BYTES = 65_536
"""A database with our tables is larger, and with a log beside it may be as small as a page."""
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
            words = [str(row[0]) for row in connection.execute(f"PRAGMA {pragma}({_MAX_FAULTS})")]
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return [str(error)]
    return [] if words == ["ok"] else words


def find_cut(path: Path) -> str | None:
    """Return what SQLite and the size say at a first look is wrong with a database file; None: nothing.

    The file is looked at through SQLite alone. If a process opens and closes it by itself, the system takes
    away the locks of that process's connections; the next reader to close then believes that it is the last
    one and removes the log, and whatever the writer commits from then on is lost.

    Raises:
        sqlite3.OperationalError, OSError: it cannot be opened for another reason than damage.
    """
    size = path.stat().st_size
    try:
        with contextlib.closing(connect(path, is_read_only=True)) as connection:
            ((pages,),) = connection.execute("PRAGMA page_count").fetchall()
            ((page_bytes,),) = connection.execute("PRAGMA page_size").fetchall()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        return str(error)
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        return None
    return (
        f"file is cut off after {size} bytes of {pages * page_bytes}" if size < pages * page_bytes else None
    )


def find_loss(folder: Path) -> Phrase | None:
    """Return whether a history's SQLite file is gone, empty or cut, as a look at its ends tells."""
    path = folder / DATABASE_NAME
    words = {"file": path.name, "folder": str(folder)}
    if not path.exists():
        if has_traces(folder):
            return Phrase(
                "The history's database {file} in {folder} is gone; what lies beside it tells of one.", words
            )
        return None
    if is_blank(path):
        if has_traces(folder):
            return Phrase(
                "The history's database {file} in {folder} is empty; what lies beside it tells of one.", words
            )
        return None
    cut = find_cut(path)
    return (
        None
        if cut is None
        else Phrase("The database {file} is damaged: {damage}", {"file": path.name, "damage": cut})
    )


def is_blank(path: Path) -> bool:
    """Return whether a SQLite file has no table."""
    size = path.stat().st_size
    if not size or size > _MAX_BLANK_BYTES:
        return not size
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_TIMEOUT_S)
        ) as connection:
            return not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    except sqlite3.Error:
        return False


def read_whole_size(path: Path) -> int | None:
    """Return how many bytes a SQLite file says that it has; None where it is none.

    Only for a damaged file that nobody has open: see `find_cut`.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    page_bytes = int.from_bytes(header[16:18], "big")
    if len(header) < _HEADER_BYTES or not header.startswith(b"SQLite format 3\0") or not page_bytes:
        return None
    return (65536 if page_bytes == 1 else page_bytes) * int.from_bytes(header[28:32], "big")


def swap_database(fresh: Path, path: Path, *, aside: Path) -> None:
    """Put a whole SQLite file in the place of another, which keeps another name; for who holds its locks.

    A kill at any instant leaves one of the two under the name, where the disk knows hard links.

    Args:
        aside: a name that nothing has; see ``choose_aside``.

    Raises:
        OSError: running it again finishes it.
    """
    if path.exists():
        try:
            os.link(path, aside)
        except OSError:
            # a stick or a network drive: it must keep a name before the other takes its place
            path.replace(aside)
    # a log beside a file that it does not belong to would be played into it
    for suffix in SIDE_FILES:
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    fresh.replace(path)
    sync_folder(path.parent)


def choose_aside(wanted: Path) -> Path:
    """Return a name like the wanted one that neither a file nor its log has."""
    aside, number = wanted, 2
    while any(aside.with_name(aside.name + suffix).exists() for suffix in ("", *SIDE_FILES)):
        aside = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        number += 1
    return aside


def _open_reading(path: Path) -> sqlite3.Connection:
    # not mode=ro: a log that a killed process left can only be read by who may index it
    mode = "ro" if not path.with_name(f"{path.name}-wal").exists() else "rw"
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None
    )
