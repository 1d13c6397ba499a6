"""Zones edited in the real window, written in the background while keys are held down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.gui.floor_plan.page import FloorPlanView
from app.gui.plan.page import PlanEditorView
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import Page
from tests.support.halls.walked_hall import make_hall
from tests.support.windows.shown_window import ANSWERS_WITHIN_MS, click, show_window

Opened = tuple[MainWindow, WindowParts, PlanEditorView]


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    return venue


@pytest.fixture
def opened(qtbot: QtBot, qapp: QApplication, venue: Venue) -> Iterator[Opened]:
    with show_window(qtbot, Page.FLOOR_PLAN, Page.EDIT_PLAN) as (window, parts):
        with qtbot.waitSignal(parts.app_state.venue_opened, timeout=ANSWERS_WITHIN_MS):
            parts.shell.open_venue(venue.folder)
        window.show_page(Page.EDIT_PLAN)
        (page,) = window.findChildren(PlanEditorView)
        wait_for_jobs(qtbot, parts)
        yield window, parts, page


def wait_for_jobs(qtbot: QtBot, parts: WindowParts) -> None:
    qtbot.waitUntil(lambda: not parts.job_runner.handles, timeout=ANSWERS_WITHIN_MS)


def test_a_key_that_is_held_down_loses_no_step_and_is_undone_at_once(
    qtbot: QtBot, venue: Venue, opened: Opened
) -> None:
    window, parts, page = opened
    before = (venue.folder / "venue.toml").read_bytes()
    viewport = page.canvas.viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=page.canvas.mapFromScene(3.0, 2.5))
    qtbot.keyClick(page.canvas, Qt.Key.Key_N)
    for _press in range(25):
        qtbot.keyClick(page.canvas, Qt.Key.Key_Left)
    wait_for_jobs(qtbot, parts)
    zone = read_venue(venue.folder).geometry_at(None).zones[0]
    assert zone.outline.points[0] == pytest.approx((-1.0, 1.5))
    click(qtbot, window, "Undo: Move a corner of zone 'Robotics'")
    wait_for_jobs(qtbot, parts)
    assert (venue.folder / "venue.toml").read_bytes() == before


def test_what_was_edited_is_on_the_floor_plan(qtbot: QtBot, opened: Opened) -> None:
    window, parts, page = opened
    qtbot.mouseClick(
        page.canvas.viewport(), Qt.MouseButton.LeftButton, pos=page.canvas.mapFromScene(3.0, 2.5)
    )
    qtbot.keyClick(page.canvas, Qt.Key.Key_Delete)
    wait_for_jobs(qtbot, parts)
    window.show_page(Page.FLOOR_PLAN)
    (floor,) = window.findChildren(FloorPlanView)
    qtbot.waitUntil(
        lambda: set(floor.canvas.visible_labels()) == {"VR corner", "Café"}, timeout=ANSWERS_WITHIN_MS
    )
