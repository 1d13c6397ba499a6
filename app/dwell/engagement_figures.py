"""Plain values on visitor engagement and on the reliability of dwell times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analytics.dwell.engagement_tier import Tier
from analytics.metrics.estimate import Estimate

if TYPE_CHECKING:
    from analytics.dwell.visit_lengths import SurvivalCurve
    from analytics.metrics.clock_profile import ClockProfile


@dataclass(frozen=True, slots=True)
class TierFigures:
    """Number of visits that reached a tier or a higher one.

    Attributes:
        undecided: visits cut before they reached it, which may have reached it later.
        share: of all visits; None for the pass-by tier.
    """

    tier: Tier
    reached: int
    undecided: int
    share: Estimate


@dataclass(frozen=True, slots=True)
class EngagementFigures:
    """Engagement of one zone or several; None where not observed or without meaning, as for doors.

    Attributes:
        tiers: in rising order; without pass-bys they begin with the visits.
        pass_bys: visitors who came near without a visit.
        median_stop_s: median of the stops within the outline.
        bounce: share of the visits shorter than ``bounce_s``.
        penetration: share of the exhibition's visitors.
        stand_load: person-seconds per m² and observed hour.
        stop_s, engaged_s, long_s: seconds of stop at which the tiers begin.
        reach_m: distance within which a visitor counts as exposed.
    """

    tiers: tuple[TierFigures, ...]
    pass_bys: float | None
    capture_rate: Estimate
    attraction_power: Estimate
    median_stop_s: float | None
    bounce: float | None
    penetration: Estimate
    stand_load: float | None
    stop_s: float
    engaged_s: float
    long_s: float
    bounce_s: float
    reach_m: float


@dataclass(frozen=True, slots=True)
class CertaintyFigures:
    """Evidence behind the intervals of a zone; None if unknown.

    Attributes:
        surplus_visits, missing_visits, unsure_visits: see ``CountErrors``.
        unseen_share: share of the time in the zone in which no camera saw the person.
        coverage: observed share of the zone's time and area.
        visits, cut_visits: visits, and those whose start or end was not seen.
    """

    surplus_visits: float | None
    missing_visits: float | None
    unsure_visits: float | None
    unseen_share: float | None
    coverage: float
    visits: int
    cut_visits: int


@dataclass(frozen=True, slots=True, eq=False)
class ZoneDetail:
    """Detailed figures of one zone, or of the pooled zones.

    Attributes:
        survival: None for several zones and where there are no data.
        p90_s: 90th percentile of dwell time.
        complete, cut: listed visits by length in whole seconds, both of the same shape.
        by_hour, by_weekday, by_both: 24, 7 and 7 x 24 cells in venue time.
    """

    survival: SurvivalCurve | None
    median_s: float | None
    p90_s: float | None
    complete: npt.NDArray[np.float64]
    cut: npt.NDArray[np.float64]
    by_hour: ClockProfile
    by_weekday: ClockProfile
    by_both: ClockProfile
    engagement: EngagementFigures
    certainty: CertaintyFigures | None


def find_holding_power(median_stop_s: float | None, needed_s: float | None) -> float | None:
    """Return median stop over the time that an element needs (Serrell 1998); None if either is unknown."""
    return None if median_stop_s is None or not needed_s else median_stop_s / needed_s
