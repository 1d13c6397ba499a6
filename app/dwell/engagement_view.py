"""What the visits of a period were worth, zone by zone: from the sums of its blocks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import Zone
from analytics.dwell.dwell_distribution import CELL_S, DwellDistribution
from analytics.dwell.engagement import measure_stand_load
from analytics.dwell.engagement_tier import VISIT_TIERS, Tier
from analytics.dwell.zone_summary import ZoneSummary
from analytics.exhibition.exposure import EXPOSURE_M
from analytics.metrics.block_ratio import BlockSettings, divide_blocks
from analytics.metrics.estimate import Estimate
from analytics.rollups.exposed_visitors import list_elements
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.period_zones import mix_distributions, read_distribution
from analytics.rollups.pooled_days import split_by_zone
from analytics.rollups.zone_blocks import BLOCK_S, REACHED_NAMES, UNDECIDED_NAMES, BlockSums
from analytics.rollups.zone_minutes import HALL
from app.dwell.engagement_figures import UNKNOWN, EngagementFigures, TierFigures


class EngagementSource:
    """The sums of a period; needs the tables ``zone_blocks``, ``zone_days`` and ``zone_lengths``."""

    def __init__(self, facts: PeriodFacts, sums: BlockSums) -> None:
        self._facts, self._sums = facts, sums
        self._settings = BlockSettings()
        least_s = self._settings.least_observed * BLOCK_S
        self._is_observed = sums.read(HALL, "observed_s") >= least_s
        self._lengths = split_by_zone(facts.tables["zone_lengths"])
        self._elements = {str(zone.name) for zone in list_elements(facts.zones)}

    def describe_zone(
        self, zone: Zone, distribution: DwellDistribution | None, summary: ZoneSummary
    ) -> EngagementFigures:
        """One zone's figures.

        Args:
            distribution: of its whole visits.
        """
        name = str(zone.name)
        since_s = max(self._facts.period_s[0], self._facts.zone_since_s.get(name, 0.0))
        load = bounce = None
        if summary["person_seconds"] is not None:
            load = measure_stand_load(
                person_seconds=summary["person_seconds"],
                area_m2=float(zone.outline.to_shape().area),
                period_s=(since_s, self._facts.period_s[1]),
                coverage=summary["coverage"],
            )
        if distribution is not None:
            cells = round(self._facts.settings.engagement.bounce_s / CELL_S)
            bounce = float(distribution.probability[:cells].sum())
        is_observed = summary["coverage"] > 0
        return self._describe(
            [name],
            came=self._sums.read(name, "came") if is_observed else None,
            since_s=since_s,
            median_stop_s=self._find_median_stop(name),
            bounce=bounce,
            stand_load=load,
        )

    def describe_together(self, names: Sequence[str]) -> EngagementFigures:
        """Of several zones: who comes near two of them counts in both; what has no sum is not known."""
        return self._describe(
            names,
            came=self._sums.read(HALL, "came") if names else None,
            since_s=self._facts.period_s[0],
            median_stop_s=None,
            bounce=None,
            stand_load=None,
        )

    def _describe(
        self,
        names: Sequence[str],
        *,
        came: FloatArray | None,
        since_s: float,
        median_stop_s: float | None,
        bounce: float | None,
        stand_load: float | None,
    ) -> EngagementFigures:
        sums, settings = self._sums, self._facts.settings.engagement
        visits = sums.add_up(names, REACHED_NAMES[0])
        near = [name for name in names if name in self._elements]
        pass_bys = sums.add_up(near, "pass_bys")
        exposed = sums.add_up(near, "exposed")
        has_exposed = bool(exposed.sum() > 0)
        tiers = []
        if has_exposed:
            count = round(float(pass_bys.sum())) + round(float(visits.sum()))
            tiers.append(TierFigures(Tier.PASS_BY, count, 0, UNKNOWN))
        for tier, reached_name, undecided_name in zip(
            VISIT_TIERS, REACHED_NAMES, UNDECIDED_NAMES, strict=True
        ):
            reached = sums.add_up(names, reached_name)
            tiers.append(
                TierFigures(
                    tier,
                    round(float(reached.sum())),
                    round(float(sums.add_up(names, undecided_name).sum())),
                    self._divide(reached, visits),
                )
            )
        penetration = UNKNOWN
        if came is not None:
            is_since = sums.starts_s + BLOCK_S > since_s
            penetration = self._divide(
                np.where(is_since, came, 0.0), np.where(is_since, sums.read(HALL, "visitors"), 0.0)
            )
        near_visits = sums.add_up(near, REACHED_NAMES[0])
        return EngagementFigures(
            tiers=tuple(tiers),
            pass_bys=float(pass_bys.sum()) if has_exposed else None,
            capture_rate=self._divide(near_visits, near_visits + pass_bys) if has_exposed else UNKNOWN,
            attraction_power=self._divide(sums.add_up(near, "exposed_stopped"), exposed),
            median_stop_s=median_stop_s,
            bounce=bounce,
            penetration=penetration,
            stand_load=stand_load,
            stop_s=settings.stop_s,
            engaged_s=settings.engaged_s,
            long_s=settings.long_s,
            bounce_s=settings.bounce_s,
            reach_m=EXPOSURE_M,
        )

    def _divide(self, above: FloatArray, below: FloatArray) -> Estimate:
        return divide_blocks(above, below, is_observed=self._is_observed, settings=self._settings, high=1.0)

    def _find_median_stop(self, name: str) -> float | None:
        days = self._lengths.get(name)
        if days is None:
            return None
        found, weights = [], []
        for cells_s, shares, known_to_s, stops in zip(
            days["stop_cells_s"], days["stop_shares"], days["stop_known_to_s"], days["stops"], strict=True
        ):
            one = read_distribution(cells_s, shares, known_to_s) if stops > 0 else None
            if one is not None:
                found.append(one)
                weights.append(stops)
        mixed = mix_distributions(found, np.array(weights, np.float64))
        return None if mixed is None else mixed.quantile_s(0.5)
