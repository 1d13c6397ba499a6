"""How thoroughly an exhibition as a whole is used."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.domain.arrays import FloatArray, IntArray
from analytics.dwell.published_bands import FT2_M2
from analytics.flows.ways import Ways
from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.estimate import Estimate

MIN_WHOLE = 0.5
"""Of the visitors, so many must be seen from beginning to end: those who are tend to be the hasty ones."""
DILIGENT_SHARE = 0.5
"""A diligent visitor stops at more than this share of the elements (Serrell 1998)."""


@dataclass(frozen=True, slots=True)
class ExhibitionUse:
    """Figures of the whole exhibition; an estimate without a value is not known.

    Attributes:
        mean_total_time_s: of a visitor on the observed floor, by Little's law: person-seconds over visitors,
            so that a broken track changes nothing.
        sweep_rate_m2_min: area over the mean total time, m² a minute (SRI).
        minutes_per_100_m2: mean total time per 100 m².
        diligent: share of the visitors who stop at more than half of the elements (%DV); not known where
            fewer than ``MIN_WHOLE`` of the visitors were seen from beginning to end.
        stops_per_element: elements that a visitor stops at, over the elements. A mean of sums, so that it
            does not matter whether a visitor is known again from one element to the next.
        zones_visited: share of the zones that a visitor visits (coverage of the exhibition), likewise.
        traffic_density: mean occupancy per 100 ft² (9.29 m²) of net exhibit area.
        visitors: how many came, by entrance lines, or else half the comings and goings that were seen.
        whole_journeys: those seen from beginning to end.
        cut_journeys: the others.
    """

    mean_total_time_s: Estimate
    sweep_rate_m2_min: Estimate
    minutes_per_100_m2: Estimate
    diligent: Estimate
    stops_per_element: Estimate
    zones_visited: Estimate
    traffic_density: Estimate
    visitors: float
    whole_journeys: int
    cut_journeys: int


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
    """The figures of a period.

    Args:
        ways: of all visitors, without staff.
        came: how many came in by the entrance lines in each block, shape (blocks,); None where there is none.
        visited: by block, visitors who came to an element for the first time, over all elements;
        stopped: and those who stopped at one for the first time; both of shape (blocks,).
        stops: at how many elements each visitor stopped, shape (ways,).
        elements: how many zones there are to be visited and stopped at.
        area_m2: of the exhibition that was observed, aisles with it; for the sweep rate.
        net_area_m2: of the exhibits alone.
        person_seconds: of everybody within the observed time of each block, shape (blocks,).
        observed_s: seconds of each block in which somebody looked, shape (blocks,).
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
        whole_journeys=len(starts_s),
        cut_journeys=len(ways) - len(starts_s),
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
