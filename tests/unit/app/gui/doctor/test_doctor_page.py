"""The doctor's page through its widgets, and where its buttons lead in the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.check_results import CheckResult
from app.gui.doctor.checks_panel import DoctorView
from tests.support.windows.shown_window import list_words
from tests.unit.app.gui.doctor.test_doctor import LOST, SMALL_DISK, WELL, Clinic


def show_page(qtbot: QtBot, folder: Path) -> tuple[DoctorView, Clinic]:
    clinic = Clinic(qtbot, folder, WELL, SMALL_DISK, LOST)
    page = DoctorView(clinic.doctor)
    for part in (clinic.app_state, clinic.monitor, clinic.runner):
        part.setParent(page)
    qtbot.addWidget(page)
    page.resize(1190, 658)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    return page, clinic


def test_it_begins_with_a_button_and_ends_with_the_findings(qtbot: QtBot, tmp_path: Path) -> None:
    page, clinic = show_page(qtbot, tmp_path)
    assert "No checks run yet" in list_words(page)
    asked: list[CheckResult] = []
    clinic.doctor.fix_requested.connect(asked.append)
    clinic.run()
    words = list_words(page)
    assert {"Failed", "Warning", "Cameras", "Disk", "Change the camera"} <= words
    assert "Passed" not in words
    page.well.setFocus()
    qtbot.keyClick(page.well, Qt.Key.Key_Space)
    assert "Passed" in list_words(page)
    page.show_camera("camera 1")
    assert QApplication.focusWidget() is not None
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert asked == [LOST]
