"""Effect of an event on a zone: people before, during and after, relative to the other zones."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

from analytics.domain.arrays import FloatArray

MIN_BLOCKS = 4
"""Minimum number of blocks on a side."""
MIN_PEOPLE = 1.0
"""Minimum mean number of people on both sides."""
CONFIDENCE = 0.95


class EventVerdict(StrEnum):
    """Conclusion about an event's effect."""

    FULLER = "fuller"
    EMPTIER = "emptier"
    NO_EVIDENCE = "no_evidence"
    TOO_LITTLE = "too_little"
    """Too little time or too few people on one side."""


@dataclass(frozen=True, slots=True)
class EventEffect:
    """People in a zone during an event, relative to the time before.

    Attributes:
        before, during, after: mean people in the zone; None where not observed.
        ratio: during over before, divided by that of the other zones; None if unknown.
        interval: 95 % interval of the ratio.
        verdict: conclusion from the interval.
    """

    before: float | None
    during: float | None
    after: float | None
    ratio: float | None
    interval: tuple[float, float] | None
    verdict: EventVerdict


def measure_event_effect(
    *,
    zone: tuple[FloatArray, FloatArray, FloatArray],
    others: tuple[FloatArray, FloatArray, FloatArray] | None,
) -> EventEffect:
    """Compare mean people in blocks before, during and after an event.

    The logarithm of the zone's mean over that of the other zones (difference in differences: the effect of
    the hour on the whole hall cancels) is compared between before and during by Welch's t (Welch 1947,
    Biometrika 34, 28), its variance from the blocks by the delta method. The number of blocks is reduced for
    their serial correlation, as people stay over several blocks: n (1 - r) / (1 + r) (Bayley and Hammersley
    1946, J. R. Stat. Soc. Suppl. 8, 184).

    Args:
        zone: mean people in the zone in equal blocks of time before, during and after; NaN where
            not observed. A stretch may have no block.
        others: the same for all other zones together; None if there are none: the zone is compared with
            itself alone.
    """
    means = [_mean(part) for part in zone]
    changes, parts = [], []
    for own, other in zip(zone[:2], others[:2] if others is not None else (None, None), strict=True):
        known = np.isfinite(own) if other is None else np.isfinite(own) & np.isfinite(other)
        if int(known.sum()) < MIN_BLOCKS:
            return EventEffect(means[0], means[1], means[2], None, None, EventVerdict.TOO_LITTLE)
        level, share = _describe(own[known])
        if other is not None:
            other_level, other_share = _describe(other[known])
            level, share = level - other_level, share - other_share
        changes.append(level)
        parts.append(_variance_of_mean(share))
    if max(mean for mean in means[:2] if mean is not None) < MIN_PEOPLE:
        return EventEffect(means[0], means[1], means[2], None, None, EventVerdict.TOO_LITTLE)
    change = changes[1] - changes[0]
    variance = sum(part for part, _ in parts)
    weights = sum(part**2 / degrees for part, degrees in parts if part > 0)
    degrees = variance**2 / weights if weights > 0 else 1.0
    reach = float(stats.t.ppf(0.5 + CONFIDENCE / 2, max(degrees, 1.0))) * float(np.sqrt(variance))
    low, high = float(np.exp(change - reach)), float(np.exp(change + reach))
    verdict = (
        EventVerdict.FULLER if low > 1 else EventVerdict.EMPTIER if high < 1 else EventVerdict.NO_EVIDENCE
    )
    return EventEffect(means[0], means[1], means[2], float(np.exp(change)), (low, high), verdict)


def _describe(values: FloatArray) -> tuple[float, FloatArray]:
    """Return the log of the mean, and each block's share of it; half a person in all for an empty zone."""
    mean = max(float(values.mean()), 0.5 / len(values))
    return float(np.log(mean)), values / mean


def _variance_of_mean(values: FloatArray) -> tuple[float, float]:
    """Return the variance of the mean of a series, and its degrees of freedom."""
    count, spread = len(values), float(values.var(ddof=1))
    centred = values - values.mean()
    below = float(centred @ centred)
    r = float(centred[:-1] @ centred[1:]) / below if below > 0 else 0.0
    r = min(max(r, 0.0), 0.95)
    effective = max(2.0, count * (1 - r) / (1 + r))
    return spread / effective, effective - 1.0


def _mean(values: FloatArray) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None
