"""What the window is about changes only as asked, and says so once."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from analytics.domain.errors import VenueError
from app.core.change_set import ChangeSet
from app.gui.session.app_state import AppState
from app.plan.edit_venue import create_hall


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return create_hall(tmp_path / "fair.expoflow", name="Fair", time_zone="UTC", size_m=(40, 25)).folder


def test_a_venue_is_opened_without_period_or_zone(qtbot: QtBot, folder: Path) -> None:
    state = AppState()
    state.set_period((0.0, 10.0))
    state.select_zone("stand")
    with qtbot.waitSignal(state.venue_opened, timeout=0):
        state.open_venue(folder)
    assert state.venue is not None
    assert state.venue.exhibition.name == "Fair"
    assert state.period is None
    assert state.zone_selected is None


def test_a_venue_that_cannot_be_read_leaves_the_open_one(qtbot: QtBot, folder: Path) -> None:
    state = AppState()
    state.open_venue(folder)
    with pytest.raises(VenueError):
        state.open_venue(folder.with_name("none.expoflow"))
    assert state.venue is not None
    state.close_venue()
    assert state.venue is None


def test_the_same_period_and_zone_are_no_change(qtbot: QtBot) -> None:
    state = AppState()
    with qtbot.waitSignal(state.period_changed, timeout=0):
        state.set_period((1.0, 2.0))
    with qtbot.waitSignal(state.zone_selection_changed, timeout=0):
        state.select_zone("stand")
    with qtbot.assertNotEmitted(state.period_changed), qtbot.assertNotEmitted(state.zone_selection_changed):
        state.set_period((1.0, 2.0))
        state.select_zone("stand")


def test_a_change_names_its_initiator(qtbot: QtBot, folder: Path) -> None:
    state = AppState()
    state.open_venue(folder)
    venue = state.venue
    assert venue is not None
    with qtbot.waitSignal(state.changed, timeout=0) as changed:
        state.replace_venue(venue, ChangeSet(zones=True), initiator="editor")
    assert changed.args == [ChangeSet(zones=True), "editor"]
    assert ChangeSet(zones=True)
    assert not ChangeSet()
