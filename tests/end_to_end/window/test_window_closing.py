"""A window that is closed while it records asks; the recording stops, or goes on in the background."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from analytics.store.sql_event_store import open_reader
from app.core.document import CloseBehaviour
from app.core.file_format import read_venue
from app.gui.settings.page import Section
from app.gui.window.closing import ClosingCard, WindowClosing
from app.gui.window.main_window import MainWindow, WindowParts
from app.plan.edit_venue import choose_when_closing, create_hall
from app.recording.announcement import RecorderKind, find_recorder
from app.recording.recording_entries import stop_recorder
from tests.support.command_line import PROJECT
from tests.support.halls.live_hall import PASSWORD, forget_login, run_live_hall
from tests.support.windows.shown_window import ANSWERS_WITHIN_MS, choose, list_words, show_window

RECORDS_WITHIN_MS = 40_000
ENDS_WITHIN_S = 15.0
MAX_HAND_OVER_S = 6.0
KEEP, STOP, CANCEL = "Keep recording in the background", "Stop recording and close", "Cancel"
STOP_AND_OPEN = "Stop recording and open"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Path]:
    with run_live_hall(tmp_path) as folder:
        yield folder


def record(qtbot: QtBot, parts: WindowParts, folder: Path) -> None:
    """Open the venue, and record until frames are counted."""
    with qtbot.waitSignal(parts.app_state.venue_opened, timeout=ANSWERS_WITHIN_MS):
        parts.shell.open_venue(folder)
    parts.shell.start_recording()
    qtbot.waitUntil(lambda: count_analysed(parts) > 5, timeout=RECORDS_WITHIN_MS)


def count_analysed(parts: WindowParts) -> int:
    status = parts.monitor.status
    return 0 if status is None else sum(camera.analysed for camera in status.cameras)


def find_closing(window: MainWindow) -> WindowClosing:
    closing = window.findChild(WindowClosing)
    assert isinstance(closing, WindowClosing)
    closing.has_tray = lambda: False
    return closing


def ask(qtbot: QtBot, window: MainWindow) -> dict[str, QPushButton]:
    """Close the window, and give the buttons of what it asks."""
    window.close()
    question = find_closing(window).question
    assert question is not None
    assert window.isVisible()
    buttons = {button.text(): button for button in question.buttons() if isinstance(button, QPushButton)}
    # one that was just made has no size before its layout had its turn, and a click beside it does nothing
    qtbot.waitUntil(lambda: not any(button.rect().isEmpty() for button in buttons.values()))
    return buttons


def answer(qtbot: QtBot, window: MainWindow, text: str) -> None:
    qtbot.mouseClick(ask(qtbot, window)[text], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: find_closing(window).question is None)


def read_history(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    reader = open_reader(folder)
    try:
        return reader.read_spans(), reader.read_gaps()
    finally:
        reader.close()


def test_cancel_records_on_stop_closes_and_what_is_remembered_is_not_asked_again(
    qtbot: QtBot, hall: Path
) -> None:
    with show_window(qtbot, has_pages=False) as (window, parts):
        record(qtbot, parts, hall)
        buttons = ask(qtbot, window)
        assert set(buttons) == {KEEP, STOP, CANCEL}
        assert all(button.accessibleName() == text for text, button in buttons.items())
        question = find_closing(window).question
        assert question is not None
        assert question.defaultButton() is buttons[KEEP]
        # an answer to a window that is closed twice is still one answer
        window.close()
        assert find_closing(window).question is question
        box = question.checkBox()
        assert box is not None
        box.setChecked(True)
        qtbot.keyClick(question, Qt.Key.Key_Escape)
        assert find_closing(window).question is None
        before = count_analysed(parts)
        qtbot.waitUntil(lambda: count_analysed(parts) > before, timeout=ANSWERS_WITHIN_MS)
        assert window.isVisible()
        assert read_venue(hall).settings.when_closing is CloseBehaviour.ASK
        buttons = ask(qtbot, window)
        question = find_closing(window).question
        assert question is not None
        box = question.checkBox()
        assert box is not None
        box.setChecked(True)
        with qtbot.waitSignal(window.closed, timeout=ANSWERS_WITHIN_MS):
            qtbot.mouseClick(buttons[STOP], Qt.MouseButton.LeftButton)
        assert find_recorder(hall) is None
    spans, gaps = read_history(hall)
    assert spans["frames"].sum() > 5
    assert not len(gaps)
    assert read_venue(hall).settings.when_closing is CloseBehaviour.STOP


@pytest.mark.slow
def test_settings_change_what_is_remembered(qtbot: QtBot, hall: Path) -> None:
    choose_when_closing(hall, CloseBehaviour.STOP)
    with show_window(qtbot, has_pages=False) as (window, parts):
        record(qtbot, parts, hall)
        card = ClosingCard(parts.app_state, parts.shell)
        window.add_settings_card(card, Section.RECORDING)
        window.show_settings(Section.RECORDING)
        name = "If this venue is being recorded when the window is closed"
        choose(window, name, CloseBehaviour.ASK)
        assert read_venue(hall).settings.when_closing is CloseBehaviour.ASK
        answer(qtbot, window, CANCEL)
        choose(window, name, CloseBehaviour.STOP)
        with qtbot.waitSignal(window.closed, timeout=ANSWERS_WITHIN_MS):
            window.close()
            assert find_closing(window).question is None
    assert len(read_history(hall)[0]) == 1


def test_an_icon_beside_the_clock_keeps_recording_and_opens_and_stops(qtbot: QtBot, hall: Path) -> None:
    with show_window(qtbot, has_pages=False) as (window, parts):
        closing = find_closing(window)
        record(qtbot, parts, hall)
        closing.has_tray = lambda: True
        window.close()
        assert closing.question is not None
        assert "icon beside the clock" in closing.question.informativeText()
        qtbot.keyClick(closing.question, Qt.Key.Key_Return)
        assert not window.isVisible()
        assert closing.tray is not None
        before = count_analysed(parts)
        qtbot.waitUntil(lambda: count_analysed(parts) > before, timeout=ANSWERS_WITHIN_MS)
        assert closing.tray.toolTip().startswith("Spring Fair — ExpoFlow\nRecording, ")
        assert "1 of 1 camera online" in closing.tray.toolTip()
        assert [action.text() for action in closing.tray.contextMenu().actions()] == [
            "Open",
            "Stop recording",
        ]
        closing.tray.open_action.trigger()
        assert window.isVisible()
        assert closing.tray is None
        assert parts.monitor.is_recording_here
        window.close()
        assert closing.question is not None
        qtbot.keyClick(closing.question, Qt.Key.Key_Return)
        assert closing.tray is not None
        with qtbot.waitSignal(window.closed, timeout=ANSWERS_WITHIN_MS):
            closing.tray.stop_action.trigger()
    spans, gaps = read_history(hall)
    assert len(spans) == 1
    assert not len(gaps)


def test_without_a_tray_a_process_of_its_own_goes_on_that_the_next_window_finds_and_stops(
    qtbot: QtBot, hall: Path
) -> None:
    with show_window(qtbot, has_pages=False) as (window, parts):
        record(qtbot, parts, hall)
        forget_login(hall)
        with qtbot.waitSignal(window.closed, timeout=RECORDS_WITHIN_MS):
            answer(qtbot, window, KEEP)
            assert window.isVisible()
    recorder = find_recorder(hall)
    assert recorder is not None
    assert recorder.kind is RecorderKind.BACKGROUND
    process = psutil.Process(recorder.pid)
    told = " ".join(process.cmdline()) + " ".join(process.environ().values())
    assert PASSWORD not in told
    with show_window(qtbot, has_pages=False) as (window, parts):
        with qtbot.waitSignal(parts.app_state.venue_opened, timeout=ANSWERS_WITHIN_MS):
            parts.shell.open_venue(hall)
        qtbot.waitUntil(lambda: count_analysed(parts) > 5, timeout=RECORDS_WITHIN_MS)
        assert parts.shell.state.recorded_by.startswith("Recorded in the background since ")
        # what another process records goes on by itself: nothing is asked
        with qtbot.waitSignal(window.closed):
            window.close()
        assert find_recorder(hall) == recorder
    with show_window(qtbot, has_pages=False) as (window, parts):
        with qtbot.waitSignal(parts.monitor.started, timeout=ANSWERS_WITHIN_MS):
            parts.shell.open_venue(hall)
        with qtbot.waitSignal(parts.monitor.stopped, timeout=RECORDS_WITHIN_MS):
            parts.shell.stop_other_recording()
        assert find_recorder(hall) is None
    psutil.wait_procs([process], ENDS_WITHIN_S)
    spans, gaps = read_history(hall)
    assert len(spans) == 2
    assert set(gaps["cause"]) == {"handed over"}
    assert gaps["start_s"].min() == spans["end_s"].iloc[0]
    assert gaps["end_s"].max() == spans["start_s"].iloc[1]
    assert spans["start_s"].iloc[1] - spans["end_s"].iloc[0] < MAX_HAND_OVER_S


@pytest.mark.slow
def test_a_window_whose_recorder_fails_stays_open_and_records(qtbot: QtBot, hall: Path) -> None:
    with show_window(qtbot, has_pages=False) as (window, parts):
        record(qtbot, parts, hall)
        model = Path(read_venue(hall).settings.model_name)
        model.rename(model.with_name("gone"))
        answer(qtbot, window, KEEP)
        qtbot.waitUntil(window.banner.isVisible, timeout=RECORDS_WITHIN_MS)
        assert window.banner.problem.startswith("The recording cannot continue in the background: ")
        assert "colours" in window.banner.problem
        assert "stays open and keeps recording" in window.banner.remedy
        assert window.isVisible()
        before = count_analysed(parts)
        qtbot.waitUntil(lambda: count_analysed(parts) > before, timeout=ANSWERS_WITHIN_MS)
        recorder = find_recorder(hall)
        assert recorder is not None
        assert recorder.pid == os.getpid()
    assert not len(read_history(hall)[1])


def test_another_venue_is_opened_once_it_is_said_what_becomes_of_the_recording(
    qtbot: QtBot, hall: Path, tmp_path: Path
) -> None:
    other = create_hall(
        tmp_path / "other.expoflow", name="Other", time_zone="UTC", size_m=(20.0, 10.0)
    ).folder
    with show_window(qtbot, has_pages=False) as (window, parts):

        def click(text: str) -> None:
            parts.shell.open_venue(other)
            question = find_closing(window).question
            assert question is not None
            assert {button.text() for button in question.buttons()} == {KEEP, STOP_AND_OPEN, CANCEL}
            next(button for button in question.buttons() if button.text() == text).click()

        record(qtbot, parts, hall)
        click(CANCEL)
        assert parts.monitor.is_recording_here
        assert parts.shell.state.title == "Spring Fair"
        with qtbot.waitSignal(parts.app_state.venue_opened, timeout=RECORDS_WITHIN_MS):
            click(KEEP)
        assert parts.shell.state.title == "Other"
        assert window.isVisible()
        recorder = find_recorder(hall)
        assert recorder is not None
        assert recorder.kind is RecorderKind.BACKGROUND
        stop_recorder(hall, recorder)
        psutil.wait_procs([psutil.Process(recorder.pid)], ENDS_WITHIN_S)
        record(qtbot, parts, hall)
        qtbot.waitUntil(lambda: parts.monitor.is_recording_here, timeout=RECORDS_WITHIN_MS)
        with qtbot.waitSignal(parts.app_state.venue_opened, timeout=ANSWERS_WITHIN_MS):
            click(STOP_AND_OPEN)
        qtbot.waitUntil(lambda: find_recorder(hall) is None, timeout=RECORDS_WITHIN_MS)
        assert parts.shell.state.title == "Other"


RECORDS_UNTIL_TOLD = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
import app.gui.window.startup as startup
from app.gui.window.startup import SessionEnd

add_pages = startup.add_pages

def add_pages_then_record(window, parts):
    parts.app_state.venue_opened.connect(lambda: QTimer.singleShot(0, window, parts.shell.start_recording))
    def look(status):
        if all(camera.analysed > 5 for camera in status.cameras):
            parts.monitor.updated.disconnect(look)
            print("recording", flush=True)
            if sys.argv[2] == "session ends":
                window.findChild(SessionEnd).end_session()
    parts.monitor.updated.connect(look)
    return add_pages(window, parts) if sys.argv[2] == "pages" else None

startup.add_pages = add_pages_then_record
sys.exit(startup.run_gui(Path(sys.argv[1]), False, None))
"""


