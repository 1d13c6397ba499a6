"""Writes a venue's history: a transaction a second into a database, track points by the minute into files."""

from __future__ import annotations

import logging
import os
import platform
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

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
from analytics.store.point_encoding import EncodedPoint, encode_point
from analytics.store.recovery.lost_tracks import LostTracks, join_lost
from analytics.store.retention import RetentionPolicy, RetentionReport, apply_retention
from analytics.store.sql_schema import recordings, sessions
from analytics.store.store_failures import failures_in_words
from analytics.store.track_archive import TrackArchive, count_journal
from analytics.store.writer_lease import WriterLease

MAX_EVENTS = 10_000


@dataclass(slots=True)
class _Loss:
    first_us: int
    last_us: int
    count: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """What one flush makes durable."""

    points: tuple[EncodedPoint, ...]
    spans: tuple[ObservedSpan, ...]
    gaps: tuple[Gap, ...]
    events: tuple[CameraEvent, ...]

    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.points or self.spans or self.gaps or self.events)


@dataclass(slots=True)
class PendingWrites:
    """Points, spans, gaps and events since the last flush.

    Attributes:
        max_points: more than these are turned away, the newest, until a flush succeeds.
        refused_points: points that are no positions.
        dropped_points: points that were turned away.
    """

    max_points: int
    points: list[EncodedPoint] = field(default_factory=list)
    spans: dict[tuple[CameraId, int], ObservedSpan] = field(default_factory=dict)
    gaps: dict[tuple[CameraId, int], Gap] = field(default_factory=dict)
    events: list[CameraEvent] = field(default_factory=list)
    refused_points: int = 0
    dropped_points: int = 0
    dropped_events: int = 0
    _losses: dict[CameraId, _Loss] = field(default_factory=dict)

    def add_points(self, points: Sequence[TrackPoint]) -> None:
        """Add points; counts those that are no positions and those for which there is no room."""
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
        """Add a line to the log, as long as there is room."""
        if len(self.events) < MAX_EVENTS:
            self.events.append(event)
        else:
            self.dropped_events += 1

    def take(self) -> Batch:
        """Everything there is, for a flush; points stay here until ``confirm``, because they are counted.

        What was turned away comes along, as a gap and a line of the log for each camera.
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
        """Let go of a batch's points; they are durable."""
        del self.points[: len(batch.points)]

    def put_back(self, batch: Batch) -> None:
        """Keep a batch that could not be written; what came in since is newer and counts."""
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
    """How much a writer holds back.

    Attributes:
        max_pending_points: what is kept in memory while nothing can be written, some 60 MB.
        flush_at_points: so many are written without waiting for a flush.
        archive_at_points: so many move from the journal to a file without waiting for the minute.
        archive_every_s: how often the journal moves to a file at least, seconds.
    """

    max_pending_points: int = 200_000
    flush_at_points: int = 50_000
    archive_at_points: int = 60_000
    archive_every_s: float = 60.0


