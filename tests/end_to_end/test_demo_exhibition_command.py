from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.core.file_format import read_venue
from app.demo.demo_exhibition import is_demo_venue
from tests.support.command_line import run_app
from tests.support.simulator import needs_simulator


@pytest.mark.slow
@needs_simulator
def test_the_venue_is_created_with_json_progress(tmp_path: Path) -> None:
    folder = tmp_path / "hall.expoflow"
    made = run_app(
        "demo-exhibition", "--venue", folder, "--no-history", "--json", "--time-zone", "Asia/Shanghai"
    )
    assert made.returncode == 0, made.stderr
    progress = [json.loads(line) for line in made.stdout.splitlines()]
    assert progress[-1] == {"done": 1.0, "total": 1.0}
    venue = read_venue(folder)
    assert is_demo_venue(venue)
    assert venue.exhibition.time_zone == "Asia/Shanghai"
    before = (folder / "venue.toml").read_bytes()
    again = run_app("demo-exhibition", "--venue", folder, "--no-history")
    assert again.returncode == 0
    assert (folder / "venue.toml").read_bytes() == before


def test_a_folder_that_is_no_venue_is_rejected(tmp_path: Path) -> None:
    result = run_app("demo-exhibition", "--venue", tmp_path)
    assert result.returncode == 1
    assert "is not a valid name for a venue's folder" in result.stderr
    assert "Traceback" not in result.stderr
