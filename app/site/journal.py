"""Send what a machine stored to the site's server, and read it there, each batch exactly once."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, delete, event, func, insert, or_, select
from sqlalchemy.dialects import postgresql

from app.site.schema import acknowledged, hub_position, journal

REPLY_TIMEOUT_S = 5.0
"""Time without a reply after which a connection is given up; a network that is cut in one direction gives no
error."""
STATEMENT_BYTES = 256 << 10
"""Size of the batches in one statement, so that a link of half a megabit a second gets its reply in time."""

Position = tuple[int, int]
"""Epoch and sequence number of a batch."""
NOTHING: Position = (0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class SentBatch:
    """A batch in the journal.

    Attributes:
        clock_offset_us: server's clock minus the machine's, if it matters; else 0.
        body: as `analytics.store.outbox.encode_batch` returns it.
    """

    machine: str
    position: Position
    clock_offset_us: int
    body: bytes


@contextmanager
def limiting_reply(connection: Connection, limit_s: float = REPLY_TIMEOUT_S) -> Iterator[None]:
    """Close a connection whose statements are not answered in time, which raises an error in the waiting one.

    The time begins anew with every answer: what many statements need together has no limit.
    """
    driver: Any = connection.connection.driver_connection
    ended = threading.Event()
    answered_s = time.monotonic()

    def watch() -> None:
        while not ended.wait(max(0.0, answered_s + limit_s - time.monotonic())):
            if time.monotonic() >= answered_s + limit_s:
                _shut_down(driver.fileno())
                return

    def note_answer(*_details: object) -> None:
        nonlocal answered_s
        answered_s = time.monotonic()

    event.listen(connection, "after_cursor_execute", note_answer)
    threading.Thread(target=watch, name="reply limit", daemon=True).start()
    try:
        yield
    finally:
        ended.set()
        event.remove(connection, "after_cursor_execute", note_answer)


def _shut_down(descriptor: int) -> None:
    import os
    import socket

    with socket.socket(fileno=os.dup(descriptor)) as duplicate:
        duplicate.shutdown(socket.SHUT_RDWR)


def read_acknowledged(connection: Connection, machine: str) -> Position:
    """Return the last batch of a machine that the server has."""
    at = acknowledged.c
    row = connection.execute(
        select(at.epoch, at.seq).where(at.machine == machine).order_by(at.epoch.desc()).limit(1)
    ).one_or_none()
    return NOTHING if row is None else (row.epoch, row.seq)


def send_batches(
    connection: Connection,
    machine: str,
    batches: Sequence[tuple[int, int, bytes]],
    *,
    clock_offset_us: int = 0,
) -> Position:
    """Add batches to the journal in the connection's transaction; those that it had before are left out.

    Args:
        batches: epoch, number and body, in order; at least one.

    Returns:
        The last batch that the server has once the transaction is committed.
    """
    known = {
        row.epoch: row.seq
        for row in connection.execute(select(acknowledged).where(acknowledged.c.machine == machine))
    }
    new = [batch for batch in batches if batch[1] > known.get(batch[0], 0)]
    if not new:
        return batches[-1][:2]
    sizes = itertools.accumulate(len(body) for _epoch, _seq, body in new)
    parts = itertools.groupby(zip(sizes, new, strict=True), key=lambda one: one[0] // STATEMENT_BYTES)
    for _number, part in parts:
        rows = [
            {
                "machine": machine,
                "epoch": epoch,
                "seq": seq,
                "clock_offset_us": clock_offset_us,
                "body": body,
            }
            for _size, (epoch, seq, body) in part
        ]
        connection.execute(insert(journal), rows)
    save_positions(connection, acknowledged, {machine: [batch[:2] for batch in new]})
    return new[-1][:2]


def save_positions(connection: Connection, table: Any, positions: Mapping[str, Sequence[Position]]) -> None:
    """Advance the positions of machines in one of the tables of positions."""
    last: dict[tuple[str, int], int] = {}
    for machine, found in positions.items():
        for epoch, seq in found:
            last[machine, epoch] = max(seq, last.get((machine, epoch), 0))
    rows = [
        {"machine": machine, "epoch": epoch, "seq": seq} for (machine, epoch), seq in sorted(last.items())
    ]
    statement = postgresql.insert(table).values(rows)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["machine", "epoch"],
            set_={"seq": func.greatest(table.c.seq, statement.excluded.seq)},
        )
    )


def read_new(connection: Connection, machines: Sequence[str], *, max_bytes: int) -> list[SentBatch]:
    """Return the batches of machines that are not in the hub's history yet, in order of each machine.

    Args:
        max_bytes: size after which no more are read.
    """
    at, done = journal.c, hub_position.c
    query = (
        select(at.machine, at.epoch, at.seq, at.clock_offset_us, at.body)
        .outerjoin(hub_position, and_(done.machine == at.machine, done.epoch == at.epoch))
        .where(at.machine.in_(machines), or_(done.seq.is_(None), at.seq > done.seq))
        .order_by(at.machine, at.epoch, at.seq)
    )
    found = []
    size = 0
    with connection.execution_options(stream_results=True, yield_per=200).execute(query) as rows:
        for row in rows:
            found.append(SentBatch(row.machine, (row.epoch, row.seq), row.clock_offset_us, bytes(row.body)))
            size += len(row.body)
            if size >= max_bytes:
                break
    return found


def confirm_batches(connection: Connection, batches: Sequence[SentBatch]) -> None:
    """Mark batches as being in the hub's history, and remove them from the journal."""
    positions: dict[str, list[Position]] = {}
    for batch in batches:
        positions.setdefault(batch.machine, []).append(batch.position)
    save_positions(connection, hub_position, positions)
    at = journal.c
    for machine, found in positions.items():
        by_epoch: dict[int, int] = {}
        for epoch, seq in found:
            by_epoch[epoch] = max(seq, by_epoch.get(epoch, 0))
        for epoch, seq in by_epoch.items():
            connection.execute(delete(journal).where(at.machine == machine, at.epoch == epoch, at.seq <= seq))
