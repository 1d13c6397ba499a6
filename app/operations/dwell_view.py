"""A period's dwell times, by zone, hour and engagement, and those of the period before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.exhibition import find_time_zone
from analytics.metrics.dwell import DwellSettings
from analytics.metrics.engagement_tier import VISIT_TIERS
from analytics.metrics.observation import clip_intervals, unite_spans
from analytics.metrics.occupancy import LEAST_OBSERVED
from analytics.metrics.pooled_zones import choose_pooled_zones, pool_zones
from analytics.metrics.zone_summary import ZoneSummary
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.period_zones import summarise_period_zones
from analytics.rollups.zone_minutes import HALL, STEP_S
from analytics.store.sql_event_store import open_reader
from app.jobs.job import JobContext
from app.operations.dwell_details import compute_details, mix_days
from app.operations.dwell_figures import (
    DwellAnalysis,
    DwellFigures,
    DwellView,
    OccupancySeries,
    Period,
    PeriodFigures,
    ZoneFigures,
    select_view,
)
from app.operations.listed_visits import ListedVisits
from app.operations.period_facts import read_period_facts
from app.venue.document import Venue

FloatArray = npt.NDArray[np.float64]

DAY_S = 86400.0
LIKE = 0.8
"""A period observed for a smaller share of the other's time is not compared with it."""
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
TABLE_NAMES = ("spans", "stays", "visits", "stops", "journeys", "exposed", "minutes", "zone_days")
_STEPS_S = (60.0, 300.0, 600.0, 1800.0, 3600.0, 10800.0)
_MOST_STEPS = 240
_STAGES = 4.0
_HOUR_S = 3600.0


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

    The one before is that which ends where this begins, or else the same hours of the day before. A zone that
    was another one earlier in the period counts since it is as it is.

    Args:
        on_current: called with the analysis of the period itself before that of the one before is begun.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: by ``job``.
    """
    job = job or JobContext()
    job.checkpoint(0.0, _STAGES)
    history = _read_history(venue)
    if history is None:
        return DwellAnalysis(None, None, None)
    facts = _read_facts(venue, period, job, done=0.0)
    current = None if facts is None else _collect_period(facts, venue, period, is_detailed=True)
    job.checkpoint(_STAGES / 2, _STAGES)
    if current is None:
        return DwellAnalysis(None, None, history)
    on_current(DwellAnalysis(current, None, history, is_compared=False))
    previous = _analyse_previous(venue, current, job)
    job.checkpoint(_STAGES, _STAGES)
    return DwellAnalysis(current, previous, history)


def _read_history(venue: Venue) -> Period | None:
    if not venue.events_file.exists():
        return None
    reader = open_reader(venue.folder)
    try:
        extent = reader.time_range()
    finally:
        reader.close()
    return None if extent is None else (extent.start_s, extent.end_s)


def _read_facts(venue: Venue, period: Period, job: JobContext, *, done: float) -> PeriodFacts | None:
    def report(part: float, whole: float) -> None:
        job.checkpoint(done + _STAGES / 2 * 0.9 * (part / whole if whole else 0.0), _STAGES)

    context = JobContext(is_cancelled=lambda: job.is_cancelled, on_progress=report)
    return read_period_facts(venue=venue, period_s=period, context=context, names=TABLE_NAMES)


def _analyse_previous(venue: Venue, current: PeriodFigures, job: JobContext) -> PeriodFigures | None:
    start_s, end_s = current.period
    length_s = end_s - start_s
    for shift_s in dict.fromkeys((length_s, DAY_S)):
        if shift_s < length_s:
            continue
        earlier = (start_s - shift_s, end_s - shift_s)
        less, more = sorted([_measure_observed(venue, earlier), current.observed_s])
        if less < LIKE * more or len(list(venue.geometries_between(*earlier))) > 1:
            continue
        facts = _read_facts(venue, earlier, job, done=_STAGES / 2)
        return None if facts is None else _collect_period(facts, venue, earlier, is_detailed=False)
    return None


def _measure_observed(venue: Venue, period: Period) -> float:
    reader = open_reader(venue.folder)
    try:
        spans = unite_spans(reader.read_spans(*period))
    finally:
        reader.close()
    return float(np.diff(clip_intervals(spans, start_s=period[0], end_s=period[1]), axis=1).sum())


def _collect_period(
    facts: PeriodFacts, venue: Venue, period: Period, *, is_detailed: bool
) -> PeriodFigures | None:
    if facts.observed_s <= 0:
        return None
    summaries = summarise_period_zones(facts)
    zones = facts.zones
    steps_s = _choose_steps(period)
    names = [HALL, *(str(zone.name) for zone in zones)]
    series = [_sum_steps(facts, name, max(0, index - 1), steps_s) for index, name in enumerate(names)]
    people = dict(zip(names, (mean for _, mean in series), strict=True))
    pooled = [zone for zone in choose_pooled_zones(zones) if summaries[str(zone.name)]["coverage"] > 0]
    listed = _list_visits(facts, venue)
    pooled_names = tuple(str(zone.name) for zone in pooled)
    return PeriodFigures(
        period=period,
        floor=_collect_floor(facts, pooled_names, people[HALL]),
        pooled_zones=pooled_names,
        zones=tuple(
            _collect_zone(facts, index, summaries[str(zone.name)], people[str(zone.name)])
            for index, zone in enumerate(zones)
        ),
        visits=listed,
        occupancy=tuple(entry for entry, _ in series),
        observed_s=facts.observed_s,
        details=compute_details(
            facts=facts,
            summaries=summaries,
            pooled=pooled_names,
            visits=listed,
            time_zone=find_time_zone(venue.exhibition.time_zone),
        )
        if is_detailed
        else {},
        weekdays=_count_weekdays(facts, venue),
    )


def _collect_zone(
    facts: PeriodFacts, index: int, summary: ZoneSummary, people_mean: float | None
) -> ZoneFigures:
    name = str(facts.zones[index].name)
    distribution = mix_days(facts, name, is_whole=False)
    since_s = facts.zone_since_s.get(name, facts.period_s[0])
    return ZoneFigures(
        name=name,
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
        since_utc_s=since_s if since_s > facts.period_s[0] else None,
    )


def _collect_floor(facts: PeriodFacts, pooled: Sequence[str], people: float | None) -> DwellFigures:
    zones = [zone for zone in facts.zones if str(zone.name) in pooled]
    stays = facts.tables["stays"]
    found = pool_zones(zones=zones, stays=stays, period_s=facts.period_s, settings=DwellSettings())
    visits = found.visits.value
    return DwellFigures(
        people_mean=people,
        visits=None if visits is None else round(visits),
        visits_interval=_pair(found.visits.interval),
        mean_dwell_s=found.mean_dwell_s.value,
        mean_dwell_interval_s=_pair(found.mean_dwell_s.interval),
        median_dwell_s=found.median_dwell_s,
        person_seconds=found.person_seconds,
        estimates_disagree=found.estimates_disagree,
    )


def _choose_steps(period: Period) -> FloatArray:
    """Borders of steps of whole minutes of the clock, cut to the period."""
    length_s = period[1] - period[0]
    step_s = next((step for step in _STEPS_S if length_s / step <= _MOST_STEPS), _STEPS_S[-1])
    first_s = np.floor(period[0] / STEP_S) * STEP_S
    steps = max(1, int(np.ceil((period[1] - first_s) / step_s - 1e-9)))
    edges_s: FloatArray = np.clip(first_s + step_s * np.arange(steps + 1), period[0], period[1])
    return edges_s


def _sum_steps(
    facts: PeriodFacts, name: str, colour: int, edges_s: FloatArray
) -> tuple[OccupancySeries, float | None]:
    minutes = facts.tables["minutes"]
    own = minutes[minutes["zone"] == name]
    steps = len(edges_s) - 1
    step = np.clip(np.searchsorted(edges_s, own["start_s"], side="right") - 1, 0, steps - 1)
    person_seconds = np.bincount(step, own["person_seconds"], steps)
    observed_s = np.bincount(step, own["observed_s"], steps)
    is_enough = (observed_s > 0) & (observed_s >= LEAST_OBSERVED * np.diff(edges_s))
    people = np.full(steps, np.nan)
    people[is_enough] = person_seconds[is_enough] / observed_s[is_enough]
    whole_s = float(observed_s.sum())
    mean = float(person_seconds.sum()) / whole_s if whole_s > 0 else None
    return OccupancySeries(None if name == HALL else name, colour, edges_s, people), mean


def _list_visits(facts: PeriodFacts, venue: Venue) -> ListedVisits:
    table = facts.tables["visits"].sort_values("entered_s", kind="stable")
    names = tuple(str(zone.name) for zone in facts.zones)
    entered_s = table["entered_s"].to_numpy(np.float64)
    hour, weekday = _read_clock(entered_s, venue)
    return ListedVisits(
        zone_names=names,
        visitor=table["visitor"].to_numpy(np.int64),
        zone=_number(table["zone"], names),
        entered_utc_s=entered_s,
        left_utc_s=table["left_s"].to_numpy(np.float64),
        seconds=table["seconds"].to_numpy(np.float64),
        is_start_censored=table["censored_start"].to_numpy(np.int64) > 0,
        is_end_censored=table["censored_end"].to_numpy(np.int64) > 0,
        stop_s=table["stop_s"].to_numpy(np.float64),
        tier=_number(table["tier"], tuple(tier.value for tier in VISIT_TIERS)),
        may_be_higher=table["is_lower_limit"].to_numpy(np.int64) > 0,
        hour=hour,
        weekday=weekday,
    )


def _number(column: pd.Series, names: Sequence[str]) -> npt.NDArray[np.int64]:
    return pd.Categorical(column.astype("str"), categories=list(names)).codes.astype(np.int64)


def _read_clock(moments_s: FloatArray, venue: Venue) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The hour and the weekday of moments by the venue's clock; quarters of an hour are never split by it."""
    zone = find_time_zone(venue.exhibition.time_zone)
    quarters, which = np.unique(np.floor(moments_s / (_HOUR_S / 4)), return_inverse=True)
    shown = [datetime.fromtimestamp(float(quarter) * _HOUR_S / 4, zone) for quarter in quarters]
    hours = np.array([moment.hour for moment in shown], np.int64)
    weekdays = np.array([moment.weekday() for moment in shown], np.int64)
    return hours[which], weekdays[which]


def _count_weekdays(facts: PeriodFacts, venue: Venue) -> int:
    minutes = facts.tables["minutes"]
    _, weekdays = _read_clock(minutes.loc[minutes["zone"] == HALL, "start_s"].to_numpy(np.float64), venue)
    return len(set(weekdays.tolist()))


def _pair(interval: Sequence[float] | None) -> tuple[float, float] | None:
    return None if interval is None else (float(interval[0]), float(interval[1]))
