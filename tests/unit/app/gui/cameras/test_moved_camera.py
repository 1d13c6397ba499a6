"""A camera that was moved, as its dialog tells it: proposed, accepted, undone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.calibration.calibrate_camera import store_calibrations
from app.core.file_format import read_venue
from app.gui.cameras.moved_camera_model import MovedCameraViewModel
from app.gui.session.app_state import AppState
from app.gui.session.view_words import describe_problem
from tests.support.halls.moved_venue import FULL_WH, SMALL_WH, make_moved_venue, make_moved_view
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.scripted_monitor import ScriptedMonitor, make_status
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
    assert all(row.before.endswith("cm off") for row in state.rows)
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
    assert page.viewmodel.state.headline == "The calibration follows the camera."
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
    assert "changed meanwhile" in page.viewmodel.state.problem
    assert read_venue(page.venue.folder).camera("door").camera.pairs == pairs


@pytest.mark.parametrize("cause", BlindCause)
def test_a_blinded_camera_says_why(page: Page, cause: BlindCause) -> None:
    view = ViewReport(ViewVerdict.BLINDED, 100.0, 110.0, cause=cause)
    page.show(view)
    assert page.viewmodel.state.headline == describe_problem(view)
    assert "gap" in page.viewmodel.state.advice
    assert not page.viewmodel.state.can_accept


def test_a_camera_that_stands_says_so(page: Page) -> None:
    assert "Nothing is known yet" in page.viewmodel.state.headline
    page.show(ViewReport(ViewVerdict.STEADY, 100.0, 100.0))
    assert page.viewmodel.state.headline == "door looks where it was calibrated."
