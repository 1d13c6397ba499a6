"""A period's dwell times from its track points, and those of the period before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.zone import Zone
from analytics.metrics.coverage import CameraView
from analytics.metrics.dwell import DwellSettings
from analytics.metrics.dwell_distribution import estimate_dwell_distribution
from analytics.metrics.observation import clip_intervals, unite_spans
from analytics.metrics.occupancy import PRESENCE_GAP_S, compute_occupancy, find_presence_intervals
from analytics.metrics.pooled_zones import choose_pooled_zones, pool_zones
from analytics.metrics.presence import Identity, order_by_person
from analytics.metrics.zone_summary import ZoneSummary, join_stays
from analytics.rollups.stretch import find_zone_cameras
from analytics.store.event_store import EventReader
from analytics.store.sql_event_store import open_reader
from app.jobs.job import JobContext
from app.operations.camera_views import find_views
from app.operations.dwell_figures import (
    DwellAnalysis,
    DwellFigures,
    DwellView,
    OccupancySeries,
    Period,
    PeriodFigures,
    VisitRecord,
    ZoneFigures,
    select_view,
)
from app.operations.identified_period import IdentifiedPeriod, derive, read_identified_period
from app.operations.identified_results import compute_identified_results
from app.venue.document import Venue

FloatArray = npt.NDArray[np.float64]

DAY_S = 86400.0
LIKE = 0.8
"""A period observed for a smaller share of the other's time is not compared with it."""
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
_STEPS_S = (60.0, 300.0, 600.0, 1800.0, 3600.0, 10800.0)
_MOST_STEPS = 240
_STAGES = 4.0


def compute_dwell_view(
    *, venue: Venue, period: Period, zone: str | None = None, job: JobContext | None = None
) -> DwellView | None:
    """What the dwell page shows of a period; None where nothing was observed or there was no such zone.

    Args:
        period: start and end in seconds since the epoch.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: by ``job``.
    """
    return select_view(analyse_dwell(venue=venue, period=period, job=job), zone)


def analyse_dwell(
    *,
    venue: Venue,
    period: Period,
    job: JobContext | None = None,
    on_current: Callable[[DwellAnalysis], object] = lambda _analysis: None,
) -> DwellAnalysis:
    """All zones of a period, and of the one before where it was observed about as long.

    The one before is that which ends where this begins, or else the same hours of the day before. Where the
    zones changed within the period, what lies after the last change is counted.

    Args:
        on_current: called with the analysis of the period itself before that of the one before is begun.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: by ``job``.
    """
    job = job or JobContext()
    if not venue.events_file.exists():
        return DwellAnalysis(None, None, None, None)
    views = find_views(venue)
    reader = open_reader(venue.folder)
    try:
        job.checkpoint(0.0, _STAGES)
        extent = reader.time_range()
        history = None if extent is None else (extent.start_s, extent.end_s)
        versions = list(venue.geometries_between(*period))
        geometry, start_s, end_s = versions[-1] if versions else (FloorGeometry(), *period)
        changed_utc_s = start_s if start_s > period[0] else None
        current = _analyse_period(
            reader, venue, (start_s, end_s), geometry=geometry, views=views, job=job, done=0.0
        )
        if current is None:
            return DwellAnalysis(None, None, changed_utc_s, history)
        on_current(DwellAnalysis(current, None, changed_utc_s, history, is_compared=False))
        previous = _analyse_previous(reader, venue, current, views, job)
    finally:
        reader.close()
    return DwellAnalysis(current, previous, changed_utc_s, history)


def _analyse_previous(
    reader: EventReader, venue: Venue, current: PeriodFigures, views: Sequence[CameraView], job: JobContext
) -> PeriodFigures | None:
    start_s, end_s = current.period
    length_s = end_s - start_s
    for shift_s in dict.fromkeys((length_s, DAY_S)):
        if shift_s < length_s:
            continue
        earlier = (start_s - shift_s, end_s - shift_s)
        observed_s = float(np.diff(_find_observed(reader.read_spans(*earlier), earlier), axis=1).sum())
        less, more = sorted([observed_s, current.observed_s])
        versions = list(venue.geometries_between(*earlier))
        if less < LIKE * more or len(versions) > 1:
            continue
        geometry = versions[0][0] if versions else FloorGeometry()
        return _analyse_period(
            reader, venue, earlier, geometry=geometry, views=views, job=job, done=_STAGES / 2
        )
    return None


def _analyse_period(
    reader: EventReader,
    venue: Venue,
    period: Period,
    *,
    geometry: FloorGeometry,
    views: Sequence[CameraView],
    job: JobContext,
    done: float,
) -> PeriodFigures | None:
    start_s, end_s = period
    spans = reader.read_spans(start_s, end_s)
    if not len(_find_observed(spans, period)):
        return None
    identified = read_identified_period(
        venue=venue,
        reader=reader,
        spans=spans,
        period_s=period,
        zones=geometry.zones,
        read_tracks=lambda: reader.read_tracks(start_s, end_s),
    )
    job.checkpoint(done + 1.0, _STAGES)

    def collect() -> PeriodFigures:
        return _collect_period(identified, period, geometry=geometry, views=views, job=job, done=done)

    return derive(identified, ("dwell", period, geometry.zones), collect)


