"""Forward what this machine stores to the site's server, from where the server's copy ends."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from analytics.store.database_url import open_sqlite
from analytics.store.history_folder import DATABASE_NAME
from analytics.store.outbox import create_outbox, read_outbox, remove_from_outbox
from analytics.store.store_failures import converting_store_errors
from app.site.journal import Position, limiting_reply, read_acknowledged, send_batches
from app.site.past_history import PAST_EPOCH

BATCHES_PER_TRANSACTION = 300
"""Five minutes; some 8 MB with twenty cameras."""
KEPT_BATCHES = 3600
"""Forwarded batches of the last hour, at most 100 MB, for a server that an older copy of it replaces."""
_REMOVE_EVERY = 10
"""Batches to let pile up before they are removed, which needs the lock of the local database's writer."""
_LOG = logging.getLogger(__name__)


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