class SqlEventWriter:
    """An EventWriter over SQL and Parquet; see the protocols for what its methods promise.

    Points may be handed over in one thread while another flushes.

    Args:
        engine: a writing engine, of a database with the newest tables; closed with the writer.
        archive: closed with the writer.
        lease: given back with the writer.
        place: how to call the history in an error.
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
        with failures_in_words(place):
            self._session, self._next_sequence = self._begin_session()
            self._journal_points = count_journal(engine)

    @property
    def dropped_points(self) -> int:
        """How many points were lost because they could not be written for too long."""
        return self._pending.dropped_points

    @property
    def refused_points(self) -> int:
        """How many points were no positions."""
        return self._pending.refused_points

    @property
    def lost_tracks(self) -> LostTracks | None:
        """What turned out to be lost with track files since it was opened; None: nothing."""
        return join_lost(self._archive.lost)

    @property
    def pending_points(self) -> int:
        """How many points wait for a flush."""
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
                # the points are kept, and the caller's own flush will say it
                _logger.warning("%s", error.problem)

    def write_span(self, span: ObservedSpan) -> None:
        """Begin or extend a stretch of observation."""
        with self._pending_lock:
            self._pending.add_span(span)

    def write_gap(self, gap: Gap) -> None:
        """Record or extend a stretch without observation; (camera, start_s) identifies it."""
        with self._pending_lock:
            self._pending.add_gap(gap)

    def write_event(self, event: CameraEvent) -> None:
        """Add a line to the log."""
        with self._pending_lock:
            self._pending.add_event(event)

    def flush(self) -> None:
        """Make durable all that was written so far, in one transaction; once a minute, move it to files.

        Raises:
            StoreError: nothing of it is durable; it is kept, as far as there is room, for the next flush.
        """
        with self._database_lock:
            self._flush_pending()
            self._archive_when_due()

    def archive_now(self) -> int:
        """Move all that is flushed to files and merge each hour's files; returns how many points moved.

        For the end of an import; a recording does this by itself, bit by bit.

        Raises:
            StoreError: it could not be written; nothing is lost.
        """
        with self._database_lock, failures_in_words(self._place):
            moved = self._archive.move_journal()
            self._journal_points = 0
            self._archive.compact()
        return moved

    def reserve_tracklets(self, count: int) -> TrackletId:
        """The first of ``count`` numbers of tracklets.

        Raises:
            StoreError: the database cannot be written.
        """
        with self._database_lock, failures_in_words(self._place), self._engine.begin() as connection:
            first = read_counter(connection, NEXT_TRACKLET)
            set_counter(connection, NEXT_TRACKLET, first + count)
        return TrackletId(first)

    def write_recording(self, recording: Recording) -> None:
        """Remember that a file was taken in.

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
        with self._database_lock, failures_in_words(self._place), self._engine.begin() as connection:
            connection.execute(delete(recordings).where(recordings.c.sha256 == recording.sha256))
            connection.execute(insert(recordings), [row])

    def apply_retention(self, policy: RetentionPolicy, *, max_files: int | None = None) -> RetentionReport:
        """Delete and thin old track points; of files no more than about ``max_files`` at once.

        Raises:
            StoreError: it could not be done; what was done stays done.
        """
        with self._database_lock, failures_in_words(self._place):
            report = apply_retention(
                archive=self._archive, policy=policy, now_s=self._clock.now_utc_s(), max_files=max_files
            )
            self._journal_points = count_journal(self._engine)
        return report

    def erase(self, *, start_s: float, end_s: float, camera: str | None = None) -> ErasedPart:
        """Delete for ever what was observed in [start_s, end_s), and leave gaps with the cause ``erased``.

        Args:
            camera: only what this one saw; None: all.

        Raises:
            StoreError: it could not be done; to do it again deletes what is left.
        """
        with self._database_lock, failures_in_words(self._place):
            self._flush_pending()
            part = erase_part(self._archive, start_s=start_s, end_s=end_s, camera=camera)
            self._journal_points = count_journal(self._engine)
        return part

    def close(self) -> None:
        """Flush and let go of database, threads and lease.

        Raises:
            StoreError: the last flush failed; everything is let go of nevertheless.
        """
        with self._database_lock:
            if self._is_closed:
                return
            self._is_closed = True
            try:
                self._flush_pending()
                with failures_in_words(self._place):
                    self._archive.close()
                    self._end_session()
            finally:
                self._archive.close()
                self._engine.dispose()
                self._lease.release()

    def _flush_pending(self) -> None:
        with self._pending_lock:
            batch = self._pending.take()
        if batch.is_empty():
            return
        try:
            with failures_in_words(self._place), self._engine.begin() as connection:
                points = self._skip_saved(connection, batch.points)
                save_points(connection, points, first_sequence=self._next_sequence)
                set_counter(connection, NEXT_SEQUENCE, self._next_sequence + len(points))
                save_spans(connection, batch.spans)
                save_gaps(connection, batch.gaps)
                save_events(connection, batch.events)
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

    def _skip_saved(self, connection: Connection, points: Sequence[EncodedPoint]) -> Sequence[EncodedPoint]:
        """The points without those of a commit that took effect although it was reported as failed."""
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
            # the points are durable in the journal: nothing is lost, only moved later
            _logger.warning("Track points stay in the journal for now: %s", error)
        try:
            self._archive.compact_in_background()
        except (OSError, ValueError, SQLAlchemyError) as error:
            _logger.warning("The track files of an hour stay apart until the next start: %s", error)

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
