"""Shared memory, named so that segments left by a killed owner can be found and removed.

Plain memory-mapped files rather than ``multiprocessing.shared_memory``: its resource tracker unlinks what
other processes still use, warns about what they unlinked, and cannot find what is left after ``kill -9``.
"""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import re
import secrets
import sys
import tempfile
from pathlib import Path

import psutil

from analytics.domain.errors import PipelineError

PREFIX = "expoflow-"
"""Prefix of every segment name; the process id of its owner follows."""

PAGE_BYTES = 4096
_FILE_MAP_READ = 4


def make_segment_name(owner_pid: int) -> str:
    """Return a new, unguessable name that identifies the process owning the segment."""
    return f"{PREFIX}{owner_pid}-{secrets.token_hex(6)}"


def is_segment_name(name: str) -> bool:
    """Return whether a name has the form of `make_segment_name`: no path, no other program's segment."""
    return re.fullmatch(PREFIX + r"\d{1,10}-[0-9a-f]{12}", name) is not None


def create_segment(name: str, size_bytes: int, *, is_for_group: bool = False) -> mmap.mmap:
    """Reserve and map memory, all zero, readable by this user only.

    Args:
        is_for_group: the user's group may read it, too.

    Raises:
        PipelineError: there is not enough shared memory.
    """
    if sys.platform == "win32":
        return mmap.mmap(-1, size_bytes, tagname=name)
    path = _segments_folder() / name
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o640 if is_for_group else 0o600)
    try:
        if hasattr(os, "posix_fallocate"):
            # a sparse file would kill the process by SIGBUS on the first write without free space
            os.posix_fallocate(descriptor, 0, size_bytes)
        else:
            os.ftruncate(descriptor, size_bytes)
        return mmap.mmap(descriptor, size_bytes)
    except OSError as error:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.ENOMEM):
            raise
        raise PipelineError(
            "There is no room for {megabytes:.0f} MB of pictures in shared memory.",
            "Free memory, or give the container more shared memory (docker: --shm-size).",
            megabytes=size_bytes / 1e6,
        ) from None
    finally:
        os.close(descriptor)


def attach_segment(name: str, size_bytes: int, *, is_read_only: bool = False) -> mmap.mmap:
    """Map a segment that another process created.

    Raises:
        FileNotFoundError: there is no segment of this name and size (any more).
        PermissionError: it belongs to another user, who does not share it.
    """
    if sys.platform == "win32":
        if not has_segment(name):
            # which mapping it would make
            raise FileNotFoundError(errno.ENOENT, "there is no such segment", name)
        access = mmap.ACCESS_READ if is_read_only else mmap.ACCESS_WRITE
        return mmap.mmap(-1, size_bytes, tagname=name, access=access)
    descriptor = os.open(_segments_folder() / name, os.O_RDONLY if is_read_only else os.O_RDWR)
    try:
        if os.fstat(descriptor).st_size < size_bytes:
            raise FileNotFoundError(errno.ENOENT, "the segment is still being made", name)
        return mmap.mmap(
            descriptor, size_bytes, access=mmap.ACCESS_READ if is_read_only else mmap.ACCESS_DEFAULT
        )
    finally:
        os.close(descriptor)


def has_segment(name: str) -> bool:
    """Return whether a segment of this name has not been removed."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.WinDLL("kernel32")
        kernel.OpenFileMappingW.restype = ctypes.c_void_p
        kernel.CloseHandle.argtypes = (ctypes.c_void_p,)
        handle = kernel.OpenFileMappingW(_FILE_MAP_READ, False, name)
        return handle is not None and bool(kernel.CloseHandle(handle))
    return (_segments_folder() / name).exists()


def remove_segments(stem: str) -> None:
    """Remove the names that begin with ``stem``; mapped memory stays until it is released."""
    if sys.platform == "win32":
        return  # Windows frees a segment with its last user
    for path in _segments_folder().glob(f"{stem}*"):
        with contextlib.suppress(FileNotFoundError, PermissionError):
            path.unlink()


def remove_all_segments(name: str) -> None:
    """Remove every segment of the process that owns this one."""
    remove_segments(name.rpartition("-")[0] + "-")


def remove_stale_segments() -> int:
    """Remove segments left by dead owners; return their number."""
    if sys.platform == "win32":
        return 0
    removed = 0
    for path in _segments_folder().glob(f"{PREFIX}*"):
        owner = path.name.removeprefix(PREFIX).split("-", 1)[0]
        if owner.isdigit() and not is_alive(int(owner)):
            with contextlib.suppress(FileNotFoundError, PermissionError):
                path.unlink()
                removed += 1
    return removed


def is_alive(pid: int) -> bool:
    """Return whether a process with this id exists."""
    if sys.platform == "win32":
        # os.kill would send it Ctrl+C
        return psutil.pid_exists(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _segments_folder() -> Path:
    memory = Path("/dev/shm")  # noqa: S108 - Linux keeps shared memory there; files are made exclusively
    return memory if memory.is_dir() else Path(tempfile.gettempdir())
