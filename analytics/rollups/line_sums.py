"""Every counting line: who crossed it, minute by minute, and where visitors turned behind entrances."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.metrics.first_turns import Turn
from analytics.rollups.clock_steps import MINUTE_S, STEP_S, add_up_steps, find_steps
from analytics.rollups.first_turns import tabulate_first_turns
from analytics.rollups.stretch import Stretch

LINE_MINUTE_COLUMN_NAMES = ("line", "start_s", "in", "out")
"""``start_s``: of a minute of the UTC clock; minutes without a crossing have no row."""
LINE_TURN_COLUMN_NAMES = ("line", "start_s", *(turn.value for turn in Turn))
"""``start_s``: of five minutes of the UTC clock in which visitors first came in by the line; how many of them
went where (see ``Turn``)."""


def tabulate_line_minutes(stretch: Stretch) -> pd.DataFrame:
    """One row per line and minute, columns of ``LINE_MINUTE_COLUMN_NAMES``."""
    return sum_crossings(stretch.crossings, start_utc_s=stretch.start_utc_s)


def tabulate_line_turns(stretch: Stretch) -> pd.DataFrame:
    """One row per entrance line and step, columns of ``LINE_TURN_COLUMN_NAMES``."""
    return sum_turns(tabulate_first_turns(stretch), start_utc_s=stretch.start_utc_s)


def sum_crossings(crossings: pd.DataFrame, *, start_utc_s: float) -> pd.DataFrame:
    """The table of crossings, columns of ``CROSSING_COLUMNS``, whose times are 0 at ``start_utc_s``."""
    return _count(crossings, "direction", ("in", "out"), start_utc_s, MINUTE_S)


def sum_turns(turns: pd.DataFrame, *, start_utc_s: float) -> pd.DataFrame:
    """The table of turns, columns of ``TURN_COLUMN_NAMES``, whose times are 0 at ``start_utc_s``."""
    return _count(turns, "turn", [turn.value for turn in Turn], start_utc_s, STEP_S)


def _count(
    table: pd.DataFrame, column: str, values: tuple[str, ...] | list[str], start_utc_s: float, step_s: float
) -> pd.DataFrame:
    start_s = find_steps(table["time_s"].to_numpy(np.float64), start_utc_s=start_utc_s, step_s=step_s)
    sums = {value: np.asarray(table[column] == value, np.float64) for value in values}
    return add_up_steps(table["line"].to_numpy(object), start_s, sums, named="line")
