"""Runs ``python -m app`` as a person would."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.program import main
from tests.support.windows import warm_start

PROJECT = Path(__file__).parents[2]
WORDS = {"COLUMNS": "400", "NO_COLOR": "1"}
"""Wide output, so that sentences stay on one line."""


def run_app(
    *arguments: object, timeout_s: float = 120.0, environment: dict[str, str] | None = None, answer: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, in a process of its own.

    The libraries are loaded already, unless the environment says where Python is to look for them.
    """
    whole = {**os.environ, **WORDS, **(environment or {})}
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


def run_here(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command in this process: one of many refusals, where others are seen to leave a process."""
    stdout, stderr = io.StringIO(), io.StringIO()
    command = [str(argument) for argument in arguments]
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
    ):
        for name, value in WORDS.items():
            patch.setenv(name, value)
        status = main(command)
    return subprocess.CompletedProcess(command, status, stdout.getvalue(), stderr.getvalue())
