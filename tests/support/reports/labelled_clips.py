"""A hall whose crossings are known minute by minute, and a system that misses some and counts some twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import IntArray
from analytics.domain.identifiers import CameraId
from analytics.evaluation.clip_strata import Crowding, Stratum, StratumLoad, collapse_strata
from analytics.evaluation.stratified_ratio import ClipTotals

MINUTES = 120
"""Of every stratum, each one a clip: so many that what is looked at is a small part of them."""


@dataclass(frozen=True, slots=True, eq=False)
class KnownHall:
    """Minutes of strata; arrays of shape (strata, minutes)."""

    loads: tuple[StratumLoad, ...]
    true: IntArray
    found: IntArray
    errors: IntArray

    @property
    def ratio(self) -> float:
        return float(self.found.sum() / self.true.sum())

    def label(self, taken: list[IntArray]) -> ClipTotals:
        """The totals of the chosen minutes of each stratum."""
        strata = [load.stratum for load in self.loads]
        counts = {stratum: len(minutes) for stratum, minutes in zip(strata, taken, strict=True)}
        groups = collapse_strata(strata, counts)
        place = {stratum: index for index, group in enumerate(groups) for stratum in group}
        found, true, errors = (
            np.concatenate([row[minutes] for row, minutes in zip(table, taken, strict=True)])
            for table in (self.found, self.true, self.errors)
        )
        return ClipTotals(
            found=found.astype(np.float64),
            true=true.astype(np.float64),
            stratum=np.concatenate(
                [np.full(len(m), place[s], np.int64) for s, m in zip(strata, taken, strict=True)]
            ),
            size=np.array([float(MINUTES * len(group)) for group in groups]),
            errors=float(errors.sum()),
        )


def make_known_hall(
    rng: np.random.Generator, *, missed: float = 0.08, doubled: float = 0.05, crossings_per_min: float = 6.0
) -> KnownHall:
    """Two cameras, eight hours; crossings overdispersed (negative binomial), and so are the missed ones."""
    loads, true, found, errors = [], [], [], []
    for camera in ("a", "b"):
        for hour in range(8):
            for place, crowding in enumerate(Crowding):
                rate = crossings_per_min * (0.4, 1.0, 2.0)[place] * (1 + 0.5 * np.sin(hour))
                stratum = Stratum(CameraId(camera), 9 + hour, crowding)
                loads.append(StratumLoad(stratum, MINUTES * 60.0, 5.0 * (place + 1), rate))
                crossed = rng.poisson(rng.gamma(4.0, rate / 4.0, MINUTES))
                lost = rng.binomial(crossed, rng.beta(2, 2 / (missed * (1 + 0.5 * place)) - 2, MINUTES))
                twice = rng.poisson(doubled * crossed)
                true.append(crossed)
                found.append(crossed - lost + twice)
                errors.append(lost + twice)
    return KnownHall(tuple(loads), np.array(true), np.array(found), np.array(errors))
