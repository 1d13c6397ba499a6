"""Estimates of the number of visits to a zone and their mean dwell time, with intervals.

They count stays after ``join_continuations``: a lost stay continues in one found nearby, whoever it was. That
keeps the seconds of presence and the number of stays right where tracks break or swap; the mean duration of
track pieces has no such property and is never shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analytics.dwell.continuations import ContinuationSettings
from analytics.dwell.visit_probability import choose_visits
from analytics.dwell.visits import StayEdge
from analytics.metrics.block_ratio import BlockSettings, make_period_blocks
from analytics.metrics.estimate import Estimate


@dataclass(frozen=True, slots=True)
class DwellSettings:
    """Parameters of the estimators, printed with every report.

    Attributes:
        block_s: the interval of the mean is computed over blocks of this length.
        wanted_blocks: a period too short for so many blocks is cut into shorter ones,
        min_block_s: but none shorter than this: a block must be longer than a typical stay.
        minimum_blocks: with fewer there is no interval.
        confidence: of every interval.
        disagreement: a larger relative difference of the two estimates of the mean is flagged.
        least_unseen_share: added to the unseen share in the interval of the visits: outlines, calibrations
            and clocks have errors for everybody.
        systematic_share, missed_share: of visits, for each unseen share; see ``bound_visits``. Tuned on 207
            zones of two simulators at 2, 5 and 15 frames per second. Of 111 zones of other seeds 97 % have
            their visits within and 96 % their mean (second simulator, with its worse detector: 94 and 94 %).
            In all 318 the intervals reach 17 % to either side on average, about as far as without regard to
            the unseen share, when they held 83 % of the second simulator's at 2 frames per second.
        ended_share: share of the lost edges without a continuation at which the stay really began or ended:
            0.36 of 753 in tracked scenes of two simulators, from 0.25 in a dense crowd at five frames per
            second to 0.60 where people are hidden long at two.
        continuations: rule for joining lost stays.
    """

    block_s: float = 300.0
    wanted_blocks: int = 10
    min_block_s: float = 60.0
    minimum_blocks: int = 2
    confidence: float = 0.95
    disagreement: float = 0.10
    least_unseen_share: float = 0.02
    systematic_share: float = 0.25
    missed_share: float = 0.85
    ended_share: float = 0.36
    continuations: ContinuationSettings = field(default_factory=ContinuationSettings)


@dataclass(frozen=True, slots=True)
class TrackingLoss:
    """The rate at which the tracker loses people.

    Attributes:
        per_s: identities lost per person-second, inside the zone.
        mean_gap_s: mean time unseen between two pieces of a track.
    """

    per_s: float
    mean_gap_s: float = 0.0

    @property
    def tracked_share(self) -> float:
        """Tracked share of a person's time: 1 / (1 + h g)."""
        return 1.0 / (1.0 + self.per_s * self.mean_gap_s)


def measure_tracking_loss(*, stays: pd.DataFrame, mean_gap_s: float) -> TrackingLoss | None:
    """Return the losses per person-second inside a zone; None without a person-second."""
    exposure_s = float(stays["seconds"].sum())
    if exposure_s <= 0:
        return None
    lost = int((stays["end_edge"] == StayEdge.LOST.value).sum())
    return TrackingLoss(lost / exposure_s, mean_gap_s)


def estimate_visits(
    *, stays: pd.DataFrame, minimum_stay_s: float, unseen_share: float | None, settings: DwellSettings
) -> Estimate:
    """Estimate the number of visits of the period: the sum of the stays' probabilities.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES`` of one zone, after ``join_continuations``.
        unseen_share: of ``measure_unseen_shares``.
    """
    chosen = choose_visits(stays, minimum_stay_s)
    visits = float(chosen["probability"].sum())
    lost = count_lost_edges(chosen)
    return bound_visits(
        visits=visits, unseen_visits=visits * (unseen_share or 0.0), lost_edges=lost, settings=settings
    )


def count_lost_edges(visits: pd.DataFrame) -> float:
    """Return the number of lost edges of visits of ``choose_visits``, by their probabilities."""
    return sum(
        float(visits.loc[visits[edge] == StayEdge.LOST.value, "probability"].sum())
        for edge in ("start_edge", "end_edge")
    )


