"""Decisions about places and staff, and failed writes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from analytics.domain.identifiers import CameraId
from analytics.visitors.false_positives.corrections import Corrections, DecidedPlace, PlaceVerdict
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.floor_plan.corrected_period import PlaceState
from app.floor_plan.floor_map import FloorResults
from app.gui.floor_plan.corrections import CorrectionsViewModel
from app.gui.session.app_state import AppState
from tests.support.halls.known_history import FIRST, make_known_venue
from tests.support.windows.inline_job_runner import InlineJobRunner

POSTER = DecidedPlace(CameraId("cam"), 9.0, 5.0, 0.5, PlaceVerdict.NOT_A_PERSON)
SHELF = DecidedPlace(CameraId("cam"), 2.0, 1.0, 0.5, PlaceVerdict.PERSON)


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    """Return a venue with two decided places and no history."""
    made = make_known_venue(tmp_path, is_recorded=False)
    decided = dataclasses.replace(made, corrections=Corrections((POSTER, SHELF)))
    write_venue(decided)
    return decided


@pytest.fixture
def app_state(qtbot: QtBot) -> AppState:
    return AppState()


@pytest.fixture
def model(app_state: AppState, venue: Venue) -> CorrectionsViewModel:
    made = CorrectionsViewModel(app_state=app_state, job_runner=InlineJobRunner())
    app_state.show_venue(venue)
    made.show_period(FloorResults(FIRST, None, venue.geometry_at(None)))
    return made


def read_states(model: CorrectionsViewModel) -> list[PlaceState]:
    return [place.state for place in model.state.places]


def test_decided_places_are_listed_without_observations(model: CorrectionsViewModel) -> None:
    assert read_states(model) == [PlaceState.LEFT_OUT, PlaceState.KEPT]
    assert [place.seconds for place in model.state.places] == [None, None]
    assert model.state.proposals == 0
    assert not model.state.can_undo


def test_only_effective_decisions_are_enabled(model: CorrectionsViewModel) -> None:
    assert (model.state.can_leave_out, model.state.can_count_as_person) == (False, False)
    model.choose(0)
    assert (model.state.can_leave_out, model.state.can_count_as_person) == (False, True)
    model.choose(1)
    assert (model.state.can_leave_out, model.state.can_count_as_person) == (True, False)
    model.choose(None)
    assert model.state.selected is None


def test_decisions_are_stored_announced_and_undone(
    qtbot: QtBot, model: CorrectionsViewModel, app_state: AppState, venue: Venue
) -> None:
    model.choose(0)
    with qtbot.waitSignal(app_state.changed, timeout=0) as announced:
        model.count_as_person()
    assert announced.args == [ChangeSet(corrections=True), model]
    # the chosen place stays the chosen one, wherever it is in the list now
    chosen = model.state.selected
    assert chosen is not None
    assert (model.state.places[chosen].x_m, model.state.places[chosen].state) == (9.0, PlaceState.KEPT)
    model.leave_staff_out(True)
    assert read_venue(venue.folder).corrections.excludes_staff
    model.undo()
    assert not read_venue(venue.folder).corrections.excludes_staff
    assert read_states(model) == [PlaceState.KEPT] * 2
    model.undo()
    assert read_venue(venue.folder).corrections == venue.corrections
    assert not model.state.can_undo


def test_a_failed_write_changes_nothing_and_is_reported(
    qtbot: QtBot, model: CorrectionsViewModel, app_state: AppState, venue: Venue
) -> None:
    file = venue.folder / "venue.toml"
    file.write_text("format = 1\nthis is no TOML", encoding="utf-8")
    model.choose(0)
    with qtbot.waitSignal(model.failed, timeout=0) as failed:
        model.count_as_person()
    assert failed.args is not None
    assert "venue.toml" in failed.args[0].problem
    assert read_states(model) == [PlaceState.LEFT_OUT, PlaceState.KEPT]
    assert app_state.venue is venue
    assert model.state.can_count_as_person, "it can be tried again"


def test_another_venue_has_its_own_decisions(
    model: CorrectionsViewModel, app_state: AppState, tmp_path: Path
) -> None:
    model.choose(0)
    model.count_as_person()
    (tmp_path / "other").mkdir()
    app_state.show_venue(make_known_venue(tmp_path / "other", is_recorded=False))
    assert model.state.places == ()
    assert not model.state.can_undo
    app_state.close_venue()
    assert not model.state.has_venue
