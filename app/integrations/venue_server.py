"""Everything that tells other systems of one venue, running: what ``serve`` does until it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from analytics.domain.clock import Clock
from analytics.domain.errors import VenueError
from app.integrations.enabled_publishers import open_publishers
from app.integrations.hall_watch import HallWatch
from app.integrations.rest_server import RestServer
from app.integrations.serving import Publisher, PublisherState, Serving
from app.integrations.serving_lock import take_serving_lock
from app.integrations.token_check import RequestCounts
from app.operations.judge_alarms import AlarmJudge


class VenueServer:
    """One venue is served by one program at a time."""

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock | None = None,
        open_all: Callable[[Path], tuple[Publisher, ...]] = open_publishers,
    ) -> None:
        """Read the venue and open what its settings ask for.

        Raises:
            VenueError: there is no such venue, another program serves it, or nobody is to be told.
            ExpoFlowError: what is to be opened cannot be.
        """
        self._watch = HallWatch(folder, clock=clock, judge=AlarmJudge())
        self._lock = take_serving_lock(folder)
        try:
            publishers = open_all(folder)
            if not publishers:
                raise VenueError(
                    "No other system is to be told of '{venue}'.",
                    "Switch one on in the settings, card 'Other systems', or with: python -m app rest on.",
                    venue=folder.stem,
                )
        except BaseException:
            self._lock.release()
            raise
        self._rest = next((one for one in publishers if isinstance(one, RestServer)), None)
        self._serving = Serving(look=self._watch.look, publishers=publishers, clock=clock)
        if self._rest is not None:
            self._rest.tell_of(lambda: self._serving.states)

    @property
    def states(self) -> tuple[PublisherState, ...]:
        """How everything that tells does."""
        return self._serving.states

    @property
    def requests(self) -> RequestCounts | None:
        """What was asked by REST so far; None without it."""
        return None if self._rest is None else self._rest.requests

    def run(self, stop: threading.Event) -> None:
        """Tell once a second until ``stop`` is set."""
        try:
            self._serving.run(stop)
        finally:
            self._watch.close()
            self._lock.release()
