"""How long a venue keeps its tracks, and how much room they may take."""

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
from app.recording.history_upkeep import apply_policy, find_day_at, make_policy

MAX_KEPT_DAYS = 36_525.0
MAX_KEPT_GB = 1_000_000.0


@dataclass(frozen=True, slots=True)
class KeptTracks:
    """What there is of tracks.

    Attributes:
        size_bytes, files: of all track files.
        oldest_s: when the first of them begins, seconds since the epoch; None: there is none.
    """

    size_bytes: int
    files: int
    oldest_s: float | None


@changes_venue(Permission.CHANGE_SETTINGS, "retention changed")
def choose_retention(folder: Path, *, kept_days: float | None = None, max_gb: float | None = None) -> Venue:
    """Keep a venue's tracks for so many days, and in so many GB, from now on; None leaves one as it is.

    Args:
        kept_days, max_gb: 0 is without limit.

    Raises:
        VenueError: a figure cannot be, or the folder cannot be written.
    """
    for value, most in ((kept_days, MAX_KEPT_DAYS), (max_gb, MAX_KEPT_GB)):
        if value is not None and not 0 <= value <= most:
            raise VenueError(
                "{value:g} is no limit for tracks.",
                "Give a number from 0, which is without limit, to {most:,.0f}.",
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
    """Return whether tracks would go sooner than by the limits in force; arguments as `choose_retention`."""
    limited = _limit(settings, kept_days, max_gb)
    return any(
        (after or math.inf) < (before or math.inf)
        for before, after in (
            (settings.tracks_kept_days, limited.tracks_kept_days),
            (settings.tracks_most_gb, limited.tracks_most_gb),
        )
    )


def find_lost_days(
    venue: Venue,
    *,
    kept_days: float | None = None,
    max_gb: float | None = None,
    clock: Clock | None = None,
) -> tuple[date, ...]:
    """Return the days whose tracks the next clean-up deletes by other limits, and not by those in force.

    Args:
        kept_days, max_gb: as in `choose_retention`.

    Returns:
        Days of the venue's calendar in their order, those of which only a part goes among them.

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
    return tuple(sorted({find_day_at(venue, hour_s) for hour_s in lost - going}))


def describe_lost_days(days: Sequence[date], *, tr: Translator) -> list[str]:
    """Return sentences for somebody who is to confirm that the tracks of some days go sooner."""
    if not days:
        return [tr("Of the tracks that there are now, none goes yet.")]
    start, end = days[0].isoformat(), days[-1].isoformat()
    return [
        tr(
            "Tracks of {days} days, from {start} to {end}, will be deleted for ever at the next clean-up.",
            days=len(days),
            start=start,
            end=end,
        )
        if len(days) > 1
        else tr("Tracks of one day, {day}, will be deleted for ever at the next clean-up.", day=start),
        tr(
            "What was counted of days that are over stays. What needs the tracks, such as playing a day or "
            "counting in a zone that is drawn later, cannot be had of them any more. Backups do not hold "
            "tracks."
        ),
    ]


def _limit(settings: VenueSettings, kept_days: float | None, max_gb: float | None) -> VenueSettings:
    return replace(
        settings,
        tracks_kept_days=settings.tracks_kept_days if kept_days is None else kept_days,
        tracks_most_gb=settings.tracks_most_gb if max_gb is None else max_gb,
    )


def measure_tracks(venue: Venue) -> KeptTracks:
    """How much room a venue's tracks take, by their list.

    Raises:
        StoreError: the history cannot be read.
    """
    from analytics.store.sql_event_store import open_reader

    if not venue.has_history:
        return KeptTracks(0, 0, None)
    reader = open_reader(venue.folder)
    try:
        size_bytes, files, oldest_s = reader.measure_tracks()
    finally:
        reader.close()
    return KeptTracks(size_bytes, files, oldest_s)


def enforce_retention(folder: Path, context: JobContext | None = None) -> int:
    """Delete now what is too old or too much; a recording does so every day by itself.

    The tables of its days are prepared first, so that what was counted outlives the tracks.

    Returns:
        How many positions were deleted.

    Raises:
        StoreError: somebody records or imports, or it could not be done; what was done stays done.
        JobCancelled: the context says so.
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
