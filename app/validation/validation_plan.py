"""How much of a venue has to be labelled, which clips, and which one is to be taken now."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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
    WANTED_MARGIN,
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

    from analytics.store.event_store import EventReader
    from app.validation.validation_found import FoundDay

Period = tuple[float, float]

MINUTE_S = 60.0
LOOK_BACK_S = 7 * 86400.0
"""Without a period the plan is made from the last week."""
LEAST_OBSERVED_S = 30.0
"""A minute that was observed for less is left out."""


@dataclass(frozen=True, slots=True)
class ValidationPlan:
    """What to label, and what it is expected to show.

    Attributes:
        period_s: the part of the history that the plan is made from, seconds since the epoch.
        loads: how much of each stratum there is in it.
        bounds: from how many people in view a camera is fuller.
        counting: clips for the crossings of lines; None where no camera sees a line that anybody crosses.
        occupancy: clips with one head count each; None where nobody was seen.
    """

    period_s: Period
    loads: tuple[StratumLoad, ...]
    bounds: Mapping[CameraId, CrowdingBounds] = field(default_factory=dict)
    counting: ClipPlan | None = None
    occupancy: ClipPlan | None = None

    @property
    def chosen(self) -> ClipPlan | None:
        """The one that wants more clips: crossings and heads are labelled in the same ones."""
        plans = [plan for plan in (self.counting, self.occupancy) if plan is not None]
        return max(plans, key=lambda plan: plan.clips, default=None)


def plan_validation(
    venue: Venue,
    *,
    period_s: Period | None = None,
    clip_s: float = CLIP_S,
    margin: float = WANTED_MARGIN,
    context: JobContext | None = None,
) -> ValidationPlan:
    """The minutes that have to be labelled for found over true to within ``margin`` at 95 %.

    Args:
        period_s: of the history; None: its last week.

    Raises:
        StoreError: the history cannot be read, or there is none.
        JobCancelled: the context says so.
    """
    from analytics.store.sql_event_store import open_reader
    from app.validation.validation_found import list_days, read_found_days

    context = context or JobContext()
    if not venue.has_history:
        raise _nothing_recorded(venue)
    reader = open_reader(venue.folder)
    try:
        extent = reader.time_range()
        if extent is None:
            raise _nothing_recorded(venue)
        history = (extent.start_s, extent.end_s)
        wanted = (max(history[0], history[1] - LOOK_BACK_S), history[1]) if period_s is None else period_s
        wanted = max(wanted[0], history[0]), min(wanted[1], history[1])
        if wanted[0] >= wanted[1]:
            raise _nothing_recorded(venue)
        days = read_found_days(
            venue,
            reader,
            moments_s=[day[0] for day in list_days(venue, history_s=history, period_s=wanted)],
            context=context,
        )
        loads, bounds = _measure_loads(venue, reader, days, wanted)
    finally:
        reader.close()
    return make_plan(loads, bounds=bounds, period_s=wanted, clip_s=clip_s, margin=margin)


def make_plan(
    loads: Sequence[StratumLoad],
    *,
    bounds: Mapping[CameraId, CrowdingBounds],
    period_s: Period,
    clip_s: float = CLIP_S,
    margin: float = WANTED_MARGIN,
    counting_spread: ErrorSpread = PRIOR_SPREAD,
    occupancy_spread: ErrorSpread = PRIOR_HEAD_SPREAD,
) -> ValidationPlan:
    """The plan for strata that are known, with what labels have shown of the spread of errors so far."""
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
    """The stratum of a moment; without bounds every moment of a camera counts as equally full.

    Args:
        people: in view of the camera.
    """
    zone = find_time_zone(venue.exhibition.time_zone)
    crowding = Crowding.MEDIUM if bounds is None else bounds.classify(people)
    return Stratum(camera, datetime.fromtimestamp(time_utc_s, zone).hour, crowding)


def count_open_clips(
    plan: ClipPlan, labels: ValidationLabels, waiting: Sequence[Clip] = ()
) -> dict[Stratum, int]:
    """How many clips of each stratum are still to be taken; strata of which none is wanted are absent.

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
    """The clip to take from now on, by chance among those that are wanted; None where none is.

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
    venue: Venue, reader: EventReader, days: Sequence[FoundDay], period_s: Period
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
        known = observed_s >= LEAST_OBSERVED_S
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
    camera: CameraId, reader: EventReader, day: FoundDay, period_s: Period, lines: frozenset[str]
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Start, people in view, crossings of ``lines`` and observed seconds of each minute, shape (minutes,).

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
    """Which of the newest lines each camera sees over their whole length.

    A camera whose view is not known (not calibrated, or without a frame size) sees all of them if it is the
    only one of its venue, and none otherwise: nobody could say which.
    """
    from app.facts.camera_views import find_views

    lines = venue.geometry_at(None).lines
    views = {view.camera: view for view in find_views(venue)}
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
        "Record for an hour or more: how full it is decides how much has to be labelled.",
        venue=venue.name,
    )
