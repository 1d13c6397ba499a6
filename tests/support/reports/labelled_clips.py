"""A hall whose crossings are known minute by minute, and a system that misses some and counts some twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import IntArray
from analytics.evaluation.clip_scores import ClipTotals

_MINUTES = 120
"""Of every camera, hour and crowding."""
_CROWDING = (0.4, 1.0, 2.0)
"""Crossings of a quiet, usual and busy minute, as a multiple of the usual ones."""


@dataclass(frozen=True, slots=True, eq=False)
class KnownHall:
    """Minutes, each one a clip; arrays of shape (minutes,)."""

    true: IntArray
    found: IntArray
    errors: IntArray

    @property
    def ratio(self) -> float:
        return float(self.found.sum() / self.true.sum())

    def label(self, minutes: IntArray) -> ClipTotals:
        """The totals of the chosen minutes."""
        return ClipTotals(
            found=self.found[minutes].astype(np.float64),
            true=self.true[minutes].astype(np.float64),
            errors=float(self.errors[minutes].sum()),
        )


def make_known_hall(
    rng: np.random.Generator, *, missed: float = 0.08, doubled: float = 0.05, crossings_per_min: float = 6.0
) -> KnownHall:
    """Two cameras, eight hours; crossings overdispersed (negative binomial), and so are the missed ones."""
    true, found, errors = [], [], []
    for hour in 2 * list(range(8)):
        for place, crowding in enumerate(_CROWDING):
            rate = crossings_per_min * crowding * (1 + 0.5 * np.sin(hour))
            crossed = rng.poisson(rng.gamma(4.0, rate / 4.0, _MINUTES))
            lost = rng.binomial(crossed, rng.beta(2, 2 / (missed * (1 + 0.5 * place)) - 2, _MINUTES))
            twice = rng.poisson(doubled * crossed)
            true.append(crossed)
            found.append(crossed - lost + twice)
            errors.append(lost + twice)
    return KnownHall(np.concatenate(true), np.concatenate(found), np.concatenate(errors))
