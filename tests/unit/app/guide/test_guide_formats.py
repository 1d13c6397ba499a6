"""The guide's page of formats names every file and folder that the program keeps."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.guide.guide_text import guide_folder
from tests.support.command_line import PROJECT

KEEPERS = ("app/access", "app/core", "app/settings", "analytics/alarms")
KEEPERS_AMONG_OTHERS = (
    *sorted((PROJECT / "analytics/rollups").glob("*_folder.py")),
    *sorted((PROJECT / "analytics/store").glob("*.py")),
    *sorted((PROJECT / "app/integrations").rglob("*.py")),
    *sorted((PROJECT / "app/recording").glob("*.py")),
    *(
        PROJECT / f"app/{name}.py"
        for name in (
            "archive/archive_venue",
            "calibration/calibration_csv",
            "demo/ready_venue",
            "facts/prepared_facts",
            "findings/finding_decisions",
            "plan/geojson",
            "reports/report_outbox",
            "reports/schedule_file",
            "timeline/counts_store",
            "timeline/timeline_file",
            "validation/validation_labels",
        )
        if (PROJECT / f"app/{name}.py").exists()
    ),
)
_NAMES = re.compile(r"^_?([A-Z]+_)*(FILE|FOLDER|NAME|PREFIX)(_NAME)?$")
_VALUES = re.compile(r"^\.?[a-z][a-z-]*([._-][a-z]+)*[.-]?$")
OTHERWISE = {
    "expoflow_": "begins tokens",
    "manifest.json": "within a day of rollups/",
    ".lock": "rollups/.lock",
    "settings.toml.damaged": "of the settings, as of a venue",
}
"""Strings that are no names of files, or are told in other words."""


def list_kept_names() -> Iterator[tuple[str, Path]]:
    files = [file for folder in KEEPERS for file in sorted((PROJECT / folder).glob("*.py"))]
    for file in (*files, *KEEPERS_AMONG_OTHERS):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)):
                continue
            (target,) = node.targets
            value = node.value.value
            if isinstance(target, ast.Name) and _NAMES.match(target.id) and isinstance(value, str):
                yield value, file


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_name_of_a_file_that_is_kept_is_on_the_page_of_formats(language: str) -> None:
    kept = {name: file for name, file in list_kept_names() if _VALUES.match(name) and name not in OTHERWISE}
    assert {"venue.toml", "events.sqlite", "tracks", "validation", "outbox.json", ".venue.lock"} <= set(kept)
    told = " ".join(re.findall(r"`([^`]+)`", (guide_folder(language) / "formats.md").read_text("utf-8")))
    assert not {name: file.name for name, file in kept.items() if name not in told}
