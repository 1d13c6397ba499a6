"""A child's side of the pipe to its supervisor, and what makes it follow a parent that was killed."""

from __future__ import annotations

import contextlib
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
"""By these the system ends a program: at a log-out, when it shuts down, or when a terminal is closed."""
_PR_SET_PDEATHSIG = 1
_PARENT_DIES_WITHIN_S = 1.0


class ChildLink:
    """Posts reports without waiting, collects commands, and knows when to stop.

    Attributes:
        stop: set when the supervisor asked for it, or has died, or the system wants this process to end.
        commands: what else the supervisor said.
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
        """What else the supervisor said since the last call."""
        taken: list[object] = []
        with contextlib.suppress(queue.Empty):
            while True:
                taken.append(self.commands.get_nowait())
        return taken

    @property
    def stop_cause(self) -> str:
        """Why the recording ends, once this process stops; empty where somebody stopped it."""
        return TERMINATED if self._asked is None else self._asked.cause

    def has_lost_parent(self) -> bool:
        """Whether the parent died, once this process stops; waits a moment where that is not clear yet."""
        if not self.stop.is_set() or self._asked is not None:
            return False
        # the signal of the parent's death comes while the parent is still being taken down
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
    """Ignore the keyboard's interrupt, stop on SIGTERM and SIGHUP, and die with the parent.

    Args:
        is_abrupt: nothing is lost if this process is killed the moment its parent dies.
    """
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # on another thread, because the interrupted code may hold the very lock that setting the event needs
        for number in END_SIGNALS:
            signal.signal(number, lambda _number, _stack: _start_thread(link.stop.set, ()))
    if sys.platform == "linux":
        import ctypes

        # sent when the thread that started this process ends; the supervisor's thread outlives its children
        wanted = signal.SIGKILL if is_abrupt else signal.SIGTERM
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(wanted), 0, 0, 0)
