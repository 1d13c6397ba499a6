"""A camera is removed from the wall, and put back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from app.core.file_format import read_venue, write_venue
from app.gui.cameras.camera_removal import CameraRemovalNotice
from app.gui.live.model import LiveWallViewModel, WallPhase
from app.gui.live.page import LiveWallView, TileGrid
from app.gui.session.app_state import AppState
from app.gui.session.translation import install_language
from app.gui.window.page_maker import connect_camera_removal
from tests.support.halls.live_venue import make_live_venue
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.scripted_monitor import ScriptedMonitor, make_status
from vision.pipeline.messages import CameraState


class Page:
    """The wall of a venue that is on disk."""

    def __init__(self, qtbot: QtBot, folder: Path, *, cameras: int) -> None:
        self.app_state, self.monitor = AppState(), ScriptedMonitor()
        runner = InlineJobRunner()
        self.viewmodel = LiveWallViewModel(app_state=self.app_state, job_runner=runner, monitor=self.monitor)
        self.view = LiveWallView(self.viewmodel)
        self.notice = connect_camera_removal(
            self.view, app_state=self.app_state, job_runner=runner, monitor=self.monitor
        )
        qtbot.addWidget(self.view)
        venue = make_live_venue(folder, cameras)
        venue.folder.mkdir()
        write_venue(venue)
        self.file = venue.folder / "venue.toml"
        self.app_state.show_venue(read_venue(venue.folder))
        self.view.show()

    @property
    def shown(self) -> list[str]:
        return [tile.camera for tile in self.view.findChild(TileGrid).tiles]

    def ask(self, number: int) -> QMessageBox | None:
        self.view.findChild(TileGrid).tiles[number].make_menu().actions()[-1].trigger()
        return self.notice.open_question


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path, qapp: QApplication) -> Iterator[Page]:
    yield Page(qtbot, tmp_path, cameras=3)
    install_language(qapp, "en")


def agree(question: QMessageBox | None, *, word: str = "Remove") -> None:
    assert question is not None
    assert question.defaultButton() is question.button(QMessageBox.StandardButton.Cancel)
    (remove,) = [button for button in question.buttons() if button.text() == word]
    remove.click()


def press_undo(notice: CameraRemovalNotice, *, word: str = "Undo") -> None:
    (undo,) = [b for b in notice.findChildren(QPushButton) if b.text() == word and b.isVisible()]
    undo.click()


def test_a_camera_goes_and_comes_back_to_its_place(page: Page) -> None:
    before = page.file.read_bytes()
    agree(page.ask(1))
    assert page.shown == ["camera 1", "camera 3"]
    assert read_venue(page.file.parent).camera_names == ("camera 1", "camera 3")
    assert page.notice.problem == "camera 2 was removed."
    press_undo(page.notice)
    assert page.shown == ["camera 1", "camera 2", "camera 3"]
    assert page.file.read_bytes() == before
    assert page.notice.problem == "camera 2 was restored."


def test_cancelling_changes_nothing(page: Page) -> None:
    before = page.file.read_bytes()
    question = page.ask(0)
    assert question is not None
    assert "Recorded data remains" in question.informativeText()
    question.button(QMessageBox.StandardButton.Cancel).click()
    assert page.notice.open_question is None
    assert page.file.read_bytes() == before
    assert not page.notice.isVisible()


def test_the_last_camera_can_be_put_back_from_the_empty_page(qtbot: QtBot, tmp_path: Path) -> None:
    page = Page(qtbot, tmp_path, cameras=1)
    agree(page.ask(0))
    assert page.viewmodel.state.phase is WallPhase.NO_CAMERA
    press_undo(page.notice)
    assert page.shown == ["camera 1"]


def test_while_cameras_are_recorded_all_but_the_last_can_be_removed(page: Page) -> None:
    page.monitor.show_status(make_status("camera 1", CameraState.STREAMING))
    agree(page.ask(2))
    agree(page.ask(0))
    assert page.ask(0) is None
    assert page.notice.problem == "Camera 'camera 2' is the only one that is recorded."
    assert page.notice.remedy.startswith("Stop the recording")
    assert read_venue(page.file.parent).camera_names == ("camera 2",)


def test_a_recording_that_starts_during_the_question_keeps_its_only_camera(
    qtbot: QtBot, tmp_path: Path
) -> None:
    page = Page(qtbot, tmp_path, cameras=1)
    question = page.ask(0)
    page.monitor.show_status(make_status("camera 1", CameraState.STREAMING))
    agree(question)
    assert len(read_venue(page.file.parent).cameras) == 1


def test_another_venue_takes_the_offer_back(page: Page) -> None:
    agree(page.ask(0))
    page.app_state.show_venue(read_venue(page.file.parent))
    assert not page.notice.isVisible()
    page.notice.action_chosen.emit()
    assert len(read_venue(page.file.parent).cameras) == 2
