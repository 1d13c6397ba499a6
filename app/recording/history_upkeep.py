"""Back up the history hourly and apply the retention policy daily while recording."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.domain.clock import Clock
from analytics.domain.errors import ExpoFlowError
from analytics.domain.exhibition import find_time_zone
from app.core.document import Venue, VenueSettings
from app.core.file_format import read_venue
from app.core.job import JobCancelled, JobContext

if TYPE_CHECKING:
    from analytics.store.retention import RetentionPolicy
    from analytics.store.sql_event_writer import SqlEventWriter

_LOG = logging.getLogger(__name__)

BACKUP_EVERY_S = 3600.0
FIRST_BACKUP_AFTER_S = 60.0
FIRST_RETENTION_AFTER_S = 120.0
RETRY_INTERVAL_S = 600.0
FILES_PER_BATCH = 200
"""Track files deleted per lock of the history, some tens of milliseconds."""
_POLL_INTERVAL_S = 5.0
_STOP_TIMEOUT_S = 5.0


class HistoryMaintenance:
    """A maintenance thread beside the writer of the history; failures are logged and retried.

    Tracks are deleted only after the tables of their days are prepared, so that the counts made from them
    remain.

    Args:
        has_room: returns whether the disk has room for backups.
    """

    def __init__(
        self, folder: Path, writer: SqlEventWriter, *, clock: Clock, has_space: Callable[[], bool]
    ) -> None:
        self._folder = folder
        self._writer = writer
        self._clock = clock
        self._has_room = has_space
        self._stop_event = threading.Event()
        self._thread = threading.Thread(target=self._run, name="history upkeep", daemon=True)
        now_s = clock.monotonic_s()
        self._backup_due_s = now_s + FIRST_BACKUP_AFTER_S
        self._retention_due_s = now_s + FIRST_RETENTION_AFTER_S
        self._retained_on: date | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread; unfinished work is abandoned after a timeout and left unchanged."""
        self._stop_event.set()
        self._thread.join(_STOP_TIMEOUT_S)

    def _run(self) -> None:
        while not self._stop_event.wait(_POLL_INTERVAL_S):
            now_s = self._clock.monotonic_s()
            if now_s >= self._backup_due_s and self._has_room():
                is_made = self._try("backup", self._back_up)
                self._backup_due_s = now_s + (BACKUP_EVERY_S if is_made else RETRY_INTERVAL_S)
            if now_s >= self._retention_due_s:
                self._retention_due_s = now_s + RETRY_INTERVAL_S
                self._try("retention", self._retain)

    def _try(self, what: str, work: Callable[[], None]) -> bool:
        try:
            work()
        except JobCancelled:
            return False
        except ExpoFlowError as error:
            _LOG.warning("The %s of %s failed: %s", what, self._folder, error)
            return False
        except Exception:  # recording continues without maintenance
            _LOG.exception("The %s of %s failed", what, self._folder)
            return False
        return True

    def _back_up(self) -> None:
        from analytics.store.recovery.folder_backup import make_backup

        backup = make_backup(self._folder, now_s=self._clock.now_utc_s())
        _LOG.info("Backup %s: %d files, %d bytes", backup.name, backup.files, backup.size_bytes)

    def _retain(self) -> None:
        """Prepare the days that are over and delete old tracks, once per day of the venue."""
        from app.facts.prepared_facts import prepare_facts_in_child

        venue = read_venue(self._folder)
        today = find_local_day(venue, self._clock.now_utc_s())
        if today == self._retained_on:
            return
        policy = make_policy(venue.settings)
        if policy is not None:
            prepare_facts_in_child(self._folder, JobContext(is_cancelled=self._stop_event.is_set))
            apply_policy(self._writer, policy, is_cancelled=self._stop_event.is_set)
        self._retained_on = today


def make_policy(settings: VenueSettings) -> RetentionPolicy | None:
    """Return the retention policy of a venue's settings; None keeps all tracks."""
    from analytics.store.retention import RetentionPolicy

    if not settings.tracks_kept_days and not settings.tracks_most_gb:
        return None
    return RetentionPolicy(
        keep_days=settings.tracks_kept_days or None,
        max_bytes=round(settings.tracks_most_gb * 1e9) or None,
    )


def apply_policy(
    writer: SqlEventWriter, policy: RetentionPolicy, *, is_cancelled: Callable[[], bool] = lambda: False
) -> int:
    """Delete the tracks that exceed a policy, in batches, so that a recording never waits long to write.

    Returns:
        Number of deleted points.

    Raises:
        StoreError: the deletion failed; completed batches stay deleted.
    """
    deleted = 0
    while not is_cancelled():
        report = writer.apply_retention(policy, max_files=FILES_PER_BATCH)
        deleted += report.deleted_points
        if report.deleted_files < FILES_PER_BATCH:
            break
    if deleted:
        _LOG.info("Retention: %d positions were deleted for their age or for the room they took", deleted)
    return deleted


def find_local_day(venue: Venue, time_utc_s: float) -> date:
    """Return the venue's local date of a time."""
    return datetime.fromtimestamp(time_utc_s, find_time_zone(venue.exhibition.time_zone)).date()
