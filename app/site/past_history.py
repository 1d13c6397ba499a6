"""Send what a machine stored before it was in its site, minute by minute, from its track files."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import Connection, Engine, func, select

from analytics.store import track_catalogue
from analytics.store.database_url import open_sqlite
from analytics.store.history_folder import ARCHIVE_NAME, DATABASE_NAME
from analytics.store.microseconds import HOUR_US, hour_of
from analytics.store.outbox import EventRow, GapRow, SpanRow, StoredBatch, encode_batch, find_outbox_start
from analytics.store.sql_schema import archive_files, camera_events, gaps, observed_spans, track_journal
from analytics.store.store_failures import converting_store_errors
from analytics.store.track_archive import POINT_COLUMNS, to_points
from analytics.store.track_files import POINT_SCHEMA, is_intact
from app.site.journal import limiting_reply, send_batches
from app.site.schema import acknowledged

PAST_EPOCH = 1
"""Epoch of what was stored before anything was forwarded; that of a writer is a time, and higher."""
_MINUTE_US = 60_000_000
_MINUTES_PER_TRANSACTION = 10
_TIMES = (
    archive_files.c.first_us,
    track_journal.c.time_us,
    observed_spans.c.start_us,
    gaps.c.start_us,
    camera_events.c.time_us,
)


class PastHistory:
    """The past of one machine's history, for its site.

    The number of a batch is its minute since the epoch, so that the server knows how far it was sent.

    Args:
        server: engine of the site's database.
        site: the site's number.
        machine: this machine's number in the site.
    """

    def __init__(self, folder: Path, server: Engine, site: str, machine: str) -> None:
        self._folder = folder
        self._server = server
        self._site = site
        self._machine = machine
        self._done_us: int | None = None

    def send_hour(self) -> bool:
        """Send the next hour, and return whether there may be more.

        Raises:
            StoreError: the local history cannot be read.
            SQLAlchemyError: the server does not answer; the next call goes on from where it is.
        """
        with self._server.connect() as connection, limiting_reply(connection):
            at = acknowledged.c
            query = select(at.seq).where(at.machine == self._machine, at.epoch == PAST_EPOCH)
            sent_us = ((connection.scalar(query) or -1) + 1) * _MINUTE_US
        local = open_sqlite(self._folder / DATABASE_NAME, is_read_only=True)
        try:
            with converting_store_errors(str(self._folder)), local.begin() as connection:
                end_us = find_outbox_start(connection, site=self._site)
                if end_us is None or self._done_us == end_us:
                    return False
                first_us = _find_next(connection, sent_us, end_us)
                batches = [] if first_us is None else self._read_hour(connection, first_us, end_us)
        finally:
            local.dispose()
        for at_batch in range(0, len(batches), _MINUTES_PER_TRANSACTION):
            part = batches[at_batch : at_batch + _MINUTES_PER_TRANSACTION]
            with self._server.connect() as connection, limiting_reply(connection), connection.begin():
                send_batches(connection, self._machine, part)
        if first_us is None:
            self._done_us = end_us
        return first_us is not None

    def _read_hour(self, connection: Connection, start_us: int, end_us: int) -> list[tuple[int, int, bytes]]:
        """Return the batches of [start, end) within the hour of its start."""
        end_us = min(end_us, hour_of(start_us) + HOUR_US)
        points = self._read_points(connection, start_us, end_us)
        minutes = points["time_us"].to_numpy() // _MINUTE_US
        spans: dict[int, list[SpanRow]] = defaultdict(list)
        for row in connection.execute(_within(observed_spans, observed_spans.c.start_us, start_us, end_us)):
            spans[row.start_us // _MINUTE_US].append(
                SpanRow(row.camera, row.start_us, row.end_us, row.frames)
            )
        missing: dict[int, list[GapRow]] = defaultdict(list)
        for row in connection.execute(_within(gaps, gaps.c.start_us, start_us, end_us)):
            missing[row.start_us // _MINUTE_US].append(
                GapRow(row.camera, row.start_us, row.end_us, row.cause)
            )
        events: dict[int, list[EventRow]] = defaultdict(list)
        for row in connection.execute(_within(camera_events, camera_events.c.time_us, start_us, end_us)):
            events[row.time_us // _MINUTE_US].append(EventRow(*row))
        batches = []
        for minute in sorted({*minutes.tolist(), *spans, *missing, *events}):
            batch = StoredBatch(
                points.filter(pa.array(minutes == minute)),
                tuple(spans[minute]),
                tuple(missing[minute]),
                tuple(events[minute]),
            )
            batches.append((PAST_EPOCH, minute, encode_batch(batch)))
        return batches

    def _read_points(self, connection: Connection, start_us: int, end_us: int) -> pa.Table:
        folder = self._folder / ARCHIVE_NAME
        files = track_catalogue.list_files(connection, start_us=start_us, end_us=end_us)
        tables = [
            pq.read_table(folder / file.name, schema=POINT_SCHEMA, partitioning=None)
            for file in files
            # the time of a damaged one is a gap here, too
            if is_intact(folder, file, is_thorough=True)
        ]
        rows = connection.execute(
            select(*POINT_COLUMNS).where(
                track_journal.c.time_us >= start_us, track_journal.c.time_us < end_us
            )
        ).all()
        points = pa.concat_tables([*tables, to_points(rows)])
        time_us = points["time_us"]
        is_within: Any = pc.and_(pc.greater_equal(time_us, start_us), pc.less(time_us, end_us))
        return points.filter(is_within)


def _find_next(connection: Connection, start_us: int, end_us: int) -> int | None:
    """Return the start of the first minute from a time on in which something was stored; None without one."""
    found = [
        connection.scalar(select(func.min(time_us)).where(time_us >= start_us, time_us < end_us))
        for time_us in _TIMES
    ]
    # a file may have begun before
    overlaps = (archive_files.c.first_us < start_us) & (archive_files.c.last_us >= start_us)
    if connection.scalar(select(func.count()).where(overlaps)):
        found.append(start_us)
    times_us = [time_us for time_us in found if time_us is not None]
    return min(times_us) // _MINUTE_US * _MINUTE_US if times_us else None


def _within(table: Any, time_us: Any, start_us: int, end_us: int) -> Any:
    return select(table).where(time_us >= start_us, time_us < end_us)
