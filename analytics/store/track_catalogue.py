"""Maintain the database's list of track files; a file counts once it is listed."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, func, insert, select

from analytics.store.sql_schema import archive_files, archive_removals, track_journal
from analytics.store.track_files import TrackFile

_logger = logging.getLogger(__name__)


def list_files(
    connection: Connection, *, start_us: int | None = None, end_us: int | None = None
) -> list[TrackFile]:
    """Return the files that may contain points of [start_us, end_us), by hour and age."""
    query = select(*(archive_files.c[field.name] for field in fields(TrackFile))).order_by(
        archive_files.c.hour_us, archive_files.c.first_sequence
    )
    if start_us is not None:
        query = query.where(archive_files.c.last_us >= start_us)
    if end_us is not None:
        query = query.where(archive_files.c.first_us < end_us)
    return [TrackFile(*row) for row in connection.execute(query)]


def add_files(connection: Connection, files: Sequence[TrackFile]) -> None:
    """Add files to the list."""
    if files:
        connection.execute(insert(archive_files), [asdict(file) for file in files])


def remove_files(connection: Connection, names: Collection[str]) -> None:
    """Remove files from the list and mark them for deletion after the transaction."""
    for name in names:
        connection.execute(delete(archive_files).where(archive_files.c.name == name))
    mark_for_deletion(connection, names)


def forget_file(connection: Connection, name: str) -> None:
    """Remove a file from the list without deleting it."""
    connection.execute(delete(archive_files).where(archive_files.c.name == name))


def mark_for_deletion(connection: Connection, names: Collection[str]) -> None:
    """Mark unlisted files for deletion."""
    known = set(connection.scalars(select(archive_removals.c.name)))
    rows = [{"name": name} for name in sorted(set(names) - known)]
    if rows:
        connection.execute(insert(archive_removals), rows)


def replace_files(connection: Connection, old: Sequence[TrackFile], new: TrackFile) -> bool:
    """List a merged file instead of its sources; return False without changes if one is not listed."""
    names = [file.name for file in old]
    listed = connection.scalar(
        select(func.count()).select_from(archive_files).where(archive_files.c.name.in_(names))
    )
    if listed != len(names):
        mark_for_deletion(connection, [new.name])
        return False
    remove_files(connection, names)
    add_files(connection, [new])
    return True


def move_from_journal(
    connection: Connection, files: Sequence[TrackFile], *, first_sequence: int, last_sequence: int
) -> None:
    """List files in place of the journal rows of these numbers."""
    add_files(connection, files)
    connection.execute(
        delete(track_journal).where(track_journal.c.sequence.between(first_sequence, last_sequence))
    )


def delete_removed_files(engine: Engine, folder: Path) -> int:
    """Delete the marked files; a file that is open elsewhere (Windows) is retried later."""
    with engine.connect() as connection:
        names = list(connection.scalars(select(archive_removals.c.name)))
    deleted = []
    for name in names:
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            _logger.info("Track file %s cannot be deleted yet: %s", name, error)
        else:
            deleted.append(name)
    if deleted:
        with engine.begin() as connection:
            for name in deleted:
                connection.execute(delete(archive_removals).where(archive_removals.c.name == name))
    return len(deleted)
