"""Observation that is on no record any more, as far as positions prove it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from sqlalchemy import Connection, insert, select

from analytics.store import track_catalogue
from analytics.store.lost_tracks import find_lost_files, lose_files
from analytics.store.microseconds import to_s
from analytics.store.sql_schema import gaps, observed_spans, track_journal

LONGEST_PAUSE_US = 2_000_000
"""Between two moments with people in view that were one observation; a gap is longer than that."""


def rebuild_spans(connection: Connection, archive: Path, *, since_us: int, now_us: int) -> float:
    """Add spans for moments that have positions and are neither observed nor a gap by the record.

    A camera that saw somebody looked. Of moments without people nothing is proven: they stay unobserved.
    Track files that turn out to be damaged are lost.

    Returns:
        Seconds that were added, of all cameras together.
    """
    added_s = 0.0
    for camera, times_us in _read_moments(connection, archive, since_us, now_us).items():
        known = _read_known(connection, camera)
        free = times_us[~_are_within(times_us, known)]
        if not len(free):
            continue
        cuts = np.flatnonzero(np.diff(free) > LONGEST_PAUSE_US) + 1
        # what is known between two moments parts them, too
        starts = known[:, 0]
        between = np.searchsorted(starts, free[1:]) != np.searchsorted(starts, free[:-1])
        cuts = np.union1d(cuts, np.flatnonzero(between) + 1)
        for stretch in np.split(free, cuts):
            row = {
                "camera": camera,
                "start_us": int(stretch[0]),
                "end_us": int(stretch[-1]),
                "frames": len(stretch),
            }
            connection.execute(insert(observed_spans), [row])
            added_s += to_s(int(stretch[-1] - stretch[0]))
    return added_s


def _read_moments(
    connection: Connection, archive: Path, since_us: int, now_us: int
) -> dict[str, npt.NDArray[np.int64]]:
    """The distinct times of each camera's positions from a moment on, ordered."""
    found: dict[str, list[npt.NDArray[np.int64]]] = {}
    files = track_catalogue.list_files(connection, start_us=since_us)
    lost = find_lost_files(archive, files, is_thorough=True)
    lose_files(connection, archive, lost, now_us=now_us)
    for file in files:
        if file in lost:
            continue
        table = pq.read_table(archive / file.name, columns=["camera", "time_us"])
        times_us: Any = table["time_us"].to_numpy()
        names = np.asarray(table["camera"].to_pylist())
        for name in np.unique(names):
            found.setdefault(str(name), []).append(np.unique(times_us[names == name]))
    query = select(track_journal.c.camera, track_journal.c.time_us)
    for camera, time_us in connection.execute(query.where(track_journal.c.time_us >= since_us)):
        found.setdefault(camera, []).append(np.array([time_us], np.int64))
    moments = {camera: np.unique(np.concatenate(parts)) for camera, parts in found.items()}
    return {camera: times[times >= since_us] for camera, times in moments.items()}


def _read_known(connection: Connection, camera: str) -> npt.NDArray[np.int64]:
    """Start and end of a camera's spans and gaps, shape (n, 2), ordered by start."""
    rows = [
        tuple(row)
        for table in (observed_spans, gaps)
        for row in connection.execute(
            select(table.c.start_us, table.c.end_us).where(table.c.camera == camera)
        )
    ]
    return np.array(sorted(rows), np.int64).reshape(-1, 2)


def _are_within(times_us: npt.NDArray[np.int64], known: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    if not len(known):
        return np.zeros(len(times_us), np.bool_)
    latest_end = np.maximum.accumulate(known[:, 1])
    before = np.searchsorted(known[:, 0], times_us, side="right") - 1
    return (before >= 0) & (times_us <= latest_end[np.maximum(before, 0)])
