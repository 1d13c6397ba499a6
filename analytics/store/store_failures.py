"""What databases and disks complain about, in words for the person at the keyboard."""

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
    "There is no room left on the disk for {place}.",
    "Free some space, or shorten how long track points are kept.",
)
_NOT_WRITABLE = (
    "{place} cannot be written.",
    "Give yourself permission to write there, or keep the venue in another folder.",
)
REMEDY = (
    "Start a recording, choose Repair in the settings, or run: python -m app venue repair FOLDER. It is made "
    "again from its newest backup, from what can still be read, and from the track files."
)
_DAMAGED = ("{place} is damaged.", REMEDY)
_BUSY = ("{place} is busy.", "Wait until the other program is done with it, then try again.")
_UNREADABLE = (
    "{place} cannot be read or written ({reason}).",
    "Check that the disk or the database server is there and that you may use it.",
)


@contextmanager
def failures_in_words(place: str) -> Iterator[None]:
    """Turn errors of a database or file system within into StoreError.

    Args:
        place: how to call what is read or written; without a password.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        problem, remedy = _find_words(error, place)
        raise _choose_kind(error, place)(problem, remedy, place=place, reason=_name_reason(error)) from error


def is_damage(error: BaseException | None) -> bool:
    """Whether an error says that a SQLite file's contents are broken."""
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
    # the files beside a database that do not fit any more: SQLite says an I/O error of any kind then
    try:
        return shutil.disk_usage(Path(place).parent).free < _NO_ROOM_BYTES
    except (OSError, ValueError):
        return False


def _find_words(error: BaseException, place: str) -> tuple[str, str]:
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
    # a server's driver may quote the address it was given, with its password
    return type(original).__name__
