from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from analytics.domain.floor_plan import PlanPicture
from app.gui.plan import panel_models as plan_editor_picture
from app.gui.plan.model import PlanEditorViewModel
from app.gui.plan.panel_models import PlanPictureViewModel
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.plan.edit_venue import create_hall
from app.plan_import.imported_plan import ImportedPlan
from app.plan_import.plan_file import ReadingOptions


def test_an_import_that_is_cancelled_writes_nothing(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = threading.Event()

    def read(_file: Path, *, options: ReadingOptions) -> ImportedPlan:
        assert options.page == 2
        may_go_on.wait(10)
        return ImportedPlan()

    monkeypatch.setattr(plan_editor_picture, "read_plan_file", read)
    venue = create_hall(tmp_path / "hall.expoflow", name="Fair", time_zone="Asia/Shanghai", size_m=(30, 20))
    before = (venue.folder / "venue.toml").read_bytes()
    app_state, runner = AppState(), JobRunner()
    editor = PlanEditorViewModel(app_state=app_state, job_runner=runner)
    model = PlanPictureViewModel(editor)
    app_state.show_venue(venue)
    model.import_file(tmp_path / "plan.pdf", page=2, unit=None, takes_hall=True)
    assert model.state.is_importing
    with qtbot.waitSignal(runner.job_finished):
        model.cancel()
        assert not model.state.is_importing
        may_go_on.set()
    assert not editor.state.steps.can_undo
    assert (venue.folder / "venue.toml").read_bytes() == before
    assert runner.shutdown()


def test_a_picture_whose_scale_nobody_has_set_is_said_to_be_as_wide_as_the_hall(tmp_path: Path) -> None:
    venue = create_hall(tmp_path / "hall.expoflow", name="Fair", time_zone="UTC", size_m=(30, 20))
    app_state, runner = AppState(), JobRunner()
    editor = PlanEditorViewModel(app_state=app_state, job_runner=runner)
    model = PlanPictureViewModel(editor)
    for metres_per_pixel, is_said in ((0.02, True), (0.0201, False)):
        picture = PlanPicture("plan.png", metres_per_pixel)
        app_state.show_venue(replace(venue, plan=replace(venue.plan, picture=picture)))
        assert "as wide as the hall" not in model.state.text
        model.set_size((1500, 1000))
        assert ("as wide as the hall" in model.state.text) is is_said
    assert runner.shutdown()
