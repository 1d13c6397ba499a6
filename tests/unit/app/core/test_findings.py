"""``findings`` on the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from typer.testing import CliRunner

from analytics.domain.identifiers import ZoneId
from analytics.domain.zone_targets import ZoneTargets
from app.cli.program import make_app
from app.core.file_format import write_venue
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall, walk_through


def test_findings_are_told_in_sentences_and_to_machines(tmp_path: Path) -> None:
    venue = replace(make_hall(tmp_path), targets=(ZoneTargets(ZoneId("Robotics"), 1),))
    venue.folder.mkdir()
    write_venue(venue)
    walk_through(venue, start_s=NOW_UTC_S - 900.0, duration_s=600.0, people=60, hz=1.0)
    command = ["findings", "--venue", str(venue.folder), "--from", "2026-03-14", "--to", "2026-03-14"]
    told = CliRunner().invoke(make_app(), [*command, "--language", "en"])
    assert told.exit_code == 0
    assert "Capacity of Robotics: nearly reached. About" in told.output
    assert "Bottlenecks: all observed open floor was assessed." in told.output
    assert "接近容量上限" in CliRunner().invoke(make_app(), [*command, "--language", "zh_CN"]).output
    machine = json.loads(CliRunner().invoke(make_app(), [*command, "--json"]).output)
    (finding,) = machine["findings"]
    assert (finding["kind"], finding["zone"], finding["state"]) == ("capacity", "Robotics", "open")
    assert finding["evidence"]["capacity"] == 1.0
    backwards = CliRunner().invoke(make_app(), [*command, "--to", "2026-03-13"])
    assert "ends before it begins" in str(backwards.exception)
