"""More of each zone of a period: how long visits last, when they come, how far they go, how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

import numpy as np
import numpy.typing as npt

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
from analytics.metrics.survival_curve import SurvivalCurve, trace_survival
from analytics.metrics.zone_summary import ZoneSummary
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.pooled_days import mix_days
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
    pooled: Sequence[str],
    time_zone: tzinfo,
) -> dict[str | None, ZoneDetail]:
    """Of every zone by its name, and of those that are counted together under None.

    Args:
        facts: with the tables ``zone_blocks``, ``zone_days`` and ``zone_lengths``.
        sums: of ``zone_blocks``.
        summaries: of ``summarise_period_zones``.
        pooled: the names of those that are counted together.
    """
    clock = read_clock(sums.starts_s, time_zone)
    engagement = EngagementSource(facts, sums)
    details: dict[str | None, ZoneDetail] = {}
    for zone in facts.zones:
        details[str(zone.name)] = _describe_zone(facts, sums, clock, engagement, summaries, zone)
    together = add_zones([sums.read_visits(name) for name in pooled], whole=sums.read_visits(HALL))
    least_s = min((zone.minimum_stay_s for zone in facts.zones if str(zone.name) in pooled), default=0.0)
    lengths = facts.tables["zone_lengths"]
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


def _describe_zone(  # noqa: PLR0917
    facts: PeriodFacts,
    sums: BlockSums,
    clock: ClockTimes,
    engagement: EngagementSource,
    summaries: Mapping[str, ZoneSummary],
    zone: Zone,
) -> ZoneDetail:
    name = str(zone.name)
    summary, lengths = summaries[name], facts.tables["zone_lengths"]
    complete, cut = add_lengths(lengths[lengths["zone"] == name])
    by_hour, by_weekday, by_both = _profile(clock, sums.read_visits(name), zone.minimum_stay_s)
    return ZoneDetail(
        survival=_trace(facts, zone),
        median_s=summary["median_dwell_s"],
        p90_s=summary["p90_dwell_s"],
        complete=complete,
        cut=cut,
        by_hour=by_hour,
        by_weekday=by_weekday,
        by_both=by_both,
        engagement=engagement.describe_zone(zone, mix_days(facts, [name], is_whole=True), summary),
        certainty=_describe_certainty(summary, complete, cut),
    )


def _trace(facts: PeriodFacts, zone: Zone) -> SurvivalCurve | None:
    name, lengths = str(zone.name), facts.tables["zone_lengths"]
    distribution = mix_days(facts, [name], is_whole=False)
    if distribution is None:
        return None
    return trace_survival(
        distribution=distribution,
        entered=add_entered(lengths[lengths["zone"] == name]),
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
