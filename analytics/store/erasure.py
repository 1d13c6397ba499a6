"""Takes a period out of a history for ever: what was seen of people in it, and that anybody looked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, func, insert, select

from analytics.store import track_catalogue
from analytics.store.microseconds import to_s, to_us
from analytics.store.sql_schema import crossings, gaps, observed_spans, recordings, track_journal, visits
from analytics.store.track_archive import TrackArchive
from analytics.store.track_files import TrackFile, cut_file

ERASED = "erased"
"""The cause of the gap that takes the place of what was observed."""


@dataclass(frozen=True, slots=True)
class ErasedPart:
    """What a history has of a period, or what went of it.

    Attributes:
        points: track points; of files that reach out of the period an estimate by their length of time,
            until they are cut.
        whole_files, cut_files: track files that go as a whole, and that are written again without the period.
        visits: stays that touch the period, as they were kept for others to read; crossings likewise.
        observed_s: seconds of observation, of all cameras together.
        cameras: whose observation it was, in the order of their names.
        recordings: names of the files that were taken in and begin in it; they may be taken in again.
    """

    points: int
    whole_files: int
    cut_files: int
    visits: int
    crossings: int
    observed_s: float
    cameras: tuple[str, ...]
    recordings: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.points or self.visits or self.crossings or self.observed_s)


def find_part(engine: Engine, *, start_s: float, end_s: float) -> ErasedPart:
    """What would go with a period [start_s, end_s); changes nothing."""
    start_us, end_us = to_us(start_s), to_us(end_s)
    with engine.connect() as connection:
        files = _find_files(connection, start_us, end_us)
        journalled = _count(connection, track_journal, _is_in(track_journal.c.time_us, start_us, end_us))
        estimated = sum(_estimate_points(file, start_us, end_us) for file in files)
        return _describe(connection, start_us, end_us, files, points=journalled + estimated)


def erase_part(archive: TrackArchive, *, start_s: float, end_s: float) -> ErasedPart:
    """Delete all that a history has of people in [start_s, end_s); for its one writer, with nothing pending.

    The cameras' log stays: it says nothing of anybody, and that a camera was moved holds afterwards, too.

    Track files that reach out of the period are written again without it; then one transaction lets go of
    everything and puts gaps with the cause ``erased`` where somebody had looked. The database is rebuilt
    after it, so that nothing can be found in its free pages or in its log.

    Raises:
        OSError, ValueError, SQLAlchemyError: all of it still counts, or nothing of it does any more; doing
            it again deletes what is left.
    """
    start_us, end_us = to_us(start_s), to_us(end_s)
    engine = archive.engine
    with engine.connect() as connection:
        files = _find_files(connection, start_us, end_us)
    cut = [file for file in files if not _is_within(file, start_us, end_us)]
    successors = [(file, cut_file(archive.folder, file, without_us=(start_us, end_us))) for file in cut]
    with engine.begin() as connection:
        is_journalled = _is_in(track_journal.c.time_us, start_us, end_us)
        points = _count(connection, track_journal, is_journalled)
        points += sum(file.points for file in files) - sum(new.points for _, new in successors)
        part = _describe(connection, start_us, end_us, files, points=points)
        connection.execute(delete(track_journal).where(is_journalled))
        track_catalogue.remove_files(connection, [file.name for file in files])
        track_catalogue.add_files(connection, [new for _, new in successors])
        connection.execute(delete(visits).where(visits.c.entered_us < end_us, visits.c.left_us >= start_us))
        connection.execute(delete(crossings).where(_is_in(crossings.c.time_us, start_us, end_us)))
        connection.execute(delete(recordings).where(_is_in(recordings.c.start_us, start_us, end_us)))
        _cut_observation(connection, start_us, end_us)
    track_catalogue.delete_removed_files(engine, archive.folder)
    _rebuild(engine)
    return part


def _find_files(connection: Connection, start_us: int, end_us: int) -> list[TrackFile]:
    return track_catalogue.list_files(connection, start_us=start_us, end_us=end_us)


def _is_within(file: TrackFile, start_us: int, end_us: int) -> bool:
    return start_us <= file.first_us and file.last_us < end_us


def _estimate_points(file: TrackFile, start_us: int, end_us: int) -> int:
    if _is_within(file, start_us, end_us):
        return file.points
    length_us = max(1, file.last_us - file.first_us)
    return round(file.points * (min(end_us, file.last_us) - max(start_us, file.first_us)) / length_us)


def _describe(
    connection: Connection, start_us: int, end_us: int, files: list[TrackFile], *, points: int
) -> ErasedPart:
    whole = sum(_is_within(file, start_us, end_us) for file in files)
    spans = _find_spans(connection, start_us, end_us)
    return ErasedPart(
        points=points,
        whole_files=whole,
        cut_files=len(files) - whole,
        visits=_count(connection, visits, (visits.c.entered_us < end_us) & (visits.c.left_us >= start_us)),
        crossings=_count(connection, crossings, _is_in(crossings.c.time_us, start_us, end_us)),
        observed_s=sum(to_s(min(s.end_us, end_us) - max(s.start_us, start_us)) for s in spans),
        cameras=tuple(sorted({span.camera for span in spans})),
        recordings=tuple(
            connection.scalars(
                select(recordings.c.name)
                .where(_is_in(recordings.c.start_us, start_us, end_us))
                .order_by(recordings.c.name)
            )
        ),
    )


def _find_spans(connection: Connection, start_us: int, end_us: int) -> list[Any]:
    overlaps = (observed_spans.c.start_us < end_us) & (observed_spans.c.end_us > start_us)
    return list(connection.execute(select(observed_spans).where(overlaps)).all())


def _cut_observation(connection: Connection, start_us: int, end_us: int) -> None:
    """Leave of spans what lies outside, with frames in proportion, and gaps where they were."""
    spans = _find_spans(connection, start_us, end_us)
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
