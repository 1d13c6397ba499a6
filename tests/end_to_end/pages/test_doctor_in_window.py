"""The ways to the doctor, and from its findings to where each is mended, in the whole window."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from analytics.domain.errors import Phrase
from app.core.check_results import CheckResult, Fix, Topic, Verdict
from app.core.document import VenueCamera
from app.core.file_format import write_venue
from app.gui.calibration.page import CalibrationDialog
from app.gui.cameras.camera_wizard_model import CameraWizardViewModel
from app.gui.cameras.camera_wizard_page import CameraWizard
from app.gui.cameras.camera_wizard_text import Origin, WizardStep
from app.gui.cameras.moved_camera import MovedCameraDialog
from app.gui.doctor.model import DoctorViewModel
from app.gui.plan.camera_picture_page import CameraPictureDialog
from app.gui.plan.page import PlanEditorView
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import Page
from tests.support.halls.walked_hall import make_hall
from tests.support.windows.shown_window import click, list_words, show_window
from vision.sources.frame_source import SourceAddress, SourceKind

ADDRESS = SourceAddress(SourceKind.RTSP, "rtsp://192.0.2.7/stream", "viewer")


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[tuple[MainWindow, WindowParts]]:
    venue = make_hall(tmp_path)
    venue = venue.with_camera(VenueCamera(venue.camera("north").camera, ADDRESS))
    venue.folder.mkdir(exist_ok=True)
    write_venue(venue)
    with show_window(qtbot, Page.LIVE, Page.EDIT_PLAN, Page.DOCTOR) as (window, parts):
        parts.shell.show_venue(venue)
        yield window, parts


def mend(window: MainWindow, way: Fix, name: str, *, part: str = "") -> None:
    finding = CheckResult(
        "any",
        Topic.CAMERAS,
        Verdict.FAILED,
        Phrase("disk"),
        Phrase("no picture"),
        fix=way,
        name=name,
        part=part,
    )
    doctor = window.findChild(DoctorViewModel)
    assert doctor is not None
    doctor.fix(finding)


def test_it_is_found_from_everywhere(qtbot: QtBot, opened: tuple[MainWindow, WindowParts]) -> None:
    window, parts = opened
    click(qtbot, window, "Doctor")
    assert window.page == Page.DOCTOR
    assert "No checks run yet" in list_words(window)
    for page in (Page.LIVE, Page.SETTINGS):
        window.show_page(page)
        window.findChild(type(window.statusBar())).doctor_requested.emit()
        assert window.page == Page.DOCTOR
    parts.app_state.close_venue()
    assert "No checks run yet" in list_words(window)


def test_every_button_leads_to_where_it_is_mended(
    qtbot: QtBot, opened: tuple[MainWindow, WindowParts], monkeypatch: pytest.MonkeyPatch
) -> None:
    window, _parts = opened
    asked: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", asked.append)
    mend(window, Fix.OPEN_FOLDER, "/data")
    assert asked == [QUrl.fromLocalFile("/data")]
    mend(window, Fix.CHOOSE_MODEL, "")
    assert window.page == Page.SETTINGS
    mend(window, Fix.EDIT_PLAN, "Robotics", part="zones")
    assert window.page == Page.EDIT_PLAN
    editor = window.findChild(PlanEditorView)
    assert editor is not None
    assert editor.details.chooser.currentText() == "Zone Robotics"
    dialogs: dict[Fix, type[QDialog]] = {
        Fix.CALIBRATE: CalibrationDialog,
        Fix.SHOW_VIEW: MovedCameraDialog,
        Fix.DRAW_MASK: CameraPictureDialog,
    }
    for way, kind in dialogs.items():
        mend(window, way, "north")
        dialog = window.findChild(kind)
        assert dialog is not None
        dialog.reject()
        qtbot.waitUntil(lambda kind=kind: window.findChild(kind) is None)  # type: ignore[misc]


def test_the_wizard_opens_at_the_camera(qtbot: QtBot, opened: tuple[MainWindow, WindowParts]) -> None:
    window, _parts = opened
    for way, step in (Fix.CHANGE_CAMERA, WizardStep.WHERE), (Fix.ENTER_PASSWORD, WizardStep.LOGIN):
        mend(window, way, "north")
        wizard = window.findChild(CameraWizard)
        assert wizard is not None
        viewmodel = wizard.findChild(CameraWizardViewModel)
        assert viewmodel is not None
        draft = viewmodel.state.draft
        assert (draft.name, draft.origin, draft.address, draft.user, draft.password) == (
            "north",
            Origin.ADDRESS,
            ADDRESS.location,
            "viewer",
            "",
        )
        qtbot.waitUntil(partial(is_at, viewmodel, step))
        wizard.reject()
        del wizard, viewmodel
        qtbot.waitUntil(lambda: window.findChild(CameraWizard) is None)


def is_at(viewmodel: CameraWizardViewModel, step: WizardStep) -> bool:
    return viewmodel.state.step is step
