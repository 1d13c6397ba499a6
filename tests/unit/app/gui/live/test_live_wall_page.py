"""The live page through its widgets."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QDialog,
    QFileDialog,
    QLabel,
    QMessageBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.core.credentials import MemoryCredentialStore
from app.core.file_format import read_venue, write_venue
from app.core.privacy_file import PreviewMode, PrivacySettings
from app.gui.cameras.camera_wizard_page import CameraWizard
from app.gui.live.model import LiveWallViewModel
from app.gui.live.page import LiveWallView, RecordingBar, SnapshotDialogs, TileGrid
from app.gui.live.video_tile import VideoTile
from app.gui.session.app_state import AppState
from app.gui.session.camera_words import CameraHealth
from app.gui.session.theme import THEMES, install_theme
from app.gui.session.translation import install_language
from app.gui.window.page_maker import connect_camera_wizard
from app.privacy.edit_privacy import change_privacy
from tests.support.halls.live_venue import make_live_venue
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.qt_leak_guard import find_leaks, take_inventory
from tests.support.windows.scripted_monitor import PicturePreview, ScriptedMonitor, make_status, make_track
from vision.pipeline.messages import CameraState

ANNA = make_track(7, (100.0, 50.0, 160.0, 300.0))


class Page:
    """The view, and everything around it that a test sets."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.folder = folder
        self.app_state = AppState()
        self.monitor = ScriptedMonitor()
        self.store = MemoryCredentialStore()
        self.viewmodel = LiveWallViewModel(
            app_state=self.app_state,
            job_runner=InlineJobRunner(),
            monitor=self.monitor,
        )
        self.view = LiveWallView(self.viewmodel)
        connect_camera_wizard(
            self.view,
            self.viewmodel,
            app_state=self.app_state,
            job_runner=InlineJobRunner(),
            open_credentials=lambda: self.store,
        )
        qtbot.addWidget(self.view)
        self.view.resize(1160, 640)
        self.view.show()
        qtbot.waitExposed(self.view)

    @property
    def tiles(self) -> tuple[VideoTile, ...]:
        return self.view.findChild(TileGrid).tiles

    def open(self, cameras: int) -> None:
        self.app_state.show_venue(make_live_venue(self.folder, cameras))

    def run(self, *states: CameraState) -> None:
        picture = np.random.default_rng(1).integers(0, 255, (360, 640, 3), dtype=np.uint8)
        statuses = []
        for number, state in enumerate(states, 1):
            self.monitor.pictures[f"camera {number}"] = PicturePreview(picture)
            statuses.append(
                make_status(f"camera {number}", state, people=1, tracks=(ANNA,), tracks_time_s=5.0)
            )
        self.monitor.show_status(*statuses)

    def button(self, text: str) -> QAbstractButton:
        for button in self.view.findChildren(QAbstractButton):
            if button.text() == text and button.isVisible():
                return button
        raise AssertionError(f"there is no button '{text}'")

    def press(self, qtbot: QtBot, text: str) -> None:
        qtbot.mouseClick(self.button(text), Qt.MouseButton.LeftButton)

    def shown_texts(self) -> list[str]:
        return [label.text() for label in self.view.findChildren(QLabel) if label.isVisible()]


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path, qapp: QApplication) -> Iterator[Page]:
    yield Page(qtbot, tmp_path)
    install_language(qapp, "en")
    install_theme(qapp, THEMES["light"])


def test_a_camera_is_seen_with_its_people(qtbot: QtBot, page: Page) -> None:
    page.open(2)
    page.run(CameraState.STREAMING, CameraState.LOST)
    first, second = page.tiles
    qtbot.waitUntil(lambda: first.has_picture)
    assert first.content.people == "1 person"
    assert second.content.tone is CameraHealth.OFFLINE
    assert second.content.since
    assert not second.has_picture
    assert any("1 person in the pictures" in text for text in page.shown_texts())


def test_one_tile_is_enlarged_by_enter_and_given_back_by_escape(qtbot: QtBot, page: Page) -> None:
    page.open(4)
    page.run(*[CameraState.STREAMING] * 4)
    page.view.activateWindow()
    page.tiles[2].setFocus()
    qtbot.keyClick(page.tiles[2], Qt.Key.Key_Return)
    assert [tile.camera for tile in page.tiles] == ["camera 3"]
    assert page.button("All cameras").isVisible()
    qtbot.keyClick(page.tiles[0], Qt.Key.Key_Escape)
    assert len(page.tiles) == 4
    qtbot.mouseDClick(page.tiles[1], Qt.MouseButton.LeftButton)
    assert [tile.camera for tile in page.tiles] == ["camera 2"]
    page.press(qtbot, "All cameras")
    assert len(page.tiles) == 4


def test_idle_cameras_lead_to_recording(qtbot: QtBot, page: Page) -> None:
    page.open(1)
    assert page.tiles[0].content.tone is CameraHealth.IDLE
    assert "Recording is off." in page.shown_texts()
    # to calibrate it comes first: nothing else stands out
    assert page.button("Start recording").property("role") != "primary"
    with qtbot.waitSignal(page.viewmodel.start_requested):
        page.press(qtbot, "Start recording")
    page.run(CameraState.STREAMING)
    assert not page.view.findChild(RecordingBar).isVisible()


