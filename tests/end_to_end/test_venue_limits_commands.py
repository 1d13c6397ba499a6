"""``venue retention`` asks before tracks go sooner."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analytics.domain.clock import SystemClock
from app.access.audit_log import read_entries
from app.cli.venue import app
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.recording.history_upkeep import find_local_day
from tests.support.command_line import run_app
from tests.support.halls.walked_hall import make_hall, walk_through

DAY_S = 86_400.0


@pytest.fixture
def hall(tmp_path: Path) -> Venue:
    venue = make_hall(tmp_path)
    for days_ago in (60, 20):
        start_s = SystemClock().now_utc_s() - days_ago * DAY_S
        walk_through(venue, start_s=start_s, duration_s=60, people=2)
    write_venue(venue)
    return venue


def run(*arguments: object, answer: str = "") -> tuple[int, str]:
    environment = {"COLUMNS": "400", "NO_COLOR": "1"}
    result = CliRunner().invoke(app, [str(one) for one in arguments], input=answer, env=environment)
    return result.exit_code, result.output


def read_changes(venue: Venue) -> list[dict[str, str]]:
    return [dict(entry.what) for entry in read_entries(venue.folder)]


def test_shorter_retention_requires_confirmation(hall: Venue) -> None:
    lost = find_local_day(hall, SystemClock().now_utc_s() - 60 * DAY_S)
    shorter = ("retention", hall.folder, "--keep-days", "30")
    for answer in ("n\n", "\n", ""):
        status, output = run(*shorter, answer=answer)
        assert status == 1
        assert f"Tracks of one day, {lost}" in output
        assert "be deleted permanently at the next clean-up" in output
    assert read_venue(hall.folder).settings.tracks_kept_days == 90
    assert read_changes(hall) == []
    assert run(*shorter, answer="y\n")[0] == 0
    assert read_changes(hall) == [{"setting tracks_kept_days": "90.0 -> 30.0"}]
    status, output = run("retention", hall.folder, "--keep-days", "60")
    assert status == 0, "longer retention needs no confirmation"
    assert "deleted" not in output
    status, output = run("retention", hall.folder, "--keep-days", "0", "--max-gb", "5", "--yes")
    assert status == 0
    assert "No existing tracks will be deleted yet." in output
    assert read_changes(hall)[-1] == {
        "setting tracks_kept_days": "60.0 -> 0.0",
        "setting tracks_most_gb": "0.0 -> 5.0",
    }


def test_the_prompt_is_not_part_of_the_json_output(hall: Venue) -> None:
    result = run_app("venue", "retention", hall.folder, "--keep-days", "30", "--json", answer="y\n")
    assert json.loads(result.stdout)["tracks_kept_days"] == 30
    assert "Delete tracks sooner from now on?" in result.stderr
