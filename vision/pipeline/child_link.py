"""The child's end of the pipe to its supervisor, and detection of a killed parent."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import sys
import threading
from _thread import start_new_thread as _start_thread
from multiprocessing.connection import Connection

from vision.pipeline.backpressure import Outbox
from vision.pipeline.messages import Stop
from vision.pipeline.observation_log import TERMINATED

END_SIGNALS = (signal.SIGTERM, *((signal.SIGHUP,) if sys.platform != "win32" else ()))
"""Signals by which the system ends a program: log-out, shutdown, or a closed terminal."""
_PR_SET_PDEATHSIG = 1
_PARENT_DIES_WITHIN_S = 1.0


class ChildLink:
    """Connection to the supervisor: posts reports without blocking, collects commands and the stop request.

    Attributes:
        stop: set when the supervisor requests it, has died, or the system ends this process.
        commands: the supervisor's other commands.
    """

    def __init__(self, connection: Connection) -> None:
        self.stop = threading.Event()
        self._asked: Stop | None = None
        self._is_orphan = threading.Event()
        self.commands: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._connection = connection
        self.outbox = Outbox(connection)
        threading.Thread(target=self._listen, name="commands", daemon=True).start()

    def take_commands(self) -> list[object]:
        """Return the supervisor's commands since the last call."""
        received: list[object] = []
        with contextlib.suppress(queue.Empty):
            while True:
                received.append(self.commands.get_nowait())
        return received

    @property
    def stop_cause(self) -> str:
        """Return why the recording ends once this process stops; empty if a user stopped it."""
        return TERMINATED if self._asked is None else self._asked.cause

    def has_lost_parent(self) -> bool:
        """Return whether the parent died, once this process stops; waits briefly while that is undecided."""
        if not self.stop.is_set() or self._asked is not None:
            return False
        # the signal of the parent's death arrives while the parent is still being torn down
        return self._is_orphan.wait(_PARENT_DIES_WITHIN_S)

    def _listen(self) -> None:
        # the pipe's other end is open in the parent only, so its death ends the pipe on every system
        while True:
            try:
                message = self._connection.recv()
            except (EOFError, OSError):
                self._is_orphan.set()
                self.stop.set()
                return
            if isinstance(message, Stop):
                self._asked = message
                self.stop.set()
            else:
                self.commands.put(message)


def follow_parent(link: ChildLink, *, is_abrupt: bool) -> None:
    """Ignore the keyboard's interrupt, stop on SIGTERM and SIGHUP, and exit when the parent dies.

    Args:
        is_abrupt: nothing is lost if this process is killed the moment its parent dies.
    """
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # on another thread, because the interrupted code may hold the lock that setting the event needs
        for number in END_SIGNALS:
            signal.signal(number, lambda _number, _stack: _start_thread(link.stop.set, ()))
    if sys.platform == "linux":
        import ctypes

        # sent when the thread that started this process ends; the supervisor's thread outlives its children
        death_signal = signal.SIGKILL if is_abrupt else signal.SIGTERM
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if sys.platform == "win32" and is_abrupt:
        threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    """Wait for the parent's end, then exit even if another thread hangs in a driver or decoder."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
