"""Time whose tracks were deleted for their age: somebody looked, and nobody may say that nobody was there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from analytics.domain.errors import StoreError
from app.core.document import Venue

if TYPE_CHECKING:
    import pandas as pd

    from analytics.store.event_store import EventReader


def require_tracks(reader: EventReader, spans: pd.DataFrame, period_s: tuple[float, float]) -> None:
    """Check that what a period was observed to hold has not been deleted.

    Args:
        spans: observed ones that overlap the period.
        period_s: start and end, seconds since the epoch.

    Raises:
        StoreError: a part of it was observed and its tracks are gone; says from when on there are some.
    """
    since_s = find_expiry(reader, spans, period_s)
    if since_s is None:
        return
    since = datetime.fromtimestamp(since_s, tz=UTC)
    raise StoreError(
        "The tracks of this period were deleted for their age: there are none from before {since}.",
        "Choose a later period. What was counted of days that are over is kept on the pages and in reports.",
        since=f"{since:%Y-%m-%d %H:%M UTC}",
    )


def has_lost_tracks(venue: Venue, period_s: tuple[float, float]) -> bool:
    """Whether tracks of a period were deleted for their age, so that only what was counted tells of it.

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
    """Since when there are tracks, if some of what a period was observed to hold is gone; None if not."""
    since_s = reader.points_since()
    if since_s is None or since_s <= period_s[0]:
        return None
    until_s = min(since_s, period_s[1])
    is_gone = (spans["start_s"] < until_s) & (spans["end_s"] > period_s[0])
    if not bool(is_gone.any()):
        return None
    # a recording of long ago that was taken in later has tracks nevertheless
    return None if reader.count_points(period_s[0], until_s) else since_s
