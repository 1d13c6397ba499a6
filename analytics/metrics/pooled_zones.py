"""Several zones taken together: the same estimators over the stays in any of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analytics.domain.zone import Zone, ZoneKind
from analytics.metrics.dwell import (
    DwellSettings,
    estimate_mean_dwell,
    estimate_uncut_mean,
    estimate_visits,
)
from analytics.metrics.dwell_distribution import estimate_dwell_distribution
from analytics.metrics.estimate import Estimate
from analytics.metrics.zone_summary import do_estimates_disagree, join_stays

PASSAGES = frozenset({ZoneKind.ENTRANCE, ZoneKind.EXIT, ZoneKind.AISLE, ZoneKind.STAFF})
"""Where nobody comes for a visit."""


@dataclass(frozen=True, slots=True)
class PooledFigures:
    """None where the data do not carry a value; a person in two zones counts in both.

    Attributes:
        zones: the names of the zones that were taken together.
        estimates_disagree: whether the two estimates of the mean of whole visits differ by too much.
    """

    zones: tuple[str, ...]
    visits: Estimate
    mean_dwell_s: Estimate
    median_dwell_s: float | None
    person_seconds: float | None
    estimates_disagree: bool


def choose_pooled_zones(zones: Sequence[Zone]) -> tuple[Zone, ...]:
    """The zones to visit: doors, aisles and staff rooms are left out, unless there is nothing else."""
    return tuple(zone for zone in zones if zone.kind not in PASSAGES) or tuple(zones)


def pool_zones(
    *,
    zones: Sequence[Zone],
    stays: pd.DataFrame,
    period_s: tuple[float, float],
    settings: DwellSettings,
) -> PooledFigures:
    """The figures of observed zones together: occurrence over exposure of the stays in all of them.

    Zones of different minimum stays have a count and person-seconds in common, but no distribution; their
    mean is that of the zones' own means, weighted by visits, without an interval.

    Args:
        zones: those of `choose_pooled_zones` that were observed.
        stays: columns of ``STAY_COLUMN_NAMES``, by visitor.
    """
    names = tuple(str(zone.name) for zone in zones)
    nothing = Estimate(None, None)
    if not zones:
        return PooledFigures((), nothing, nothing, None, None, False)
    minimum_stays_s = sorted({zone.minimum_stay_s for zone in zones})
    if len(minimum_stays_s) > 1:
        return _add_up(zones, stays, period_s, settings)
    minimum_s = minimum_stays_s[0]
    chosen = pd.concat(
        [
            join_stays(zone=zone, stays=stays[stays["zone"] == str(zone.name)], settings=settings)
            for zone in zones
        ]
    )
    options: dict[str, Any] = {"stays": chosen, "minimum_stay_s": minimum_s}
    share = settings.ended_share
    parts = estimate_dwell_distribution(**options, is_period_cut=False, ended_share=share)
    whole = estimate_dwell_distribution(**options, ended_share=share)
    uncut = estimate_uncut_mean(**options, period_s=period_s, settings=settings)
    return PooledFigures(
        zones=names,
        visits=estimate_visits(**options, settings=settings),
        mean_dwell_s=estimate_mean_dwell(**options, period_s=period_s, settings=settings),
        median_dwell_s=None if parts is None else parts.quantile_s(0.5),
        person_seconds=float(chosen["seconds"].sum()),
        estimates_disagree=do_estimates_disagree(
            uncut.value, None if whole is None else whole.mean_s(), settings.disagreement
        ),
    )


def _add_up(
    zones: Sequence[Zone],
    stays: pd.DataFrame,
    period_s: tuple[float, float],
    settings: DwellSettings,
) -> PooledFigures:
    groups = [
        pool_zones(
            zones=[zone for zone in zones if zone.minimum_stay_s == minimum_s],
            stays=stays,
            period_s=period_s,
            settings=settings,
        )
        for minimum_s in sorted({zone.minimum_stay_s for zone in zones})
    ]
    visits = sum(group.visits.value or 0.0 for group in groups)
    weighted = [
        (group.visits.value, group.mean_dwell_s.value)
        for group in groups
        if group.visits.value and group.mean_dwell_s.value is not None
    ]
    weight = sum(count for count, _ in weighted)
    mean_s = sum(count * mean for count, mean in weighted) / weight if weight else None
    return PooledFigures(
        zones=tuple(str(zone.name) for zone in zones),
        visits=Estimate(visits, None),
        mean_dwell_s=Estimate(mean_s, None),
        median_dwell_s=None,
        person_seconds=sum(group.person_seconds or 0.0 for group in groups),
        estimates_disagree=any(group.estimates_disagree for group in groups),
    )
