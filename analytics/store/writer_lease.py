"""Ensure a single writer by a lock that the system releases when its process ends."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import platform
import sys
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, Engine, func, select

from analytics.domain.clock import Clock, format_utc
from analytics.domain.errors import BusyStoreError
from analytics.store.database_url import describe
from analytics.store.store_failures import converting_store_errors

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_NAME = "writer.lock"
_LOCKED_BYTE = 1 << 30  # far behind the text, so that it stays readable while locked (Windows)
_ADVISORY_KEY = 0x4578_706F  # "Expo"


class WriterLease:
    """The right to write a venue's history, held until ``release`` or the end of the process.

    The lock belongs to the system and not to the file's existence: after a kill nothing has to be cleaned up,
    and the next writer gets it at once.
    """

    def __init__(self, file: BinaryIO, connection: Connection | None) -> None:
        self._file = file
        self._connection = connection

    @staticmethod
    def acquire(folder: Path, *, clock: Clock, server: Engine | None = None) -> WriterLease:
        """Acquire the lease of a folder, and of a database server if there is one.

        Raises:
            BusyStoreError: another writer holds it; the message names it.
            OSError: the lock file cannot be written.
        """
        file = (folder / LOCK_NAME).open("a+b", buffering=0)
        try:
            if not _try_lock(file):
                raise _describe_holder(folder, file)
            connection = None if server is None else _lock_server(server)
            _write_holder(file, clock)
        except BaseException:
            file.close()
            raise
        return WriterLease(file, connection)

    def release(self) -> None:
        """Release the lease."""
        if self._connection is not None:
            self._connection.close()
        if not self._file.closed:
            # the text is optional, so a full disk must not prevent the release
            with contextlib.suppress(OSError):
                self._file.truncate(0)
            self._file.close()


def _lock_server(server: Engine) -> Connection:
    with converting_store_errors(describe(server)):
        connection = server.connect()
        # histories of several halls are schemas of one database
        schema_key = func.hashtext(func.current_schema())
        is_ours = connection.scalar(select(func.pg_try_advisory_lock(_ADVISORY_KEY, schema_key)))
    if is_ours:
        # the lock belongs to the connection and not to its transaction, which must not stay open for days
        connection.commit()
        connection.detach()
        return connection
    connection.close()
    raise BusyStoreError(
        "Another process is writing to the venue's database.",
        "Stop that recording or import first; only one process can write at a time.",
    )


def _write_holder(file: BinaryIO, clock: Clock) -> None:
    holder = {
        "process": os.getpid(),
        "machine": platform.node(),
        "since": format_utc(clock.now_utc_s()),
    }
    with contextlib.suppress(OSError):
        file.truncate(0)
        file.write(json.dumps(holder).encode())


def _describe_holder(folder: Path, file: BinaryIO) -> BusyStoreError:
    holder: dict[str, object] = {}
    with contextlib.suppress(OSError, ValueError):
        file.seek(0)
        holder = dict(json.loads(file.read(4096)))
    return BusyStoreError(
        "The history in {folder} has been in use by process {process} on {machine} since {since}.",
        "Stop that recording or import first; only one process can write at a time.",
        folder=folder,
        process=holder.get("process", "?"),
        machine=holder.get("machine", "?"),
        since=holder.get("since", "?"),
    )


if sys.platform == "win32":

    def _try_lock(file: BinaryIO) -> bool:
        file.seek(_LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError as error:
            # Wine names no cause
            if error.errno not in (0, errno.EACCES, errno.EDEADLK):
                raise
            return False
        return True
else:

    def _try_lock(file: BinaryIO) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
