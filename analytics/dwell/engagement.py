"""What visits were worth: stops within them, tiers of engagement, bounces. Dwell alone is not interest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.dwell.dwell_distribution import CELL_S, DwellDistribution, estimate_dwell_distribution
from analytics.dwell.engagement_tier import VISIT_TIERS, Tier
from analytics.dwell.stops import measure_stop_seconds
from analytics.dwell.visits import StayEdge
from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.estimate import Estimate
from analytics.metrics.presence import TIME_TOLERANCE_S


@dataclass(frozen=True, slots=True)
class EngagementSettings:
    """Where the tiers begin, seconds of stop within one visit; printed with every report.

    Attributes:
        engaged_s: told from passers-by with precision and recall above 0.95 in simulation.
        bounce_s: a visit shorter than this is a bounce.
    """

    stop_s: float = 3.0
    engaged_s: float = 5.0
    long_s: float = 90.0
    bounce_s: float = 10.0


def classify_visits(
    *, visits: pd.DataFrame, stops: pd.DataFrame, settings: EngagementSettings
) -> pd.DataFrame:
    """The visits with ``stop_s``, their ``tier``, and ``is_lower_limit``, 0 or 1.

    A visit that was cut at an edge may have gone on to a higher tier; then the tier is a lower limit.

    Args:
        visits: columns of ``VISIT_COLUMNS``.
        stops: columns of ``STOP_COLUMN_NAMES`` of the same visitors.
    """
    stop_s = measure_stop_seconds(visits=visits, stops=stops)
    least_s = np.array([settings.stop_s, settings.engaged_s, settings.long_s]) - TIME_TOLERANCE_S
    rank = np.searchsorted(least_s, stop_s, side="right")
    is_cut = (visits["censored_start"] + visits["censored_end"]).to_numpy(np.int64) > 0
    tiers = np.array([tier.value for tier in VISIT_TIERS], object)
    return visits.assign(
        stop_s=stop_s,
        tier=pd.Series(tiers[rank], index=visits.index, dtype="str"),
        is_lower_limit=(is_cut & (rank < len(least_s))).astype(np.int64),
    )


@dataclass(frozen=True, slots=True)
class TierCount:
    """How many reached a tier, or more.

    Attributes:
        reached: visits of this tier or a higher one; for ``Tier.PASS_BY`` the pass-bys and all visits.
        undecided: visits that were cut before they reached it: up to so many more.
        share: of the visits; None where there is none, and for ``Tier.PASS_BY``.
    """

    tier: Tier
    reached: int
    undecided: int
    share: Estimate


def count_tiers(*, classified: pd.DataFrame, pass_bys: float, blocks: PeriodBlocks) -> tuple[TierCount, ...]:
    """The engagement funnel of one zone, from pass-bys to long visits.

    Args:
        classified: of ``classify_visits``, of one zone.
        pass_bys: visitors who came near without a visit.
    """
    order = [tier.value for tier in VISIT_TIERS]
    rank = classified["tier"].map(order.index).to_numpy(np.int64)
    entered_s = classified["entered_s"].to_numpy(np.float64)
    all_visits = blocks.count(entered_s)
    is_cut = classified["is_lower_limit"].to_numpy(np.int64) == 1
    counts = [TierCount(Tier.PASS_BY, round(pass_bys) + len(rank), 0, Estimate(None, None))]
    for level, tier in enumerate(VISIT_TIERS):
        reached = rank >= level
        counts.append(
            TierCount(
                tier=tier,
                reached=int(reached.sum()),
                undecided=int((is_cut & ~reached).sum()),
                share=blocks.divide(blocks.count(entered_s[reached]), all_visits, high=1.0),
            )
        )
    return tuple(counts)


def estimate_bounce(
    *, stays: pd.DataFrame, minimum_stay_s: float, settings: EngagementSettings, ended_share: float = 0.0
) -> float | None:
    """Share of the visits that are shorter than ``bounce_s``, 0 to 1; None without a visit.

    From the distribution of whole visits, which knows of cut ones: those that are seen whole are short ones.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES`` of one zone, the short ones with them.
        ended_share: see ``estimate_dwell_distribution``.
    """
    distribution = estimate_dwell_distribution(
        stays=stays, minimum_stay_s=minimum_stay_s, ended_share=ended_share
    )
    if distribution is None:
        return None
    return float(distribution.probability[: round(settings.bounce_s / CELL_S)].sum())


def estimate_stop_distribution(stops: pd.DataFrame) -> DwellDistribution | None:
    """How long stops last; None without a stop. Knows of stops that were cut at an edge of a track.

    Args:
        stops: columns of ``STOP_COLUMN_NAMES``, those at one element.
    """
    edges = {
        edge: np.where(stops[column] == 1, StayEdge.LOST.value, StayEdge.SEEN.value)
        for edge, column in (("start_edge", "censored_start"), ("end_edge", "censored_end"))
    }
    return estimate_dwell_distribution(stays=stops.assign(**edges), minimum_stay_s=0.0)


def estimate_holding_power(*, stops: pd.DataFrame, needed_s: float) -> float | None:
    """Median stop over the time that the element needs; None where the data do not tell the median.

    Serrell (1998), Paying Attention.

    Args:
        stops: columns of ``STOP_COLUMN_NAMES``, those at one element.
        needed_s: a setting of the zone, such as the time to read or watch it.
    """
    distribution = estimate_stop_distribution(stops)
    median_s = None if distribution is None else distribution.quantile_s(0.5)
    return None if median_s is None or needed_s <= 0 else median_s / needed_s


def estimate_penetration(
    *, visits: pd.DataFrame, zone: str, first_seen_s: pd.Series, blocks: PeriodBlocks
) -> Estimate:
    """Visitors with a visit to the zone over visitors of the exhibition.

    A visitor whose track broke is two, which makes the share too small: state it of stitched visitors only.

    Args:
        visits: columns of ``VISIT_COLUMNS``.
        first_seen_s: when each visitor of the exhibition was first seen; its index are the visitors.
    """
    moments = first_seen_s.to_numpy(np.float64)
    came = first_seen_s.index.isin(visits.loc[visits["zone"] == zone, "visitor"])
    return blocks.divide(blocks.count(moments[came]), blocks.count(moments), high=1.0)


def find_first_seen(tracks: pd.DataFrame, *, excluded: Sequence[int] = ()) -> pd.Series:
    """When each visitor was first seen, seconds, by visitor; rows without a visitor count by their tracklet.

    Args:
        tracks: columns of ``TRACK_COLUMNS``.
        excluded: visitors that are none of the exhibition's, such as staff.
    """
    number = tracks["visitor"].fillna(tracks["tracklet"]).astype("int64")
    first = tracks.groupby(number)["time_s"].min()
    return first[~first.index.isin(list(excluded))]


def measure_stand_load(
    *, person_seconds: float, area_m2: float, period_s: tuple[float, float], coverage: float
) -> float | None:
    """Person-seconds per m² and hour, of the area and time that were observed; None where nothing was.

    Args:
        person_seconds: within the zone, of the observed time.
        coverage: of ``compute_zone_coverage``, observed time and area over the period and the zone's area.
    """
    exposure_m2_h = area_m2 * coverage * (period_s[1] - period_s[0]) / 3600.0
    return person_seconds / exposure_m2_h if exposure_m2_h > 0 else None
