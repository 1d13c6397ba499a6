"""Import and export of zones and point pairs: confirmation and undo."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.gui.plan.floor_files import FloorFilesViewModel
from app.gui.session.app_state import AppState
from app.plan.geojson import write_floor_geojson
from tests.support.halls.known_history import FIRST_S, make_known_venue
from tests.support.halls.live_venue import FrozenClock
from tests.support.windows.inline_job_runner import InlineJobRunner


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    return make_known_venue(tmp_path, is_recorded=False)


@pytest.fixture
def app_state(qtbot: QtBot, venue: Venue) -> AppState:
    made = AppState()
    made.show_venue(venue)
    return made


@pytest.fixture
def model(app_state: AppState) -> FloorFilesViewModel:
    return FloorFilesViewModel(
        app_state=app_state, job_runner=InlineJobRunner(), clock=FrozenClock(FIRST_S + 60.0)
    )


@pytest.fixture
def file(venue: Venue, tmp_path: Path) -> Path:
    """Return a file with one of the venue's three zones."""
    written = tmp_path / "one.geojson"
    geometry = venue.geometry_at(None)
    write_floor_geojson(written, dataclasses.replace(geometry, zones=geometry.zones[:1]))
    return written


def test_an_import_needs_confirmation(model: FloorFilesViewModel, venue: Venue, file: Path) -> None:
    model.read_zones(file)
    assert model.state.question == "zones"
    assert "1 zone and 0 lines; the venue has 3 zones" in model.state.message
    model.reject()
    assert (model.state.question, model.state.message) == ("", "")
    model.import_zones(is_from_now=False)
    assert read_venue(venue.folder) == venue


def test_zones_from_now_on_begin_now(model: FloorFilesViewModel, venue: Venue, file: Path) -> None:
    model.read_zones(file)
    model.import_zones(is_from_now=True)
    first, second = read_venue(venue.folder).geometry_versions
    assert first == venue.geometry_at(None)
    assert second.valid_from_utc_s == FIRST_S + 60.0
    model.read_zones(file)
    model.import_zones(is_from_now=False)
    assert len(read_venue(venue.folder).geometry_versions) == 2, "the newest were corrected"
    assert model.state.can_undo


def test_undo_ends_after_another_change_of_zones(
    model: FloorFilesViewModel, app_state: AppState, file: Path
) -> None:
    model.read_zones(file)
    model.import_zones(is_from_now=False)
    assert app_state.venue is not None
    app_state.announce(ChangeSet(events=True), initiator=object())
    assert model.state.can_undo
    app_state.announce(ChangeSet(zones=True), initiator=object())
    assert not model.state.can_undo


def test_an_error_replaces_the_question(
    model: FloorFilesViewModel, venue: Venue, file: Path, tmp_path: Path
) -> None:
    model.read_zones(file)
    model.read_pairs(tmp_path / "absent.csv")
    assert (model.state.question, model.state.tone) == ("", "bad")
    assert "absent.csv" in model.state.message
    model.import_zones(is_from_now=False)
    assert read_venue(venue.folder) == venue


def test_a_failed_import_can_be_retried(
    model: FloorFilesViewModel, app_state: AppState, venue: Venue, file: Path
) -> None:
    model.read_zones(file)
    (venue.folder / "venue.toml").write_text("no TOML", encoding="utf-8")
    model.import_zones(is_from_now=False)
    assert model.state.tone == "bad"
    assert app_state.venue is venue
    write_venue(venue)
    model.import_zones(is_from_now=False)
    assert len(read_venue(venue.folder).geometry_at(None).zones) == 1
