"""The list, in the database, of the track files that count; changing it is what makes a move happen."""

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
    """The files that may hold points of [start_us, end_us), by hour and age."""
    query = select(*(archive_files.c[field.name] for field in fields(TrackFile))).order_by(
        archive_files.c.hour_us, archive_files.c.first_sequence
    )
    if start_us is not None:
        query = query.where(archive_files.c.last_us >= start_us)
    if end_us is not None:
        query = query.where(archive_files.c.first_us < end_us)
    return [TrackFile(*row) for row in connection.execute(query)]


def add_files(connection: Connection, files: Sequence[TrackFile]) -> None:
    """Make files count."""
    if files:
        connection.execute(insert(archive_files), [asdict(file) for file in files])


def remove_files(connection: Connection, names: Collection[str]) -> None:
    """Make files not count any more, and have them deleted after the transaction."""
    for name in names:
        connection.execute(delete(archive_files).where(archive_files.c.name == name))
    mark_for_deletion(connection, names)


def forget_file(connection: Connection, name: str) -> None:
    """Make a file not count any more, and leave it where it is."""
    connection.execute(delete(archive_files).where(archive_files.c.name == name))


def mark_for_deletion(connection: Connection, names: Collection[str]) -> None:
    """Have files deleted that do not count."""
    known = set(connection.scalars(select(archive_removals.c.name)))
    rows = [{"name": name} for name in sorted(set(names) - known)]
    if rows:
        connection.execute(insert(archive_removals), rows)


def replace_files(connection: Connection, old: Sequence[TrackFile], new: TrackFile) -> bool:
    """Let a merged file count instead of its sources; False, and nothing done, if one is off the list."""
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
    """Let files count instead of the journal's rows of these numbers."""
    add_files(connection, files)
    connection.execute(
        delete(track_journal).where(track_journal.c.sequence.between(first_sequence, last_sequence))
    )


def delete_removed_files(engine: Engine, folder: Path) -> int:
    """Delete what is marked for it; a file that somebody has open (Windows) waits for the next time."""
    with engine.connect() as connection:
        names = list(connection.scalars(select(archive_removals.c.name)))
    gone = []
    for name in names:
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            _logger.info("Track file %s cannot be deleted yet: %s", name, error)
        else:
            gone.append(name)
    if gone:
        with engine.begin() as connection:
            for name in gone:
                connection.execute(delete(archive_removals).where(archive_removals.c.name == name))
    return len(gone)
