"""How thoroughly an exhibition as a whole is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.estimate import Estimate
from analytics.metrics.journeys import choose_whole
from analytics.metrics.published_bands import FT2_M2

FloatArray = npt.NDArray[np.float64]

DILIGENT_SHARE = 0.5
"""A diligent visitor stops at more than this share of the elements (Serrell 1998)."""


@dataclass(frozen=True, slots=True)
class ExhibitionUse:
    """Figures of the whole exhibition; an estimate without a value is not known.

    Attributes:
        mean_total_time_s: of a visitor, by Little's law: person-seconds over half the sum of the comings and
            goings that were seen, so that a broken track changes nothing.
        sweep_rate_m2_min: area over the mean total time, m² a minute (SRI).
        minutes_per_100_m2: mean total time per 100 m².
        diligent: share of the visitors who stop at more than half of the elements (%DV).
        stops_per_element: elements that a visitor stops at, over the elements.
        zones_visited: share of the zones that a visitor visits (coverage of the exhibition).
        traffic_density: mean occupancy per 100 ft² (9.29 m²) of net exhibit area.
        whole_journeys: those seen from beginning to end, of which diligent, stops and zones are.
        cut_journeys: the others.
    """

    mean_total_time_s: Estimate
    sweep_rate_m2_min: Estimate
    minutes_per_100_m2: Estimate
    diligent: Estimate
    stops_per_element: Estimate
    zones_visited: Estimate
    traffic_density: Estimate
    whole_journeys: int
    cut_journeys: int


def measure_exhibition_use(
    *,
    journeys: pd.DataFrame,
    stopped: pd.DataFrame,
    elements: Sequence[str],
    area_m2: float,
    net_area_m2: float,
    person_seconds: FloatArray,
    observed_s: FloatArray,
    blocks: PeriodBlocks,
) -> ExhibitionUse:
    """The figures of a period.

    Args:
        journeys: columns of ``JOURNEY_COLUMN_NAMES``, without staff.
        stopped: visits with a stop: ``visitor``, ``zone``.
        elements: the zones that are to be visited and stopped at.
        area_m2: of the exhibition that was observed, aisles with it; for the sweep rate.
        net_area_m2: of the exhibits alone.
        person_seconds: of everybody within the observed time of each block, shape (blocks,).
        observed_s: seconds of each block in which somebody looked, shape (blocks,).
    """
    came = journeys.loc[journeys["is_start_seen"], "start_s"].to_numpy(np.float64)
    went = journeys.loc[journeys["is_end_seen"], "end_s"].to_numpy(np.float64)
    total_time = blocks.divide(person_seconds, (blocks.count(came) + blocks.count(went)) / 2)
    whole = choose_whole(journeys)
    starts_s = whole["start_s"].to_numpy(np.float64)
    visitors = blocks.count(starts_s)
    stops = _count_different(whole["visitor"], stopped[stopped["zone"].isin(list(elements))])
    visited = np.array([len(set(zones) & set(elements)) for zones in whole["zones"]], np.float64)
    each = max(len(elements), 1)
    nothing = Estimate(None, None)
    is_diligent = stops > DILIGENT_SHARE * len(elements)

    def average(values: FloatArray) -> Estimate:
        return (
            blocks.divide(blocks.count(starts_s, values / each), visitors, high=1.0) if elements else nothing
        )

    return ExhibitionUse(
        mean_total_time_s=total_time,
        sweep_rate_m2_min=_invert(total_time, area_m2 * 60.0),
        minutes_per_100_m2=_scale(total_time, 100.0 / (60.0 * area_m2)),
        diligent=blocks.divide(blocks.count(starts_s[is_diligent]), visitors, high=1.0)
        if elements
        else nothing,
        stops_per_element=average(stops),
        zones_visited=average(visited),
        traffic_density=_scale(blocks.divide(person_seconds, observed_s), 100.0 * FT2_M2 / net_area_m2),
        whole_journeys=len(whole),
        cut_journeys=len(journeys) - len(whole),
    )


def _count_different(visitors: pd.Series, stopped: pd.DataFrame) -> FloatArray:
    counts = stopped.drop_duplicates(["visitor", "zone"]).groupby("visitor").size()
    return np.asarray(visitors.map(counts).fillna(0), np.float64)


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
