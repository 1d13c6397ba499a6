"""Store counters of a venue that never decrease."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from analytics.store.sql_schema import counters

NEXT_TRACKLET = "next_tracklet"
NEXT_SEQUENCE = "next_sequence"
POINTS_SINCE = "points_since_us"
"""Time in microseconds before which track points were deleted because of their age."""


def read_counter(connection: Connection, name: str) -> int:
    """Return a counter; 0 initially."""
    return connection.scalar(select(counters.c.value).where(counters.c.name == name)) or 0


def set_counter(connection: Connection, name: str, value: int) -> None:
    """Set a counter."""
    changed = connection.execute(update(counters).where(counters.c.name == name).values(value=value))
    if changed.rowcount == 0:
        connection.execute(insert(counters), [{"name": name, "value": value}])


def raise_counter(connection: Connection, name: str, at_least: int) -> None:
    """Set a counter unless it is larger already."""
    if read_counter(connection, name) < at_least:
        set_counter(connection, name, at_least)
