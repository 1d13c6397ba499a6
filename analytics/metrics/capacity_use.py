"""Occupancy against what a zone or hall may hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.metrics.occupancy import Occupancy


@dataclass(frozen=True, slots=True)
class CapacityUse:
    """None where nothing was observed.

    Attributes:
        mean_share, peak_share: of the capacity; the peak is that of the largest observed step.
        minutes_above: observed time of the steps whose mean was above the capacity.
        observed_minutes: of the steps that have a value.
    """

    capacity: float
    mean_share: float | None
    peak_share: float | None
    minutes_above: float | None
    observed_minutes: float


def compare_with_capacity(occupancy: Occupancy, *, capacity: float) -> CapacityUse:
    """How full it was, and for how long too full.

    Args:
        occupancy: in steps of a minute, so that the peak is the peak occupancy.
        capacity: persons, more than 0.
    """
    has_value = ~np.isnan(occupancy.mean)
    observed_s = float(occupancy.observed_s[has_value].sum())
    mean, peak = occupancy.overall_mean(), occupancy.peak()
    above_s = float(occupancy.observed_s[has_value & (occupancy.mean > capacity)].sum())
    return CapacityUse(
        capacity=capacity,
        mean_share=None if mean is None else mean / capacity,
        peak_share=None if peak is None else peak / capacity,
        minutes_above=above_s / 60.0 if observed_s > 0 else None,
        observed_minutes=observed_s / 60.0,
    )
