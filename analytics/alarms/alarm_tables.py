"""The table of the alarms' log, and the numbered steps that made it, forward only."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Connection, Index, MetaData, Table, Text
from sqlalchemy.dialects import sqlite

from analytics.store.migrations import Migration

tables = MetaData()

Whole = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")

alarms = Table(
    "alarms",
    tables,
    Column("measure", Text, primary_key=True),
    Column("zone", Text, primary_key=True),
    Column("camera", Text, primary_key=True),
    Column("raised_us", Whole, primary_key=True, autoincrement=False),
    Column("level_milli", Whole, nullable=False),
    Column("worst_milli", Whole, nullable=False),
    Column("acknowledged_us", Whole, nullable=True),
    Column("cleared_us", Whole, nullable=True),
    Index("alarms_by_time", "raised_us"),
    sqlite_strict=True,
)
"""One row an alarm; levels in thousandths of the measure's unit, times in microseconds since the epoch."""


def _make_first(connection: Connection) -> None:
    tables.create_all(connection)


MIGRATIONS: tuple[Migration, ...] = (Migration(1, _make_first),)
