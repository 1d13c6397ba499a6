"""Plan of a validation: how much to label, which clips, and the system's counts by day."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.errors import StoreError
from analytics.domain.exhibition import find_time_zone
from analytics.domain.identifiers import CameraId
from analytics.evaluation.clip_labels import Clip
from analytics.evaluation.clip_plan import (
    CLIP_S,
    PRIOR_HEAD_SPREAD,
    PRIOR_SPREAD,
    TARGET_MARGIN,
    ClipPlan,
    ErrorSpread,
    plan_clips,
)
from analytics.evaluation.clip_strata import (
    Crowding,
    CrowdingBounds,
    Stratum,
    StratumLoad,
    find_crowding_bounds,
    group_minutes,
)
from app.core.document import Venue
from app.core.job import JobContext
from app.validation.validation_labels import ValidationLabels

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

    period_s: Period
    visits: pd.DataFrame
    crossings: pd.DataFrame
    spans: pd.DataFrame
    excluded: tuple[FalsePlace, ...]


def list_days(venue: Venue, *, history_s: Period, period_s: Period) -> tuple[Period, ...]:
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


def _read_day(venue: Venue, reader: EventReader, period_s: Period) -> DayResults:
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
    identified: IdentifiedPeriod, geometry: FloorGeometry, origin_s: float, part_s: Period
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count visits and crossings of part of a day with the zones then in force, seconds since the epoch."""
    from analytics.dwell.dwell import DwellSettings
    from analytics.dwell.visits import VisitSettings, compute_stays
    from analytics.dwell.zone_summary import select_visits
    from analytics.flows.footfall import CrossingSettings, compute_crossings

    start_s, end_s = part_s[0] - origin_s, part_s[1] - origin_s
    tracks, spans = identified.tracks, identified.spans
    tracks = tracks[(tracks["time_s"] >= start_s) & (tracks["time_s"] < end_s)]
    spans = spans.assign(
        start_s=np.clip(spans["start_s"], start_s, end_s), end_s=np.clip(spans["end_s"], start_s, end_s)
    )
    spans = spans[spans["end_s"] > spans["start_s"]]
    stays = compute_stays(tracks=tracks, zones=geometry.zones, spans=spans, settings=VisitSettings())
    visits = select_visits(stays=stays, zones=geometry.zones, settings=DwellSettings())
    crossings = compute_crossings(
        tracks=tracks, lines=geometry.lines, settings=CrossingSettings(), spans=spans
    )
    visits = visits.assign(entered_s=visits["entered_s"] + origin_s, left_s=visits["left_s"] + origin_s)
    return visits, crossings.assign(time_s=crossings["time_s"] + origin_s)


Period = tuple[float, float]

MINUTE_S = 60.0
LOOK_BACK_S = 7 * 86400.0
"""Default period of the plan, the last week."""
MIN_OBSERVED_S = 30.0
"""Minimum observed time of a minute that is used."""


@dataclass(frozen=True, slots=True)
class ValidationPlan:
    """The clips to label, and the expected accuracy.

    Attributes:
        period_s: period of the history that the plan is based on, seconds since the epoch.
        loads: size of each stratum.
        bounds: crowding bounds by camera.
        counting: clips for line crossings; None without crossings seen by a camera.
        occupancy: clips with one head count each; None without people.
    """

    period_s: Period
    loads: tuple[StratumLoad, ...]
    bounds: Mapping[CameraId, CrowdingBounds] = field(default_factory=dict)
    counting: ClipPlan | None = None
    occupancy: ClipPlan | None = None

    @property
    def chosen(self) -> ClipPlan | None:
        """Return the plan that needs more clips: crossings and heads are labelled in the same ones."""
        plans = [plan for plan in (self.counting, self.occupancy) if plan is not None]
        return max(plans, key=lambda plan: plan.clips, default=None)


