"""Columns of every DataFrame that crosses a module's border: name, type and unit."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analytics.domain.errors import ExpoFlowError


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its pandas dtype, unit and whether values may be missing."""

    name: str
    dtype: str
    unit: str
    is_nullable: bool = False


TRACK_COLUMNS = (
    Column("time_s", "float64", "s"),
    Column("camera", "str", ""),
    Column("tracklet", "int64", ""),
    Column("visitor", "Int64", "", is_nullable=True),
    Column("x_m", "float32", "m"),
    Column("y_m", "float32", "m"),
    Column("sigma_m", "float32", "m"),
    Column("height_m", "float32", "m", is_nullable=True),
    Column("state", "str", ""),
)
"""A track table: one row per person and time, ordered by time."""

VISIT_COLUMNS = (
    Column("visitor", "int64", ""),
    Column("zone", "str", ""),
    Column("entered_s", "float64", "s"),
    Column("left_s", "float64", "s"),
    Column("seconds", "float64", "s"),
    Column("censored_start", "int64", "0 or 1"),
    Column("censored_end", "int64", "0 or 1"),
)

CROSSING_COLUMNS = (
    Column("visitor", "int64", ""),
    Column("line", "str", ""),
    Column("time_s", "float64", "s"),
    Column("direction", "str", "in or out"),
)

SPAN_COLUMNS = (
    Column("camera", "str", ""),
    Column("start_s", "float64", "s"),
    Column("end_s", "float64", "s"),
    Column("frames", "int64", ""),
)
"""Observed spans: when a camera's frames were analysed."""

GAP_COLUMNS = (
    Column("camera", "str", ""),
    Column("start_s", "float64", "s"),
    Column("end_s", "float64", "s"),
    Column("cause", "str", ""),
)

EVENT_COLUMNS = (
    Column("time_s", "float64", "s"),
    Column("camera", "str", ""),
    Column("kind", "str", ""),
    Column("detail", "str", ""),
    Column("count", "int64", ""),
)
"""The log of camera and pipeline events; ``camera`` is empty for events that concern all."""


def empty_table(columns: tuple[Column, ...]) -> pd.DataFrame:
    """Return an empty table with every column and its type."""
    return pd.DataFrame({c.name: pd.Series(dtype=c.dtype) for c in columns})


def require_columns(table: pd.DataFrame, columns: tuple[Column, ...]) -> None:
    """Check that a table has the columns.

    Raises:
        ExpoFlowError: columns are missing; lists them and those present.
    """
    missing = [c.name for c in columns if c.name not in table.columns]
    if missing:
        raise ExpoFlowError(
            "The table lacks the columns {missing}; it has {present}.",
            "Use a file that this version of ExpoFlow wrote.",
            missing=", ".join(missing),
            present=", ".join(map(str, table.columns)) or "none",
        )
