"""A child process under supervision: start, messages, liveness, end."""

from __future__ import annotations

import contextlib
import multiprocessing
import queue
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from vision.pipeline.backpressure import Outbox
from vision.pipeline.heartbeat import LifeLimits, find_reason_to_kill
from vision.pipeline.messages import CaptureBeat, InferenceBeat, Stop

_DRAIN_S = 0.5
_KILL_S = 2.0


class SupervisedProcess:
    """A spawned process and its pipe. Created for each start, never reused."""

    def __init__(
        self,
        name: str,
        body: Callable[[Connection, Any], None],
        assignment: object,
        *,
        now_s: float,
        limits: LifeLimits,
        is_loading: bool,
    ) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self.name = name
        self.started_s = now_s
        self.is_loading = is_loading
        self._limits = limits
        self._loading_since_s = now_s
        self._beat_s: float | None = None
        self._camera_silence_s = 0.0
        self._messages: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._connection = ours
        self._process: BaseProcess = context.Process(
            target=body, args=(theirs, assignment), name=name, daemon=True
        )
        self._process.start()
        theirs.close()  # so that the pipe ends with the child
        self._outbox = Outbox(ours)
        # a thread, because a child stopped in the middle of a message would block its reader
        self._listener = threading.Thread(target=self._listen, name=f"reports of {name}", daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int | None:
        """Process id."""
        return self._process.pid

    @property
    def sentinel(self) -> int:
        """Handle to wait on for the end of the process."""
        return self._process.sentinel

    @property
    def has_ended(self) -> bool:
        """Return whether the process has ended."""
        return self._process.exitcode is not None

    def receive(self, now_s: float) -> list[object]:
        """Return messages since the last call; waits only for the last messages of an ended process."""
        if self.has_ended:
            self._listener.join(_DRAIN_S)
        messages: list[object] = []
        with contextlib.suppress(queue.Empty):
            while True:
                messages.append(self._messages.get_nowait())
        for message in messages:
            if isinstance(message, (CaptureBeat, InferenceBeat)):
                self._beat_s = now_s
                self.is_loading = isinstance(message, InferenceBeat) and message.is_loading
                if isinstance(message, InferenceBeat) and message.history.problem is not None:
                    # it waits for disk space, and has its full time to load after that
                    self._loading_since_s = now_s
                if isinstance(message, CaptureBeat):
                    self._camera_silence_s = max((c.silent_s for c in message.cameras), default=0.0)
        return messages

    def send(self, message: object) -> None:
        """Send a message; never blocks."""
        self._outbox.post(message)

    def find_reason_to_kill(self, now_s: float) -> str | None:
        """Return why the process has to be killed; None for a healthy one."""
        return find_reason_to_kill(
            since_start_s=now_s - self._loading_since_s,
            since_beat_s=None if self._beat_s is None else now_s - self._beat_s,
            is_loading=self.is_loading,
            max_camera_silence_s=self._camera_silence_s,
            limits=self._limits,
        )

    def request_stop(self, cause: str = "") -> None:
        """Request the process to finish and exit."""
        self.send(Stop(cause))

    def end(self, *, within_s: float) -> None:
        """Wait for the end; after a timeout terminate, then kill."""
        self._process.join(within_s)
        if not self.has_ended:
            self._process.terminate()
            self._process.join(min(within_s, _KILL_S))
        self.kill()

    def kill(self) -> None:
        """Kill the process immediately."""
        if not self.has_ended:
            self._process.kill()
            self._process.join(_KILL_S)

    def describe_end(self) -> str:
        """Return the way the process ended, as text."""
        code = self._process.exitcode
        if code is None:
            return "still running"
        if code < 0:
            try:
                return f"killed by {signal.Signals(-code).name}"
            except ValueError:
                return f"killed by signal {-code}"
        return f"ended with code {code}"

    def close(self) -> None:
        """Close the pipe of a process that ended."""
        self._outbox.close(within_s=0.0)
        self._listener.join(_DRAIN_S)
        with contextlib.suppress(OSError):
            self._connection.close()
        with contextlib.suppress(ValueError):
            self._process.close()

    def _listen(self) -> None:
        while True:
            try:
                self._messages.put(self._connection.recv())
            except (EOFError, OSError):
                return
