"""Run a machine's part in a site in threads: leases, forwarding and, on one machine, the hub's history."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import StoreError
from app.site.forwarder import Forwarder
from app.site.hub_writer import FOLD_EVERY_S, HUB_DUTY, HubWriter
from app.site.journal import limiting_reply
from app.site.leases import RENEW_EVERY_S, hold_duty, release_all
from app.site.node_agent import Holdings, NodeAgent
from app.site.past_history import PastHistory
from app.site.schema import SiteError

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
