"""A newcomer opens the demonstration and looks around; a killed process loses nothing.

The hall, the history, the window and the supervision are real; cameras and network are scripted.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from analytics.domain.clock import SystemClock
from analytics.store.sql_event_store import open_reader
from app.core.file_format import read_venue
from app.core.periods import PeriodChoice
from app.demo.ready_venue import find_demo_folder, unpack_demo_venue
from app.gui.live.page import LiveWallView
from app.gui.live.video_tile import TileContent, VideoTile
from app.gui.session.camera_words import CameraHealth
from app.gui.session.theme import DARK, current_theme
from app.gui.window import startup
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import Page
from app.gui.window.shell import ShellViewModel
from app.recording.pipeline_process import open_sink
from tests.support.scripted_pipeline import (
    PEOPLE,
    LoadScripted,
    OpenScripted,
    make_order_tracker,
    make_pixel_floor,
)
from tests.support.windows.shown_window import choose, click, list_words, show_window, wait_patiently
from vision.pipeline.observation_log import NOT_RUNNING
from vision.pipeline.pipeline_parts import PipelineParts

COUNTS_WITHIN_MS = 30_000
CAMERAS = 4
DURABLE_WITHIN_S = 2.0
"""A transaction a second, and one for the time between two looks."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills by POSIX signals")


def make_scripted_parts(outages: Path, folder: Path) -> PipelineParts:
    return PipelineParts(
        open_sink=partial(open_sink, folder),
        open_source=OpenScripted(outages=outages),
        load_detector=LoadScripted(),
        make_tracker=make_order_tracker,
        make_projection=make_pixel_floor,
    )


def read_tiles(window: MainWindow) -> dict[str, TileContent]:
    (page,) = window.findChildren(LiveWallView)
    return {tile.camera: tile.content for tile in page.findChildren(VideoTile)}


def are_all_counted(window: MainWindow) -> bool:
    # every word of the window is read only when there is reason to
    return [tile.people for tile in read_tiles(window).values()] == [f"{PEOPLE} people"] * CAMERAS and (
        f"Recording, {CAMERAS * PEOPLE} people in view" in " ".join(list_words(window))
    )


def kill_inference(parts: WindowParts) -> float:
    assert parts.monitor.status is not None
    inference = parts.monitor.status.processes[0]
    assert inference.pid is not None
    killed_s = SystemClock().now_utc_s()
    os.kill(inference.pid, signal.SIGKILL)
    return killed_s


@pytest.mark.slow
def test_the_demonstration_counts_people_and_survives_a_killed_process(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outages = tmp_path / "outages"
    outages.mkdir()
    folder = find_demo_folder()
    unpack_demo_venue(folder)
    make_parts = partial(make_scripted_parts, outages)
    monkeypatch.setattr(startup, "ShellViewModel", partial(ShellViewModel, make_pipeline_parts=make_parts))
    with show_window(qtbot) as (window, parts):
        click(qtbot, window, "Open the demonstration")
        wait_patiently(qtbot, lambda: are_all_counted(window), within_ms=COUNTS_WITHIN_MS)

        window.show_page(Page.FLOOR_PLAN)
        choose(window, "Period", PeriodChoice.TODAY)
        venue = parts.app_state.venue
        assert venue is not None
        today = venue.exhibition.local_day(SystemClock().now_utc_s())
        assert parts.app_state.period == venue.exhibition.day_interval_utc(today)

        choose(window, "Language", "zh_CN")
        qtbot.waitUntil(lambda: {"平面图", "停止记录"} <= list_words(window))
        choose(window, "语言", "en")
        qtbot.waitUntil(lambda: {"Floor plan", "Stop recording"} <= list_words(window))
        click(qtbot, window, "Use dark colours")
        assert current_theme() is DARK
        window.show_page(Page.DWELL)
        window.show_page(Page.LIVE)

        # the first second of a recording is not on disk yet, and may be lost
        wait_patiently(qtbot, lambda: count_recorded_cameras(folder) == CAMERAS, within_ms=COUNTS_WITHIN_MS)
        killed_s = kill_inference(parts)
        wait_patiently(qtbot, window.banner.isVisible, within_ms=COUNTS_WITHIN_MS)
        assert "restarts automatically" in window.banner.problem
        assert "gap" in window.banner.remedy
        wait_patiently(qtbot, lambda: "1 restart" in " ".join(list_words(window)), within_ms=COUNTS_WITHIN_MS)
        wait_patiently(
            qtbot,
            lambda: not parts.shell.state.is_loading and are_all_counted(window),
            within_ms=COUNTS_WITHIN_MS,
        )
        back_s = SystemClock().now_utc_s()
        (outages / "West camera").touch()
        wait_patiently(
            qtbot,
            lambda: read_tiles(window)["West camera"].tone is CameraHealth.OFFLINE,
            within_ms=COUNTS_WITHIN_MS,
        )
        gone = read_tiles(window)["West camera"]
        assert "West camera" in gone.problem
        assert gone.remedy
        assert gone.since
        wait_patiently(
            qtbot, lambda: "3 of 4 cameras online" in list_words(window), within_ms=COUNTS_WITHIN_MS
        )
        assert read_tiles(window)["East camera"].people == f"{PEOPLE} people"
    check_that_nothing_is_lost(folder, killed_s=killed_s, back_s=back_s)


def count_recorded_cameras(folder: Path) -> int:
    reader = open_reader(folder)
    try:
        since_s = SystemClock().now_utc_s() - 3600.0
        return int(reader.read_tracks(since_s, since_s + 7200.0)["camera"].nunique())
    finally:
        reader.close()


def check_that_nothing_is_lost(folder: Path, *, killed_s: float, back_s: float) -> None:
    reader = open_reader(folder)
    try:
        tracks = reader.read_tracks(killed_s - 600.0, back_s + 600.0)
        gaps = reader.read_gaps(None, None, None)
    finally:
        reader.close()
    for camera in read_venue(folder).camera_names:
        times_s = tracks.loc[tracks["camera"] == camera, "time_s"]
        before_s, after_s = times_s[times_s < killed_s], times_s[times_s > killed_s]
        assert before_s.max() > killed_s - DURABLE_WITHIN_S
        assert after_s.min() < back_s
        missing = gaps[
            (gaps["camera"] == camera)
            # since the show ended yesterday
            & (gaps["cause"] != NOT_RUNNING)
            & (gaps["end_s"] > killed_s - DURABLE_WITHIN_S)
            & (gaps["start_s"] < killed_s + DURABLE_WITHIN_S)
        ]
        assert len(missing) == 1
        assert missing["end_s"].iloc[0] <= after_s.min()
