"""A child's side of the pipe to its supervisor, and what makes it follow a parent that was killed."""

from __future__ import annotations

import contextlib
import queue
import signal
import sys
import threading
from multiprocessing.connection import Connection

from vision.pipeline.backpressure import Outbox
from vision.pipeline.messages import Stop

_PR_SET_PDEATHSIG = 1


class ChildLink:
    """Posts reports without waiting, collects commands, and knows when to stop.

    Attributes:
        stop: set when the supervisor asked for it, or has died.
        commands: what else the supervisor said.
    """

    def __init__(self, connection: Connection) -> None:
        self.stop = threading.Event()
        self.is_orphan = False
        self.commands: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._connection = connection
        self.outbox = Outbox(connection)
        threading.Thread(target=self._listen, name="commands", daemon=True).start()

    def _listen(self) -> None:
        # the pipe's other end is open in the parent only, so its death ends the pipe on every system
        while True:
            try:
                message = self._connection.recv()
            except (EOFError, OSError):
                self.is_orphan = True
                self.stop.set()
                return
            if isinstance(message, Stop):
                self.stop.set()
            else:
                self.commands.put(message)


def follow_parent(link: ChildLink, *, is_abrupt: bool) -> None:
    """Ignore the keyboard's interrupt, stop on SIGTERM, and die with the parent.

    Args:
        is_abrupt: nothing is lost if this process is killed the moment its parent dies.
    """
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda _number, _stack: link.stop.set())
    if sys.platform == "linux":
        import ctypes

        # sent when the thread that started this process ends; the supervisor's thread outlives its children
        wanted = signal.SIGKILL if is_abrupt else signal.SIGTERM
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(wanted), 0, 0, 0)
