"""More of each zone of a period: how long visits last, when they come, how far they go, how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.zone import Zone
from analytics.metrics.block_ratio import BlockSettings
from analytics.metrics.clock_profile import (
    HOURS,
    WEEKDAYS,
    ClockProfile,
    ClockTimes,
    ZoneBlocks,
    add_zones,
    profile_cells,
    read_clock,
)
from analytics.metrics.dwell_distribution import DwellDistribution
from analytics.metrics.survival_curve import SurvivalCurve, trace_survival
from analytics.metrics.zone_summary import ZoneSummary
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.pooled_days import mix_days, split_by_zone
from analytics.rollups.zone_blocks import BlockSums
from analytics.rollups.zone_lengths import add_entered, add_lengths
from analytics.rollups.zone_minutes import HALL
from app.operations.engagement_figures import CertaintyFigures, ZoneDetail
from app.operations.engagement_view import EngagementSource

FloatArray = npt.NDArray[np.float64]


def compute_details(
    *,
    facts: PeriodFacts,
    sums: BlockSums,
    summaries: Mapping[str, ZoneSummary],
    parts: Mapping[str, DwellDistribution | None],
    pooled: Sequence[str],
    time_zone: tzinfo,
) -> dict[str | None, ZoneDetail]:
    """Of every zone by its name, and of those that are counted together under None.

    Args:
        facts: with the tables ``zone_blocks``, ``zone_days`` and ``zone_lengths``.
        sums: of ``zone_blocks``.
        summaries: of ``summarise_period_zones``.
        parts: of each zone, the distribution of its visits within the days.
        pooled: the names of those that are counted together.
    """
    clock = read_clock(sums.starts_s, time_zone)
    engagement = EngagementSource(facts, sums)
    lengths = facts.tables["zone_lengths"]
    days_of, lengths_of = split_by_zone(facts.tables["zone_days"]), split_by_zone(lengths)
    details: dict[str | None, ZoneDetail] = {}
    for zone in facts.zones:
        name = str(zone.name)
        summary, days = summaries[name], days_of.get(name, facts.tables["zone_days"].iloc[:0])
        own = lengths_of.get(name, lengths.iloc[:0])
        complete, cut = add_lengths(own)
        by_hour, by_weekday, by_both = _profile(clock, sums.read_visits(name), zone.minimum_stay_s)
        details[name] = ZoneDetail(
            survival=_trace(facts, parts[name], own, zone),
            median_s=summary["median_dwell_s"],
            p90_s=summary["p90_dwell_s"],
            complete=complete,
            cut=cut,
            by_hour=by_hour,
            by_weekday=by_weekday,
            by_both=by_both,
            engagement=engagement.describe_zone(zone, mix_days(days, is_whole=True), summary),
            certainty=_describe_certainty(summary, complete, cut),
        )
    together = add_zones([sums.read_visits(name) for name in pooled], whole=sums.read_visits(HALL))
    least_s = min((zone.minimum_stay_s for zone in facts.zones if str(zone.name) in pooled), default=0.0)
    complete, cut = add_lengths(lengths[lengths["zone"].isin(list(pooled))])
    by_hour, by_weekday, by_both = _profile(clock, together, least_s)
    details[None] = ZoneDetail(
        survival=None,
        median_s=None,
        p90_s=None,
        complete=complete,
        cut=cut,
        by_hour=by_hour,
        by_weekday=by_weekday,
        by_both=by_both,
        engagement=engagement.describe_together(pooled),
        certainty=None,
    )
    return details


def _trace(
    facts: PeriodFacts, distribution: DwellDistribution | None, lengths: pd.DataFrame, zone: Zone
) -> SurvivalCurve | None:
    if distribution is None:
        return None
    return trace_survival(
        distribution=distribution,
        entered=add_entered(lengths),
        minimum_stay_s=zone.minimum_stay_s,
        confidence=facts.settings.dwell.confidence,
    )


def _profile(
    clock: ClockTimes, sums: ZoneBlocks, minimum_stay_s: float
) -> tuple[ClockProfile, ClockProfile, ClockProfile]:
    def profile(cell: npt.NDArray[np.int64], cells: int) -> ClockProfile:
        return profile_cells(
            sums=sums, cell=cell, cells=cells, minimum_stay_s=minimum_stay_s, settings=BlockSettings()
        )

    return (
        profile(clock.hour, HOURS),
        profile(clock.weekday, WEEKDAYS),
        profile(clock.weekday * HOURS + clock.hour, WEEKDAYS * HOURS),
    )


def _describe_certainty(summary: ZoneSummary, complete: FloatArray, cut: FloatArray) -> CertaintyFigures:
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
        visits=round(float(complete.sum() + cut.sum())),
        cut_visits=round(float(cut.sum())),
    )
