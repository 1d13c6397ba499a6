"""Survival curve of visits: the share that lasts longer than each time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from analytics.domain.arrays import FloatArray
from analytics.dwell.dwell_distribution import CELL_S, DwellDistribution
from analytics.dwell.visit_probability import choose_visits
from analytics.dwell.visits import COMPLETE_EDGES, StayEdge

_GENUINE = (*COMPLETE_EDGES, StayEdge.PERIOD.value)


@dataclass(frozen=True, slots=True, eq=False)
class EnteredVisits:
    """Visits whose start was seen, counted by length.

    Attributes:
        count: shape (cells,), visits in each cell of ``CELL_S``.
        ended: shape (cells,), how many of them ended there; the others were cut.
    """

    count: FloatArray
    ended: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalCurve:
    """Share of the visits that last longer than each time, from the minimum stay on.

    Attributes:
        at_s: shape (n,), rising; the share is linear in between, as in quantiles.
        share, low, high: shape (n,), 0 to 1; the interval is pointwise and assumes independent visits.
        entered: the visits at risk.
    """

    at_s: FloatArray
    share: FloatArray
    low: FloatArray
    high: FloatArray
    entered: EnteredVisits

    def count_at_risk(self, at_s: float) -> int:
        """Return the visits with a seen start that were seen for at least this long, in whole ``CELL_S``."""
        return round(float(self.entered.count[int(at_s / CELL_S + 1e-6) :].sum()))


def count_entered(*, stays: pd.DataFrame, minimum_stay_s: float, ended_share: float = 0.0) -> EnteredVisits:
    """Count the visits whose start was seen.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES`` of one zone, after ``join_continuations``.
        ended_share: see ``estimate_dwell_distribution``.
    """
    _, cell, entered, ended = list_entered(
        stays=stays, minimum_stay_s=minimum_stay_s, ended_share=ended_share
    )
    return EnteredVisits(
        np.bincount(cell, entered).astype(np.float64), np.bincount(cell, ended).astype(np.float64)
    )


def list_entered(
    *, stays: pd.DataFrame, minimum_stay_s: float, ended_share: float = 0.0
) -> tuple[FloatArray, npt.NDArray[np.int64], FloatArray, FloatArray]:
    """Return visits with a seen start: start, length in ``CELL_S``, probability, and that it ended there.

    Args:
        stays, ended_share: see ``count_entered``.
    """
    visits = choose_visits(stays, minimum_stay_s)
    entered = visits[visits["start_edge"].isin(_GENUINE)]
    cell = (entered["seconds"].to_numpy(np.float64) / CELL_S + 1e-6).astype(np.int64)
    weight = entered["probability"].to_numpy(np.float64)
    ended = weight * np.where(entered["end_edge"].isin(_GENUINE), 1.0, ended_share)
    return entered["entered_s"].to_numpy(np.float64), cell, weight, ended


def estimate_median(entered: EnteredVisits) -> float | None:
    """Estimate the median of the visits whose start was seen; None if too few lasted long enough.

    By Kaplan and Meier (1958, J. Am. Stat. Assoc. 53, 457) on cells of ``CELL_S``, linear within a cell.
    Visits with an unseen start are left out, which causes no bias.
    """
    at_risk = _count_at_risk(entered.count, entered.ended)
    is_left = at_risk > 0
    going_on = np.divide(entered.ended, at_risk, out=np.zeros(len(at_risk)), where=is_left)
    share = np.append(1.0, np.cumprod(1.0 - going_on))
    below = np.flatnonzero(share <= 0.5 + 1e-12)
    if not len(below):
        return None
    cell = int(below[0]) - 1
    within = (share[cell] - 0.5) / (share[cell] - share[cell + 1])
    return (cell + float(np.clip(within, 0.0, 1.0))) * CELL_S


def trace_survival(
    *,
    distribution: DwellDistribution,
    entered: EnteredVisits,
    minimum_stay_s: float,
    confidence: float = 0.95,
) -> SurvivalCurve:
    """Compute the curve of a distribution as far as it is known, with the interval of those at risk.

    The share is one less the running sum of the non-parametric maximum likelihood estimate, which is the
    estimate of Kaplan and Meier (1958) where every start was seen. The interval is Greenwood's (1926) of the
    visits whose start was seen, on the scale of log(-log S) (Kalbfleisch and Prentice 2002, The Statistical
    Analysis of Failure Time Data, 1.4): the other visits improve the estimate without narrowing the interval.

    Args:
        distribution: of ``estimate_dwell_distribution`` of the same visits, with ``is_period_cut=False``.
    """
    first = int(np.ceil(minimum_stay_s / CELL_S - 1e-9))
    cells = max(first, min(len(distribution.probability), round(distribution.known_to_s / CELL_S)))
    at_s = np.arange(first, cells + 1, dtype=np.float64) * CELL_S
    ended = np.append(0.0, np.cumsum(distribution.probability[first:cells]))
    share = np.clip(1.0 - ended, 0.0, 1.0)
    low, high = _bound(share, _sum_greenwood(entered, first, cells), confidence)
    return SurvivalCurve(at_s, share, low, high, entered)


def _count_at_risk(count: FloatArray, ended: FloatArray) -> FloatArray:
    # a cut visit may have ended in its own cell: for the distribution it is cut at the cell's start
    return np.asarray(count[::-1].cumsum()[::-1] - (count - ended), np.float64)


def _sum_greenwood(entered: EnteredVisits, first: int, cells: int) -> FloatArray:
    """Return the sum of d / (n (n - d)) to the end of each cell, after a zero; infinite if none are left."""
    length = max(cells, len(entered.count))
    count, ended = (np.pad(part, (0, length - len(part))) for part in (entered.count, entered.ended))
    at_risk = _count_at_risk(count, ended)
    below = at_risk * (at_risk - ended)
    terms = np.divide(ended, below, out=np.where(ended > 0, np.inf, 0.0), where=below > 0)
    return np.append(0.0, np.cumsum(terms[first:cells]))


def _bound(share: FloatArray, greenwood: FloatArray, confidence: float) -> tuple[FloatArray, FloatArray]:
    low, high = np.ones_like(share), np.ones_like(share)
    inner = (share > 0) & (share < 1) & np.isfinite(greenwood)
    logs = np.log(share[inner])
    reach = float(ndtri(0.5 + confidence / 2)) * np.sqrt(greenwood[inner]) / np.abs(logs)
    low[inner] = np.exp(logs * np.exp(reach))
    high[inner] = np.exp(logs * np.exp(-reach))
    # without anyone at risk, all that is known is that the share goes on falling
    beyond = (share < 1) & ~inner
    low[beyond] = 0.0
    high[beyond] = high[inner].min() if inner.any() else 1.0
    return low, high
