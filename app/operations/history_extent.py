"""How far a venue's history reaches."""

from __future__ import annotations

from analytics.domain.exhibition import Interval
from app.venue.document import Venue


def read_history_extent(venue: Venue) -> Interval | None:
    """The first and the last observed moment, seconds since the epoch; None where nothing was observed.

    Raises:
        StoreError: the history cannot be read.
    """
    # the store's engines take a second to load, which the window must not wait for
    from analytics.store.sql_event_store import open_reader

    if not venue.events_file.exists():
        return None
    reader = open_reader(venue.folder)
    try:
        extent = reader.time_range()
    finally:
        reader.close()
    return None if extent is None else (extent.start_s, extent.end_s)
