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

_PR_SET_PDEATHSIG = 1
_PARENT_DIES_WITHIN_S = 1.0


class ChildLink:
    """Posts reports without waiting, collects commands, and knows when to stop.

    Attributes:
        stop: set when the supervisor asked for it, or has died.
        commands: what else the supervisor said.
    """

    def __init__(self, connection: Connection) -> None:
        self.stop = threading.Event()
        self._is_asked = False
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

    def has_lost_parent(self) -> bool:
        """Whether the parent died, once this process stops; waits a moment where that is not clear yet."""
        if not self.stop.is_set() or self._is_asked:
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
                self._is_asked = True
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
        # on another thread, because the interrupted code may hold the very lock that setting the event needs
        signal.signal(signal.SIGTERM, lambda _number, _stack: _start_thread(link.stop.set, ()))
    if sys.platform == "linux":
        import ctypes

        # sent when the thread that started this process ends; the supervisor's thread outlives its children
        wanted = signal.SIGKILL if is_abrupt else signal.SIGTERM
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(wanted), 0, 0, 0)
