"""The ratio of two totals, estimated from a stratified sample of clips, with its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from analytics.domain.arrays import FloatArray, IntArray
from analytics.evaluation.scores import Score

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class ClipTotals:
    """Found and true totals of each clip.

    Attributes:
        found, true: shape (clips,), of one unit such as crossings, heads or seconds.
        stratum: 0, 1, … for each clip; every stratum has two clips or more, shape (clips,).
        size: share of the whole time per stratum, in any unit, shape (strata,).
        errors: number of single errors (missed or false) in all clips together; None for other quantities.
    """

    found: FloatArray
    true: FloatArray
    stratum: IntArray
    size: FloatArray
    errors: float | None = None

    @property
    def weight(self) -> FloatArray:
        """Return the share of the total time that each clip represents, shape (clips,)."""
        taken = np.bincount(self.stratum, minlength=len(self.size))
        return (self.size / np.maximum(taken, 1))[self.stratum]


def estimate_ratio(totals: ClipTotals) -> Score:
    """Estimate found over true, with its 95 % interval; no value if nothing is true.

    The value is the combined ratio estimator Σ N_h c̄_h / Σ N_h t̄_h with the variance Σ N_h² s²_dh / n_h over
    the squared denominator, d = c - R t within the stratum (Cochran 1977, Sampling Techniques, 6.11 and
    6.44), and Student's t with the effective degrees of freedom of Satterthwaite (Cochran 5.16). There is no
    correction for finite populations: clips tell of the hours to come as well as of those they were drawn
    from. Clips without any error would make this interval empty, and a few errors make it too narrow; so it
    is at least as wide as the exact Poisson limits of the number of errors (Garwood 1936, Biometrika 28, 437)
    allow, where something is counted.
    """
    found, true = totals.found, totals.true
    weight = totals.weight
    denominator = float(weight @ true)
    if denominator <= 0:
        return Score(None)
    ratio = float(weight @ found) / denominator
    strata = len(totals.size)
    taken = np.bincount(totals.stratum, minlength=strata).astype(np.float64)
    differences = found - ratio * true
    mean = np.bincount(totals.stratum, differences, strata) / np.maximum(taken, 1)
    squares = np.bincount(totals.stratum, (differences - mean[totals.stratum]) ** 2, strata)
    usable = taken >= 2
    if not usable.any():
        return Score(ratio)
    spread = squares[usable] / (taken[usable] - 1)
    share = totals.size[usable] ** 2 / taken[usable]
    variance = float(share @ spread) / denominator**2
    freedom = taken[usable] - 1
    fourth = float(((share * spread) ** 2 / freedom).sum())
    effective = float(share @ spread) ** 2 / fourth if fourth > 0 else float(freedom.sum())
    reach = max(compute_t_quantile(max(effective, 1.0)) * float(np.sqrt(variance)), _limit_by_errors(totals))
    return Score(ratio, (max(0.0, ratio - reach), ratio + reach))


def compute_t_quantile(freedom: float) -> float:
    """Return the half width of a 95 % interval in standard errors, by Student's t."""
    return float(special.stdtrit(freedom, 0.5 + CONFIDENCE / 2))


def limit_poisson(events: float) -> float:
    """Return the distance from a count to Garwood's upper limit of its true mean."""
    return float(special.chdtri(2 * (events + 1), 0.5 - CONFIDENCE / 2) / 2 - events)


def estimate_share(*, hits: int, total: int) -> Score:
    """Estimate a share with the interval of Wilson (1927, JASA 22, 209), valid for small numbers, too."""
    if total <= 0:
        return Score(None)
    z = float(special.ndtri(0.5 + CONFIDENCE / 2))
    share = hits / total
    centre = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    reach = z * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2)) / (1 + z**2 / total)
    return Score(share, (max(0.0, float(centre - reach)), min(1.0, float(centre + reach))))


def _limit_by_errors(totals: ClipTotals) -> float:
    true = float(totals.true.sum())
    return 0.0 if totals.errors is None or true <= 0 else limit_poisson(totals.errors) / true
