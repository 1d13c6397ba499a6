"""Dwell times of a period and its predecessor, by zone, hour and engagement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray
from analytics.domain.exhibition import find_time_zone
from analytics.domain.zone import Zone
from analytics.dwell.engagement import measure_stand_load
from analytics.dwell.engagement_tier import VISIT_TIERS, Tier
from analytics.dwell.occupancy import MIN_OBSERVED
from analytics.dwell.pooled_zones import choose_pooled_zones
from analytics.dwell.visit_lengths import CELL_S, find_quantile_s, trace_survival
from analytics.dwell.zone_summary import ZoneSummary
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
from analytics.results.zone_figures import read_figures
from analytics.rollups.exposed_visitors import list_elements
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.period_zones import pool_zones, summarise_period_zones
from analytics.rollups.zone_blocks import BLOCK_S, REACHED_NAMES, UNDECIDED_NAMES, BlockSums
from analytics.rollups.zone_lengths import sum_lengths, sum_stops
from analytics.rollups.zone_minutes import HALL, STEP_S
from analytics.store.sql_event_store import open_reader
from app.core.document import Venue
from app.core.job import JobContext
from app.dwell.dwell_figures import (
    DwellAnalysis,
    DwellRow,
    OccupancySeries,
    Period,
    PeriodFigures,
)
from app.dwell.engagement_figures import CertaintyFigures, EngagementFigures, TierFigures, ZoneDetail
from app.facts.low_counts import read_low_counts
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

    def describe_zone(self, zone: Zone, count: FloatArray, summary: ZoneSummary) -> EngagementFigures:
        """Return the engagement figures of one zone.

        Args:
            count: its visits by length.
        """
        name = str(zone.name)
        since_s = max(self._facts.period_s[0], self._facts.zone_since_s.get(name, 0.0))
        load = bounce = None
        if summary["person_seconds"] is not None:
            load = measure_stand_load(
                person_seconds=summary["person_seconds"],
                area_m2=float(zone.outline.to_shape().area),
                period_s=(since_s, self._facts.period_s[1]),
                coverage=summary["coverage"],
            )
        if count.sum() > 0:
            cells = round(self._facts.settings.engagement.bounce_s / CELL_S)
            bounce = float(count[:cells].sum() / count.sum())
        is_observed = summary["coverage"] > 0
        return self._describe(
            [name],
            came=self._sums.read(name, "came") if is_observed else None,
            since_s=since_s,
            median_stop_s=self._find_median_stop(name),
            bounce=bounce,
            stand_load=load,
        )

    def describe_pooled(self, names: Sequence[str]) -> EngagementFigures:
        """Return the figures of several zones together; visitors near two of them count twice."""
        return self._describe(
            names,
            came=self._sums.read(HALL, "came") if names else None,
            since_s=self._facts.period_s[0],
            median_stop_s=None,
            bounce=None,
            stand_load=None,
        )

    def _describe(
        self,
        names: Sequence[str],
        *,
        came: FloatArray | None,
        since_s: float,
        median_stop_s: float | None,
        bounce: float | None,
        stand_load: float | None,
    ) -> EngagementFigures:
        sums, settings = self._sums, self._facts.settings.engagement
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
            median_stop_s=median_stop_s,
            bounce=bounce,
            penetration=penetration,
            stand_load=stand_load,
            stop_s=settings.stop_s,
            engaged_s=settings.engaged_s,
            long_s=settings.long_s,
            bounce_s=settings.bounce_s,
            reach_m=EXPOSURE_M,
        )

    def _divide(self, above: FloatArray, below: FloatArray) -> Estimate:
        return divide_blocks(above, below, is_observed=self._is_observed, settings=self._settings, high=1.0)

    def _find_median_stop(self, name: str) -> float | None:
        return find_quantile_s(sum_stops(self._lengths[self._lengths["zone"] == name]), 0.5)


def compute_details(
    *,
    facts: PeriodFacts,
    sums: BlockSums,
    summaries: Mapping[str, ZoneSummary],
    pooled: Sequence[str],
    time_zone: tzinfo,
) -> dict[str | None, ZoneDetail]:
    """Return the details of each zone by name, and of the pooled zones under None.

    Args:
        facts: must hold ``zone_blocks``, ``zone_days`` and ``zone_lengths``.
        sums: the sums of ``zone_blocks``.
        summaries: result of ``summarise_period_zones``.
        pooled: names of the zones counted together.
    """
    clock = read_clock(sums.starts_s, time_zone)
    engagement = EngagementSource(facts, sums)
    lengths = facts.tables["zone_lengths"]
    details: dict[str | None, ZoneDetail] = {}
    for zone in facts.zones:
        name = str(zone.name)
        summary = summaries[name]
        complete, cut = sum_lengths(lengths[lengths["zone"] == name])
        by_hour, by_weekday, by_both = _profile(clock, sums.read_visits(name), zone.minimum_stay_s)
        details[name] = ZoneDetail(
            survival=trace_survival(
                count=complete + cut,
                minimum_stay_s=zone.minimum_stay_s,
                confidence=facts.settings.dwell.confidence,
            ),
            median_s=summary["median_dwell_s"],
            p90_s=summary["p90_dwell_s"],
            complete=complete,
            cut=cut,
            by_hour=by_hour,
            by_weekday=by_weekday,
            by_both=by_both,
            engagement=engagement.describe_zone(zone, complete + cut, summary),
            certainty=_describe_certainty(summary, complete, cut),
        )
    together = add_zones([sums.read_visits(name) for name in pooled], whole=sums.read_visits(HALL))
    least_s = min((zone.minimum_stay_s for zone in facts.zones if str(zone.name) in pooled), default=0.0)
    complete, cut = sum_lengths(lengths[lengths["zone"].isin(list(pooled))])
    by_hour, by_weekday, by_both = _profile(clock, together, least_s)
    details[None] = ZoneDetail(
        survival=None,
        median_s=None,
        p90_s=None,
        complete=complete,
        cut=cut,
        by_hour=by_hour,
        by_weekday=by_weekday,
        by_both=by_both,
        engagement=engagement.describe_pooled(pooled),
        certainty=None,
    )
    return details


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


def _describe_certainty(summary: ZoneSummary, complete: FloatArray, cut: FloatArray) -> CertaintyFigures:
    experts = summary["experts"]
    return CertaintyFigures(
        surplus_visits=experts["surplus_visits"],
        missing_visits=experts["missing_visits"],
        unsure_visits=experts["unsure_visits"],
        unseen_share=experts["unseen_share"],
        coverage=summary["coverage"],
        visits=round(float(complete.sum() + cut.sum())),
        cut_visits=round(float(cut.sum())),
    )


DAY_S = 86400.0
MIN_TIME_RATIO = 0.8
"""Minimum ratio of observed times for two periods to be compared."""
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
TABLE_NAMES = ("spans", "zone_days", "zone_blocks", "zone_lengths")
_STEPS_S = (60.0, 300.0, 600.0, 1800.0, 3600.0, 10800.0)
_MAX_STEPS = 240
_STAGES = 4.0


def analyse_dwell(
    *,
    venue: Venue,
    period: Period,
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
    history = _read_history(venue)
    if history is None:
        return DwellAnalysis(None, None, None)
    facts = _read_facts(venue, period, job, done=0.0)
    current = None if facts is None else _collect_period(facts, venue, period, is_detailed=True)
    job.checkpoint(_STAGES / 2, _STAGES)
    if current is None:
        return DwellAnalysis(None, None, history)
    low_counts = read_low_counts(venue, period)
    on_current(DwellAnalysis(current, None, history, is_compared=False, low_counts=low_counts))
    previous = _analyse_previous(venue, current, job)
    job.checkpoint(_STAGES, _STAGES)
    return DwellAnalysis(current, previous, history, low_counts=low_counts)


def _read_history(venue: Venue) -> Period | None:
    if not venue.has_history:
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
    names = (*TABLE_NAMES, "minutes") if _choose_step(period) < BLOCK_S else TABLE_NAMES
    return read_period_facts(venue=venue, period_s=period, context=context, names=names)


def _analyse_previous(venue: Venue, current: PeriodFigures, job: JobContext) -> PeriodFigures | None:
    start_s, end_s = current.period
    length_s = end_s - start_s
    for shift_s in dict.fromkeys((length_s, DAY_S)):
        if shift_s < length_s:
            continue
        earlier = (start_s - shift_s, end_s - shift_s)
        less, more = sorted([_measure_observed(venue, earlier), current.observed_s])
        if less < MIN_TIME_RATIO * more or len(list(venue.geometries_between(*earlier))) > 1:
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
    summaries, sums = summarise_period_zones(facts), BlockSums(facts.tables["zone_blocks"])
    zones, time_zone = facts.zones, find_time_zone(venue.exhibition.time_zone)
    names = [HALL, *(str(zone.name) for zone in zones)]
    series = [_sum_steps(facts, sums, name, max(0, index - 1), period) for index, name in enumerate(names)]
    people = {name: _average_people(sums, name) for name in names}
    pooled = tuple(
        str(zone.name) for zone in choose_pooled_zones(zones) if summaries[str(zone.name)]["coverage"] > 0
    )
    is_seen = sums.read(HALL, "observed_s") > 0
    return PeriodFigures(
        period=period,
        floor=replace(read_figures("", pool_zones(facts, pooled), people_mean=people[HALL]), coverage=0.0),
        pooled_zones=pooled,
        zones=tuple(
            _collect_zone(facts, index, summaries[name], _count_lengths(facts, name), people[name])
            for index, name in enumerate(names[1:])
        ),
        occupancy=tuple(series),
        observed_s=facts.observed_s,
        details=compute_details(
            facts=facts, sums=sums, summaries=summaries, pooled=pooled, time_zone=time_zone
        )
        if is_detailed
        else {},
        weekdays=len(set(read_clock(sums.starts_s[is_seen], time_zone).weekday.tolist())),
        missing_days=len(facts.missing_s),
    )


def _count_lengths(facts: PeriodFacts, name: str) -> FloatArray:
    lengths = facts.tables["zone_lengths"]
    complete, cut = sum_lengths(lengths[lengths["zone"] == name])
    return complete + cut


def _collect_zone(
    facts: PeriodFacts,
    index: int,
    summary: ZoneSummary,
    count: FloatArray,
    people_mean: float | None,
) -> DwellRow:
    name = str(facts.zones[index].name)
    since_s = facts.zone_since_s.get(name, facts.period_s[0])
    return DwellRow(
        colour=index,
        figures=read_figures(name, summary, people_mean=people_mean),
        quantiles_s=tuple(find_quantile_s(count, share) for share in QUANTILES),
        since_utc_s=since_s if since_s > facts.period_s[0] else None,
    )


def _choose_step(period: Period) -> float:
    length_s = period[1] - period[0]
    return next((step for step in _STEPS_S if length_s / step <= _MAX_STEPS), _STEPS_S[-1])


def _sum_steps(
    facts: PeriodFacts, sums: BlockSums, name: str, colour: int, period: Period
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
