"""Mean dwell and number of visits of a zone from fragmented tracks, with their intervals.

The mean is occurrence over exposure (Little's law, Little 1961): person-seconds over half the sum of entries
and exits. Losing people multiplies both by the same factor and swapped identities change neither, so it
needs no re-identification; the mean duration of track pieces does not have this property and is never shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from analytics.metrics.observation import integrate_overlap
from analytics.metrics.presence import TIME_TOLERANCE_S
from analytics.metrics.visits import StayEdge

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DwellSettings:
    """Parameters of the estimators; printed with every report.

    Attributes:
        block_s: the interval of the mean is taken over blocks of this length.
        minimum_blocks: with fewer there is no interval.
        confidence: of every interval.
        crossing_time_s: for how long a person must be followed round an outline for the crossing to be seen.
        disagreement: a larger relative difference of the two estimates of the mean is flagged.
    """

    block_s: float = 300.0
    minimum_blocks: int = 2
    confidence: float = 0.95
    crossing_time_s: float = 0.5
    disagreement: float = 0.10


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval; either is None where the data do not carry it."""

    value: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class TrackingLoss:
    """How the tracker loses people.

    Attributes:
        per_s: identities lost per person-second, inside the zone.
        mean_gap_s: how long a person goes unseen between two pieces of a track.
    """

    per_s: float
    mean_gap_s: float = 0.0

    @property
    def tracked_share(self) -> float:
        """Share of a person's time on a track: 1 / (1 + h g)."""
        return 1.0 / (1.0 + self.per_s * self.mean_gap_s)


def measure_tracking_loss(*, stays: pd.DataFrame, mean_gap_s: float) -> TrackingLoss | None:
    """Losses inside a zone, per person-second of its stays; None without a person-second."""
    exposure_s = float(stays["seconds"].sum())
    if exposure_s <= 0:
        return None
    lost = int((stays["end_edge"] == StayEdge.LOST.value).sum())
    return TrackingLoss(lost / exposure_s, mean_gap_s)


def estimate_mean_dwell(
    *,
    stays: pd.DataFrame,
    minimum_stay_s: float,
    period_s: tuple[float, float],
    loss: TrackingLoss | None,
    settings: DwellSettings,
) -> Estimate:
    """Mean dwell of the visits to a zone, seconds, by occurrence and exposure; None without a visit.

    W = e^(-h D) (E - sum w d) / ((N_in + N_out) / 2 - sum w) over all stays, less the complete ones under the
    minimum stay, which are no visits. A short stay of d seconds is seen whole with the probability e^(-h d)
    relative to a crossing, hence w = e^(h d); e^(-h D) since a crossing asks for being followed for D
    seconds, where a person-second asks for none. A person who comes from or goes to floor outside the view
    enters or leaves the part that is looked at, to which Little's law applies as well. Edges of the period
    are corrected to first order by the half.

    The interval is that of a ratio over blocks: r_b = E_b - W n_b and
    se = sqrt(B / (B - 1) sum r_b^2) / sum n_b, with Student's t of B - 1 degrees of freedom (Cochran 1977,
    Sampling Techniques, 6.3).

    Args:
        stays: columns of ``STAY_COLUMN_NAMES`` of one zone, by tracklet.
    """
    flow = _count_flow(
        stays=stays, minimum_stay_s=minimum_stay_s, period_s=period_s, loss=loss, settings=settings
    )
    visits, exposure_s = float(flow.visits.sum()), float(flow.exposure_s.sum())
    if visits < 0.5 - 1e-9 or exposure_s <= 0:
        return Estimate(None, None)
    followed = 1.0 if loss is None else float(np.exp(-loss.per_s * settings.crossing_time_s))
    mean_s = exposure_s / visits * followed
    blocks = len(flow.visits)
    if blocks < settings.minimum_blocks:
        return Estimate(mean_s, None)
    residual = flow.exposure_s * followed - mean_s * flow.visits
    error_s = float(np.sqrt(blocks / (blocks - 1) * float(residual @ residual))) / visits
    reach_s = float(stats.t.ppf(0.5 + settings.confidence / 2, blocks - 1)) * error_s
    return Estimate(mean_s, (max(minimum_stay_s, mean_s - reach_s), mean_s + reach_s))


