"""One program serves a venue at a time: a lock that the system takes back from a process that dies."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from analytics.domain.errors import VenueError
from app.error_reporting import explain_error

LOCK_NAME = ".serving.lock"


def take_serving_lock(folder: Path) -> FileLock:
    """The right to serve a venue; release it in the end.

    Raises:
        VenueError: another program has it, or the folder cannot be written to.
    """
    lock = FileLock(folder.resolve() / LOCK_NAME)
    try:
        lock.acquire(timeout=0.0)
    except Timeout:
        raise VenueError(
            "Another program serves '{venue}' already.",
            "End it first, or leave it as it is.",
            venue=folder.stem,
        ) from None
    except OSError as error:
        raise explain_error(VenueError, error, file=folder) from error
    return lock


def is_served(folder: Path) -> bool:
    """Whether some program serves a venue now."""
    if not (folder / LOCK_NAME).exists():
        return False
    try:
        take_serving_lock(folder).release()
    except VenueError:
        return True
    return False
