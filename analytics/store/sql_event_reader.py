"""Read a venue's history from a database and its track files."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Engine, Select, Table, func, select

from analytics.columns import (
    EVENT_COLUMNS,
    GAP_COLUMNS,
    SPAN_COLUMNS,
    TRACK_COLUMNS,
    Column,
    empty_table,
)
from analytics.domain.errors import StoreError
from analytics.domain.identifiers import CameraId
from analytics.store import track_catalogue
from analytics.store.counters import POINTS_SINCE, read_counter
from analytics.store.erasure import ErasedPart, find_part
from analytics.store.event_store import Recording, TimeRange
from analytics.store.microseconds import HOUR_US, hour_of, to_s, to_us
from analytics.store.recovery.lost_tracks import (
    LostTracks,
    cut_spans,
    find_lost_files,
    join_lost,
    make_gaps,
    read_lost_gaps,
)
from analytics.store.retention import RetentionPolicy, plan_retention
from analytics.store.sql_schema import (
    archive_files,
    camera_events,
    gaps,
    observed_spans,
    recordings,
    track_journal,
)
from analytics.store.store_failures import converting_store_errors
from analytics.store.track_archive import POINT_COLUMNS, to_points
from analytics.store.track_files import TrackFile, read_points


class TrackFileGoneError(Exception):
    """A listed file is missing because it was merged since the list was read, or is lost."""


def scan_tracks(
    folder: Path,
    names: Sequence[str],
    journal: pa.Table,
    *,
    start_us: int | None,
    end_us: int | None,
    cameras: Collection[CameraId] | None,
) -> pa.Table:
    """Return the points of files and journal in [start_us, end_us), with the columns of a track table.

    Args:
        folder: folder to which the names of files are relative.

    Raises:
        TrackFileGoneError: a file is missing.
        StoreError: a file is damaged.
    """
    tables = [journal]
    for name in names:
        try:
            tables.append(read_points(folder / name, start_us, end_us))
        except FileNotFoundError as error:
            raise TrackFileGoneError from error
        except (OSError, ValueError) as error:
            raise StoreError(
                "The track file {name} in {folder} cannot be read.",
                "Replace it with a copy, or move it to another folder and record again.",
                name=name,
                folder=folder,
            ) from error
    points = pa.concat_tables(tables)
    if start_us is not None:
        points = points.filter(pc.field("time_us") >= start_us)
    if end_us is not None:
        points = points.filter(pc.field("time_us") < end_us)
    if cameras is not None:
        points = points.filter(pc.field("camera").isin(pa.array(sorted(cameras), pa.string())))
    points = points.sort_by([(name, "ascending") for name in ("time_us", "camera", "tracklet")])
    return pa.table(
        {
            "time_s": _divide(points["time_us"], 1e6),
            "camera": points["camera"],
            "tracklet": points["tracklet"],
            "visitor": pa.nulls(len(points), pa.int64()),
            **{f"{name}_m": _divide(points[f"{name}_mm"], 1e3).cast("float32") for name in _LENGTHS},
            "state": points["state"],
        }
    )


_LENGTHS = ("x", "y", "sigma", "height")


def _divide(values: pa.ChunkedArray, divisor: float) -> pa.ChunkedArray:
    return pc.divide(values.cast("float64"), divisor)


SNAPSHOTS = 5
"""Number of retries when a merge removes files during a read."""


class SqlEventReader:
    """An EventReader over SQL and Parquet; see the protocol for its methods.

    Args:
        engine: reading engine; closed with the reader.
        archive: folder of the track files.
        place: name of the history in errors.
    """

    def __init__(self, engine: Engine, archive: Path, *, place: str) -> None:
        self._engine = engine
        self._place = place
        self._archive = archive

    def read_tracks(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """Return track points ordered by time, camera, tracklet.

        Raises:
            StoreError: the database or a file cannot be read.
        """
        hours = list(self._iterate_arrow(start_s, end_s, cameras))
        if not hours:
            return empty_table(TRACK_COLUMNS)
        return _shape(pa.concat_tables(hours).to_pandas(), TRACK_COLUMNS)

    def iterate_tracks(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> Iterator[pd.DataFrame]:
        """Yield track points by hour.

        Raises:
            StoreError: the database or a file cannot be read.
        """
        for hour in self._iterate_arrow(start_s, end_s, cameras):
            yield _shape(hour.to_pandas(), TRACK_COLUMNS)

    def read_spans(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """Return observed spans that overlap the period, without the time of lost track files."""
        at = observed_spans.c
        query = _overlapping(observed_spans, start_s, end_s, cameras).order_by(at.start_us, at.camera)
        bounds_us = _to_us(start_s), _to_us(end_s)
        with converting_store_errors(self._place):
            lost = self._find_lost(*bounds_us)
            with self._engine.connect() as connection:
                rows: Any = connection.execute(query).all()
                lost_gaps = read_lost_gaps(connection, *bounds_us)
        if lost or lost_gaps:
            rows = [row for row in cut_spans(rows, lost_gaps, lost) if _overlaps(row[1:3], *bounds_us)]
            rows.sort(key=lambda row: (row[1], row[0]))
        return _to_frame(rows, [column.name for column in observed_spans.columns], SPAN_COLUMNS)

    def read_gaps(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """Return gaps that overlap the period, including those of lost track files that are not quarantined
        yet.
        """
        query = _overlapping(gaps, start_s, end_s, cameras).order_by(gaps.c.start_us, gaps.c.camera)
        names = [column.name for column in gaps.columns]
        with converting_store_errors(self._place):
            lost = self._find_lost(_to_us(start_s), _to_us(end_s))
            with self._engine.connect() as connection:
                rows: Any = connection.execute(query).all()
                if lost:
                    found = [row for file in lost for row in make_gaps(connection, file)]
                    rows = [*rows, *(tuple(row[name] for name in names) for row in found)]
                    rows = [row for row in rows if cameras is None or row[0] in cameras]
                    rows.sort(key=lambda row: (row[1], row[0]))
        return _to_frame(rows, names, GAP_COLUMNS)

    def read_events(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """Return the cameras' log."""
        query = _within(camera_events, camera_events.c.time_us, start_s, end_s)
        if cameras is not None:
            query = query.where(camera_events.c.camera.in_(sorted(cameras)))
        return self._read(query.order_by(camera_events.c.time_us, camera_events.c.camera), EVENT_COLUMNS)

    def last_observed_end(self, camera: CameraId) -> float | None:
        """Return when a camera was last observed, seconds since the epoch."""
        with converting_store_errors(self._place), self._engine.connect() as connection:
            end_us = connection.scalar(
                select(func.max(observed_spans.c.end_us)).where(observed_spans.c.camera == camera)
            )
        return None if end_us is None else to_s(end_us)

    def time_range(self) -> TimeRange | None:
        """Return the period with points or observed spans."""
        with converting_store_errors(self._place), self._engine.connect() as connection:
            bounds = [
                connection.execute(select(func.min(first), func.max(last))).one()
                for first, last in (
                    (track_journal.c.time_us, track_journal.c.time_us),
                    (archive_files.c.first_us, archive_files.c.last_us),
                    (observed_spans.c.start_us, observed_spans.c.end_us),
                )
            ]
        known = [(first, last) for first, last in bounds if first is not None]
        if not known:
            return None
        return TimeRange(to_s(min(first for first, _ in known)), to_s(max(last for _, last in known) + 1))

    def find_recording(self, sha256: str) -> Recording | None:
        """Return the imported recording with a checksum."""
        with converting_store_errors(self._place), self._engine.connect() as connection:
            row = connection.execute(select(recordings).where(recordings.c.sha256 == sha256)).one_or_none()
        return None if row is None else _make_recording(row)

    def list_recordings(self) -> list[Recording]:
        """Return all imported recordings, the oldest import first."""
        with converting_store_errors(self._place), self._engine.connect() as connection:
            query = select(recordings).order_by(recordings.c.imported_us, recordings.c.name)
            return [_make_recording(row) for row in connection.execute(query)]

    def points_since(self) -> float | None:
        """Return the time before which points were deleted because of their age."""
        with converting_store_errors(self._place), self._engine.connect() as connection:
            since_us = read_counter(connection, POINTS_SINCE)
        return to_s(since_us) if since_us else None

    def find_lost_tracks(self, start_s: float | None = None, end_s: float | None = None) -> LostTracks | None:
        """Return the losses of a period's track files that are not quarantined yet; None without any."""
        with converting_store_errors(self._place):
            lost = self._find_lost(_to_us(start_s), _to_us(end_s))
        return join_lost([LostTracks.of_file(file) for file in lost])

    def check_tracks(self, start_s: float | None = None, end_s: float | None = None) -> bool:
        """Read all track files of a period, so that spans and gaps reflect every damaged one.

        Returns:
            Whether everything is present.

        Raises:
            StoreError: the database or a file cannot be read.
        """
        with converting_store_errors(self._place):
            return not self._find_lost(_to_us(start_s), _to_us(end_s), is_thorough=True)

    def count_points(self, start_s: float, end_s: float) -> int:
        """Estimate the number of track points in a period; files that extend beyond it count by time."""
        start_us, end_us = to_us(start_s), to_us(end_s)
        with converting_store_errors(self._place), self._engine.connect() as connection:
            files = track_catalogue.list_files(connection, start_us=start_us, end_us=end_us)
            journalled = connection.scalar(
                select(func.count()).where(
                    track_journal.c.time_us >= start_us, track_journal.c.time_us < end_us
                )
            )
        total = float(journalled or 0)
        for file in files:
            within_us = min(file.last_us, end_us - 1) - max(file.first_us, start_us) + 1
            total += file.points * within_us / (file.last_us - file.first_us + 1)
        return math.ceil(total)

    def measure_tracks(self) -> tuple[int, int, float | None]:
        """Return the total bytes and number of track files, and the start of the first; None without
        files.
        """
        with converting_store_errors(self._place), self._engine.connect() as connection:
            columns = archive_files.c
            size, count, first_us = connection.execute(
                select(func.sum(columns.bytes), func.count(), func.min(columns.first_us))
            ).one()
        return int(size or 0), int(count), None if first_us is None else to_s(first_us)

    def find_expiring(self, policy: RetentionPolicy, *, now_s: float) -> set[float]:
        """Return the hours of UTC whose track points the next application of a policy deletes.

        Returns:
            The start of each hour, seconds since the epoch.
        """
        with converting_store_errors(self._place), self._engine.connect() as connection:
            files = track_catalogue.list_files(connection)
            plan = plan_retention(files=files, now_s=now_s, policy=policy)
            if plan.delete_before_us is None:
                return set()
            time_us = track_journal.c.time_us
            journalled = connection.scalars(
                select(time_us - time_us % HOUR_US).where(time_us < plan.delete_before_us).distinct()
            ).all()
        return {to_s(hour_us) for hour_us in (*journalled, *(file.hour_us for file in plan.to_delete))}

    def find_part(self, start_s: float, end_s: float, *, camera: str | None = None) -> ErasedPart:
        """Return what an erasure of a period would delete, for one camera or all."""
        with converting_store_errors(self._place):
            return find_part(self._archive, self._engine, start_s=start_s, end_s=end_s, camera=camera)

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def _read(self, query: Select[Any], columns: tuple[Column, ...]) -> pd.DataFrame:
        with converting_store_errors(self._place), self._engine.connect() as connection:
            result = connection.execute(query)
            return _to_frame(result.all(), list(result.keys()), columns)

    def _find_lost(
        self, start_us: int | None, end_us: int | None, *, is_thorough: bool = False
    ) -> list[TrackFile]:
        """Return listed files of a period that are missing or damaged, except those a writer just merged."""
        files = self._list_files(start_us, end_us)
        lost = find_lost_files(self._archive, files, is_thorough=is_thorough)
        if not lost:
            return []
        still_listed = set(self._list_files(start_us, end_us))
        return [file for file in lost if file in still_listed]

    def _list_files(self, start_us: int | None, end_us: int | None) -> list[TrackFile]:
        with self._engine.connect() as connection:
            return track_catalogue.list_files(connection, start_us=start_us, end_us=end_us)

    def _iterate_arrow(
        self, start_s: float | None, end_s: float | None, cameras: Collection[CameraId] | None
    ) -> Iterator[pa.Table]:
        start_us = None if start_s is None else to_us(start_s)
        end_us = None if end_s is None else to_us(end_s)
        next_us, attempts = start_us, 0
        while True:
            names: list[str] = []
            try:
                for hour_us, files, journal in self._take_snapshot(next_us, end_us):
                    names = self._choose_intact(files)
                    found = scan_tracks(
                        self._archive, names, journal, start_us=start_us, end_us=end_us, cameras=cameras
                    )
                    if len(found):
                        yield found
                    next_us, attempts = hour_us + HOUR_US, 0
            except TrackFileGoneError as error:
                attempts += 1
                if attempts == SNAPSHOTS:
                    raise StoreError(
                        "One of the track files of {place} keeps disappearing: {names}.",
                        "Check that the venue's disk is available, then try again.",
                        place=self._place,
                        names=", ".join(names),
                    ) from error
            else:
                return

    def _choose_intact(self, files: list[TrackFile]) -> list[str]:
        """Return the names of files without those that are missing or damaged, whose time is unobserved.

        Raises:
            TrackFileGoneError: a file was merged since the list was read.
        """
        with converting_store_errors(self._place):
            lost = find_lost_files(self._archive, files, is_thorough=True)
            if lost and not set(lost) <= set(self._list_files(lost[0].hour_us, lost[0].hour_us + HOUR_US)):
                raise TrackFileGoneError
        return [file.name for file in files if file not in lost]

    def _take_snapshot(
        self, start_us: int | None, end_us: int | None
    ) -> list[tuple[int, list[TrackFile], pa.Table]]:
        """Return the files and journal points by hour, as of one point in time."""
        with converting_store_errors(self._place), self._engine.connect() as connection, connection.begin():
            files = track_catalogue.list_files(connection, start_us=start_us, end_us=end_us)
            rows = _read_journal(connection, start_us, end_us)
        by_hour: dict[int, tuple[list[TrackFile], list[Any]]] = {}
        for file in files:
            by_hour.setdefault(file.hour_us, ([], []))[0].append(file)
        for row in rows:
            by_hour.setdefault(hour_of(row.time_us), ([], []))[1].append(row)
        return [
            (hour_us, of_files, to_points(of_rows))
            for hour_us, (of_files, of_rows) in sorted(by_hour.items())
        ]


