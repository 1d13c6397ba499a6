"""The whole venue in the window: archived, restored and opened, and a bundle that is listed first."""

from __future__ import annotations

import contextlib
import sqlite3
import zipfile
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.archive.archive_venue import archive_venue
from app.archive.unarchive_venue import ArchiveContents
from app.core.file_format import read_venue
from app.error_reporting import ErrorReport
from app.gui.session.app_state import AppState
from app.gui.session.translation import install_language
from app.gui.session.whole_venue import WholeVenueViewModel
from app.integrations.webhooks.webhook_settings import Webhook, save_webhook
from app.plan.edit_venue import create_hall
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.scripted_monitor import ScriptedMonitor


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
    assert not whole.state.folder
    state.show_venue(create_hall(tmp_path / "Hall.expoflow", name="Hall", time_zone="UTC", size_m=(10, 8)))
    assert whole.state.archive_name == "Hall.expoflow.zip"
    file = tmp_path / whole.state.archive_name
    whole.archive(file)
    assert "The archive was saved to" in whole.state.note
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


def test_a_restored_venue_says_what_was_switched_off_in_it(
    qapp: QApplication, viewmodel: tuple[AppState, WholeVenueViewModel], tmp_path: Path
) -> None:
    _, whole = viewmodel
    folder = create_hall(tmp_path / "Hall.expoflow", name="Hall", time_zone="UTC", size_m=(10, 8)).folder
    save_webhook(folder, Webhook("desk", "https://desk.example.com/hook"))
    file = archive_venue(folder, tmp_path / "Other.expoflow.zip").file
    whole.restore(file, tmp_path)
    assert (
        "The following was switched off because it came with the archive: webhooks: 1.\nEnable only"
        in whole.state.note
    )
    install_language(qapp, "zh_CN")
    whole.refresh()
    assert "以下内容随归档而来，已关闭：Webhook：1 个。\n请只开启" in whole.state.note


@pytest.mark.slow
def test_a_venue_that_grows_far_beyond_its_archive_is_restored_once_somebody_agrees(
    viewmodel: tuple[AppState, WholeVenueViewModel], tmp_path: Path
) -> None:
    _, whole = viewmodel
    folder = create_hall(tmp_path / "Hall.expoflow", name="Hall", time_zone="UTC", size_m=(10, 8)).folder
    with contextlib.closing(sqlite3.connect(folder / "events.sqlite")) as connection:
        connection.execute("CREATE TABLE zeros AS SELECT zeroblob(110000000) AS content")
        connection.commit()
    file = archive_venue(folder, tmp_path / "Other.expoflow.zip").file
    asked: list[tuple[ArchiveContents, Path, Path]] = []
    restored: list[Path] = []
    whole.agreement_needed.connect(lambda *of_it: asked.append(of_it))
    whole.venue_restored.connect(restored.append)
    whole.restore(file, tmp_path)
    ((contents, *places),) = asked
    assert contents.content_bytes > 110_000_000 > 20 * contents.size_bytes
    assert not restored
    assert not whole.state.is_busy
    whole.restore(*places, is_confirmed=True)
    assert restored == [tmp_path / "Other.expoflow"]


def test_a_bundle_is_listed_and_holds_what_was_listed(
    viewmodel: tuple[AppState, WholeVenueViewModel], tmp_path: Path
) -> None:
    state, whole = viewmodel
    state.show_venue(create_hall(tmp_path / "Hall.expoflow", name="Hall", time_zone="UTC", size_m=(10, 8)))
    listed = whole.list_bundle("all is well")
    assert ("doctor.txt", "results of the checks") in listed
    whole.save_bundle(tmp_path / "b.zip", "all is well")
    with zipfile.ZipFile(tmp_path / "b.zip") as bundle:
        assert bundle.namelist() == [name for name, _ in listed]
        assert bundle.read("doctor.txt") == b"all is well"
