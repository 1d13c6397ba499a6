"""Takes a period out of a history for ever: what was seen of people in it, and that anybody looked.

It may be a period of one camera alone. It cannot be one of a zone: what is observed is known by camera, so
that a floor without its points would count as looked at and empty, and the points at its edge would still
tell who went in and when they came out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, true

from analytics.store import track_catalogue
from analytics.store.microseconds import to_s, to_us
from analytics.store.recovery.lost_tracks import LOST_TRACKS, delete_aside
from analytics.store.sql_schema import gaps, observed_spans, recordings, track_journal
from analytics.store.track_archive import TrackArchive
from analytics.store.track_files import TrackFile, count_points, cut_file, is_whole

ERASED = "erased"
"""The cause of the gap that takes the place of what was observed."""


@dataclass(frozen=True, slots=True)
class ErasedPart:
    """What a history has of a period, or what went of it.

    Attributes:
        points: track points; of files that reach out of the period an estimate by their length of time,
            until they are cut; those of one camera are counted.
        whole_files, cut_files: track files that go as a whole, and that are written again without the period.
        observed_s: seconds of observation, of all cameras together.
        cameras: whose observation it was, in the order of their names.
        recordings: names of the files that were taken in and begin in it; they may be taken in again.
    """

    points: int
    whole_files: int
    cut_files: int
    observed_s: float
    cameras: tuple[str, ...]
    recordings: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.points or self.observed_s)


def find_part(
    archive_folder: Path, engine: Engine, *, start_s: float, end_s: float, camera: str | None = None
) -> ErasedPart:
    """What would go with a period [start_s, end_s), of one camera or of all; changes nothing.

    Raises:
        OSError: a track file may not be read.
    """
    wanted = _Wanted(to_us(start_s), to_us(end_s), camera)
    with engine.connect() as connection:
        files = _find_files(connection, archive_folder, wanted)
        journalled = _count(connection, track_journal, wanted.has_journalled())
        return _describe(connection, wanted, files, points=journalled + sum(file.points for file in files))


def erase_part(
    archive: TrackArchive, *, start_s: float, end_s: float, camera: str | None = None
) -> ErasedPart:
    """Delete all that a history has of people in [start_s, end_s); for its one writer, with nothing pending.

    The cameras' log stays: it says nothing of anybody, and that a camera was moved holds afterwards, too.

    Track files that hold more than what goes are written again without it, damaged ones go as a whole; then
    one transaction lets go of everything and puts gaps with the cause ``erased`` where somebody had looked.
    The database is rebuilt after it, so that nothing can be found in its free pages or in its log.

    Args:
        camera: only what this one saw; what others saw of the same people stays.

    Raises:
        OSError, ValueError, SQLAlchemyError: all of it still counts, or nothing of it does any more; doing
            it again deletes what is left.
    """
    wanted = _Wanted(to_us(start_s), to_us(end_s), camera)
    period_us = wanted.start_us, wanted.end_us
    engine = archive.engine
    with engine.connect() as connection:
        listed = track_catalogue.list_files(connection, start_us=wanted.start_us, end_us=wanted.end_us)
    archive.lose_damaged(listed)
    with engine.connect() as connection:
        files = _find_files(connection, archive.folder, wanted)
    successors = [
        (touched.file, cut_file(archive.folder, touched.file, without_us=period_us, camera=camera))
        for touched in files
        if not touched.is_all
    ]
    with engine.begin() as connection:
        points = _count(connection, track_journal, wanted.has_journalled())
        points += sum(touched.file.points for touched in files) - sum(new.points for _, new in successors)
        part = _describe(connection, wanted, files, points=points)
        connection.execute(delete(track_journal).where(wanted.has_journalled()))
        track_catalogue.remove_files(connection, [touched.file.name for touched in files])
        track_catalogue.add_files(connection, [new for _, new in successors])
        connection.execute(delete(recordings).where(wanted.has_recording()))
        _cut_observation(connection, wanted)
    track_catalogue.delete_removed_files(engine, archive.folder)
    delete_aside(archive.folder, wanted.start_us, wanted.end_us)
    _rebuild(engine)
    return part


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A period in microseconds, of one camera or of all (None)."""

    start_us: int
    end_us: int
    camera: str | None

    def of_camera(self, column: Any) -> Any:
        """Whether a row is of the camera, or any."""
        return true() if self.camera is None else column == self.camera

    def has_journalled(self) -> Any:
        """Whether a row of the journal goes."""
        at = track_journal.c
        return _is_in(at.time_us, self.start_us, self.end_us) & self.of_camera(at.camera)

    def has_recording(self) -> Any:
        """Whether a recording that was taken in is forgotten."""
        at = recordings.c
        return _is_in(at.start_us, self.start_us, self.end_us) & self.of_camera(at.camera)


