"""Intervals of the visits to a zone and of their mean and median, from what the day shows of errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import Zone
from analytics.dwell.visit_lengths import CELL_S, find_quantile_s
from analytics.dwell.visits import StayEdge

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class DwellSettings:
    """Parameters of the intervals, printed with every report.

    Attributes:
        confidence: of every interval.
        least_error_share: relative error of every number that no evidence tells of: outlines, calibrations
            and clocks have errors for everybody.
    """

    confidence: float = 0.95
    least_error_share: float = 0.03


class CountErrors(NamedTuple):
    """Evidence of errors in a number of visits, as sums over zones and days.

    Attributes:
        surplus: pairs of a track that ended and one that began in the middle of the zone: their visits may be
            one.
        missing: such ends and beginnings, paired or not: each may hide a visit that was taken for part of
            another, or was not seen.
        unsure: stays so near the minimum that either may be true.
    """

    surplus: float = 0.0
    missing: float = 0.0
    unsure: float = 0.0


def count_errors(*, zone: Zone, stays: pd.DataFrame) -> CountErrors:
    """Return the evidence of errors in the visits of a zone; at a door tracks legitimately begin and end.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES`` of the zone.
    """
    error_s = np.hypot(*(stays[name].to_numpy(np.float64) for name in ("start_error_s", "end_error_s")))
    is_near = np.abs(stays["seconds"].to_numpy(np.float64) - zone.minimum_stay_s) <= error_s
    lost = [float((stays[edge] == StayEdge.LOST.value).sum()) for edge in ("start_edge", "end_edge")]
    return CountErrors(
        surplus=0.0 if zone.is_door else min(lost),
        missing=0.0 if zone.is_door else sum(lost),
        unsure=float(is_near.sum()),
    )


def bound_visits(*, visits: float, errors: CountErrors, settings: DwellSettings) -> Interval:
    """Return the interval of the number of visits of this period, rather than of similar ones.

    It reaches down to the number if every pair of a lost and a found track was one visitor, and up to that if
    each of them hides a visit, and further both ways by chance.
    """
    z = float(ndtri(0.5 + settings.confidence / 2))
    spread = z * float(np.sqrt(errors.unsure + errors.missing + (settings.least_error_share * visits) ** 2))
    return max(0.0, visits - errors.surplus - spread), visits + errors.missing + spread


def bound_mean(
    *, person_seconds: float, limits: Interval, settings: DwellSettings, minimum_stay_s: float
) -> Interval | None:
    """Return the interval of the mean dwell: person-seconds over the limits of the number of visits."""
    if person_seconds <= 0:
        return None
    reach = float(ndtri(0.5 + settings.confidence / 2)) * settings.least_error_share * person_seconds
    low, high = limits
    return (
        max(minimum_stay_s, (person_seconds - reach) / high),
        (person_seconds + reach) / max(low, 1.0),
    )


def bound_median(*, count: FloatArray, limits: Interval, settings: DwellSettings) -> Interval | None:
    """Return the interval of the median: visits added or left out anywhere move it by half as many places.

    Args:
        count: of ``count_lengths``.
    """
    visits = float(count.sum())
    if visits <= 0:
        return None
    shift = max(visits - limits[0], limits[1] - visits) / (2 * visits)
    low_s, high_s = (find_quantile_s(count, float(np.clip(0.5 + way * shift, 0.0, 1.0))) for way in (-1, 1))
    if low_s is None or high_s is None:
        return None
    reach = float(ndtri(0.5 + settings.confidence / 2)) * settings.least_error_share
    # lengths are known to half a cell
    return low_s * (1 - reach) - CELL_S / 2, high_s * (1 + reach) + CELL_S / 2
