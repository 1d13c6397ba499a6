"""Confidence intervals of scores that can be computed from blocks of a period."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from analytics.domain.arrays import FloatArray, IntArray
from analytics.evaluation.scores import Score

MAX_BLOCK_S = 300.0
MIN_BLOCK_S = 60.0
TARGET_BLOCKS = 10
"""Number of blocks of a short period, unless they would be shorter than a usual stay."""
MIN_BLOCKS = 5
"""Number of blocks below which their scatter says too little for an interval."""
RESAMPLES = 200
CONFIDENCE = 0.95
METHOD = (
    "paired block bootstrap: truth and result resampled by the same blocks, 200 times, standard error times"
    " Student's t of blocks - 1 degrees of freedom, 95 %"
)


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Equal parts of a period, shape of ``edges_s`` (blocks + 1,)."""

    edges_s: FloatArray

    @property
    def count(self) -> int:
        """Number of blocks."""
        return len(self.edges_s) - 1

    @property
    def method(self) -> str:
        """Method of the intervals, or why there are none."""
        if self.count >= MIN_BLOCKS:
            return METHOD
        return f"none: {self.count} blocks, at least {MIN_BLOCKS} are needed"

    def find(self, at_s: FloatArray) -> IntArray:
        """Return the block of each time; times outside the period belong to the first or last block."""
        return np.clip(np.searchsorted(self.edges_s, at_s, side="right") - 1, 0, self.count - 1)

    def score(self, measure: Callable[[FloatArray], float | None], *, maximum: float = math.inf) -> Score:
        """Return a score and its interval.

        The blocks are drawn with replacement; a percentile interval is too narrow with a dozen of blocks,
        hence the standard error with Student's t, and sqrt(B / (B - 1)) for the resampled variance (Efron
        and Tibshirani 1993, An Introduction to the Bootstrap, 5.3).

        Fewer than ``MIN_BLOCKS`` blocks give no interval.

        Args:
            measure: gives the score with every block counted as often as its weight says, shape (blocks,);
                0 or more.
            maximum: upper bound of the score and its interval.
        """
        value = measure(np.ones(self.count))
        if value is None or self.count < MIN_BLOCKS:
            return Score(value)
        draws = np.random.default_rng(0).multinomial(
            self.count, np.full(self.count, 1 / self.count), RESAMPLES
        )
        resampled = [found for draw in draws if (found := measure(draw.astype(np.float64))) is not None]
        if len(resampled) < RESAMPLES / 2:
            return Score(value)
        error = float(np.std(resampled, ddof=1)) * np.sqrt(self.count / (self.count - 1))
        reach = float(stats.t.ppf(0.5 + CONFIDENCE / 2, self.count - 1)) * error
        return Score(value, (max(value - reach, 0.0), min(value + reach, maximum)))


def make_blocks(*, start_s: float, end_s: float) -> Blocks:
    """Cut a period into blocks of 5 minutes, a short one into ten, but none of less than a minute."""
    duration_s = max(end_s - start_s, 1e-3)
    block_s = min(MAX_BLOCK_S, max(MIN_BLOCK_S, duration_s / TARGET_BLOCKS))
    return Blocks(np.linspace(start_s, start_s + duration_s, max(1, round(duration_s / block_s)) + 1))
