"""Cameras whose counts were low in a period, from a venue's log."""

from __future__ import annotations

from contextlib import closing

from analytics.domain.uncounted_people import UncountedPeople
from app.core.document import Venue

DAY_S = 86_400.0


def read_low_counts(venue: Venue, period_s: tuple[float, float]) -> tuple[UncountedPeople, ...]:
    """Return one entry for each camera that probably did not count everybody, by name.

    Raises:
        StoreError: the history cannot be read; a missing history is no error.
    """
    if not venue.has_history:
        return ()
    from analytics.metrics.low_counts import find_low_counts
    from analytics.store.sql_event_store import open_reader

    with closing(open_reader(venue.folder)) as reader:
        return find_low_counts(reader.read_events(period_s[0], None), period_s)


def read_latest_low_counts(venue: Venue) -> tuple[UncountedPeople, ...]:
    """Return the same for the last day of the history."""
    from app.facts.history_extent import read_history_extent

    extent = read_history_extent(venue)
    return () if extent is None else read_low_counts(venue, (extent[1] - DAY_S, extent[1]))
