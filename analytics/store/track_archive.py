"""Move track points from the journal to files, and merge the files of an hour.

A move writes new files that are not listed yet, then changes the list in one transaction, then deletes
superfluous files. A kill at any time leaves either the old or the new state and some superfluous files, which
``recover_archive`` removes at the next start.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import Engine, func, select

from analytics.domain.clock import Clock, SystemClock
from analytics.store import track_catalogue
from analytics.store.microseconds import HOUR_US, to_us
from analytics.store.recovery.lost_tracks import LostTracks, drop_damaged_files
from analytics.store.sql_schema import track_journal
from analytics.store.track_files import (
    POINT_SCHEMA,
    MergeCancelled,
    TrackFile,
    merge_files,
    write_minute_file,
)

POINTS_PER_MOVE = 120_000
"""Maximum number of points per move, to limit memory when a long recording is imported."""

POINT_COLUMNS = [track_journal.c[name] for name in POINT_SCHEMA.names]
_logger = logging.getLogger(__name__)


def to_points(rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Return journal rows, in the order of ``POINT_COLUMNS``, as a table."""
    columns: Sequence[Sequence[object]] = list(zip(*rows, strict=True)) or [()] * len(POINT_SCHEMA)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, POINT_SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=POINT_SCHEMA)


class TrackArchive:
    """The track files of a venue, for their single writer; methods must not be called concurrently.

    Args:
        folder: folder that contains ``date=…`` folders.
        engine: writing engine of the database with journal and list.
        clock: clock for the log of losses.
    """

    def __init__(self, folder: Path, engine: Engine, *, clock: Clock | None = None) -> None:
        self.folder = folder
        self.engine = engine
        self._clock = clock or SystemClock()
        self.lost: list[LostTracks] = []
        self._touched_hours: set[int] = set()
        self._failed_hours: set[int] = set()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="track-archive")
        self._is_cancelled = threading.Event()
        self._merge: tuple[list[TrackFile], Future[TrackFile]] | None = None

    def move_journal(self) -> int:
        """Move all points of the journal to files by hour, and return their number.

        Raises:
            OSError, SQLAlchemyError: points that were not moved are still in the journal.
        """
        moved = 0
        touched: set[int] = set()
        while count := self._move_batch(touched):
            moved += count
        if moved:
            self._touched_hours = touched
        return moved

    def compact_in_background(self) -> None:
        """Continue to merge hours with several files that the last move did not change.

        The merge runs in a thread without database access; a later call applies its result. Missing or
        damaged files are quarantined and replaced by gaps, and the others are merged.

        Raises:
            OSError, ValueError, SQLAlchemyError: the merge failed; the hour waits for the next start.
        """
        if self._merge is not None:
            if not self._merge[1].done():
                return
            self._apply_merge()
        excluded = self._touched_hours | self._failed_hours
        hours = [files for hour, files in self._find_split_hours() if hour not in excluded]
        if hours:
            files = hours[0]
            self._merge = (
                files,
                self._executor.submit(
                    merge_files, self.folder, files, is_cancelled=self._is_cancelled.is_set
                ),
            )

    def compact(self) -> int:
        """Merge every hour with several files now, and return the number of hours."""
        if self._merge is not None:
            self._apply_merge()
        count = 0
        while hours := self._find_split_hours():
            files = hours[0][1]
            try:
                merged = merge_files(self.folder, files)
            except (OSError, ValueError):
                if not self.drop_damaged_files(files):
                    raise
                continue
            self._swap(files, merged)
            count += 1
        return count

    def drop_damaged_files(self, files: Sequence[TrackFile]) -> bool:
        """Quarantine damaged files, add gaps for their time, and return whether there were any."""
        lost = drop_damaged_files(self.engine, self.folder, files, now_us=to_us(self._clock.now_utc_s()))
        if lost is not None:
            self.lost.append(lost)
        return lost is not None

    def close(self) -> None:
        """Stop a running merge and remove its unfinished file."""
        self._is_cancelled.set()
        self._executor.shutdown(wait=True)
        if self._merge is not None and self._merge[1].exception() is None:
            self._apply_merge()
        self._merge = None

    def _move_batch(self, touched: set[int]) -> int:
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(track_journal.c.sequence, *POINT_COLUMNS)
                .order_by(track_journal.c.sequence)
                .limit(POINTS_PER_MOVE)
            ).all()
        if not rows:
            return 0
        first, last = rows[0][0], rows[-1][0]
        points = to_points([row[1:] for row in rows])
        hours = points["time_us"].to_numpy() // HOUR_US * HOUR_US
        files = [
            write_minute_file(
                self.folder,
                points.filter(pa.array(hours == hour)),
                hour_us=int(hour),
                first_sequence=first,
                last_sequence=last,
            )
            for hour in np.unique(hours)
        ]
        with self.engine.begin() as connection:
            track_catalogue.move_from_journal(connection, files, first_sequence=first, last_sequence=last)
        touched.update(file.hour_us for file in files)
        return len(rows)

    def _find_split_hours(self) -> list[tuple[int, list[TrackFile]]]:
        with self.engine.connect() as connection:
            files = track_catalogue.list_files(connection)
        groups: defaultdict[int, list[TrackFile]] = defaultdict(list)
        for file in files:
            groups[file.hour_us].append(file)
        return [(hour, group) for hour, group in sorted(groups.items()) if len(group) > 1]

    def _apply_merge(self) -> None:
        assert self._merge is not None
        files, future = self._merge
        self._merge = None
        try:
            new = future.result()
        except MergeCancelled:
            return
        except (OSError, ValueError):
            if self.drop_damaged_files(files):
                # the next call merges the other files of the hour
                return
            self._failed_hours.add(files[0].hour_us)
            raise
        self._swap(files, new)

    def _swap(self, old: Sequence[TrackFile], new: TrackFile) -> None:
        with self.engine.begin() as connection:
            is_swapped = track_catalogue.replace_files(connection, old, new)
        track_catalogue.delete_removed_files(self.engine, self.folder)
        if not is_swapped:
            _logger.info("Track file %s was merged from files that are gone; it is not used", new.name)


def count_journal(engine: Engine) -> int:
    """Return the number of points in the journal."""
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(track_journal)) or 0
