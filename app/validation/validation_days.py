"""The system's counts of the days of labelled clips, and the lines that each camera sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.arrays import Interval
from analytics.domain.identifiers import CameraId
from app.core.document import Venue
from app.core.job import JobContext

if TYPE_CHECKING:
    import pandas as pd

    from analytics.domain.floor_plan import FloorGeometry
    from analytics.store.event_store import EventReader
    from analytics.visitors.false_positives.false_persons import FalsePlace
    from app.facts.identified_period import IdentifiedPeriod


@dataclass(frozen=True, slots=True, eq=False)
class DayResults:
    """One day in the venue's time zone, as far as recorded; seconds since the epoch.

    Attributes:
        visits, crossings: ``VISIT_COLUMNS`` and ``CROSSING_COLUMNS``.
        spans: ``SPAN_COLUMNS``, cut to the day.
        excluded: places excluded from all numbers.
    """

    period_s: Interval
    visits: pd.DataFrame
    crossings: pd.DataFrame
    spans: pd.DataFrame
    excluded: tuple[FalsePlace, ...]


def list_days(venue: Venue, *, history_s: Interval, period_s: Interval) -> tuple[Interval, ...]:
    """Return the days of a period, cut to the history, in order of time."""
    from datetime import timedelta

    days = []
    day, last = (venue.exhibition.local_day(moment) for moment in period_s)
    while day <= last:
        start_s, end_s = venue.exhibition.day_interval_utc(day)
        start_s, end_s = max(start_s, history_s[0]), min(end_s, history_s[1])
        if start_s < end_s:
            days.append((start_s, end_s))
        day += timedelta(days=1)
    return tuple(days)


def read_day_results(
    venue: Venue, reader: EventReader, *, moments_s: Sequence[float], context: JobContext | None = None
) -> tuple[DayResults, ...]:
    """Read every day of the history that contains one of the times.

    A day is read and identified as a whole, as for the pages, since who is who and what is no person is
    judged by what came before and after a clip. Each version of the zones counts its own part.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: the context says so.
    """
    context = context or JobContext()
    extent = reader.time_range()
    if extent is None or not moments_s:
        return ()
    days = list_days(
        venue, history_s=(extent.start_s, extent.end_s), period_s=(min(moments_s), max(moments_s))
    )
    observed_days = [day for day in days if any(day[0] <= moment < day[1] for moment in moments_s)]
    found = []
    for number, day in enumerate(observed_days):
        context.checkpoint(number, len(observed_days))
        found.append(_read_day(venue, reader, day))
    context.checkpoint(len(observed_days), len(observed_days))
    return tuple(found)


def _read_day(venue: Venue, reader: EventReader, period_s: Interval) -> DayResults:
    import pandas as pd

    from analytics.columns import CROSSING_COLUMNS, VISIT_COLUMNS, empty_table
    from app.facts.identified_period import derive, read_identified_period

    geometry = venue.geometry_at(period_s[1])
    reader.check_tracks(*period_s)
    identified = read_identified_period(
        venue=venue,
        reader=reader,
        spans=reader.read_spans(*period_s),
        period_s=period_s,
        zones=geometry.zones,
        lines=geometry.lines,
        read_tracks=lambda: reader.read_tracks(*period_s),
    )
    parts = []
    for version, start_s, end_s in venue.geometries_between(*period_s):
        count = partial(_count_part, identified, version, period_s[0], (start_s, end_s))
        parts.append(derive(identified, ("found", version, start_s, end_s), count))
    nothing = empty_table(VISIT_COLUMNS), empty_table(CROSSING_COLUMNS)
    visits, crossings = (pd.concat(tables, ignore_index=True) for tables in zip(nothing, *parts, strict=True))
    return DayResults(
        period_s=period_s,
        visits=visits,
        crossings=crossings,
        spans=identified.spans.assign(
            start_s=identified.spans["start_s"] + period_s[0], end_s=identified.spans["end_s"] + period_s[0]
        ),
        excluded=identified.excluded,
    )


def _count_part(
    identified: IdentifiedPeriod, geometry: FloorGeometry, origin_s: float, part_s: Interval
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count visits and crossings of part of a day with the zones then in force, seconds since the epoch."""
    from analytics.dwell.visits import VisitSettings, compute_stays, select_visits
    from analytics.flows.footfall import CrossingSettings, compute_crossings

    start_s, end_s = part_s[0] - origin_s, part_s[1] - origin_s
    tracks, spans = identified.tracks, identified.spans
    tracks = tracks[(tracks["time_s"] >= start_s) & (tracks["time_s"] < end_s)]
    spans = spans.assign(
        start_s=np.clip(spans["start_s"], start_s, end_s), end_s=np.clip(spans["end_s"], start_s, end_s)
    )
    spans = spans[spans["end_s"] > spans["start_s"]]
    stays = compute_stays(tracks=tracks, zones=geometry.zones, spans=spans, settings=VisitSettings())
    visits = select_visits(stays=stays, zones=geometry.zones)
    crossings = compute_crossings(
        tracks=tracks, lines=geometry.lines, settings=CrossingSettings(), spans=spans
    )
    visits = visits.assign(entered_s=visits["entered_s"] + origin_s, left_s=visits["left_s"] + origin_s)
    return visits, crossings.assign(time_s=crossings["time_s"] + origin_s)


def find_seen_lines(venue: Venue) -> dict[CameraId, frozenset[str]]:
    """Return the newest lines that each camera sees over their whole length.

    A camera whose view is not known (not calibrated, or without a frame size) sees all of them if it is the
    only one of its venue, and none otherwise: nobody could say which.
    """
    from app.facts.camera_views import find_camera_views

    lines = venue.geometry_at(None).lines
    views = {view.camera: view for view in find_camera_views(venue)}
    seen: dict[CameraId, frozenset[str]] = {}
    for camera in venue.camera_names:
        view = views.get(camera)
        if view is None:
            alone = len(venue.cameras) == 1
            seen[camera] = frozenset(str(line.name) for line in lines) if alone else frozenset()
            continue
        seen[camera] = frozenset(
            str(line.name) for line in lines if bool(view.sees(np.asarray(line.path.points)).all())
        )
    return seen
