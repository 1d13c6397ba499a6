"""Through traffic: people who only walk through a zone, and people who turn back in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.dwell.visits import COMPLETE_EDGES
from analytics.metrics.estimate import Estimate

SAME_PLACE_M = 2.0
"""People who leave within this distance of their entry turned back: the width of a narrow aisle."""


@dataclass(frozen=True, slots=True)
class ThroughTraffic:
    """Through traffic among the stays of one zone that were seen from entry to exit, however short.

    Attributes:
        stays: number of these stays.
        cut: number of stays that were not seen whole, which are not counted here.
        through: share of those who did not stop and left elsewhere than they entered.
        turned_back: share of those who did not stop and left where they entered: where it is high, the way
            ends there, or the view of it does not draw people on.
    """

    stays: int
    cut: int
    through: Estimate
    turned_back: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class StayKinds:
    """Classes of stays, shape (stays,): seen whole, and passed through or turned back without a stop."""

    is_whole: BoolArray
    is_through: BoolArray
    is_turned_back: BoolArray


def classify_stays(
    *, stays: pd.DataFrame, stop_s: FloatArray, same_place_m: float = SAME_PLACE_M
) -> StayKinds:
    """Classify stays of any zones: seen whole, passed through, turned back.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES``.
        stop_s: seconds that the person stood during each, shape (stays,).
    """
    is_whole = stays[["start_edge", "end_edge"]].isin(COMPLETE_EDGES).to_numpy(bool).all(axis=1)
    start_x, start_y, end_x, end_y = (
        stays[name].to_numpy(np.float64) for name in ("start_x_m", "start_y_m", "end_x_m", "end_y_m")
    )
    is_same_place = np.hypot(end_x - start_x, end_y - start_y) <= same_place_m
    passes = is_whole & (stop_s <= 0)
    return StayKinds(is_whole, passes & ~is_same_place, passes & is_same_place)
