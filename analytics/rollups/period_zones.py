"""Figures of every zone over a longer period, combined from those of its days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import Zone
from analytics.dwell.dwell import CountErrors, DwellSettings, bound_period_mean, bound_visits
from analytics.dwell.dwell_distribution import CELL_S, DwellDistribution
from analytics.dwell.zone_summary import (
    ExpertFigures,
    ZoneSummary,
    describe_unobserved,
    do_estimates_disagree,
)
from analytics.metrics.estimate import Estimate
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.zone_days import read_summary

Columns = Mapping[str, npt.NDArray[Any]] | pd.DataFrame
"""Columns of ``zone_days``."""

_NO_MASS = 1e-9


def summarise_period_zones(facts: PeriodFacts) -> dict[str, ZoneSummary]:
    """Return the figures of each zone at the end of the period, from the table ``zone_days``.

    For a single day they are those of ``summarise_zone``. For several days

    * visits, person-seconds, entries, exits and losses are sums,
    * the intervals of the visits and their mean are those of ``bound_visits`` and ``bound_period_mean`` for
      the sum: what makes single visits wrong adds up, the systematic share is the same error on every day,
    * the means are those of the days, weighted with their visits; for the interval for visits like these the
      squares add up, weighted likewise, since visitors of two days are different,
    * median and 90th percentile are those of the mixture of the days' distributions, weighted with visits.

    A zone without an observed moment has no values, and coverage 0.
    """
    table = facts.tables["zone_days"]
    observed = table[table["coverage"] > 0]
    by_zone = observed.groupby("zone").indices
    columns = {str(name): observed[name].to_numpy() for name in observed.columns}
    nothing = np.empty(0, np.int64)
    found = {}
    for zone in facts.zones:
        name = str(zone.name)
        rows = by_zone.get(name, nothing)
        days = {column: values[rows] for column, values in columns.items()}
        since_s = max(facts.period_s[0], facts.zone_since_s.get(name, facts.period_s[0]))
        seconds = facts.period_s[1] - since_s - facts.measure_missing(since_s, facts.period_s[1])
        found[name] = _combine(days, zone, seconds, facts.settings.dwell)
    return found


def average_period_dwell(facts: PeriodFacts) -> dict[str, float]:
    """Return the mean dwell of each zone that has one, seconds, as `summarise_period_zones` does.

    Needs the columns ``coverage``, ``visits`` and ``mean_dwell_s`` of the table ``zone_days``.
    """
    table = facts.tables["zone_days"]
    visited = table[(table["coverage"] > 0) & (table["visits"] > 0)]
    means = {
        str(zone): average_days(days["mean_dwell_s"].to_numpy(), days["visits"].to_numpy())
        for zone, days in visited.groupby("zone")
    }
    return {zone: round(mean_s, 3) for zone, mean_s in means.items() if mean_s is not None}


def mix_distributions(
    distributions: Sequence[DwellDistribution], weights: FloatArray
) -> DwellDistribution | None:
    """Mix distributions by weight; None without any.

    The mixture is known up to the smallest limit of a distribution that has longer visits.

    Args:
        weights: shape (distributions,), not negative; in any unit.
    """
    if not distributions or weights.sum() <= 0:
        return None
    cells = max(len(one.probability) for one in distributions)
    mixed = np.zeros(cells)
    for one, weight in zip(distributions, weights, strict=True):
        mixed[: len(one.probability)] += weight * one.probability
    ends = []
    for one in distributions:
        known = int(np.ceil(one.known_to_s / CELL_S - 1e-9))
        if one.probability[known:].sum() > _NO_MASS:
            ends.append(one.known_to_s)
    known_to_s = min(ends) if ends else max(one.known_to_s for one in distributions)
    return DwellDistribution(mixed / mixed.sum(), known_to_s)


def read_distribution(
    cells_s: Sequence[float], shares: Sequence[float], known_to_s: float
) -> DwellDistribution | None:
    """Return a distribution of ``zone_days``; None if empty."""
    if not len(cells_s):
        return None
    at = (np.asarray(cells_s) / CELL_S).astype(np.int64)
    probability = np.zeros(int(at.max()) + 1)
    probability[at] = shares
    return DwellDistribution(probability / probability.sum(), known_to_s)


def _combine(
    days: Mapping[str, npt.NDArray[Any]], zone: Zone, seconds: float, settings: DwellSettings
) -> ZoneSummary:
    """Combine the columns of a zone's observed days."""
    if not len(days["zone"]):
        return describe_unobserved()
    if len(days["zone"]) == 1 and abs(days["duration_s"][0] - seconds) < 1e-3:
        return read_summary({name: values[0] for name, values in days.items()})
    of = days
    visited = {name: values[days["visits"] > 0] for name, values in days.items()}
    visits, errors = sum_visits(of, settings)
    mean_s = average_days(visited["mean_dwell_s"], visited["visits"])
    bound = None
    if mean_s is not None and visits.value:
        bound = bound_period_mean(
            mean_s=mean_s,
            visits=visits.value,
            errors=errors,
            minimum_stay_s=zone.minimum_stay_s,
            settings=settings,
        )
    parts = _mix(visited, "part")
    littles_s = average_days(of["mean_dwell_littles_law_s"], of["uncut_visits"])
    whole_s = average_days(visited["mean_dwell_visits_s"], visited["visits"])
    loss = average_days(of["tracking_loss_per_s"], of["loss_seconds"])
    lost = np.nan_to_num(of["tracking_loss_per_s"] * of["loss_seconds"])
    unseen = average_days(of["unseen_share"], of["person_seconds"])
    gap_s = average_days(of["mean_gap_s"], lost if lost.sum() > 0 else of["duration_s"])
    assert visits.value is not None
    return ZoneSummary(
        visits=round(visits.value),
        visits_interval=None if visits.interval is None else [round(limit) for limit in visits.interval],
        mean_dwell_s=_round(mean_s),
        mean_dwell_interval_s=None if bound is None else [round(limit, 3) for limit in bound],
        median_dwell_s=None if parts is None else _round(parts.quantile_s(0.5)),
        p90_dwell_s=None if parts is None else _round(parts.quantile_s(0.9)),
        person_seconds=_round(float(of["person_seconds"].sum())),
        estimates_disagree=do_estimates_disagree(littles_s, whole_s, settings.disagreement),
        coverage=round(min(1.0, float((of["coverage"] * of["duration_s"]).sum()) / seconds), 4),
        experts=ExpertFigures(
            mean_dwell_sampling_interval_s=_bound_sampling(visited, mean_s, zone.minimum_stay_s),
            mean_dwell_littles_law_s=_round(littles_s),
            mean_dwell_visits_s=_round(whole_s),
            tracking_loss_per_s=None if loss is None else round(loss, 6),
            mean_gap_s=_round(gap_s),
            tracked_share=None if loss is None or gap_s is None else round(1.0 / (1.0 + loss * gap_s), 4),
            unseen_share=None if unseen is None else round(unseen, 4),
        ),
    )


