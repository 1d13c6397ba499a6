"""Server of a venue: the publishers and the watch that ``serve`` runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from analytics.domain.clock import Clock
from analytics.domain.errors import VenueError
from app.integrations.enabled_publishers import open_publishers
from app.integrations.hall_watch import HallWatch
from app.integrations.rest.rest_server import RestServer
from app.integrations.rest.token_check import RequestCounts
from app.integrations.serving import Publisher, PublisherState, Serving, acquire_serving_lock
from app.now.alarm_journal import AlarmEvaluator


def make_nothing_to_serve(folder: Path) -> VenueError:
    """Return the error for a folder without publishers."""
    return VenueError(
        "No other system is set up for '{venue}'.",
        "Set one up in Settings under 'Other systems', or with: python -m app rest on.",
        venue=folder.stem,
    )


class Server(Protocol):
    """Server that ``serve`` runs: a venue's, or that of all halls of a site."""

    @property
    def states(self) -> tuple[PublisherState, ...]:
        """The state of every publisher."""

    @property
    def requests(self) -> RequestCounts | None:
        """Counts of the REST requests so far; None without REST."""

    def run(self, stop: threading.Event) -> None:
        """Publish once a second until ``stop`` is set."""


class VenueServer:
    """A server of a venue; a venue is served by one program at a time."""

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock | None = None,
        open_all: Callable[[Path], tuple[Publisher, ...]] = open_publishers,
    ) -> None:
        """Read the venue and open the enabled publishers.

        Raises:
            VenueError: there is no such venue, another program serves it, or no publisher is enabled.
            ExpoFlowError: a publisher cannot be opened.
        """
        self._watch = HallWatch(folder, clock=clock, judge=AlarmEvaluator())
        self._lock = acquire_serving_lock(folder)
        try:
            publishers = open_all(folder)
            if not publishers:
                raise make_nothing_to_serve(folder)
        except BaseException:
            self._lock.release()
            raise
        self._rest = next((one for one in publishers if isinstance(one, RestServer)), None)
        self._serving = Serving(take_snapshot=self._watch.take_snapshot, publishers=publishers, clock=clock)
        if self._rest is not None:
            self._rest.include_publishers(lambda: self._serving.states)

    @property
    def states(self) -> tuple[PublisherState, ...]:
        """The state of every publisher."""
        return self._serving.states

    @property
    def requests(self) -> RequestCounts | None:
        """Counts of the REST requests so far; None without REST."""
        return None if self._rest is None else self._rest.requests

    def run(self, stop: threading.Event) -> None:
        """Publish once a second until ``stop`` is set."""
        try:
            self._serving.run(stop)
        finally:
            self._watch.close()
            self._lock.release()
