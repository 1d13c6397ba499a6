"""The doctor's page through its widgets, and where its buttons lead in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.check_results import CheckResult
from app.gui.doctor.checks_panel import DoctorView
from app.gui.session.theme import LIGHT, THEMES, install_theme
from app.gui.session.translation import install_language
from tests.support.windows.shown_window import list_words
from tests.unit.app.gui.doctor.test_doctor import LOST, SMALL_DISK, WELL, Clinic

LEFT = Qt.MouseButton.LeftButton


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
    assert "Nothing was looked at yet" in list_words(page)
    asked: list[CheckResult] = []
    clinic.doctor.mend_asked.connect(asked.append)
    clinic.run()
    words = list_words(page)
    assert {"Does not work", "Needs a look", "Cameras", "Disk", "Change the camera"} <= words
    assert "Well" not in words
    page.well.setFocus()
    qtbot.keyClick(page.well, Qt.Key.Key_Space)
    assert "Well" in list_words(page)
    page.show_camera("camera 1")
    assert QApplication.focusWidget() is not None
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert asked == [LOST]


def test_the_report_is_copied_without_the_password(qtbot: QtBot, tmp_path: Path) -> None:
    page, clinic = show_page(qtbot, tmp_path)
    clinic.run()
    qtbot.mouseClick(page.copy, LEFT)
    text = QGuiApplication.clipboard().text()
    assert "192.0.2.7" in text
    assert "s3cret-word" not in text


@pytest.mark.parametrize(("language", "theme"), [("en", "dark"), ("zh_CN", "light")])
def test_it_follows_language_and_theme(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, language: str, theme: str
) -> None:
    page, clinic = show_page(qtbot, tmp_path)
    clinic.run()
    try:
        install_language(qapp, language)
        install_theme(qapp, THEMES[theme])
        word = "Does not work" if language == "en" else "不可用"
        qtbot.waitUntil(lambda: word in list_words(page))
        assert page.width() <= 1190
    finally:
        install_language(qapp, "en")
        install_theme(qapp, LIGHT)
