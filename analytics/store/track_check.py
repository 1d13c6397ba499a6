"""Whether the track files of a history are all there and can be read, without changing anything."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from analytics.domain.errors import Phrase
from analytics.store import track_catalogue
from analytics.store.database_url import open_sqlite


def find_track_faults(
    folder: Path, *, on_file: Callable[[int, int], None] = lambda _done, _total: None
) -> tuple[int, list[Phrase]]:
    """Read every listed track file of a venue's folder.

    A file that a writer merges away meanwhile is no fault: the list is asked again.

    Args:
        on_file: called with how many of how many were read.

    Returns:
        How many there are, and a sentence for each that is missing, cannot be read or holds another number
        of points than it should.

    Raises:
        OSError, SQLAlchemyError: the list cannot be read.
    """
    engine = open_sqlite(folder / "events.sqlite", is_read_only=True)
    faults: list[Phrase] = []
    try:
        with engine.connect() as connection:
            files = track_catalogue.list_files(connection)
        for done, file in enumerate(files):
            on_file(done, len(files))
            path = folder / "tracks" / file.name
            points = None
            with contextlib.suppress(OSError, ValueError):
                points = len(pq.read_table(path, columns=["time_us", "tracklet", "x_mm", "y_mm"]))
            if points == file.points:
                continue
            with engine.connect() as connection:
                if file not in track_catalogue.list_files(connection):
                    continue
            fields = {"file": file.name, "points": file.points}
            if not path.exists():
                faults.append(Phrase("The track file {file} with {points} positions is gone.", fields))
            elif points is None:
                faults.append(Phrase("The track file {file} with {points} positions cannot be read.", fields))
            else:
                found = {**fields, "found": points}
                faults.append(Phrase("The track file {file} holds {found} positions of {points}.", found))
        on_file(len(files), len(files))
    finally:
        engine.dispose()
    return len(files), faults
