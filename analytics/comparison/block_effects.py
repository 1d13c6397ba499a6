"""Changes of a figure between blocks: ratio with interval, two tests, and the smallest detectable change.

Visitors come in groups and days differ, so visits are not independent, and tests over them find changes
where there are none: of 100 comparisons without a change a log-rank test over visits finds 13 with groups and
40 with days that differ by a tenth. What is independent are days, and what a day does to all zones alike
cancels against unchanged zones.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special, stats

from analytics.domain.arrays import FloatArray

CONFIDENCE = 0.95
POWER = 0.8
"""Probability with which the smallest detectable change is detected."""
MAX_PERMUTATIONS = 5000
"""Maximum number of enumerated permutations; above it they are sampled."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A change as a ratio, B over A.

    Attributes:
        ratio: 1 for no change.
        p_value: by Student's t.
        permutation_p: by exchanging blocks, or zones, between the sides.
        smallest_permutation_p: smallest p-value that the permutations can reach.
        min_detectable_ratio: ratio of the smallest rise detected with 80 % power.
        degrees_of_freedom: of Student's t.
    """

    ratio: float
    interval: tuple[float, float]
    p_value: float
    permutation_p: float
    smallest_permutation_p: float
    min_detectable_ratio: float
    degrees_of_freedom: float


def estimate_block_effect(
    parts_a: Sequence[FloatArray], parts_b: Sequence[FloatArray], *, min_variance: float = 0.0
) -> Effect | None:
    """Estimate the ratio B over A of block values; None with fewer than two blocks of a part on a side.

    It is the mean over the parts of the day of the difference of mean logarithms. Its variance sums the
    sides', each pooled over the parts; the degrees of freedom are Satterthwaite's (1946, Biometrics Bulletin
    2, 110). With one part it is Welch's t test on logarithms, and the ratio is of geometric means.

    Args:
        parts_a, parts_b: positive values of the blocks for each part of the day, shape (blocks,).
        min_variance: of the difference of logarithms. Days alike by chance do not make a count
            more certain than independent visitors do, with 1 / N of each side.
    """
    logs_a, logs_b = [np.log(part) for part in parts_a], [np.log(part) for part in parts_b]
    if not logs_a or any(len(part) < 2 for part in (*logs_a, *logs_b)):
        return None
    difference = _average_difference(logs_a, logs_b)
    variances, freedoms = zip(*(_estimate_variance(logs) for logs in (logs_a, logs_b)), strict=True)
    variance = float(sum(variances))
    freedom = float(sum(freedoms))
    if variance > 0:
        freedom = variance**2 / sum(v**2 / f for v, f in zip(variances, freedoms, strict=True))
    permuted = _permute(logs_a, logs_b)
    return _make_effect(difference, math.sqrt(max(variance, min_variance)), freedom, permuted)


def estimate_control_effect(
    change: float,
    *,
    visits: float,
    control_changes: FloatArray,
    control_visits: FloatArray,
    min_variance: float = 0.0,
) -> Effect | None:
    """Estimate a zone's ratio B over A relative to unchanged zones; None with fewer than four of them.

    It is the difference of differences, with the spread of the other zones' changes as its error: effects of
    a day cancel, and the variation of zones between days is left. The change of a
    zone with fewer visits varies more, at most in proportion, so its variance is raised accordingly.
    The permutation exchanges zones: it counts the others that changed as much against the rest.

    Args:
        change: the zone's difference of logarithms, B minus A.
        visits: of the zone, both sides together.
        control_changes, control_visits: of the unchanged zones, shape (zones,).
        min_variance: as for ``estimate_block_effect``.
    """
    count = len(control_changes)
    if count < MIN_CONTROLS:
        return None
    difference = change - float(control_changes.mean())
    rarer = max(1.0, float(control_visits.mean()) / max(visits, 1.0))
    variance = float(control_changes.var(ddof=1)) * (rarer + 1 / count)
    everyone = np.append(control_changes, change)
    # of each zone against the others, the zone itself last
    against_rest = (everyone - everyone.mean()) * len(everyone) / count
    return _make_effect(difference, math.sqrt(max(variance, min_variance)), count - 1.0, against_rest)


MIN_CONTROLS = 4
"""Minimum number of unchanged zones for estimating their spread."""


def adjust_p_values(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return adjusted p-values by Benjamini and Hochberg (1995, J. R. Stat. Soc. B 57, 289)."""
    if not p_values:
        return ()
    return tuple(stats.false_discovery_control(np.asarray(p_values), method="bh").tolist())


