"""Figures of several zones of a period taken together, from the sums of its days."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.dwell.dwell_distribution import DwellDistribution
from analytics.dwell.pooled_zones import PooledFigures
from analytics.dwell.zone_summary import do_estimates_disagree
from analytics.metrics.block_ratio import BlockSettings, divide_blocks
from analytics.metrics.estimate import Estimate
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.period_zones import average_days, mix_distributions, read_distribution, sum_visits
from analytics.rollups.zone_blocks import BlockSums


def split_by_zone(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the rows of each zone, by its name."""
    return {str(name): rows for name, rows in table.groupby("zone", sort=False)}


def mix_days(days: pd.DataFrame, *, is_whole: bool) -> DwellDistribution | None:
    """Mix the distributions of visits of zones and days, weighted by visits; None without a visit.

    Args:
        days: rows of ``zone_days``.
        is_whole: of whole visits; otherwise of their parts within the days.
    """
    prefix = "whole" if is_whole else "part"
    columns = (f"{prefix}_cells_s", f"{prefix}_shares", f"{prefix}_known_to_s", "visits")
    found, weights = [], []
    for cells_s, shares, known_to_s, visits in zip(*(days[column] for column in columns), strict=True):
        one = read_distribution(cells_s, shares, known_to_s) if visits > 0 else None
        if one is not None:
            found.append(one)
            weights.append(visits)
    return mix_distributions(found, np.array(weights, np.float64))


def pool_days(facts: PeriodFacts, sums: BlockSums, names: Sequence[str]) -> PooledFigures:
    """Pool the visits to several zones, from the tables ``zone_days`` and ``zone_blocks``.

    Zones with different minimum stays have a common count and person-seconds, but no distribution. The median
    is that of the mixture of the zones' and days' distributions, weighted with their visits.

    Args:
        sums: of ``zone_blocks``.
        names: observed zones.
    """
    nothing = Estimate(None, None)
    if not names:
        return PooledFigures((), nothing, nothing, None, None, False)
    minimum_stays_s = {zone.minimum_stay_s for zone in facts.zones if str(zone.name) in names}
    days = facts.tables["zone_days"]
    days = days[days["zone"].isin(list(names)) & (days["coverage"] > 0)]
    settings = facts.settings.dwell
    visits, _ = sum_visits(days, settings)
    passings = sums.add_up(names, "passings")
    mean = divide_blocks(
        sums.add_up(names, "dwell_s"),
        passings,
        is_observed=np.ones(len(passings), np.bool_),
        settings=BlockSettings(minimum_blocks=settings.minimum_blocks, confidence=settings.confidence),
        low=min(minimum_stays_s),
    )
    is_alike = len(minimum_stays_s) == 1
    parts = mix_days(days, is_whole=False) if is_alike else None
    visited = days[days["visits"] > 0]
    return PooledFigures(
        zones=tuple(names),
        visits=visits if is_alike else Estimate(visits.value, None),
        mean_dwell_s=mean if is_alike else Estimate(mean.value, None),
        median_dwell_s=None if parts is None else parts.quantile_s(0.5),
        person_seconds=float(days["person_seconds"].sum()),
        estimates_disagree=do_estimates_disagree(
            average_days(days["mean_dwell_littles_law_s"], days["uncut_visits"]),
            average_days(visited["mean_dwell_visits_s"], visited["visits"]),
            settings.disagreement,
        ),
    )
