"""Define the tables of a venue's history for SQLite and PostgreSQL.

Times are microseconds since the epoch in UTC, lengths are millimetres, both integers. Only the event writer
writes the tables.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text
from sqlalchemy.dialects import sqlite

metadata = MetaData()

Whole = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")
"""64 bits in both databases; SQLite's strict tables know only the name INTEGER."""


def _key(name: str, kind: BigInteger | Text = Whole) -> Column[object]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _whole(name: str, *, is_nullable: bool = False) -> Column[int]:
    return Column(name, Whole, nullable=is_nullable)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


schema_version = Table("schema_version", metadata, _key("version"), _whole("applied_us"), sqlite_strict=True)

sessions = Table(
    "sessions",
    metadata,
    _key("session"),
    _whole("started_us"),
    _whole("ended_us", is_nullable=True),
    _whole("process"),
    _text("machine"),
    sqlite_strict=True,
)
"""Starts of a writer; one without an end is running or was killed."""

counters = Table("counters", metadata, _key("name", Text()), _whole("value"), sqlite_strict=True)
"""Next free tracklet number and next sequence number of points."""

track_journal = Table(
    "track_journal",
    metadata,
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
"""Points of the last minute, before they move to a file."""

archive_files = Table(
    "archive_files",
    metadata,
    _key("name", Text()),
    _whole("hour_us"),
    _whole("first_sequence"),
    _whole("last_sequence"),
    _whole("first_us"),
    _whole("last_us"),
    _whole("points"),
    _whole("bytes"),
    # always 0: of a thinning that no setting reached; goes with the next change of the tables
    Column("kept_every_us", Whole, nullable=False, default=0),
    Index("archive_files_by_time", "first_us", "last_us"),
    sqlite_strict=True,
)
"""Track files with the points that left the journal; other files do not count."""

archive_removals = Table("archive_removals", metadata, _key("name", Text()), sqlite_strict=True)
"""Files to delete that no longer count."""

observed_spans = Table(
    "observed_spans",
    metadata,
    _key("camera", Text()),
    _key("start_us"),
    _whole("end_us"),
    _whole("frames"),
    Index("observed_spans_by_time", "start_us", "end_us"),
    sqlite_strict=True,
)

gaps = Table(
    "gaps",
    metadata,
    _key("camera", Text()),
    _key("start_us"),
    _whole("end_us"),
    _text("cause"),
    Index("gaps_by_time", "start_us", "end_us"),
    sqlite_strict=True,
)

camera_events = Table(
    "camera_events",
    metadata,
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
    metadata,
    _key("sha256", Text()),
    _text("name"),
    _text("camera"),
    _whole("start_us", is_nullable=True),
    _whole("imported_us"),
    sqlite_strict=True,
)
