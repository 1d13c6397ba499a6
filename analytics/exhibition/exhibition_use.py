"""Use of an exhibition as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.domain.arrays import FloatArray, IntArray
from analytics.exhibition.published_bands import FT2_M2
from analytics.flows.ways import Ways
from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.estimate import Estimate

MIN_WHOLE = 0.5
"""Minimum share of visitors seen from entry to exit; those tend to be the hasty ones."""
DILIGENT_SHARE = 0.5
"""Minimum share of elements at which a diligent visitor stops (Serrell 1998)."""


@dataclass(frozen=True, slots=True)
class ExhibitionUse:
    """Figures of the whole exhibition; an estimate without a value is unknown.

    Attributes:
        mean_total_time_s: of a visitor on the observed floor, by Little's law: person-seconds over visitors.
        sweep_rate_m2_min: area over the mean total time, m² a minute (SRI).
        minutes_per_100_m2: mean total time per 100 m².
        diligent: share of the visitors who stop at more than half of the elements (%DV); unknown where
            fewer than ``MIN_WHOLE`` of the visitors were seen from entry to exit.
        stops_per_element: elements at which a visitor stops, over the elements; a mean of sums.
        zones_visited: share of the zones that a visitor visits, likewise.
        traffic_density: mean occupancy per 100 ft² (9.29 m²) of net exhibit area.
        visitors: number who came, by the lines of doors, or else half the entries and exits seen.
    """

    mean_total_time_s: Estimate
    sweep_rate_m2_min: Estimate
    minutes_per_100_m2: Estimate
    diligent: Estimate
    stops_per_element: Estimate
    zones_visited: Estimate
    traffic_density: Estimate
    visitors: float


def measure_exhibition_use(
    *,
    ways: Ways,
    came: FloatArray | None,
    visited: FloatArray,
    stopped: FloatArray,
    stops: IntArray,
    elements: int,
    area_m2: float,
    net_area_m2: float,
    person_seconds: FloatArray,
    observed_s: FloatArray,
    blocks: PeriodBlocks,
) -> ExhibitionUse:
    """Compute the figures of a period.

    Args:
        ways: paths of all visitors, without staff.
        came: arrivals in each block by the lines of doors, shape (blocks,); None without such lines.
        visited: first visits to an element by block, summed over the elements, shape (blocks,).
        stopped: first stops at an element by block, likewise.
        stops: number of elements at which each visitor stopped, shape (ways,).
        elements: number of zones that can be visited.
        area_m2: observed area of the exhibition including aisles, for the sweep rate.
        net_area_m2: area of the exhibits only.
        person_seconds: of all people in the observed time of each block, shape (blocks,).
        observed_s: observed seconds of each block, shape (blocks,).
    """
    if came is None:
        arrivals = blocks.count(ways.start_s[ways.is_start_seen])
        visitors = (arrivals + blocks.count(ways.end_s[ways.is_end_seen])) / 2
    else:
        visitors = arrivals = came
    total_time = blocks.divide(person_seconds, visitors)
    starts_s = ways.start_s[ways.is_whole]
    nothing = Estimate(None, None)
    is_diligent = stops[ways.is_whole] > DILIGENT_SHARE * elements
    is_diligent_known = elements > 0 and len(starts_s) >= MIN_WHOLE * visitors.sum()

    def average(firsts: FloatArray) -> Estimate:
        return blocks.divide(firsts, elements * arrivals, high=1.0)

    return ExhibitionUse(
        mean_total_time_s=total_time,
        sweep_rate_m2_min=_invert(total_time, area_m2 * 60.0),
        minutes_per_100_m2=_scale(total_time, 100.0 / (60.0 * area_m2)),
        diligent=blocks.divide(blocks.count(starts_s[is_diligent]), blocks.count(starts_s), high=1.0)
        if is_diligent_known
        else nothing,
        stops_per_element=average(stopped),
        zones_visited=average(visited),
        traffic_density=_scale(blocks.divide(person_seconds, observed_s), 100.0 * FT2_M2 / net_area_m2),
        visitors=float(visitors.sum()),
    )


def _scale(estimate: Estimate, factor: float) -> Estimate:
    if estimate.value is None:
        return estimate
    limits = estimate.interval
    return Estimate(
        estimate.value * factor, None if limits is None else (limits[0] * factor, limits[1] * factor)
    )


def _invert(estimate: Estimate, above: float) -> Estimate:
    if not estimate.value:
        return Estimate(None, None)
    limits = estimate.interval
    is_bounded = limits is not None and limits[0] > 0
    return Estimate(
        above / estimate.value,
        (above / limits[1], above / limits[0]) if limits is not None and is_bounded else None,
    )
