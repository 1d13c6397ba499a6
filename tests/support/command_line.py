"""Runs ``python -m app`` as a person would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support import warm_start

PROJECT = Path(__file__).parents[2]


def run_app(
    *arguments: object, timeout_s: float = 120.0, environment: dict[str, str] | None = None, answer: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; wide output, so that sentences stay on one line.

    The libraries are loaded already, unless the environment says where Python is to look for them.
    """
    whole = {**os.environ, "COLUMNS": "400", "NO_COLOR": "1", **(environment or {})}
    command = ["app", *map(str, arguments)]
    if warm_start.IS_POSSIBLE and "PYTHONPATH" not in (environment or {}):
        return warm_start.run_warm(command, environment=whole, answer=answer, timeout_s=timeout_s)
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=PROJECT,
        env=whole,
        input=answer,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
