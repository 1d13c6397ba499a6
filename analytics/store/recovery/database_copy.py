"""Copy SQLite files that are in use, and check their integrity."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from analytics.domain.errors import Phrase
from analytics.store.database_url import BUSY_TIMEOUT_S, connect
from analytics.store.durable_files import sync_folder
from analytics.store.history_folder import DATABASE_NAME, SERVER_NAME, has_traces
from analytics.store.store_failures import is_damage
from resources.atomic_file import rename_over

_MAX_FAULTS = 20
_HEADER_BYTES = 100
_MAX_BLANK_BYTES = 65_536
"""Maximum size of an empty database; one with our tables is larger."""
SIDE_FILES = ("-wal", "-shm")
"""Suffixes of the files beside a SQLite file: its log and the log's index."""


def copy_database(source: Path, target: Path) -> None:
    """Copy a SQLite file as of one point in time, also while it is being written, to one file without a log.

    Raises:
        sqlite3.Error, OSError: it cannot be read or written; no target file remains.
    """
    try:
        with (
            contextlib.closing(_open_reading(source)) as origin,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            # in one step, which never restarts and does not block writers
            origin.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode = DELETE").fetchall()
    except BaseException:
        with contextlib.suppress(OSError):
            target.unlink(missing_ok=True)
        raise


def find_damage(path: Path, *, is_thorough: bool) -> list[str]:
    """Return the faults of a SQLite file as SQLite reports them; empty for a sound file.

    Args:
        is_thorough: also compare tables with their indices, which takes about a second more per gigabyte.

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
    """Return the fault of a database file by SQLite's header and its size; None without one.

    The file is accessed through SQLite only. If a process opens and closes it directly, the system releases
    the locks of that process's connections; the next reader to close then removes the log as if it were the
    last, and everything the writer commits afterwards is lost.

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
    """Return whether a history's SQLite file is missing, empty or truncated, by a quick check."""
    path = folder / DATABASE_NAME
    words = {"file": path.name, "folder": str(folder)}
    if not path.exists():
        if has_traces(folder) and not (folder / SERVER_NAME).exists():
            return Phrase(
                "The history database {file} in {folder} is missing, but other files show that there was "
                "a history.",
                words,
            )
        return None
    if is_blank(path):
        if has_traces(folder):
            return Phrase(
                "The history database {file} in {folder} is empty, but other files show that there was a "
                "history.",
                words,
            )
        return None
    cut = find_cut(path)
    return (
        None
        if cut is None
        else Phrase("The database {file} is damaged: {damage}", {"file": path.name, "damage": cut})
    )


def is_blank(path: Path) -> bool:
    """Return whether a SQLite file has no tables."""
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


def read_declared_size(path: Path) -> int | None:
    """Return the size in bytes that a SQLite file declares; None if it is no SQLite file.

    Only for a damaged file that no process has open: see `find_cut`.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    page_bytes = int.from_bytes(header[16:18], "big")
    if len(header) < _HEADER_BYTES or not header.startswith(b"SQLite format 3\0") or not page_bytes:
        return None
    return (65536 if page_bytes == 1 else page_bytes) * int.from_bytes(header[28:32], "big")


def swap_database(fresh: Path, path: Path, *, renamed_to: Path) -> None:
    """Replace a SQLite file by another and keep the old one under a new name; for the holder of its locks.

    A kill at any time leaves one of the two under the name, on disks with hard links.

    Args:
        renamed_to: unused name, see ``choose_free_name``.

    Raises:
        OSError: replacing failed, and can be repeated.
    """
    if path.exists():
        try:
            os.link(path, renamed_to)
        except OSError:
            # without hard links (USB stick, network drive) the old file is renamed first
            rename_over(path, renamed_to)
    # SQLite would apply a log to a file to which it does not belong
    for suffix in SIDE_FILES:
        part = path.with_name(path.name + suffix)
        if part.exists():
            rename_over(part, renamed_to.with_name(renamed_to.name + suffix))
    rename_over(fresh, path)
    sync_folder(path.parent)


def choose_free_name(preferred: Path) -> Path:
    """Return a variant of a name that neither a file nor its log has."""
    renamed_to, number = preferred, 2
    while any(renamed_to.with_name(renamed_to.name + suffix).exists() for suffix in ("", *SIDE_FILES)):
        renamed_to = preferred.with_name(f"{preferred.stem}-{number}{preferred.suffix}")
        number += 1
    return renamed_to


def _open_reading(path: Path) -> sqlite3.Connection:
    # not mode=ro: a log left by a killed process can only be read with write access to its index
    mode = "ro" if not path.with_name(f"{path.name}-wal").exists() else "rw"
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None
    )
