"""Erase a period from a history: positions of visitors and the observation itself.

Erasure can be limited to one camera, but not to a zone: observation is recorded by camera, so the floor
without its points would count as observed and empty, and points at its edge would still reveal entries and
exits.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, true

from analytics.store import track_catalogue
from analytics.store.microseconds import to_s, to_us
from analytics.store.recovery.lost_tracks import LOST_TRACKS, delete_quarantined
from analytics.store.sql_schema import gaps, observed_spans, recordings, track_journal
from analytics.store.track_archive import TrackArchive
from analytics.store.track_files import TrackFile, count_points, cut_file, is_intact

ERASED = "erased"
"""Cause of the gap that replaces the observation."""


@dataclass(frozen=True, slots=True)
class ErasedPart:
    """The part of a history to erase, or that was erased.

    Attributes:
        points: track points; estimated by time for files that extend beyond the period until they are
            cut, but counted for a single camera.
        deleted_files, rewritten_files: numbers of track files that are deleted, and that are rewritten
            without the period.
        observed_s: seconds of observation of all cameras together.
        cameras: names of the observing cameras, sorted.
        recordings: names of imported files that begin in the period and may be imported again.
    """

    points: int
    deleted_files: int
    rewritten_files: int
    observed_s: float
    cameras: tuple[str, ...]
    recordings: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.points or self.observed_s)


def find_part(
    archive_folder: Path, engine: Engine, *, start_s: float, end_s: float, camera: str | None = None
) -> ErasedPart:
    """Return what an erasure of [start_s, end_s) would delete, for one camera or all, without changing
    anything.

    Raises:
        OSError: a track file cannot be read.
    """
    scope = _Scope(to_us(start_s), to_us(end_s), camera)
    with engine.connect() as connection:
        files = _find_files(connection, archive_folder, scope)
        journalled = _count(connection, track_journal, scope.has_journalled())
        return _describe(connection, scope, files, points=journalled + sum(file.points for file in files))


def erase_part(
    archive: TrackArchive, *, start_s: float, end_s: float, camera: str | None = None
) -> ErasedPart:
    """Erase the observations in [start_s, end_s); only for the single writer, with nothing pending.

    The cameras' log stays: it does not identify visitors, and a movement of a camera still applies
    afterwards.

    Track files that contain more are rewritten, damaged ones are deleted; then one transaction deletes all
    records and adds gaps with the cause ``erased`` for observed time. The database is rebuilt afterwards, so
    that no erased data remains in its free pages or log.

    Args:
        camera: limit to this camera; other cameras' observations of the same people stay.

    Raises:
        OSError, ValueError, SQLAlchemyError: everything still counts, or nothing does any more; repeating
            the erasure deletes the rest.
    """
    scope = _Scope(to_us(start_s), to_us(end_s), camera)
    period_us = scope.start_us, scope.end_us
    engine = archive.engine
    with engine.connect() as connection:
        listed = track_catalogue.list_files(connection, start_us=scope.start_us, end_us=scope.end_us)
    archive.drop_damaged_files(listed)
    with engine.connect() as connection:
        files = _find_files(connection, archive.folder, scope)
    successors = [
        (touched.file, cut_file(archive.folder, touched.file, without_us=period_us, camera=camera))
        for touched in files
        if not touched.is_all
    ]
    with engine.begin() as connection:
        points = _count(connection, track_journal, scope.has_journalled())
        points += sum(touched.file.points for touched in files) - sum(new.points for _, new in successors)
        part = _describe(connection, scope, files, points=points)
        connection.execute(delete(track_journal).where(scope.has_journalled()))
        track_catalogue.remove_files(connection, [touched.file.name for touched in files])
        track_catalogue.add_files(connection, [new for _, new in successors])
        connection.execute(delete(recordings).where(scope.has_recording()))
        _cut_observation(connection, scope)
    track_catalogue.delete_removed_files(engine, archive.folder)
    delete_quarantined(archive.folder, scope.start_us, scope.end_us)
    _rebuild(engine)
    return part


@dataclass(frozen=True, slots=True)
class _Scope:
    """A period in microseconds, for one camera or all (None)."""

    start_us: int
    end_us: int
    camera: str | None

    def of_camera(self, column: Any) -> Any:
        """Return the condition that a row is of the camera."""
        return true() if self.camera is None else column == self.camera

    def has_journalled(self) -> Any:
        """Return the condition that a journal row is to be erased."""
        at = track_journal.c
        return _is_in(at.time_us, self.start_us, self.end_us) & self.of_camera(at.camera)

    def has_recording(self) -> Any:
        """Return the condition that an imported recording is to be forgotten."""
        at = recordings.c
        return _is_in(at.start_us, self.start_us, self.end_us) & self.of_camera(at.camera)


@dataclass(frozen=True, slots=True)
class _TouchedFile:
    """A track file with points to erase; ``points`` may be an estimate."""

    file: TrackFile
    points: int
    is_all: bool


def _find_files(connection: Connection, folder: Path, scope: _Scope) -> list[_TouchedFile]:
    start_us, end_us = scope.start_us, scope.end_us
    found = []
    for file in track_catalogue.list_files(connection, start_us=start_us, end_us=end_us):
        if not is_intact(folder, file, is_thorough=scope.camera is not None):
            # its content is unknown
            continue
        if scope.camera is None:
            is_all = start_us <= file.first_us and file.last_us < end_us
            found.append(_TouchedFile(file, _estimate_points(file, start_us, end_us), is_all))
            continue
        points = count_points(folder, file, within_us=(start_us, end_us), camera=scope.camera)
        if points:
            found.append(_TouchedFile(file, points, is_all=points == file.points))
    return found


def _estimate_points(file: TrackFile, start_us: int, end_us: int) -> int:
    if start_us <= file.first_us and file.last_us < end_us:
        return file.points
    length_us = max(1, file.last_us - file.first_us)
    return round(file.points * (min(end_us, file.last_us) - max(start_us, file.first_us)) / length_us)


def _describe(connection: Connection, scope: _Scope, files: list[_TouchedFile], *, points: int) -> ErasedPart:
    start_us, end_us = scope.start_us, scope.end_us
    whole = sum(touched.is_all for touched in files)
    spans = _find_spans(connection, scope)
    return ErasedPart(
        points=points,
        deleted_files=whole,
        rewritten_files=len(files) - whole,
        observed_s=sum(to_s(min(s.end_us, end_us) - max(s.start_us, start_us)) for s in spans),
        cameras=tuple(sorted({span.camera for span in spans})),
        recordings=tuple(
            connection.scalars(
                select(recordings.c.name).where(scope.has_recording()).order_by(recordings.c.name)
            )
        ),
    )


def _find_spans(connection: Connection, scope: _Scope) -> list[Any]:
    at = observed_spans.c
    overlaps = (at.start_us < scope.end_us) & (at.end_us > scope.start_us)
    return list(connection.execute(select(observed_spans).where(overlaps & scope.of_camera(at.camera))).all())


def _cut_observation(connection: Connection, scope: _Scope) -> None:
    """Cut observed spans at the period, with proportional frames, and add gaps in their place."""
    start_us, end_us = scope.start_us, scope.end_us
    is_within = (gaps.c.start_us >= start_us) & (gaps.c.end_us <= end_us) & scope.of_camera(gaps.c.camera)
    connection.execute(delete(gaps).where((gaps.c.cause == LOST_TRACKS) & is_within))
    spans = _find_spans(connection, scope)
    pieces, erased = [], []
    for span in spans:
        same = (observed_spans.c.camera == span.camera) & (observed_spans.c.start_us == span.start_us)
        connection.execute(delete(observed_spans).where(same))
        for piece_start, piece_end in ((span.start_us, start_us), (end_us, span.end_us)):
            if piece_start < piece_end:
                share = (piece_end - piece_start) / (span.end_us - span.start_us)
                pieces.append(
                    {
                        "camera": span.camera,
                        "start_us": piece_start,
                        "end_us": piece_end,
                        "frames": max(1, round(span.frames * share)),
                    }
                )
        erased.append(
            {
                "camera": span.camera,
                "start_us": max(span.start_us, start_us),
                "end_us": min(span.end_us, end_us),
                "cause": ERASED,
            }
        )
    for table, rows in ((observed_spans, pieces), (gaps, erased)):
        for row in rows:
            # another span or gap may begin exactly at the start or end of the period
            same = (table.c.camera == row["camera"]) & (table.c.start_us == row["start_us"])
            connection.execute(delete(table).where(same))
        if rows:
            connection.execute(insert(table), rows)


def _rebuild(engine: Engine) -> None:
    """Remove deleted rows from the database file and its log."""
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            return
        driver: Any = connection.connection.driver_connection
        # outside of a transaction, which the engine would begin
        driver.execute("VACUUM")
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _is_in(column: Any, start_us: int, end_us: int) -> Any:
    return (column >= start_us) & (column < end_us)


def _count(connection: Connection, table: Table, condition: Any) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(condition)) or 0