def bound_visits(
    *, visits: float, unseen_visits: float, lost_edges: float, settings: DwellSettings
) -> Estimate:
    """Return the interval of a number of visits, for this period rather than for similar ones.

    With the visits' unseen share u, raised by ``least_unseen_share``, the variance is (systematic_share u
    n)^2 + missed_share u n + lost edges: where people are hidden, some visits are missed or merged, partly
    with a common bias and partly independently, as in a Poisson process; each lost edge may be a visit too
    many or one too few.

    Args:
        unseen_visits: sum, over zones and days, of the visits times the unseen share.
        lost_edges: number of lost edges of the visits.
    """
    unseen = unseen_visits + settings.least_unseen_share * visits
    variance = (settings.systematic_share * unseen) ** 2 + settings.missed_share * unseen + lost_edges
    reach = float(ndtri(0.5 + settings.confidence / 2) * np.sqrt(variance))
    return Estimate(visits, (max(0.0, visits - reach), visits + reach))


def estimate_mean_dwell(
    *, stays: pd.DataFrame, minimum_stay_s: float, period_s: tuple[float, float], settings: DwellSettings
) -> Estimate:
    """Estimate the mean seconds that visits spent in the zone within the period; None without a visit.

    It is the mean of the listed visits, weighted by their probabilities; one across the period's edge counts
    with its part in the period. ``estimate_whole_visit_mean`` is the mean of whole visits, from which it
    differs by the share of one dwell time in the period.

    The interval is for comparing zones and periods, since it contains the variation among visitors. It is
    that of a ratio over blocks: r_b = E_b - W n_b and se = sqrt(B / (B - 1) sum r_b^2) / sum n_b, with
    Student's t of B - 1 degrees of freedom (Cochran 1977, Sampling Techniques, 6.3). It describes visitors
    like these, not these alone.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES`` of one zone, after ``join_continuations``.
    """
    visits = choose_visits(stays, minimum_stay_s)
    return _divide_by_blocks(visits, tuple(StayEdge), minimum_stay_s, period_s, settings)


def bound_period_mean(
    *, mean_s: float, visits: Estimate, minimum_stay_s: float
) -> tuple[float, float] | None:
    """Return the interval of the mean of exactly these visits, seconds; None without one of their number.

    Only the measurement makes it wrong, not the sample of visitors: W = E / N has the relative error of the
    number, since visits missed or invented singly are short and change few seconds. A visitor who is missed
    altogether changes number and seconds, and the mean by less.

    Args:
        mean_s: of ``estimate_mean_dwell``.
        visits: of ``estimate_visits``.
    """
    if not visits.value or visits.interval is None:
        return None
    reach_s = mean_s * (visits.interval[1] - visits.value) / visits.value
    return max(minimum_stay_s, mean_s - reach_s), mean_s + reach_s


def estimate_whole_visit_mean(
    *, stays: pd.DataFrame, minimum_stay_s: float, period_s: tuple[float, float], settings: DwellSettings
) -> Estimate:
    """Estimate the mean dwell of whole visits by Little's law (1961), seconds; None without an entry or exit.

    W = E / ((N_in + N_out) / 2): person-seconds over half the sum of entries and exits, both without stays
    under the minimum. Edges of the period are neither; the half corrects for them to first order. A person
    who comes from or goes to unseen floor enters or leaves the observed part.
    """
    visits = choose_visits(stays, minimum_stay_s)
    edges = tuple(edge for edge in StayEdge if edge is not StayEdge.PERIOD)
    return _divide_by_blocks(visits, edges, minimum_stay_s, period_s, settings)


def _divide_by_blocks(
    visits: pd.DataFrame,
    edges: tuple[StayEdge, ...],
    minimum_stay_s: float,
    period_s: tuple[float, float],
    settings: DwellSettings,
) -> Estimate:
    blocks = make_period_blocks(
        period_s=period_s,
        observed=None,
        settings=BlockSettings(
            block_s=settings.block_s,
            wanted_blocks=settings.wanted_blocks,
            min_block_s=settings.min_block_s,
            minimum_blocks=settings.minimum_blocks,
            confidence=settings.confidence,
        ),
    )
    entered_s, left_s = visits["entered_s"].to_numpy(np.float64), visits["left_s"].to_numpy(np.float64)
    weight = visits["probability"].to_numpy(np.float64)
    exposure_s = blocks.sum_overlap(np.column_stack([entered_s, left_s]), weight)
    came, went = (
        np.where(visits[edge].isin([kind.value for kind in edges]), weight, 0.0)
        for edge in ("start_edge", "end_edge")
    )
    count = blocks.count(entered_s, came) / 2 + blocks.count(left_s, went) / 2
    if float(count.sum()) < 0.5 or float(exposure_s.sum()) <= 0:
        return Estimate(None, None)
    return blocks.divide(exposure_s, count, low=minimum_stay_s)
