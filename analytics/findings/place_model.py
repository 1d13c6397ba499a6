"""Which of many stands attract more or fewer visitors than their places let expect, and by how much.

The number of visitors who stop at a stand is modelled as log-linear in few predictors of its place, with a
variance of phi mu + tau² mu²: phi is the dispersion of counts of visitors who come in groups (quasi-
Poisson, McCullagh and Nelder 1989, 9.2), tau the spread of the stands about what their places explain. Each
stand is held against a fit without it (externally studentised residual, Cook and Weisberg 1982, 2.2.1), on
a scale on which the variance does not depend on the mean (Anscombe 1948, Biometrika 35, 246). Several
stands that differ hide each other; they are taken out one by one, the most different first, and of all
these steps the last significant one counts (generalised extreme studentised deviate, Rosner 1983,
Technometrics 25, 165). Each step's limit holds for the most extreme of all stands that are left, so that in
a hall of equal stands any is named with the probability ``alpha``; p-values are adjusted by the number of
stands, which is stricter than false discovery control by Benjamini and Hochberg.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LEAST_STANDS = 8
"""With fewer, the spread of the stands is not known well enough to say that one is outside of it."""
STANDS_PER_PREDICTOR = 4
"""So many stands beyond the first four are needed for each predictor."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Parameters of the search.

    Attributes:
        alpha: with this probability any stand of a hall without exceptions is named.
        most_share: of the stands that may be exceptions.
        confidence: of the intervals.
    """

    alpha: float = 0.04
    most_share: float = 0.3
    confidence: float = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class StandFit:
    """Each stand against the unexceptional others; arrays of shape (stands,).

    Attributes:
        expected: how many stop, by the place.
        ratio: observed over expected.
        low, high: of the ratio, prediction interval.
        adjusted_p: of being like the others.
        is_exception: by the search.
        degrees_of_freedom: of the last fit.
    """

    expected: FloatArray
    ratio: FloatArray
    low: FloatArray
    high: FloatArray
    adjusted_p: FloatArray
    is_exception: npt.NDArray[np.bool_]
    degrees_of_freedom: float


def choose_predictors(predictors: FloatArray, stands: int) -> FloatArray:
    """As many of the first columns as the number of stands allows, without those that do not vary.

    Args:
        predictors: shape (stands, k), the most important first.
    """
    varying = predictors[:, np.ptp(predictors, axis=0) > 1e-9]
    return varying[:, : max(0, (stands - 4) // STANDS_PER_PREDICTOR)]


def fit_stands(
    *,
    stopped: FloatArray,
    hours: FloatArray,
    predictors: FloatArray,
    dispersion: float,
    settings: ModelSettings,
) -> StandFit | None:
    """Fit the model and name the exceptions; None with fewer than ``LEAST_STANDS`` stands.

    Args:
        stopped: visitors who stopped at each stand, shape (stands,).
        hours: for which each was observed, shape (stands,).
        predictors: of their places, shape (stands, k), the most important first, each in units in which its
            coefficient is unlikely to be beyond -1 to 1 (normal prior): where few stands differ in one, the
            data alone would not tell its effect, and a stand left out could be predicted to be anything.
        dispersion: phi, at least 1.
    """
    count = len(stopped)
    if count < LEAST_STANDS:
        return None
    design = _make_design(choose_predictors(predictors, count))
    counts = _Counts(stopped, np.log(hours), design, dispersion)
    left = np.arange(count)
    removed: list[int] = []
    last_significant = 0
    for step in range(1, int(settings.most_share * count) + 1):
        scores, freedom = _judge_each(counts, left, left)
        if freedom < 1:
            break
        worst = int(np.argmax(np.abs(scores)))
        limit = float(stats.t.isf(settings.alpha / (2 * len(left)), freedom))
        removed.append(int(left[worst]))
        if abs(scores[worst]) > limit:
            last_significant = step
        left = np.delete(left, worst)
    exceptions = removed[:last_significant]
    kept = np.setdiff1d(np.arange(count), exceptions)
    return _describe(counts, kept, settings)


def _make_design(predictors: FloatArray) -> FloatArray:
    centred = predictors - predictors.mean(axis=0) if predictors.size else predictors
    return np.column_stack([np.ones(len(predictors)), centred])


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """What is modelled: counts, logarithms of the hours they took, predictors with a constant, and phi."""

    stopped: FloatArray
    offset: FloatArray
    design: FloatArray
    dispersion: float

    def fit(self, stands: IntArray) -> _Fit:
        """Weighted least squares of the logarithm with the prior; tau² by moments, and weights from it."""
        design, offset = self.design[stands], self.offset[stands]
        logs = np.log(self.stopped[stands] + 0.5) - offset
        expected = self.stopped[stands] + 0.5
        tau2 = 0.0
        freedom = max(1, len(logs) - design.shape[1])
        coefficients = np.zeros(design.shape[1])
        covariance: FloatArray = np.eye(design.shape[1])
        precision = np.diag([0.0] + [1.0] * (design.shape[1] - 1))
        for _ in range(_ROUNDS):
            weights = 1.0 / (tau2 + self.dispersion / expected)
            weighted = design * weights[:, None]
            covariance = np.asarray(np.linalg.inv(design.T @ weighted + precision), np.float64)
            coefficients = covariance @ (weighted.T @ logs)
            expected = np.exp(design @ coefficients + offset)
            residual2 = (logs - design @ coefficients) ** 2
            # Paule and Mandel (1982): tau² for which the weighted squares are as large as their freedom
            tau2 = _find_tau2(residual2, self.dispersion / expected, freedom)
        return _Fit(coefficients, covariance, tau2)

    def predict(self, fit: _Fit, stand: int) -> tuple[float, float, float]:
        """The expected number, the variance of its logarithm for one stand, and the variance of the fit."""
        row = self.design[stand]
        expected = float(np.exp(row @ fit.coefficients + self.offset[stand]))
        return expected, fit.tau2 + self.dispersion / expected, float(row @ fit.covariance @ row)


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """A fit to some stands: coefficients, their covariance, and tau²."""

    coefficients: FloatArray
    covariance: FloatArray
    tau2: float


_ROUNDS, _STEPS = 4, 30


def _find_tau2(residual2: FloatArray, sampling: FloatArray, freedom: int) -> float:
    # the sum falls and is convex in tau²: Newton's steps from below never go too far
    tau2 = 0.0
    for _ in range(_STEPS):
        terms = residual2 / (tau2 + sampling)
        excess = float(terms.sum()) - freedom
        if excess <= _LITTLE:
            break
        tau2 += excess / float((terms / (tau2 + sampling)).sum())
    return tau2


def _judge_each(counts: _Counts, judged: IntArray, pool: IntArray) -> tuple[FloatArray, float]:
    """Studentised difference of each judged stand from a fit to the others of the pool, and the freedom."""
    scores = np.zeros(len(judged))
    predictors = counts.design.shape[1]
    freedom = len(pool) - predictors - 1
    for number, stand in enumerate(judged.tolist()):
        others = pool[pool != stand]
        if len(others) <= predictors:
            return scores, 0.0
        fit = counts.fit(others)
        expected, own, error2 = counts.predict(fit, stand)
        found = _stabilise(float(counts.stopped[stand]), fit.tau2, counts.dispersion)
        difference = found - _stabilise(expected, fit.tau2, counts.dispersion)
        scores[number] = difference / math.sqrt(1.0 + error2 / own)
    return scores, float(freedom)


def _stabilise(count: float, tau2: float, dispersion: float) -> float:
    """A count on a scale where its standard deviation is 1: (2 / tau) asinh(tau sqrt(n / phi))."""
    root = math.sqrt((count + _ANSCOMBE) / dispersion)
    tau = math.sqrt(tau2)
    return 2.0 * root if tau * root < _LITTLE else 2.0 / tau * math.asinh(tau * root)


_ANSCOMBE, _LITTLE = 0.375, 1e-4


def _describe(counts: _Counts, kept: IntArray, settings: ModelSettings) -> StandFit:
    count = len(counts.stopped)
    everyone = np.arange(count)
    expected, low, high = np.zeros(count), np.zeros(count), np.zeros(count)
    freedom = float(max(1, len(kept) - counts.design.shape[1] - 1))
    reach = float(stats.t.ppf(0.5 + settings.confidence / 2, freedom))
    scores, _ = _judge_each(counts, everyone, kept)
    for stand in everyone.tolist():
        fit = counts.fit(kept[kept != stand])
        expected[stand], own, error2 = counts.predict(fit, stand)
        found = max(float(counts.stopped[stand]), 0.5)
        # what is found has its own sampling error, not that of the number that was expected
        sampling = counts.dispersion * (1.0 / max(found, 1.0) - 1.0 / expected[stand])
        error = math.sqrt(own + sampling + error2)
        ratio = found / expected[stand]
        low[stand], high[stand] = ratio * math.exp(-reach * error), ratio * math.exp(reach * error)
    p_values = 2 * stats.t.sf(np.abs(scores), freedom)
    return StandFit(
        expected=expected,
        ratio=counts.stopped / expected,
        low=low,
        high=high,
        adjusted_p=np.minimum(1.0, p_values * count),
        is_exception=~np.isin(everyone, kept),
        degrees_of_freedom=freedom,
    )
