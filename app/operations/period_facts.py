"""The facts of a period of a venue's history, day by day: what pages, findings and reports start from."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from analytics.domain.exhibition import find_time_zone
from analytics.domain.floor_plan import FloorGeometry
from app.jobs.job import JobContext
from app.venue.document import Venue

if TYPE_CHECKING:
    from analytics.rollups.period_facts import PeriodFacts, StretchFacts
    from analytics.store.event_store import EventReader

Period = tuple[float, float]


def read_period_facts(
    *, venue: Venue, period_s: Period, context: JobContext | None = None
) -> PeriodFacts | None:
    """Every table of a period; None where nothing was observed in it.

    Args:
        period_s: start and end, seconds since the epoch.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: the context says so.
    """
    from analytics.rollups.period_facts import join_stretches
    from analytics.store.sql_event_store import open_reader
    from app.operations.camera_views import find_views

    context = context or JobContext()
    if not venue.events_file.exists() or period_s[1] <= period_s[0]:
        return None
    reader = open_reader(venue.folder)
    try:
        extent = reader.time_range()
        if extent is None:
            return None
        period = (max(period_s[0], math.floor(extent.start_s)), min(period_s[1], math.ceil(extent.end_s)))
        stretches = list(list_stretches(venue, period))
        found: list[StretchFacts] = []
        for done, (geometry, stretch_s) in enumerate(stretches):
            context.checkpoint(done, len(stretches))
            facts = _read_stretch(venue, reader, geometry, stretch_s)
            if facts is not None:
                found.append(facts)
        context.checkpoint(len(stretches), len(stretches))
    finally:
        reader.close()
    if not found:
        return None
    return join_stretches(
        found,
        period_s=period_s,
        plan=venue.plan,
        views=find_views(venue),
        geometry=venue.geometry_at(period_s[1]),
    )


def list_stretches(venue: Venue, period_s: Period) -> Iterator[tuple[FloorGeometry, Period]]:
    """The days of a period by the venue's clock, cut where the zones changed and at the period's ends."""
    zone = find_time_zone(venue.exhibition.time_zone)
    start_s, end_s = period_s
    while start_s < end_s:
        today = datetime.fromtimestamp(start_s, zone).date()
        midnight = datetime.combine(today + timedelta(days=1), datetime.min.time(), zone)
        day = (start_s, min(end_s, midnight.timestamp()))
        for geometry, from_s, to_s in venue.geometries_between(*day):
            yield geometry, (from_s, to_s)
        start_s = day[1]


def _read_stretch(
    venue: Venue, reader: EventReader, geometry: FloorGeometry, stretch_s: Period
) -> StretchFacts | None:
    from analytics.rollups.period_facts import compute_stretch_facts
    from analytics.rollups.stretch import Stretch
    from app.operations.camera_views import find_views
    from app.operations.identified_period import derive, read_identified_period

    spans = reader.read_spans(*stretch_s)
    if not (spans["end_s"] > spans["start_s"]).any():
        return None
    identified = read_identified_period(
        venue=venue,
        reader=reader,
        spans=spans,
        period_s=stretch_s,
        zones=geometry.zones,
        read_tracks=lambda: reader.read_tracks(*stretch_s),
    )
    views = find_views(venue)

    def compute() -> StretchFacts:
        return compute_stretch_facts(
            Stretch(
                tracks=identified.tracks,
                spans=identified.spans,
                start_utc_s=stretch_s[0],
                duration_s=stretch_s[1] - stretch_s[0],
                plan=venue.plan,
                geometry=geometry,
                views=views,
            )
        )

    return derive(identified, ("facts", geometry.zones, geometry.lines, venue.plan), compute)
