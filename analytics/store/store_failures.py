"""Convert errors of databases and disks into messages for users."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from analytics.domain.errors import DamagedStoreError, FullDiskError, StoreError

_NO_ROOM_BYTES = 1 << 20
_DISK_FULL = (
    "The disk is full: {place} cannot be written.",
    "Free some space, or shorten the retention of track points.",
)
_NOT_WRITABLE = (
    "{place} cannot be written.",
    "Get write permission for this folder, or move the venue to another folder.",
)
REMEDY = (
    "Start a recording, choose Repair in the settings, or run: python -m app venue repair FOLDER. The "
    "history is rebuilt from its newest backup, from readable parts and from the track files."
)
_DAMAGED = ("{place} is damaged.", REMEDY)
_BUSY = ("{place} is busy.", "Wait until the other program has finished, then try again.")
_UNREADABLE = (
    "{place} cannot be read or written ({reason}).",
    "Check that the disk or database server is available and that you have access.",
)


@contextmanager
def converting_store_errors(place: str) -> Iterator[None]:
    """Convert errors of a database or file system into StoreError.

    Args:
        place: name of the file or database, without a password.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        problem, remedy = _find_texts(error, place)
        raise _choose_kind(error, place)(problem, remedy, place=place, reason=_name_reason(error)) from error


def is_damage(error: BaseException | None) -> bool:
    """Return whether an error means that a SQLite file's content is damaged."""
    return _sqlite_code(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _choose_kind(error: BaseException, place: str) -> type[StoreError]:
    if is_damage(error):
        return DamagedStoreError
    return FullDiskError if _is_full(error, place) else StoreError


def _is_full(error: BaseException, place: str) -> bool:
    code = _sqlite_code(error)
    number = error.errno if isinstance(error, OSError) else None
    if code == sqlite3.SQLITE_FULL or number in {errno.ENOSPC, errno.EDQUOT}:
        return True
    if code != sqlite3.SQLITE_IOERR:
        return False
    # if the files beside a database do not fit any more, SQLite reports any kind of I/O error
    try:
        return shutil.disk_usage(Path(place).parent).free < _NO_ROOM_BYTES
    except (OSError, ValueError):
        return False


def _find_texts(error: BaseException, place: str) -> tuple[str, str]:
    if is_damage(error):
        return _DAMAGED
    if _is_full(error, place):
        return _DISK_FULL
    code = _sqlite_code(error)
    number = error.errno if isinstance(error, OSError) else None
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM} or number in {
        errno.EROFS,
        errno.EACCES,
        errno.EPERM,
        errno.ENOTDIR,
    }:
        return _NOT_WRITABLE
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return _BUSY
    return _UNREADABLE


def _sqlite_code(error: BaseException | None) -> int | None:
    original = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF


def _name_reason(error: BaseException) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    original = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, sqlite3.Error):
        return str(original)
    # a server's driver may quote its URL including the password
    return type(original).__name__
