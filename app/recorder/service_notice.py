"""Tell systemd that a service is ready, lives and stops: its own small protocol, without a library."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping

from analytics.domain.clock import Clock, SystemClock

SOCKET_VARIABLE = "NOTIFY_SOCKET"
WATCHDOG_VARIABLE = "WATCHDOG_USEC"
_BEATS_PER_LIMIT = 3.0


class ServiceNotice:
    """Does nothing where no service manager listens."""

    def __init__(self, environment: Mapping[str, str] | None = None, *, clock: Clock | None = None) -> None:
        environment = os.environ if environment is None else environment
        self._clock = clock or SystemClock()
        self._address = environment.get(SOCKET_VARIABLE, "")
        limit = environment.get(WATCHDOG_VARIABLE, "")
        self._beat_every_s = int(limit) / 1e6 / _BEATS_PER_LIMIT if limit.isdigit() else None
        self._beaten_s: float | None = None
        self._is_ready = False

    @property
    def is_heard(self) -> bool:
        """Whether a service manager listens."""
        return bool(self._address)

    def tell_ready(self, words: str) -> None:
        """The service does its work now; said once."""
        if not self._is_ready:
            self._is_ready = True
            self._send(f"READY=1\nSTATUS={words}")

    def beat(self) -> None:
        """The service lives: without this, in time, it is started again. Costs nothing when called often."""
        now_s = self._clock.monotonic_s()
        if self._beat_every_s is None or (
            self._beaten_s is not None and now_s - self._beaten_s < self._beat_every_s
        ):
            return
        self._beaten_s = now_s
        self._send("WATCHDOG=1")

    def tell_stopping(self) -> None:
        """It ends because it was told to."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address or not hasattr(socket, "AF_UNIX"):
            return
        # a leading @ stands for the zero byte of Linux's abstract names
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.connect(address)
            sender.sendall(message.encode())
