"""Make, list and restore backups of a venue; check and repair its history."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import Phrase
from analytics.store.history_folder import has_history
from app.access.guard import doing, read_if_there
from app.access.roles import Permission
from app.core.change_set import describe_difference
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.core.privacy_file import find_privacy
from app.core.venue_lock import lock_venue
from app.recording.recording_entries import is_history_missing

if TYPE_CHECKING:
    from analytics.store.recovery.database_repair import RepairReport
    from analytics.store.recovery.folder_backup import Backup
    from analytics.store.recovery.lost_tracks import LostTracks

NEVER_RESTORED = ("access.toml", "audit.sqlite")
"""Users and the audit log: an old backup must not bring back removed users or drop audit entries."""


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """The result of restoring a backup.

    Attributes:
        files: names within the venue's folder.
        replaced_mark: mark in the names of the replaced files.
        track_files: number of track files in the index; none was changed.
    """

    backup: Backup
    files: tuple[str, ...]
    replaced_mark: str
    track_files: int


@dataclass(frozen=True, slots=True)
class HistoryCheck:
    """The result of checking a history.

    Attributes:
        faults: a sentence for each fault; empty for a sound history.
        track_files: number of files read.
        backups: usable backups, newest first.
    """

    faults: tuple[Phrase, ...]
    track_files: int
    backups: tuple[Backup, ...]


def back_up_venue(folder: Path, *, clock: Clock | None = None) -> Backup:
    """Back up a venue now, also while it is recorded.

    Raises:
        VenueError: there is no such venue.
        StoreError: a database is damaged, or the backup cannot be written.
    """
    from analytics.store.recovery.folder_backup import make_backup

    venue = read_venue(folder)
    with doing(venue.folder, Permission.CHANGE_SETTINGS, "venue backed up") as work:
        backup = make_backup(venue.folder, now_s=(clock or SystemClock()).now_utc_s())
        work.what["backup"] = backup.name
    return backup


def restore_venue(folder: Path, name: str | None = None, *, clock: Clock | None = None) -> RestoreReport:
    """Restore a venue's databases and small files from a backup, the newest by default.

    Replaced files keep another name. Track files stay: what was recorded since the backup keeps its
    positions, and counts as observed where they prove it. Users and the audit log stay as well.

    Args:
        folder: venue folder; its ``venue.toml`` may be missing or unreadable.

    Raises:
        StoreError: there is no such backup, it is damaged, or a recording or import is running; nothing
            changed.
    """
    from analytics.store.history_folder import ARCHIVE_NAME, DATABASE_NAME
    from analytics.store.microseconds import to_us
    from analytics.store.recovery.database_repair import reconcile_restored
    from analytics.store.recovery.folder_backup import find_backup, restore_files
    from analytics.store.store_failures import converting_store_errors

    clock = clock or SystemClock()
    with doing(folder, Permission.ERASE, "venue restored") as work:
        before, privacy_before = read_if_there(folder), find_privacy(folder)
        backup = find_backup(folder, name)
        work.what["backup"] = backup.name
        replaced_mark = f"{datetime.fromtimestamp(clock.now_utc_s(), tz=UTC):%Y%m%dT%H%M%SZ}"
        with lock_venue(folder), _alone(folder, clock):
            files = restore_files(backup, folder, replaced_mark=replaced_mark, excluded=NEVER_RESTORED)
            count = 0
            database = folder / DATABASE_NAME
            if database.exists():
                with converting_store_errors(str(database)):
                    count = reconcile_restored(
                        database, folder / ARCHIVE_NAME, now_us=to_us(clock.now_utc_s())
                    )
        work.what |= describe_difference(before, read_if_there(folder))
        previews = find_privacy(folder).previews
        if previews != privacy_before.previews:
            work.what["previews"] = f"{privacy_before.previews} -> {previews}"
    return RestoreReport(backup, files, replaced_mark, count)


def check_history(folder: Path, context: JobContext | None = None) -> HistoryCheck:
    """Check all databases and track files of a venue without changing anything.

    Raises:
        VenueError: there is no such venue.
        StoreError: something cannot be read at all.
        JobCancelled: the job was cancelled.
    """
    from analytics.store.recovery.database_copy import find_damage
    from analytics.store.recovery.folder_backup import list_backups
    from analytics.store.recovery.track_check import find_track_faults
    from analytics.store.sql_event_store import find_history_damage
    from analytics.store.store_failures import converting_store_errors

    context = context or JobContext()
    venue = read_venue(folder)
    faults: list[Phrase] = []
    with converting_store_errors(str(venue.events_file)):
        damage = find_history_damage(venue.folder, is_thorough=True)
    if damage is not None:
        faults.append(damage)
    elif is_history_missing(venue.folder):
        faults.append(
            Phrase(
                "The audit log contains recordings, but there is no history: database, track files and "
                "backups are missing."
            )
        )
    for file in sorted(venue.folder.glob("*.sqlite")):
        if file == venue.events_file or any(mark in file.name for mark in (".damaged", ".replaced-")):
            continue
        with converting_store_errors(str(file)):
            found = find_damage(file, is_thorough=True)
        if found:
            words = {"file": file.name, "damage": found[0]}
            faults.append(Phrase("The database {file} is damaged: {damage}", words))
    track_files = 0
    if venue.events_file.exists() and not faults:
        with converting_store_errors(str(venue.tracks_folder)):
            track_files, of_tracks = find_track_faults(venue.folder, on_file=context.checkpoint)
        faults += of_tracks
    return HistoryCheck(tuple(faults), track_files, tuple(list_backups(venue.folder)))


def repair_history(folder: Path, *, clock: Clock | None = None) -> tuple[RepairReport | LostTracks, ...]:
    """Repair a damaged history, quarantine damaged track files and complete interrupted operations.

    Returns:
        Reports of repairs and losses; empty if the history was sound or never existed.

    Raises:
        StoreError: a recording or import is running, or the history cannot be written.
    """
    from analytics.store.sql_event_store import open_store

    repairs: list[RepairReport | LostTracks] = []
    with doing(folder, Permission.CHANGE_SETTINGS, "history repaired"):
        is_missed = is_history_missing(folder)
        if is_missed or has_history(folder):
            open_store(
                folder, clock=clock, is_thorough=True, is_expected=is_missed, on_repair=repairs.append
            ).close()
    return tuple(repairs)


def describe_size(size_bytes: int) -> str:
    """Return a size in megabytes as text."""
    return f"{size_bytes / 1e6:.1f} MB"


@contextlib.contextmanager
def _alone(folder: Path, clock: Clock) -> Iterator[None]:
    """Hold the writer lease of the history, so that no other process writes."""
    from analytics.store.store_failures import converting_store_errors
    from analytics.store.writer_lease import WriterLease

    with converting_store_errors(str(folder)):
        lease = WriterLease.acquire(folder, clock=clock)
    try:
        yield
    finally:
        lease.release()
