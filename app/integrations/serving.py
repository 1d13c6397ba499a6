"""Gives a snapshot a second to everything that tells other systems; none of them holds the others."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import VenueError
from app.error_reporting import ErrorReport, describe_error, explain_error
from app.integrations.hall_snapshot import HallSnapshot

LOCK_NAME = ".serving.lock"


def take_serving_lock(folder: Path) -> FileLock:
    """The right to serve a venue; release it in the end.

    Raises:
        VenueError: another program has it, or the folder cannot be written to.
    """
    lock = FileLock(folder.resolve() / LOCK_NAME)
    try:
        lock.acquire(timeout=0.0)
    except Timeout:
        raise VenueError(
            "Another program serves '{venue}' already.",
            "End it first, or leave it as it is.",
            venue=folder.stem,
        ) from None
    except OSError as error:
        raise explain_error(VenueError, error, file=folder) from error
    return lock


def is_served(folder: Path) -> bool:
    """Whether some program serves a venue now."""
    if not (folder / LOCK_NAME).exists():
        return False
    try:
        take_serving_lock(folder).release()
    except VenueError:
        return True
    return False


EVERY_S = 1.0
_CLOSE_LIMIT_S = 5.0

_LOG = logging.getLogger(__name__)


class Publisher(Protocol):
    """Tells one kind of other systems; both methods are called in a thread of the publisher's own."""

    @property
    def name(self) -> str:
        """How to call it, such as ``MQTT``."""

    def publish(self, snapshot: HallSnapshot) -> None:
        """Tell what is now; may raise anything, and is called again with the next snapshot.

        Of the snapshots that come while it is busy it gets the newest: whoever needs every change compares
        with what it told last.
        """

    def close(self) -> None:
        """Say good-bye and let go of everything; the last call, also after failures."""


@dataclass(frozen=True, slots=True)
class PublisherState:
    """How a publisher does.

    Attributes:
        published, failed: snapshots that were told, and that were not since it failed.
        skipped: snapshots that a newer one replaced, since the publisher was busy.
        failure: of the last snapshot; None where that was told.
    """

    name: str
    published: int = 0
    failed: int = 0
    skipped: int = 0
    failure: ErrorReport | None = None


class Serving:
    """Makes snapshots until it is stopped; survives whatever publishers and the making of one do."""

    def __init__(
        self,
        *,
        look: Callable[[], HallSnapshot],
        publishers: Sequence[Publisher],
        clock: Clock | None = None,
        every_s: float = EVERY_S,
    ) -> None:
        """``look`` makes a snapshot; an error of it is said, and the next is tried."""
        self._look, self._every_s = look, every_s
        self._clock = clock or SystemClock()
        self._lanes = [_Lane(publisher) for publisher in publishers]
        self._look_failure: ErrorReport | None = None

    @property
    def states(self) -> tuple[PublisherState, ...]:
        """How every publisher does."""
        return tuple(lane.state for lane in self._lanes)

    def run(self, stop: threading.Event) -> None:
        """Go on until ``stop`` is set, then close every publisher, waiting a few seconds for each."""
        for lane in self._lanes:
            lane.start()
        try:
            due_s = self._clock.monotonic_s()
            while not stop.is_set():
                self._give()
                due_s = max(due_s + self._every_s, self._clock.monotonic_s())
                stop.wait(max(0.0, due_s - self._clock.monotonic_s()))
        finally:
            for lane in self._lanes:
                lane.end()
            for lane in self._lanes:
                lane.join(_CLOSE_LIMIT_S)

    def _give(self) -> None:
        try:
            snapshot = self._look()
        except Exception as error:  # the next second may be better, and others are still to be told
            report = describe_error(error)
            if self._look_failure is None or self._look_failure.problem != report.problem:
                _LOG.warning("What is now cannot be told: %s %s", report.problem, report.remedy)
                _LOG.debug("%s", report.detail)
            self._look_failure = report
            return
        self._look_failure = None
        for lane in self._lanes:
            lane.offer(snapshot)


class _Lane:
    """One publisher in its own thread, and the newest snapshot that it has not told yet."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._has_news = threading.Condition()
        self._newest: HallSnapshot | None = None
        self._is_ended = False
        self._published = self._failed = self._skipped = 0
        self._failure: ErrorReport | None = None
        # a daemon: a publisher that hangs must not keep the program alive
        self._thread = threading.Thread(target=self._follow, name=f"publish {publisher.name}", daemon=True)

    @property
    def state(self) -> PublisherState:
        return PublisherState(
            self._publisher.name, self._published, self._failed, self._skipped, self._failure
        )

    def start(self) -> None:
        self._thread.start()

    def offer(self, snapshot: HallSnapshot) -> None:
        with self._has_news:
            self._skipped += self._newest is not None
            self._newest = snapshot
            self._has_news.notify()

    def end(self) -> None:
        with self._has_news:
            self._is_ended = True
            self._has_news.notify()

    def join(self, limit_s: float) -> None:
        self._thread.join(limit_s)

    def _follow(self) -> None:
        while (snapshot := self._wait()) is not None:
            try:
                self._publisher.publish(snapshot)
            except Exception as error:  # whatever it was, others are told nevertheless
                self._fail(describe_error(error))
            else:
                self._published += 1
                if self._failure is not None:
                    _LOG.info("%s tells again what is now.", self._publisher.name)
                self._failure = None
        try:
            self._publisher.close()
        except Exception as error:
            self._fail(describe_error(error))

    def _fail(self, report: ErrorReport) -> None:
        self._failed += 1
        # the same failure every second is said once
        if self._failure is None or self._failure.problem != report.problem:
            _LOG.warning("%s: %s %s", self._publisher.name, report.problem, report.remedy)
            _LOG.debug("%s", report.detail)
        self._failure = report

    def _wait(self) -> HallSnapshot | None:
        with self._has_news:
            while self._newest is None and not self._is_ended:
                self._has_news.wait()
            snapshot, self._newest = self._newest, None
            return snapshot