def plan_validation(
    venue: Venue,
    *,
    period_s: Period | None = None,
    clip_s: float = CLIP_S,
    margin: float = TARGET_MARGIN,
    context: JobContext | None = None,
) -> ValidationPlan:
    """Plan the minutes to label so that found over true is known to within ``margin`` at 95 %.

    Args:
        period_s: of the history; None: its last week.

    Raises:
        StoreError: the history cannot be read, or there is none.
        JobCancelled: the context says so.
    """
    from analytics.store.sql_event_store import open_reader

    context = context or JobContext()
    if not venue.has_history:
        raise _nothing_recorded(venue)
    with closing(open_reader(venue.folder)) as reader:
        extent = reader.time_range()
        if extent is None:
            raise _nothing_recorded(venue)
        history = (extent.start_s, extent.end_s)
        wanted = (max(history[0], history[1] - LOOK_BACK_S), history[1]) if period_s is None else period_s
        wanted = max(wanted[0], history[0]), min(wanted[1], history[1])
        if wanted[0] >= wanted[1]:
            raise _nothing_recorded(venue)
        days = read_day_results(
            venue,
            reader,
            moments_s=[day[0] for day in list_days(venue, history_s=history, period_s=wanted)],
            context=context,
        )
        loads, bounds = _measure_loads(venue, reader, days, wanted)
    return make_plan(loads, bounds=bounds, period_s=wanted, clip_s=clip_s, margin=margin)


def make_plan(
    loads: Sequence[StratumLoad],
    *,
    bounds: Mapping[CameraId, CrowdingBounds],
    period_s: Period,
    clip_s: float = CLIP_S,
    margin: float = TARGET_MARGIN,
    counting_spread: ErrorSpread = PRIOR_SPREAD,
    occupancy_spread: ErrorSpread = PRIOR_HEAD_SPREAD,
) -> ValidationPlan:
    """Make the plan for known strata, using the spread of errors in the labels so far."""
    plans: list[ClipPlan | None] = []
    for spread, events in (
        (counting_spread, {load.stratum: load.crossings_per_min for load in loads}),
        # one head count a clip: so many heads in its seconds
        (occupancy_spread, {load.stratum: load.people * MINUTE_S / clip_s for load in loads}),
    ):
        # clips of cameras with nothing to count would be looked at in vain
        counted = [load for load in loads if events[load.stratum] > 0]
        plan = plan_clips(counted, events_per_min=events, clip_s=clip_s, margin=margin, spread=spread)
        plans.append(None if plan.margin is None else plan)
    return ValidationPlan(period_s, tuple(loads), bounds, plans[0], plans[1])


def find_stratum(
    venue: Venue, *, camera: CameraId, time_utc_s: float, people: float, bounds: CrowdingBounds | None
) -> Stratum:
    """Return the stratum of a time; without bounds all times of a camera count as equally crowded.

    Args:
        people: in view of the camera.
    """
    zone = find_time_zone(venue.exhibition.time_zone)
    crowding = Crowding.MEDIUM if bounds is None else bounds.classify(people)
    return Stratum(camera, datetime.fromtimestamp(time_utc_s, zone).hour, crowding)


def count_open_clips(
    plan: ClipPlan, labels: ValidationLabels, waiting: Sequence[Clip] = ()
) -> dict[Stratum, int]:
    """Return the number of missing clips per stratum; complete strata are left out.

    Args:
        waiting: clips that were taken and are not labelled yet.
    """
    taken: dict[Stratum, int] = {}
    for clip in (*(labelled.clip for labelled in labels.clips), *waiting):
        taken[clip.stratum] = taken.get(clip.stratum, 0) + 1
    still = {one.load.stratum: one.clips - taken.get(one.load.stratum, 0) for one in plan.strata}
    return {stratum: count for stratum, count in still.items() if count > 0}


