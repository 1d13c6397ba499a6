"""Running an ExpoFlow command in a separate process, for libraries that the window must not load."""

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
from app.error_reporting import PACKED_ERRORS, unpack_error

_POLL_INTERVAL_S = 0.1
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
    """Run ``python -m app ARGUMENTS`` (or the bundle) and return its standard output.

    A line such as ``{"done": 3.0, "total": 10.0}`` is progress and not part of the output.

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
    output_lines: list[str] = []
    error_lines: list[str] = []
    progress = [(0.0, 0.0)]
    reported_count = 0
    readers = [
        threading.Thread(target=_read_output, args=(child.stdout, output_lines, progress), daemon=True),
        threading.Thread(target=error_lines.extend, args=(child.stderr,), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        if child.stdin is not None:
            with contextlib.suppress(BrokenPipeError), child.stdin:
                child.stdin.write(given or "")
        while child.poll() is None:
            context.checkpoint(*progress[0])
            reported_count = _report_new_lines(output_lines, reported_count, on_line)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_POLL_INTERVAL_S)
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
        raise find_failure(error_lines, command=arguments[0], kind=kind)
    _report_new_lines(output_lines, reported_count, on_line)
    return "".join(output_lines)


def name_program() -> tuple[str, ...]:
    """Return the command line prefix that starts this program, without a command name."""
    # the executable of a bundle takes the command directly
    return (sys.executable,) if getattr(sys, "frozen", False) else (sys.executable, "-m", "app")


def _report_new_lines(
    output_lines: Sequence[str], reported_count: int, on_line: Callable[[str], None] | None
) -> int:
    """Report new output lines and return how many were reported; another thread appends to the list."""
    count = len(output_lines)
    if on_line is not None:
        for line in output_lines[reported_count:count]:
            on_line(line)
    return count


def find_failure(error_lines: Sequence[str], *, command: str, kind: type[ExpoFlowError]) -> ExpoFlowError:
    """Return the error that a failed command wrote to standard error."""
    for line in error_lines:
        if line.startswith('{"failed":'):
            with contextlib.suppress(ValueError, KeyError, TypeError):
                return unpack_error(kind, json.loads(line)["failed"])
    output_lines = "".join(error_lines).strip().splitlines()
    return kind(
        "The command '{command}' failed: {output_lines}"
        if output_lines
        else "The command '{command}' failed.",
        "See the log file for details.",
        command=command,
        output_lines=output_lines[-1] if output_lines else "",
    )


def _read_output(lines: IO[str], output_lines: list[str], progress: list[tuple[float, float]]) -> None:
    for line in lines:
        if line.startswith('{"done":'):
            with contextlib.suppress(ValueError, KeyError, TypeError):
                report = json.loads(line)
                progress[0] = (float(report["done"]), float(report["total"]))
                continue
        output_lines.append(line)
