"""Observed time whose tracks were deleted for their age."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from analytics.domain.errors import StoreError
from app.core.document import Venue

if TYPE_CHECKING:
    import pandas as pd

    from analytics.store.event_store import EventReader


def require_tracks(reader: EventReader, spans: pd.DataFrame, period_s: tuple[float, float]) -> None:
    """Check that the tracks of a period's observed time were not deleted.

    Args:
        spans: observed spans that overlap the period.
        period_s: start and end, seconds since the epoch.

    Raises:
        StoreError: tracks were deleted; the message says from when on they exist.
    """
    since_s = find_expiry(reader, spans, period_s)
    if since_s is None:
        return
    since = datetime.fromtimestamp(since_s, tz=UTC)
    raise StoreError(
        "The tracks of this period were deleted after the retention period; tracks exist from {since} on.",
        "Choose a later period. Figures of past days remain available on the pages and in reports.",
        since=f"{since:%Y-%m-%d %H:%M UTC}",
    )


def has_lost_tracks(venue: Venue, period_s: tuple[float, float]) -> bool:
    """Return whether tracks of a period were deleted for their age, leaving only its sums.

    Raises:
        StoreError: the history cannot be read.
    """
    from analytics.store.sql_event_store import open_reader

    reader = open_reader(venue.folder)
    try:
        return find_expiry(reader, reader.read_spans(*period_s), period_s) is not None
    finally:
        reader.close()


def find_expiry(reader: EventReader, spans: pd.DataFrame, period_s: tuple[float, float]) -> float | None:
    """Return the time from which tracks exist if observed tracks of the period are gone; else None."""
    since_s = reader.points_since()
    if since_s is None or since_s <= period_s[0]:
        return None
    until_s = min(since_s, period_s[1])
    is_gone = (spans["start_s"] < until_s) & (spans["end_s"] > period_s[0])
    if not bool(is_gone.any()):
        return None
    # an old recording imported later still has its tracks
    return None if reader.count_points(period_s[0], until_s) else since_s
