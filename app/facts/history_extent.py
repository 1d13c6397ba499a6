"""Extent of a venue's history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from analytics.domain.arrays import Interval
from app.core.document import Venue

if TYPE_CHECKING:
    from analytics.store.event_store import EventReader


@contextmanager
def open_history(venue: Venue) -> Iterator[tuple[EventReader, Interval] | None]:
    """Open a venue's history with its first and last observation; None where nothing was observed.

    Raises:
        StoreError: the history cannot be read.
    """
    # imported here because the store takes a second to load
    from analytics.store.sql_event_store import open_reader

    if not venue.has_history:
        yield None
        return
    reader = open_reader(venue.folder)
    try:
        extent = reader.time_range()
        yield None if extent is None else (reader, (extent.start_s, extent.end_s))
    finally:
        reader.close()


def read_history_extent(venue: Venue) -> Interval | None:
    """Return the first and last observation, seconds since the epoch; None where nothing was observed.

    Raises:
        StoreError: the history cannot be read.
    """
    with open_history(venue) as history:
        return None if history is None else history[1]
