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
IntArray = npt.NDArray[np.int64]

LEAST_WHOLE = 0.5
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
            fewer than ``LEAST_WHOLE`` of the visitors were seen from beginning to end.
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
    journeys: pd.DataFrame,
    came_s: FloatArray | None,
    visited: pd.DataFrame,
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
        came_s: when somebody came in by an entrance line; None where there is none.
        visited: visits: ``visitor``, ``zone``, ``entered_s``.
        stopped: those of them with a stop.
        elements: the zones that are to be visited and stopped at.
        area_m2: of the exhibition that was observed, aisles with it; for the sweep rate.
        net_area_m2: of the exhibits alone.
        person_seconds: of everybody within the observed time of each block, shape (blocks,).
        observed_s: seconds of each block in which somebody looked, shape (blocks,).
    """
    if came_s is None:
        came = journeys.loc[journeys["is_start_seen"], "start_s"].to_numpy(np.float64)
        went = journeys.loc[journeys["is_end_seen"], "end_s"].to_numpy(np.float64)
        arrivals = blocks.count(came)
        visitors = (arrivals + blocks.count(went)) / 2
    else:
        visitors = arrivals = blocks.count(came_s)
    total_time = blocks.divide(person_seconds, visitors)
    whole = choose_whole(journeys)
    starts_s = whole["start_s"].to_numpy(np.float64)
    stops = _count_different(whole["visitor"], _find_first(stopped, elements)[0])
    nothing = Estimate(None, None)
    is_diligent = stops > DILIGENT_SHARE * len(elements)
    is_diligent_known = bool(elements) and len(whole) >= LEAST_WHOLE * visitors.sum()

    def average(visits: pd.DataFrame) -> Estimate:
        first_s = _find_first(visits, elements)[1]
        return blocks.divide(blocks.count(first_s), len(elements) * arrivals, high=1.0)

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
        whole_journeys=len(whole),
        cut_journeys=len(journeys) - len(whole),
    )


def _find_first(visits: pd.DataFrame, elements: Sequence[str]) -> tuple[IntArray, FloatArray]:
    """Whose and when the first visit of each visitor to each element was, both of shape (pairs,)."""
    element = pd.Categorical(visits["zone"], categories=list(elements)).codes.astype(np.int64)
    of_elements = element >= 0
    visitor, entered_s = (visits[name].to_numpy()[of_elements] for name in ("visitor", "entered_s"))
    pair = visitor * max(1, len(elements)) + element[of_elements]
    order = np.argsort(pair, kind="stable")
    starts = np.flatnonzero(np.diff(pair[order], prepend=-1) != 0)
    if not len(starts):
        return np.empty(0, np.int64), np.empty(0)
    first_s = np.minimum.reduceat(entered_s[order], starts)
    return visitor[order[starts]].astype(np.int64), first_s.astype(np.float64)


def _count_different(visitors: pd.Series, of_pairs: IntArray) -> FloatArray:
    """How many pairs each visitor has."""
    people, counts = np.unique(of_pairs, return_counts=True)
    return np.asarray(visitors.map(pd.Series(counts, index=people)).fillna(0), np.float64)


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
