"""Run one of our own commands in a process of its own, for work whose libraries a window must not load."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from analytics.domain.errors import ExpoFlowError, OutputError
from app.core.job import JobCancelled, JobContext
from app.error_reporting import PACKED_ERRORS, unpack_words

_LOOK_EVERY_S = 0.1
_END_WITHIN_S = 2.0
PROGRAM_FOLDER = Path(__file__).resolve().parents[2]


def run_child_command(
    arguments: Sequence[str],
    context: JobContext,
    *,
    given: str | None = None,
    kind: type[ExpoFlowError] = OutputError,
    on_line: Callable[[str], None] | None = None,
) -> str:
    """Run ``python -m app ARGUMENTS``, or this bundle so, and give what it wrote to standard output.

    A line such as ``{"done": 3.0, "total": 10.0}`` is taken as progress, and is not part of the answer.

    Args:
        given: what it reads from standard input, all of it before it answers; the way for a password, which
            others would see among the arguments, and for a picture, which is never in a file.
        kind: of the error.
        on_line: called with each line of the answer as soon as it comes, in the thread that waits.

    Raises:
        ExpoFlowError: of the given kind: it failed, in its own words, which can still be translated.
        JobCancelled: the context was cancelled; the process was ended.
    """
    child = subprocess.Popen(
        [*name_program(), *arguments],
        cwd=PROGRAM_FOLDER,
        env={**os.environ, PACKED_ERRORS: "1"},
        stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    assert child.stdout is not None
    assert child.stderr is not None
    said: list[str] = []
    complained: list[str] = []
    progress = [(0.0, 0.0)]
    passed_on = 0
    readers = [
        threading.Thread(target=_read_answer, args=(child.stdout, said, progress), daemon=True),
        threading.Thread(target=complained.extend, args=(child.stderr,), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        if child.stdin is not None:
            with contextlib.suppress(BrokenPipeError), child.stdin:
                child.stdin.write(given or "")
        while child.poll() is None:
            context.checkpoint(*progress[0])
            passed_on = _pass_on(said, passed_on, on_line)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_LOOK_EVERY_S)
    except JobCancelled:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_END_WITHIN_S)
        raise
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
        for reader in readers:
            reader.join(_END_WITHIN_S)
        child.stdout.close()
        child.stderr.close()
    if child.returncode != 0:
        raise find_failure(complained, command=arguments[0], kind=kind)
    _pass_on(said, passed_on, on_line)
    return "".join(said)


def name_program() -> tuple[str, ...]:
    """How this program is started: what comes before the name of a command."""
    # a bundle is no interpreter: its executable takes the command itself
    return (sys.executable,) if getattr(sys, "frozen", False) else (sys.executable, "-m", "app")


def _pass_on(said: Sequence[str], passed_on: int, on_line: Callable[[str], None] | None) -> int:
    """How many lines have been passed on by then; another thread appends to them meanwhile."""
    count = len(said)
    if on_line is not None:
        for line in said[passed_on:count]:
            on_line(line)
    return count


def find_failure(complained: Sequence[str], *, command: str, kind: type[ExpoFlowError]) -> ExpoFlowError:
    """What a command that failed wrote to standard error, as the error that it was."""
    for line in complained:
        if line.startswith('{"failed":'):
            with contextlib.suppress(ValueError, KeyError, TypeError):
                return unpack_words(kind, json.loads(line)["failed"])
    said = "".join(complained).strip().splitlines()
    return kind(
        "The command '{command}' failed: {said}" if said else "The command '{command}' failed.",
        "The log file says more.",
        command=command,
        said=said[-1] if said else "",
    )


def _read_answer(lines: IO[str], said: list[str], progress: list[tuple[float, float]]) -> None:
    for line in lines:
        if line.startswith('{"done":'):
            with contextlib.suppress(ValueError, KeyError, TypeError):
                report = json.loads(line)
                progress[0] = (float(report["done"]), float(report["total"]))
                continue
        said.append(line)
