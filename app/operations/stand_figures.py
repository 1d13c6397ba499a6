"""Every stand's figures in a period, and what its floor would be worth at one price for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analytics.metrics.engagement_tier import Tier
from analytics.metrics.observation import clip_intervals
from app.operations.exhibition_figures import Measured, Price, StandPrice, StandRow, Worth
from app.operations.open_time import count_open_days, measure_show_s
from app.venue.document import Venue

if TYPE_CHECKING:
    import pandas as pd

    from analytics.domain.zone import Zone
    from analytics.metrics.block_ratio import PeriodBlocks
    from analytics.metrics.estimate import Estimate
    from analytics.rollups.period_facts import PeriodFacts
    from analytics.rollups.zone_blocks import BlockSums

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LEAST_COVERAGE = 0.8
"""Of a zone that was observed less, no figure is told: it would be too small by what was not seen."""
LEAST_SEEN = 0.5
"""Of a step in which less of a stand was seen, it is not said to have been observed."""
VALUE_BLOCK_S = 3600.0
"""Visitors of the same hour are not independent."""
_COUNTED = (Tier.VISIT, Tier.ENGAGED)


@dataclass(frozen=True, slots=True)
class ListedStands:
    """All stands of a period.

    Attributes:
        rows: in the order of the plan.
        common_s: for how long all stands whose rents are compared were observed alike.
        share_of_show: of the show's open hours, as much; None where nobody entered hours.
    """

    rows: tuple[StandRow, ...]
    common_s: float
    share_of_show: float | None


def list_stands(venue: Venue, facts: PeriodFacts) -> ListedStands:
    """All zones that visitors come for, in the order of the plan."""
    from analytics.metrics.block_ratio import BlockSettings
    from analytics.rollups.zone_blocks import BlockSums

    blocks = facts.make_blocks(BlockSettings(block_s=VALUE_BLOCK_S, wanted_blocks=8))
    order = [str(zone.name) for zone in facts.zones]
    stands = [zone for zone in facts.zones if zone.is_stand]
    time = _StandTime(venue, facts, [str(zone.name) for zone in stands], blocks)
    rows: dict[str, StandRow] = {}
    sums, uses = BlockSums(facts.tables["zone_blocks"]), facts.tables["zone_uses"]
    for zone in stands:
        name = str(zone.name)
        row = _start_row(venue, facts, zone, colour=order.index(name), time=time)
        if row.coverage >= LEAST_COVERAGE:
            row = _fill_row(row, sums, uses[uses["zone"] == name], blocks)
        rows[name] = row
    common = time.find_common([name for name, row in rows.items() if row.exposed is not None])
    for worth, by_stand in time.read_values(common.names).items():
        for name, price in _price(by_stand, worth, rows, time, common.seconds).items():
            rows[name] = replace(rows[name], prices={**rows[name].prices, worth: price})
    for name in rows.keys() - set(common.names):
        unseen = {worth: StandPrice(worth, None, Measured(), Measured(), Price.UNSEEN) for worth in Worth}
        rows[name] = replace(rows[name], prices=unseen)
    common_s = float(common.seconds.sum())
    share = None if time.show_s is None else min(1.0, common_s / time.show_s)
    return ListedStands(tuple(rows.values()), common_s, share)


@dataclass(frozen=True, slots=True)
class _Compared:
    """Of the steps, the seconds that all of the named stands have in common."""

    names: list[str]
    seconds: FloatArray


class _StandTime:
    """When each stand was observed, step by step, by its outline of that time."""

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
        self.show_s = measure_show_s(venue.exhibition) if hours else None
        days = [venue.exhibition.local_day(at_s) for at_s in self.edges_s[:-1].tolist()]
        number = {day: row for row, day in enumerate(dict.fromkeys(days))}
        self.days: IntArray = np.array([number[day] for day in days], np.int64)
        """The number of each step's day by the venue's clock, 0 and up."""

    def measure_own(self, name: str) -> tuple[float, float]:
        """Seconds and open days in which a stand was observed, since it is as it is."""
        own_s, since_s = self._observed_s[self._row[name]], self._facts.zone_since_s[name]
        is_own = (own_s > LEAST_SEEN * self._observed_s.max(axis=0)) & (self.edges_s[1:] > since_s)
        edges = np.flatnonzero(np.diff(is_own.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
        spans = [
            clip_intervals(self._facts.observed, start_s=max(start_s, since_s), end_s=end_s)
            for start_s, end_s in self.edges_s[edges].tolist()
        ]
        own = np.concatenate([np.empty((0, 2)), *spans])
        return float(np.diff(own, axis=1).sum()), count_open_days(self._exhibition, self._facts.period_s, own)

    def find_common(self, names: list[str]) -> _Compared:
        """The stands that can be compared, and when: in open hours, where any are known in the period."""
        from analytics.metrics.floor_value import find_common_time

        own_s = self._observed_s[[self._row[name] for name in names]]
        found = find_common_time(np.where(self._is_open, own_s, 0.0))
        compared = [name for name, is_in in zip(names, found.is_compared, strict=True) if is_in]
        return _Compared(compared, found.seconds)

    def read_values(self, names: list[str]) -> dict[Worth, dict[str, FloatArray]]:
        """What each stand had in each step, before it changed, too."""
        from analytics.rollups.zone_blocks import BlockSums

        sums, uses = BlockSums(self._facts.read_whole("zone_blocks")), self._facts.read_whole("zone_uses")
        found: dict[Worth, dict[str, FloatArray]] = {worth: {} for worth in Worth}
        for name in names:
            own = uses[uses["zone"] == name]
            start_s, engaged_s = (
                own[column].to_numpy(np.float64) for column in ("start_s", "engaged_stop_s")
            )
            found[Worth.EXPOSED][name] = self._sum(sums.starts_s, sums.read(name, "exposed"))
            found[Worth.STOPPED][name] = self._sum(sums.starts_s, sums.read(name, "exposed_stopped"))
            found[Worth.ENGAGED_MINUTES][name] = self._sum(start_s, engaged_s / 60)
        return found

    def _sum(self, start_s: FloatArray, amounts: FloatArray) -> FloatArray:
        step = np.clip(np.searchsorted(self.edges_s, start_s, side="right") - 1, 0, len(self.edges_s) - 2)
        return np.bincount(step, amounts, len(self.edges_s) - 1).astype(np.float64)


def _start_row(venue: Venue, facts: PeriodFacts, zone: Zone, *, colour: int, time: _StandTime) -> StandRow:
    name, targets = str(zone.name), venue.targets_of(str(zone.name))
    since_s = facts.zone_since_s[name]
    observed_s, days = time.measure_own(name)
    wanted = [
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
        visits_wanted=wanted[0],
        engaged_wanted=wanted[1],
        is_sponsor=targets.is_sponsor,
    )


def _fill_row(row: StandRow, sums: BlockSums, uses: pd.DataFrame, blocks: PeriodBlocks) -> StandRow:
    """With what the stand's own visits and who came near it add up to, since it is as it is.

    Args:
        uses: the stand's rows of ``zone_uses``.
    """
    near, stopped, visits, engaged = (
        blocks.count(sums.starts_s, sums.read(row.zone, column))
        for column in ("exposed", "exposed_stopped", *(f"reached_{tier.value}" for tier in _COUNTED))
    )
    attraction = blocks.divide(stopped, near, high=1.0)
    return replace(
        row,
        exposed=float(near.sum()),
        visits=round(visits.sum()),
        stopped=round(stopped.sum()),
        engaged_visits=round(engaged.sum()),
        engaged_minutes=float(uses["engaged_stop_s"].sum()) / 60,
        attraction=Measured(attraction.value, attraction.interval),
    )


def _price(
    values: Mapping[str, FloatArray],
    worth: Worth,
    rows: Mapping[str, StandRow],
    time: _StandTime,
    seconds: FloatArray,
) -> dict[str, StandPrice]:
    from analytics.metrics.floor_value import value_stands

    found = value_stands(
        values=values,
        seconds=seconds,
        days=time.days,
        rents={name: rent for name in values if (rent := rows[name].rent) is not None},
        areas_m2={name: rows[name].area_m2 for name in values},
        blocks=time.block_of,
        block_s=float(np.diff(time.blocks.edges_s[:2])[0]),
        show_s=time.show_s,
    )
    return {
        name: StandPrice(
            worth=worth,
            cost=one.cost,
            fair_rent=_measured(one.fair_rent),
            fair_price_m2=_measured(one.fair_price_m2),
            verdict=Price(one.verdict.value),
        )
        for name, one in found.items()
    }


def _measured(estimate: Estimate) -> Measured:
    return Measured(estimate.value, estimate.interval)
