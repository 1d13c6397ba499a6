"""Visits and figures of a zone as every count has them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import Zone
from analytics.dwell.dwell import CountErrors, DwellIntervals, DwellSettings, Interval, bound_dwell
from analytics.dwell.visit_lengths import count_lengths, find_quantile_s
from analytics.dwell.visits import select_visits
from analytics.dwell.zone_figures import ZoneFigures
from analytics.metrics.coverage import CameraView, compute_zone_coverage
from analytics.metrics.estimate import Estimate


def summarise_zone(
    *,
    zone: Zone,
    stays: pd.DataFrame,
    errors: CountErrors,
    unseen_share: float | None,
    views: Sequence[CameraView],
    spans: pd.DataFrame | None,
    period_s: tuple[float, float],
    settings: DwellSettings,
) -> ZoneFigures:
    """Compute the figures of one zone over a period.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES``, of the zone.
        unseen_share: of ``measure_unseen_shares``.
    """
    seconds = select_visits(stays=stays, zones=[zone])["seconds"].to_numpy(np.float64)
    return describe_zone(
        name=str(zone.name),
        minimum_stay_s=zone.minimum_stay_s,
        count=count_lengths(seconds),
        person_seconds=float(seconds.sum()),
        errors=errors,
        unseen_share=unseen_share,
        coverage=compute_zone_coverage(outline=zone.outline, views=views, spans=spans, period_s=period_s),
        settings=settings,
    )


def describe_zone(
    *,
    name: str,
    minimum_stay_s: float,
    count: FloatArray,
    person_seconds: float,
    errors: CountErrors | None,
    unseen_share: float | None,
    coverage: float,
    settings: DwellSettings,
) -> ZoneFigures:
    """Return the figures of one zone, or of several together, from sums over any number of days.

    Args:
        count: number of visits by length, of ``count_lengths``.
        person_seconds: of the visits.
        errors: None if unknown, so that there are no intervals.
    """
    if coverage <= 0:
        return ZoneFigures(name)
    visits = round(float(count.sum()))
    limits, surplus, missing, unsure = DwellIntervals(), None, None, None
    if errors is not None:
        limits = bound_dwell(
            count=count,
            person_seconds=person_seconds,
            errors=errors,
            minimum_stay_s=minimum_stay_s,
            settings=settings,
        )
        surplus, missing, unsure = (
            round(error, 1) for error in (errors.surplus, errors.missing, errors.unsure)
        )
    return ZoneFigures(
        name,
        round(coverage, 4),
        Estimate(visits, _round_limits(limits.visits, digits=0)),
        Estimate(round(person_seconds / visits, 3) if visits else None, _round_limits(limits.mean_s)),
        Estimate(_round(find_quantile_s(count, 0.5)), _round_limits(limits.median_s)),
        _round(find_quantile_s(count, 0.9)),
        round(person_seconds, 3),
        surplus_visits=surplus,
        missing_visits=missing,
        unsure_visits=unsure,
        unseen_share=None if unseen_share is None else round(unseen_share, 4),
    )


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _round_limits(interval: Interval | None, digits: int = 3) -> Interval | None:
    return None if interval is None else (round(interval[0], digits), round(interval[1], digits))
