"""Add whole past hours to a history, also while another process writes the present.

Only the single writer may write to the journal, because it holds unwritten points. Points of past hours
become files that are not listed yet, and one transaction lists them, without touching anything the writer
holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import Connection, delete, insert, select

from analytics.domain.arrays import IntArray
from analytics.domain.clock import Clock
from analytics.domain.event_sink import ObservedSpan
from analytics.domain.track import TrackState
from analytics.store import track_catalogue
from analytics.store.counters import NEXT_TRACKLET, read_counter, set_counter
from analytics.store.database_url import open_sqlite
from analytics.store.event_rows import save_spans
from analytics.store.event_store import Recording
from analytics.store.history_folder import ARCHIVE_NAME, DATABASE_NAME
from analytics.store.microseconds import HOUR_US, to_us
from analytics.store.migrations import require_newest_version
from analytics.store.sql_event_store import open_store
from analytics.store.sql_schema import archive_files, recordings
from analytics.store.store_failures import converting_store_errors
from analytics.store.track_files import POINT_SCHEMA, write_minute_file

STATES = tuple(TrackState)
POINT_TYPE = np.dtype(
    [
        ("time_s", "f8"),
        ("tracklet", "i8"),
        ("x_m", "f4"),
        ("y_m", "f4"),
        ("sigma_m", "f4"),
        ("state", "i1"),
    ]
)
"""One track point of one camera; ``state`` is an index into ``STATES``."""

_NEVER_JOURNALLED = 0
"""Sequence number of points that were never in the journal."""


@dataclass(frozen=True, slots=True, eq=False)
class PastCamera:
    """The observations of one camera in a past period.

    Attributes:
        points: points of ``POINT_TYPE``; tracklets numbered from 1 for each camera.
        recording: record that marks the period as imported.
        height_m: heights of the persons, shape (points,), NaN where unknown; None: all unknown.
    """

    points: npt.NDArray[np.void]
    span: ObservedSpan
    recording: Recording
    height_m: npt.NDArray[np.float32] | None = None


def add_past_hours(
    folder: Path,
    *,
    cameras: Sequence[PastCamera],
    clock: Clock,
    on_hour: Callable[[float, float], None] = lambda _done, _total: None,
) -> int:
    """Add cameras' observations of past periods, all or none; those whose recording is known are left out.

    Args:
        folder: venue folder; its history is created if missing.
        on_hour: called before each hour with what is done of a total; nothing is added if it raises.

    Returns:
        How many of the cameras' observations were added.

    Raises:
        StoreError: the history cannot be written.
        ValueError: a period extends into the current hour, which may be being written.
    """
    now_us = to_us(clock.now_utc_s())
    if any(to_us(camera.span.end_s) >= now_us // HOUR_US * HOUR_US for camera in cameras):
        raise ValueError("only hours that are over can be added")
    path = folder / DATABASE_NAME
    if not path.exists():
        open_store(folder, clock=clock).close()
    engine = open_sqlite(path)
    try:
        with converting_store_errors(str(path)):
            require_newest_version(engine, place=str(path))
            with engine.begin() as connection:
                cameras = _find_new(connection, cameras)
                if not cameras:
                    return 0
                first = read_counter(connection, NEXT_TRACKLET)
                count = sum(int(c.points["tracklet"].max()) for c in cameras if len(c.points))
                set_counter(connection, NEXT_TRACKLET, first + count)
            # the same after a kill, so that the files are replaced
            marks = "".join(sorted(camera.recording.sha256 for camera in cameras))
            tag = "." + hashlib.sha256(marks.encode()).hexdigest()[:8]
            files = []
            start_us = min(to_us(camera.span.start_s) for camera in cameras)
            length_us = max(to_us(camera.span.end_s) for camera in cameras) - start_us
            for hour_us, table in _encode_hours(cameras, first):
                on_hour(max(0, hour_us - start_us), length_us)
                files.append(
                    write_minute_file(
                        folder / ARCHIVE_NAME,
                        table,
                        hour_us=hour_us,
                        first_sequence=_NEVER_JOURNALLED,
                        last_sequence=_NEVER_JOURNALLED,
                        tag=tag,
                    )
                )
            with engine.begin() as connection:
                # a writer that started meanwhile may have found and listed the files
                names = [file.name for file in files]
                connection.execute(delete(archive_files).where(archive_files.c.name.in_(names)))
                track_catalogue.add_files(connection, files)
                save_spans(connection, [camera.span for camera in cameras])
                _mark(connection, [camera.recording for camera in cameras])
            return len(cameras)
    finally:
        engine.dispose()


def _find_new(connection: Connection, cameras: Sequence[PastCamera]) -> list[PastCamera]:
    marks = [camera.recording.sha256 for camera in cameras]
    known = set(connection.scalars(select(recordings.c.sha256).where(recordings.c.sha256.in_(marks))))
    return [camera for camera in cameras if camera.recording.sha256 not in known]


def _encode_hours(cameras: Sequence[PastCamera], first: int) -> Iterator[tuple[int, pa.Table]]:
    """Yield the start of each hour, microseconds, and its points; an hour at a time, to save memory."""
    times_us = [np.round(camera.points["time_s"] * 1e6).astype(np.int64) for camera in cameras]
    firsts = first + np.cumsum([0, *(int(c.points["tracklet"].max(initial=0)) for c in cameras)])
    hours_us = [time_us // HOUR_US * HOUR_US for time_us in times_us]
    for hour_us in np.unique(np.concatenate(hours_us)).tolist():
        tables = []
        for camera, time_us, hour_of_us, own in zip(cameras, times_us, hours_us, firsts, strict=False):
            chosen = np.flatnonzero(hour_of_us == hour_us)
            if len(chosen):
                tables.append(_encode(camera, chosen, time_us[chosen], int(own)))
        yield hour_us, pa.concat_tables(tables).combine_chunks()


def _encode(camera: PastCamera, chosen: IntArray, time_us: IntArray, first: int) -> pa.Table:
    points = camera.points[chosen]
    heights = camera.height_m
    columns = {
        "time_us": time_us,
        "camera": pa.repeat(str(camera.span.camera), len(chosen)),
        "tracklet": points["tracklet"] - 1 + first,
        "x_mm": _to_mm(points["x_m"]),
        "y_mm": _to_mm(points["y_m"]),
        "sigma_mm": _to_mm(points["sigma_m"]),
        "height_mm": pa.nulls(len(chosen), pa.int32())
        if heights is None
        else pa.array(np.round(heights[chosen] * 1000.0), from_pandas=True).cast(pa.int32()),
        "state": pa.DictionaryArray.from_arrays(points["state"], [state.value for state in STATES]).cast(
            pa.string()
        ),
    }
    arrays = [pa.array(columns[field.name], field.type) for field in POINT_SCHEMA]
    return pa.Table.from_arrays(arrays, schema=POINT_SCHEMA)


def _to_mm(metres: npt.NDArray[np.float32]) -> npt.NDArray[np.int32]:
    return np.round(metres.astype(np.float64) * 1000).astype(np.int32)


def _mark(connection: Connection, imported: Sequence[Recording]) -> None:
    marks = [recording.sha256 for recording in imported]
    connection.execute(delete(recordings).where(recordings.c.sha256.in_(marks)))
    rows = [
        {
            "sha256": recording.sha256,
            "name": recording.name,
            "camera": recording.camera,
            "start_us": None if recording.start_s is None else to_us(recording.start_s),
            "imported_us": to_us(recording.imported_s),
        }
        for recording in imported
    ]
    connection.execute(insert(recordings), rows)
