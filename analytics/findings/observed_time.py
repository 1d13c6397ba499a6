"""Observed time of places, in days and hours."""

from __future__ import annotations

import numpy as np

from analytics.domain.arrays import FloatArray, Interval
from analytics.metrics.observation import clip_intervals, integrate_overlap
from analytics.rollups.period_facts import PeriodFacts

DAY_S = 86_400.0
HOUR_S = 3600.0
MIN_COVERAGE = 0.8
"""Minimum coverage of a place for an assessment."""
MIN_DAY_S = 3600.0
"""Minimum observed seconds of a day, unless there is no other."""


def count_days(facts: PeriodFacts) -> int:
    """Return the number of observed days, at least 1.

    A day is 24 hours from the first observation, which at an exhibition that closes at night matches the
    days by its clock.
    """
    observed = facts.observed
    if not len(observed):
        return 1
    first_s, last_s = float(observed[0, 0]), float(observed[-1, 1])
    edges = np.asarray(first_s + DAY_S * np.arange(int((last_s - first_s) // DAY_S) + 2), np.float64)
    return max(1, int((np.diff(integrate_overlap(observed, edges)) >= MIN_DAY_S).sum()))


def cut_hours(facts: PeriodFacts) -> FloatArray:
    """Return borders of equal hours from the first to the last observation, shape (n + 1,)."""
    observed = facts.observed
    if not len(observed):
        return np.empty(0)
    start_s = float(np.floor(observed[0, 0] / HOUR_S) * HOUR_S)
    count = max(1, int(np.ceil((float(observed[-1, 1]) - start_s) / HOUR_S)))
    return np.asarray(start_s + HOUR_S * np.arange(count + 1), np.float64)


def measure_observed_s(facts: PeriodFacts, since_s: float) -> float:
    """Return the observed seconds from a time on."""
    return float(
        np.diff(clip_intervals(facts.observed, start_s=since_s, end_s=facts.period_s[1]), axis=1).sum()
    )


def join_times(starts_s: FloatArray, *, length_s: float, max_pause_s: float = 0.0) -> tuple[Interval, ...]:
    """Join equal time slots, given by their starts, to intervals.

    Args:
        max_pause_s: maximum pause within an interval.
    """
    if not len(starts_s):
        return ()
    starts = np.unique(starts_s)
    begins = np.append(True, np.diff(starts) > length_s + max_pause_s + 1e-6)
    first = np.flatnonzero(begins)
    last = np.append(first[1:] - 1, len(starts) - 1)
    return tuple((float(starts[a]), float(starts[b] + length_s)) for a, b in zip(first, last, strict=True))
