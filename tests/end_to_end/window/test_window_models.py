"""From a real camera beside the demonstration's model to a model that sees people, within the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from app.core.file_format import read_venue
from app.gui.cameras.camera_wizard_page import CameraWizard
from app.gui.window.main_window import MainWindow, WindowParts
from app.maintenance.choose_detector import DEMONSTRATION_MODEL
from app.plan.edit_venue import choose_model, create_hall
from tests.support.halls.tiny_networks import write_colour_detector
from tests.support.windows.shown_window import ANSWERS_WITHIN_MS, click, find_button, show_window

COMMANDS_END_WITHIN_MS = 300_000
"""Each is a program of its own that loads a network's runtime; on a busy machine that takes minutes."""
NOBODY_LISTENS = "http://127.0.0.1:9"


def fill(wizard: CameraWizard, field: str, text: str) -> None:
    lines = [line for line in wizard.findChildren(QLineEdit) if line.accessibleName() == field]
    (line,) = [line for line in lines if line.isVisible()]
    line.clear()
    QTest.keyClicks(line, text)


def add_camera(qtbot: QtBot, window: MainWindow, name: str, address: str) -> None:
    """A camera that nobody can try now."""
    click(qtbot, window, "Add a camera")
    wizard = window.findChild(CameraWizard)
    assert isinstance(wizard, CameraWizard)
    click(qtbot, wizard, "By address")
    fill(wizard, "Address", address)
    click(qtbot, wizard, "Next")
    click(qtbot, wizard, "Next")
    click(qtbot, wizard, "Continue without a picture")
    fill(wizard, "Name", name)
    click(qtbot, wizard, "Add the camera")


def wait_for_jobs(qtbot: QtBot, parts: WindowParts) -> None:
    """Until the command and what is read after it have ended, in whatever way."""
    qtbot.waitUntil(lambda: not parts.job_runner.handles, timeout=COMMANDS_END_WITHIN_MS)


@pytest.mark.timeout(900)
def test_a_real_camera_leads_to_a_model_that_sees_people(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = create_hall(tmp_path / "hall.expoflow", name="Hall", time_zone="UTC", size_m=(40, 25)).folder
    choose_model(folder, DEMONSTRATION_MODEL)
    weights = write_colour_detector(tmp_path / "visitors") / "colours.xml"
    for variable in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(variable, NOBODY_LISTENS)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_options: (str(weights), ""))
    with show_window(qtbot) as (window, parts):
        with qtbot.waitSignal(parts.app_state.venue_opened, timeout=ANSWERS_WITHIN_MS):
            parts.shell.open_venue(folder)
        assert not window.banner.isVisible()
        add_camera(qtbot, window, "Door", "rtsp://192.0.2.7/stream")
        qtbot.waitUntil(window.banner.isVisible, timeout=ANSWERS_WITHIN_MS)
        assert "real camera" in window.banner.problem
        click(qtbot, window, "Get the detection model")
        assert not window.banner.isVisible()
        wait_for_jobs(qtbot, parts)
        question = window.findChild(QMessageBox)
        assert "could not be downloaded from github.com" in question.text()
        assert "yolo26n.onnx" in question.informativeText()
        click(qtbot, question, "Choose a file…")
        wait_for_jobs(qtbot, parts)
        assert "visitors" in window.banner.problem
        assert "next recording" in window.banner.remedy
        # found next time without a question
        find_button(window, "Set-up step Detection model, done")

        choose_model(folder, DEMONSTRATION_MODEL)
        parts.shell.open_venue(folder)
        wait_for_jobs(qtbot, parts)
        click(qtbot, window, "Set-up step Detection model")
        wait_for_jobs(qtbot, parts)
    assert read_venue(folder).settings.model_name == "visitors"
