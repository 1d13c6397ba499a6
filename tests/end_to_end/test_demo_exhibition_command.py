from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.core.file_format import read_venue
from app.demo.ready_venue import is_demo_venue
from tests.support.command_line import run_app


@pytest.mark.slow
def test_the_venue_is_unpacked_once_with_json_progress(tmp_path: Path) -> None:
    folder = tmp_path / "hall.expoflow"
    made = run_app("demo-exhibition", "--venue", folder, "--json")
    assert made.returncode == 0, made.stderr
    progress = [json.loads(line) for line in made.stdout.splitlines() if line.startswith("{")]
    assert progress[-1] == {"done": 3, "total": 3}
    assert is_demo_venue(read_venue(folder))
    before = (folder / "venue.toml").stat().st_mtime_ns
    assert run_app("demo-exhibition", "--venue", folder).returncode == 0
    assert (folder / "venue.toml").stat().st_mtime_ns == before


def test_a_folder_that_is_no_venue_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    result = run_app("demo-exhibition", "--venue", tmp_path)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert (tmp_path / "mine.txt").exists()
