"""The doctor's view-model: findings as they come, worst first, in words, without secrets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from analytics.domain.errors import OutputError, Phrase
from app.core.check_results import CheckResult, Fix, Topic, Verdict
from app.core.job import JobContext
from app.gui.doctor.model import DoctorViewModel
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.translation import install_language
from tests.support.halls.live_venue import FrozenClock, make_live_venue
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.scripted_monitor import ScriptedMonitor, make_status

SECRET = "rtsp://viewer:s3cret-word@192.0.2.7/stream"
WELL = CheckResult("memory", Topic.MACHINE, Verdict.OK, Phrase("processor"), Phrase("no picture"))
SMALL_DISK = CheckResult(
    "disk-room", Topic.DISK, Verdict.WARNING, Phrase("disk"), Phrase("no picture"), fix=Fix.OPEN_FOLDER
)
LOST = CheckResult(
    "not-found",
    Topic.CAMERAS,
    Verdict.FAILED,
    Phrase("camera {name}", {"name": "camera 1"}),
    Phrase(
        "Camera '{camera}' answers, but has no stream at {location}.", {"camera": "x", "location": SECRET}
    ),
    Phrase("Clean or uncover its lens."),
    Fix.CHANGE_CAMERA,
    "camera 1",
)


class ScriptedDiagnosis:
    """Finds what a test says, and remembers how it was asked."""

    def __init__(self, *findings: CheckResult) -> None:
        self.findings = findings
        self.asked: dict[str, object] = {}
        self.failure: Exception | None = None

    def __call__(
        self, context: JobContext, *, on_finding: Callable[[CheckResult], None], **asked: object
    ) -> None:
        self.asked = asked
        for number, finding in enumerate(self.findings):
            context.checkpoint(number, len(self.findings))
            on_finding(finding)
        if self.failure is not None:
            raise self.failure


class Clinic:
    def __init__(
        self, qtbot: QtBot, folder: Path, *findings: CheckResult, runner: JobRunner | None = None
    ) -> None:
        self.app_state, self.monitor = AppState(), ScriptedMonitor()
        self.app_state.show_venue(make_live_venue(folder, 2))
        self.diagnosis = ScriptedDiagnosis(*findings)
        self.runner = runner or InlineJobRunner()
        self.doctor = DoctorViewModel(
            app_state=self.app_state,
            job_runner=self.runner,
            monitor=self.monitor,
            diagnose=self.diagnosis,
            clock=FrozenClock(),
        )
        self._qtbot = qtbot

    def run(self) -> None:
        self.doctor.run()
        self._qtbot.waitUntil(lambda: len(self.doctor.findings) >= len(self.diagnosis.findings))


def test_the_worst_comes_first_and_what_is_well_when_asked(qtbot: QtBot, tmp_path: Path) -> None:
    clinic = Clinic(qtbot, tmp_path, WELL, SMALL_DISK, LOST)
    assert not clinic.doctor.state.has_run
    clinic.run()
    state = clinic.doctor.state
    assert [topic.topic for topic in state.topics] == [Topic.CAMERAS, Topic.DISK, Topic.MACHINE]
    assert state.headline == "1 check failed, 1 warning"
    assert state.last_run == "Last run: 2023-11-14 22:13:20"
    assert [len(topic.rows) for topic in state.topics] == [1, 1, 0]
    (row,) = state.topics[0].rows
    assert (row.verdict, row.tone, row.action) == ("Failed", "bad", "Change the camera")
    assert "s3cret-word" not in row.text
    clinic.doctor.show_passed(True)
    assert len(clinic.doctor.state.topics[2].rows) == 1
    assert clinic.diagnosis.asked["opens_cameras"] is True


def test_another_language_is_spoken_at_once(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    clinic = Clinic(qtbot, tmp_path, LOST)
    clinic.run()
    install_language(qapp, "zh_CN")
    try:
        clinic.doctor.refresh()
        (row,) = clinic.doctor.state.topics[0].rows
        assert (row.verdict, row.subject) == ("失败", "摄像头 camera 1")
        assert "[不可用]" in clinic.doctor.write_report()
    finally:
        install_language(qapp, "en")


def test_cameras_that_are_recorded_are_not_opened_again(qtbot: QtBot, tmp_path: Path) -> None:
    clinic = Clinic(qtbot, tmp_path)
    clinic.monitor.show_status(make_status("camera 1", reconnects=3))
    clinic.doctor.run()
    assert clinic.diagnosis.asked["opens_cameras"] is False
    assert {finding.rule for finding in clinic.doctor.findings} == {"picture", "reconnected"}


def test_the_report_is_written_without_the_password(qtbot: QtBot, tmp_path: Path) -> None:
    clinic = Clinic(qtbot, tmp_path, LOST)
    clinic.run()
    file = tmp_path / "report.txt"
    clinic.doctor.save_report(file)
    text = file.read_text(encoding="utf-8")
    assert text == clinic.doctor.write_report()
    assert "192.0.2.7" in text
    assert "s3cret-word" not in text
    assert clinic.doctor.state.note == f"The report was saved to {file}."
    clinic.doctor.save_report(tmp_path / "none" / "report.txt")
    assert clinic.doctor.state.problem


def test_a_failure_keeps_what_was_found(qtbot: QtBot, tmp_path: Path) -> None:
    clinic = Clinic(qtbot, tmp_path, LOST)
    clinic.diagnosis.failure = OutputError("The list is broken.", "Fix it.")
    clinic.run()
    assert clinic.doctor.state.problem == "The list is broken."
    assert not clinic.doctor.state.is_running
    assert len(clinic.doctor.findings) == 1


def test_another_venue_forgets_the_findings_of_this_one(qtbot: QtBot, tmp_path: Path) -> None:
    clinic = Clinic(qtbot, tmp_path, LOST)
    clinic.run()
    clinic.app_state.close_venue()
    assert not clinic.doctor.state.has_run
    assert clinic.doctor.findings == ()


def test_only_what_has_a_button_can_be_mended(qtbot: QtBot, tmp_path: Path) -> None:
    clinic = Clinic(qtbot, tmp_path)
    asked: list[CheckResult] = []
    clinic.doctor.fix_requested.connect(asked.append)
    clinic.doctor.fix(WELL)
    clinic.doctor.fix(LOST)
    assert asked == [LOST]


@pytest.mark.parametrize("stops", [True, False])
def test_it_is_stopped_between_two_findings(qtbot: QtBot, tmp_path: Path, stops: bool) -> None:
    runner = JobRunner()
    clinic = Clinic(qtbot, tmp_path, LOST, SMALL_DISK, runner=runner)
    try:
        clinic.doctor.run()
        assert clinic.doctor.state.is_running
        if stops:
            clinic.doctor.stop()
            assert not clinic.doctor.state.is_running
            assert clinic.doctor.state.last_run.startswith("Stopped early")
        else:
            qtbot.waitUntil(lambda: not clinic.doctor.state.is_running)
            assert clinic.doctor.state.last_run.startswith("Last run")
    finally:
        assert runner.shutdown()
