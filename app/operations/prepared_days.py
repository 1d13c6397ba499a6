"""Two days of history for the demo exhibition, made in processes of their own beside everything else."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from analytics.domain.errors import PipelineError
from app.operations.day_preparation import DayFailed, DayProgress, find_missing_cameras, run_day
from app.operations.demo_exhibition import PreparedDay, is_demo_venue, list_prepared_days
from app.venue.document import Venue

_LOOK_EVERY_S = 0.2
_STOP_WITHIN_S = 2.0


def are_days_prepared(venue: Venue) -> bool:
    """Whether the history has both days whole.

    Raises:
        StoreError: the history cannot be read.
    """
    return not any(find_missing_cameras(venue, day) for day in list_prepared_days(venue))


def generate_prepared_days(
    venue: Venue,
    on_progress: Callable[[float, float], None],
    should_cancel: Callable[[], bool],
) -> bool:
    """Put two simulated days into the venue's history: a crowd, seen by an error-prone detector.

    From the detections on, everything is as in a recording: the same tracker, projection and store. What is
    there already is not made again, and what was tracked before a cancel is kept for the next time. The
    venue may be recorded into all the while.

    Args:
        on_progress: called with (done, total).
        should_cancel: asked five times a second.

    Returns:
        Whether both days are in the history; False only after a cancel.

    Raises:
        PipelineError: this is no demo exhibition, or a process ended without a word.
        ExpoFlowError: what failed, in words.
    """
    if not is_demo_venue(venue):
        raise PipelineError(
            "'{venue}' is not a demo exhibition.",
            "Create one: python -m app demo-exhibition",
            venue=venue.name,
        )
    days = [day for day in list_prepared_days(venue) if find_missing_cameras(venue, day)]
    if not days:
        on_progress(1.0, 1.0)
        return True
    running = [_start(venue, day) for day in days]
    try:
        while any(not one.is_done for one in running):
            if should_cancel():
                return False
            for one in running:
                one.look()
            on_progress(sum(one.done for one in running), float(len(running)))
            time.sleep(_LOOK_EVERY_S)
    finally:
        for one in running:
            one.stop()
    on_progress(1.0, 1.0)
    return True


@dataclass(slots=True)
class _RunningDay:
    process: BaseProcess
    connection: Connection
    done: float = 0.0
    is_done: bool = False

    def look(self) -> None:
        """Take what the process says.

        Raises:
            ExpoFlowError: it failed.
        """
        has_ended = not self.process.is_alive()
        try:
            while self.connection.poll():
                self._take(self.connection.recv())
        except EOFError:
            has_ended = True
        if has_ended and not self.is_done:
            raise PipelineError(
                "The process that prepares the demo's history ended unexpectedly.",
                "Start it again; what it has made is kept. The log file may say more.",
            )

    def stop(self) -> None:
        """End the process, whatever it does."""
        if self.process.is_alive() and not self.is_done:
            self.process.terminate()
        self.process.join(_STOP_WITHIN_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.connection.close()

    def _take(self, message: object) -> None:
        if isinstance(message, DayFailed):
            raise message.error
        if isinstance(message, DayProgress):
            self.done = message.share
            self.is_done = message.is_done


def _start(venue: Venue, day: PreparedDay) -> _RunningDay:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=run_day, args=(theirs, venue.folder, day), name=f"demo day {day.number}")
    process.daemon = True
    process.start()
    theirs.close()
    return _RunningDay(process, ours)
