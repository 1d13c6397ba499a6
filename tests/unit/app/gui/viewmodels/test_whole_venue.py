"""The whole venue in the window: archived, restored and opened, and a bundle that is listed first."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from app.error_reporting import ErrorReport
from app.gui.app_state import AppState
from app.gui.viewmodels.whole_venue import WholeVenueViewModel
from app.operations.edit_venue import create_hall
from app.venue.file_format import read_venue
from tests.support.inline_job_runner import InlineJobRunner
from tests.support.scripted_monitor import ScriptedMonitor


@pytest.fixture
def viewmodel(qapp: object) -> tuple[AppState, WholeVenueViewModel]:
    state = AppState()
    made = WholeVenueViewModel(app_state=state, job_runner=InlineJobRunner(), monitor=ScriptedMonitor())
    return state, made


def test_a_venue_is_archived_restored_and_opened(
    viewmodel: tuple[AppState, WholeVenueViewModel], tmp_path: Path
) -> None:
    state, whole = viewmodel
    restored: list[Path] = []
    failed: list[ErrorReport] = []
    whole.venue_restored.connect(restored.append)
    whole.failed.connect(failed.append)
    assert not whole.state.has_venue
    state.show_venue(create_hall(tmp_path / "Hall.expoflow", name="Hall", time_zone="UTC", size_m=(10, 8)))
    assert whole.state.archive_name == "Hall.expoflow.zip"
    file = tmp_path / whole.state.archive_name
    whole.archive(file)
    assert "The archive is in" in whole.state.note
    assert not whole.state.is_busy
    whole.archive(file)
    assert "already" in failed.pop().problem
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    whole.restore(file, elsewhere)
    assert restored == [elsewhere / "Hall.expoflow"]
    assert read_venue(restored[0]).exhibition.name == "Hall"
    file.write_bytes(b"no archive")
    whole.restore(file, tmp_path / "elsewhere")
    assert failed


def test_a_bundle_is_listed_and_holds_what_was_listed(
    viewmodel: tuple[AppState, WholeVenueViewModel], tmp_path: Path
) -> None:
    state, whole = viewmodel
    state.show_venue(create_hall(tmp_path / "Hall.expoflow", name="Hall", time_zone="UTC", size_m=(10, 8)))
    listed = whole.list_bundle("all is well")
    assert ("doctor.txt", "what the doctor found") in listed
    whole.save_bundle(tmp_path / "b.zip", "all is well")
    with zipfile.ZipFile(tmp_path / "b.zip") as bundle:
        assert bundle.namelist() == [name for name, _ in listed]
        assert bundle.read("doctor.txt") == b"all is well"
