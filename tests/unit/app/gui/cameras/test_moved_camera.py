"""A camera that was moved, as its dialog tells it: proposed, accepted, undone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.calibration.calibrate_camera import store_calibrations
from app.core.file_format import read_venue
from app.gui.cameras.moved_camera import MovedCameraDialog, MovedCameraViewModel
from app.gui.session.app_state import AppState
from app.gui.session.camera_words import describe_problem
from app.gui.session.theme import THEMES, install_theme
from app.gui.session.translation import install_language
from tests.support.halls.moved_venue import FULL_WH, SMALL_WH, make_moved_venue, make_moved_view
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.scripted_monitor import ScriptedMonitor, make_status
from tests.support.windows.shown_window import list_words
from vision.alignment.view_report import BlindCause, ViewPictures, ViewReport, ViewVerdict

GREY = bytes(SMALL_WH[0] * SMALL_WH[1])
PICTURES = ViewPictures(SMALL_WH, GREY, GREY)


class Page:
    def __init__(self, folder: Path) -> None:
        self.venue = make_moved_venue(folder)
        self.app_state = AppState()
        self.app_state.show_venue(self.venue)
        self.monitor = ScriptedMonitor()
        self.viewmodel = MovedCameraViewModel(
            "door", app_state=self.app_state, job_runner=InlineJobRunner(), monitor=self.monitor
        )
        self.realigned = 0
        self.viewmodel.realigned.connect(self._count)

    def show(self, view: ViewReport, pictures: ViewPictures | None = PICTURES) -> None:
        self.monitor.show_status(make_status("door", size_wh=FULL_WH, view=view, view_pictures=pictures))

    def _count(self) -> None:
        self.realigned += 1


@pytest.fixture
def page(qapp: object, tmp_path: Path) -> Page:
    return Page(tmp_path)


def test_it_says_how_far_the_picture_moved_and_what_that_is_on_the_floor(page: Page) -> None:
    page.show(make_moved_view())
    state = page.viewmodel.state
    assert state.headline == "The camera was moved."
    assert "5.0 % of its width (96 pixels)" in state.shift
    assert state.since == "Not earlier than 1970-01-01 00:01:40"
    assert {row.zone for row in state.rows} == {"Robotics", "Optics", "Printing"}
    assert all(row.before.startswith("error ") for row in state.rows)
    assert state.can_accept
    assert state.has_before


def test_accepting_writes_the_calibration_and_asks_the_recording_to_start_again(page: Page) -> None:
    page.show(make_moved_view())
    page.viewmodel.accept()
    assert page.realigned == 1
    changed = read_venue(page.venue.folder).camera("door").camera
    assert changed.pairs != page.venue.camera("door").camera.pairs
    assert page.app_state.venue == read_venue(page.venue.folder)
    assert not page.viewmodel.state.can_accept
    page.show(ViewReport())  # the recording starts again, and knows nothing yet
    assert page.viewmodel.state.headline == "The calibration was adjusted to the camera."
    page.viewmodel.undo()
    assert page.realigned == 2
    assert read_venue(page.venue.folder) == page.venue


def test_a_picture_that_went_with_a_restart_is_said_to_be_gone(page: Page) -> None:
    page.show(make_moved_view(), ViewPictures(SMALL_WH, b"", GREY))
    state = page.viewmodel.state
    assert not state.has_before
    assert "pictures are never stored" in state.note


def test_a_view_that_is_another_one_offers_no_re_alignment(page: Page) -> None:
    page.show(replace(make_moved_view(), reference_from_now=None))
    state = page.viewmodel.state
    assert "none of the previous view is recognised" in state.shift
    assert not state.can_accept
    page.viewmodel.accept()
    assert page.realigned == 0


def test_a_calibration_that_was_changed_meanwhile_is_said_and_kept(page: Page) -> None:
    page.show(make_moved_view())
    pairs = page.venue.camera("door").camera.pairs[1:]
    camera = replace(page.venue.camera("door").camera, pairs=pairs)
    store_calibrations(page.venue.folder, [camera])
    page.viewmodel.accept()
    assert page.realigned == 0
    assert "changed in the meantime" in page.viewmodel.state.problem
    assert read_venue(page.venue.folder).camera("door").camera.pairs == pairs


@pytest.mark.parametrize("cause", BlindCause)
def test_a_blinded_camera_says_why(page: Page, cause: BlindCause) -> None:
    view = ViewReport(ViewVerdict.BLINDED, 100.0, 110.0, cause=cause)
    page.show(view)
    assert page.viewmodel.state.headline == describe_problem(view)
    assert "gap" in page.viewmodel.state.advice
    assert not page.viewmodel.state.can_accept


def test_a_camera_that_stands_says_so(page: Page) -> None:
    assert "has not been checked yet" in page.viewmodel.state.headline
    page.show(ViewReport(ViewVerdict.STEADY, 100.0, 100.0))
    assert page.viewmodel.state.headline == "The view of door matches its calibration."


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
        assert ("Accept realignment" in list_words(dialog)) is (language == "en")
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
