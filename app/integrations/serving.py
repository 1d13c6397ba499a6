"""Distribution of one snapshot per second to all publishers, independent of each other."""

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
from app.error_reporting import ErrorReport, convert_error, describe_error
from app.integrations.hall_snapshot import HallSnapshot

LOCK_NAME = ".serving.lock"


def acquire_serving_lock(folder: Path) -> FileLock:
    """Acquire the lock to serve a venue; the caller releases it.

    Raises:
        VenueError: another program holds it, or the folder cannot be written to.
    """
    lock = FileLock(folder.resolve() / LOCK_NAME)
    try:
        lock.acquire(timeout=0.0)
    except Timeout:
        raise VenueError(
            "Another program already serves '{venue}'.",
            "Stop that program first, or keep using it.",
            venue=folder.stem,
        ) from None
    except OSError as error:
        raise convert_error(VenueError, error, file=folder) from error
    return lock


def is_served(folder: Path) -> bool:
    """Return whether a program serves a venue now."""
    if not (folder / LOCK_NAME).exists():
        return False
    try:
        acquire_serving_lock(folder).release()
    except VenueError:
        return True
    return False


INTERVAL_S = 1.0
_CLOSE_LIMIT_S = 5.0

_LOG = logging.getLogger(__name__)


class Publisher(Protocol):
    """A channel to other systems; both methods are called in the publisher's own thread."""

    @property
    def name(self) -> str:
        """The display name, such as ``MQTT``."""

    def publish(self, snapshot: HallSnapshot) -> None:
        """Publish a snapshot; any error is reported, and the next snapshot follows.

        Snapshots that arrive while it is busy are skipped except the newest, so that changes must be computed
        against the last published one.
        """

    def close(self) -> None:
        """Sign off and release everything; the last call, also after failures."""


@dataclass(frozen=True, slots=True)
class PublisherState:
    """The state of a publisher.

    Attributes:
        published, failed: numbers of published and failed snapshots.
        skipped: snapshots replaced by a newer one while the publisher was busy.
        failure: error of the last snapshot; None if it was published.
    """

    name: str
    published: int = 0
    failed: int = 0
    skipped: int = 0
    failure: ErrorReport | None = None


class Serving:
    """A loop that makes snapshots until stopped and survives errors of publishers and snapshots."""

    def __init__(
        self,
        *,
        take_snapshot: Callable[[], HallSnapshot],
        publishers: Sequence[Publisher],
        clock: Clock | None = None,
        interval_s: float = INTERVAL_S,
    ) -> None:
        """``take_snapshot`` returns a snapshot; an error is logged, and it is called again."""
        self._take_snapshot, self._interval_s = take_snapshot, interval_s
        self._clock = clock or SystemClock()
        self._threads = [_PublisherThread(publisher) for publisher in publishers]
        self._snapshot_failure: ErrorReport | None = None

    @property
    def states(self) -> tuple[PublisherState, ...]:
        """The state of every publisher."""
        return tuple(thread.state for thread in self._threads)

    def run(self, stop: threading.Event) -> None:
        """Run until ``stop`` is set, then close every publisher, waiting a few seconds for each."""
        for thread in self._threads:
            thread.start()
        try:
            due_s = self._clock.monotonic_s()
            while not stop.is_set():
                self._distribute()
                due_s = max(due_s + self._interval_s, self._clock.monotonic_s())
                stop.wait(max(0.0, due_s - self._clock.monotonic_s()))
        finally:
            for thread in self._threads:
                thread.end()
            for thread in self._threads:
                thread.join(_CLOSE_LIMIT_S)

    def _distribute(self) -> None:
        try:
            snapshot = self._take_snapshot()
        except Exception as error:  # the next attempt may succeed, and publishers still run
            report = describe_error(error)
            if self._snapshot_failure is None or self._snapshot_failure.problem != report.problem:
                _LOG.warning("No snapshot: %s %s", report.problem, report.remedy)
                _LOG.debug("%s", report.detail)
            self._snapshot_failure = report
            return
        self._snapshot_failure = None
        for thread in self._threads:
            thread.offer(snapshot)


class _PublisherThread:
    """A publisher's thread and its latest unpublished snapshot."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._has_snapshot = threading.Condition()
        self._newest: HallSnapshot | None = None
        self._is_ended = False
        self._published = self._failed = self._skipped = 0
        self._failure: ErrorReport | None = None
        # a daemon: a publisher that hangs must not keep the program alive
        self._thread = threading.Thread(target=self._run, name=f"publish {publisher.name}", daemon=True)

    @property
    def state(self) -> PublisherState:
        return PublisherState(
            self._publisher.name, self._published, self._failed, self._skipped, self._failure
        )

    def start(self) -> None:
        self._thread.start()

    def offer(self, snapshot: HallSnapshot) -> None:
        with self._has_snapshot:
            self._skipped += self._newest is not None
            self._newest = snapshot
            self._has_snapshot.notify()

    def end(self) -> None:
        with self._has_snapshot:
            self._is_ended = True
            self._has_snapshot.notify()

    def join(self, limit_s: float) -> None:
        self._thread.join(limit_s)

    def _run(self) -> None:
        while (snapshot := self._wait()) is not None:
            try:
                self._publisher.publish(snapshot)
            except Exception as error:  # other publishers go on
                self._fail(describe_error(error))
            else:
                self._published += 1
                if self._failure is not None:
                    _LOG.info("%s publishes again.", self._publisher.name)
                self._failure = None
        try:
            self._publisher.close()
        except Exception as error:
            self._fail(describe_error(error))

    def _fail(self, report: ErrorReport) -> None:
        self._failed += 1
        # a repeated failure is logged once
        if self._failure is None or self._failure.problem != report.problem:
            _LOG.warning("%s: %s %s", self._publisher.name, report.problem, report.remedy)
            _LOG.debug("%s", report.detail)
        self._failure = report

    def _wait(self) -> HallSnapshot | None:
        with self._has_snapshot:
            while self._newest is None and not self._is_ended:
                self._has_snapshot.wait()
            snapshot, self._newest = self._newest, None
            return snapshot
