"""Run functions in a process of their own: work in Python that would keep a window from answering."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Concatenate, ParamSpec, TypeVar

from analytics.domain.errors import ExpoFlowError
from app.core.job import JobCancelled, JobContext

P = ParamSpec("P")
R = TypeVar("R")

MAX_IDLE_S = 120.0
"""A process that waits for work longer than this ends; loading the libraries anew takes a second."""
_POLL_S = 0.05
_END_WITHIN_S = 2.0
_PROGRESS, _RESULT, _ERROR = range(3)


class ChildError(RuntimeError):
    """An error of a child that could not be sent to its parent, or its unexpected end."""


class ChildWorker:
    """Processes that run one function at a time and keep their libraries loaded; safe for several threads."""

    def __init__(self) -> None:
        self._idle: list[_Child] = []
        self._lock = threading.Lock()
        self._is_closed = False

    def run(
        self,
        function: Callable[Concatenate[JobContext, P], R],
        context: JobContext,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Call a function in a child process and return its result.

        Args:
            function: importable by its name; its first argument is a ``JobContext`` of the child, whose
                progress is passed on to ``context``.
            args, kwargs: can be pickled, as the result can.

        Raises:
            JobCancelled: the context was cancelled; the process was ended.
            ChildError: the process ended unexpectedly.
            Exception: whatever the function raised.
        """
        child = self._take()
        try:
            result: R = child.run(function, args, kwargs, context)
        except BaseException:
            child.end()
            raise
        self._put_back(child)
        return result

    def close(self) -> None:
        """End the processes that wait for work; those at work end with their jobs."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()

    def _take(self) -> _Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.is_usable:
                    return child
                child.end()
        return _Child()

    def _put_back(self, child: _Child) -> None:
        with self._lock:
            if not self._is_closed and not self._idle:
                self._idle.append(child)
                return
        child.end()


class _Child:
    def __init__(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._connection, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(theirs,), name="child work", daemon=True)
        self._process.start()
        theirs.close()  # so that the pipe ends with the child
        self._idle_since_s = time.monotonic()

    @property
    def is_usable(self) -> bool:
        """Return whether the child waits for work, for longer than sending some takes."""
        return self._process.is_alive() and time.monotonic() - self._idle_since_s < 0.9 * MAX_IDLE_S

    def run(
        self, function: Callable[..., R], args: tuple[Any, ...], kwargs: dict[str, Any], context: JobContext
    ) -> R:
        progress = (0.0, 0.0)
        try:
            self._connection.send((function, args, kwargs))
            while True:
                context.checkpoint(*progress)
                if not self._connection.poll(_POLL_S):
                    continue
                kind, content = self._connection.recv()
                if kind == _PROGRESS:
                    progress = content
                elif kind == _ERROR:
                    raise content
                else:
                    self._idle_since_s = time.monotonic()
                    result: R = content
                    return result
        except (EOFError, BrokenPipeError, ConnectionResetError) as error:
            self._process.join(1.0)
            raise ChildError(f"the child ended with status {self._process.exitcode}") from error

    def end(self) -> None:
        """Stop it; files that it was writing are removed."""
        self._connection.close()
        if sys.platform == "win32":
            # ending it clears nothing there, and the closed pipe stops a job at its next checkpoint
            self._process.join(_END_WITHIN_S)
        self._process.terminate()
        self._process.join(_END_WITHIN_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _serve(connection: Connection) -> None:
    """Run what is sent until the parent closes the pipe, or nothing was sent for ``MAX_IDLE_S``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    context = JobContext(on_progress=lambda done, total: connection.send((_PROGRESS, (done, total))))
    try:
        with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
            while connection.poll(MAX_IDLE_S):
                function, args, kwargs = connection.recv()
                try:
                    answer = _RESULT, function(context, *args, **kwargs)
                except (ExpoFlowError, JobCancelled, OSError, MemoryError) as error:
                    answer = _ERROR, error
                except Exception:
                    answer = _ERROR, ChildError(traceback.format_exc())
                connection.send(answer)
    finally:
        # what a job leaves is cleared: an exit raised in Python's own shutdown would only print a traceback
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