def sum_visits(days: Columns, settings: DwellSettings) -> tuple[Estimate, CountErrors]:
    """Estimate the visits of all days, and return what makes their number uncertain.

    Needs the columns ``visits``, ``unseen_share``, ``lost_edges`` and ``unsure_visits``.
    """
    visits = np.asarray(days["visits"], np.float64)
    unseen_share = np.nan_to_num(np.asarray(days["unseen_share"], np.float64))
    errors = CountErrors(
        float(visits @ (unseen_share + settings.least_unseen_share)),
        float(days["lost_edges"].sum()),
        float(np.asarray(days["unsure_visits"], np.float64).sum()),
    )
    return bound_visits(visits=float(visits.sum()), errors=errors, settings=settings), errors


def _bound_sampling(visited: Columns, mean_s: float | None, minimum_stay_s: float) -> list[float] | None:
    """Return the interval for visits like these, from the days' upper limits, which are never clipped."""
    is_known = ~np.isnan(visited["mean_dwell_sampling_high_s"])
    if mean_s is None or not is_known.any():
        return None
    reach_s = (visited["mean_dwell_sampling_high_s"] - visited["mean_dwell_s"])[is_known]
    weight = visited["visits"][is_known] / visited["visits"][is_known].sum()
    whole_s = float(np.sqrt(((weight * reach_s) ** 2).sum()))
    return [round(max(minimum_stay_s, mean_s - whole_s), 3), round(mean_s + whole_s, 3)]


def _mix(visited: Columns, prefix: str) -> DwellDistribution | None:
    found, weights = [], []
    for cells_s, shares, known_to_s, visits in zip(
        visited[f"{prefix}_cells_s"],
        visited[f"{prefix}_shares"],
        visited[f"{prefix}_known_to_s"],
        visited["visits"],
        strict=True,
    ):
        one = read_distribution(cells_s, shares, known_to_s)
        if one is not None:
            found.append(one)
            weights.append(visits)
    return mix_distributions(found, np.array(weights, np.float64))


def average_days(values: npt.ArrayLike, weights: npt.ArrayLike) -> float | None:
    """Return the weighted mean of known values; None without a weight."""
    of, by = np.asarray(values, np.float64), np.asarray(weights, np.float64)
    known = ~np.isnan(of) & (by > 0)
    weight = float(by[known].sum())
    return float((of[known] * by[known]).sum()) / weight if weight > 0 else None


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
