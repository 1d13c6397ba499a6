"""Figures of every zone over a longer period, and of several together, from the sums of their days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analytics.domain.zone import Zone
from analytics.dwell.dwell import CountErrors
from analytics.dwell.zone_figures import ZoneFigures
from analytics.dwell.zone_summary import describe_zone
from analytics.metrics.estimate import UNKNOWN
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.zone_days import sum_day_lengths


def summarise_period_zones(facts: PeriodFacts) -> dict[str, ZoneFigures]:
    """Return the figures of each zone at the end of the period, from the table ``zone_days``.

    Visits, their seconds, their lengths and the evidence of errors are sums of the days. A zone without an
    observed moment has no values, and coverage 0.
    """
    table = facts.tables["zone_days"]
    table = table[table["coverage"] > 0]
    by_zone = table.groupby("zone").indices
    nothing = np.empty(0, np.int64)
    found = {}
    for zone in facts.zones:
        name = str(zone.name)
        days = table.iloc[by_zone.get(name, nothing)]
        since_s = max(facts.period_s[0], facts.zone_since_s.get(name, facts.period_s[0]))
        seconds = facts.period_s[1] - since_s - facts.measure_missing(since_s, facts.period_s[1])
        covered_s = float((days["coverage"] * days["duration_s"]).sum())
        coverage = min(1.0, covered_s / seconds) if covered_s else 0.0
        found[name] = _add_up(facts, days, [zone], coverage, name)
    return found


def pool_zones(facts: PeriodFacts, names: Sequence[str]) -> ZoneFigures:
    """Return the figures of several observed zones together, from the table ``zone_days``.

    A person in two zones counts twice. Zones with different minimum stays have a common count and
    person-seconds, but no median.
    """
    zones = [zone for zone in facts.zones if str(zone.name) in names]
    days = facts.tables["zone_days"]
    days = days[days["zone"].isin(list(names)) & (days["coverage"] > 0)]
    pooled = _add_up(facts, days, zones, 1.0 if zones else 0.0)
    if len({zone.minimum_stay_s for zone in zones}) > 1:
        return replace(pooled, median_dwell_s=UNKNOWN, p90_dwell_s=None)
    return pooled


def average_period_dwell(facts: PeriodFacts) -> dict[str, float]:
    """Return the mean dwell of each zone that has one, seconds, as `summarise_period_zones` does.

    Needs the columns ``coverage``, ``visits`` and ``mean_dwell_s`` of the table ``zone_days``.
    """
    table = facts.tables["zone_days"]
    visited = table[(table["coverage"] > 0) & (table["visits"] > 0)]
    seconds = (visited["visits"] * visited["mean_dwell_s"]).groupby(visited["zone"]).sum()
    means = seconds / visited.groupby("zone")["visits"].sum()
    return {str(zone): round(float(mean_s), 3) for zone, mean_s in means.items()}


def _add_up(
    facts: PeriodFacts, days: pd.DataFrame, zones: Sequence[Zone], coverage: float, name: str = ""
) -> ZoneFigures:
    errors = CountErrors(*(float(days[each].sum(skipna=False)) for each in CountErrors._fields))
    visits, mean_s = (days[each].to_numpy(np.float64) for each in ("visits", "mean_dwell_s"))
    unseen = days["unseen_share"].to_numpy(np.float64)
    weight = np.where(np.isnan(unseen), 0.0, np.nan_to_num(visits * mean_s))
    return describe_zone(
        name=name,
        minimum_stay_s=min((zone.minimum_stay_s for zone in zones), default=0.0),
        count=sum_day_lengths(days),
        person_seconds=float(np.nansum(visits * mean_s)),
        errors=None if np.isnan(errors).any() else errors,
        unseen_share=float(np.nan_to_num(unseen) @ weight / weight.sum()) if weight.sum() > 0 else None,
        coverage=coverage,
        settings=facts.settings.dwell,
    )
