"""One zone's numbers, as summary.json names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import pandas as pd

from analytics.domain.zone import Zone, ZoneKind
from analytics.metrics.coverage import CameraView, compute_zone_coverage
from analytics.metrics.dwell import (
    DwellSettings,
    estimate_mean_dwell,
    estimate_visits,
    measure_tracking_loss,
)
from analytics.metrics.dwell_distribution import estimate_dwell_distribution


class ZoneSummary(TypedDict):
    """None where the data do not carry a value; never zero for something that was not observed.

    ``visits``, ``mean_dwell_s`` and ``person_seconds`` need no re-identification; the quantiles and
    ``mean_dwell_visits_s`` are of the distribution estimated from the stitched visitors' stays.
    """

    visits: int | None
    visits_interval: list[int] | None
    mean_dwell_s: float | None
    mean_dwell_interval_s: list[float] | None
    median_dwell_s: float | None
    p90_dwell_s: float | None
    person_seconds: float | None
    mean_dwell_littles_law_s: float | None
    mean_dwell_visits_s: float | None
    estimates_disagree: bool
    tracking_loss_per_s: float | None
    coverage: float


def summarise_zone(
    *,
    zone: Zone,
    tracklet_stays: pd.DataFrame,
    visitor_stays: pd.DataFrame,
    mean_gap_s: float,
    views: Sequence[CameraView],
    spans: pd.DataFrame | None,
    period_s: tuple[float, float],
    settings: DwellSettings,
) -> ZoneSummary:
    """The numbers of one zone over a period.

    Args:
        tracklet_stays: stays of the zone by tracklet, columns of ``STAY_COLUMN_NAMES``: for what must not
            depend on re-identification.
        visitor_stays: the same by stitched visitor: for the distribution.
        mean_gap_s: of ``measure_mean_gap``.
    """
    coverage = compute_zone_coverage(outline=zone.outline, views=views, spans=spans, period_s=period_s)
    if coverage <= 0:
        return ZoneSummary(
            visits=None, visits_interval=None, mean_dwell_s=None, mean_dwell_interval_s=None,
            median_dwell_s=None, p90_dwell_s=None, person_seconds=None, mean_dwell_littles_law_s=None,
            mean_dwell_visits_s=None, estimates_disagree=False, tracking_loss_per_s=None, coverage=0.0,
        )  # fmt: skip
    # at a door tracks begin and end by right; only stitching tells those from the lost ones
    is_door = zone.kind in (ZoneKind.ENTRANCE, ZoneKind.EXIT)
    stays = _count_lost_as_seen(visitor_stays) if is_door else tracklet_stays
    loss = measure_tracking_loss(stays=stays, mean_gap_s=mean_gap_s)
    minimum_s = zone.minimum_stay_s
    visits = estimate_visits(stays=stays, minimum_stay_s=minimum_s, loss=loss, settings=settings)
    mean = estimate_mean_dwell(
        stays=stays, minimum_stay_s=minimum_s, period_s=period_s, loss=loss, settings=settings
    )
    distribution = estimate_dwell_distribution(stays=visitor_stays, minimum_stay_s=minimum_s)
    mean_visits_s = None if distribution is None else distribution.mean_s()
    tracked_share = 1.0 if loss is None else loss.tracked_share
    return ZoneSummary(
        visits=None if visits.value is None else round(visits.value),
        visits_interval=None if visits.interval is None else [round(limit) for limit in visits.interval],
        mean_dwell_s=_round(mean.value),
        mean_dwell_interval_s=None if mean.interval is None else [round(limit, 3) for limit in mean.interval],
        median_dwell_s=None if distribution is None else _round(distribution.quantile_s(0.5)),
        p90_dwell_s=None if distribution is None else _round(distribution.quantile_s(0.9)),
        person_seconds=_round(float(stays["seconds"].sum()) / tracked_share),
        mean_dwell_littles_law_s=_round(mean.value),
        mean_dwell_visits_s=_round(mean_visits_s),
        estimates_disagree=do_estimates_disagree(mean.value, mean_visits_s, settings.disagreement),
        tracking_loss_per_s=None if loss is None else round(loss.per_s, 6),
        coverage=round(coverage, 4),
    )


def _count_lost_as_seen(stays: pd.DataFrame) -> pd.DataFrame:
    replaced = stays.copy()
    for column in ("start_edge", "end_edge"):
        replaced[column] = replaced[column].replace("lost", "seen")
    return replaced


def do_estimates_disagree(first: float | None, second: float | None, limit: float) -> bool:
    """Whether two estimates of the same mean differ by more than a relative limit."""
    if first is None or second is None or second <= 0:
        return False
    return abs(first / second - 1) > limit


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
