"""More of each zone of a period: how long visits last, when they come, how far they go, how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.zone import Zone
from analytics.metrics.clock_profile import (
    HOURS,
    WEEKDAYS,
    ClockBlocks,
    ClockProfile,
    ZoneBlocks,
    add_zones,
    make_clock_blocks,
    profile_cells,
    sum_in_blocks,
)
from analytics.metrics.dwell_distribution import DwellDistribution
from analytics.metrics.survival_curve import SurvivalCurve, trace_survival
from analytics.metrics.zone_summary import ZoneSummary, join_stays
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.period_zones import mix_distributions, read_distribution
from analytics.rollups.zone_minutes import HALL
from app.operations.engagement_figures import CertaintyFigures, ZoneDetail
from app.operations.engagement_view import EngagementSource
from app.operations.listed_visits import ListedVisits

_NO_STAYS = pd.DataFrame({name: np.empty(0) for name in ("entered_s", "left_s", "seconds")})


def mix_days(facts: PeriodFacts, name: str, *, is_whole: bool) -> DwellDistribution | None:
    """The distribution of a zone's visits, from those of its days; None without a visit.

    Args:
        is_whole: of whole visits; otherwise of their parts within the days.
    """
    prefix = "whole" if is_whole else "part"
    days = facts.tables["zone_days"]
    days = days[(days["zone"] == name) & (days["visits"] > 0)]
    found, weights = [], []
    names = (f"{prefix}_cells_s", f"{prefix}_shares", f"{prefix}_known_to_s", "visits")
    for cells_s, shares, known_to_s, visits in zip(*(days[column] for column in names), strict=True):
        one = read_distribution(cells_s, shares, known_to_s)
        if one is not None:
            found.append(one)
            weights.append(visits)
    return mix_distributions(found, np.array(weights, np.float64))


def compute_details(
    *,
    facts: PeriodFacts,
    summaries: Mapping[str, ZoneSummary],
    pooled: Sequence[str],
    visits: ListedVisits,
    time_zone: tzinfo,
) -> dict[str | None, ZoneDetail]:
    """Of every zone by its name, and of those that are counted together under None.

    Args:
        summaries: of ``summarise_period_zones``.
        pooled: the names of those that are counted together.
        visits: of the same period.
    """
    clock = make_clock_blocks(period_s=facts.period_s, time_zone=time_zone)
    stays = dict(iter(facts.tables["stays"].groupby("zone")))
    minutes = dict(iter(facts.tables["minutes"].groupby("zone")))
    empty_stays, empty_minutes = facts.tables["stays"].iloc[:0], facts.tables["minutes"].iloc[:0]
    engagement = EngagementSource(facts)
    details: dict[str | None, ZoneDetail] = {}
    sums: dict[str, ZoneBlocks] = {}
    for zone in facts.zones:
        name = str(zone.name)
        joined = join_stays(zone=zone, stays=stays.get(name, empty_stays), settings=facts.settings.dwell)
        sums[name] = sum_in_blocks(
            clock=clock,
            visits=joined,
            minutes=minutes.get(name, empty_minutes),
            minimum_stay_s=zone.minimum_stay_s,
        )
        distribution = mix_days(facts, name, is_whole=False)
        summary = summaries[name]
        by_hour, by_weekday, by_both = _profile(clock, sums[name], zone.minimum_stay_s)
        details[name] = ZoneDetail(
            survival=_trace(facts, distribution, joined, zone),
            median_s=summary["median_dwell_s"],
            p90_s=summary["p90_dwell_s"],
            by_hour=by_hour,
            by_weekday=by_weekday,
            by_both=by_both,
            engagement=engagement.describe_zone(zone, mix_days(facts, name, is_whole=True), summary),
            certainty=_describe_certainty(summary, visits.choose_zones(frozenset([name]))),
        )
    whole = sum_in_blocks(
        clock=clock, visits=_NO_STAYS, minutes=minutes.get(HALL, empty_minutes), minimum_stay_s=0.0
    )
    together = add_zones([sums[name] for name in pooled], whole=whole)
    least_s = min((zone.minimum_stay_s for zone in facts.zones if str(zone.name) in pooled), default=0.0)
    by_hour, by_weekday, by_both = _profile(clock, together, least_s)
    details[None] = ZoneDetail(
        survival=None,
        median_s=None,
        p90_s=None,
        by_hour=by_hour,
        by_weekday=by_weekday,
        by_both=by_both,
        engagement=engagement.describe_together(pooled),
        certainty=None,
    )
    return details


def _trace(
    facts: PeriodFacts, distribution: DwellDistribution | None, joined: pd.DataFrame, zone: Zone
) -> SurvivalCurve | None:
    if distribution is None:
        return None
    return trace_survival(
        distribution=distribution,
        stays=joined,
        minimum_stay_s=zone.minimum_stay_s,
        ended_share=facts.settings.dwell.ended_share,
        confidence=facts.settings.dwell.confidence,
    )


def _profile(
    clock: ClockBlocks, sums: ZoneBlocks, minimum_stay_s: float
) -> tuple[ClockProfile, ClockProfile, ClockProfile]:
    def profile(cell: npt.NDArray[np.int64], cells: int) -> ClockProfile:
        return profile_cells(
            sums=sums, cell=cell, cells=cells, minimum_stay_s=minimum_stay_s, settings=clock.settings
        )

    return (
        profile(clock.hour, HOURS),
        profile(clock.weekday, WEEKDAYS),
        profile(clock.weekday * HOURS + clock.hour, WEEKDAYS * HOURS),
    )


def _describe_certainty(summary: ZoneSummary, visits: ListedVisits) -> CertaintyFigures:
    first, second = summary["mean_dwell_littles_law_s"], summary["mean_dwell_visits_s"]
    return CertaintyFigures(
        mean_littles_law_s=first,
        mean_visits_s=second,
        difference=None if first is None or not second else first / second - 1,
        is_flagged=summary["estimates_disagree"],
        loss_per_s=summary["tracking_loss_per_s"],
        mean_gap_s=summary["mean_gap_s"],
        tracked_share=summary["tracked_share"],
        coverage=summary["coverage"],
        visits=len(visits),
        cut_visits=int((~visits.is_complete).sum()),
    )
