"""Wakes a process that waits for another one."""

from __future__ import annotations

import contextlib
import multiprocessing


class WakeSignal:
    """An event between processes that resets itself when it has woken somebody.

    A semaphore rather than an event of ``multiprocessing``, whose lock a killed process would leave
    locked. A signal may come too often, and one may be lost with a killed process: after every wait, which
    therefore has a time limit, the cause has to be looked at again. Travels only to a process that is being
    started.
    """

    def __init__(self) -> None:
        self._semaphore = multiprocessing.get_context("spawn").BoundedSemaphore(1)

    def set(self) -> None:
        """Wake who waits, or who waits next; never waits itself."""
        with contextlib.suppress(ValueError):
            self._semaphore.release()

    def wait(self, timeout_s: float) -> None:
        """Wait until it is set, but not for longer than ``timeout_s``."""
        self._semaphore.acquire(timeout=timeout_s)
