"""What the visits of a period were worth, zone by zone: from its facts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.zone import Zone
from analytics.metrics.dwell_distribution import CELL_S, DwellDistribution
from analytics.metrics.engagement import (
    count_tiers,
    estimate_median_stop,
    estimate_penetration,
    measure_stand_load,
)
from analytics.metrics.engagement_tier import Tier
from analytics.metrics.estimate import Estimate
from analytics.metrics.exposure import (
    EXPOSURE_M,
    Exposure,
    choose_stops_in,
    estimate_attraction_power,
    estimate_capture_rate,
)
from analytics.metrics.zone_summary import ZoneSummary
from analytics.rollups.period_facts import PeriodFacts
from app.operations.engagement_figures import UNKNOWN, EngagementFigures, TierFigures


class EngagementSource:
    """The tables of a period by zone, read once."""

    def __init__(self, facts: PeriodFacts) -> None:
        self._facts = facts
        self._settings = facts.settings.engagement
        self._blocks = facts.make_blocks()
        self._visits = dict(iter(facts.tables["visits"].groupby("zone")))
        self._exposed = dict(iter(facts.tables["exposed"].groupby("zone")))
        journeys = facts.tables["journeys"]
        self._first_seen_s = pd.Series(
            journeys["start_s"].to_numpy(np.float64), index=journeys["visitor"].to_numpy(np.int64)
        )

    def describe_zone(
        self, zone: Zone, distribution: DwellDistribution | None, summary: ZoneSummary
    ) -> EngagementFigures:
        """One zone's figures.

        Args:
            distribution: of its whole visits.
        """
        name, area_m2 = str(zone.name), float(zone.outline.to_shape().area)
        visits = self._list_visits([name])
        is_observed = summary["coverage"] > 0
        stops = choose_stops_in(stops=self._facts.tables["stops"], outline=zone.outline)
        since_s = self._facts.zone_since_s.get(name, self._facts.period_s[0])
        load = None
        if summary["person_seconds"] is not None:
            load = measure_stand_load(
                person_seconds=summary["person_seconds"],
                area_m2=area_m2,
                period_s=(since_s, self._facts.period_s[1]),
                coverage=summary["coverage"],
            )
        bounce = None
        if distribution is not None:
            bounce = float(distribution.probability[: round(self._settings.bounce_s / CELL_S)].sum())
        return self._describe(
            visits,
            self._list_exposed([name]) if is_observed else None,
            median_stop_s=estimate_median_stop(stops) if is_observed else None,
            bounce=bounce,
            penetration=self._estimate_penetration(visits, [name]) if is_observed else UNKNOWN,
            stand_load=load,
        )

    def describe_together(self, names: Sequence[str]) -> EngagementFigures:
        """Of several zones: who comes near two of them counts in both; what has no sum is not known."""
        visits = self._list_visits(names)
        return self._describe(
            visits,
            self._list_exposed(names),
            median_stop_s=None,
            bounce=None,
            penetration=self._estimate_penetration(visits, names) if names else UNKNOWN,
            stand_load=None,
        )

    def _describe(
        self,
        visits: pd.DataFrame,
        exposed: pd.DataFrame | None,
        *,
        median_stop_s: float | None,
        bounce: float | None,
        penetration: Estimate,
        stand_load: float | None,
    ) -> EngagementFigures:
        blocks, settings = self._blocks, self._settings
        has_exposed = exposed is not None and len(exposed) > 0
        pass_bys, capture, attraction = None, UNKNOWN, UNKNOWN
        if exposed is not None and has_exposed:
            exposure, stopped = _read_exposure(exposed)
            pass_bys = exposure.pass_bys
            capture = estimate_capture_rate(
                exposure=exposure, visits=visits.assign(zone=""), zone="", blocks=blocks
            )
            attraction = estimate_attraction_power(exposure=exposure, stopped=stopped, blocks=blocks)
        counts = count_tiers(classified=visits, pass_bys=pass_bys or 0.0, blocks=blocks)
        return EngagementFigures(
            tiers=tuple(
                TierFigures(count.tier, count.reached, count.undecided, count.share)
                for count in counts
                if has_exposed or count.tier is not Tier.PASS_BY
            ),
            pass_bys=pass_bys,
            capture_rate=capture,
            attraction_power=attraction,
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

    def _list_visits(self, names: Sequence[str]) -> pd.DataFrame:
        parts = [self._visits[name] for name in names if name in self._visits]
        return pd.concat(parts, ignore_index=True) if parts else self._facts.tables["visits"].iloc[:0]

    def _list_exposed(self, names: Sequence[str]) -> pd.DataFrame | None:
        parts = [self._exposed[name] for name in names if name in self._exposed]
        return pd.concat(parts, ignore_index=True) if parts else None

    def _estimate_penetration(self, visits: pd.DataFrame, names: Sequence[str]) -> Estimate:
        """Of the visitors since the zone is as it is."""
        since_s = max(self._facts.zone_since_s.get(name, self._facts.period_s[0]) for name in names)
        first_seen_s = self._first_seen_s[self._first_seen_s >= since_s]
        return estimate_penetration(
            visits=visits.assign(zone=""), zone="", first_seen_s=first_seen_s, blocks=self._blocks
        )


def _read_exposure(exposed: pd.DataFrame) -> tuple[Exposure, npt.NDArray[np.int64]]:
    """What the metrics take, and who of them stopped: one who came near two zones is two."""
    number = np.arange(len(exposed), dtype=np.int64)
    exposure = Exposure(
        exposed=pd.DataFrame({"visitor": number, "time_s": exposed["time_s"].to_numpy(np.float64)}),
        is_pass_by=exposed["is_pass_by"].to_numpy(bool),
        weight=exposed["weight"].to_numpy(np.float64),
    )
    return exposure, number[exposed["did_stop"].to_numpy(bool)]
