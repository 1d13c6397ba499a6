"""The tour of the window: a picture of every page when there is something to see, and words about it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.demo.ready_venue import find_demo_folder, unpack_demo_venue
from app.gui.window import screenshot_tour, startup
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.screenshot_tour import ScreenshotTour
from app.gui.window.shell import ShellViewModel
from tests.support.scripted_pipeline import make_feed, make_plan
from tests.support.windows.scripted_monitor import ScriptedMonitor, make_status
from tests.support.windows.shown_window import show_window

ENDS_WITHIN_MS = 150_000


class SeeingMonitor(ScriptedMonitor):
    """Sees two people as soon as it is started."""

    def start(self, plan: object, parts: object, venue_folder: Path | None = None) -> None:
        self.show_status(make_status("Entrance", people=2))
        self.started.emit()

    def stop(self) -> None:
        if self.is_shown_active:
            self.show_stopped()


@pytest.fixture(autouse=True)
def brief_tour(monkeypatch: pytest.MonkeyPatch) -> None:
    variants = tuple(((1366, 768), "light", language) for language in ("en", "zh_CN"))
    monkeypatch.setattr(screenshot_tour, "_ALL_VARIANTS", variants)
    monkeypatch.setattr(screenshot_tour, "POLL_INTERVAL_MS", 20)


class Travelled:
    """A tour that goes to its end."""

    def __init__(
        self, qtbot: QtBot, window: MainWindow, parts: WindowParts, folder: Path, *, is_demo: bool = False
    ) -> None:
        self.said: list[str] = []
        ended: list[bool] = []
        tour = ScreenshotTour(
            window,
            parts,
            folder,
            is_demo=is_demo,
            has_all_variants=not is_demo,
            has_venue=is_demo,
            report=self.said.append,
            on_end=lambda: ended.append(True),
        )
        tour.start()
        if is_demo:
            window.open_demonstration()
        qtbot.waitUntil(lambda: bool(ended), timeout=ENDS_WITHIN_MS)
        self.problems = tuple(tour.problems)
        self.names = {file.name for file in folder.iterdir()} if folder.is_dir() else set()


def name_all(*pages: str) -> set[str]:
    return {f"{page}_{language}_light_1366x768.png" for page in pages for language in ("en", "zh_CN")}


@pytest.mark.slow
def test_without_a_venue_what_there_is_is_shown(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "pictures"
    with show_window(qtbot) as (window, parts):
        tour = Travelled(qtbot, window, parts, folder)
    assert not tour.problems
    dialogs = {name for name in tour.names if name.startswith("about_")}
    assert {"_".join(name.split("_")[:-2]) for name in dialogs} == {"about_en", "about_zh_CN"}
    assert tour.names - dialogs == name_all("doctor", "settings", "welcome")
    assert tour.said[-1] == f"8 pictures are in {folder}"
    shown = QImage(str(folder / "welcome_en_light_1366x768.png"))
    assert (shown.width(), shown.height()) == (1366, 768)


@pytest.mark.slow
def test_a_folder_that_cannot_be_made_is_a_problem(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with show_window(qtbot) as (window, parts):
        tour = Travelled(qtbot, window, parts, tmp_path / "file" / "pictures")
    assert len(tour.problems) == 1
    assert str(tmp_path / "file") in tour.problems[0]
    assert tour.said == list(tour.problems)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_of_the_demonstration_its_last_day_is_shown_once(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, pictures = find_demo_folder(), tmp_path / "pictures"
    unpack_demo_venue(folder)
    monkeypatch.setattr(startup, "PipelineMonitor", SeeingMonitor)
    plan = make_plan(make_feed("Entrance", is_lossless=False))
    monkeypatch.setattr(startup, "ShellViewModel", partial(ShellViewModel, make_plan=lambda _venue: plan))
    with show_window(qtbot) as (window, parts):
        tour = Travelled(qtbot, window, parts, pictures, is_demo=True)
    assert not tour.problems
    pages = (
        "live",
        "floor-plan",
        "dwell",
        "floor-plan-yesterday",
        "floor-plan-difference",
        "floor-plan-playback",
        "edit-plan",
        "coverage",
        "doctor",
        "settings",
        "welcome",
    )
    assert tour.names > {f"{page}_en_light_1366x768.png" for page in pages}
    assert "Stopping the recording." in tour.said
