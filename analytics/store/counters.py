"""Numbers that only ever grow in the life of a venue."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from analytics.store.sql_schema import counters

NEXT_TRACKLET = "next_tracklet"
NEXT_SEQUENCE = "next_sequence"
POINTS_SINCE = "points_since_us"
"""Track points before this moment, in microseconds, were deleted for their age."""


def read_counter(connection: Connection, name: str) -> int:
    """The number; 0 at first."""
    return connection.scalar(select(counters.c.value).where(counters.c.name == name)) or 0


def set_counter(connection: Connection, name: str, value: int) -> None:
    """Set the number."""
    changed = connection.execute(update(counters).where(counters.c.name == name).values(value=value))
    if changed.rowcount == 0:
        connection.execute(insert(counters), [{"name": name, "value": value}])


def raise_counter(connection: Connection, name: str, at_least: int) -> None:
    """Set the number unless it is larger already."""
    if read_counter(connection, name) < at_least:
        set_counter(connection, name, at_least)
