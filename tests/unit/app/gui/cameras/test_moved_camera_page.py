"""The window about a camera that was moved, through its widgets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.file_format import read_venue
from app.gui.cameras.moved_camera_model import MovedCameraViewModel
from app.gui.cameras.moved_camera_page import MovedCameraDialog
from app.gui.session.app_state import AppState
from app.gui.session.theme import THEMES, install_theme
from app.gui.session.translation import install_language
from tests.support.halls.moved_venue import FULL_WH, SMALL_WH, make_moved_venue, make_moved_view
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.scripted_monitor import ScriptedMonitor, make_status
from tests.support.windows.shown_window import list_words
from vision.alignment.view_report import ViewPictures

BEFORE, AFTER = (np.full(SMALL_WH[::-1], level, np.uint8) for level in (60, 200))


def show_dialog(qtbot: QtBot, folder: Path) -> MovedCameraDialog:
    app_state, monitor = AppState(), ScriptedMonitor()
    app_state.show_venue(make_moved_venue(folder))
    monitor.show_status(
        make_status(
            "door",
            size_wh=FULL_WH,
            view=make_moved_view(),
            view_pictures=ViewPictures(SMALL_WH, BEFORE.tobytes(), AFTER.tobytes()),
        )
    )
    viewmodel = MovedCameraViewModel(
        "door", app_state=app_state, job_runner=InlineJobRunner(), monitor=monitor
    )
    dialog = MovedCameraDialog(viewmodel)
    for part in (app_state, monitor):
        part.setParent(dialog)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_small_screen_in_every_language_and_theme(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, language: str, theme: str
) -> None:
    install_language(qapp, language)
    install_theme(qapp, THEMES[theme])
    try:
        dialog = show_dialog(qtbot, tmp_path)
        assert dialog.height() <= 768 - 40
        assert dialog.pictures.height() >= 180
        assert ("Accept the re-alignment" in list_words(dialog)) is (language == "en")
    finally:
        install_language(qapp, "en")


def test_the_curtain_and_the_blinking_change_what_is_seen(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = show_dialog(qtbot, tmp_path)
    middle = dialog.pictures.rect().center()

    def grey_at(dx: int) -> int:
        return dialog.pictures.grab().toImage().pixelColor(middle.x() + dx, middle.y()).lightness()

    dialog.curtain.setValue(0)
    assert dialog.over.isChecked()
    assert grey_at(40) == 200
    dialog.curtain.setValue(100)
    assert grey_at(-40) == 60
    dialog.blink.setChecked(True)
    qtbot.waitUntil(lambda: grey_at(0) == 200, timeout=5000)
    qtbot.waitUntil(lambda: grey_at(0) == 60, timeout=5000)
    dialog.blink.setChecked(False)


def test_one_click_accepts_and_another_undoes(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = show_dialog(qtbot, tmp_path)
    folder = next(tmp_path.glob("*.expoflow"))
    before = read_venue(folder)
    assert not dialog.undo_button.isVisible()
    qtbot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
    assert read_venue(folder) != before
    assert not dialog.accept_button.isEnabled()
    qtbot.mouseClick(dialog.undo_button, Qt.MouseButton.LeftButton)
    assert read_venue(folder) == before


def test_whoever_wants_to_calibrate_is_led_there(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = show_dialog(qtbot, tmp_path)
    with qtbot.waitSignal(dialog.calibration_requested) as asked:
        qtbot.mouseClick(dialog.calibrate_button, Qt.MouseButton.LeftButton)
    assert asked.args == ["door"]
    assert not dialog.isVisible()
