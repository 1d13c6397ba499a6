"""The demonstration is made once, starts its cameras, and prepares its history behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from analytics.domain.errors import OutputError
from app.core.change_set import ChangeSet
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
        app_state=shell.app_state,
        job_runner=InlineJobRunner(),
        shell=shell,  # type: ignore[arg-type]
        folder=folder,
    )


def test_the_first_time_it_is_made_and_its_history_prepared(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "new" / "demo.expoflow"
    commands: list[tuple[str, ...]] = []

    def run(arguments: tuple[str, ...], _context: JobContext) -> str:
        commands.append(arguments)
        if "--no-history" in arguments:
            create_hall(folder, name="Demo", time_zone="UTC", size_m=(40, 25))
        return ""

    monkeypatch.setattr(background_work, "run_child_command", run)
    monkeypatch.setattr(background_work, "is_demo_venue", lambda _venue: True)
    shell = ScriptedShell(AppState())
    changes: list[ChangeSet] = []
    shell.app_state.changed.connect(lambda change, _initiator: changes.append(change))
    viewmodel = make(shell, folder)
    viewmodel.open()
    assert shell.app_state.venue is not None
    assert shell.recordings == 1
    assert changes == [ChangeSet(events=True)]
    assert ["--no-history" in command for command in commands] == [True, False]
    viewmodel.open()
    assert ["--no-history" in command for command in commands] == [True, False, False]


def test_a_demonstration_that_cannot_be_made_is_told(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_arguments: tuple[str, ...], _context: JobContext) -> str:
        raise OutputError("There is no simulator.", "Install it.")

    monkeypatch.setattr(background_work, "run_child_command", run)
    shell = ScriptedShell(AppState())
    viewmodel = make(shell, tmp_path / "demo.expoflow")
    viewmodel.open()
    assert shell.complaints[0].problem == "There is no simulator."
    assert shell.recordings == 0
    assert viewmodel is not None