@dataclass(frozen=True, slots=True)
class _TouchedFile:
    """A track file that holds something of what goes; ``points``: how many, perhaps by estimate."""

    file: TrackFile
    points: int
    is_all: bool


def _find_files(connection: Connection, folder: Path, wanted: _Wanted) -> list[_TouchedFile]:
    start_us, end_us = wanted.start_us, wanted.end_us
    found = []
    for file in track_catalogue.list_files(connection, start_us=start_us, end_us=end_us):
        if not is_whole(folder, file, is_thorough=wanted.camera is not None):
            # nobody can say what of it goes
            continue
        if wanted.camera is None:
            is_all = start_us <= file.first_us and file.last_us < end_us
            found.append(_TouchedFile(file, _estimate_points(file, start_us, end_us), is_all))
            continue
        points = count_points(folder, file, within_us=(start_us, end_us), camera=wanted.camera)
        if points:
            found.append(_TouchedFile(file, points, is_all=points == file.points))
    return found


def _estimate_points(file: TrackFile, start_us: int, end_us: int) -> int:
    if start_us <= file.first_us and file.last_us < end_us:
        return file.points
    length_us = max(1, file.last_us - file.first_us)
    return round(file.points * (min(end_us, file.last_us) - max(start_us, file.first_us)) / length_us)


def _describe(
    connection: Connection, wanted: _Wanted, files: list[_TouchedFile], *, points: int
) -> ErasedPart:
    start_us, end_us = wanted.start_us, wanted.end_us
    whole = sum(touched.is_all for touched in files)
    spans = _find_spans(connection, wanted)
    return ErasedPart(
        points=points,
        whole_files=whole,
        cut_files=len(files) - whole,
        observed_s=sum(to_s(min(s.end_us, end_us) - max(s.start_us, start_us)) for s in spans),
        cameras=tuple(sorted({span.camera for span in spans})),
        recordings=tuple(
            connection.scalars(
                select(recordings.c.name).where(wanted.has_recording()).order_by(recordings.c.name)
            )
        ),
    )


def _find_spans(connection: Connection, wanted: _Wanted) -> list[Any]:
    at = observed_spans.c
    overlaps = (at.start_us < wanted.end_us) & (at.end_us > wanted.start_us)
    return list(
        connection.execute(select(observed_spans).where(overlaps & wanted.of_camera(at.camera))).all()
    )


def _cut_observation(connection: Connection, wanted: _Wanted) -> None:
    """Leave of spans what lies outside, with frames in proportion, and gaps where they were."""
    start_us, end_us = wanted.start_us, wanted.end_us
    is_within = (gaps.c.start_us >= start_us) & (gaps.c.end_us <= end_us) & wanted.of_camera(gaps.c.camera)
    connection.execute(delete(gaps).where((gaps.c.cause == LOST_TRACKS) & is_within))
    spans = _find_spans(connection, wanted)
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
            # another span or gap may begin at the very moment where the period ends or began
            same = (table.c.camera == row["camera"]) & (table.c.start_us == row["start_us"])
            connection.execute(delete(table).where(same))
        if rows:
            connection.execute(insert(table), rows)


def _rebuild(engine: Engine) -> None:
    """Leave nothing of deleted rows in the database's file and its log."""
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
