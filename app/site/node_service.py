"""Run a machine's part in a site in threads: leases, forwarding, its past, and the history of the hub."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import StoreError
from analytics.store import track_catalogue
from analytics.store.database_url import open_sqlite
from analytics.store.history_folder import ARCHIVE_NAME, DATABASE_NAME
from analytics.store.microseconds import HOUR_US, hour_of
from analytics.store.outbox import (
    EventRow,
    GapRow,
    SpanRow,
    StoredBatch,
    create_outbox,
    encode_batch,
    find_outbox_start,
    read_outbox,
    remove_from_outbox,
)
from analytics.store.sql_schema import archive_files, camera_events, gaps, observed_spans, track_journal
from analytics.store.store_failures import converting_store_errors
from analytics.store.track_archive import POINT_COLUMNS, to_points
from analytics.store.track_files import POINT_SCHEMA, is_intact
from app.site.hub_writer import FOLD_EVERY_S, HUB_DUTY, HubWriter
from app.site.journal import Position, limiting_reply, read_acknowledged, send_batches
from app.site.leases import RENEW_EVERY_S, hold_duty, release_all
from app.site.node_agent import Holdings, NodeAgent
from app.site.schema import SiteError, acknowledged

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


BATCHES_PER_TRANSACTION = 300
"""Five minutes; some 8 MB with twenty cameras."""
KEPT_BATCHES = 3600
"""Forwarded batches of the last hour, at most 100 MB, for a server that an older copy of it replaces."""
_REMOVE_EVERY = 10
"""Batches to let pile up before they are removed, which needs the lock of the local database's writer."""


class Forwarder:
    """Sends the batches of one history's outbox in their order; not safe for concurrent calls.

    Args:
        folder: venue folder with a history.
        server: engine of the site's database.
        site: the site's number.
        machine: this machine's number in the site.
        clock_correction_us: returns what the hub shall add to this machine's times.
    """

    def __init__(
        self,
        folder: Path,
        server: Engine,
        site: str,
        machine: str,
        *,
        clock_correction_us: Callable[[], int] = lambda: 0,
    ) -> None:
        self._path = folder / DATABASE_NAME
        self._server = server
        self._machine = machine
        self._clock_correction_us = clock_correction_us
        self._position: Position | None = None
        self._removed = 0
        self._reading = open_sqlite(self._path, is_read_only=True)
        self._writing = open_sqlite(self._path)
        with converting_store_errors(str(self._path)):
            create_outbox(self._writing, site=site)

    def forward(self) -> int:
        """Send what waits, at most one transaction of it, and return the number of batches.

        Raises:
            StoreError: the local history cannot be read.
            SQLAlchemyError: the server does not answer; nothing is lost, and the next call asks it where to
                go on.
        """
        position = self._position or self._ask_position()
        with converting_store_errors(str(self._path)), self._reading.begin() as connection:
            batches = read_outbox(connection, after=position, max_count=BATCHES_PER_TRANSACTION)
        if batches:
            # unknown until the commit has returned
            self._position = None
            with self._server.connect() as connection, limiting_reply(connection), connection.begin():
                if read_acknowledged(connection, self._machine) < position:
                    # an older copy of the server: the next call begins where that ends
                    return len(batches)
                position = send_batches(
                    connection, self._machine, batches, clock_offset_us=self._clock_correction_us()
                )
        self._position = position
        self._remove_sent(position)
        return len(batches)

    def close(self) -> None:
        """Close the local history."""
        self._reading.dispose()
        self._writing.dispose()

    def _ask_position(self) -> Position:
        with self._server.connect() as connection, limiting_reply(connection):
            return read_acknowledged(connection, self._machine)

    def _remove_sent(self, position: Position) -> None:
        # the numbers of what was stored before the machine joined are others
        if position[0] <= PAST_EPOCH or position[1] - self._removed < _REMOVE_EVERY:
            return
        with converting_store_errors(str(self._path)), self._writing.begin() as connection:
            remove_from_outbox(connection, up_to=position, kept=KEPT_BATCHES)
        self._removed = position[1]


