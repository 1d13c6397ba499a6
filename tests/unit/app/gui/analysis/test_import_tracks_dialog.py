"""The import of positions in the window: preview, import, what was refused, and taking it out again."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from analytics.domain.clock import parse_utc
from app.core.change_set import ChangeSet
from app.core.file_format import read_venue, write_venue
from app.gui.analysis.import_tracks_dialog import ImportTracksDialog
from app.gui.analysis.import_tracks_model import ImportTracksViewModel
from app.gui.session.app_state import AppState
from tests.support.halls.walked_hall import SetClock, make_hall
from tests.support.windows.inline_job_runner import InlineJobRunner

START_S = parse_utc("2026-03-13T02:00:00Z")


@pytest.fixture
def shown(qtbot: QtBot, tmp_path: Path) -> ImportTracksDialog:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    app_state, runner = AppState(), InlineJobRunner()
    app_state.show_venue(venue)
    viewmodel = ImportTracksViewModel(
        app_state=app_state, job_runner=runner, clock=SetClock(START_S + 86_400.0)
    )
    dialog = ImportTracksDialog(viewmodel)
    for owned in (app_state, runner):
        owned.setParent(dialog)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog


def write_tracks(file: Path, *, bad_rows: int = 2, scale: float = 1.0) -> Path:
    rows = [f"{second},p{second % 3},{scale * (4 + second / 100)},{scale * 3}" for second in range(300)]
    file.write_text("\n".join(["time_s,track_id,x_m,y_m", *rows, *["x,p0,1,1"] * bad_rows]) + "\n")
    return file


def press(qtbot: QtBot, button: object) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_file_is_shown_imported_and_taken_out_again(
    shown: ImportTracksDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    venue = shown._viewmodel.venue
    assert venue is not None
    changes: list[ChangeSet] = []
    shown._viewmodel._app_state.changed.connect(lambda what, _who: changes.append(what))
    assert not shown.start_import.isEnabled()
    shown._on_start_chosen(START_S)
    shown.read_file(write_tracks(tmp_path / "hall lidar.csv"))
    assert len(shown.canvas.dots) == 300
    assert "300 positions of 3 people" in shown.outcome.text()
    assert "Rows skipped: 2, a missing or invalid time or position (line 302, 303)." in shown.outcome.text()
    assert shown.sensor.currentText() == "hall lidar"
    assert not (venue.folder / "events.sqlite").exists()
    press(qtbot, shown.start_import)
    assert "300 positions of 3 people were added" in shown.outcome.text()
    assert not shown.start_import.isEnabled()
    assert "hall lidar" in read_venue(venue.folder).camera_names
    assert any(what.events and what.cameras for what in changes)
    shown.read_file(tmp_path / "hall lidar.csv")
    press(qtbot, shown.start_import)
    assert "already part of the history" in shown.outcome.text()
    assert "hall lidar.csv" in shown.imports.item(0).text()
    press(qtbot, shown.remove)
    question = shown.findChild(QMessageBox)
    assert question is not None
    (go_on,) = [button for button in question.buttons() if button.text() == "Remove"]
    press(qtbot, go_on)
    assert shown.imports.count() == 0
    assert shown._viewmodel.state.fault is None
    assert "was removed from the history" in shown.outcome.text()
    # the sensor goes with its last import, so that it may cover another floor next time
    assert "hall lidar" not in read_venue(venue.folder).camera_names


def test_a_file_in_pixels_is_refused_with_a_remedy(
    shown: ImportTracksDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    shown.read_file(write_tracks(tmp_path / "pixels.csv", scale=100.0))
    assert "must be in metres" in shown.problem.text()
    assert shown.problem.isVisible()
    assert not shown.start_import.isEnabled()
    assert shown.canvas.dots == ()
    shown.read_file(write_tracks(tmp_path / "metres.csv"))
    assert not shown.problem.isVisible()
    assert shown.start_import.isEnabled()


def test_every_control_has_a_name(shown: ImportTracksDialog) -> None:
    for control in (
        shown.choose,
        shown.choose_covered,
        shown.whole_hall,
        shown.sensor,
        shown.identities,
        shown.start,
        shown.canvas,
        shown.imports,
        shown.remove,
        shown.start_import,
    ):
        assert control.accessibleName(), control
