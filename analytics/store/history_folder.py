"""Names of a history's parts in a venue's folder, and whether there was ever one; loads nothing."""

from __future__ import annotations

from pathlib import Path

DATABASE_NAME = "events.sqlite"
ARCHIVE_NAME = "tracks"
BACKUPS_NAME = "backups"


def has_traces(folder: Path) -> bool:
    """Return whether something lies beside a history's database that only a history leaves.

    The folder of the tracks is made after the database, so that a first start that was cut short leaves none.
    """
    return (folder / ARCHIVE_NAME).is_dir() or any((folder / BACKUPS_NAME).glob(f"*/{DATABASE_NAME}"))


def has_history(folder: Path) -> bool:
    """Return whether a venue has a history, be it that its database is lost: who reads it says so."""
    return (folder / DATABASE_NAME).exists() or has_traces(folder)
