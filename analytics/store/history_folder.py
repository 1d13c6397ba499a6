"""Name the parts of a history in a venue's folder and detect a history, without imports."""

from __future__ import annotations

from pathlib import Path

DATABASE_NAME = "events.sqlite"
ARCHIVE_NAME = "tracks"
BACKUPS_NAME = "backups"


def has_traces(folder: Path) -> bool:
    """Return whether files beside the database prove that there was a history.

    The tracks folder is created after the database, so that an interrupted first start leaves no traces.
    """
    return (folder / ARCHIVE_NAME).is_dir() or any((folder / BACKUPS_NAME).glob(f"*/{DATABASE_NAME}"))


def has_history(folder: Path) -> bool:
    """Return whether a venue has a history, even if its database is lost, which readers report."""
    return (folder / DATABASE_NAME).exists() or has_traces(folder)
