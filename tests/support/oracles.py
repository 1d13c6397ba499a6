"""Direct definitions of metrics that the product computes from stored sums, and rules for exact tracks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from analytics.density.crowd_moments import CrowdMoments
from analytics.density.voronoi_density import IndividualDensity
from analytics.domain.arrays import FloatArray, IntArray
from analytics.domain.zone import Zone
from analytics.dwell.engagement import EngagementSettings
from analytics.dwell.engagement_tier import VISIT_TIERS, Tier
from analytics.dwell.stops import StopSettings, measure_stop_seconds
from analytics.dwell.visits import VisitSettings, compute_stays, select_visits
from analytics.exhibition.exposure import Exposure
from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.estimate import Estimate
from analytics.metrics.speed import STANDING_M_S, WINDOW_S
from analytics.rollups.zone_passages import ThroughTraffic, classify_stays

EXACT_STOPS = StopSettings(
    moving_m_s=STANDING_M_S, smoothing_s=0.0, window_s=WINDOW_S, merge_s=0.0, merge_reach_m=0.0
)
"""Stops of exact positions: below 0.3 m/s over 1 s for at least 3 s."""


def compute_visits(
    *, tracks: pd.DataFrame, zones: Sequence[Zone], spans: pd.DataFrame | None, settings: VisitSettings
) -> pd.DataFrame:
    """Return the visits of every person, columns of ``VISIT_COLUMNS``."""
    stays = compute_stays(tracks=tracks, zones=zones, spans=spans, settings=settings)
    return select_visits(stays=stays, zones=zones)


def count_people(moments: CrowdMoments, area: BaseGeometry) -> IntArray:
    """Return the number of people in an area at each moment, shape (m,)."""
    is_in = shapely.contains_xy(area, moments.x_m, moments.y_m)
    return np.bincount(moments.moment()[is_in], minlength=len(moments.time_s)).astype(np.int64)


def measure_area_density(
    moments: CrowdMoments, individual: IndividualDensity, area: BaseGeometry
) -> FloatArray:
    """Return the mean Voronoi density of an area, persons per m², at each moment, shape (m,)."""
    touched = np.flatnonzero(shapely.intersects(area, individual.cells) & np.isfinite(individual.per_m2))
    own = individual.cells[touched]
    share = shapely.area(shapely.intersection(own, area)) / shapely.area(own)
    sums = np.bincount(moments.moment()[touched], weights=share, minlength=len(moments.time_s))
    return np.asarray(sums / float(area.area), np.float64)


class TierCount(NamedTuple):
    """Visits that reached a tier, those cut before it, and the share of all visits."""

    tier: Tier
    reached: int
    undecided: int
    share: Estimate


def count_tiers(*, classified: pd.DataFrame, pass_bys: float, blocks: PeriodBlocks) -> tuple[TierCount, ...]:
    """Return the engagement funnel of one zone's classified visits."""
    rank = classified["tier"].map([tier.value for tier in VISIT_TIERS].index).to_numpy(np.int64)
    entered_s = classified["entered_s"].to_numpy(np.float64)
    is_cut = classified["is_lower_limit"].to_numpy(np.int64) == 1
    counts = [TierCount(Tier.PASS_BY, round(pass_bys) + len(classified), 0, Estimate())]
    for level, tier in enumerate(VISIT_TIERS):
        reached = rank >= level
        share = blocks.divide(blocks.count(entered_s[reached]), blocks.count(entered_s), high=1.0)
        counts.append(TierCount(tier, int(reached.sum()), int((is_cut & ~reached).sum()), share))
    return tuple(counts)


def estimate_bounce(*, visits: pd.DataFrame, settings: EngagementSettings) -> float:
    """Return the share of the visits that are shorter than ``bounce_s``."""
    return float((visits["seconds"] < settings.bounce_s).mean())


def estimate_holding_power(*, stops: pd.DataFrame, needed_s: float) -> float:
    """Return the median stop over the time needed (Serrell 1998, Paying Attention)."""
    return float(stops["seconds"].median()) / needed_s


def estimate_penetration(
    *, visits: pd.DataFrame, zone: str, first_seen_s: pd.Series, blocks: PeriodBlocks
) -> Estimate:
    """Return visitors of the zone over visitors of the exhibition, by the time first seen."""
    came = first_seen_s.index.isin(visits.loc[visits["zone"] == zone, "visitor"])
    first_s = first_seen_s.to_numpy(np.float64)
    return blocks.divide(blocks.count(first_s[came]), blocks.count(first_s), high=1.0)


def estimate_capture_rate(
    *, exposure: Exposure, visits: pd.DataFrame, zone: str, blocks: PeriodBlocks
) -> Estimate:
    """Return visits / (visits + pass-bys)."""
    own = visits[visits["zone"] == zone]
    visited = blocks.count(own["entered_s"].to_numpy(np.float64))
    time_s, passes = exposure.exposed["time_s"].to_numpy(np.float64), exposure.is_pass_by
    passed = blocks.count(time_s[passes], exposure.weight[passes])
    return blocks.divide(visited, visited + passed, high=1.0)


def estimate_attraction_power(*, exposure: Exposure, stopped: IntArray, blocks: PeriodBlocks) -> Estimate:
    """Return visitors who stop / visitors exposed (Serrell 1998; Bitgood 2013)."""
    time_s = exposure.exposed["time_s"].to_numpy(np.float64)
    did_stop = exposure.exposed["visitor"].isin(stopped).to_numpy()
    return blocks.divide(blocks.count(time_s[did_stop]), blocks.count(time_s, exposure.weight), high=1.0)


def measure_through_traffic(
    *, stays: pd.DataFrame, stops: pd.DataFrame, blocks: PeriodBlocks
) -> ThroughTraffic:
    """Return the through traffic of one zone's stays."""
    kinds = classify_stays(stays=stays, stop_s=measure_stop_seconds(visits=stays, stops=stops))
    entered_s = stays["entered_s"].to_numpy(np.float64)
    whole, through, turned_back = (
        blocks.count(entered_s[kind]) for kind in (kinds.is_whole, kinds.is_through, kinds.is_turned_back)
    )
    return ThroughTraffic(
        stays=int(kinds.is_whole.sum()),
        cut=int((~kinds.is_whole).sum()),
        through=blocks.divide(through, whole, high=1.0),
        turned_back=blocks.divide(turned_back, whole, high=1.0),
    )
