"""Who only walks through a zone, and who turns back in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.dwell.stops import measure_stop_seconds
from analytics.dwell.visits import StayEdge
from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.estimate import Estimate

SAME_PLACE_M = 2.0
"""Who leaves within this distance of where they came in has turned back: the width of a narrow aisle."""


@dataclass(frozen=True, slots=True)
class ThroughTraffic:
    """Of the stays of one zone that were seen from coming in to going out, however short.

    Attributes:
        stays: how many these are.
        cut: stays that were not seen whole; they tell nothing here.
        through: share of those who did not stop and went out elsewhere than they came in.
        turned_back: share of those who did not stop and went out where they came in: where it is high, the
            way ends there, or what is seen of it does not draw people on.
    """

    stays: int
    cut: int
    through: Estimate
    turned_back: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class StayKinds:
    """Of each stay, shape (stays,): whether it was seen whole, and how it only passed."""

    is_whole: BoolArray
    is_through: BoolArray
    is_turned_back: BoolArray


def measure_through_traffic(
    *,
    stays: pd.DataFrame,
    stops: pd.DataFrame | None = None,
    blocks: PeriodBlocks,
    stop_s: FloatArray | None = None,
    same_place_m: float = SAME_PLACE_M,
) -> ThroughTraffic:
    """How much of a zone's traffic only passes.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES`` of one zone.
        stops: columns of ``STOP_COLUMN_NAMES`` of the same visitors;
        stop_s: or for how long they stood during each stay, seconds, shape (stays,), where it is known
            already.
    """
    if stop_s is None:
        if stops is None:
            raise ValueError("either the stops or the seconds that people stood are needed")
        stop_s = measure_stop_seconds(visits=stays, stops=stops)
    kinds = classify_stays(stays=stays, stop_s=stop_s, same_place_m=same_place_m)
    entered_s = stays["entered_s"].to_numpy(np.float64)
    everybody = blocks.count(entered_s[kinds.is_whole])

    def estimate(chosen: BoolArray) -> Estimate:
        return blocks.divide(blocks.count(entered_s[chosen]), everybody, high=1.0)

    whole = int(kinds.is_whole.sum())
    return ThroughTraffic(
        stays=whole,
        cut=len(stays) - whole,
        through=estimate(kinds.is_through),
        turned_back=estimate(kinds.is_turned_back),
    )


def classify_stays(
    *, stays: pd.DataFrame, stop_s: FloatArray, same_place_m: float = SAME_PLACE_M
) -> StayKinds:
    """Which stays of any zones were seen whole, and which of these only passed.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES``.
        stop_s: for how long the person stood during each, seconds, shape (stays,).
    """
    ends = (StayEdge.SEEN.value, StayEdge.VIEW.value)
    is_whole = (stays["start_edge"].isin(ends) & stays["end_edge"].isin(ends)).to_numpy(bool)
    start_x, start_y, end_x, end_y = (
        stays[name].to_numpy(np.float64) for name in ("start_x_m", "start_y_m", "end_x_m", "end_y_m")
    )
    is_same_place = np.hypot(end_x - start_x, end_y - start_y) <= same_place_m
    passes = is_whole & (stop_s <= 0)
    return StayKinds(is_whole, passes & ~is_same_place, passes & is_same_place)
