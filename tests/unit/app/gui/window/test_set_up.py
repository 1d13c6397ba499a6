"""The checklist above the pages: what is done, and one button for what comes next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.gui.session.app_state import AppState
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.window.set_up import SetUpStrip, SetUpViewModel
from app.plan.edit_venue import create_hall
from app.recording.set_up_steps import SetUpStep
from tests.support.halls.live_venue import make_live_venue
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.shown_window import find_button


class Shown:
    """The checklist of a window without pages."""

    def __init__(self) -> None:
        runner, monitor = InlineJobRunner(), PipelineMonitor()
        self.app_state = AppState()
        self.viewmodel = SetUpViewModel(app_state=self.app_state, job_runner=runner, monitor=monitor)
        self.strip = SetUpStrip(self.viewmodel)
        self.asked: list[SetUpStep] = []
        self.viewmodel.step_requested.connect(self.asked.append)


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    made = Shown()
    qtbot.addWidget(made.strip)
    return made


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    return create_hall(tmp_path / "new.expoflow", name="New", time_zone="UTC", size_m=(40, 25))


def test_a_new_venue_is_led_from_the_plan_to_the_recording(shown: Shown, venue: Venue) -> None:
    assert not shown.strip.isVisible()
    shown.app_state.show_venue(venue)
    assert shown.viewmodel.state.missing == tuple(SetUpStep)
    find_button(shown.strip, "Next: import the plan").click()
    find_button(shown.strip, "Set-up step Zones").click()
    with_camera = replace(venue, cameras=make_live_venue(venue.folder.parent, 1).cameras)
    shown.app_state.replace_venue(with_camera, ChangeSet(cameras=True), initiator=self_made)
    find_button(shown.strip, "Set-up step Camera, done")
    assert shown.asked == [SetUpStep.PLAN, SetUpStep.ZONES]


def test_it_is_put_away_until_a_venue_is_opened(shown: Shown, venue: Venue) -> None:
    shown.app_state.show_venue(venue)
    find_button(shown.strip, "Hide the checklist").click()
    assert not shown.strip.isVisible()
    shown.app_state.show_venue(venue)
    assert shown.strip.isVisible()


self_made = object()
