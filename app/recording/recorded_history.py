"""Write a recording into a venue's history despite a full disk, with backups and retention."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import DamagedStoreError, Phrase, StoreError
from analytics.domain.event_sink import CameraEvent, CameraEventKind, ObservedSpan
from analytics.domain.history_condition import HistoryCondition, HistoryMode, describe_pending_writes
from analytics.domain.identifiers import CameraId
from analytics.domain.track import TrackPoint
from app.core.document import Venue
from app.recording.history_upkeep import HistoryMaintenance
from app.recording.pipeline_process import HistorySink, find_last_gap_cause
from vision.pipeline.observation_log import TERMINATED
from vision.pipeline.pipeline_parts import PipelineParts, PipelineSink

if TYPE_CHECKING:
    from analytics.store.recovery.database_repair import RepairReport
    from analytics.store.recovery.lost_tracks import LostTracks
    from analytics.store.space_saving import DiskLimits
    from analytics.store.sql_event_writer import SqlEventWriter

_LOG = logging.getLogger(__name__)

_DISK_CHECK_INTERVAL_S = 2.0


def make_recording_parts(venue_folder: Path) -> PipelineParts:
    """Return the parts of a pipeline that records a venue."""
    return PipelineParts(open_sink=partial(open_recorded_history, venue_folder))


def open_recorded_history(venue_folder: Path, *, limits: DiskLimits | None = None) -> PipelineSink:
    """Open a venue's history for a recording; called in the inference process.

    Args:
        limits: limits of free disk space; None derives them from the disk's size.

    Raises:
        StoreError: as `analytics.store.sql_event_store.open_store`.
    """
    from analytics.store.sql_event_store import open_store
    from app.core.number_words import join_phrases
    from app.recording.recording_entries import is_history_missing

    repairs: list[RepairReport | LostTracks] = []
    writer = open_store(venue_folder, is_expected=is_history_missing(venue_folder), on_repair=repairs.append)
    repair = join_phrases([report.describe() for report in repairs])
    return RecordedHistory(writer, venue_folder, limits=limits, repair=repair)


def find_termination(venue: Venue) -> float | None:
    """Return when the system terminated the last recording of a venue, seconds since the epoch.

    Returns:
        None if the recording was stopped by a user, is running, or never took place.

    Raises:
        StoreError: the history cannot be read.
    """
    if not venue.events_file.exists():
        return None
    from analytics.store.sql_event_store import open_reader

    reader = open_reader(venue.folder)
    try:
        observed = {name: reader.last_observed_end(name) for name in venue.camera_names}
        ends_s = [end_s for end_s in observed.values() if end_s is not None]
        latest = [name for name, end_s in observed.items() if ends_s and end_s == max(ends_s)]
        is_terminated = any(find_last_gap_cause(reader, name) == TERMINATED for name in latest)
    finally:
        reader.close()
    return max(ends_s) if is_terminated else None


class RecordedHistory(HistorySink):
    """A history sink that survives a full disk, and writes less while the disk is nearly full.

    Data that cannot be written waits in memory; data that does not fit there becomes a gap.
    """

    def __init__(
        self,
        writer: SqlEventWriter,
        folder: Path,
        *,
        limits: DiskLimits | None = None,
        repair: Phrase | None = None,
        clock: Clock | None = None,
        measure_free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        """Wrap a history that was just opened.

        Args:
            repair: description of what was repaired when it was opened.
            measure_free_bytes: returns the free space on the disk of a folder.
        """
        from analytics.store.space_saving import SpaceSaving, choose_limits

        super().__init__(writer, folder)
        self._clock = clock or SystemClock()
        self._limits = limits or choose_limits(shutil.disk_usage(folder).total)
        self._measure_free_bytes = measure_free_bytes
        self._saving = SpaceSaving(writer)
        self._repair = repair
        self._problem: Phrase | None = None
        self._free_bytes: int | None = None
        self._checked_s: float | None = None
        self._unreserved_numbers = 0
        self._numbers_end: int | None = None
        self._maintenance = HistoryMaintenance(
            folder, writer, clock=self._clock, has_space=lambda: self._saving.mode is HistoryMode.FULL
        )
        self._maintenance.start()

    def condition(self) -> HistoryCondition:
        """Return the write condition of the history."""
        from app.core.number_words import join_phrases

        lost = self._writer.lost_tracks
        problem = [self._repair, None if lost is None else lost.describe()]
        repair = join_phrases([phrase for phrase in problem if phrase is not None])
        return HistoryCondition(
            self._saving.mode, self._free_bytes, self._writer.pending_points, self._problem, repair
        )

    def reserve_tracklets(self, count: int) -> int:
        """Reserve ``count`` consecutive tracklet numbers and return the first.

        While the disk is full, numbers are lent and reserved before the first point that uses one.
        """
        if self._numbers_end is None or not self._unreserved_numbers:
            try:
                first = int(self._writer.reserve_tracklets(count))
            except DamagedStoreError:
                raise
            except StoreError:
                if self._numbers_end is None:
                    raise
            else:
                self._numbers_end = first + count
                return first
        first = self._numbers_end
        self._numbers_end += count
        self._unreserved_numbers += count
        return first

    def write_points(self, points: Sequence[TrackPoint]) -> None:
        """Add track points, as far as there is room."""
        self._saving.write_points(points)

    def write_span(self, span: ObservedSpan) -> None:
        """Begin or extend a span of observation, unless none of it can be stored."""
        self._saving.write_span(span)

    def flush(self) -> None:
        """Make everything written so far durable; after a failure the data waits for the next call.

        Raises:
            DamagedStoreError: the history has to be reopened, which repairs it.
        """
        self._check_disk_space()
        try:
            if self._unreserved_numbers:
                self._writer.reserve_tracklets(self._unreserved_numbers)
                self._unreserved_numbers = 0
            self._writer.flush()
        except DamagedStoreError:
            raise
        except StoreError as error:
            if self._problem is None:
                _LOG.warning("%s What is counted meanwhile waits in memory.", error.problem)
            self._problem = describe_pending_writes(error)
        else:
            if self._problem is not None:
                _LOG.warning("The history can be written again; what waited is on the disk.")
            self._problem = None

    def close(self) -> None:
        """Stop the maintenance thread, flush and close the history."""
        self._maintenance.stop()
        super().close()

    def _check_disk_space(self) -> None:
        from analytics.store.space_saving import choose_mode

        now_s = self._clock.monotonic_s()
        if self._checked_s is not None and now_s - self._checked_s < _DISK_CHECK_INTERVAL_S:
            return
        self._checked_s = now_s
        try:
            self._free_bytes = self._measure_free_bytes(self._folder)
        except OSError:
            return
        mode = choose_mode(self._free_bytes, present=self._saving.mode, limits=self._limits)
        if mode is self._saving.mode:
            return
        self._saving.change_mode(mode)
        problem = self.condition().describe() if mode is not HistoryMode.FULL else None
        detail = "The disk has room again; all positions are written." if problem is None else str(problem)
        _LOG.warning("%s", detail)
        event = CameraEvent(self._clock.now_utc_s(), CameraId(""), CameraEventKind.SAVING_ROOM, detail)
        self._writer.write_event(event)