def _collect_period(
    identified: IdentifiedPeriod,
    period: Period,
    *,
    geometry: FloorGeometry,
    views: Sequence[CameraView],
    job: JobContext,
    done: float,
) -> PeriodFigures:
    start_s, end_s = period
    tracks, spans, duration_s = identified.tracks, identified.spans, end_s - start_s
    results = compute_identified_results(identified, zones=geometry.zones, duration_s=duration_s, views=views)
    job.checkpoint(done + 1.7, _STAGES)
    summaries = cast(Mapping[str, ZoneSummary], results.summary["zones"])
    stays = results.stays
    occupancy = _compute_series(
        tracks=tracks, spans=spans, stays=stays, zones=geometry.zones, views=views, period=period
    )
    people = {series.zone: mean for series, mean in occupancy}
    zones = tuple(
        _collect_zone(zone, index, summaries[str(zone.name)], people[str(zone.name)], stays)
        for index, zone in enumerate(geometry.zones)
    )
    in_view = cast(Mapping[str, float | None], results.summary["people_in_view"])
    pooled = [
        zone for zone in choose_pooled_zones(geometry.zones) if summaries[str(zone.name)]["coverage"] > 0
    ]
    floor = _collect_floor(pooled, stays, (0.0, duration_s), in_view["mean"])
    return PeriodFigures(
        period=period,
        floor=floor,
        pooled_zones=tuple(str(zone.name) for zone in pooled),
        zones=zones,
        visits=_list_visits(results.visits, start_s),
        occupancy=tuple(series for series, _ in occupancy),
        observed_s=float(np.diff(_find_observed(spans, (0.0, duration_s)), axis=1).sum()),
    )


def _collect_zone(
    zone: Zone, index: int, summary: ZoneSummary, people_mean: float | None, stays: pd.DataFrame
) -> ZoneFigures:
    distribution = None
    if summary["coverage"] > 0:
        settings, own = DwellSettings(), stays[stays["zone"] == str(zone.name)]
        distribution = estimate_dwell_distribution(
            stays=join_stays(zone=zone, stays=own, settings=settings),
            minimum_stay_s=zone.minimum_stay_s,
            is_period_cut=False,
            ended_share=settings.ended_share,
        )
    return ZoneFigures(
        name=str(zone.name),
        colour=index,
        figures=DwellFigures(
            people_mean=people_mean,
            visits=summary["visits"],
            visits_interval=_pair(summary["visits_interval"]),
            mean_dwell_s=summary["mean_dwell_s"],
            mean_dwell_interval_s=_pair(summary["mean_dwell_sampling_interval_s"]),
            median_dwell_s=summary["median_dwell_s"],
            person_seconds=summary["person_seconds"],
            estimates_disagree=summary["estimates_disagree"],
        ),
        quantiles_s=tuple(
            None if distribution is None else distribution.quantile_s(share) for share in QUANTILES
        ),
        coverage=summary["coverage"],
    )


def _collect_floor(
    zones: Sequence[Zone], stays: pd.DataFrame, period_s: Period, people: float | None
) -> DwellFigures:
    pooled = pool_zones(zones=zones, stays=stays, period_s=period_s, settings=DwellSettings())
    visits = pooled.visits.value
    return DwellFigures(
        people_mean=people,
        visits=None if visits is None else round(visits),
        visits_interval=_pair(pooled.visits.interval),
        mean_dwell_s=pooled.mean_dwell_s.value,
        mean_dwell_interval_s=_pair(pooled.mean_dwell_s.interval),
        median_dwell_s=pooled.median_dwell_s,
        person_seconds=pooled.person_seconds,
        estimates_disagree=pooled.estimates_disagree,
    )


def _compute_series(
    *,
    tracks: pd.DataFrame,
    spans: pd.DataFrame,
    stays: pd.DataFrame,
    zones: Sequence[Zone],
    views: Sequence[CameraView],
    period: Period,
) -> list[tuple[OccupancySeries, float | None]]:
    start_s, end_s = period
    within = (0.0, end_s - start_s)
    step_s = next((step for step in _STEPS_S if within[1] / step <= _MOST_STEPS), _STEPS_S[-1])
    rows = order_by_person(tracks=tracks, identity=Identity.VISITOR, longest_gap_s=PRESENCE_GAP_S)
    sources: list[tuple[str | None, FloatArray, FloatArray]] = [
        (None, find_presence_intervals(rows), _find_observed(spans, within))
    ]
    for zone in zones:
        intervals = stays.loc[stays["zone"] == str(zone.name), ["entered_s", "left_s"]].to_numpy(np.float64)
        cameras = find_zone_cameras(zone.outline, views)
        observed = _find_observed(spans, within, cameras)
        sources.append((str(zone.name), intervals, observed))
    series = []
    for index, (name, intervals, observed) in enumerate(sources):
        occupancy = compute_occupancy(intervals=intervals, observed=observed, period_s=within, step_s=step_s)
        entry = OccupancySeries(name, max(0, index - 1), occupancy.edges_s + start_s, occupancy.mean)
        series.append((entry, occupancy.overall_mean()))
    return series


def _find_observed(spans: pd.DataFrame, period_s: Period, cameras: set[str] | None = None) -> FloatArray:
    return clip_intervals(unite_spans(spans, cameras=cameras), start_s=period_s[0], end_s=period_s[1])


def _list_visits(visits: pd.DataFrame, start_s: float) -> tuple[VisitRecord, ...]:
    rows: Any = visits.itertuples(index=False)
    return tuple(
        VisitRecord(
            visitor=int(row.visitor),
            zone=str(row.zone),
            entered_utc_s=float(row.entered_s) + start_s,
            left_utc_s=float(row.left_s) + start_s,
            seconds=float(row.seconds),
            is_start_censored=bool(row.censored_start),
            is_end_censored=bool(row.censored_end),
        )
        for row in rows
    )


def _pair(interval: Sequence[float] | None) -> tuple[float, float] | None:
    return None if interval is None else (float(interval[0]), float(interval[1]))
