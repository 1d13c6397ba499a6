"""The whole window: open a venue, change language and theme, meet errors, close during work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from app.core.credentials import open_credential_store
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.gui.session.theme import DARK, current_theme
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import Page
from app.gui.window.startup import make_application, make_window
from app.plan.edit_venue import add_camera, choose_model, create_hall, import_geometry
from app.plan.geojson import read_floor_file
from app.settings.file import read_settings
from tests.support.halls.colour_hall import write_zone
from tests.support.windows.shown_window import (
    ANSWERS_WITHIN_MS,
    choose,
    click,
    find_button,
    list_words,
    show_window,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    venue = create_hall(tmp_path / "fair.expoflow", name="Spring Fair", time_zone="UTC", size_m=(40, 25))
    zones = write_zone(tmp_path / "zones.geojson", [(1, 1), (9, 1), (9, 9), (1, 9)])
    import_geometry(venue.folder, read_floor_file(zones), valid_from_utc_s=None)
    return venue.folder


@pytest.fixture
def opened(qtbot: QtBot, qapp: QApplication) -> Iterator[tuple[MainWindow, WindowParts]]:
    with show_window(qtbot, Page.LIVE, Page.FLOOR_PLAN, Page.DWELL) as opened:
        yield opened


@pytest.fixture
def window(opened: tuple[MainWindow, WindowParts]) -> MainWindow:
    return opened[0]


@pytest.fixture
def parts(opened: tuple[MainWindow, WindowParts]) -> WindowParts:
    return opened[1]


def open_venue(qtbot: QtBot, parts: WindowParts, folder: Path) -> None:
    with qtbot.waitSignal(parts.app_state.venue_opened, timeout=ANSWERS_WITHIN_MS):
        parts.shell.open_venue(folder)


def add_dead_camera(folder: Path) -> None:
    add_camera(
        folder,
        name="north",
        address="rtsp://127.0.0.1:9/stream",
        user=None,
        password=None,
        frame_size_wh=(1280, 720),
        analysed_fps=None,
        credentials=open_credential_store(),
    )


def test_a_newcomer_is_led_somewhere_and_a_venue_is_opened_and_remembered(
    qtbot: QtBot, window: MainWindow, parts: WindowParts, folder: Path
) -> None:
    assert {"Open the demonstration", "Open a venue", "Create a venue"} <= list_words(window)
    assert not find_button(window, "Start recording").isEnabled()
    open_venue(qtbot, parts, folder)
    assert "Spring Fair" in list_words(window)
    assert window.windowTitle().startswith("Spring Fair")
    qtbot.waitUntil(lambda: read_settings().settings.recent_venues == (folder,))
    for page in (Page.FLOOR_PLAN, Page.DWELL, Page.SETTINGS, Page.LIVE):
        window.show_page(page)
        qtbot.waitUntil(lambda: not parts.job_runner.handles, timeout=ANSWERS_WITHIN_MS)
        assert window.page == page
    assert not window.banner.isVisible(), window.banner.problem


def test_the_language_changes_while_it_runs(
    qtbot: QtBot, window: MainWindow, parts: WindowParts, folder: Path
) -> None:
    open_venue(qtbot, parts, folder)
    choose(window, "Language", "zh_CN")
    qtbot.waitUntil(lambda: {"实时画面", "平面图", "开始记录"} <= list_words(window))
    assert read_settings().settings.language == "zh_CN"
    choose(window, "语言", "en")
    qtbot.waitUntil(lambda: {"Live", "Floor plan", "Start recording"} <= list_words(window))


@pytest.mark.slow
def test_the_theme_changes_while_it_runs(qtbot: QtBot, window: MainWindow) -> None:
    assert current_theme() is not DARK
    qtbot.mouseClick(find_button(window, "Use dark colours"), Qt.MouseButton.LeftButton)
    assert current_theme() is DARK
    assert read_settings().settings.theme == "dark"
    background = window.grab().toImage().pixelColor(window.width() // 2, window.height() - 60)
    assert background.lightness() < 60
    qtbot.mouseClick(find_button(window, "Use light colours"), Qt.MouseButton.LeftButton)
    assert read_settings().settings.theme == "light"


def test_a_broken_venue_is_told_and_the_open_one_stays(
    qtbot: QtBot, window: MainWindow, parts: WindowParts, folder: Path, tmp_path: Path
) -> None:
    open_venue(qtbot, parts, folder)
    broken = create_hall(tmp_path / "bad.expoflow", name="Bad", time_zone="UTC", size_m=(4, 3)).folder
    (broken / "venue.toml").write_text("format = 1\n[exhibition\n", encoding="utf-8")
    parts.shell.open_venue(broken)
    qtbot.waitUntil(window.banner.isVisible, timeout=ANSWERS_WITHIN_MS)
    assert "venue.toml" in window.banner.problem
    assert "text editor" in window.banner.remedy
    assert "Spring Fair" in list_words(window)
    qtbot.mouseClick(find_button(window, "Close this message"), Qt.MouseButton.LeftButton)
    assert not window.banner.isVisible()


def test_a_recent_venue_is_opened_from_the_header(
    qtbot: QtBot, window: MainWindow, parts: WindowParts, folder: Path, tmp_path: Path
) -> None:
    other = create_hall(tmp_path / "a.expoflow", name="Autumn & Co", time_zone="UTC", size_m=(4, 3)).folder
    open_venue(qtbot, parts, other)
    open_venue(qtbot, parts, folder)
    menu = window.header.findChild(QToolButton, "open").menu()
    qtbot.waitUntil(lambda: "Autumn && Co" in [one.text() for one in menu.actions()])
    assert "Spring Fair" not in [one.text() for one in menu.actions()]
    next(one for one in menu.actions() if one.text() == "Autumn && Co").trigger()
    qtbot.waitUntil(lambda: "Autumn & Co" in list_words(window), timeout=ANSWERS_WITHIN_MS)


def test_a_missing_model_is_told_when_recording_starts(
    qtbot: QtBot, window: MainWindow, parts: WindowParts, folder: Path, tmp_path: Path
) -> None:
    add_dead_camera(folder)
    choose_model(folder, "yolo26n")
    open_venue(qtbot, parts, folder)
    record = find_button(window.header, "Start recording")
    qtbot.mouseClick(record, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.banner.isVisible, timeout=ANSWERS_WITHIN_MS)
    assert "yolo26n" in window.banner.problem
    assert window.banner.remedy
    assert record.isEnabled()
    find_button(window, "Use yolo11n-int8 for this venue").click()
    qtbot.waitUntil(lambda: "next recording" in window.banner.remedy, timeout=ANSWERS_WITHIN_MS)
    assert read_venue(folder).settings.model_name == "yolo11n-int8"


def test_a_camera_is_removed_and_put_back(
    qtbot: QtBot, window: MainWindow, parts: WindowParts, folder: Path
) -> None:
    from app.gui.cameras.camera_removal import CameraRemovalNotice
    from app.gui.live.video_tile import VideoTile

    add_dead_camera(folder)
    before = (folder / "venue.toml").read_bytes()
    open_venue(qtbot, parts, folder)
    window.findChild(VideoTile).make_menu().actions()[-1].trigger()
    question = window.findChild(CameraRemovalNotice).open_question
    assert question is not None
    next(button for button in question.buttons() if button.text() == "Remove").click()
    qtbot.waitUntil(lambda: "north was removed." in list_words(window), timeout=ANSWERS_WITHIN_MS)
    assert parts.app_state.venue is not None
    assert not parts.app_state.venue.cameras
    click(qtbot, window, "Undo")
    qtbot.waitUntil(lambda: "north was restored." in list_words(window), timeout=ANSWERS_WITHIN_MS)
    assert (folder / "venue.toml").read_bytes() == before


@pytest.mark.slow
def test_a_history_that_cannot_be_written_is_told_and_the_window_stays(
    qtbot: QtBot, window: MainWindow, parts: WindowParts, folder: Path
) -> None:
    add_dead_camera(folder)
    choose_model(folder, "expoflow-demo")
    (folder / "events.sqlite").mkdir()
    open_venue(qtbot, parts, folder)
    record = find_button(window.header, "Start recording")
    qtbot.mouseClick(record, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "events.sqlite" in window.banner.problem, timeout=3 * ANSWERS_WITHIN_MS)
    assert window.banner.remedy
    # told when the venue is opened, and again once the recording could not begin
    qtbot.waitUntil(lambda: not parts.monitor.is_active and record.isEnabled(), timeout=3 * ANSWERS_WITHIN_MS)
    window.show_page(Page.SETTINGS)
    assert "Language, colours and units" in list_words(window)


def test_a_job_is_cancelled_from_the_status_bar_and_by_closing(
    qtbot: QtBot, window: MainWindow, parts: WindowParts
) -> None:
    has_begun = threading.Event()
    calls: list[object] = []

    def work(context: JobContext) -> None:
        has_begun.set()
        while True:
            context.checkpoint(1, 2)
            threading.Event().wait(0.005)

    parts.job_runner.run("Counting sheep", work, on_done=calls.append)
    with qtbot.waitSignal(parts.job_runner.job_finished):
        qtbot.mouseClick(find_button(window, "Cancel this job"), Qt.MouseButton.LeftButton)
    assert "Counting sheep" not in list_words(window)

    has_begun.clear()
    job = parts.job_runner.run("Counting goats", work, on_done=calls.append, on_failed=calls.append)
    assert has_begun.wait(5)
    assert "Counting goats" in list_words(window)
    window.close()
    assert not window.isVisible()
    assert job.is_cancelled
    assert calls == []


def test_geometry_is_restored(qtbot: QtBot, qapp: QApplication) -> None:
    application = make_application()
    for height in (768, 700):
        window, _parts = make_window(application)
        assert window.height() == height
        window.resize(1100, 700)
        window.close()
        window.deleteLater()
        del window, _parts
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_venue_opens_where_it_was_left(
    qtbot: QtBot, window: MainWindow, parts: WindowParts, folder: Path
) -> None:
    open_venue(qtbot, parts, folder)
    assert window.page == Page.LIVE
    click(qtbot, window, "Dwell")
    parts.app_state.close_venue()
    window.show_page(Page.SETTINGS)
    open_venue(qtbot, parts, folder)
    assert window.page == Page.DWELL
    qtbot.waitUntil(lambda: not parts.job_runner.handles, timeout=ANSWERS_WITHIN_MS)
