from __future__ import annotations

from pathlib import Path

import pytest

from analytics.domain.errors import GeometryError, OutputError
from app.plan.copied_shapes import ZoneTemplate, read_templates, remove_template, save_template
from tests.conftest import LogGuard
from tests.support.halls.seen_hall import box, line, zone

GATE = ZoneTemplate.of("门 gate", (zone("in front", box(5, 5, 8, 7)), line("door", (5, 6), (8, 6))))


def test_templates_come_back_from_their_folder(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect("notes.geojson is no template")
    folder = tmp_path / "home" / "templates"
    assert read_templates(folder) == ()
    save_template(folder, GATE)
    (folder / "notes.geojson").write_text("not zones", encoding="utf-8")
    assert read_templates(folder) == (GATE,)
    assert GATE.figures[0].name == "in front"
    remove_template(folder, GATE.name)
    assert read_templates(folder) == ()


@pytest.mark.parametrize("name", ["../gate", "a/b", ".hidden", "what?"])
def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, name: str) -> None:
    template = ZoneTemplate.of(name, GATE.figures)
    with pytest.raises(GeometryError, match="cannot be called"):
        save_template(tmp_path, template)
    with pytest.raises(GeometryError, match="cannot be called"):
        remove_template(tmp_path, name)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "templates").write_text("in the way", encoding="utf-8")
    with pytest.raises(OutputError, match="in the way"):
        save_template(tmp_path / "templates", GATE)