def test_a_venue_without_a_camera_leads_to_its_first(qtbot: QtBot, page: Page) -> None:
    venue = make_live_venue(page.folder, 0)
    venue.folder.mkdir()
    write_venue(venue)
    page.app_state.show_venue(venue)
    assert "No camera yet" in page.shown_texts()
    with qtbot.waitSignal(page.viewmodel.demo_requested):
        page.press(qtbot, "Open the demonstration")
    page.press(qtbot, "Add a camera")
    wizard = page.view.window().findChild(CameraWizard)
    assert wizard.isVisible()
    wizard.reject()
    assert not wizard.isVisible()
    assert read_venue(venue.folder).camera_names == ()


def test_a_camera_that_was_changed_is_said(page: Page) -> None:
    page.open(1)
    page.viewmodel.camera_changed.emit("door")
    assert "door was changed." in page.shown_texts()


def answer(page: Page, button: QMessageBox.StandardButton) -> None:
    dialog = page.view.findChild(SnapshotDialogs).open_dialog
    assert isinstance(dialog, QMessageBox)
    assert dialog.defaultButton() is dialog.button(QMessageBox.StandardButton.No)
    dialog.button(button).click()


def test_heads_are_shown_only_after_a_question(page: Page) -> None:
    venue = make_live_venue(page.folder, 1)
    venue.folder.mkdir()
    change_privacy(venue.folder, PrivacySettings(PreviewMode.PLAIN))
    page.app_state.show_venue(venue)
    (box,) = [b for b in page.view.findChildren(QCheckBox) if b.accessibleName() == "Blur faces"]
    for words, is_blurred in (("Cancel", True), ("Show heads", False)):
        box.click()
        question = page.view.blur_question
        assert question is not None
        assert question.defaultButton() is question.button(QMessageBox.StandardButton.Cancel)
        assert (box.isChecked(), page.viewmodel.state.is_blurred) == (True, True)
        next(button for button in question.buttons() if button.text() == words).click()
        assert (box.isChecked(), page.viewmodel.state.is_blurred) == (is_blurred, is_blurred)
    box.click()
    assert page.view.blur_question is None
    assert page.viewmodel.state.is_blurred


def test_a_picture_is_saved_only_after_two_answers(qtbot: QtBot, page: Page) -> None:
    file = page.folder / "shot.png"
    page.open(1)
    page.run(CameraState.STREAMING)
    qtbot.waitUntil(lambda: page.tiles[0].has_picture)
    questions = page.view.findChild(SnapshotDialogs)
    page.tiles[0].make_menu().actions()[1].trigger()
    answer(page, QMessageBox.StandardButton.Yes)
    dialog = questions.open_dialog
    assert isinstance(dialog, QFileDialog)
    dialog.selectFile(str(file))
    dialog.done(QDialog.DialogCode.Accepted)
    assert not file.exists()
    answer(page, QMessageBox.StandardButton.Yes)
    saved = QImage(str(file))
    assert (saved.width(), saved.height()) == (640, 360)
    assert "The picture was saved." in page.shown_texts()


@pytest.mark.parametrize("refused_at", [1, 2, 3])
def test_a_refusal_at_any_question_saves_nothing(qtbot: QtBot, page: Page, refused_at: int) -> None:
    page.open(1)
    page.run(CameraState.STREAMING)
    qtbot.waitUntil(lambda: page.tiles[0].has_picture)
    questions = page.view.findChild(SnapshotDialogs)
    questions.start("camera 1", is_blurred=True)
    with qtbot.waitSignal(questions.refused):
        if refused_at == 1:
            answer(page, QMessageBox.StandardButton.No)
        else:
            answer(page, QMessageBox.StandardButton.Yes)
            dialog = questions.open_dialog
            assert isinstance(dialog, QFileDialog)
            dialog.selectFile(str(page.folder / "shot.png"))
            is_accepted = refused_at == 3
            dialog.done(QDialog.DialogCode.Accepted if is_accepted else QDialog.DialogCode.Rejected)
            if is_accepted:
                answer(page, QMessageBox.StandardButton.No)
    assert questions.open_dialog is None
    assert not (page.folder / "shot.png").exists()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_control_is_named_and_translated(
    qtbot: QtBot, qapp: QApplication, page: Page, language: str, theme: str
) -> None:
    page.open(9)
    page.run(*[CameraState.STREAMING, CameraState.LOST, CameraState.CONNECTING] * 3)
    english = page.shown_texts()
    install_theme(qapp, THEMES[theme])
    install_language(qapp, language)
    if language == "zh_CN":
        qtbot.waitUntil(lambda: page.shown_texts() != english)
        assert all(
            any(ord(letter) > 0x2E7F for letter in text)
            for text in page.shown_texts()
            if any(letter.isalpha() for letter in text)
        )
        assert "摄像头" in page.tiles[0].accessibleName()
    for widget in page.view.findChildren(QWidget):
        if widget.focusPolicy() is not Qt.FocusPolicy.NoFocus and widget.isVisible():
            assert widget.accessibleName() or isinstance(widget, QLabel), widget


def test_nothing_moves_and_nothing_is_left_when_the_page_is_gone(qtbot: QtBot, tmp_path: Path) -> None:
    before = take_inventory()
    app_state, monitor, jobs = AppState(), ScriptedMonitor(), InlineJobRunner()
    viewmodel = LiveWallViewModel(app_state=app_state, job_runner=jobs, monitor=monitor)
    view = LiveWallView(viewmodel)
    view.show()
    app_state.show_venue(make_live_venue(tmp_path, 4))
    view.close()
    view.deleteLater()
    del view
    gc.collect()
    assert find_leaks(before) == []
