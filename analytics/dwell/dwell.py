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
        least_unseen_share: added to the unseen share: outlines, calibrations and clocks have errors for
            everybody.
        systematic_share: of the unseen visits: a relative error that all zones and days share.
        visits_weights, mean_weights: of unseen visits, lost edges and unsure visits in the variances of the
            number of visits and of their mean, see ``bound_visits`` and ``bound_period_mean``.
        uncounted_weights: visits that a lost edge and an unsure visit stand for beyond those counted. All of
            these were fitted to 231 zones of two simulators, of people who avoid and who walk through each
            other, one and two cameras, 13 to 34 in view, 2, 5 and 15 frames per second; docs/accuracy.md says
            how often intervals of other seeds hold.
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
    systematic_share: float = 0.12
    visits_weights: tuple[float, float, float] = (0.58, 0.51, 1.77)
    mean_weights: tuple[float, float, float] = (0.47, 0.92, 1.42)
    uncounted_weights: tuple[float, float] = (0.25, 0.88)
    ended_share: float = 0.36
    continuations: ContinuationSettings = field(default_factory=ContinuationSettings)


@dataclass(frozen=True, slots=True)
class CountErrors:
    """Sources of error of a number of visits, as sums over zones and days.

    Attributes:
        unseen_visits: visits times the share of their time in which no camera saw them, raised by
            ``least_unseen_share``.
        lost_edges: edges of stays at which a track was lost or found, before ``join_continuations``.
        unsure_visits: sum of p (1 - p) of the probabilities p that a stay is a visit; NaN if unknown, so that
            there is no interval.
    """

    unseen_visits: float = 0.0
    lost_edges: float = 0.0
    unsure_visits: float = 0.0

    def weigh(self, weights: tuple[float, float, float], systematic_share: float) -> float:
        """Return a variance: the weighted sum, and the square of what is shared by all."""
        parts = (self.unseen_visits, self.lost_edges, self.unsure_visits)
        independent = sum(weight * part for weight, part in zip(weights, parts, strict=True))
        return independent + (systematic_share * self.unseen_visits) ** 2


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


def count_visits(stays: pd.DataFrame, minimum_stay_s: float) -> float:
    """Return the number of visits: the sum of the stays' probabilities.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES`` of one zone, after ``join_continuations``.
    """
    return float(choose_visits(stays, minimum_stay_s)["probability"].sum())


def count_errors(
    *,
    stays: pd.DataFrame,
    joined: pd.DataFrame,
    minimum_stay_s: float,
    unseen_share: float | None,
    settings: DwellSettings,
) -> CountErrors:
    """Return what makes the number of visits of a zone uncertain.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES`` of one zone.
        joined: the same after ``join_continuations``, with ``probability``.
        unseen_share: of ``measure_unseen_shares``.
    """
    probability = choose_visits(joined, minimum_stay_s)["probability"]
    lost = sum(int((stays[edge] == StayEdge.LOST.value).sum()) for edge in ("start_edge", "end_edge"))
    return CountErrors(
        float(probability.sum()) * ((unseen_share or 0.0) + settings.least_unseen_share),
        float(lost),
        float((probability * (1.0 - probability)).sum()),
    )


def bound_visits(*, visits: float, errors: CountErrors, settings: DwellSettings) -> Estimate:
    """Return the interval of a number of visits, for this period rather than for similar ones.

    Where people are hidden and tracks are lost, visits are missed or merged more often than invented, and a
    visitor whose short visit is unsure was there a little longer: the interval reaches further up than down.
    It always holds the number itself. There is none where ``unsure_visits`` is unknown.
    """
    if np.isnan(errors.unsure_visits):
        return Estimate(visits, None)
    lost, unsure = settings.uncounted_weights
    middle = visits + lost * errors.lost_edges + unsure * errors.unsure_visits
    variance = errors.weigh(settings.visits_weights, settings.systematic_share)
    reach = float(ndtri(0.5 + settings.confidence / 2) * np.sqrt(variance))
    return Estimate(visits, (max(0.0, min(visits, middle - reach)), middle + reach))


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
    *, mean_s: float, visits: float, errors: CountErrors, minimum_stay_s: float, settings: DwellSettings
) -> tuple[float, float] | None:
    """Return the interval of the mean of exactly these visits, seconds; None without a visit or if unknown.

    Only the measurement makes it wrong, not the sample of visitors: visits missed or invented singly are
    short and change the number more than the seconds. A visitor who is missed altogether changes both, and
    the mean by less, which is why it has weights of its own.

    Args:
        mean_s: of ``estimate_mean_dwell``.
    """
    if visits <= 0 or np.isnan(errors.unsure_visits):
        return None
    variance = errors.weigh(settings.mean_weights, settings.systematic_share)
    reach_s = mean_s * float(ndtri(0.5 + settings.confidence / 2) * np.sqrt(variance)) / visits
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
