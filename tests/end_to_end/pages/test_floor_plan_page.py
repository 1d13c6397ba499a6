"""The floor plan in the real window: jobs, period, and the link to dwell times."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from analytics.domain.clock import SystemClock
from app.core.file_format import write_venue
from app.gui.exhibition.page import STAND, ExhibitionView
from app.gui.floor_plan.page import FloorPlanView
from app.gui.widgets.time_range_picker import TimeRangePicker
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import Page
from tests.support.halls.walked_hall import make_hall, walk_through
from tests.support.windows.shown_window import ANSWERS_WITHIN_MS, show_window

WALK_S = 240.0


@pytest.fixture
def started_s(tmp_path: Path) -> float:
    """Return the start of the walks, a quarter of an hour ago."""
    venue = make_hall(tmp_path)
    start_s = SystemClock().now_utc_s() - 900
    venue.folder.mkdir()
    write_venue(venue)
    walk_through(venue, start_s=start_s, duration_s=WALK_S, people=20)
    return start_s


@pytest.fixture
def opened(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, started_s: float
) -> Iterator[tuple[MainWindow, WindowParts]]:
    with show_window(qtbot, Page.FLOOR_PLAN, Page.EXHIBITION) as (window, parts):
        with qtbot.waitSignal(parts.app_state.venue_opened, timeout=ANSWERS_WITHIN_MS):
            parts.shell.open_venue(tmp_path / "hall.expoflow")
        window.show_page(Page.FLOOR_PLAN)
        yield window, parts


def test_heat_comes_from_the_history_and_follows_the_period(
    qtbot: QtBot, opened: tuple[MainWindow, WindowParts], started_s: float
) -> None:
    window, parts = opened
    (page,) = window.findChildren(FloorPlanView)
    (picker,) = window.header.findChildren(TimeRangePicker)
    qtbot.waitUntil(lambda: not page.canvas.heat_layer.image.isNull(), timeout=ANSWERS_WITHIN_MS)
    assert page.zones.table.data(page.zones.table.index(0, 2)) not in {"", "–", "0"}
    picker.period_chosen.emit((started_s - 9000, started_s - 8000))
    qtbot.waitUntil(lambda: "No data for this period" in page.message.text(), timeout=ANSWERS_WITHIN_MS)
    assert page.message.isVisible()
    for minutes in (1, 2, 3):
        picker.period_chosen.emit((started_s, started_s + 60.0 * minutes))
    qtbot.waitUntil(lambda: not parts.job_runner.handles, timeout=ANSWERS_WITHIN_MS)
    assert not page.canvas.heat_layer.image.isNull()
    assert parts.app_state.period == (started_s, started_s + 180.0)


def test_enter_opens_the_selected_zone(qtbot: QtBot, opened: tuple[MainWindow, WindowParts]) -> None:
    window, parts = opened
    (page,) = window.findChildren(FloorPlanView)
    parts.app_state.select_zone("Café")
    assert window.page == Page.FLOOR_PLAN
    qtbot.keyClick(page.canvas, Qt.Key.Key_Return)
    assert window.page == Page.EXHIBITION
    assert parts.app_state.zone_selected == "Café"
    (exhibition,) = window.findChildren(ExhibitionView)
    assert exhibition.tabs.chosen == STAND
    qtbot.waitUntil(lambda: not parts.job_runner.handles, timeout=ANSWERS_WITHIN_MS)
