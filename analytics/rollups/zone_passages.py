"""Stays of each zone that only passed through, by five minutes, for shares of long periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.dwell.stops import measure_stop_seconds
from analytics.dwell.visits import COMPLETE_EDGES
from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.estimate import Estimate
from analytics.rollups.clock_steps import find_steps
from analytics.rollups.stretch import Stretch

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


def classify_stays(*, stays: pd.DataFrame, stop_s: FloatArray) -> StayKinds:
    """Classify stays of any zones: seen whole, passed through, turned back.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES``.
        stop_s: seconds that the person stood during each, shape (stays,).
    """
    is_whole = np.asarray(stays[["start_edge", "end_edge"]].isin(COMPLETE_EDGES).to_numpy(bool).all(axis=1))
    start_x, start_y, end_x, end_y = (
        stays[name].to_numpy(np.float64) for name in ("start_x_m", "start_y_m", "end_x_m", "end_y_m")
    )
    is_same_place = np.hypot(end_x - start_x, end_y - start_y) <= SAME_PLACE_M
    passes = is_whole & (stop_s <= 0)
    return StayKinds(is_whole, passes & ~is_same_place, passes & is_same_place)


PASSAGE_COLUMN_NAMES = ("zone", "start_s", "whole", "cut", "through", "turned_back")
"""Stays that began within five minutes of the UTC clock (see ``find_steps``): those seen ``whole``, those
that were ``cut``, and of the whole ones those without a stop that ended elsewhere (``through``) or where
they began (``turned_back``). Steps without a stay have no row."""


def tabulate_passages(stretch: Stretch) -> pd.DataFrame:
    """Return one row per zone and step, columns of ``PASSAGE_COLUMN_NAMES``."""
    return count_passages(stretch.stays, stretch.stops, start_utc_s=stretch.start_utc_s)


def count_passages(stays: pd.DataFrame, stops: pd.DataFrame, *, start_utc_s: float) -> pd.DataFrame:
    """Return the table of stays and stops.

    Args:
        stays, stops: columns of ``STAY_COLUMN_NAMES`` and ``STOP_COLUMN_NAMES``, of the same visitors.
        start_utc_s: seconds since the epoch at which their times are 0.
    """
    kinds = classify_stays(stays=stays, stop_s=measure_stop_seconds(visits=stays, stops=stops))
    table = pd.DataFrame(
        {
            "zone": stays["zone"].to_numpy(object),
            "start_s": find_steps(stays["entered_s"].to_numpy(np.float64), start_utc_s=start_utc_s),
            "whole": kinds.is_whole,
            "cut": ~kinds.is_whole,
            "through": kinds.is_through,
            "turned_back": kinds.is_turned_back,
        }
    )
    counts = table.groupby(["zone", "start_s"], as_index=False).sum()
    return counts.astype(
        {"zone": "str", "start_s": "float64"} | dict.fromkeys(PASSAGE_COLUMN_NAMES[2:], "int64")
    )


def sum_passages(
    passages: pd.DataFrame, zones: Sequence[str], blocks: PeriodBlocks
) -> tuple[ThroughTraffic, ...]:
    """Return the through traffic of each zone from stored sums.

    Args:
        passages: columns of ``PASSAGE_COLUMN_NAMES``.
        blocks: of whole steps, such as those of ``PeriodFacts.make_blocks``.
    """
    zone = pd.Categorical(passages["zone"], categories=list(zones)).codes.astype(np.int64)
    start_s = passages["start_s"].to_numpy(np.float64)
    whole, cut, through, turned_back = (
        blocks.count_by(zone, len(zones), start_s, passages[name].to_numpy(np.float64))
        for name in ("whole", "cut", "through", "turned_back")
    )
    return tuple(
        ThroughTraffic(
            stays=round(float(whole[index].sum())),
            cut=round(float(cut[index].sum())),
            through=blocks.divide(through[index], whole[index], high=1.0),
            turned_back=blocks.divide(turned_back[index], whole[index], high=1.0),
        )
        for index in range(len(zones))
    )