def _read_journal(connection: Connection, start_us: int | None, end_us: int | None) -> list[Any]:
    query = select(*POINT_COLUMNS)
    if start_us is not None:
        query = query.where(track_journal.c.time_us >= start_us)
    if end_us is not None:
        query = query.where(track_journal.c.time_us < end_us)
    return list(connection.execute(query).all())


def _within(table: Table, time_us: Any, start_s: float | None, end_s: float | None) -> Select[Any]:
    query = select(table)
    if start_s is not None:
        query = query.where(time_us >= to_us(start_s))
    if end_s is not None:
        query = query.where(time_us < to_us(end_s))
    return query


def _overlapping(
    table: Table, start_s: float | None, end_s: float | None, cameras: Collection[CameraId] | None
) -> Select[Any]:
    query = select(table)
    if start_s is not None:
        query = query.where(table.c.end_us >= to_us(start_s))
    if end_s is not None:
        query = query.where(table.c.start_us < to_us(end_s))
    if cameras is not None:
        query = query.where(table.c.camera.in_(sorted(cameras)))
    return query


def _to_us(time_s: float | None) -> int | None:
    return None if time_s is None else to_us(time_s)


def _overlaps(bounds_us: tuple[int, int], start_us: int | None, end_us: int | None) -> bool:
    return (start_us is None or bounds_us[1] >= start_us) and (end_us is None or bounds_us[0] < end_us)


def _to_frame(rows: Sequence[Any], names: list[str], columns: tuple[Column, ...]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=names)
    for name in [name for name in table.columns if name.endswith("_us")]:
        table[name.removesuffix("_us") + "_s"] = table[name].astype("int64") / 1e6
    return _shape(table.rename(columns={"duration_s": "seconds"}), columns)


def _shape(table: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    return table[[column.name for column in columns]].astype(
        {column.name: column.dtype for column in columns}
    )


def _make_recording(row: Any) -> Recording:
    start_s = None if row.start_us is None else to_s(row.start_us)
    return Recording(row.name, row.sha256, CameraId(row.camera), start_s, to_s(row.imported_us))
