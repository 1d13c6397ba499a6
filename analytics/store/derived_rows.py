"""Rows of the tables that are computed from points and geometry: visits and crossings."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Connection, delete, insert

from analytics.columns import CROSSING_COLUMNS, VISIT_COLUMNS, require_columns
from analytics.store.microseconds import to_us
from analytics.store.sql_schema import crossings, visits

Rows = list[dict[str, Any]]


def encode_visits(table: pd.DataFrame, *, period_us: tuple[int, int]) -> Rows:
    """Rows of a visit table.

    Raises:
        ExpoFlowError: a column is missing.
        ValueError: a visit was entered outside of the period.
    """
    require_columns(table, VISIT_COLUMNS)
    rows: Rows = [
        {
            "visitor": int(visit["visitor"]),
            "zone": str(visit["zone"]),
            "entered_us": to_us(visit["entered_s"]),
            "left_us": to_us(visit["left_s"]),
            "duration_us": to_us(visit["seconds"]),
            "censored_start": int(visit["censored_start"]),
            "censored_end": int(visit["censored_end"]),
        }
        for visit in table.to_dict("records")
    ]
    _require_within(rows, "entered_us", period_us)
    return rows


def encode_crossings(table: pd.DataFrame, *, period_us: tuple[int, int]) -> Rows:
    """Rows of a crossing table.

    Raises:
        ExpoFlowError: a column is missing.
        ValueError: a crossing was made outside of the period.
    """
    require_columns(table, CROSSING_COLUMNS)
    rows: Rows = [
        {
            "visitor": int(crossing["visitor"]),
            "line": str(crossing["line"]),
            "time_us": to_us(crossing["time_s"]),
            "direction": str(crossing["direction"]),
        }
        for crossing in table.to_dict("records")
    ]
    _require_within(rows, "time_us", period_us)
    return rows


def replace_visits(connection: Connection, rows: Rows, *, period_us: tuple[int, int]) -> None:
    """Put visits in place of those that were entered in the period."""
    start_us, end_us = period_us
    connection.execute(delete(visits).where(visits.c.entered_us >= start_us, visits.c.entered_us < end_us))
    if rows:
        connection.execute(insert(visits), rows)


def replace_crossings(connection: Connection, rows: Rows, *, period_us: tuple[int, int]) -> None:
    """Put crossings in place of those of the period."""
    start_us, end_us = period_us
    connection.execute(delete(crossings).where(crossings.c.time_us >= start_us, crossings.c.time_us < end_us))
    if rows:
        connection.execute(insert(crossings), rows)


def _require_within(rows: Rows, name: str, period_us: tuple[int, int]) -> None:
    start_us, end_us = period_us
    outside = [row for row in rows if not start_us <= row[name] < end_us]
    if outside:
        raise ValueError(f"{len(outside)} rows lie outside of the period that they replace: {outside[0]}")
