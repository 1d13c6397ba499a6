"""Dwell times of a period and its predecessor, by zone, hour and engagement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray, Interval
from analytics.domain.exhibition import find_time_zone
from analytics.domain.zone import Zone, ZoneKind
from analytics.dwell.engagement import measure_stand_load
from analytics.dwell.engagement_tier import VISIT_TIERS, Tier
from analytics.dwell.occupancy import MIN_OBSERVED
from analytics.dwell.pooled_zones import choose_pooled_zones
from analytics.dwell.visit_lengths import CELL_S, find_quantile_s
from analytics.dwell.zone_figures import ZoneFigures
from analytics.exhibition.exposure import EXPOSURE_M
from analytics.metrics.block_ratio import BlockSettings, divide_blocks
from analytics.metrics.clock_profile import (
    HOURS,
    WEEKDAYS,
    ClockProfile,
    ClockTimes,
    ZoneBlocks,
    add_zones,
    profile_cells,
    read_clock,
)
from analytics.metrics.estimate import UNKNOWN, Estimate
from analytics.metrics.observation import clip_intervals, unite_spans
from analytics.rollups.exposed_visitors import list_elements
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.period_zones import pool_zones, summarise_period_zones
from analytics.rollups.zone_blocks import BLOCK_S, REACHED_NAMES, UNDECIDED_NAMES, BlockSums
from analytics.rollups.zone_lengths import sum_lengths, sum_stops
from analytics.rollups.zone_minutes import HALL, STEP_S
from analytics.store.sql_event_store import open_reader
from app.core.document import Venue
from app.core.job import JobContext
from app.core.open_time import are_comparable
from app.dwell.dwell_figures import (
    DwellAnalysis,
    EngagementFigures,
    OccupancySeries,
    TierFigures,
    ZoneDwell,
)
from app.facts.day_quality import read_day_quality
from app.facts.history_extent import read_history_extent
from app.facts.period_facts import read_period_facts


class EngagementSource:
    """Engagement figures of a period, from the tables ``zone_blocks``, ``zone_days`` and ``zone_lengths``."""

    def __init__(self, facts: PeriodFacts, sums: BlockSums) -> None:
        self._facts, self._sums = facts, sums
        self._settings = BlockSettings()
        least_s = self._settings.least_observed * BLOCK_S
        self._is_observed = sums.read(HALL, "observed_s") >= least_s
        self._lengths = facts.tables["zone_lengths"]
        self._elements = {str(zone.name) for zone in list_elements(facts.zones)}

    def describe_zone(self, zone: Zone, count: FloatArray, figures: ZoneFigures) -> EngagementFigures:
        """Return the engagement figures of one zone.

        Args:
            count: its visits by length.
        """
        name = str(zone.name)
        since_s = max(self._facts.period_s[0], self._facts.zone_since_s.get(name, 0.0))
        load = bounce = None
        if figures.person_seconds is not None:
            load = measure_stand_load(
                person_seconds=figures.person_seconds,
                area_m2=float(zone.outline.to_shape().area),
                period_s=(since_s, self._facts.period_s[1]),
                coverage=figures.coverage,
            )
        if count.sum() > 0:
            cells = round(self._facts.settings.engagement.bounce_s / CELL_S)
            bounce = float(count[:cells].sum() / count.sum())
        came = self._sums.read(name, "came") if figures.coverage > 0 else None
        stops = sum_stops(self._lengths[self._lengths["zone"] == name])
        return replace(
            self._describe([name], came=came, since_s=since_s),
            median_stop_s=find_quantile_s(stops, 0.5),
            bounce=bounce,
            stand_load=load,
        )

    def describe_pooled(self, names: Sequence[str]) -> EngagementFigures:
        """Return the figures of several zones together; visitors near two of them count twice."""
        came = self._sums.read(HALL, "came") if names else None
        return self._describe(names, came=came, since_s=self._facts.period_s[0])

    def _describe(
        self, names: Sequence[str], *, came: FloatArray | None, since_s: float
    ) -> EngagementFigures:
        sums = self._sums
        visits = sums.add_up(names, REACHED_NAMES[0])
        near = [name for name in names if name in self._elements]
        pass_bys = sums.add_up(near, "pass_bys")
        exposed = sums.add_up(near, "exposed")
        has_exposed = bool(exposed.sum() > 0)
        tiers = []
        if has_exposed:
            count = round(float(pass_bys.sum())) + round(float(visits.sum()))
            tiers.append(TierFigures(Tier.PASS_BY, count, 0, UNKNOWN))
        for tier, reached_name, undecided_name in zip(
            VISIT_TIERS, REACHED_NAMES, UNDECIDED_NAMES, strict=True
        ):
            reached = sums.add_up(names, reached_name)
            tiers.append(
                TierFigures(
                    tier,
                    round(float(reached.sum())),
                    round(float(sums.add_up(names, undecided_name).sum())),
                    self._divide(reached, visits),
                )
            )
        penetration = UNKNOWN
        if came is not None:
            is_since = sums.starts_s + BLOCK_S > since_s
            penetration = self._divide(
                np.where(is_since, came, 0.0), np.where(is_since, sums.read(HALL, "visitors"), 0.0)
            )
        near_visits = sums.add_up(near, REACHED_NAMES[0])
        return EngagementFigures(
            tiers=tuple(tiers),
            pass_bys=float(pass_bys.sum()) if has_exposed else None,
            capture_rate=self._divide(near_visits, near_visits + pass_bys) if has_exposed else UNKNOWN,
            attraction_power=self._divide(sums.add_up(near, "exposed_stopped"), exposed),
            penetration=penetration,
            settings=self._facts.settings.engagement,
            reach_m=EXPOSURE_M,
        )

    def _divide(self, above: FloatArray, below: FloatArray) -> Estimate:
        return divide_blocks(above, below, is_observed=self._is_observed, settings=self._settings, high=1.0)


def _profile(
    clock: ClockTimes, sums: ZoneBlocks, minimum_stay_s: float
) -> tuple[ClockProfile, ClockProfile, ClockProfile]:
    def profile(cell: npt.NDArray[np.int64], cells: int) -> ClockProfile:
        return profile_cells(
            sums=sums, cell=cell, cells=cells, minimum_stay_s=minimum_stay_s, settings=BlockSettings()
        )

    return (
        profile(clock.hour, HOURS),
        profile(clock.weekday, WEEKDAYS),
        profile(clock.weekday * HOURS + clock.hour, WEEKDAYS * HOURS),
    )


DAY_S = 86400.0
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
TABLE_NAMES = ("spans", "zone_days", "zone_blocks", "zone_lengths")
_STEPS_S = (60.0, 300.0, 600.0, 1800.0, 3600.0, 10800.0)
_MAX_STEPS = 240
_STAGES = 4.0


def analyse_dwell(
    *,
    venue: Venue,
    period: Interval,
    job: JobContext | None = None,
    on_current: Callable[[DwellAnalysis], object] = lambda _analysis: None,
) -> DwellAnalysis:
    """Compute all zones of a period, and of the previous one if it was observed about as long.

    The previous period ends where this one begins, or covers the same hours of the day before. A zone that
    changed within the period counts from its last change.

    Args:
        on_current: called with the figures of the period before the previous one is computed.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: ``job`` was cancelled.
    """
    job = job or JobContext()
    job.checkpoint(0.0, _STAGES)
    history = read_history_extent(venue)
    facts = None if history is None else _read_facts(venue, period, job, done=0.0)
    if facts is None or facts.observed_s <= 0:
        job.checkpoint(_STAGES / 2, _STAGES)
        return DwellAnalysis(history)
    current = replace(_collect_period(facts, venue, period), history=history)
    quality = read_day_quality(venue, period, context=JobContext(is_cancelled=lambda: job.is_cancelled))
    current = replace(current, quality=quality)
    job.checkpoint(_STAGES / 2, _STAGES)
    on_current(replace(current, is_compared=False))
    analysis = _compare_with_previous(venue, current, period, job)
    job.checkpoint(_STAGES, _STAGES)
    return analysis


def _read_facts(venue: Venue, period: Interval, job: JobContext, *, done: float) -> PeriodFacts | None:
    def report(part: float, whole: float) -> None:
        job.checkpoint(done + _STAGES / 2 * 0.9 * (part / whole if whole else 0.0), _STAGES)

    context = JobContext(is_cancelled=lambda: job.is_cancelled, on_progress=report)
    names = (*TABLE_NAMES, "minutes") if _choose_step(period) < BLOCK_S else TABLE_NAMES
    return read_period_facts(venue=venue, period_s=period, context=context, names=names)


def _compare_with_previous(
    venue: Venue, current: DwellAnalysis, period: Interval, job: JobContext
) -> DwellAnalysis:
    """Add the figures of the previous period; with other zones pooled, only people are compared."""
    start_s, end_s = period
    length_s = end_s - start_s
    for shift_s in dict.fromkeys((length_s, DAY_S)):
        if shift_s < length_s:
            continue
        earlier = (start_s - shift_s, end_s - shift_s)
        if not are_comparable(_measure_observed(venue, earlier), current.observed_s):
            continue
        if len(list(venue.geometries_between(*earlier))) > 1:
            continue
        facts = _read_facts(venue, earlier, job, done=_STAGES / 2)
        if facts is None or facts.observed_s <= 0:
            return current
        pooled, previous = _summarise(facts)
        if set(pooled) != set(current.pooled_zones):
            previous[None] = ZoneFigures(people_mean=previous[None].people_mean)
        return replace(current, previous=previous, previous_period=earlier)
    return current


def _measure_observed(venue: Venue, period: Interval) -> float:
    with closing(open_reader(venue.folder)) as reader:
        spans = unite_spans(reader.read_spans(*period))
    return float(np.diff(clip_intervals(spans, start_s=period[0], end_s=period[1]), axis=1).sum())


def _summarise(facts: PeriodFacts) -> tuple[tuple[str, ...], dict[str | None, ZoneFigures]]:
    """Return the names of the pooled zones, and the figures of them under None and of each zone."""
    zones = summarise_period_zones(facts)
    pooled = tuple(
        str(zone.name) for zone in choose_pooled_zones(facts.zones) if zones[str(zone.name)].coverage > 0
    )
    # the pooled zones have no coverage of their own
    floor = replace(pool_zones(facts, pooled), coverage=0.0)
    figures: dict[str | None, ZoneFigures] = {None: floor}
    figures.update(zones)
    for name, of_zone in figures.items():
        figures[name] = replace(of_zone, people_mean=_average_people(facts.block_sums, name or HALL))
    return pooled, figures


def _collect_period(facts: PeriodFacts, venue: Venue, period: Interval) -> DwellAnalysis:
    pooled, figures = _summarise(facts)
    sums, time_zone = facts.block_sums, find_time_zone(venue.exhibition.time_zone)
    is_seen = sums.read(HALL, "observed_s") > 0
    source = _ZoneSource(facts, period, read_clock(sums.starts_s, time_zone))
    zones: dict[str | None, ZoneDwell] = {None: source.collect_pooled(pooled, figures[None])}
    for index, zone in enumerate(facts.zones):
        zones[str(zone.name)] = source.collect_zone(index, zone, figures[str(zone.name)])
    return DwellAnalysis(
        zones=zones,
        pooled_zones=pooled,
        observed_s=facts.observed_s,
        weekdays=len(set(read_clock(sums.starts_s[is_seen], time_zone).weekday.tolist())),
        missing_days=len(facts.missing_s),
    )


class _ZoneSource:
    """Dwell times of zones, from the tables ``zone_blocks``, ``zone_days`` and ``zone_lengths``."""

    def __init__(self, facts: PeriodFacts, period: Interval, clock: ClockTimes) -> None:
        self._facts, self._period, self._clock = facts, period, clock
        self._engagement = EngagementSource(facts, facts.block_sums)

    def collect_zone(self, index: int, zone: Zone, figures: ZoneFigures) -> ZoneDwell:
        facts, name, least_s = self._facts, str(zone.name), zone.minimum_stay_s
        complete, cut = self._sum_lengths([name])
        count = complete + cut
        since_s = facts.zone_since_s.get(name, facts.period_s[0])
        return ZoneDwell(
            figures,
            index,
            complete,
            cut,
            tuple(find_quantile_s(count, share) for share in QUANTILES),
            _sum_steps(facts, facts.block_sums, name, index, self._period),
            *_profile(self._clock, facts.block_sums.read_visits(name), least_s),
            self._engagement.describe_zone(zone, count, figures),
            since_s if since_s > facts.period_s[0] else None,
            is_way=zone.is_door or zone.kind is ZoneKind.AISLE,
        )

    def collect_pooled(self, names: Sequence[str], figures: ZoneFigures) -> ZoneDwell:
        facts, sums = self._facts, self._facts.block_sums
        together = add_zones([sums.read_visits(name) for name in names], whole=sums.read_visits(HALL))
        least_s = min((zone.minimum_stay_s for zone in facts.zones if str(zone.name) in names), default=0.0)
        return ZoneDwell(
            figures,
            0,
            *self._sum_lengths(names),
            (None,) * len(QUANTILES),
            _sum_steps(facts, sums, HALL, 0, self._period),
            *_profile(self._clock, together, least_s),
            self._engagement.describe_pooled(names),
        )

    def _sum_lengths(self, names: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        lengths = self._facts.tables["zone_lengths"]
        return sum_lengths(lengths[lengths["zone"].isin(list(names))])


def _choose_step(period: Interval) -> float:
    length_s = period[1] - period[0]
    return next((step for step in _STEPS_S if length_s / step <= _MAX_STEPS), _STEPS_S[-1])


def _sum_steps(
    facts: PeriodFacts, sums: BlockSums, name: str, colour: int, period: Interval
) -> OccupancySeries:
    """Return mean people in steps of clock minutes, or of whole blocks in a longer period."""
    step_s = _choose_step(period)
    if step_s < BLOCK_S:
        minutes = facts.tables["minutes"]
        own = minutes[minutes["zone"] == name]
        starts_s, person_seconds, observed_s = (
            own[column].to_numpy(np.float64) for column in ("start_s", "person_seconds", "observed_s")
        )
        least_s = STEP_S
    else:
        starts_s, least_s = sums.starts_s, BLOCK_S
        person_seconds, observed_s = (sums.read(name, column) for column in ("person_seconds", "observed_s"))
    first_s = np.floor(period[0] / least_s) * least_s
    steps = max(1, int(np.ceil((period[1] - first_s) / step_s - 1e-9)))
    edges_s = np.clip(first_s + step_s * np.arange(steps + 1), period[0], period[1])
    step = np.clip(np.searchsorted(edges_s, starts_s, side="right") - 1, 0, steps - 1)
    present, observed = np.bincount(step, person_seconds, steps), np.bincount(step, observed_s, steps)
    is_enough = (observed > 0) & (observed >= MIN_OBSERVED * np.diff(edges_s))
    people = np.full(steps, np.nan)
    people[is_enough] = present[is_enough] / observed[is_enough]
    return OccupancySeries(None if name == HALL else name, colour, edges_s, people)


def _average_people(sums: BlockSums, name: str) -> float | None:
    observed_s = float(sums.read(name, "observed_s").sum())
    return float(sums.read(name, "person_seconds").sum()) / observed_s if observed_s > 0 else None