def estimate_visits(
    *, stays: pd.DataFrame, minimum_stay_s: float, loss: TrackingLoss | None, settings: DwellSettings
) -> Estimate:
    """How many visits took place in the period, at least in part.

    N = ((N_in + N_out) / 2 + (L_0 + L_T) / 2 - sum w) / (p e^(-h D)): entries and exits, the people present
    at the start and the end of the observation, less the stays under the minimum as in the mean; over the
    probability that a person is tracked at all and stays tracked round the outline for D seconds. With
    perfect tracks it is the plain count.

    The interval is about the count of this period, not of periods like it. Its error has three parts, added
    as squares: the binomial error of what was missed, half of the correction itself (h, g and D are
    approximate), and half the difference between those who came and those who left, which must balance.
    """
    came = float(_is_edge(stays["start_edge"], StayEdge.SEEN, StayEdge.VIEW).sum())
    went = float(_is_edge(stays["end_edge"], StayEdge.SEEN, StayEdge.VIEW).sum())
    present_first = float(_is_edge(stays["start_edge"], StayEdge.PERIOD).sum())
    present_last = float(_is_edge(stays["end_edge"], StayEdge.PERIOD).sum())
    is_short, weight = _weigh_short_stays(stays=stays, minimum_stay_s=minimum_stay_s, loss=loss)
    seen = max(0.0, (came + went + present_first + present_last) / 2 - float(weight[is_short].sum()))
    caught = 1.0 if loss is None else loss.tracked_share * np.exp(-loss.per_s * settings.crossing_time_s)
    visits = seen / caught
    binomial = visits * (1 - caught) / caught / 2
    systematic = ((visits - seen) / 2) ** 2
    imbalance = ((came + present_first - went - present_last) / 2 / caught) ** 2
    reach = float(stats.norm.ppf(0.5 + settings.confidence / 2)) * np.sqrt(binomial + systematic + imbalance)
    return Estimate(visits, (max(0.0, visits - float(reach)), visits + float(reach)))


@dataclass(frozen=True, slots=True, eq=False)
class _Flow:
    """Per block of the period: person-seconds and number of visits, short stays taken out."""

    exposure_s: FloatArray
    visits: FloatArray


def _count_flow(
    *,
    stays: pd.DataFrame,
    minimum_stay_s: float,
    period_s: tuple[float, float],
    loss: TrackingLoss | None,
    settings: DwellSettings,
) -> _Flow:
    start_s, end_s = period_s
    blocks = max(1, round((end_s - start_s) / settings.block_s))
    edges_s = np.linspace(start_s, end_s, blocks + 1)
    entered_s, left_s = stays["entered_s"].to_numpy(np.float64), stays["left_s"].to_numpy(np.float64)
    exposure_s = np.diff(integrate_overlap(np.column_stack([entered_s, left_s]), edges_s))
    came = _is_edge(stays["start_edge"], StayEdge.SEEN, StayEdge.VIEW)
    went = _is_edge(stays["end_edge"], StayEdge.SEEN, StayEdge.VIEW)
    is_short, weight = _weigh_short_stays(stays=stays, minimum_stay_s=minimum_stay_s, loss=loss)
    visits = (
        _sum_in_blocks(entered_s[came], edges_s, np.full(int(came.sum()), 0.5))
        + _sum_in_blocks(left_s[went], edges_s, np.full(int(went.sum()), 0.5))
        - _sum_in_blocks(entered_s[is_short], edges_s, weight[is_short])
    )
    short_s = (weight * stays["seconds"].to_numpy(np.float64))[is_short]
    return _Flow(exposure_s - _sum_in_blocks(entered_s[is_short], edges_s, short_s), visits)


def _weigh_short_stays(
    *, stays: pd.DataFrame, minimum_stay_s: float, loss: TrackingLoss | None
) -> tuple[npt.NDArray[np.bool_], FloatArray]:
    """Which stays are complete and no visits, and how many such stays each row stands for."""
    seconds = stays["seconds"].to_numpy(np.float64)
    came = _is_edge(stays["start_edge"], StayEdge.SEEN, StayEdge.VIEW)
    went = _is_edge(stays["end_edge"], StayEdge.SEEN, StayEdge.VIEW)
    weight = np.exp(np.minimum(seconds, minimum_stay_s) * (0.0 if loss is None else loss.per_s))
    return came & went & (seconds < minimum_stay_s - TIME_TOLERANCE_S), weight


def _is_edge(edges: pd.Series, *kinds: StayEdge) -> npt.NDArray[np.bool_]:
    return np.asarray(edges.isin([kind.value for kind in kinds]), bool)


def _sum_in_blocks(at_s: FloatArray, edges_s: Sequence[float] | FloatArray, weight: FloatArray) -> FloatArray:
    edges = np.asarray(edges_s)
    block = np.clip(np.searchsorted(edges, at_s, side="right") - 1, 0, len(edges) - 2)
    return np.bincount(block, weights=weight, minlength=len(edges) - 1).astype(np.float64)