def run_window(folder: Path, way: str) -> subprocess.Popen[str]:
    """Give the process of a window once it records."""
    process = subprocess.Popen(
        [sys.executable, "-c", RECORDS_UNTIL_TOLD, str(folder), way],
        cwd=PROJECT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "recording\n"
    return process


def end_and_look(process: subprocess.Popen[str], number: signal.Signals | None) -> int:
    """End a process and see that none of its children is left; gives its exit status."""
    children = psutil.Process(process.pid).children(recursive=True)
    assert number is None or len(children) >= 2
    if number is not None:
        process.send_signal(number)
    status = process.wait(ENDS_WITHIN_S)
    if process.stdout is not None:
        process.stdout.close()
    assert not psutil.wait_procs(children, ENDS_WITHIN_S)[1]
    return status


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("way", "number"),
    [
        ("", signal.SIGTERM),
        pytest.param("pages", signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param("", signal.SIGHUP, marks=pytest.mark.slow),
        pytest.param("", signal.SIGINT, marks=pytest.mark.slow),
        pytest.param("", signal.SIGKILL, marks=pytest.mark.slow),
        pytest.param("session ends", None, marks=pytest.mark.slow),
    ],
)
def test_the_system_ends_a_window_that_records_and_the_next_one_says_so(
    qtbot: QtBot, qapp: QApplication, hall: Path, way: str, number: signal.Signals | None
) -> None:
    process = run_window(hall, way)
    told_s = time.time()
    status = end_and_look(process, number)
    assert status == (-signal.SIGKILL if number is signal.SIGKILL else 0)
    assert find_recorder(hall) is None
    spans, gaps = read_history(hall)
    assert spans["frames"].sum() > 5
    assert gaps["cause"].tolist() == ["terminated"]
    assert gaps["start_s"].tolist() == spans["end_s"].tolist()
    assert abs(spans["end_s"].iloc[0] - told_s) < 3.0
    with show_window(qtbot, has_pages=False) as (window, parts):
        with qtbot.waitSignal(parts.app_state.venue_opened, timeout=ANSWERS_WITHIN_MS):
            parts.shell.open_venue(hall)
        qtbot.waitUntil(window.banner.isVisible, timeout=ANSWERS_WITHIN_MS)
        assert window.banner.problem.startswith("The last recording ended at ")
        assert "the system closed the program" in window.banner.problem
        assert "Start recording" in list_words(window)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")
def test_a_window_whose_screen_goes_away_ends_its_recording(
    hall: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1366x768x24"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert screen.stdout is not None
    try:
        monkeypatch.setenv("DISPLAY", f":{screen.stdout.readline().strip()}")
        monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
        process = run_window(hall, "")
        children = psutil.Process(process.pid).children(recursive=True)
    finally:
        screen.kill()
        screen.wait()
        screen.stdout.close()
    process.wait(ENDS_WITHIN_S)
    assert process.stdout is not None
    process.stdout.close()
    assert not psutil.wait_procs(children, ENDS_WITHIN_S)[1]
    assert read_history(hall)[1]["cause"].tolist() == ["terminated"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "causes"),
    [
        (signal.SIGTERM, ["terminated"]),
        pytest.param(signal.SIGHUP, ["terminated"], marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, [], marks=pytest.mark.slow),
    ],
)
def test_the_system_ends_a_recorder(hall: Path, number: signal.Signals, causes: list[str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "record", "--venue", str(hall), "--json"],
        cwd=PROJECT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if '"analysed": 1' in line:
            break
    assert end_and_look(process, number) == 0
    spans, gaps = read_history(hall)
    assert len(spans) == 1
    assert gaps["cause"].tolist() == causes
    assert find_recorder(hall) is None
