"""Keep what a writer stores a second time, in the order of its commits, until it was forwarded to a server.

The outbox is a table of the same SQLite file, filled in the transaction that stores the observations: what
is stored is in the outbox exactly once, also after a kill. It exists only in the history of a machine that
belongs to a site.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    delete,
    func,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects import sqlite

from analytics.store.counters import read_counter, set_counter
from analytics.store.sql_schema import counters, sessions
from analytics.store.track_files import POINT_SCHEMA

_COMPRESSION = "zstd"
_ROWS_KEY = b"expoflow.rows"
_ALL = -1  # SQLite's LIMIT
_START, _UNKNOWN = "outbox_start:", 0
"""Counter with the first epoch, by site."""

outbox = Table(
    "outbox",
    MetaData(),
    Column("sequence", sqlite.INTEGER, primary_key=True),
    Column("epoch", sqlite.INTEGER, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)
"""One row a flush; numbers are never used again, and ``epoch`` is the start of the writer, microseconds."""


@dataclass(frozen=True, slots=True)
class SpanRow:
    """A span as stored; of the same camera and start, the last one counts."""

    camera: str
    start_us: int
    end_us: int
    frames: int


@dataclass(frozen=True, slots=True)
class GapRow:
    """A gap as stored; of the same camera and start, the last one counts."""

    camera: str
    start_us: int
    end_us: int
    cause: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """A line of the cameras' log as stored."""

    time_us: int
    camera: str
    kind: str
    detail: str
    count: int


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """A period whose observations were erased, of one camera or, if empty, of all."""

    camera: str
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True, eq=False)
class StoredBatch:
    """Observations that one transaction stored, and erasures before it.

    Attributes:
        points: track points (``POINT_SCHEMA``).
    """

    points: pa.Table
    spans: tuple[SpanRow, ...] = ()
    gaps: tuple[GapRow, ...] = ()
    events: tuple[EventRow, ...] = ()
    erasures: tuple[ErasureRow, ...] = ()


def encode_batch(batch: StoredBatch) -> bytes:
    """Return a batch as an Arrow IPC stream: the points compressed, the rest as JSON in its schema."""
    rows = {
        "spans": [[s.camera, s.start_us, s.end_us, s.frames] for s in batch.spans],
        "gaps": [[g.camera, g.start_us, g.end_us, g.cause] for g in batch.gaps],
        "events": [[e.time_us, e.camera, e.kind, e.detail, e.count] for e in batch.events],
        "erasures": [[e.camera, e.start_us, e.end_us] for e in batch.erasures],
    }
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()
    points = batch.points
    for name in ("camera", "state"):
        index = points.schema.get_field_index(name)
        points = points.set_column(index, name, points[name].dictionary_encode())
    points = points.combine_chunks()
    schema = points.schema.with_metadata({_ROWS_KEY: text})
    target = pa.BufferOutputStream()
    with pa.ipc.new_stream(
        target, schema, options=pa.ipc.IpcWriteOptions(compression=_COMPRESSION)
    ) as stream:
        stream.write_table(points.cast(schema))
    return bytes(target.getvalue())


def decode_batch(body: bytes) -> StoredBatch:
    """Return the batch of an Arrow IPC stream.

    Raises:
        ValueError: it is damaged, or no batch.
    """
    try:
        with pa.ipc.open_stream(body) as stream:
            rows = json.loads(stream.schema.metadata[_ROWS_KEY])
            points = stream.read_all().cast(POINT_SCHEMA)
        return StoredBatch(
            points,
            tuple(SpanRow(*row) for row in rows["spans"]),
            tuple(GapRow(*row) for row in rows["gaps"]),
            tuple(EventRow(*row) for row in rows["events"]),
            tuple(ErasureRow(*row) for row in rows["erasures"]),
        )
    except (pa.ArrowException, KeyError, TypeError) as error:
        raise ValueError("not a batch of stored observations") from error


