"""Edit how long a venue keeps its tracks and how much space they may take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import VenueError
from app.access.guard import changes_venue, doing
from app.access.roles import Permission
from app.core.document import Venue, VenueSettings
from app.core.file_format import read_venue, write_venue
from app.core.job import JobContext
from app.core.number_words import Translator
from app.facts.prepared_facts import prepare_facts_in_child
from app.recording.history_upkeep import apply_policy, find_local_day, make_policy

MAX_RETENTION_DAYS = 36_525.0
MAX_RETENTION_GB = 1_000_000.0


@dataclass(frozen=True, slots=True)
class StoredTracks:
    """The stored tracks of a venue.

    Attributes:
        oldest_s: start of the oldest file, seconds since the epoch; None without files.
    """

    size_bytes: int
    files: int
    oldest_s: float | None


@changes_venue(Permission.CHANGE_SETTINGS, "retention changed")
def set_retention(folder: Path, *, kept_days: float | None = None, max_gb: float | None = None) -> Venue:
    """Set the maximum age and size of a venue's tracks; None leaves a limit unchanged.

    Args:
        kept_days, max_gb: 0 for no limit.

    Raises:
        VenueError: a limit is out of range, or the folder cannot be written.
    """
    for value, most in ((kept_days, MAX_RETENTION_DAYS), (max_gb, MAX_RETENTION_GB)):
        if value is not None and not 0 <= value <= most:
            raise VenueError(
                "{value:g} is not a valid limit for tracks.",
                "Enter a number from 0 (no limit) to {most:,.0f}.",
                value=value,
                most=most,
            )
    venue = read_venue(folder)
    changed = replace(venue, settings=_limit(venue.settings, kept_days, max_gb))
    write_venue(changed)
    return changed


def is_shortened(
    settings: VenueSettings, *, kept_days: float | None = None, max_gb: float | None = None
) -> bool:
    """Return whether new limits delete tracks sooner than the current ones; arguments as
    `set_retention`.
    """
    limited = _limit(settings, kept_days, max_gb)
    return any(
        (after or math.inf) < (before or math.inf)
        for before, after in (
            (settings.tracks_kept_days, limited.tracks_kept_days),
            (settings.tracks_most_gb, limited.tracks_most_gb),
        )
    )


def find_expiring_days(
    venue: Venue,
    *,
    kept_days: float | None = None,
    max_gb: float | None = None,
    clock: Clock | None = None,
) -> tuple[date, ...]:
    """Return the days whose tracks are deleted by new limits but not by the current ones.

    Args:
        kept_days, max_gb: as in `set_retention`.

    Returns:
        Days of the venue's calendar in order, including partially deleted ones.

    Raises:
        StoreError: the history cannot be read.
    """
    from analytics.store.sql_event_store import open_reader

    if not venue.events_file.exists():
        return ()
    now_s = (clock or SystemClock()).now_utc_s()
    limited = _limit(venue.settings, kept_days, max_gb)
    reader = open_reader(venue.folder)
    try:
        going, lost = (
            set() if policy is None else reader.find_expiring(policy, now_s=now_s)
            for policy in (make_policy(venue.settings), make_policy(limited))
        )
    finally:
        reader.close()
    return tuple(sorted({find_local_day(venue, hour_s) for hour_s in lost - going}))


def describe_expiring_days(days: Sequence[date], *, tr: Translator) -> list[str]:
    """Return the sentences of the confirmation that tracks of some days will be deleted."""
    if not days:
        return [tr("No existing tracks will be deleted yet.")]
    start, end = days[0].isoformat(), days[-1].isoformat()
    return [
        tr(
            "Tracks of {days} days, from {start} to {end}, will be deleted permanently at the next clean-up.",
            days=len(days),
            start=start,
            end=end,
        )
        if len(days) > 1
        else tr("Tracks of one day, {day}, will be deleted permanently at the next clean-up.", day=start),
        tr(
            "Counts of past days remain. Functions that need the tracks, such as playback or counting in "
            "zones drawn later, will no longer be available for these days. Backups do not contain "
            "tracks."
        ),
    ]


def _limit(settings: VenueSettings, kept_days: float | None, max_gb: float | None) -> VenueSettings:
    return replace(
        settings,
        tracks_kept_days=settings.tracks_kept_days if kept_days is None else kept_days,
        tracks_most_gb=settings.tracks_most_gb if max_gb is None else max_gb,
    )


def measure_tracks(venue: Venue) -> StoredTracks:
    """Return the size of a venue's tracks by their index.

    Raises:
        StoreError: the history cannot be read.
    """
    from analytics.store.sql_event_store import open_reader

    if not venue.has_history:
        return StoredTracks(0, 0, None)
    reader = open_reader(venue.folder)
    try:
        size_bytes, files, oldest_s = reader.measure_tracks()
    finally:
        reader.close()
    return StoredTracks(size_bytes, files, oldest_s)


def enforce_retention(folder: Path, context: JobContext | None = None) -> int:
    """Delete tracks that exceed the limits now; a recording does this every day.

    The tables of these days are prepared first, so that counts remain.

    Returns:
        Number of deleted positions.

    Raises:
        StoreError: a recording or import is running, or deletion failed; completed batches stay deleted.
        JobCancelled: the job was cancelled.
    """
    from analytics.store.sql_event_store import open_store

    context = context or JobContext()
    venue = read_venue(folder)
    policy = make_policy(venue.settings)
    if policy is None or not venue.has_history:
        return 0
    with doing(venue.folder, Permission.ERASE, "retention enforced") as work:
        prepare_facts_in_child(venue.folder, context)
        writer = open_store(venue.folder)
        try:
            deleted = apply_policy(writer, policy, is_cancelled=lambda: context.is_cancelled)
        finally:
            writer.close()
        work.what["positions"] = deleted
    return deleted
