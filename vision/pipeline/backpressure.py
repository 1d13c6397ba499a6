"""A bounded outbox from a working loop to a pipe: the loop never blocks, and drops are counted."""

from __future__ import annotations

import pickle
import threading
from collections import deque
from multiprocessing.connection import Connection


class Outbox:
    """A queue sent on a thread of its own; drops the oldest messages when the receiver does not keep up."""

    def __init__(self, connection: Connection, *, limit: int = 512) -> None:
        self._connection = connection
        self._waiting: deque[object] = deque(maxlen=limit)
        self._newest: object | None = None
        self._changed = threading.Condition()
        self._is_closing = False
        self._is_broken = False
        self.dropped = 0
        self._thread = threading.Thread(target=self._send, name="outbox", daemon=True)
        self._thread.start()

    def post(self, message: object) -> None:
        """Queue a message; returns at once."""
        with self._changed:
            if self._is_broken:
                return
            if len(self._waiting) == self._waiting.maxlen:
                self.dropped += 1
            self._waiting.append(message)
            self._changed.notify()

    def post_newest(self, message: object) -> None:
        """Send a message once the queue is empty, replacing the previous pending one; returns at once.

        For messages that are worthless once there is a newer one: neither queued nor counted as lost.
        """
        with self._changed:
            if not self._is_broken:
                self._newest = message
                self._changed.notify()

    def close(self, *, within_s: float) -> None:
        """Send the queued messages, for at most ``within_s`` seconds."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join(within_s)

    def _send(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and self._newest is None:
                    if self._is_closing:
                        return
                    self._changed.wait()
                if self._waiting:
                    message = self._waiting.popleft()
                else:
                    message, self._newest = self._newest, None
            try:
                self._connection.send(message)
            except (pickle.PicklingError, TypeError, AttributeError):
                self.dropped += 1
            except (OSError, ValueError):
                with self._changed:
                    self._is_broken = True
                    self._waiting.clear()
                    self._newest = None
                return
