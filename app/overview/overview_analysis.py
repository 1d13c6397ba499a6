"""Computation of the overview of a period from the tables of its days."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.arrays import FloatArray, Interval
from analytics.domain.clock import Clock
from analytics.domain.errors import Phrase, StoreError
from analytics.domain.exhibition import Exhibition
from analytics.metrics.estimate import Estimate
from analytics.rollups.period_ways import WAY_TABLES
from app.core.document import Venue
from app.core.job import JobContext
from app.core.open_time import are_comparable, find_previous_period, shift_days_back
from app.dwell.dwell_figures import OccupancySeries
from app.exhibition.exhibition_analysis import (
    COUNTED_TIERS,
    find_peak,
    list_entries,
    list_visited_stands,
    mark_entries,
)
from app.exhibition.exhibition_figures import StandRow
from app.facts.day_quality import mark_estimate, read_day_quality
from app.facts.period_arrivals import read_arrivals
from app.facts.period_facts import read_period_facts
from app.overview.overview_figures import Attention, OverviewFigures, RankedStand
from app.places.place_values import read_place_values
from app.plan.floor_scene import describe_floor

if TYPE_CHECKING:
    from analytics.places.place_value import PlaceValues
    from analytics.results.day_quality import DayQuality
    from analytics.rollups.period_facts import PeriodFacts

TREND_DAYS = 7
"""Number of days of the trend, or all of a longer period."""
MAX_TREND_DAYS = 31
HOUR_S = 3600.0
COMPARING = Phrase("The stands are being compared with what is expected for their places.")
_COLUMNS: Mapping[str, Sequence[str]] = {
    "zone_blocks": (
        *("start_s", "observed_s", "exposed", "exposed_stopped"),
        *(f"reached_{tier.value}" for tier in COUNTED_TIERS),
    ),
    "zone_uses": ("start_s", "came", "engaged_stop_s"),
    "line_minutes": (),
    "minutes": (),
    "zone_days": ("coverage", "visits", "mean_dwell_s"),
    "floor_hours": ("cell", "person_seconds"),
    "parties": ("start_s", "size"),
    "ways": (),
    "way_steps": (),
}
_EARLIER_COLUMNS: Mapping[str, Sequence[str]] = {
    "zone_blocks": ("zone", "start_s", "exposed_stopped", "observed_s"),
    "line_minutes": (),
}


def compute_overview(
    *,
    venue: Venue,
    period_s: Interval,
    days_back: int | None = None,
    context: JobContext | None = None,
    on_current: Callable[[OverviewFigures], object] = lambda _figures: None,
) -> OverviewFigures | None:
    """Compute the overview of a period; None where nothing was observed.

    Args:
        days_back: how many days earlier the compared period lies; by default it is the one before.
        on_current: called with the figures before the stands are compared with their places, which may have
            to be estimated from a month of visitors.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: the job was cancelled.
    """
    from app.floor_plan.floor_layers import compute_facts_presence
    from app.floor_plan.floor_map import map_presence

    facts = read_period_facts(
        venue=venue, period_s=period_s, context=context, names=_COLUMNS, optional=WAY_TABLES
    )
    if facts is None:
        return None
    days = _list_days(venue.exhibition, period_s)
    before_s = (
        find_previous_period(venue.exhibition, period_s)
        if days_back is None
        else shift_days_back(venue.exhibition, period_s, days=days_back)
    )
    first_s = min(before_s[0], days[0][0])
    try:
        earlier = read_period_facts(
            venue=venue, period_s=(first_s, facts.period_s[0]), context=context, names=_EARLIER_COLUMNS
        )
    except StoreError:
        # deleted for its age
        earlier = None
    figures = describe_overview(venue, facts, earlier, before_s=before_s, days=days)
    quality = read_day_quality(venue, period_s, context=context)
    figures = dataclasses.replace(
        figures,
        floor=map_presence(compute_facts_presence(facts), is_by_hours=True),
        quality=quality,
        entries=mark_entries(list_entries(facts), quality),
    )
    on_current(figures)
    places = read_place_values(venue, period_s, context=context)
    stands = tuple(_add_place(stand, places, quality) for stand in figures.stands)
    return dataclasses.replace(figures, stands=stands, places_note=places.refusal)


def _add_place(stand: RankedStand, places: PlaceValues, quality: DayQuality) -> RankedStand:
    value = places.values.get(stand.row.zone)
    if value is None:
        return stand
    return dataclasses.replace(
        stand, row=dataclasses.replace(stand.row, of_place=mark_estimate(value.ratio, quality, "of_place"))
    )


def search_attention(
    *, venue: Venue, period_s: Interval, context: JobContext | None = None, clock: Clock | None = None
) -> Attention:
    """Search a period for what needs somebody.

    Raises:
        StoreError: the history cannot be read.
        VenueError: the decisions or the timeline cannot be read.
        JobCancelled: the job was cancelled.
    """
    from app.facts.period_gaps import measure_period_gaps
    from app.findings.finding_decisions import FindingDecision
    from app.findings.findings_figures import find_decision
    from app.findings.layout_findings import search_venue

    gaps = measure_period_gaps(venue=venue, period_s=period_s, clock=clock)
    found = search_venue(venue=venue, period_s=period_s, context=context, measures_effects=False)
    undecided = [
        finding
        for finding in found.findings
        if find_decision(finding, found.decisions) == FindingDecision(*finding.key)
    ]
    return Attention(tuple(undecided), gaps)


def describe_overview(
    venue: Venue,
    facts: PeriodFacts,
    earlier: PeriodFacts | None,
    *,
    before_s: Interval,
    days: Sequence[Interval],
) -> OverviewFigures:
    """Return the overview without its map, and without a comparison of the stands with their places.

    Args:
        earlier: the tables of ``_EARLIER_COLUMNS`` before it; None where nothing was observed.
        before_s: the period to compare with.
    """
    from analytics.metrics.observation import clip_intervals

    first_s = float((facts if earlier is None else earlier).observed[0, 0])
    days = [day for day in days if day[1] > first_s]
    seen_before = np.empty((0, 2)) if earlier is None else earlier.observed
    before = clip_intervals(seen_before, start_s=before_s[0], end_s=before_s[1])
    is_compared = facts.observed_s > 0 and are_comparable(
        float(np.diff(before, axis=1).sum()), facts.observed_s
    )
    rates = _StandRates(facts, earlier)
    stands = [
        _rank(row, rates, facts, before_s if is_compared else None, days)
        for row in list_visited_stands(venue, facts)
    ]
    arrivals = read_arrivals(facts)
    arrivals_before = None if earlier is None or not is_compared else read_arrivals(earlier)
    minutes = facts.tables["minutes"]
    peak = find_peak(minutes[minutes["zone"] == ""])
    return OverviewFigures(
        period_s=facts.period_s,
        observed_s=facts.observed_s,
        before_s=before_s if is_compared else None,
        footfall=None if arrivals is None else float(arrivals[1].sum()),
        footfall_before=None if arrivals_before is None else _sum_within(*arrivals_before, before_s),
        peak=peak,
        fullest=None if peak is None else _find_fullest(facts, peak[1]),
        stands=tuple(sorted(stands, key=lambda stand: -(stand.per_hour.value or -1.0))),
        longest=_find_longest(facts),
        days=tuple(start_s for start_s, _ in days),
        scene=describe_floor(venue, facts.geometry),
        people=_measure_people(facts),
        places_note=COMPARING,
    )


def _find_fullest(facts: PeriodFacts, minute_s: float) -> tuple[str, float] | None:
    """Return the zone with most people in a minute, and their number; None with less than one anywhere."""
    minutes = facts.tables["minutes"]
    now = minutes[(minutes["start_s"] == minute_s) & (minutes["zone"] != "") & (minutes["observed_s"] > 0)]
    people = (now["person_seconds"] / now["observed_s"]).to_numpy(np.float64)
    if not len(people) or people.max() < 0.5:
        return None
    return str(now["zone"].iloc[int(people.argmax())]), float(people.max())


def _measure_people(facts: PeriodFacts) -> OccupancySeries:
    from app.timeline.timeline_view import MAX_STEPS, STEPS_S, measure_people

    start_s, end_s = float(facts.observed[0, 0]), float(facts.observed[-1, 1])
    step_s = next((step for step in STEPS_S if (end_s - start_s) / step <= MAX_STEPS), STEPS_S[-1])
    first_s = start_s - start_s % step_s
    edges_s = first_s + step_s * np.arange(int(np.ceil((end_s - first_s) / step_s)) + 1, dtype=np.float64)
    return OccupancySeries(None, 0, edges_s, measure_people(facts.tables["minutes"], "", edges_s))


class _StandRates:
    """Visitors who stop at each stand, and its observed time, by hours of the clock."""

    def __init__(self, facts: PeriodFacts, earlier: PeriodFacts | None) -> None:
        from analytics.rollups.period_facts import find_same_shapes

        tables = [facts.tables["zone_blocks"]]
        if earlier is not None:
            same = find_same_shapes(facts.zones, earlier.zones)
            blocks = earlier.tables["zone_blocks"]
            tables.append(blocks[blocks["zone"].isin(same)])
        zone, start_s, stopped, observed_s = (
            np.concatenate([table[name].to_numpy() for table in tables])
            for name in _EARLIER_COLUMNS["zone_blocks"]
        )
        names, number = np.unique(zone.astype(str), return_inverse=True)
        self._row = {str(name): row for row, name in enumerate(names)}
        hours = np.floor(start_s.astype(np.float64) / HOUR_S).astype(np.int64)
        first, last = (int(hours.min()), int(hours.max())) if len(hours) else (0, -1)
        count = last - first + 1
        place = number * count + hours - first
        shape = (len(names), count)
        self._stopped, self._observed_s = (
            np.bincount(place, values.astype(np.float64), shape[0] * shape[1]).reshape(shape)
            for values in (stopped, observed_s)
        )
        self._starts_s: FloatArray = (first + np.arange(count, dtype=np.float64)) * HOUR_S

    def measure(self, zone: str, period_s: Interval) -> Estimate:
        """Return the visitors who stop per observed hour, with an interval from the hours."""
        from analytics.metrics.block_ratio import BlockSettings, divide_blocks

        row = self._row.get(zone)
        is_in = (self._starts_s < period_s[1]) & (self._starts_s + HOUR_S > period_s[0])
        if row is None or not self._observed_s[row][is_in].any():
            return Estimate()
        observed_h = self._observed_s[row][is_in] / HOUR_S
        settings = BlockSettings(block_s=HOUR_S)
        return divide_blocks(
            self._stopped[row][is_in],
            observed_h,
            is_observed=observed_h >= settings.least_observed,
            settings=settings,
        )

    def measure_days(self, zone: str, days: Sequence[Interval]) -> tuple[float | None, ...]:
        """Return the visitors who stop per observed hour of each day; None without observation."""
        row = self._row.get(zone)
        if row is None:
            return (None,) * len(days)
        edges = np.searchsorted(self._starts_s + HOUR_S / 2, [days[0][0], *(end_s for _, end_s in days)])
        stopped, observed_s = (
            np.diff(np.append(0.0, np.cumsum(sums[row]))[edges]) for sums in (self._stopped, self._observed_s)
        )
        return tuple(
            HOUR_S * one / seconds if seconds > 0 else None
            for one, seconds in zip(stopped.tolist(), observed_s.tolist(), strict=True)
        )


def _rank(
    row: StandRow,
    rates: _StandRates,
    facts: PeriodFacts,
    before_s: Interval | None,
    days: Sequence[Interval],
) -> RankedStand:
    if row.exposed is None:
        return RankedStand(row)
    return RankedStand(
        row,
        per_hour=rates.measure(row.zone, facts.period_s),
        before=Estimate() if before_s is None else rates.measure(row.zone, before_s),
        by_day=rates.measure_days(row.zone, days),
    )


def _find_longest(facts: PeriodFacts) -> tuple[str, float] | None:
    from analytics.rollups.period_zones import average_period_dwell

    doors = {str(zone.name) for zone in facts.zones if zone.is_door}
    known = {name: mean_s for name, mean_s in average_period_dwell(facts).items() if name not in doors}
    return max(known.items(), key=lambda item: item[1], default=None)


def _list_days(exhibition: Exhibition, period_s: Interval) -> list[Interval]:
    """Return the days of the trend: at least ``TREND_DAYS`` until the end of the period."""
    last = exhibition.local_day(period_s[1] - 1.0)
    count = (last - exhibition.local_day(period_s[0])).days + 1
    count = min(max(count, TREND_DAYS), MAX_TREND_DAYS)
    return [exhibition.day_interval_utc(last - timedelta(days=back)) for back in reversed(range(count))]


def _sum_within(at_s: FloatArray, counts: FloatArray, period_s: Interval) -> float:
    return float(counts[(at_s >= period_s[0] - 59.999) & (at_s < period_s[1])].sum())
