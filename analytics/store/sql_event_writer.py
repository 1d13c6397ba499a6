"""Write a venue's history: one transaction a second, and track points to files once a minute."""

from __future__ import annotations

import logging
import os
import platform
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, Engine, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from analytics.domain.clock import Clock
from analytics.domain.errors import StoreError
from analytics.domain.event_sink import CameraEvent, CameraEventKind, Gap, ObservedSpan
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint
from analytics.store.counters import NEXT_SEQUENCE, NEXT_TRACKLET, read_counter, set_counter
from analytics.store.erasure import ErasedPart, erase_part
from analytics.store.event_rows import save_events, save_gaps, save_points, save_spans
from analytics.store.event_store import Recording
from analytics.store.microseconds import to_s, to_us
from analytics.store.outbox import (
    ErasureRow,
    EventRow,
    GapRow,
    SpanRow,
    StoredBatch,
    add_to_outbox,
    choose_epoch,
    encode_batch,
    erase_from_outbox,
    has_outbox,
)
from analytics.store.point_encoding import EncodedPoint, encode_point
from analytics.store.recovery.lost_tracks import LostTracks, join_lost
from analytics.store.retention import RetentionPolicy, RetentionReport, apply_retention
from analytics.store.sql_schema import recordings, sessions
from analytics.store.store_failures import converting_store_errors
from analytics.store.track_archive import TrackArchive, count_journal, to_points
from analytics.store.writer_lease import WriterLease

MAX_EVENTS = 10_000


@dataclass(slots=True)
class _Loss:
    first_us: int
    last_us: int
    count: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """The data of one flush."""

    points: tuple[EncodedPoint, ...]
    spans: tuple[ObservedSpan, ...]
    gaps: tuple[Gap, ...]
    events: tuple[CameraEvent, ...]

    def is_empty(self) -> bool:
        """Return whether there is nothing to write."""
        return not (self.points or self.spans or self.gaps or self.events)


@dataclass(slots=True)
class PendingWrites:
    """Points, spans, gaps and events since the last flush.

    Attributes:
        max_points: number of points above which new ones are dropped until a flush succeeds.
        refused_points: number of invalid points.
    """

    max_points: int
    points: list[EncodedPoint] = field(default_factory=list)
    spans: dict[tuple[CameraId, int], ObservedSpan] = field(default_factory=dict)
    gaps: dict[tuple[CameraId, int], Gap] = field(default_factory=dict)
    events: list[CameraEvent] = field(default_factory=list)
    refused_points: int = 0
    dropped_points: int = 0
    _losses: dict[CameraId, _Loss] = field(default_factory=dict)

    def add_points(self, points: Sequence[TrackPoint]) -> None:
        """Add points, counting invalid and dropped ones."""
        for point in points:
            encoded = encode_point(point)
            if encoded is None:
                self.refused_points += 1
            elif len(self.points) < self.max_points:
                self.points.append(encoded)
            else:
                self._lose(encoded)

    def add_span(self, span: ObservedSpan) -> None:
        """Add a span or extend the one of the same camera and start."""
        self.spans[span.camera, to_us(span.start_s)] = span

    def add_gap(self, gap: Gap) -> None:
        """Add a gap or extend the one of the same camera and start."""
        self.gaps[gap.camera, to_us(gap.start_s)] = gap

    def add_event(self, event: CameraEvent) -> None:
        """Add an event to the log while there is room."""
        if len(self.events) < MAX_EVENTS:
            self.events.append(event)

    def collect(self) -> Batch:
        """Return everything for a flush; points are kept until ``confirm``, because they are counted.

        Dropped points are included as a gap and an event for each camera.
        """
        for camera, loss in self._losses.items():
            detail = "Track points could not be written for too long."
            first_s, last_s = to_s(loss.first_us), to_s(loss.last_us)
            self.events.append(CameraEvent(last_s, camera, CameraEventKind.DROPPED, detail, loss.count))
            self.add_gap(Gap(camera, first_s, last_s, "store"))
        batch = Batch(
            tuple(self.points), tuple(self.spans.values()), tuple(self.gaps.values()), tuple(self.events)
        )
        self._losses.clear()
        self.spans.clear()
        self.gaps.clear()
        self.events.clear()
        return batch

    def confirm(self, batch: Batch) -> None:
        """Remove a batch's points, which are durable."""
        del self.points[: len(batch.points)]

    def put_back(self, batch: Batch) -> None:
        """Keep a batch that could not be written; newer data takes precedence."""
        self.spans = {(s.camera, to_us(s.start_s)): s for s in batch.spans} | self.spans
        self.gaps = {(g.camera, to_us(g.start_s)): g for g in batch.gaps} | self.gaps
        self.events[:0] = batch.events

    def _lose(self, point: EncodedPoint) -> None:
        self.dropped_points += 1
        loss = self._losses.setdefault(CameraId(point.camera), _Loss(point.time_us, point.time_us))
        loss.first_us = min(loss.first_us, point.time_us)
        loss.last_us = max(loss.last_us, point.time_us)
        loss.count += 1


