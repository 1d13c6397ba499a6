"""Stays, visits and figures of a zone as every count has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import pandas as pd

from analytics.domain.zone import Zone
from analytics.dwell.continuations import join_continuations
from analytics.dwell.dwell import (
    CountErrors,
    DwellSettings,
    bound_period_mean,
    bound_visits,
    count_errors,
    count_visits,
    estimate_mean_dwell,
    estimate_whole_visit_mean,
    measure_tracking_loss,
)
from analytics.dwell.dwell_distribution import estimate_dwell_distribution
from analytics.dwell.visit_probability import choose_visits, rate_stays
from analytics.dwell.visits import UNJOINED_EDGES, StayEdge, make_visit_table
from analytics.metrics.coverage import CameraView, compute_zone_coverage


class ZoneSummary(TypedDict):
    """A zone's figures; None if the data do not support a value, never zero for something unobserved.

    Attributes:
        visits: the sum of the probabilities that stays are visits, as of those in visits.csv.
        mean_dwell_s, median_dwell_s, p90_dwell_s: of the visits of the period, each with its part within the
            period; the intervals are for exactly these visits.
        person_seconds: of everybody, including those who stayed for less than a visit.
        estimates_disagree: whether two means of ``experts`` differ by more than a tenth.
    """

    visits: int | None
    visits_interval: list[int] | None
    mean_dwell_s: float | None
    mean_dwell_interval_s: list[float] | None
    median_dwell_s: float | None
    p90_dwell_s: float | None
    person_seconds: float | None
    estimates_disagree: bool
    coverage: float
    experts: ExpertFigures


class ExpertFigures(TypedDict):
    """Figures that check a zone's main ones.

    Attributes:
        mean_dwell_sampling_interval_s: of the mean of visits like these, for comparing zones and periods.
        mean_dwell_littles_law_s: of whole visits, by Little's law from unstitched tracklets.
        mean_dwell_visits_s: of whole visits, from the distribution of the stitched visitors' stays.
        tracking_loss_per_s: h, identities lost per person-second in the zone, before stitching.
        mean_gap_s: g, mean time unseen between two pieces of a track.
        tracked_share: p = 1 / (1 + h g), the share of the time for which a person in the zone is tracked.
        unseen_share: share of the moments of the people in the zone at which no camera saw them.
    """

    mean_dwell_sampling_interval_s: list[float] | None
    mean_dwell_littles_law_s: float | None
    mean_dwell_visits_s: float | None
    tracking_loss_per_s: float | None
    mean_gap_s: float | None
    tracked_share: float | None
    unseen_share: float | None


def summarise_zone(
    *,
    zone: Zone,
    tracklet_stays: pd.DataFrame,
    visitor_stays: pd.DataFrame,
    mean_gap_s: float,
    unseen_share: float | None,
    views: Sequence[CameraView],
    spans: pd.DataFrame | None,
    period_s: tuple[float, float],
    settings: DwellSettings,
) -> ZoneSummary:
    """Compute the figures of one zone over a period.

    Args:
        tracklet_stays: stays of the zone by tracklet, columns of ``STAY_COLUMN_NAMES``: for figures that must
            not depend on re-identification.
        visitor_stays: the same by stitched visitor.
        mean_gap_s: of ``measure_mean_gap``.
        unseen_share: of ``measure_unseen_shares``.
    """
    coverage = compute_zone_coverage(outline=zone.outline, views=views, spans=spans, period_s=period_s)
    if coverage <= 0:
        return describe_unobserved()
    stays = join_stays(zone=zone, stays=visitor_stays, settings=settings)
    pieces = join_stays(zone=zone, stays=tracklet_stays, settings=settings)
    is_door = zone.is_door
    loss = measure_tracking_loss(stays=pieces if is_door else tracklet_stays, mean_gap_s=mean_gap_s)
    minimum_s = zone.minimum_stay_s
    errors = count_zone_errors(
        zone=zone, stays=visitor_stays, joined=stays, unseen_share=unseen_share, settings=settings
    )
    visits = bound_visits(visits=count_visits(stays, minimum_s), errors=errors, settings=settings)
    mean = estimate_mean_dwell(stays=stays, minimum_stay_s=minimum_s, period_s=period_s, settings=settings)
    bound = (
        None
        if mean.value is None or visits.value is None
        else bound_period_mean(
            mean_s=mean.value,
            visits=visits.value,
            errors=errors,
            minimum_stay_s=minimum_s,
            settings=settings,
        )
    )
    uncut = estimate_whole_visit_mean(
        stays=pieces, minimum_stay_s=minimum_s, period_s=period_s, settings=settings
    )
    parts, whole = (
        estimate_dwell_distribution(
            stays=stays,
            minimum_stay_s=minimum_s,
            is_period_cut=is_period_cut,
            ended_share=settings.ended_share,
        )
        for is_period_cut in (False, True)
    )
    mean_visits_s = None if whole is None else whole.mean_s()
    return ZoneSummary(
        visits=None if visits.value is None else round(visits.value),
        visits_interval=None if visits.interval is None else [round(limit) for limit in visits.interval],
        mean_dwell_s=_round(mean.value),
        mean_dwell_interval_s=_round_limits(bound),
        median_dwell_s=None if parts is None else _round(parts.quantile_s(0.5)),
        p90_dwell_s=None if parts is None else _round(parts.quantile_s(0.9)),
        person_seconds=_round(float(visitor_stays["seconds"].sum())),
        estimates_disagree=do_estimates_disagree(uncut.value, mean_visits_s, settings.disagreement),
        coverage=round(coverage, 4),
        experts=ExpertFigures(
            mean_dwell_sampling_interval_s=_round_limits(mean.interval),
            mean_dwell_littles_law_s=_round(uncut.value),
            mean_dwell_visits_s=_round(mean_visits_s),
            tracking_loss_per_s=None if loss is None else round(loss.per_s, 6),
            mean_gap_s=_round(mean_gap_s),
            tracked_share=None if loss is None else round(loss.tracked_share, 4),
            unseen_share=None if unseen_share is None else round(unseen_share, 4),
        ),
    )


def describe_unobserved() -> ZoneSummary:
    """Return the summary of a zone that no camera saw."""
    return ZoneSummary(
        visits=None, visits_interval=None, mean_dwell_s=None, mean_dwell_interval_s=None,
        median_dwell_s=None, p90_dwell_s=None, person_seconds=None, estimates_disagree=False, coverage=0.0,
        experts=ExpertFigures(
            mean_dwell_sampling_interval_s=None, mean_dwell_littles_law_s=None, mean_dwell_visits_s=None,
            tracking_loss_per_s=None, mean_gap_s=None, tracked_share=None, unseen_share=None,
        ),
    )  # fmt: skip


def join_stays(*, zone: Zone, stays: pd.DataFrame, settings: DwellSettings) -> pd.DataFrame:
    """Return the stays of a zone as every count has them: lost ones joined, each with its ``probability``.

    At a door tracks legitimately begin and end; there a lost edge counts as seen.
    """
    if zone.is_door:
        joined = stays.copy()
        for column in ("start_edge", "end_edge"):
            joined[column] = joined[column].replace(UNJOINED_EDGES, StayEdge.SEEN.value)
    else:
        joined = join_continuations(stays=stays, settings=settings.continuations)
    return rate_stays(stays=joined, minimum_stay_s=zone.minimum_stay_s)


def count_zone_errors(
    *,
    zone: Zone,
    stays: pd.DataFrame,
    joined: pd.DataFrame,
    unseen_share: float | None,
    settings: DwellSettings,
) -> CountErrors:
    """Return what makes the number of visits of a zone uncertain; at a door tracks legitimately end.

    Args:
        stays: of the zone, by visitor.
        joined: of ``join_stays``.
        unseen_share: of ``measure_unseen_shares``.
    """
    return count_errors(
        stays=joined if zone.is_door else stays,
        joined=joined,
        minimum_stay_s=zone.minimum_stay_s,
        unseen_share=unseen_share,
        settings=settings,
    )


def select_visits(*, stays: pd.DataFrame, zones: Sequence[Zone], settings: DwellSettings) -> pd.DataFrame:
    """Return the visits as they are listed and counted, columns of ``VISIT_COLUMNS``.

    A lost stay and the one that continues it are one visit, of the first one's visitor; whether a stay is one
    is a probability, which sums to the number of visits.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES``; with ``stop_s`` the visits have it, too.
    """
    parts = [
        choose_visits(
            join_stays(zone=zone, stays=stays[stays["zone"] == str(zone.name)], settings=settings),
            zone.minimum_stay_s,
        )
        for zone in zones
    ]
    # without zones, an empty table that has the columns of the stays
    parts = parts or [stays.iloc[:0].assign(probability=0.0)]
    return make_visit_table(pd.concat(parts, ignore_index=True))


def do_estimates_disagree(first: float | None, second: float | None, limit: float) -> bool:
    """Return whether two estimates of the same mean differ by more than a relative limit."""
    if first is None or second is None or second <= 0:
        return False
    return abs(first / second - 1) > limit


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _round_limits(interval: tuple[float, float] | None) -> list[float] | None:
    return None if interval is None else [round(limit, 3) for limit in interval]
