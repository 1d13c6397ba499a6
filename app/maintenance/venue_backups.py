"""Backups of a venue: made, listed, put back; and a damaged history checked and made again."""

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
from app.access.guard import describe_difference, doing, read_if_there
from app.access.roles import Permission
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.core.privacy_file import find_privacy
from app.core.venue_lock import lock_venue
from app.recording.recording_entries import is_history_missed

if TYPE_CHECKING:
    from analytics.store.recovery.database_repair import RepairReport
    from analytics.store.recovery.folder_backup import Backup
    from analytics.store.recovery.lost_tracks import LostTracks

NEVER_PUT_BACK = ("access.toml", "audit.sqlite")
"""Who may do what, and who did what: an old backup must not bring back who was taken out, nor forget."""


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was put back.

    Attributes:
        files: names, below the venue's folder.
        kept_aside: what stands in the names of the files that were there, before their ending.
        track_files: that are listed again; none was touched.
    """

    backup: Backup
    files: tuple[str, ...]
    kept_aside: str
    track_files: int


@dataclass(frozen=True, slots=True)
class HistoryCheck:
    """What a thorough look at a history found.

    Attributes:
        faults: what is wrong, a sentence each; empty: it is sound.
        track_files: that were read.
        backups: that could be put back, the newest first.
    """

    faults: tuple[Phrase, ...]
    track_files: int
    backups: tuple[Backup, ...]


def back_up_venue(folder: Path, *, clock: Clock | None = None) -> Backup:
    """Back a venue up now, also while it is recorded.

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
    """Put a backup, by its name or the newest, in the place of a venue's databases and small files.

    What is replaced keeps another name. Track files stay: what was recorded since the backup keeps its
    positions, and counts as observed where those prove it. Users, and the log of who did what, stay as well.

    Args:
        folder: its ``venue.toml`` may be missing or unreadable: that is what a backup is for.

    Raises:
        StoreError: there is no such backup, it is damaged, or somebody records or imports; nothing changed.
    """
    from analytics.store.history_folder import ARCHIVE_NAME, DATABASE_NAME
    from analytics.store.microseconds import to_us
    from analytics.store.recovery.database_repair import settle_restored
    from analytics.store.recovery.folder_backup import find_backup, put_back
    from analytics.store.store_failures import failures_in_words

    clock = clock or SystemClock()
    with doing(folder, Permission.ERASE, "venue restored") as work:
        before, privacy_before = read_if_there(folder), find_privacy(folder)
        backup = find_backup(folder, name)
        work.what["backup"] = backup.name
        kept_aside = f"{datetime.fromtimestamp(clock.now_utc_s(), tz=UTC):%Y%m%dT%H%M%SZ}"
        with lock_venue(folder), _alone(folder, clock):
            files = put_back(backup, folder, keep_aside=kept_aside, left_alone=NEVER_PUT_BACK)
            count = 0
            database = folder / DATABASE_NAME
            if database.exists():
                with failures_in_words(str(database)):
                    count = settle_restored(database, folder / ARCHIVE_NAME, now_us=to_us(clock.now_utc_s()))
        work.what |= describe_difference(before, read_if_there(folder))
        previews = find_privacy(folder).previews
        if previews != privacy_before.previews:
            work.what["previews"] = f"{privacy_before.previews} -> {previews}"
    return RestoreReport(backup, files, kept_aside, count)


def check_history(folder: Path, context: JobContext | None = None) -> HistoryCheck:
    """Look at all of a venue's databases and track files; changes nothing.

    Raises:
        VenueError: there is no such venue.
        StoreError: something cannot be read at all.
        JobCancelled: the context says so.
    """
    from analytics.store.recovery.database_copy import find_damage
    from analytics.store.recovery.folder_backup import list_backups
    from analytics.store.recovery.track_check import find_track_faults
    from analytics.store.sql_event_store import find_history_damage
    from analytics.store.store_failures import failures_in_words

    context = context or JobContext()
    venue = read_venue(folder)
    faults: list[Phrase] = []
    with failures_in_words(str(venue.events_file)):
        damage = find_history_damage(venue.folder, is_thorough=True)
    if damage is not None:
        faults.append(damage)
    elif is_history_missed(venue.folder):
        faults.append(
            Phrase(
                "The audit log tells of recordings, and there is no history: database, track files and "
                "backups are gone."
            )
        )
    for file in sorted(venue.folder.glob("*.sqlite")):
        if file == venue.events_file or any(mark in file.name for mark in (".damaged", ".replaced-")):
            continue
        with failures_in_words(str(file)):
            found = find_damage(file, is_thorough=True)
        if found:
            words = {"file": file.name, "damage": found[0]}
            faults.append(Phrase("The database {file} is damaged: {damage}", words))
    track_files = 0
    if venue.events_file.exists() and not faults:
        with failures_in_words(str(venue.tracks_folder)):
            track_files, of_tracks = find_track_faults(venue.folder, on_file=context.checkpoint)
        faults += of_tracks
    return HistoryCheck(tuple(faults), track_files, tuple(list_backups(venue.folder)))


def repair_history(folder: Path, *, clock: Clock | None = None) -> tuple[RepairReport | LostTracks, ...]:
    """Make a venue's history again if it is damaged, put damaged track files aside, finish what a kill left.

    Returns:
        What was done and what is lost; nothing where it was sound, or where there never was one.

    Raises:
        StoreError: somebody records or imports, or it cannot be written.
    """
    from analytics.store.sql_event_store import open_store

    repairs: list[RepairReport | LostTracks] = []
    with doing(folder, Permission.CHANGE_SETTINGS, "history repaired"):
        is_missed = is_history_missed(folder)
        if is_missed or has_history(folder):
            open_store(
                folder, clock=clock, is_thorough=True, is_expected=is_missed, on_repair=repairs.append
            ).close()
    return tuple(repairs)


def describe_size(size_bytes: int) -> str:
    """Megabytes, for a sentence."""
    return f"{size_bytes / 1e6:.1f} MB"


@contextlib.contextmanager
def _alone(folder: Path, clock: Clock) -> Iterator[None]:
    """Nobody else writes the history meanwhile."""
    from analytics.store.store_failures import failures_in_words
    from analytics.store.writer_lease import WriterLease

    with failures_in_words(str(folder)):
        lease = WriterLease.acquire(folder, clock=clock)
    try:
        yield
    finally:
        lease.release()
