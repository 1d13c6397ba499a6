"""Stretches in which a period of a venue's history is computed."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.arrays import Interval
from analytics.domain.exhibition import find_time_zone
from analytics.domain.floor_plan import FloorGeometry
from app.core.document import Venue

if TYPE_CHECKING:
    import pandas as pd

    from analytics.store.event_store import EventReader

CLOSED_AFTER_S = 120.0
"""Seconds after which a stretch is closed: everything seen is written by then, including track points
added in retrospect. Anything later, such as an imported recording, changes the key of the stored tables."""
IDENTIFICATION_VERSION = 2
"""Version of ``identify_period``, raised when it identifies other visitors for the same input."""


@dataclass(frozen=True, slots=True, eq=False)
class PlannedStretch:
    """An observed stretch of a period.

    Attributes:
        period_s: start and end, seconds since the epoch.
        spans: overlapping spans, not cut to it.
        is_closed: normally nothing is added to it any more.
        is_expired: whether track points of it were deleted for their age.
    """

    period_s: Interval
    geometry: FloorGeometry
    spans: pd.DataFrame
    is_closed: bool
    is_expired: bool


def plan_stretches(
    *, venue: Venue, reader: EventReader, period_s: Interval, now_utc_s: float
) -> tuple[PlannedStretch, ...]:
    """Return the observed stretches of a period in order of time: days, cut where the zones changed.

    A day cut by the period is taken whole if nothing was observed in the rest of it, so that
    overlapping periods share the stretch.

    Raises:
        StoreError: the history cannot be read.
    """
    extent = reader.time_range()
    if extent is None:
        return ()
    end_s = min(period_s[1], math.ceil(extent.end_s))
    start_s = max(period_s[0], math.floor(extent.start_s))
    if end_s <= start_s:
        return ()
    whole_s = find_day(venue, start_s)[0], find_day(venue, end_s - 1e-3)[1]
    spans = reader.read_spans(*whole_s)
    points_since_s = reader.points_since()
    planned = []
    for geometry, day_s in list_stretches(venue, whole_s):
        part_s = float(max(day_s[0], start_s)), float(min(day_s[1], end_s))
        of_day = _choose_overlapping(spans, day_s)
        own = _choose_overlapping(of_day, part_s)
        if not len(own):
            continue
        is_day_over = day_s[1] + CLOSED_AFTER_S <= now_utc_s
        if is_day_over and len(own) == len(of_day) and _is_within(own, part_s, day_s):
            part_s = day_s
        is_expired = points_since_s is not None and (
            part_s[0] < points_since_s < part_s[1]
            or (part_s[1] <= points_since_s and not reader.count_points(*part_s))
        )
        # a running day ends at its last observation, which will move on
        goes_on = part_s[1] < min(day_s[1], period_s[1])
        is_closed = part_s[1] + CLOSED_AFTER_S <= now_utc_s and (is_day_over or not goes_on)
        planned.append(PlannedStretch(part_s, geometry, own, is_closed, is_expired))
    return tuple(planned)


def check_stretch(reader: EventReader, stretch: PlannedStretch) -> PlannedStretch:
    """Read all track files of a stretch, and remove the time of damaged ones from its spans.

    Needed before computing it, as planning reads only the ends of the files.

    Raises:
        StoreError: the history cannot be read.
    """
    if reader.check_tracks(*stretch.period_s):
        return stretch
    spans = _choose_overlapping(reader.read_spans(*stretch.period_s), stretch.period_s)
    return dataclasses.replace(stretch, spans=spans)


def list_stretches(venue: Venue, period_s: Interval) -> Iterator[tuple[FloorGeometry, Interval]]:
    """Return the days of a period in venue time, cut where the zones changed and at the period's ends."""
    start_s, end_s = period_s
    while start_s < end_s:
        day = (start_s, min(end_s, find_day(venue, start_s)[1]))
        for geometry, from_s, to_s in venue.geometries_between(*day):
            yield geometry, (from_s, to_s)
        start_s = day[1]


def find_day(venue: Venue, time_utc_s: float) -> Interval:
    """Return start and end of the day in venue time that contains a time."""
    zone = find_time_zone(venue.exhibition.time_zone)
    today = datetime.fromtimestamp(time_utc_s, zone).date()
    start, end = (
        datetime.combine(today + timedelta(days=days), datetime.min.time(), zone) for days in (0, 1)
    )
    return start.timestamp(), end.timestamp()


def find_key(venue: Venue, stretch: PlannedStretch) -> str:
    """Return the key of a stretch's stored tables, which changes with everything they depend on."""
    from analytics.rollups.rollup_key import make_rollup_key

    return make_rollup_key(
        spans=stretch.spans,
        period_s=stretch.period_s,
        plan=venue.plan,
        geometry=stretch.geometry,
        inputs=_describe_inputs(venue),
    )


@lru_cache(maxsize=4)
def _describe_inputs(venue: Venue) -> bytes:
    """Return a description of what the tables of all days depend on; cached, as a month needs it 30 times."""
    from analytics.rollups.rollup_key import describe_inputs
    from analytics.visitors.false_positives.false_persons import FalsePersonSettings
    from analytics.visitors.false_positives.staff import StaffSettings
    from analytics.visitors.visitor_settings import VisitorSettings
    from app.facts.camera_views import list_calibrations
    from vision.calibration.camera_fit import FIT_VERSION

    return describe_inputs(
        (
            FIT_VERSION,
            list_calibrations(venue),
            IDENTIFICATION_VERSION,
            VisitorSettings(),
            FalsePersonSettings(),
            StaffSettings(),
            dataclasses.asdict(venue.corrections),
        )
    )


def _choose_overlapping(spans: pd.DataFrame, period_s: Interval) -> pd.DataFrame:
    started_s, ended_s = (spans[name].to_numpy(np.float64) for name in ("start_s", "end_s"))
    is_in = np.minimum(ended_s, period_s[1]) > np.maximum(started_s, period_s[0])
    return spans if is_in.all() else spans[is_in]


def _is_within(spans: pd.DataFrame, part_s: Interval, day_s: Interval) -> bool:
    """Return whether a part of a day contains all observations of the day."""
    first_s = max(float(spans["start_s"].min()), day_s[0])
    return first_s >= part_s[0] and min(float(spans["end_s"].max()), day_s[1]) <= part_s[1]
