"""One change of a venue at a time, also between programs: held from reading ``venue.toml`` to writing it."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from filelock import FileLock, Timeout

from analytics.domain.errors import VenueError
from app.error_reporting import explain_error
from resources.group_sharing import share_with_group

LOCK_NAME = ".venue.lock"
"""Beside ``venue.toml``; held by the system for a process, so that one that was killed holds nothing."""
MAX_WAIT_S = 10.0
"""A change takes less than a second, the fit of a camera with a lens included."""
SHARED_MODE = 0o660
_LOOK_EVERY_S = 0.02

P = ParamSpec("P")
R = TypeVar("R")


@contextlib.contextmanager
def lock_venue(folder: Path) -> Iterator[None]:
    """Keep other threads and programs from changing a venue meanwhile; may be held twice by one thread.

    Whoever only reads needs none: the file is replaced as a whole. A folder that is not there is not locked;
    reading it says so.

    Raises:
        VenueError: others have held it for too long, or the folder cannot be written to.
    """
    if not folder.is_dir():
        yield
        return
    # a service and the window of another account of its group change the same venue
    lock = FileLock(folder.resolve() / LOCK_NAME, is_singleton=True, mode=SHARED_MODE)
    try:
        lock.acquire(timeout=MAX_WAIT_S, poll_interval=_LOOK_EVERY_S)
    except Timeout:
        raise VenueError(
            "Another program has been changing '{venue}' for {seconds:g} s; nothing was changed here.",
            "Try again in a moment. If it goes on, close other ExpoFlow programs that have this venue open.",
            venue=folder.stem,
            seconds=MAX_WAIT_S,
        ) from None
    except OSError as error:
        raise explain_error(VenueError, error, file=folder) from error
    try:
        yield
    finally:
        share_with_group(folder)
        lock.release()


def locks_venue(change: Callable[Concatenate[Path, P], R]) -> Callable[Concatenate[Path, P], R]:
    """Let an operation, whose first argument is a venue's folder, hold the venue's lock while it runs."""

    @functools.wraps(change)
    def change_alone(folder: Path, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with lock_venue(folder):
            return change(folder, *args, **kwargs)

    return change_alone
