"""Version 1: the initial tables. Frozen: later changes are later migrations."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Connection, Index, MetaData, Table, Text
from sqlalchemy.dialects import sqlite

tables = MetaData()

Whole = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")


def _key(name: str, kind: BigInteger | Text = Whole) -> Column[object]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _whole(name: str, *, is_nullable: bool = False) -> Column[int]:
    return Column(name, Whole, nullable=is_nullable)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


sessions = Table(
    "sessions",
    tables,
    _key("session"),
    _whole("started_us"),
    _whole("ended_us", is_nullable=True),
    _whole("process"),
    _text("machine"),
    sqlite_strict=True,
)

counters = Table("counters", tables, _key("name", Text()), _whole("value"), sqlite_strict=True)

track_journal = Table(
    "track_journal",
    tables,
    _key("sequence"),
    _whole("time_us"),
    _text("camera"),
    _whole("tracklet"),
    _whole("x_mm"),
    _whole("y_mm"),
    _whole("sigma_mm"),
    _whole("height_mm", is_nullable=True),
    _text("state"),
    sqlite_strict=True,
)

archive_files = Table(
    "archive_files",
    tables,
    _key("name", Text()),
    _whole("hour_us"),
    _whole("first_sequence"),
    _whole("last_sequence"),
    _whole("first_us"),
    _whole("last_us"),
    _whole("points"),
    _whole("bytes"),
    _whole("kept_every_us"),
    Index("archive_files_by_time", "first_us", "last_us"),
    sqlite_strict=True,
)

archive_removals = Table("archive_removals", tables, _key("name", Text()), sqlite_strict=True)

observed_spans = Table(
    "observed_spans",
    tables,
    _key("camera", Text()),
    _key("start_us"),
    _whole("end_us"),
    _whole("frames"),
    Index("observed_spans_by_time", "start_us", "end_us"),
    sqlite_strict=True,
)

gaps = Table(
    "gaps",
    tables,
    _key("camera", Text()),
    _key("start_us"),
    _whole("end_us"),
    _text("cause"),
    Index("gaps_by_time", "start_us", "end_us"),
    sqlite_strict=True,
)

camera_events = Table(
    "camera_events",
    tables,
    _whole("time_us"),
    _text("camera"),
    _text("kind"),
    _text("detail"),
    _whole("count"),
    Index("camera_events_by_time", "time_us"),
    sqlite_strict=True,
)

recordings = Table(
    "recordings",
    tables,
    _key("sha256", Text()),
    _text("name"),
    _text("camera"),
    _whole("start_us", is_nullable=True),
    _whole("imported_us"),
    sqlite_strict=True,
)


def upgrade(connection: Connection) -> None:
    """Create all tables."""
    tables.create_all(connection)
