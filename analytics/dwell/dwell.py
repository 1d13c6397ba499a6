"""Intervals of the visits to a zone and of their mean and median, from what the day shows of errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import Zone
from analytics.dwell.visit_lengths import CELL_S, find_quantile_s
from analytics.dwell.visits import StayEdge, select_visits

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class DwellSettings:
    """Parameters of the intervals, printed with every report.

    Attributes:
        confidence: of every interval.
        least_error_share: relative error of every number that no evidence tells of: outlines, calibrations
            and clocks have errors for everybody.
        least_error_visits2: variance of a number of visits that no evidence tells of: two people who change
            places leave no trace.
        position_error_m: standard error that the places of a zone have in common.
        largest_surplus_share: where more of the visits may be parts of others, nothing is known of them.
        largest_reach_share: an interval that reaches farther to either side, in parts of its number, says
            nothing, and is not given.
    """

    confidence: float = 0.95
    least_error_share: float = 0.03
    least_error_visits2: float = 0.5
    position_error_m: float = 0.1
    largest_surplus_share: float = 0.25
    largest_reach_share: float = 0.5

    @property
    def z(self) -> float:
        """The standard errors to either side."""
        return float(ndtri(0.5 + self.confidence / 2))


class CountErrors(NamedTuple):
    """Evidence of errors in a number of visits, as sums over zones and days.

    Attributes:
        surplus: pairs of a track that ended and one that began in the middle of the zone: their visits may be
            one.
        missing: such ends and beginnings, paired or not: each may hide a visit that was taken for part of
            another, or was not seen.
        wide_visits, wide_seconds, narrow_visits, narrow_seconds: visits and their person-seconds, were the
            outline farther outside or inside by ``DwellSettings.position_error_m``.
    """

    surplus: float = 0.0
    missing: float = 0.0
    wide_visits: float = 0.0
    wide_seconds: float = 0.0
    narrow_visits: float = 0.0
    narrow_seconds: float = 0.0

    @property
    def unsure(self) -> float:
        """Return how many visits the error of the places adds or removes."""
        return abs(self.wide_visits - self.narrow_visits) / 2

    @property
    def unsure_mean_s(self) -> float:
        """Return by how much the error of the places changes the mean dwell."""
        wide_s, narrow_s = (
            seconds / max(visits, 1.0)
            for seconds, visits in (
                (self.wide_seconds, self.wide_visits),
                (self.narrow_seconds, self.narrow_visits),
            )
        )
        return abs(wide_s - narrow_s) / 2


def count_errors(
    *,
    zones: Sequence[Zone],
    stays: pd.DataFrame,
    find_shifted: Callable[[float], pd.DataFrame],
    settings: DwellSettings,
) -> dict[str, CountErrors]:
    """Return the evidence of errors in the visits of zones; at a door tracks legitimately begin and end.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES``.
        find_shifted: returns the stays with outlines moved outwards by metres.
    """
    shifted = []
    for shift_m in (settings.position_error_m, -settings.position_error_m):
        visits = select_visits(stays=find_shifted(shift_m), zones=zones).groupby("zone")["seconds"]
        shifted += [visits.size(), visits.sum()]
    found = {}
    for zone in zones:
        name = str(zone.name)
        own = stays[stays["zone"] == name]
        lost = [float((own[edge] == StayEdge.LOST.value).sum()) for edge in ("start_edge", "end_edge")]
        found[name] = CountErrors(
            0.0 if zone.is_door else min(lost),
            0.0 if zone.is_door else sum(lost),
            *(float(figure.get(name, 0.0)) for figure in shifted),
        )
    return found


@dataclass(frozen=True, slots=True)
class DwellIntervals:
    """Intervals of one number of visits, their mean and their median, s; None where nothing can be said."""

    visits: Interval | None = None
    mean_s: Interval | None = None
    median_s: Interval | None = None


def bound_dwell(
    *,
    count: FloatArray,
    person_seconds: float,
    errors: CountErrors,
    minimum_stay_s: float,
    settings: DwellSettings,
) -> DwellIntervals:
    """Return the intervals of this period's figures, rather than of similar ones.

    Visits reach down to the number if every pair of a lost and a found track was one visitor, and up to that
    if each of them hides a visit, and further both ways by chance and by the error of the places. The mean
    has the same person-seconds over these numbers; visits added or left out anywhere move the median by half
    as many places.

    Args:
        count: of ``count_lengths``.
        person_seconds: of the visits.
    """
    visits, z = float(count.sum()), settings.z
    if visits <= 0:
        return DwellIntervals((0.0, z * float(np.sqrt(errors.missing))))
    if errors.surplus > settings.largest_surplus_share * visits:
        return DwellIntervals()
    share, chance = settings.least_error_share, errors.missing + settings.least_error_visits2
    fewest, most = max(visits - errors.surplus, 1.0), visits + errors.missing
    spread = z * float(np.sqrt(errors.unsure**2 + chance + (share * visits) ** 2))
    low, high = max(0.0, visits - errors.surplus - spread), most + spread
    mean_s = person_seconds / visits
    reach = float(np.hypot(spread / visits, z * errors.unsure_mean_s / mean_s))
    mean = (
        max(minimum_stay_s, person_seconds / most * (1 - reach)),
        max(minimum_stay_s, person_seconds / fewest * (1 + reach)),
    )
    shift = max(visits - low, high - visits) / (2 * visits)
    limits = [find_quantile_s(count, float(np.clip(0.5 + way * shift, 0.0, 1.0))) for way in (-1, 1)]
    middle_s = find_quantile_s(count, 0.5)
    median = None
    if middle_s is not None and limits[0] is not None and limits[1] is not None:
        # lengths are known to half a cell
        low_s, high_s = limits[0] * (1 - z * share) - CELL_S / 2, limits[1] * (1 + z * share) + CELL_S / 2
        median = _give((low_s, high_s), middle_s, settings)
    return DwellIntervals(
        _give((low, high), visits, settings, slack=1.0), _give(mean, mean_s, settings), median
    )


def _give(
    interval: Interval, value: float, settings: DwellSettings, *, slack: float = 0.0
) -> Interval | None:
    """Return the interval, or None where it is too wide to say anything, but for ``slack`` to each side."""
    low, high = interval
    return interval if (high - low) / 2 <= settings.largest_reach_share * value + slack else None
