"""Every stand's figures in a period, and what its floor would be worth at one price for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analytics.metrics.engagement_tier import Tier
from app.operations.exhibition_figures import Measured, Price, StandPrice, StandRow, Worth
from app.venue.document import Venue

if TYPE_CHECKING:
    import pandas as pd

    from analytics.domain.zone import Zone
    from analytics.metrics.block_ratio import PeriodBlocks
    from analytics.metrics.estimate import Estimate
    from analytics.rollups.period_facts import PeriodFacts
    from analytics.rollups.zone_blocks import BlockSums

FloatArray = npt.NDArray[np.float64]

LEAST_COVERAGE = 0.8
"""Of a zone that was observed less, no figure is told: it would be too small by what was not seen."""
VALUE_BLOCK_S = 3600.0
"""Visitors of the same hour are not independent."""
_COUNTED = (Tier.VISIT, Tier.ENGAGED)


def list_stands(
    venue: Venue, facts: PeriodFacts, *, days: float, share_of_show: float | None
) -> tuple[StandRow, ...]:
    """All zones that visitors come for, in the order of the plan.

    Args:
        days: the period's length in open days.
        share_of_show: of the show's open hours, how many lie in the period; None: not known.
    """
    from analytics.metrics.block_ratio import BlockSettings
    from analytics.rollups.zone_blocks import BlockSums

    blocks = facts.make_blocks(BlockSettings(block_s=VALUE_BLOCK_S, wanted_blocks=8))
    order = [str(zone.name) for zone in facts.zones]
    rows: dict[str, StandRow] = {}
    values: dict[Worth, dict[str, FloatArray]] = {worth: {} for worth in Worth}
    sums, uses = BlockSums(facts.tables["zone_blocks"]), facts.tables["zone_uses"]
    for zone in (zone for zone in facts.zones if zone.is_stand):
        name = str(zone.name)
        row = _start_row(venue, facts, zone, colour=order.index(name), days=days)
        if row.coverage >= LEAST_COVERAGE:
            row, own = _fill_row(row, sums, uses[uses["zone"] == name], blocks)
            for worth, value in own.items():
                values[worth][name] = value
        rows[name] = row
    for worth, by_stand in values.items():
        for name, price in _price(by_stand, worth, rows, blocks, share_of_show).items():
            rows[name] = replace(rows[name], prices={**rows[name].prices, worth: price})
    return tuple(rows.values())


def _start_row(venue: Venue, facts: PeriodFacts, zone: Zone, *, colour: int, days: float) -> StandRow:
    name, targets = str(zone.name), venue.targets_of(str(zone.name))
    since_s = facts.zone_since_s[name]
    wanted = [
        None if per_day is None else per_day * days
        for per_day in (targets.visits_per_day, targets.engaged_per_day)
    ]
    return StandRow(
        zone=name,
        colour=colour,
        area_m2=float(zone.outline.to_shape().area),
        coverage=facts.measure_coverage(zone),
        since_utc_s=since_s if since_s > facts.period_s[0] else None,
        rent=targets.rent,
        visits_per_day=targets.visits_per_day,
        engaged_per_day=targets.engaged_per_day,
        visits_wanted=wanted[0],
        engaged_wanted=wanted[1],
        is_sponsor=targets.is_sponsor,
    )


def _fill_row(
    row: StandRow, sums: BlockSums, uses: pd.DataFrame, blocks: PeriodBlocks
) -> tuple[StandRow, dict[Worth, FloatArray]]:
    """With what the stand's own visits and who came near it add up to.

    Args:
        uses: the stand's rows of ``zone_uses``.
    """
    near, stopped, visits, engaged = (
        blocks.count(sums.starts_s, sums.read(row.zone, column))
        for column in ("exposed", "exposed_stopped", *(f"reached_{tier.value}" for tier in _COUNTED))
    )
    engaged_s = blocks.count(
        uses["start_s"].to_numpy(np.float64), uses["engaged_stop_s"].to_numpy(np.float64)
    )
    by_block = {Worth.EXPOSED: near, Worth.STOPPED: stopped, Worth.ENGAGED_MINUTES: engaged_s / 60}
    attraction = blocks.divide(by_block[Worth.STOPPED], by_block[Worth.EXPOSED], high=1.0)
    filled = replace(
        row,
        exposed=float(near.sum()),
        visits=round(visits.sum()),
        stopped=round(stopped.sum()),
        engaged_visits=round(engaged.sum()),
        engaged_minutes=float(engaged_s.sum()) / 60,
        attraction=Measured(attraction.value, attraction.interval),
    )
    return filled, by_block


def _price(
    values: Mapping[str, FloatArray],
    worth: Worth,
    rows: Mapping[str, StandRow],
    blocks: PeriodBlocks,
    share_of_show: float | None,
) -> dict[str, StandPrice]:
    from analytics.metrics.floor_value import value_stands

    rents = {name: rent for name in values if (rent := rows[name].rent) is not None}
    found = value_stands(
        values=values,
        rents=rents,
        areas_m2={name: rows[name].area_m2 for name in values},
        blocks=blocks,
        share_of_show=share_of_show,
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