FORWARD_EVERY_S = 0.25
CATCH_UP_PAUSE_S = 0.05
RETRY_S = 1.0
PAST_EVERY_S = 60.0
_JOIN_TIMEOUT_S = 10.0
_LOG = logging.getLogger(__name__)


class NodeService:
    """The threads of one machine; while the server does not answer, they retry and nothing else changes.

    Args:
        folder: venue folder, with a history.
        server: engine of the site's database.
        site: the site's number.
        agent: this machine's agent.
        on_holdings: called after every step with what this machine reads.
        on_failure: called with the server's error after a step that failed.
        hub: writes the hub's history while this machine has that duty; None if it never shall.
        others: what else to do, how often in seconds, and its name; returns whether more is left to do.
    """

    def __init__(
        self,
        folder: Path,
        server: Engine,
        site: str,
        agent: NodeAgent,
        *,
        on_holdings: Callable[[Holdings], None],
        on_failure: Callable[[SQLAlchemyError], None] = lambda _error: None,
        hub: HubWriter | None = None,
        others: Sequence[tuple[Callable[[], bool], float, str]] = (),
        clock: Clock | None = None,
    ) -> None:
        self._server = server
        self._agent = agent
        self._on_holdings, self._on_failure = on_holdings, on_failure
        self._hub = hub
        self._clock = clock or SystemClock()
        self._stop = threading.Event()
        self._forwarder = Forwarder(
            folder,
            server,
            site,
            agent.machine,
            clock_correction_us=lambda: round(agent.comparison.choose_correction_s() * 1e6),
        )
        self._past = PastHistory(folder, server, site, agent.machine)
        loops = [
            (self._step, RENEW_EVERY_S, "leases"),
            (self._forward, FORWARD_EVERY_S, "forwarding"),
            (self._past.send_hour, PAST_EVERY_S, "past history"),
            *others,
        ]
        if hub is not None:
            loops.append((self._write_hub, RENEW_EVERY_S, "hub"))
        self._folded_at = -1
        self._failing: set[str] = set()
        self._threads = [threading.Thread(target=self._loop, args=loop, name=loop[2]) for loop in loops]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop the threads, give the cameras up if the server answers, and release the local history."""
        self._stop.set()
        for thread in self._threads:
            thread.join(_JOIN_TIMEOUT_S)
        with (
            contextlib.suppress(SQLAlchemyError),
            self._server.connect() as connection,
            limiting_reply(connection),
            connection.begin(),
        ):
            release_all(connection, self._agent.machine)
        self._forwarder.close()
        if self._hub is not None:
            self._hub.close()

    def _loop(self, act: Callable[[], bool], every_s: float, name: str) -> None:
        while not self._stop.is_set():
            began_s = self._clock.monotonic_s()
            try:
                is_behind = act()
            except Exception as error:
                # the first one only: an outage of hours is one line
                if name not in self._failing:
                    expected = isinstance(error, (SQLAlchemyError, StoreError, SiteError, OSError))
                    # its text may quote the server's address
                    kind = type(error).__name__
                    _LOG.warning("The site's %s waits: %s", name, kind, exc_info=not expected)
                self._failing.add(name)
                self._stop.wait(RETRY_S)
                continue
            if name in self._failing:
                _LOG.warning("The site's %s goes on.", name)
                self._failing.discard(name)
            waited_s = self._clock.monotonic_s() - began_s
            self._stop.wait(CATCH_UP_PAUSE_S if is_behind else max(0.0, every_s - waited_s))

    def _step(self) -> bool:
        try:
            with self._server.connect() as connection, limiting_reply(connection), connection.begin():
                holdings = self._agent.step(connection)
        except SQLAlchemyError as error:
            self._on_failure(error)
            raise
        self._on_holdings(holdings)
        return False

    def _forward(self) -> bool:
        return self._forwarder.forward() > 1

    def _write_hub(self) -> bool:
        assert self._hub is not None
        with self._server.connect() as connection, limiting_reply(connection), connection.begin():
            epoch = hold_duty(connection, HUB_DUTY, self._agent.machine)
        minute = int(self._clock.now_utc_s() // FOLD_EVERY_S)
        if epoch is None or minute == self._folded_at:
            return False
        self._hub.fold_all(owner=self._agent.machine, epoch=epoch)
        self._folded_at = minute
        return False
