"""Check that all track files of a history exist and can be read, without changing anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from analytics.domain.errors import Phrase
from analytics.store import track_catalogue
from analytics.store.database_url import open_sqlite
from analytics.store.history_folder import ARCHIVE_NAME, DATABASE_NAME
from analytics.store.microseconds import to_s
from analytics.store.track_files import TrackFile, is_intact


def find_track_faults(
    folder: Path, *, on_file: Callable[[int, int], None] = lambda _done, _total: None
) -> tuple[int, list[Phrase]]:
    """Read every listed track file of a venue's folder.

    Files that a writer merges meanwhile are no faults: the list is read again.

    Args:
        on_file: called with the numbers of read and of all files.

    Returns:
        The number of files, and a sentence for each that is missing or damaged.

    Raises:
        OSError, SQLAlchemyError: the list cannot be read.
    """
    engine = open_sqlite(folder / DATABASE_NAME, is_read_only=True)
    faults: list[Phrase] = []
    try:
        with engine.connect() as connection:
            files = track_catalogue.list_files(connection)
        for done, file in enumerate(files):
            on_file(done, len(files))
            if is_intact(folder / ARCHIVE_NAME, file, is_thorough=True):
                continue
            with engine.connect() as connection:
                if file in track_catalogue.list_files(connection):
                    faults.append(_describe(file, is_gone=not (folder / ARCHIVE_NAME / file.name).exists()))
        on_file(len(files), len(files))
    finally:
        engine.dispose()
    return len(files), faults


def _describe(file: TrackFile, *, is_gone: bool) -> Phrase:
    start, end = (
        f"{datetime.fromtimestamp(to_s(at_us), tz=UTC):%Y-%m-%d %H:%M:%S}"
        for at_us in (file.first_us, file.last_us)
    )
    fields = {"file": file.name, "points": file.points, "start": start, "end": end}
    if is_gone:
        return Phrase(
            "The track file {file} with {points} positions is missing: not observed from {start} to "
            "{end} (UTC).",
            fields,
        )
    return Phrase(
        "The track file {file} with {points} positions is damaged: not observed from {start} to {end} (UTC).",
        fields,
    )