_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WriterLimits:
    """The limits of a writer's buffers.

    Attributes:
        max_pending_points: points kept in memory while writing fails, some 60 MB.
        flush_at_points: number of points that triggers a flush.
        archive_at_points: number of journal points that triggers a move to a file.
        archive_every_s: maximum time between moves of the journal to a file, seconds.
    """

    max_pending_points: int = 200_000
    flush_at_points: int = 50_000
    archive_at_points: int = 60_000
    archive_every_s: float = 60.0


class SqlEventWriter:
    """An EventWriter over SQL and Parquet; see the protocols for its methods.

    Points may be added in one thread while another flushes.

    Args:
        engine: writing engine of a database with the newest tables; closed with the writer.
        archive: closed with the writer.
        lease: released with the writer.
        place: name of the history in errors.
    """

    def __init__(
        self,
        engine: Engine,
        archive: TrackArchive,
        lease: WriterLease,
        *,
        clock: Clock,
        place: str,
        limits: WriterLimits = WriterLimits(),
    ) -> None:
        self._engine = engine
        self._archive = archive
        self._lease = lease
        self._clock = clock
        self._place = place
        self._limits = limits
        self._pending = PendingWrites(limits.max_pending_points)
        self._pending_lock = threading.Lock()
        self._database_lock = threading.RLock()
        self._has_failed = False
        self._has_move_failed = False
        self._is_closed = False
        self._last_move_s = clock.monotonic_s()
        with converting_store_errors(place):
            self._epoch = self._begin_epoch()
            self._session, self._next_sequence = self._begin_session()
            self._journal_points = count_journal(engine)

    @property
    def dropped_points(self) -> int:
        """Return the number of points lost because they could not be written for too long."""
        return self._pending.dropped_points

    @property
    def refused_points(self) -> int:
        """Return the number of invalid points."""
        return self._pending.refused_points

    @property
    def lost_tracks(self) -> LostTracks | None:
        """Return the losses of track files found since opening; None without any."""
        return join_lost(self._archive.lost)

    @property
    def pending_points(self) -> int:
        """Return the number of points waiting for a flush."""
        return len(self._pending.points)

    def write_points(self, points: Sequence[TrackPoint]) -> None:
        """Add track points."""
        with self._pending_lock:
            self._pending.add_points(points)
            is_due = len(self._pending.points) >= self._limits.flush_at_points and not self._has_failed
        if is_due:
            try:
                self.flush()
            except StoreError as error:
                # the points are kept, and the caller's own flush will report the error
                _logger.warning("%s", error.problem)

    def write_span(self, span: ObservedSpan) -> None:
        """Begin or extend a span of observation."""
        with self._pending_lock:
            self._pending.add_span(span)

    def write_gap(self, gap: Gap) -> None:
        """Record or extend a gap of observation; (camera, start_s) identifies it."""
        with self._pending_lock:
            self._pending.add_gap(gap)

    def write_event(self, event: CameraEvent) -> None:
        """Add an event to the log."""
        with self._pending_lock:
            self._pending.add_event(event)

    def flush(self) -> None:
        """Make everything written so far durable in one transaction; once a minute, move it to files.

        Raises:
            StoreError: nothing was written; the data is kept for the next flush, as far as there is room.
        """
        with self._database_lock:
            self._flush_pending()
            self._archive_when_due()

    def archive_now(self) -> int:
        """Move all flushed points to files, merge each hour's files, and return the number of points.

        For the end of an import; a recording does this gradually.

        Raises:
            StoreError: it could not be written; nothing is lost.
        """
        with self._database_lock, converting_store_errors(self._place):
            moved = self._archive.move_journal()
            self._journal_points = 0
            self._archive.compact()
        return moved

    def reserve_tracklets(self, count: int) -> TrackletId:
        """Reserve ``count`` consecutive tracklet numbers and return the first.

        Raises:
            StoreError: the database cannot be written.
        """
        with self._database_lock, converting_store_errors(self._place), self._engine.begin() as connection:
            first = read_counter(connection, NEXT_TRACKLET)
            set_counter(connection, NEXT_TRACKLET, first + count)
        return TrackletId(first)

    def write_recording(self, recording: Recording) -> None:
        """Record that a file was imported.

        Raises:
            StoreError: the database cannot be written.
        """
        row = {
            "sha256": recording.sha256,
            "name": recording.name,
            "camera": recording.camera,
            "start_us": None if recording.start_s is None else to_us(recording.start_s),
            "imported_us": to_us(recording.imported_s),
        }
        with self._database_lock, converting_store_errors(self._place), self._engine.begin() as connection:
            connection.execute(delete(recordings).where(recordings.c.sha256 == recording.sha256))
            connection.execute(insert(recordings), [row])

    def apply_retention(self, policy: RetentionPolicy, *, max_files: int | None = None) -> RetentionReport:
        """Delete and thin old track points, of about ``max_files`` files at most.

        Raises:
            StoreError: the operation failed; completed steps stay done.
        """
        with self._database_lock, converting_store_errors(self._place):
            report = apply_retention(
                archive=self._archive, policy=policy, now_s=self._clock.now_utc_s(), max_files=max_files
            )
            self._journal_points = count_journal(self._engine)
        return report

    def erase(self, *, start_s: float, end_s: float, camera: str | None = None) -> ErasedPart:
        """Erase the observations in [start_s, end_s) and leave gaps with the cause ``erased``.

        Args:
            camera: limit to this camera; None for all.

        Raises:
            StoreError: the operation failed; repeating it deletes the rest.
        """
        with self._database_lock, converting_store_errors(self._place):
            self._flush_pending()
            if self._epoch is not None:
                erasure = ErasureRow(camera or "", to_us(start_s), to_us(end_s))
                with self._engine.begin() as connection:
                    erase_from_outbox(connection, erasure)
                    body = encode_batch(StoredBatch(to_points(()), erasures=(erasure,)))
                    add_to_outbox(connection, body, epoch=self._epoch)
            part = erase_part(self._archive, start_s=start_s, end_s=end_s, camera=camera)
            self._journal_points = count_journal(self._engine)
        return part

    def close(self) -> None:
        """Flush and release database, threads and lease.

        Raises:
            StoreError: the last flush failed; everything is released nevertheless.
        """
        with self._database_lock:
            if self._is_closed:
                return
            self._is_closed = True
            try:
                self._flush_pending()
                with converting_store_errors(self._place):
                    self._archive.close()
                    self._end_session()
            finally:
                self._archive.close()
                self._engine.dispose()
                self._lease.release()

    def _flush_pending(self) -> None:
        with self._pending_lock:
            batch = self._pending.collect()
        if batch.is_empty():
            return
        try:
            with converting_store_errors(self._place), self._engine.begin() as connection:
                points = self._skip_saved(connection, batch.points)
                save_points(connection, points, first_sequence=self._next_sequence)
                set_counter(connection, NEXT_SEQUENCE, self._next_sequence + len(points))
                save_spans(connection, batch.spans)
                save_gaps(connection, batch.gaps)
                save_events(connection, batch.events)
                if self._epoch is not None:
                    self._add_to_outbox(connection, self._epoch, replace(batch, points=tuple(points)))
        except StoreError:
            self._has_failed = True
            with self._pending_lock:
                self._pending.put_back(batch)
            raise
        self._has_failed = False
        self._next_sequence += len(points)
        self._journal_points += len(points)
        with self._pending_lock:
            self._pending.confirm(batch)

    def _add_to_outbox(self, connection: Connection, epoch: int, batch: Batch) -> None:
        stored = StoredBatch(
            to_points(batch.points),
            tuple(SpanRow(s.camera, to_us(s.start_s), to_us(s.end_s), s.frames) for s in batch.spans),
            tuple(GapRow(g.camera, to_us(g.start_s), to_us(g.end_s), g.cause) for g in batch.gaps),
            tuple(EventRow(to_us(e.time_s), e.camera, e.kind.value, e.detail, e.count) for e in batch.events),
        )
        add_to_outbox(connection, encode_batch(stored), epoch=epoch)

    def _skip_saved(self, connection: Connection, points: Sequence[EncodedPoint]) -> Sequence[EncodedPoint]:
        """Return the points without those of a commit that succeeded although it was reported as failed."""
        if not self._has_failed:
            return points
        next_sequence = read_counter(connection, NEXT_SEQUENCE)
        saved = next_sequence - self._next_sequence
        self._next_sequence = next_sequence
        self._journal_points += saved
        return points[saved:]

    def _archive_when_due(self) -> None:
        waited_s = self._clock.monotonic_s() - self._last_move_s
        is_full = self._journal_points >= self._limits.archive_at_points and not self._has_move_failed
        try:
            if is_full or (self._journal_points and waited_s >= self._limits.archive_every_s):
                self._last_move_s = self._clock.monotonic_s()
                self._has_move_failed = True
                self._archive.move_journal()
                self._has_move_failed = False
                self._journal_points = 0
        except (OSError, ValueError, SQLAlchemyError) as error:
            # the points are durable in the journal, so they only move later
            _logger.warning("Track points stay in the journal for now: %s", error)
        try:
            self._archive.compact_in_background()
        except (OSError, ValueError, SQLAlchemyError) as error:
            _logger.warning("The track files of an hour stay apart until the next start: %s", error)

    def _begin_epoch(self) -> int | None:
        """Return the number of this writer in the outbox; None if nothing is forwarded."""
        if not has_outbox(self._engine):
            return None
        with self._engine.begin() as connection:
            return choose_epoch(connection, now_us=to_us(self._clock.now_utc_s()))

    def _begin_session(self) -> tuple[int, int]:
        with self._engine.begin() as connection:
            session = 1 + (connection.scalar(select(func.max(sessions.c.session))) or 0)
            row = {
                "session": session,
                "started_us": to_us(self._clock.now_utc_s()),
                "process": os.getpid(),
                "machine": platform.node(),
            }
            connection.execute(insert(sessions), [row])
            return session, read_counter(connection, NEXT_SEQUENCE)

    def _end_session(self) -> None:
        ended_us = to_us(self._clock.now_utc_s())
        with self._engine.begin() as connection:
            connection.execute(
                update(sessions).where(sessions.c.session == self._session).values(ended_us=ended_us)
            )
