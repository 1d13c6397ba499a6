"""Who only walked through each zone, five minutes by five minutes: enough for the shares of long periods."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.stops import measure_stop_seconds
from analytics.metrics.through_traffic import ThroughTraffic, classify_stays
from analytics.rollups.stretch import Stretch

PASSAGE_COLUMN_NAMES = ("zone", "start_s", "whole", "cut", "through", "turned_back")
"""Stays that came in within ``STEP_S`` from ``start_s`` on, a multiple of it on the UTC clock: those seen
``whole``, those that were ``cut``, and of the whole ones those without a stop that went out elsewhere
(``through``) or where they came in (``turned_back``). Steps without a stay have no row."""
STEP_S = 300.0


def tabulate_passages(stretch: Stretch) -> pd.DataFrame:
    """One row per zone and step, columns of ``PASSAGE_COLUMN_NAMES``."""
    stays = stretch.stays
    kinds = classify_stays(stays=stays, stop_s=measure_stop_seconds(visits=stays, stops=stretch.stops))
    clock_s = stays["entered_s"].to_numpy(np.float64) + stretch.start_utc_s
    table = pd.DataFrame(
        {
            "zone": stays["zone"].to_numpy(object),
            "start_s": np.floor(clock_s / STEP_S) * STEP_S - stretch.start_utc_s,
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


def sum_passages(passages: pd.DataFrame, blocks: PeriodBlocks) -> ThroughTraffic:
    """As ``measure_through_traffic`` for a zone of which steps are kept.

    Args:
        passages: columns of ``PASSAGE_COLUMN_NAMES`` of one zone.
        blocks: none shorter than a step; a step is in the block in which its middle is.
    """
    middle_s = passages["start_s"].to_numpy(np.float64) + STEP_S / 2
    whole, through, turned_back = (
        blocks.count(middle_s, passages[name].to_numpy(np.float64))
        for name in ("whole", "through", "turned_back")
    )
    return ThroughTraffic(
        stays=int(passages["whole"].sum()),
        cut=int(passages["cut"].sum()),
        through=blocks.divide(through, whole, high=1.0),
        turned_back=blocks.divide(turned_back, whole, high=1.0),
    )
