"""Tasks with heavy or verbose packages in a child process, which reports by JSON lines.

A child can be stopped at any time, its crash costs only its own work, and packages print and patch only
within it. The child side is `ChildReporter`; the parent side is `run_child_task`.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from analytics.domain.errors import ExpoFlowError, ModelError

_HEARTBEAT_S = 0.2
"""Interval of calls to the listener while the child is silent, so that it can cancel."""
RUN_MODULE = "--run-module"
"""Option that makes a bundle's executable run one of our modules as a child."""
CHILD_PACKAGE = "vision.detection."
"""The only package with modules that may run so: the executable is not a general interpreter."""


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """Progress of a task.

    Attributes:
        stage: the current work, as text.
        done, total: in the unit of the stage; total is 0 if unknown.
    """

    stage: str
    done: int = 0
    total: int = 0


ProgressListener = Callable[[TaskProgress], None]
"""Callable for progress, called several times a second; an exception cancels the task and is passed on."""


def ignore_progress(progress: TaskProgress) -> None:
    """Ignore the progress; a listener for callers without a progress display."""


def run_child_task(
    module: str, request: Mapping[str, object], *, listener: ProgressListener = ignore_progress
) -> dict[str, Any]:
    """Run ``python -m module`` with a request and return its result.

    Raises:
        ModelError: the child reported an error, or ended without a report.
        BaseException: an exception of the listener; the child has been killed by then.
    """
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [*_name_program(), module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "PYTHONPATH": _import_path(), "PYTHONIOENCODING": "utf-8"},
            text=True,
            encoding="utf-8",
        )
        try:
            outcome = _converse(process, request, listener)
        finally:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
        if outcome is None:
            errors.seek(0)
            lines = errors.read().decode("utf-8", "replace").strip().splitlines()
            raise ModelError(
                "The helper process for the model ended early: {reason}",
                "Try again; if it happens again, report it with this message.",
                reason=lines[-1] if lines else f"exit code {process.returncode}",
            )
        return outcome


def is_child_of_bundle(arguments: Sequence[str]) -> bool:
    """Return whether this process, a bundle's executable, was started as a child by `run_child_task`."""
    return len(arguments) > 2 and arguments[1] == RUN_MODULE and arguments[2].startswith(CHILD_PACKAGE)


def _name_program() -> tuple[str, ...]:
    # a bundle is no interpreter: its executable runs a module on request
    return (sys.executable, RUN_MODULE) if getattr(sys, "frozen", False) else (sys.executable, "-m")


def _import_path() -> str:
    """Return the import path of this process for the child."""
    root = str(Path(__file__).resolve().parents[2])
    return os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)


def _converse(
    process: subprocess.Popen[str], request: Mapping[str, object], listener: ProgressListener
) -> dict[str, Any] | None:
    assert process.stdin is not None
    assert process.stdout is not None
    lines: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=_read_lines, args=(process.stdout, lines), daemon=True)
    reader.start()
    with contextlib.suppress(BrokenPipeError):
        # the pipe stays open: its end tells the child that this process is gone
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
    progress = TaskProgress("starting")
    outcome: dict[str, Any] | None = None
    while True:
        try:
            line = lines.get(timeout=_HEARTBEAT_S)
        except queue.Empty:
            listener(progress)
            continue
        if line is None:
            return outcome
        message = json.loads(line)
        if "finished" in message:
            outcome = message["finished"]
        elif "failed" in message:
            failed = message["failed"]
            raise ModelError(failed["problem"], failed["remedy"], **failed["details"])
        else:
            progress = TaskProgress(message["stage"], message["done"], message["total"])
            listener(progress)


def _read_lines(stream: TextIO, lines: queue.Queue[str | None]) -> None:
    with contextlib.suppress(OSError, ValueError):
        for line in stream:
            lines.put(line)
    lines.put(None)


class ChildReporter:
    """The child's side: reads the request, reserves standard output for messages, ends with its parent."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._messages = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)  # output of packages goes to standard error, apart from messages
        self._lock = threading.Lock()
        self.request: dict[str, Any] = json.loads(sys.stdin.readline())
        threading.Thread(target=self._end_with_parent, daemon=True).start()

    def report(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Report the progress of the work."""
        self._send({"stage": stage, "done": done, "total": total})

    def run(self, work: Callable[[], dict[str, object]]) -> None:
        """Do the work and report its outcome; errors for users keep their problem and remedy."""
        try:
            self._send({"finished": work()})
        except ExpoFlowError as error:
            details = {name: str(value) for name, value in error.details.items()}
            problem, remedy = error.problem_template, error.remedy_template
            self._send({"failed": {"problem": problem, "remedy": remedy, "details": details}})

    def _send(self, message: dict[str, object]) -> None:
        with self._lock:
            self._messages.write(json.dumps(message) + "\n")
            self._messages.flush()

    @staticmethod
    def _end_with_parent() -> None:
        # not through sys.stdin, whose lock a reading thread would hold when the interpreter ends
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        os._exit(1)
