"""The demonstration is unpacked by a process of its own, opened, and its cameras started."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from analytics.domain.errors import OutputError
from app.core.document import Venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.gui.session.app_state import AppState
from app.gui.window import background_work
from app.gui.window.background_work import DemonstrationViewModel
from app.plan.edit_venue import create_hall
from tests.support.windows.inline_job_runner import InlineJobRunner


@dataclass
class ScriptedShell:
    app_state: AppState
    recordings: int = 0
    complaints: list[ErrorReport] = field(default_factory=list)

    def leave_venue(self, then: Callable[[], None]) -> None:
        then()

    def show_venue(self, venue: Venue) -> None:
        self.app_state.show_venue(venue)

    def start_recording(self) -> None:
        self.recordings += 1

    def report_error(self, report: ErrorReport) -> None:
        self.complaints.append(report)


def make(shell: ScriptedShell, folder: Path) -> DemonstrationViewModel:
    return DemonstrationViewModel(
        job_runner=InlineJobRunner(),
        shell=shell,  # type: ignore[arg-type]
        folder=folder,
    )


def test_it_is_unpacked_shown_and_recorded(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "demo.expoflow"

    def run(arguments: tuple[str, ...], _context: JobContext) -> str:
        assert arguments == ("demo-exhibition", "--json", "--venue", str(folder))
        create_hall(folder, name="Demo", time_zone="UTC", size_m=(40, 25))
        return ""

    monkeypatch.setattr(background_work, "run_child_command", run)
    shell = ScriptedShell(AppState())
    viewmodel = make(shell, folder)
    viewmodel.open()
    assert shell.app_state.venue is not None
    assert shell.app_state.venue.folder == folder
    assert shell.recordings == 1


def test_a_demonstration_that_cannot_be_unpacked_is_told(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_arguments: tuple[str, ...], _context: JobContext) -> str:
        raise OutputError("The disk is full.", "Delete something.")

    monkeypatch.setattr(background_work, "run_child_command", run)
    shell = ScriptedShell(AppState())
    viewmodel = make(shell, tmp_path / "demo.expoflow")
    viewmodel.open()
    assert shell.complaints[0].problem == "The disk is full."
    assert shell.recordings == 0
