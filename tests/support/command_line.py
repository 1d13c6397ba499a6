"""Runs ``python -m app`` as a person would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def run_app(
    *arguments: object, timeout_s: float = 120.0, environment: dict[str, str] | None = None, answer: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; wide output, so that sentences stay on one line."""
    return subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        cwd=PROJECT,
        env={**os.environ, "COLUMNS": "400", "NO_COLOR": "1", **(environment or {})},
        input=answer,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
