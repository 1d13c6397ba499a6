"""Two computers, each with a home of its own, make a site by the commands that a person would type."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.file_format import read_venue, write_venue
from app.site.cli import ADDRESS_VARIABLE
from tests.support.command_line import PROJECT, run_app
from tests.support.servers.postgres_server import PostgresServer
from tests.unit.app.core.venues import make_full_venue

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def computers(tmp_path: Path, postgres_server: PostgresServer) -> dict[str, Run]:
    address = postgres_server.make_database()

    def make(name: str) -> Run:
        home = {"EXPOFLOW_HOME": str(tmp_path / name), ADDRESS_VARIABLE: address}

        def run(*words: str, answer: str = "", **more: str) -> subprocess.CompletedProcess[str]:
            venue = str(tmp_path / f"{name}.expoflow")
            return run_app("site", *words, "--venue", venue, environment={**home, **more}, answer=answer)

        return run

    folder = tmp_path / "north.expoflow"
    folder.mkdir()
    write_venue(make_full_venue(folder))
    (folder / "plan.png").write_bytes(b"a picture")
    return {name: make(name) for name in ("north", "south")}


@pytest.mark.parametrize("command", ["run", "status"])
def test_a_folder_that_does_not_exist_is_said_to_be_missing(tmp_path: Path, command: str) -> None:
    done = run_app("site", command, "--venue", tmp_path / "nowhere.expoflow")
    assert done.returncode == 1
    assert "in no site" not in done.stderr
    assert "nowhere.expoflow" in done.stderr


def test_two_computers_make_a_site(computers: dict[str, Run], tmp_path: Path) -> None:
    north, south = computers["north"], computers["south"]
    made = north("create", "Fair", "--machine", "north", "--hall", "Hall 1")
    assert made.returncode == 0, made.stderr
    assert "owner's secret" not in made.stdout + made.stderr
    code = json.loads(north("code", "--hall", "Hall 1", "--json").stdout)["code"]

    declined = south("join", code, "--machine", "south", answer="n\n")
    assert declined.returncode != 0
    assert not (tmp_path / "south.expoflow").exists()
    joined = south("join", code, "--machine", "south", answer="y\n")
    assert joined.returncode == 0, joined.stderr
    assert "help with the hall 'Hall 1' of the site 'Fair'" in joined.stderr
    assert read_venue(tmp_path / "south.expoflow").cameras == read_venue(tmp_path / "north.expoflow").cameras

    status = json.loads(north("status", "--json").stdout)
    assert [(one["name"], one["is_draining"]) for one in status["machines"]] == [
        ("north", False),
        ("south", False),
    ]
    assert "south" in north("status").stdout

    again = south("join", code, "--yes")
    assert "already in the site 'Fair'" in again.stderr
    assert south("leave").returncode == 0
    used = south("join", code, "--yes", "--machine", "south")
    assert (used.returncode, "was used at" in used.stderr) == (1, True)
    chinese = south("status", LANG="zh_CN.UTF-8")
    assert "不属于任何站点" in chinese.stderr


def test_an_address_is_asked_for_or_read_from_a_file_and_never_an_argument(
    computers: dict[str, Run], tmp_path: Path
) -> None:
    file = tmp_path / "address"
    file.write_text("postgresql://somebody:their-secret@127.0.0.1:1/nothing\n")
    silent = computers["north"]("create", "Fair", "--address-file", str(file))
    assert "127.0.0.1:1/nothing does not answer" in silent.stderr
    assert "their-secret" not in silent.stderr
    asked = computers["north"]("create", "Fair", answer="db.example.org\n", **{ADDRESS_VARIABLE: ""})
    assert "The database address is not valid" in asked.stderr


def test_one_machine_without_a_site_loads_no_driver_of_a_server(tmp_path: Path) -> None:
    folder = tmp_path / "hall.expoflow"
    folder.mkdir()
    write_venue(make_full_venue(folder))
    program = (
        "import sys\n"
        "from app.cli.program import main\n"
        "main(['venue', 'check', sys.argv[1]])\n"
        "import app.gui.window.pages, app.gui.window.startup, app.recording.cli\n"
        "print([name for name in ('psycopg', 'procrastinate', 'app.site.join') if name in sys.modules])\n"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", program, str(folder)]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
