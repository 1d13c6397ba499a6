"""Every state of a camera has words, and every one that is not well says what to do."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from analytics.domain.errors import CalibrationError, Phrase
from app.gui.session.camera_words import CameraHealth, describe_camera, describe_idle_camera
from app.gui.session.translation import install_language
from resources.translations import load_translations
from tests.support.windows.scripted_monitor import make_status
from vision.alignment.view_report import ViewReport, ViewVerdict
from vision.pipeline.camera_lane import CLOCK_SET_BACK
from vision.pipeline.messages import CameraState
from vision.sources.source_faults import SourceFault, make_source_error

WELL = {CameraState.STREAMING}


@pytest.mark.parametrize("state", list(CameraState))
def test_whoever_is_not_well_says_what_to_do(state: CameraState) -> None:
    words = describe_camera(make_status("door", state), is_analysing=True)
    if state in WELL:
        assert (words.health, words.problem) == (CameraHealth.LIVE, "")
    else:
        assert words.health is not CameraHealth.LIVE
        assert words.problem
        assert words.remedy


@pytest.mark.parametrize("state", [CameraState.LOST, CameraState.REFUSED])
def test_a_lost_camera_gives_its_own_reason(state: CameraState) -> None:
    error = make_source_error(SourceFault.WRONG_PASSWORD, camera="door", location="rtsp://u:p@host/1")
    words = describe_camera(make_status("door", state, error=error), is_analysing=True)
    assert words.health is CameraHealth.OFFLINE
    assert (words.problem, words.remedy) == (error.problem, error.remedy)


@pytest.mark.parametrize(
    ("fields", "is_analysing", "said"),
    [
        ({"detail": "not calibrated"}, True, "not calibrated"),
        ({"detail": "has another shape"}, True, "another shape"),
        ({}, False, "model is loading"),
        ({"age_s": 42.0}, True, "42 s behind"),
    ],
)
def test_pictures_that_are_not_counted_say_so(
    fields: dict[str, object], is_analysing: bool, said: str
) -> None:
    words = describe_camera(make_status("door", **fields), is_analysing=is_analysing)
    assert words.health is CameraHealth.CAUTION
    assert said in words.problem
    assert words.remedy


def test_a_reason_with_words_of_its_own_is_translated(qapp: QApplication) -> None:
    reason = CalibrationError("Camera '{camera}' is not calibrated.", "Calibrate it.", camera="门")
    detail = Phrase(reason.problem_template, reason.details)
    install_language(qapp, "zh_CN")
    words = describe_camera(make_status("door", detail=detail), is_analysing=True)
    assert words.problem == "摄像头“门”尚未标定。"


def test_a_clock_that_was_set_back_is_nothing_to_calibrate_for(qapp: QApplication) -> None:
    status = make_status("door", detail=Phrase(CLOCK_SET_BACK, {"seconds": 8}))
    words = describe_camera(status, is_analysing=True)
    assert "counting resumes in 8 s" in words.problem
    assert "time server" in words.remedy
    install_language(qapp, "zh_CN")
    words = describe_camera(status, is_analysing=True)
    assert "时钟" in words.problem
    assert "时间服务器" in words.remedy


def test_a_camera_without_an_address_says_so_while_nothing_is_recorded() -> None:
    assert "address" in describe_idle_camera(has_address=False).problem
    idle = describe_idle_camera(has_address=True)
    assert "only while recording" in idle.problem
    assert "Start recording" in idle.remedy


@pytest.mark.parametrize("fault", list(SourceFault))
def test_every_reason_of_a_source_is_translated(fault: SourceFault) -> None:
    chinese = load_translations("zh_CN")
    error = make_source_error(
        fault, camera="door", location="rtsp://host", limit_s=5.0, transport="udp", reason="x"
    )
    for template in (error.problem_template, error.remedy_template):
        translated = chinese.gettext(template)
        assert translated != template
        assert "{" not in translated.format(**error.details)


def test_a_camera_that_was_moved_needs_somebody_to_look_at_it() -> None:
    view = ViewReport(ViewVerdict.MOVED, 100.0, 120.0, shift_part=0.05)
    words = describe_camera(make_status("door", view=view), is_analysing=True)
    assert words.health is CameraHealth.CAUTION
    assert words.problem == "The camera was moved."
    assert "realignment" in words.remedy
    steady = ViewReport(ViewVerdict.STEADY, 100.0, 120.0)
    assert describe_camera(make_status("door", view=steady), is_analysing=True).health is CameraHealth.LIVE


def test_a_lost_camera_is_lost_before_it_is_moved() -> None:
    view = ViewReport(ViewVerdict.MOVED, 100.0, 120.0)
    status = make_status("door", CameraState.LOST, view=view)
    assert describe_camera(status, is_analysing=True).health is CameraHealth.OFFLINE
