"""Visits and figures of a zone as every count has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import Zone
from analytics.dwell.dwell import (
    CountErrors,
    DwellSettings,
    bound_mean,
    bound_median,
    bound_visits,
    count_errors,
)
from analytics.dwell.visit_lengths import count_lengths, find_quantile_s
from analytics.dwell.visits import select_visits
from analytics.metrics.coverage import CameraView, compute_zone_coverage


class ZoneSummary(TypedDict):
    """A zone's figures; None if the data do not support a value, never zero for something unobserved.

    Attributes:
        visits: number of visits, as listed in visits.csv.
        mean_dwell_s, median_dwell_s, p90_dwell_s: of these visits, each with its part within the period.
        person_seconds: of these visits: their number times their mean.
        visits_interval, mean_dwell_interval_s, median_dwell_interval_s: 95 %, of exactly these visits.
    """

    visits: int | None
    visits_interval: list[int] | None
    mean_dwell_s: float | None
    mean_dwell_interval_s: list[float] | None
    median_dwell_s: float | None
    median_dwell_interval_s: list[float] | None
    p90_dwell_s: float | None
    person_seconds: float | None
    coverage: float
    experts: ExpertFigures


class ExpertFigures(TypedDict):
    """Evidence behind the intervals, see ``CountErrors``; None if unknown.

    Attributes:
        unseen_share: share of the moments of the people in the zone at which no camera saw them.
    """

    surplus_visits: float | None
    missing_visits: float | None
    unsure_visits: float | None
    unseen_share: float | None


def summarise_zone(
    *,
    zone: Zone,
    stays: pd.DataFrame,
    unseen_share: float | None,
    views: Sequence[CameraView],
    spans: pd.DataFrame | None,
    period_s: tuple[float, float],
    settings: DwellSettings,
) -> ZoneSummary:
    """Compute the figures of one zone over a period.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES``, of the zone.
        unseen_share: of ``measure_unseen_shares``.
    """
    seconds = select_visits(stays=stays, zones=[zone])["seconds"].to_numpy(np.float64)
    return describe_zone(
        minimum_stay_s=zone.minimum_stay_s,
        count=count_lengths(seconds),
        person_seconds=float(seconds.sum()),
        errors=count_errors(zone=zone, stays=stays),
        unseen_share=unseen_share,
        coverage=compute_zone_coverage(outline=zone.outline, views=views, spans=spans, period_s=period_s),
        settings=settings,
    )


def describe_zone(
    *,
    minimum_stay_s: float,
    count: FloatArray,
    person_seconds: float,
    errors: CountErrors | None,
    unseen_share: float | None,
    coverage: float,
    settings: DwellSettings,
) -> ZoneSummary:
    """Return the figures of one zone, or of several together, from sums over any number of days.

    Args:
        count: number of visits by length, of ``count_lengths``.
        person_seconds: of the visits.
        errors: None if unknown, so that there are no intervals.
    """
    visits = round(float(count.sum()))
    if coverage <= 0:
        return ZoneSummary(
            visits=None, visits_interval=None, mean_dwell_s=None, mean_dwell_interval_s=None,
            median_dwell_s=None, median_dwell_interval_s=None, p90_dwell_s=None, person_seconds=None,
            coverage=0.0, experts=ExpertFigures(
                surplus_visits=None, missing_visits=None, unsure_visits=None, unseen_share=None
            ),
        )  # fmt: skip
    limits = None if errors is None else bound_visits(visits=visits, errors=errors, settings=settings)
    mean = median = None
    if limits is not None and visits:
        mean = bound_mean(
            person_seconds=person_seconds, limits=limits, minimum_stay_s=minimum_stay_s, settings=settings
        )
        median = bound_median(count=count, limits=limits, settings=settings)
    return ZoneSummary(
        visits=visits,
        visits_interval=None if limits is None else [round(limit) for limit in limits],
        mean_dwell_s=round(person_seconds / visits, 3) if visits else None,
        mean_dwell_interval_s=_round_limits(mean),
        median_dwell_s=_round(find_quantile_s(count, 0.5)),
        median_dwell_interval_s=_round_limits(median),
        p90_dwell_s=_round(find_quantile_s(count, 0.9)),
        person_seconds=round(person_seconds, 3),
        coverage=round(coverage, 4),
        experts=ExpertFigures(
            surplus_visits=None if errors is None else round(errors.surplus, 1),
            missing_visits=None if errors is None else round(errors.missing, 1),
            unsure_visits=None if errors is None else round(errors.unsure, 1),
            unseen_share=None if unseen_share is None else round(unseen_share, 4),
        ),
    )


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _round_limits(interval: tuple[float, float] | None) -> list[float] | None:
    return None if interval is None else [round(limit, 3) for limit in interval]
