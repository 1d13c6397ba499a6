"""From a real camera beside the demonstration's model to a model that sees people, within the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.core.file_format import read_venue
from app.gui.cameras.camera_wizard_page import CameraWizard
from app.gui.window.main_window import MainWindow
from app.plan.edit_venue import choose_model, create_hall
from tests.support.windows.shown_window import ANSWERS_WITHIN_MS, click, show_window
from vision.detection.model_catalogue import DEMONSTRATION_MODEL, SHIPPED_MODEL


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


def test_a_real_camera_leads_to_a_model_that_sees_people(qtbot: QtBot, tmp_path: Path) -> None:
    folder = create_hall(tmp_path / "hall.expoflow", name="Hall", time_zone="UTC", size_m=(40, 25)).folder
    choose_model(folder, DEMONSTRATION_MODEL)
    with show_window(qtbot) as (window, parts):
        with qtbot.waitSignal(parts.app_state.venue_opened, timeout=ANSWERS_WITHIN_MS):
            parts.shell.open_venue(folder)
        assert not window.banner.isVisible()
        add_camera(qtbot, window, "Door", "rtsp://192.0.2.7/stream")
        qtbot.waitUntil(window.banner.isVisible, timeout=ANSWERS_WITHIN_MS)
        assert "real camera" in window.banner.problem
        click(qtbot, window, "Use yolo11n-int8 for this venue")
        qtbot.waitUntil(lambda: "next recording" in window.banner.remedy, timeout=ANSWERS_WITHIN_MS)
    assert read_venue(folder).settings.model_name == SHIPPED_MODEL
