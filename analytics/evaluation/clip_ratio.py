"""The ratio of two totals, estimated from a random sample of clips, with its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from analytics.domain.arrays import FloatArray
from analytics.evaluation.scores import Score

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class ClipTotals:
    """Found and true totals of each clip.

    Attributes:
        found, true: shape (clips,), of one unit such as crossings, heads or seconds.
        errors: number of single errors (missed or false) in all clips together; None for other quantities.
    """

    found: FloatArray
    true: FloatArray
    errors: float | None = None


def estimate_ratio(totals: ClipTotals) -> Score:
    """Estimate found over true, with its 95 % interval; no value if nothing is true.

    The value is the ratio estimator Σ c / Σ t with the variance n / (n - 1) Σ d² / (Σ t)², d = c - R t
    (Cochran 1977, Sampling Techniques, 6.4), and Student's t. There is no correction for finite populations:
    clips tell of the hours to come as well as of those they were drawn from. Clips without any error would
    make this interval empty, and a few errors make it too narrow; so it is at least as wide as the exact
    Poisson limits of the number of errors (Garwood 1936, Biometrika 28, 437) allow, where things are counted.
    """
    found, true, clips = totals.found, totals.true, len(totals.true)
    denominator = float(true.sum())
    if denominator <= 0:
        return Score(None)
    ratio = float(found.sum()) / denominator
    if clips < 2:
        return Score(ratio)
    squares = float(((found - ratio * true) ** 2).sum())
    error = float(np.sqrt(clips / (clips - 1) * squares)) / denominator
    t = float(special.stdtrit(clips - 1, 0.5 + CONFIDENCE / 2))
    reach = max(t * error, _limit_by_errors(totals))
    return Score(ratio, (max(0.0, ratio - reach), ratio + reach))


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
