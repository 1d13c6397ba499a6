"""Blocks of a comparison from stored days: matched hours of days, or halves of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.comparison.block_figures import WHOLE_HALL, Block, Metric, Side, ZoneBlock
from analytics.comparison.matched_hours import MatchedHours
from analytics.domain.arrays import BoolArray, FloatArray, IntArray, Interval
from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.dwell.pooled_zones import PASSAGES, choose_pooled_zones
from analytics.dwell.visit_lengths import add_lengths, find_quantile_s
from analytics.metrics.observation import clip_intervals, measure_intervals, unite_spans
from analytics.rollups.observed_places import ObservedPlaces
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.visit_lengths import VisitLengths, find_interval
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.period_facts import read_period_facts

_SUMS = ("dwell_s", "entries", "pass_bys")
_TABLES: Mapping[str, Collection[str]] = {
    "zone_blocks": ("start_s", *_SUMS, "visitors"),
    "zone_days": ("start_s", "unseen_share"),
    "line_minutes": ("start_s", "in"),
    "visit_lengths": (),
}


@dataclass(frozen=True, slots=True)
class ComparedSide:
    """One side of a comparison.

    Attributes:
        period_s: start and end, seconds since the epoch.
        geometry: zones and lines in force.
    """

    side: Side
    venue: Venue
    period_s: Interval
    geometry: FloorGeometry

    def list_days(self) -> tuple[date, ...]:
        """Return the days of the period in venue time."""
        local_day = self.venue.exhibition.local_day
        first, last = local_day(self.period_s[0]), local_day(self.period_s[1] - 1e-3)
        return tuple(first + timedelta(days=number) for number in range((last - first).days + 1))

    def list_entrances(self) -> tuple[CountingLine, ...]:
        """Return the entrance lines."""
        return tuple(line for line in self.geometry.lines if line.kind is ZoneKind.ENTRANCE)


@dataclass(frozen=True, slots=True)
class OpenDays:
    """Opening times of a side on its observed days, by day.

    Attributes:
        forgotten: observed days with deleted data.
    """

    comparable: Mapping[date, tuple[Interval, ...]]
    forgotten: tuple[date, ...]


def find_open_days(side: ComparedSide, facts: PeriodFacts | None) -> OpenDays:
    """Return the opening times of each observed day of a period.

    Without opening hours, a day is open from its first to its last observation.
    """
    start_s, end_s = side.period_s
    if facts is None:
        return OpenDays({}, ())
    observed = clip_intervals(facts.observed, start_s=start_s, end_s=end_s)
    missing = clip_intervals(facts.missing_s, start_s=start_s, end_s=end_s)
    exhibition = side.venue.exhibition
    found: dict[date, tuple[Interval, ...]] = {}
    forgotten = []
    for day in side.list_days():
        from_s, to_s = exhibition.day_interval_utc(day)
        if len(clip_intervals(missing, start_s=from_s, end_s=to_s)):
            forgotten.append(day)
            continue
        own = clip_intervals(observed, start_s=from_s, end_s=to_s)
        hours = exhibition.opening_intervals_utc(day)
        if exhibition.opening_hours:
            own = np.vstack(
                [np.empty((0, 2)), *(clip_intervals(observed, start_s=a, end_s=b) for a, b in hours)]
            )
        if not len(own):
            continue
        if not exhibition.opening_hours:
            hours = ((float(own[0, 0]), float(own[-1, 1])),)
        within = ((max(opens, start_s), min(closes, end_s)) for opens, closes in hours)
        found[day] = tuple((opens, closes) for opens, closes in within if opens < closes)
    return OpenDays(found, tuple(forgotten))


def read_side(side: ComparedSide, job: JobContext) -> PeriodFacts | None:
    """Read, or compute and store, the sums of a side's whole days; None where nothing was observed.

    Raises:
        StoreError: the history cannot be read, or all its tracks and sums were deleted.
        JobCancelled: ``job`` was cancelled.
    """
    return read_period_facts(
        venue=side.venue,
        period_s=_extend_to_days(side),
        names=_TABLES,
        context=job,
    )


def _extend_to_days(side: ComparedSide) -> Interval:
    """Extend a period to whole stored days while its zones were in force."""
    exhibition, (start_s, end_s) = side.venue.exhibition, side.period_s
    whole_s = (
        exhibition.day_interval_utc(exhibition.local_day(start_s))[0],
        exhibition.day_interval_utc(exhibition.local_day(end_s - 1e-3))[1],
    )
    held = [
        (from_s, to_s)
        for geometry, from_s, to_s in side.venue.geometries_between(*whole_s)
        if geometry is side.geometry and from_s < end_s and start_s < to_s
    ]
    return held[0] if held else whole_s


def make_blocks(
    side: ComparedSide,
    facts: PeriodFacts,
    *,
    days: Sequence[date],
    parts: Sequence[MatchedHours],
    metrics: Collection[Metric],
    counts_footfall: bool,
) -> list[Block]:
    """Return the observations in each part of each day, from quarter-hour sums.

    Visits are those that began in the part; mean, median and person-seconds are theirs.
    The seen share is known for whole days only.

    Args:
        counts_footfall: count visitors at the entrance lines, not by identity.
    """
    placed = [(day, number, part) for day in days for number, part in enumerate(parts)]
    intervals_s = np.array(
        [part.find_interval_utc(day, time_zone=side.venue.exhibition.time_zone) for day, _, part in placed]
    ).reshape(-1, 2)
    # parts of a day are contiguous, and so are days
    zones = side.geometry.zones
    sums = _BlockSums(facts, [*(str(zone.name) for zone in zones), WHOLE_HALL], intervals_s)
    spans = facts.tables["spans"]
    durations_s = np.diff(intervals_s, axis=1)[:, 0]
    places = ObservedPlaces(spans=spans, views=facts.views, period_s=facts.period_s)
    # seconds since the epoch are exact to a microsecond
    coverages = np.round(places.measure_zones_in(zones, intervals_s) / durations_s[:, None], 6)
    observed = np.round(measure_intervals(unite_spans(spans), intervals_s) / durations_s, 6)
    entered = VisitLengths(facts.tables["visit_lengths"], intervals_s)
    footfall = _count_footfall(side.list_entrances(), facts, intervals_s)
    blocks = []
    for index, (day, number, _part) in enumerate(placed):
        interval_s = float(intervals_s[index, 0]), float(intervals_s[index, 1])
        figures = {
            str(zone.name): _collect_zone(zone, sums, index, float(coverages[index, at]), entered, metrics)
            for at, zone in enumerate(zones)
            # a changed zone without tracks cannot be counted again
            if facts.zone_since_s[str(zone.name)] <= max(interval_s[0], facts.period_s[0])
        }
        figures[WHOLE_HALL] = _collect_hall(zones, figures, sums, index)
        came = None if footfall is None else footfall[index]
        blocks.append(
            Block(
                side=side.side,
                day=day,
                part=number,
                open_h=float(durations_s[index]) / 3600.0,
                zones=figures,
                visitors=came if counts_footfall else sums.count(WHOLE_HALL, "visitors", index),
                footfall=came,
                observed_share=float(observed[index]),
            )
        )
    return blocks


def average_halls(halls: Sequence[Sequence[Block]]) -> list[Block]:
    """Return the mean hall in each block; dwell is averaged over visits, the median is not known.

    Args:
        halls: blocks of each hall of one side, of the same days and parts.
    """
    return [_average(same) for same in zip(*halls, strict=True)]


def _average(halls: Sequence[Block]) -> Block:
    figures = [one.zones[WHOLE_HALL] for one in halls]
    coverage = float(np.mean([one.coverage for one in figures]))

    def find_mean(values: Sequence[float | None], shares: Sequence[float]) -> float | None:
        """Return the mean of counts per complete observation; None unless all are known."""
        known = [
            value / share for value, share in zip(values, shares, strict=True) if value is not None and share
        ]
        return sum(known) / len(halls) if len(known) == len(halls) else None

    def count(values: Sequence[int | None], shares: Sequence[float], observed: float) -> int | None:
        mean = find_mean(values, shares)
        return None if mean is None else round(mean * observed)

    covered, seen = [one.coverage for one in figures], [one.observed_share for one in halls]
    visits = [one.visits for one in figures]
    dwell_s = [
        one.mean_dwell_s * one.visits
        for one in figures
        if one.mean_dwell_s is not None and one.visits is not None
    ]
    all_visits = sum(n for n in visits if n is not None)
    presence = find_mean([one.person_seconds for one in figures], covered)
    hall = ZoneBlock(
        coverage=coverage,
        visits=count(visits, covered, coverage),
        mean_dwell_s=sum(dwell_s) / all_visits if all_visits and len(dwell_s) == len(halls) else None,
        median_dwell_s=None,
        person_seconds=None if presence is None else presence * coverage,
    )
    observed = float(np.mean(seen))
    return replace(
        halls[0],
        zones={WHOLE_HALL: hall},
        visitors=count([one.visitors for one in halls], seen, observed),
        footfall=count([one.footfall for one in halls], seen, observed),
        observed_share=observed,
    )


class _BlockSums:
    """Sums by zone and block."""

    def __init__(self, facts: PeriodFacts, names: Sequence[str], intervals_s: FloatArray) -> None:
        self._at = {name: number for number, name in enumerate(names)}
        table, days = facts.tables["zone_blocks"], facts.tables["zone_days"]
        place, is_in = self._place(table, intervals_s)
        shape = len(names), len(intervals_s)
        self._sums = {
            name: np.bincount(
                place[is_in], table[name].to_numpy(np.float64)[is_in], shape[0] * shape[1]
            ).reshape(shape)
            for name in (*_SUMS, "visitors")
        }

        self._seen = {
            (str(zone), float(start_s)): 1.0 - float(share)
            for zone, start_s, share in zip(days["zone"], days["start_s"], days["unseen_share"], strict=True)
            if share == share  # noqa: PLR0124 - not a number where it is not known
        }
        starts_s = np.unique(days["start_s"].to_numpy(np.float64))
        begun = np.searchsorted(starts_s, intervals_s[:, 0], side="right") - 1
        self._stretch_s = [float(starts_s[at]) if at >= 0 else None for at in begun]

    def _place(self, table: pd.DataFrame, intervals_s: FloatArray) -> tuple[IntArray, BoolArray]:
        zones = pd.Categorical(table["zone"])
        row = np.array([self._at.get(str(name), -1) for name in zones.categories], np.int64)
        zone = row[zones.codes] if len(row) else np.empty(0, np.int64)
        block = find_interval(table["start_s"].to_numpy(np.float64), intervals_s)
        return zone * len(intervals_s) + block, (zone >= 0) & (block >= 0)

    def add_up(self, zones: Sequence[str], name: str, block: int) -> float:
        """Return one sum of several zones in a block."""
        sums = self._sums[name]
        return float(sum(sums[self._at[zone], block] for zone in zones))

    def count(self, zone: str, name: str, block: int) -> int:
        """Return one sum of a zone in a block as a whole number."""
        return round(self.add_up([zone], name, block))

    def find_seen_share(self, zone: str, block: int) -> float | None:
        """Return the seen share of the day, or its part with these zones, that contains the block."""
        start_s = self._stretch_s[block]
        return None if start_s is None else self._seen.get((zone, start_s))


def _collect_zone(  # noqa: PLR0917
    zone: Zone,
    sums: _BlockSums,
    block: int,
    coverage: float,
    lengths: VisitLengths,
    metrics: Collection[Metric],
) -> ZoneBlock:
    name = str(zone.name)
    if coverage <= 0:
        return ZoneBlock(
            coverage=0.0, visits=None, mean_dwell_s=None, median_dwell_s=None, person_seconds=None
        )
    entered = lengths.read(name, block)
    has_passbys = Metric.CAPTURE in metrics and zone.kind not in PASSAGES
    return ZoneBlock(
        coverage=coverage,
        visits=sums.count(name, "entries", block),
        mean_dwell_s=_measure_mean(sums, [name], block),
        median_dwell_s=find_quantile_s(entered, 0.5),
        person_seconds=sums.add_up([name], "dwell_s", block),
        passbys=sums.add_up([name], "pass_bys", block) if has_passbys else None,
        seen_share=sums.find_seen_share(name, block),
        entered=entered,
    )


def _collect_hall(
    zones: Sequence[Zone], figures: Mapping[str, ZoneBlock], sums: _BlockSums, block: int
) -> ZoneBlock:
    """Combine all zones into the hall, with their mean coverage."""
    chosen = [zone for zone in choose_pooled_zones(zones) if str(zone.name) in figures]
    coverages = [figures[str(zone.name)].coverage for zone in chosen]
    # an exhibition without zones still has footfall
    coverage = float(np.mean(coverages)) if coverages else 1.0
    seen = [zone for zone, share in zip(chosen, coverages, strict=True) if share > 0]
    names = [str(zone.name) for zone in seen]
    if not names:
        return ZoneBlock(
            coverage=coverage, visits=None, mean_dwell_s=None, median_dwell_s=None, person_seconds=None
        )
    entered = [part for name in names if (part := figures[name].entered) is not None]
    # zones with different minimum stays have no common distribution
    has_median = len(entered) == len(names) and len({zone.minimum_stay_s for zone in seen}) == 1
    return ZoneBlock(
        coverage=coverage,
        visits=round(sums.add_up(names, "entries", block)),
        mean_dwell_s=_measure_mean(sums, names, block),
        median_dwell_s=find_quantile_s(add_lengths(entered), 0.5) if has_median else None,
        person_seconds=sums.add_up(names, "dwell_s", block),
    )


def _measure_mean(sums: _BlockSums, names: Sequence[str], block: int) -> float | None:
    visits = sums.add_up(names, "entries", block)
    return sums.add_up(names, "dwell_s", block) / visits if visits > 0 else None


def _count_footfall(
    lines: Sequence[CountingLine], facts: PeriodFacts, intervals_s: FloatArray
) -> list[int | None] | None:
    if not lines:
        return None
    names = [str(line.name) for line in lines]
    table = facts.tables["line_minutes"]
    block = find_interval(table["start_s"].to_numpy(np.float64), intervals_s)
    is_in = (block >= 0) & table["line"].isin(names).to_numpy(bool)
    counts = np.bincount(block[is_in], table["in"].to_numpy(np.float64)[is_in], len(intervals_s))
    since_s = max(facts.line_since_s[name] for name in names)
    return [
        round(float(count)) if since_s <= max(start_s, facts.period_s[0]) else None
        for count, start_s in zip(counts, intervals_s[:, 0], strict=True)
    ]