def draw_next_clip(
    plan: ClipPlan,
    labels: ValidationLabels,
    *,
    venue: Venue,
    now_utc_s: float,
    people: Mapping[CameraId, float],
    waiting: Sequence[Clip] = (),
    draw: random.Random,
) -> Clip | None:
    """Draw the next clip at random among the missing ones; None without any.

    Whether a clip begins does not depend on what is about to happen, only on how full the pictures are, so
    that it stands for all minutes of its stratum.

    Args:
        people: now in view of each camera that gives pictures; no other camera is drawn.
        draw: the source of chance.
    """
    open_clips = count_open_clips(plan, labels, waiting)
    candidates = []
    for camera, in_view in sorted(people.items()):
        stratum = find_stratum(
            venue, camera=camera, time_utc_s=now_utc_s, people=in_view, bounds=labels.bounds.get(camera)
        )
        if stratum in open_clips:
            candidates.append((stratum, open_clips[stratum]))
    if not candidates:
        return None
    (stratum,) = draw.choices([one for one, _ in candidates], [count for _, count in candidates])
    return Clip(stratum.camera, now_utc_s, now_utc_s + plan.clip_s, stratum)


def _measure_loads(
    venue: Venue, reader: EventReader, days: Sequence[DayResults], period_s: Period
) -> tuple[tuple[StratumLoad, ...], dict[CameraId, CrowdingBounds]]:
    loads: list[StratumLoad] = []
    bounds: dict[CameraId, CrowdingBounds] = {}
    zone = find_time_zone(venue.exhibition.time_zone)
    seen_lines = find_seen_lines(venue)
    for camera in venue.camera_names:
        parts = [measure_minutes(camera, reader, day, period_s, seen_lines[camera]) for day in days]
        start_s, people, crossings, observed_s = (
            np.concatenate([np.empty(0), *(part[column] for part in parts)]) for column in range(4)
        )
        if not len(start_s):
            continue
        known = observed_s >= MIN_OBSERVED_S
        bounds[camera] = find_crowding_bounds(people[known])
        loads += group_minutes(
            camera=camera,
            hour=np.array([datetime.fromtimestamp(at, zone).hour for at in start_s[known]], np.int64),
            people=people[known],
            crossings=crossings[known],
            observed_s=observed_s[known],
            bounds=bounds[camera],
        )
    return tuple(loads), {camera: found for camera, found in bounds.items() if np.isfinite(found.high_above)}


def measure_minutes(
    camera: CameraId, reader: EventReader, day: DayResults, period_s: Period, lines: frozenset[str]
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return start, people in view, crossings of ``lines`` and observed seconds per minute, shape (minutes,).

    Args:
        day, period_s: their common part is looked at; seconds since the epoch.

    Raises:
        StoreError: the history cannot be read.
    """
    from analytics.dwell.occupancy import PRESENCE_GAP_S, compute_occupancy, find_presence_intervals
    from analytics.metrics.observation import unite_spans
    from analytics.metrics.presence import Identity, order_by_person
    from app.facts.expired_tracks import require_tracks

    start_s, end_s = max(day.period_s[0], period_s[0]), min(day.period_s[1], period_s[1])
    observed = unite_spans(day.spans, cameras={camera})
    if start_s >= end_s or not len(observed):
        return np.empty(0), np.empty(0), np.empty(0), np.empty(0)
    require_tracks(reader, day.spans, (start_s, end_s))
    tracks = reader.read_tracks(start_s, end_s, cameras=[camera])
    rows = order_by_person(tracks=tracks, identity=Identity.TRACKLET, longest_gap_s=PRESENCE_GAP_S)
    occupancy = compute_occupancy(
        intervals=find_presence_intervals(rows) if len(rows.time_s) else np.empty((0, 2)),
        observed=observed,
        period_s=(start_s, end_s),
        step_s=MINUTE_S,
    )
    counted: pd.DataFrame = day.crossings[day.crossings["line"].isin(sorted(lines))]
    crossings = np.histogram(counted["time_s"].to_numpy(np.float64), occupancy.edges_s)[0]
    return occupancy.edges_s[:-1], occupancy.mean, crossings.astype(np.float64), occupancy.observed_s


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


def _nothing_recorded(venue: Venue) -> StoreError:
    return StoreError(
        "The venue '{venue}' has no history in this period.",
        "Record for an hour or more: crowding determines how much must be labelled.",
        venue=venue.name,
    )
