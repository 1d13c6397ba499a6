"""The panel of the page for visitors: what is published, its address and its QR code; and its commands."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from typer.testing import CliRunner

from app.cli.program import make_app
from app.core.file_format import write_venue
from app.gui.integrations.public_panel import PublicDialog, PublicPanel, draw_qr_code
from app.gui.integrations.publishers import PublishersViewModel
from app.gui.session.app_state import AppState
from app.integrations.public.public_settings import PublicSettings, read_public, save_public
from tests.support.halls.walked_hall import SetClock, make_hall
from tests.support.windows.inline_job_runner import InlineJobRunner


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    return venue.folder


@pytest.fixture
def panel(qtbot: QtBot, folder: Path) -> PublicPanel:
    state = AppState()
    viewmodel = PublishersViewModel(
        app_state=state, job_runner=InlineJobRunner(state), clock=SetClock(), parent=state
    )
    shown = PublicPanel(viewmodel)
    qtbot.addWidget(shown)
    shown.show()
    state.show_venue(make_hall(folder.parent))
    return shown


def find_dialog() -> PublicDialog:
    (found,) = [
        one for one in QApplication.topLevelWidgets() if isinstance(one, PublicDialog) and one.isVisible()
    ]
    return found


def read_code(image: QImage) -> str:
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())
    return str(cv2.QRCodeDetector().detectAndDecode(rows[:, : grey.width()].copy())[0])


def test_what_is_published_is_chosen_and_shown_with_a_code(panel: PublicPanel, folder: Path) -> None:
    assert "Switched off" in panel.summary.text()
    assert not panel.code.isVisible()
    panel.change.click()
    dialog = find_dialog()
    dialog.places["Robotics"].setChecked(True)
    dialog.address.setText("https://expo.example.org")
    dialog.accept()
    panel.switch.click()
    saved = read_public(folder)
    assert saved == PublicSettings(True, zones=("Robotics",), address="https://expo.example.org")
    assert "https://expo.example.org/now shows: Whole hall, Robotics" in panel.summary.text()
    assert panel.code.isVisible()
    assert read_code(panel.code.pixmap().toImage()) == "https://expo.example.org/now"
    panel.switch.click()
    assert not read_public(folder).is_enabled
    assert not panel.code.isVisible()


def test_a_local_address_has_no_code(panel: PublicPanel, folder: Path) -> None:
    save_public(folder, PublicSettings(True))
    panel._viewmodel.refresh()
    assert "http://127.0.0.1:8780/now" in panel.summary.text()
    assert not panel.code.isVisible()


def test_a_code_is_read_by_another_program() -> None:
    assert read_code(draw_qr_code("http://192.0.2.7:8780/now")) == "http://192.0.2.7:8780/now"


def test_commands_switch_the_pages_on_and_off(folder: Path) -> None:
    def run(*words: str) -> str:
        found = CliRunner().invoke(make_app("public"), ["public", *words, "--venue", str(folder)])
        assert found.exit_code == 0, found.output
        return found.output

    assert "http://127.0.0.1:8780/now" in run("on", "--zone", "VR corner", "--no-hall").replace("\n", "")
    assert read_public(folder) == PublicSettings(True, shows_hall=False, zones=("VR corner",))
    run("on", "--address", "https://expo.example.org/")
    assert run("show").splitlines()[-2:] == [
        "https://expo.example.org/now",
        "https://expo.example.org/sign/VR%20corner",
    ]
    run("off")
    assert not read_public(folder).is_enabled
    refused = CliRunner().invoke(make_app("public"), ["public", "on", "--zone", "no", "--venue", str(folder)])
    assert "There is no zone 'no'" in str(refused.exception)
