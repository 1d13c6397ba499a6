"""Time-weighted number of people present; NaN where it was not observed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.metrics.observation import clip_intervals, integrate_overlap
from analytics.metrics.presence import PresenceRows

PRESENCE_GAP_S = 2.0
"""A person unseen for longer does not count as present."""
MIN_OBSERVED = 0.5
"""A step observed for a smaller share of its time has no value of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Occupancy:
    """People present, per step of a period.

    Attributes:
        edges_s: borders of the steps, shape (steps + 1,).
        mean: time-weighted people per step, shape (steps,); NaN where not observed.
        person_seconds: within the observed time, shape (steps,).
        observed_s: shape (steps,).
    """

    edges_s: FloatArray
    mean: FloatArray
    person_seconds: FloatArray
    observed_s: FloatArray

    def overall_mean(self) -> float | None:
        """Return person-seconds over observed seconds; None if nothing was observed."""
        observed_s = float(self.observed_s.sum())
        return float(self.person_seconds.sum()) / observed_s if observed_s > 0 else None

    def peak(self) -> float | None:
        """Return the largest mean of a step; None if no step was observed."""
        return None if np.isnan(self.mean).all() else float(np.nanmax(self.mean))


def find_presence_intervals(rows: PresenceRows) -> FloatArray:
    """Return the intervals in which each person was followed, shape (segments, 2), seconds.

    The last row of a segment stands for one sampling interval, so that a person seen in n frames was present
    for n intervals.
    """
    ends, starts = rows.segment_ends(), rows.segment_starts()
    return np.column_stack([rows.time_s[starts], rows.time_s[ends] + rows.sample_interval_s()])


def compute_occupancy(
    *, intervals: FloatArray, observed: FloatArray, period_s: tuple[float, float], step_s: float = 60.0
) -> Occupancy:
    """Compute the people present in each step of a period, over the observed time of the step.

    Args:
        intervals: shape (n, 2), one stay or period of presence a row, seconds.
        observed: shape (m, 2), disjoint and ordered observed intervals.
    """
    start_s, end_s = period_s
    steps = max(1, int(np.ceil((end_s - start_s) / step_s - 1e-9)))
    edges_s = np.minimum(start_s + step_s * np.arange(steps + 1), end_s)
    within = clip_intervals(observed, start_s=start_s, end_s=end_s)
    observed_s = np.diff(integrate_overlap(within, edges_s))
    person_seconds = np.zeros(steps)
    for from_s, to_s in within:
        inside = clip_intervals(intervals, start_s=float(from_s), end_s=float(to_s))
        person_seconds += np.diff(integrate_overlap(inside, edges_s))
    enough = observed_s >= MIN_OBSERVED * np.diff(edges_s)
    enough &= observed_s > 0
    mean = np.full(steps, np.nan)
    mean[enough] = person_seconds[enough] / observed_s[enough]
    return Occupancy(edges_s, mean, person_seconds, observed_s)
