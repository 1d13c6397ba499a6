"""What the command line writes where the system's encoding lacks letters, such as in pipes of Windows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from analytics.domain.errors import OutputError
from app.core.child_command import run_child_command
from app.core.job import JobContext
from app.error_reporting import PACKED_ERRORS

PROJECT = Path(__file__).parents[4]
PRINT = """
import typer
from app.console.console import print_json_line, print_table, set_encodings
set_encodings()
print_json_line({"name": "Café Ö 展厅"})
typer.echo("Café Ö 展厅")
print_table(["name"], [["Café Ö 展厅"]])
"""


def run_in_gbk(code: str, **variables: str) -> bytes:
    environment = {name: value for name, value in os.environ.items() if name != PACKED_ERRORS}
    environment |= {"PYTHONIOENCODING": "gbk", **variables}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, env=environment, stdout=subprocess.PIPE, check=True
    )
    return done.stdout


def test_letters_that_the_encoding_lacks_stop_no_command_and_json_keeps_them() -> None:
    first, second, *table = run_in_gbk(PRINT).decode("gbk").splitlines()

    assert json.loads(first) == {"name": "Café Ö 展厅"}
    assert first.isascii()
    assert second == "Café ? 展厅"
    assert any("Café ? 展厅" in line for line in table)


def test_a_program_of_ours_is_answered_in_utf_8() -> None:
    lines = run_in_gbk(PRINT, **{PACKED_ERRORS: "1"}).decode("utf-8").splitlines()

    assert json.loads(lines[0]) == {"name": "Café Ö 展厅"}
    assert lines[1] == "Café Ö 展厅"


def test_names_reach_the_window_from_a_child_in_another_encoding(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    missing = tmp_path / "Ö 展厅.expoflow"
    monkeypatch.setenv("PYTHONIOENCODING", "gbk")
    with pytest.raises(OutputError, match=missing.name):
        run_child_command(("venue", "check", str(missing), "--json"), JobContext())
