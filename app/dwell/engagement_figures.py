"""What visits were worth and how sure the dwell times are: plain values for one zone, or for several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analytics.dwell.engagement_tier import Tier
from analytics.metrics.estimate import Estimate

if TYPE_CHECKING:
    from analytics.dwell.survival_curve import SurvivalCurve
    from analytics.metrics.clock_profile import ClockProfile


@dataclass(frozen=True, slots=True)
class TierFigures:
    """How many reached a tier, or a higher one.

    Attributes:
        undecided: visits that were cut before they reached it: up to so many more.
        share: of the visits; of the pass-bys and visits there is none.
    """

    tier: Tier
    reached: int
    undecided: int
    share: Estimate


@dataclass(frozen=True, slots=True)
class EngagementFigures:
    """None where nothing was observed, or where it has no meaning: nobody passes a door by.

    Attributes:
        tiers: in rising order; without pass-bys they begin with the visits.
        pass_bys: who came near without a visit.
        median_stop_s: of the stops within the outline.
        bounce: share of the visits shorter than ``bounce_s``.
        penetration: share of the exhibition's visitors.
        stand_load: person-seconds per m² and observed hour.
        stop_s, engaged_s, long_s: where the tiers begin, seconds of stop.
        reach_m: whoever comes so near is exposed.
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
    """What a mean dwell stands on.

    Attributes:
        mean_littles_law_s: of whole visits, without anybody's identity.
        mean_visits_s: of whole visits, from the stays of those who were followed.
        difference: of the first from the second, relative to it.
        is_flagged: they differ by more than a tenth.
        loss_per_s: identities lost per person-second in the zone.
        mean_gap_s: how long a person goes unseen between two pieces of a track.
        tracked_share: of a person's time in the zone.
        coverage: observed share of the zone's time and area.
        visits, cut_visits: that are listed, and those of them whose start or end was not seen.
    """

    mean_littles_law_s: float | None
    mean_visits_s: float | None
    difference: float | None
    is_flagged: bool
    loss_per_s: float | None
    mean_gap_s: float | None
    tracked_share: float | None
    coverage: float
    visits: int
    cut_visits: int


@dataclass(frozen=True, slots=True, eq=False)
class ZoneDetail:
    """More of one zone, or of all that are counted together.

    Attributes:
        survival: None for several zones and where nothing is known.
        p90_s: nine visits of ten are shorter.
        complete, cut: visits as they are listed, by whole seconds of their length, both of the same shape.
        by_hour, by_weekday, by_both: by the venue's clock, of 24, 7 and 7 x 24 cells.
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
    """Median stop over the time that an element needs (Serrell 1998); None where either is not known."""
    return None if median_stop_s is None or not needed_s else median_stop_s / needed_s
