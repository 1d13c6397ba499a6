"""A venue's lock between threads and programs, held from reading ``venue.toml`` to writing it."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from filelock import FileLock, Timeout

from analytics.domain.errors import VenueError
from app.error_reporting import convert_error
from resources.group_sharing import share_with_group

LOCK_NAME = ".venue.lock"
"""The lock file beside ``venue.toml``; the system releases it when its process ends."""
MAX_WAIT_S = 10.0
"""Longest wait for the lock; a change takes less than a second, a lens fit included."""
SHARED_MODE = 0o660
_POLL_INTERVAL_S = 0.02

P = ParamSpec("P")
R = TypeVar("R")


@contextlib.contextmanager
def lock_venue(folder: Path) -> Iterator[None]:
    """Hold the venue's lock; a thread may hold it more than once.

    Reading needs no lock: the file is replaced as a whole. A missing folder is not locked;
    reading it fails later.

    Raises:
        VenueError: others have held it for too long, or the folder cannot be written to.
    """
    if not folder.is_dir():
        yield
        return
    # shared between a service and windows of other accounts of its group
    lock = FileLock(folder.resolve() / LOCK_NAME, is_singleton=True, mode=SHARED_MODE)
    try:
        lock.acquire(timeout=MAX_WAIT_S, poll_interval=_POLL_INTERVAL_S)
    except Timeout:
        raise VenueError(
            "Another program has been changing '{venue}' for {seconds:g} s; nothing was changed here.",
            "Try again in a moment. If this continues, close other ExpoFlow programs that have "
            "this venue open.",
            venue=folder.stem,
            seconds=MAX_WAIT_S,
        ) from None
    except OSError as error:
        raise convert_error(VenueError, error, file=folder) from error
    try:
        yield
    finally:
        share_with_group(folder)
        lock.release()


def locks_venue(change: Callable[Concatenate[Path, P], R]) -> Callable[Concatenate[Path, P], R]:
    """Decorate an operation, whose first argument is a venue's folder, to hold the venue's lock."""

    @functools.wraps(change)
    def change_locked(folder: Path, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with lock_venue(folder):
            return change(folder, *args, **kwargs)

    return change_locked