def create_outbox(engine: Engine, *, site: str) -> None:
    """Create the outbox of a history for a site; the next writer that opens the history fills it.

    That of another site is replaced: what was stored until then is sent as past hours.
    """
    name = _START + site
    with engine.begin() as connection:
        if not connection.scalar(select(func.count()).where(counters.c.name == name)):
            outbox.drop(connection, checkfirst=True)
            connection.execute(delete(counters).where(counters.c.name.startswith(_START)))
            set_counter(connection, name, _UNKNOWN)
        outbox.create(connection, checkfirst=True)


def find_outbox_start(connection: Connection, *, site: str) -> int | None:
    """Return the epoch of the first writer that filled a site's outbox; None before it started."""
    start_us = read_counter(connection, _START + site)
    return None if start_us == _UNKNOWN else start_us


def stop_outbox(engine: Engine) -> None:
    """Fill a history's outbox no more, from the next writer on, which removes it."""
    with engine.begin() as connection:
        connection.execute(delete(counters).where(counters.c.name.startswith(_START)))


def has_outbox(engine: Engine) -> bool:
    """Return whether a history has an outbox for its writer to fill; one that was stopped is removed."""
    if engine.dialect.name != "sqlite" or not inspect(engine).has_table(outbox.name):
        return False
    with engine.begin() as connection:
        if connection.scalar(select(func.count()).where(counters.c.name.startswith(_START))):
            return True
        outbox.drop(connection)
    return False


def add_to_outbox(connection: Connection, body: bytes, *, epoch: int) -> None:
    """Add a batch in the transaction that stores it."""
    connection.execute(insert(outbox), [{"epoch": epoch, "body": body}])


def choose_epoch(connection: Connection, *, now_us: int) -> int:
    """Return the epoch of a writer that starts now: later than all before, even if the clock was set back.

    The first one is noted as the outbox's start.
    """
    newest = connection.scalar(select(func.max(outbox.c.epoch))) or 0
    started = connection.scalar(select(func.max(sessions.c.started_us))) or 0
    epoch = int(max(now_us, newest + 1, started + 1))
    is_first = counters.c.name.startswith(_START) & (counters.c.value == _UNKNOWN)
    connection.execute(update(counters).where(is_first).values(value=epoch))
    return epoch


def read_outbox(
    connection: Connection, *, after: tuple[int, int], max_count: int
) -> list[tuple[int, int, bytes]]:
    """Return epoch, number and body of the oldest batches after an epoch and number."""
    at = outbox.c
    is_later = (at.epoch > after[0]) | ((at.epoch == after[0]) & (at.sequence > after[1]))
    query = select(at.epoch, at.sequence, at.body).where(is_later).order_by(at.sequence).limit(max_count)
    return [(row.epoch, row.sequence, row.body) for row in connection.execute(query)]


def remove_from_outbox(connection: Connection, *, up_to: tuple[int, int], kept: int = 0) -> int:
    """Remove the batches up to an epoch and number, which were forwarded, and return their count.

    Args:
        kept: number of forwarded batches to keep.
    """
    at = outbox.c
    is_done = (at.epoch < up_to[0]) | ((at.epoch == up_to[0]) & (at.sequence <= up_to[1]))
    return connection.execute(delete(outbox).where(is_done, at.sequence <= up_to[1] - kept)).rowcount


def erase_from_outbox(connection: Connection, erasure: ErasureRow) -> None:
    """Remove the points of a period from batches that wait to be forwarded."""
    for epoch, sequence, body in read_outbox(connection, after=(0, 0), max_count=_ALL):
        batch = decode_batch(body)
        kept = drop_erased(batch.points, erasure)
        if len(kept) < len(batch.points):
            place = (outbox.c.epoch == epoch) & (outbox.c.sequence == sequence)
            connection.execute(
                update(outbox).where(place).values(body=encode_batch(replace(batch, points=kept)))
            )


def drop_erased(points: pa.Table, erasure: ErasureRow) -> pa.Table:
    """Return points (``POINT_SCHEMA``) without those of an erased period."""
    time_us = points["time_us"]
    is_erased: Any = pc.and_(pc.greater_equal(time_us, erasure.start_us), pc.less(time_us, erasure.end_us))
    if erasure.camera:
        is_erased = pc.and_(is_erased, pc.equal(points["camera"], erasure.camera))
    return points.filter(pc.invert(is_erased))
