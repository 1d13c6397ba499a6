"""A period of a hall with its corrections, as the floor plan reads it."""

from __future__ import annotations

from contextlib import closing

from analytics.store.sql_event_store import open_reader
from app.core.document import Venue
from app.facts.identified_period import read_identified_period
from app.floor_plan.corrected_period import CorrectedPeriod


def read_corrected_period(venue: Venue, *, start_utc_s: float, end_utc_s: float) -> CorrectedPeriod:
    """Return a period with the corrections of its venue."""
    period_s = start_utc_s, end_utc_s
    geometry = venue.geometry_at(end_utc_s)
    with closing(open_reader(venue.folder)) as reader:
        identified = read_identified_period(
            venue=venue,
            reader=reader,
            spans=reader.read_spans(*period_s),
            period_s=period_s,
            zones=geometry.zones,
            lines=geometry.lines,
            read_tracks=lambda: reader.read_tracks(*period_s),
        )
    return CorrectedPeriod(identified, period_s)
