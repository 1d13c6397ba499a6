"""Moves from zone to zone as sums over blocks of five minutes, so that the shares of days add up."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.metrics.transitions import MOVE_SUM_COLUMN_NAMES, list_moves, sum_moves
from analytics.rollups.clock_steps import STEP_S
from analytics.rollups.stretch import Stretch, remember

MOVE_TABLE_COLUMN_NAMES = (*MOVE_SUM_COLUMN_NAMES, "start_s")
"""``start_s``: of the stretch, 0."""


@remember
def tabulate_moves(stretch: Stretch) -> pd.DataFrame:
    """Every move, columns of ``MOVE_COLUMN_NAMES``."""
    return list_moves(
        ordered=stretch.ordered,
        stays=stretch.stays,
        zones=stretch.geometry.zones,
        spans=stretch.spans,
        view_edge=stretch.floor_edge,
        settings=stretch.settings.transitions,
    )


def tabulate_move_sums(stretch: Stretch) -> pd.DataFrame:
    """One row per pair of states, columns of ``MOVE_TABLE_COLUMN_NAMES``."""
    return sum_moves_by_clock(tabulate_moves(stretch), start_utc_s=stretch.start_utc_s)


def sum_moves_by_clock(moves: pd.DataFrame, *, start_utc_s: float) -> pd.DataFrame:
    """The table of moves, whose times are 0 at ``start_utc_s``, seconds since the epoch."""
    step = np.floor((moves["at_s"].to_numpy(np.float64) + start_utc_s) / STEP_S).astype(np.int64)
    return sum_moves(moves, step).assign(start_s=0.0)
