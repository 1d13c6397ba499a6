"""Run one of our own commands in a process of its own, for work whose libraries a window must not load."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from analytics.domain.errors import OutputError
from app.jobs.job import JobCancelled, JobContext

_LOOK_EVERY_S = 0.1
_END_WITHIN_S = 2.0
_ONE_LINE_COLUMNS = "2000"
"""So wide that each sentence stays on a line."""
PROGRAM_FOLDER = Path(__file__).resolve().parents[2]


def run_child_command(arguments: Sequence[str], context: JobContext) -> str:
    """Run ``python -m app ARGUMENTS`` to its end, and give what it wrote to standard output.

    Raises:
        OutputError: it failed, in its own words.
        JobCancelled: the context was cancelled; the process was ended.
    """
    child = subprocess.Popen(
        [sys.executable, "-m", "app", *arguments],
        cwd=PROGRAM_FOLDER,
        env={**os.environ, "COLUMNS": _ONE_LINE_COLUMNS, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    texts: dict[str, str] = {}

    def read() -> None:
        texts["out"], texts["error"] = child.communicate()

    reader = threading.Thread(target=read, name="child command", daemon=True)
    reader.start()
    try:
        while reader.is_alive():
            context.checkpoint(0.0, 0.0)
            reader.join(_LOOK_EVERY_S)
    except JobCancelled:
        child.terminate()
        reader.join(_END_WITHIN_S)
        if reader.is_alive():
            child.kill()
        raise
    if child.returncode != 0:
        problem, _, remedy = texts["error"].strip().partition("\n")
        raise OutputError(
            "{words}",
            "{advice}",
            words=problem or f"The command '{arguments[0]}' failed.",
            advice=remedy.strip() or "The log file says more.",
        )
    return texts["out"]