def _make_effect(difference: float, error: float, freedom: float, permuted: FloatArray) -> Effect:
    quantile = float(special.stdtrit(freedom, 0.5 + CONFIDENCE / 2))
    noticed = (quantile + float(special.stdtrit(freedom, POWER))) * error
    if error > 0:
        p_value = float(2 * special.stdtr(freedom, -abs(difference) / error))
    else:
        p_value = 1.0 if difference == 0 else 0.0
    size = np.abs(permuted)
    tolerance = 1e-9 + 1e-9 * float(size.max())
    return Effect(
        ratio=math.exp(difference),
        interval=(math.exp(difference - quantile * error), math.exp(difference + quantile * error)),
        p_value=p_value,
        permutation_p=float((size >= abs(difference) - tolerance).mean()),
        smallest_permutation_p=float((size >= size.max() - tolerance).mean()),
        min_detectable_ratio=math.exp(noticed),
        degrees_of_freedom=freedom,
    )


def _average_difference(logs_a: Sequence[FloatArray], logs_b: Sequence[FloatArray]) -> float:
    return float(np.mean([b.mean() - a.mean() for a, b in zip(logs_a, logs_b, strict=True)]))


def _estimate_variance(logs: Sequence[FloatArray]) -> tuple[float, float]:
    """Return the variance of a side's mean over the parts, and its degrees of freedom."""
    freedom = sum(len(part) - 1 for part in logs)
    within = sum(float(((part - part.mean()) ** 2).sum()) for part in logs) / freedom
    return within * sum(1 / len(part) for part in logs) / len(logs) ** 2, float(freedom)


def _permute(logs_a: Sequence[FloatArray], logs_b: Sequence[FloatArray]) -> FloatArray:
    """Return the difference for every exchange of blocks between the sides within their part of the day."""
    ways = math.prod(math.comb(len(a) + len(b), len(a)) for a, b in zip(logs_a, logs_b, strict=True))
    if ways > MAX_PERMUTATIONS:
        return _draw_permutations(logs_a, logs_b)
    sums = np.zeros(1)
    for a, b in zip(logs_a, logs_b, strict=True):
        of_part = _split(np.concatenate([a, b]), len(a))
        sums = np.add.outer(sums, of_part).ravel()
    return sums / len(logs_a)


def _draw_permutations(logs_a: Sequence[FloatArray], logs_b: Sequence[FloatArray]) -> FloatArray:
    sums = np.zeros(MAX_PERMUTATIONS - 1)
    weights = _draw_weights(tuple((len(a), len(b)) for a, b in zip(logs_a, logs_b, strict=True)))
    for weight, a, b in zip(weights, logs_a, logs_b, strict=True):
        sums += weight @ np.concatenate([a, b])
    # the observed arrangement is one of the permutations
    return np.append(sums / len(logs_a), _average_difference(logs_a, logs_b))


@lru_cache(maxsize=8)
def _draw_weights(counts: tuple[tuple[int, int], ...]) -> tuple[FloatArray, ...]:
    """Return weights of the difference of means for sampled exchanges, the same for all figures."""
    random = np.random.default_rng(0)
    weights = []
    for of_a, of_b in counts:
        own = np.repeat([-1.0 / of_a, 1.0 / of_b], [of_a, of_b])
        weights.append(random.permuted(np.tile(own, (MAX_PERMUTATIONS - 1, 1)), axis=1))
    return tuple(weights)


def _split(values: FloatArray, first: int) -> FloatArray:
    """Return the difference of means for every choice of ``first`` values as the first side."""
    chosen = np.array(list(itertools.combinations(range(len(values)), first)))
    of_first = values[chosen].sum(axis=1)
    found: FloatArray = (values.sum() - of_first) / (len(values) - first) - of_first / first
    return found
