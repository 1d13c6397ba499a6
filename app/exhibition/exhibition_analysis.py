"""Analysis of a period: the figures of the hall as a whole and of every stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from analytics.domain.arrays import FloatArray, IntArray, Interval
from analytics.dwell.engagement_tier import Tier
from analytics.exhibition.stand_value import PriceVerdict, StandValue
from analytics.metrics.estimate import UNKNOWN, Estimate
from analytics.metrics.observation import clip_intervals
from analytics.rollups.period_ways import WAY_TABLES, count_stretches_without_ways, read_ways
from app.core.document import Venue
from app.core.job import JobContext
from app.core.open_time import are_comparable, compute_open_time_s, count_open_days, find_previous_period
from app.exhibition.exhibition_figures import (
    CardEntry,
    CardFigure,
    ExhibitionFigures,
    StandRow,
    ValueBasis,
)
from app.facts.day_quality import mark_estimate, read_day_quality
from app.facts.period_arrivals import balance_arrivals, count_arrivals
from app.facts.period_facts import read_period_facts
from app.places.place_values import read_place_values
from app.plan.floor_scene import describe_floor

if TYPE_CHECKING:
    import pandas as pd

    from analytics.domain.zone import Zone
    from analytics.metrics.block_ratio import PeriodBlocks
    from analytics.places.place_value import PlaceValues
    from analytics.results.day_quality import DayQuality
    from analytics.rollups.period_facts import PeriodFacts
    from analytics.rollups.zone_blocks import BlockSums

MIN_COVERAGE = 0.8
"""Minimum coverage of a zone for figures; below it they would be too low."""
MIN_STEP_COVERAGE = 0.5
"""Minimum observed share of a stand in a time step."""
VALUE_BLOCK_S = 3600.0
"""Block length for intervals; visitors within an hour are not independent."""
COUNTED_TIERS = (Tier.VISIT, Tier.ENGAGED)


def list_stands(
    venue: Venue, facts: PeriodFacts, places: PlaceValues
) -> tuple[tuple[StandRow, ...], float, float | None]:
    """Return all stands of a period in the order of the plan.

    Args:
        places: their values in the period, see `read_place_values`.

    Returns:
        The stands; the seconds in which all compared ones were observed alike; these as a share of the show's
        open hours, None without opening hours.
    """
    from analytics.places.place_value import compare_places

    rows, time = _measure_stands(venue, facts)
    worths = compare_places(places)
    for name in places.values.keys() & rows.keys():
        rows[name] = replace(
            rows[name], of_place=places.values[name].ratio, place_worth=worths.get(name, UNKNOWN)
        )
    common = time.find_common([name for name, row in rows.items() if row.exposed is not None])
    by_basis = {
        basis: _value_stands(by_stand, rows, time, common.seconds)
        for basis, by_stand in time.read_values(common.names).items()
    }
    compared = {name: rows[name] for name in common.names}
    by_basis[ValueBasis.PLACE] = _value_places(places, compared, by_basis[ValueBasis.STOPPED])
    unseen = StandValue(verdict=PriceVerdict.UNSEEN)
    for name in rows:
        prices = {basis: of.get(name, unseen) for basis, of in by_basis.items()}
        rows[name] = replace(rows[name], prices=prices)
    common_s = float(common.seconds.sum())
    share = None if time.show_s is None else min(1.0, common_s / time.show_s)
    return tuple(rows.values()), common_s, share


def list_visited_stands(venue: Venue, facts: PeriodFacts) -> tuple[StandRow, ...]:
    """Return all stands in the order of the plan, without prices and comparisons with their places."""
    return tuple(_measure_stands(venue, facts)[0].values())


def _measure_stands(venue: Venue, facts: PeriodFacts) -> tuple[dict[str, StandRow], _StandTime]:
    from analytics.metrics.block_ratio import BlockSettings

    blocks = facts.make_blocks(BlockSettings(block_s=VALUE_BLOCK_S, wanted_blocks=8))
    order = [str(zone.name) for zone in facts.zones]
    stands = [zone for zone in facts.zones if zone.is_stand]
    time = _StandTime(venue, facts, [str(zone.name) for zone in stands], blocks)
    sums, uses = facts.block_sums, facts.tables["zone_uses"]
    engaged_s = uses["engaged_stop_s"].groupby(uses["zone"]).sum()
    rows: dict[str, StandRow] = {}
    for zone in stands:
        name = str(zone.name)
        row = _start_row(venue, facts, zone, colour=order.index(name), time=time)
        if row.coverage >= MIN_COVERAGE:
            row = _fill_row(row, sums, float(engaged_s.get(name, 0.0)), blocks)
        rows[name] = row
    return rows, time


def read_stands(
    venue: Venue, period_s: Interval, *, context: JobContext | None = None
) -> tuple[StandRow, ...]:
    """Return all stands of a period for others than the organiser; none where nothing was observed.

    Stands of so few visits that a visitor could be recognised have no figures.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: the job was cancelled.
    """
    facts = read_period_facts(
        venue=venue,
        period_s=period_s,
        context=context,
        names=("zone_blocks", "zone_uses"),
    )
    if facts is None:
        return ()
    rows = list_stands(venue, facts, read_place_values(venue, period_s, context=context))[0]
    return tuple(row.hide_figures() if row.has_few_visits else row for row in rows)


@dataclass(frozen=True, slots=True)
class _Compared:
    """Comparable stands, and the seconds of each step that they have in common."""

    names: list[str]
    seconds: FloatArray


class _StandTime:
    """Observed time of each stand in clock steps, by its outline at that time."""

    def __init__(self, venue: Venue, facts: PeriodFacts, names: list[str], blocks: PeriodBlocks) -> None:
        from analytics.rollups.clock_steps import STEP_S

        self._exhibition, self._facts = venue.exhibition, facts
        first_s, last_s = float(blocks.edges_s[0]), float(blocks.edges_s[-1])
        count = round((last_s - first_s) / STEP_S)
        self.edges_s: FloatArray = first_s + STEP_S * np.arange(count + 1, dtype=np.float64)
        self.blocks = blocks
        self.block_of = np.arange(count) // round(count / (len(blocks.edges_s) - 1))
        self._row = {name: row for row, name in enumerate(names)}
        self._observed_s = facts.measure_stand_steps(names, self.edges_s)
        hours = venue.exhibition.open_within_utc(first_s, last_s)
        middle_s = (self.edges_s[1:] + self.edges_s[:-1]) / 2
        self._is_open = np.full(count, not hours)
        for opens, closes in hours:
            self._is_open |= (opens <= middle_s) & (middle_s < closes)
        self.show_s = compute_open_time_s(venue.exhibition) if hours else None
        days = [venue.exhibition.local_day(at_s) for at_s in self.edges_s[:-1].tolist()]
        number = {day: row for row, day in enumerate(dict.fromkeys(days))}
        self.days: IntArray = np.array([number[day] for day in days], np.int64)
        """Index of each step's day in venue time, from 0."""

    def measure_observed_time(self, name: str) -> tuple[float, float]:
        """Return the observed seconds and open days of a stand since its last change."""
        own_s, since_s = self._observed_s[self._row[name]], self._facts.zone_since_s[name]
        is_own = (own_s > MIN_STEP_COVERAGE * self._observed_s.max(axis=0)) & (self.edges_s[1:] > since_s)
        edges = np.flatnonzero(np.diff(is_own.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
        spans = [
            clip_intervals(self._facts.observed, start_s=max(start_s, since_s), end_s=end_s)
            for start_s, end_s in self.edges_s[edges].tolist()
        ]
        own = np.concatenate([np.empty((0, 2)), *spans])
        return float(np.diff(own, axis=1).sum()), count_open_days(self._exhibition, self._facts.period_s, own)

    def find_common(self, names: list[str]) -> _Compared:
        """Return the comparable stands and their common time, within opening hours where known."""
        from analytics.exhibition.floor_value import find_common_time

        own_s = self._observed_s[[self._row[name] for name in names]]
        found = find_common_time(np.where(self._is_open, own_s, 0.0))
        compared = [name for name, is_in in zip(names, found.is_compared, strict=True) if is_in]
        return _Compared(compared, found.seconds)

    def read_values(self, names: list[str]) -> dict[ValueBasis, dict[str, FloatArray]]:
        """Return each stand's values in each step, including the time before it changed."""
        from analytics.rollups.zone_blocks import BlockSums

        sums, uses = (
            BlockSums(self._facts.read_with_earlier("zone_blocks"))
            if "zone_blocks" in self._facts.earlier
            else self._facts.block_sums,
            self._facts.read_with_earlier("zone_uses"),
        )
        found: dict[ValueBasis, dict[str, FloatArray]] = {
            basis: {} for basis in ValueBasis if basis is not ValueBasis.PLACE
        }
        for name in names:
            own = uses[uses["zone"] == name]
            start_s, engaged_s = (
                own[column].to_numpy(np.float64) for column in ("start_s", "engaged_stop_s")
            )
            found[ValueBasis.EXPOSED][name] = self._sum(sums.starts_s, sums.read(name, "exposed"))
            found[ValueBasis.STOPPED][name] = self._sum(sums.starts_s, sums.read(name, "exposed_stopped"))
            found[ValueBasis.ENGAGED_MINUTES][name] = self._sum(start_s, engaged_s / 60)
        return found

    def _sum(self, start_s: FloatArray, amounts: FloatArray) -> FloatArray:
        step = np.clip(np.searchsorted(self.edges_s, start_s, side="right") - 1, 0, len(self.edges_s) - 2)
        return np.bincount(step, amounts, len(self.edges_s) - 1).astype(np.float64)


def _start_row(venue: Venue, facts: PeriodFacts, zone: Zone, *, colour: int, time: _StandTime) -> StandRow:
    name, targets = str(zone.name), venue.targets_of(str(zone.name))
    since_s = facts.zone_since_s[name]
    observed_s, days = time.measure_observed_time(name)
    due = [
        None if per_day is None else per_day * days
        for per_day in (targets.visits_per_day, targets.engaged_per_day)
    ]
    return StandRow(
        zone=name,
        colour=colour,
        area_m2=float(zone.outline.to_shape().area),
        coverage=facts.measure_coverage(zone),
        observed_s=observed_s,
        since_utc_s=since_s if since_s > facts.period_s[0] else None,
        rent=targets.rent,
        visits_per_day=targets.visits_per_day,
        engaged_per_day=targets.engaged_per_day,
        visits_target=due[0],
        engaged_target=due[1],
        is_sponsor=targets.is_sponsor,
    )


def _fill_row(row: StandRow, sums: BlockSums, engaged_s: float, blocks: PeriodBlocks) -> StandRow:
    """Add the sums of the stand's visits and exposed visitors since its last change."""
    near, stopped, visits, engaged = (
        blocks.count(sums.starts_s, sums.read(row.zone, column))
        for column in ("exposed", "exposed_stopped", *(f"reached_{tier.value}" for tier in COUNTED_TIERS))
    )
    attraction = blocks.divide(stopped, near, high=1.0)
    return replace(
        row,
        exposed=float(near.sum()),
        visits=round(visits.sum()),
        stopped=round(stopped.sum()),
        engaged_visits=round(engaged.sum()),
        engaged_minutes=engaged_s / 60,
        attraction=attraction,
    )


def _value_stands(
    values: Mapping[str, FloatArray], rows: Mapping[str, StandRow], time: _StandTime, seconds: FloatArray
) -> dict[str, StandValue]:
    from analytics.exhibition.floor_value import estimate_stand_values

    return estimate_stand_values(
        values=values,
        seconds=seconds,
        days=time.days,
        rents={name: rent for name in values if (rent := rows[name].rent) is not None},
        areas_m2={name: rows[name].area_m2 for name in values},
        blocks=time.block_of,
        block_s=float(np.diff(time.blocks.edges_s[:2])[0]),
        show_s=time.show_s,
    )


def _value_places(
    places: PlaceValues, rows: Mapping[str, StandRow], per_stop: Mapping[str, StandValue]
) -> dict[str, StandValue]:
    """Return what places are worth: the total rent shared by the visitors that each lets expect."""
    from analytics.exhibition.floor_value import judge_rent
    from analytics.places.place_value import share_rents

    rents = {name: row.rent for name, row in rows.items() if row.rent is not None}
    fair = share_rents(places, rents, {name: row.area_m2 for name, row in rows.items()})
    values = {}
    for name, row in rows.items():
        rent, price_m2 = fair.get(name, (UNKNOWN, UNKNOWN))
        cost, ratio = per_stop[name].cost, row.of_place.value
        cost = None if rent.value is None or cost is None or ratio is None else cost * ratio
        values[name] = StandValue(cost, rent, price_m2, judge_rent(row.rent, rent))
    return values


PEAK_STEP_S = 60.0
MIN_PARTIES = 20
"""Minimum number of parties for a figure."""
CARD_TABLES = ("ways", "way_steps", "line_minutes", "zone_uses", "minutes", "parties")
"""Tables needed for the figures of the hall."""
TABLE_NAMES = (*CARD_TABLES, "zone_blocks")
"""Tables needed for the figures of the hall and the stands."""


def analyse_exhibition(
    *,
    venue: Venue,
    period_s: Interval,
    context: JobContext | None = None,
    on_current: Callable[[ExhibitionFigures], object] = lambda _figures: None,
) -> ExhibitionFigures | None:
    """Compute the figures of a period and its predecessor; None where nothing was observed.

    Args:
        on_current: called with the figures before the previous period is computed.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: the job was cancelled.
    """
    facts = read_period_facts(
        venue=venue,
        period_s=period_s,
        context=context,
        names=TABLE_NAMES,
        optional=WAY_TABLES,
    )
    if facts is None:
        return None
    places = read_place_values(venue, period_s, context=context)
    quality = read_day_quality(venue, period_s, context=context)
    figures = _mark(describe_exhibition(venue, facts, places), quality)
    on_current(figures)
    previous_s = find_previous_period(venue.exhibition, period_s)
    earlier = read_period_facts(
        venue=venue,
        period_s=previous_s,
        context=context,
        names=CARD_TABLES,
        optional=WAY_TABLES,
    )
    if earlier is None or not are_comparable(earlier.observed_s, facts.observed_s):
        return figures
    before = {entry.figure: entry.measured for entry in list_entries(earlier)}
    entries = tuple(replace(entry, before=before.get(entry.figure)) for entry in figures.entries)
    return replace(figures, entries=entries, previous=previous_s)


def _mark(figures: ExhibitionFigures, quality: DayQuality) -> ExhibitionFigures:
    """Return the figures with those marked that suffer from who is missed."""
    stands = tuple(
        replace(
            stand,
            of_place=mark_estimate(stand.of_place, quality, "of_place"),
            place_worth=mark_estimate(stand.place_worth, quality, "place_worth"),
        )
        for stand in figures.stands
    )
    return replace(figures, entries=mark_entries(figures.entries, quality), stands=stands, quality=quality)


def mark_entries(entries: tuple[CardEntry, ...], quality: DayQuality) -> tuple[CardEntry, ...]:
    """Return figures of the hall with those marked that suffer from who is missed."""
    return tuple(
        replace(entry, measured=mark_estimate(entry.measured, quality, entry.figure.value))
        for entry in entries
    )


def describe_exhibition(venue: Venue, facts: PeriodFacts, places: PlaceValues) -> ExhibitionFigures:
    """Return the figures of a period without a comparison; for ``places`` see `list_stands`."""
    stands, common_s, share_of_show = list_stands(venue, facts, places)
    return ExhibitionFigures(
        period=facts.period_s,
        scene=describe_floor(venue, facts.geometry),
        observed_s=facts.observed_s,
        floor_share=_measure_floor_share(facts),
        entries=list_entries(facts),
        stands=stands,
        places_note=places.refusal,
        common_s=common_s,
        share_of_show=share_of_show,
        currency=venue.targets_of("").currency,
        capacity=venue.targets_of("").capacity,
    )


def list_entries(facts: PeriodFacts) -> tuple[CardEntry, ...]:
    """Return the figures of the hall as a whole, from ``CARD_TABLES``."""
    from analytics.rollups.exposed_visitors import list_elements

    blocks = facts.make_blocks()
    # an unobserved element does not count as unvisited
    elements = [zone for zone in list_elements(facts.zones) if facts.measure_coverage(zone) >= MIN_COVERAGE]
    minutes = facts.tables["minutes"]
    hall = minutes[minutes["zone"] == ""]
    came, doors = count_arrivals(facts, blocks), balance_arrivals(facts)
    footfall = Estimate() if came is None else Estimate(float(came.sum()))
    visitors = Estimate() if doors is None else doors.visitors
    if came is not None:
        share = visitors.value / footfall.value if footfall.value and visitors.value else 1.0
        arrived = present = came * share
    elif count_stretches_without_ways(facts, facts.period_s):
        arrived = present = np.zeros(len(blocks.edges_s) - 1)
    else:
        ways = read_ways(facts)
        arrived = blocks.count(ways.start_s[ways.is_start_seen])
        present = (arrived + blocks.count(ways.end_s[ways.is_end_seen])) / 2
    uses = facts.tables["zone_uses"]
    uses = uses[uses["zone"].isin([str(zone.name) for zone in elements])]
    visited = blocks.count(*(uses[name].to_numpy(np.float64) for name in ("start_s", "came")))
    spent = (hall[name].to_numpy(np.float64) for name in ("start_s", "person_seconds"))
    peak = find_peak(hall)

    def trust(per_visitor: Estimate) -> Estimate:
        # blocks know nothing of an error of the doors
        return per_visitor if doors is None or doors.nearer is None else Estimate(per_visitor.value)

    measured = {
        CardFigure.FOOTFALL: footfall,
        CardFigure.VISITORS: visitors if doors is not None else Estimate(float(present.sum()) or None),
        # Little's law: person-seconds over visitors
        CardFigure.TOTAL_TIME: trust(blocks.divide(blocks.count(*spent), present)),
        CardFigure.PEAK: Estimate(None if peak is None else peak[0]),
        CardFigure.ZONES_VISITED: trust(blocks.divide(visited, len(elements) * arrived, high=1.0)),
        CardFigure.PARTY_SIZE: _measure_parties(facts, blocks),
    }
    return tuple(CardEntry(figure, found) for figure, found in measured.items())


def _measure_parties(facts: PeriodFacts, blocks: PeriodBlocks) -> Estimate:
    """Return visitors per party; None with fewer than ``MIN_PARTIES``."""
    parties = facts.tables["parties"]
    if len(parties) < MIN_PARTIES:
        return Estimate()
    start_s, size = (parties[name].to_numpy(np.float64) for name in ("start_s", "size"))
    return blocks.divide(blocks.count(start_s, size), blocks.count(start_s), low=1.0)


def find_peak(minutes: pd.DataFrame) -> tuple[float, float] | None:
    """Return the most people in a minute of the hall's rows, and its start; None without a minute seen."""
    enough = minutes[minutes["observed_s"] >= PEAK_STEP_S / 2]
    if enough.empty:
        return None
    people = (enough["person_seconds"] / enough["observed_s"]).to_numpy(np.float64)
    fullest = int(people.argmax())
    return float(people[fullest]), float(enough["start_s"].iloc[fullest])


def _measure_floor_share(facts: PeriodFacts) -> float:
    """Return the observed share of the open floor, 0 to 1."""
    obstacles = shapely.union_all([obstacle.outline.to_shape() for obstacle in facts.plan.obstacles])
    floor = facts.grid.measure_share(facts.plan.outline.to_shape().difference(obstacles))
    seen = facts.measure_observed_cells() > 0
    return float(floor[seen].sum() / floor.sum()) if floor.sum() > 0 else 0.0
