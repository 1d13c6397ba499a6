"""Runs work with heavy or talkative packages in a process of its own, and hears from it by JSON lines.

A child can be stopped at any moment, its crash costs nothing but the work, and what its packages print or
patch stays in it. The child side is `ChildReporter`; the parent side is `run_child_task`.
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
"""How often the listener is called while the child says nothing, so that it can cancel."""
RUN_MODULE = "--run-module"
"""How a bundle's executable is told to be the child that runs a module of ours."""
CHILD_PACKAGE = "vision.detection."
"""No other module is run so: the executable is not to be an interpreter for everybody."""


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """How far a task has come.

    Attributes:
        stage: what is being done, in words.
        done, total: in the unit of the stage; total is 0 where it is not known.
    """

    stage: str
    done: int = 0
    total: int = 0


ProgressListener = Callable[[TaskProgress], None]
"""Called several times a second; whatever it raises cancels the task and reaches the caller."""


def ignore_progress(progress: TaskProgress) -> None:
    """A listener for callers who do not care."""


def run_child_task(
    module: str, request: Mapping[str, object], *, listener: ProgressListener = ignore_progress
) -> dict[str, Any]:
    """Run ``python -m module`` with a request and return what it finished with.

    Raises:
        ModelError: what the child reported, or that it ended without a word.
        BaseException: whatever the listener raised; the child has been killed by then.
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
    """Whether this process, a bundle's executable, was started to run a module for `run_child_task`."""
    return len(arguments) > 2 and arguments[1] == RUN_MODULE and arguments[2].startswith(CHILD_PACKAGE)


def _name_program() -> tuple[str, ...]:
    # a bundle is no interpreter: its executable runs a module when it is asked so
    return (sys.executable, RUN_MODULE) if getattr(sys, "frozen", False) else (sys.executable, "-m")


def _import_path() -> str:
    """The child finds our packages wherever this process found them."""
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
    """The child's side: reads the request, keeps standard output for messages, ends with its parent."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._messages = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)  # what packages print goes where it disturbs nobody
        self._lock = threading.Lock()
        self.request: dict[str, Any] = json.loads(sys.stdin.readline())
        threading.Thread(target=self._end_with_parent, daemon=True).start()

    def report(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Say how far the work is."""
        self._send({"stage": stage, "done": done, "total": total})

    def run(self, work: Callable[[], dict[str, object]]) -> None:
        """Do the work and say how it ended; errors for people keep their two sentences."""
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
