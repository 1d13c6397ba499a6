"""Adding cameras that really answer, on loopback: by mouse, by keyboard, with mistakes, and not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from analytics.domain.clock import SystemClock
from app.core.credentials import add_credential
from app.core.document import Venue
from app.core.job import JobContext
from app.gui.cameras.camera_wizard_text import Origin, WizardStep
from app.gui.session.job_runner import JobRunner
from app.gui.session.translation import install_language
from tests.support.reports.clips import make_clip
from tests.support.servers.faultcam import FaultCam
from tests.support.servers.onvif_camera import (
    MAIN_AND_SUB,
    DiscoveryResponder,
    OnvifCamera,
    describe_match,
    wrap,
)
from tests.support.servers.rtp_clip import RtpClip
from tests.support.windows.wizard_venue import OpenedWizard, make_venue_on_disk
from vision.sources.onvif.discovery import Discovery, find_devices

USER, PASSWORD, WRONG = "opera tor", "p@ss/w:rd#1%", "geheim"
STEPS_WITH_A_TRIAL_TAKE_S = 240

Open = Callable[..., OpenedWizard]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "hall.mp4", frames=100, width=960, height=540)


@pytest.fixture
def camera(clip: Path) -> Iterator[FaultCam]:
    with FaultCam({"/main": clip, "/sub": clip}, user=USER, password=PASSWORD) as started:
        yield started


@pytest.fixture
def open_wizard(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Open]:
    runner = JobRunner()
    install_language(qapp, "en")
    yield lambda **options: OpenedWizard(qtbot, make_venue_on_disk(tmp_path), runner, **options)
    assert runner.shutdown()


def open_address(wizard: OpenedWizard, address: str, user: str = "", password: str = "") -> None:
    """As far as the trial of a whole address."""
    wizard.click("By address")
    wizard.write("Address", address)
    wizard.click("Next")
    wizard.write("User name", user)
    wizard.write("Password", password)
    wizard.click("Next")


def find_on_loopback(port: int, *, context: JobContext, duration_s: float = 0.5) -> Discovery:
    return find_devices(
        duration_s=duration_s,
        clock=SystemClock(),
        checkpoint=context.checkpoint,
        interfaces=["127.0.0.1"],
        group="127.0.0.1",
        port=port,
    )


def holds_no_secret(venue: Venue) -> bool:
    return not any(
        secret.encode() in file.read_bytes()
        for file in venue.folder.rglob("*")
        if file.is_file()
        for secret in (PASSWORD, WRONG)
    )


@pytest.mark.timeout(STEPS_WITH_A_TRIAL_TAKE_S)
def test_a_film_is_asked_for_at_once_and_tried_when_it_is_chosen(
    open_wizard: Open, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wizard = open_wizard()
    answers = ["", str(clip)]
    asked = []

    def answer(_parent: QWidget, _title: str, folder: str, kinds: str) -> tuple[str, str]:
        asked.append((folder, kinds))
        return answers.pop(0), ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", answer)
    wizard.click("File or folder")
    ((folder, kinds),) = asked
    assert Path(folder).is_dir()
    assert Path(folder) != Path.cwd()
    assert "*.mp4" in kinds
    assert (answers, wizard.state.step) == ([str(clip)], WizardStep.WHERE)
    wizard.click("Choose a file")
    wizard.wait_for(WizardStep.TRIAL)
    wizard.click("Next")
    wizard.click("Add the camera")
    wizard.qtbot.waitUntil(lambda: not wizard.dialog.isVisible())
    (entry,) = wizard.saved.cameras
    assert entry.name == clip.stem


def test_a_camera_that_is_changed_begins_with_its_own_address(open_wizard: Open) -> None:
    wizard = open_wizard()
    draft = replace(wizard.state.draft, origin=Origin.ADDRESS, address="rtsp://192.0.2.10/main")
    wizard.viewmodel.enter(draft)
    assert wizard.button("By address").isChecked()
    assert wizard.line("Address").isVisible()
    assert wizard.line("Address").text() == draft.address


@pytest.mark.timeout(STEPS_WITH_A_TRIAL_TAKE_S)
def test_a_wrong_password_is_said_corrected_and_the_camera_saved(open_wizard: Open, camera: FaultCam) -> None:
    wizard = open_wizard()
    open_address(wizard, f"rtsp://127.0.0.1:{camera.port}/main", USER, WRONG)
    wizard.wait_for(WizardStep.TRIAL)
    assert "rejected the user name or password" in wizard.dialog.failure.problem
    assert "Enter the user name and password set in the camera" in wizard.dialog.failure.remedy
    assert not wizard.button("Next").isEnabled()
    wizard.click("Change the login")
    assert wizard.state.step is WizardStep.LOGIN
    assert wizard.line("Password").echoMode() is QLineEdit.EchoMode.Password
    assert wizard.line("User name").text() == USER
    wizard.write("Password", PASSWORD)
    wizard.click("Next")
    wizard.wait_for(WizardStep.TRIAL)
    assert not wizard.dialog.failure.isVisible()
    assert wizard.state.report is not None
    wizard.qtbot.waitUntil(lambda: "Decode cost" in wizard.words())
    words = wizard.words()
    assert "960 × 540 pixels" in words
    assert "H.264 Main" in words
    assert "% of a processor core" in words
    assert wizard.dialog.has_picture
    wizard.click("Next")
    wizard.qtbot.waitUntil(lambda: f"{USER}, password ●●●●●●" in wizard.words())
    wizard.write("Name", "door")
    assert not wizard.saved.cameras
    wizard.click("Add the camera")
    wizard.qtbot.waitUntil(lambda: not wizard.dialog.isVisible())
    (entry,) = wizard.saved.cameras
    assert (entry.name, entry.camera.frame_size_wh) == ("door", (960, 540))
    assert entry.address is not None
    full = add_credential(entry.address, camera="door", store=wizard.store)
    assert (full.user, full.password) == (USER, PASSWORD)
    assert holds_no_secret(wizard.saved)
    assert wizard.app_state.venue is not None
    assert wizard.app_state.venue.camera_names == ("door",)
    assert all(secret not in repr(wizard.state) + words for secret in (PASSWORD, WRONG))


@pytest.mark.timeout(STEPS_WITH_A_TRIAL_TAKE_S)
def test_a_camera_is_found_on_the_network_and_added_by_keyboard_alone(
    open_wizard: Open, camera: FaultCam
) -> None:
    streams = [
        replace(stream, uri=f"rtsp://127.0.0.1:{camera.port}/{stream.token}") for stream in MAIN_AND_SUB
    ]
    with OnvifCamera(streams=streams, user=USER, password=PASSWORD, skew_s=7200.0) as device:
        answer = wrap(describe_match(device.claim("device_service")))
        with DiscoveryResponder([answer]) as responder:
            wizard = open_wizard(find=partial(find_on_loopback, responder.port))
            wizard.press(Qt.Key.Key_Return)
            wizard.wait_for(WizardStep.WHERE)
            assert wizard.list("Found cameras") == ["Hall 3 North  ·  CAM-1  ·  127.0.0.1  ·  roof"]
        wizard.press(Qt.Key.Key_Return)
        wizard.type(USER)
        wizard.press(Qt.Key.Key_Tab)
        wizard.type(PASSWORD)
        wizard.press(Qt.Key.Key_Return)
        wizard.wait_for(WizardStep.STREAM)
    main, sub = wizard.list("Streams of the camera")
    assert main == "Main stream  ·  H.264  ·  1920 × 1080  ·  25 frames per second"
    assert sub == "Sub-stream  ·  H.264  ·  640 × 360  ·  25 frames per second  ·  recommended"
    assert "sub-stream in a lower one" in wizard.words()
    wizard.press(Qt.Key.Key_Return)
    wizard.wait_for(WizardStep.TRIAL)
    assert wizard.state.report is not None, wizard.dialog.failure.problem
    wizard.press(Qt.Key.Key_Return)
    assert wizard.line("Name").text() == "Hall 3 North"
    wizard.type("North door")
    wizard.press(Qt.Key.Key_Return)
    wizard.qtbot.waitUntil(lambda: not wizard.dialog.isVisible())
    (entry,) = wizard.saved.cameras
    assert entry.name == "North door"
    assert entry.address is not None
    assert entry.address.location == streams[1].uri


@pytest.mark.timeout(STEPS_WITH_A_TRIAL_TAKE_S)
def test_the_path_of_a_make_is_filled_in_and_the_login_shared(open_wizard: Open, camera: FaultCam) -> None:
    wizard = open_wizard()
    wizard.click("By address")
    wizard.choose("Make", "Milesight")
    wizard.write("Address", "127.0.0.1")
    wizard.number("Port").setValue(camera.port)
    wizard.click("Next")
    wizard.choose("Login", "Shared by several cameras")
    wizard.write("User name", USER)
    wizard.write("Password", PASSWORD)
    assert not wizard.button("Next").isEnabled()
    wizard.write("Share it as", "hall 3")
    wizard.click("Next")
    assert wizard.list("Streams of the camera") == [
        f"Main stream  ·  rtsp://127.0.0.1:{camera.port}/main",
        f"Sub-stream  ·  rtsp://127.0.0.1:{camera.port}/sub  ·  recommended",
    ]
    wizard.click("Next")
    wizard.wait_for(WizardStep.TRIAL)
    wizard.click("Next")
    wizard.qtbot.waitUntil(lambda: "shared: hall 3" in wizard.words())
    wizard.click("Add the camera")
    wizard.qtbot.waitUntil(lambda: not wizard.dialog.isVisible())
    (entry,) = wizard.saved.cameras
    assert entry.address is not None
    assert (entry.address.location, entry.address.user) == (f"rtsp://127.0.0.1:{camera.port}/sub", None)
    full = add_credential(entry.address, camera=entry.name, store=wizard.store)
    assert (full.user, full.password) == (USER, PASSWORD)
    assert holds_no_secret(wizard.saved)


def test_a_search_is_stopped_and_nothing_is_saved(open_wizard: Open) -> None:
    with DiscoveryResponder([]) as responder:
        wizard = open_wizard(find=partial(find_on_loopback, responder.port, duration_s=60.0))
        wizard.click("Search the network")
        wizard.qtbot.waitUntil(lambda: wizard.state.progress[0] > 0.0)
        assert not wizard.button("Next").isEnabled()
        wizard.click("Stop")
        assert not wizard.state.is_busy
        wizard.qtbot.waitUntil(lambda: not wizard.job_runner.handles)
        wizard.click("Search the network")
        wizard.qtbot.waitUntil(lambda: wizard.state.progress[0] > 0.0)
        wizard.press(Qt.Key.Key_Escape)
        assert not wizard.dialog.isVisible()
        wizard.qtbot.waitUntil(lambda: not wizard.job_runner.handles)
    assert not wizard.state.found
    assert not wizard.saved.cameras


def test_a_search_without_an_answer_says_what_to_check(open_wizard: Open) -> None:
    with DiscoveryResponder([]) as responder:
        wizard = open_wizard(find=partial(find_on_loopback, responder.port))
        wizard.click("Search the network")
        wizard.wait_for(WizardStep.WHERE)
    assert "No cameras found on 127.0.0.1." in wizard.words()
    assert "Check that ONVIF and its discovery are enabled" in wizard.words()


@pytest.mark.timeout(STEPS_WITH_A_TRIAL_TAKE_S)
def test_a_trial_that_is_left_saves_nothing_and_ends_its_process(open_wizard: Open, camera: FaultCam) -> None:
    camera.fault("deaf")
    wizard = open_wizard()
    open_address(wizard, f"rtsp://{USER}:{PASSWORD}@127.0.0.1:{camera.port}/main")
    assert wizard.state.is_busy
    assert PASSWORD not in wizard.words() + wizard.state.draft.address
    wizard.click("Cancel")
    assert not wizard.dialog.isVisible()
    wizard.qtbot.waitUntil(lambda: not wizard.job_runner.handles, timeout=10_000)
    assert not wizard.saved.cameras
    assert wizard.store.find("127.0.0.1/127.0.0.1") is None


@pytest.mark.timeout(STEPS_WITH_A_TRIAL_TAKE_S)
@pytest.mark.parametrize(
    ("fault", "path", "problem", "remedy"),
    [
        (None, "/absent", "answers, but has no stream at", "Check the part of the address after the host"),
        pytest.param(
            "busy",
            "/main",
            "accepts no more viewers",
            "Close other programs that show this camera",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "refused", "/main", "does not accept connections", "Check the port number", marks=pytest.mark.slow
        ),
        pytest.param(
            "codec",
            "/main",
            "cannot be decoded as video",
            "Set the camera to H.264 or H.265",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "unreachable",
            "/main",
            "cannot be reached",
            "Check the host name or address",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_each_failure_says_which_and_what_to_do(
    open_wizard: Open,
    camera: FaultCam,
    monkeypatch: pytest.MonkeyPatch,
    fault: str | None,
    path: str,
    problem: str,
    remedy: str,
) -> None:
    wizard = open_wizard()
    host = "no-such-host.invalid" if fault == "unreachable" else "127.0.0.1"
    describe = RtpClip.describe
    if fault == "refused":
        camera.kill()
    elif fault == "codec":
        monkeypatch.setattr(RtpClip, "describe", lambda clip: describe(clip).replace(b"H264/", b"X-OWN/"))
    elif fault == "busy":
        camera.fault(fault)
    open_address(wizard, f"rtsp://{host}:{camera.port}{path}", USER, PASSWORD)
    wizard.wait_for(WizardStep.TRIAL)
    assert problem in wizard.dialog.failure.problem
    assert remedy in wizard.dialog.failure.remedy
    assert wizard.button("Try again").isEnabled()
    assert wizard.button("Continue without a picture").isEnabled()
