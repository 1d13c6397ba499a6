"""A signal that wakes a process waiting for another one."""

from __future__ import annotations

import contextlib
import multiprocessing


class WakeSignal:
    """An event between processes that resets itself after waking a waiter.

    A semaphore rather than an event of ``multiprocessing``, whose lock a killed process would leave locked.
    Signals may be spurious, and one may be lost with a killed process: after every wait, which therefore has
    a time limit, check the condition again. Can only be passed to a process when it is started.
    """

    def __init__(self) -> None:
        self._semaphore = multiprocessing.get_context("spawn").BoundedSemaphore(1)

    def set(self) -> None:
        """Wake the current waiter, or else the next; never blocks."""
        with contextlib.suppress(ValueError):
            self._semaphore.release()

    def wait(self, timeout_s: float) -> None:
        """Wait until the signal is set, at most ``timeout_s`` seconds."""
        self._semaphore.acquire(timeout=timeout_s)
