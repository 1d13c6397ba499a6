"""A venue's history as a recording writes it: through a full disk, backed up, and kept as long as wanted."""

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
from app.recording.history_upkeep import HistoryUpkeep
from app.recording.pipeline_process import HistorySink, find_last_gap_cause
from vision.pipeline.observation_log import TERMINATED
from vision.pipeline.pipeline_parts import PipelineParts, PipelineSink

if TYPE_CHECKING:
    from analytics.store.disk_room import RoomLimits
    from analytics.store.recovery.database_repair import RepairReport
    from analytics.store.recovery.lost_tracks import LostTracks
    from analytics.store.sql_event_writer import SqlEventWriter

_LOG = logging.getLogger(__name__)

_LOOK_AT_ROOM_EVERY_S = 2.0


def make_recording_parts(venue_folder: Path) -> PipelineParts:
    """The parts of a pipeline that records a venue."""
    return PipelineParts(open_sink=partial(open_recorded_history, venue_folder))


def open_recorded_history(venue_folder: Path, *, limits: RoomLimits | None = None) -> PipelineSink:
    """Open a venue's history for a recording; called in the inference process.

    Args:
        limits: of the room on the disk; None: by the disk's size.

    Raises:
        StoreError: as `analytics.store.sql_event_store.open_store`.
    """
    from analytics.store.sql_event_store import open_store
    from app.core.number_words import join_phrases
    from app.recording.recording_entries import is_history_missed

    repairs: list[RepairReport | LostTracks] = []
    writer = open_store(venue_folder, is_expected=is_history_missed(venue_folder), on_repair=repairs.append)
    repair = join_phrases([report.describe() for report in repairs])
    return RecordedHistory(writer, venue_folder, limits=limits, repair=repair)


def find_termination(venue: Venue) -> float | None:
    """Return when the system ended the last recording of a venue, seconds since the epoch.

    Returns:
        None where somebody stopped it, where it runs, or where nothing was recorded.

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
    """Goes on while nothing can be written, and writes less while the disk is nearly full.

    What cannot be written now waits in memory; what does not fit there either becomes a gap.
    """

    def __init__(
        self,
        writer: SqlEventWriter,
        folder: Path,
        *,
        limits: RoomLimits | None = None,
        repair: Phrase | None = None,
        clock: Clock | None = None,
        measure_free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        """Take a history that was just opened.

        Args:
            repair: what had to be made again for it.
            measure_free_bytes: room on the disk of a folder.
        """
        from analytics.store.disk_room import choose_limits
        from analytics.store.space_saving import SpaceSaving

        super().__init__(writer, folder)
        self._clock = clock or SystemClock()
        self._limits = limits or choose_limits(shutil.disk_usage(folder).total)
        self._measure_free_bytes = measure_free_bytes
        self._saving = SpaceSaving(writer)
        self._repair = repair
        self._problem: Phrase | None = None
        self._free_bytes: int | None = None
        self._looked_s: float | None = None
        self._lent_numbers = 0
        self._numbers_end: int | None = None
        self._upkeep = HistoryUpkeep(
            folder, writer, clock=self._clock, has_room=lambda: self._saving.mode is HistoryMode.FULL
        )
        self._upkeep.start()

    def condition(self) -> HistoryCondition:
        """How well the history can be written to now."""
        from app.core.number_words import join_phrases

        lost = self._writer.lost_tracks
        told = [self._repair, None if lost is None else lost.describe()]
        repair = join_phrases([phrase for phrase in told if phrase is not None])
        return HistoryCondition(
            self._saving.mode, self._free_bytes, self._writer.pending_points, self._problem, repair
        )

    def reserve_tracklets(self, count: int) -> int:
        """The first of ``count`` numbers that no tracklet of this history has or will have otherwise.

        While nothing can be written they are lent, and put on record before the first point that has one.
        """
        if self._numbers_end is None or not self._lent_numbers:
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
        self._lent_numbers += count
        return first

    def write_points(self, points: Sequence[TrackPoint]) -> None:
        """Add track points, as many as there is room for."""
        self._saving.write_points(points)

    def write_span(self, span: ObservedSpan) -> None:
        """Begin or extend a stretch of observation; not where nothing can be kept of it."""
        self._saving.write_span(span)

    def flush(self) -> None:
        """Make durable what was written so far; if that fails, it waits for the next time.

        Raises:
            DamagedStoreError: the history has to be opened anew, which makes it again.
        """
        self._look_at_room()
        try:
            if self._lent_numbers:
                self._writer.reserve_tracklets(self._lent_numbers)
                self._lent_numbers = 0
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
        """Stop the upkeep, flush and give the history back."""
        self._upkeep.stop()
        super().close()

    def _look_at_room(self) -> None:
        from analytics.store.disk_room import choose_mode

        now_s = self._clock.monotonic_s()
        if self._looked_s is not None and now_s - self._looked_s < _LOOK_AT_ROOM_EVERY_S:
            return
        self._looked_s = now_s
        try:
            self._free_bytes = self._measure_free_bytes(self._folder)
        except OSError:
            return
        mode = choose_mode(self._free_bytes, present=self._saving.mode, limits=self._limits)
        if mode is self._saving.mode:
            return
        self._saving.change_mode(mode)
        told = self.condition().describe() if mode is not HistoryMode.FULL else None
        detail = "The disk has room again; all positions are written." if told is None else str(told)
        _LOG.warning("%s", detail)
        event = CameraEvent(self._clock.now_utc_s(), CameraId(""), CameraEventKind.SAVING_ROOM, detail)
        self._writer.write_event(event)
