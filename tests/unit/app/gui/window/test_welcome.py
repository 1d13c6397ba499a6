"""The ways into the program: what the recent venues are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.gui.session.app_state import AppState
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.settings.model import SettingsViewModel
from app.gui.window.shell import ShellViewModel
from app.gui.window.welcome import RecentVenue, WelcomeViewModel
from app.plan.edit_venue import create_hall
from tests.support.windows.inline_job_runner import InlineJobRunner


@pytest.fixture
def parts(qapp: object) -> tuple[SettingsViewModel, WelcomeViewModel]:
    app_state, runner, monitor = AppState(), InlineJobRunner(), PipelineMonitor()
    settings = SettingsViewModel(app_state=app_state, job_runner=runner, monitor=monitor)
    shell = ShellViewModel(app_state=app_state, job_runner=runner, monitor=monitor)
    welcome = WelcomeViewModel(
        app_state=app_state, shell=shell, settings=settings, job_runner=runner, has_demonstration=True
    )
    return settings, welcome


def test_recent_venues_are_called_as_their_exhibitions(
    parts: tuple[SettingsViewModel, WelcomeViewModel], tmp_path: Path
) -> None:
    settings, welcome = parts
    folder = create_hall(
        tmp_path / "h3.expoflow", name="Spring Fair", time_zone="UTC", size_m=(40, 25)
    ).folder
    gone = tmp_path / "gone.expoflow"
    settings.remember_venue(gone)
    settings.remember_venue(folder)
    assert welcome.state.recent_venues == (RecentVenue(folder, "h3"), RecentVenue(gone, "gone"))
    welcome.read_names()
    assert welcome.state.recent_venues == (RecentVenue(folder, "Spring Fair"), RecentVenue(gone, "gone"))
