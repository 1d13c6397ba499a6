"""Whether visitors turned right or left after each entrance."""

from __future__ import annotations

import pandas as pd

from analytics.domain.zone import ZoneKind
from analytics.metrics.first_turns import list_first_turns
from analytics.rollups.stretch import Stretch


def tabulate_first_turns(stretch: Stretch) -> pd.DataFrame:
    """One row per entrance line and visitor who came in there, columns of ``TURN_COLUMN_NAMES``."""
    entrances = [line for line in stretch.geometry.lines if line.kind is ZoneKind.ENTRANCE]
    parts = [
        list_first_turns(ordered=stretch.ordered, crossings=stretch.crossings, line=line)
        for line in entrances
    ]
    if parts:
        return pd.concat(parts, ignore_index=True)
    return pd.DataFrame(
        {
            "line": pd.Series(dtype="str"),
            "visitor": pd.Series(dtype="int64"),
            "time_s": pd.Series(dtype="float64"),
            "turn": pd.Series(dtype="str"),
        }
    )
