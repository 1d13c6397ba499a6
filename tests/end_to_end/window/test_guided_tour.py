"""The guided tour: by mouse and keyboard, once by itself in the demonstration, and never in the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.core.file_format import write_venue
from app.demo.ready_venue import list_show_days, unpack_demo_venue
from app.gui.plan.page import PlanEditorView
from app.gui.window.guided_tour import STEPS, GuidedTour
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import Page
from tests.support.halls.walked_hall import make_hall
from tests.support.windows.shown_window import choose, click, list_words, show_window

Opened = tuple[MainWindow, WindowParts]


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Opened]:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    with show_window(qtbot) as (window, parts):
        parts.app_state.show_venue(venue)
        yield window, parts


def find_tour(window: MainWindow) -> GuidedTour:
    (tour,) = window.findChildren(GuidedTour)
    return tour


def press(qtbot: QtBot, key: Qt.Key) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    qtbot.keyClick(focused, key)


def find_inside(window: MainWindow, card: QWidget) -> bool:
    return window.page_area.rect().contains(card.geometry())


def test_every_step_points_at_a_page_and_a_widget_that_exist(opened: Opened) -> None:
    window, _parts = opened
    assert len(STEPS) == 6
    places = [place for step in STEPS for place in (step.place, step.trial) if place is not None]
    assert len(places) == 9
    for place in places:
        page = window.find_page(place.page)
        assert page is not None
        target = place.find(page)
        assert target is page or page.isAncestorOf(target)


def test_it_is_taken_by_mouse_and_keyboard_and_blocks_nothing(qtbot: QtBot, opened: Opened) -> None:
    window, _parts = opened
    tour = find_tour(window)
    assert not tour.is_running
    with qtbot.waitActive(window):
        window.activateWindow()
    window.tour_requested.emit()
    assert window.page == Page.OVERVIEW
    assert tour.card.accessibleName() == "Tour, step 1 of 6: What stood out"
    click(qtbot, window, "Next")
    assert window.page == Page.FLOOR_PLAN
    qtbot.waitUntil(tour.outline.isVisible)
    press(qtbot, Qt.Key.Key_Tab)
    press(qtbot, Qt.Key.Key_Space)
    (editor,) = window.findChildren(PlanEditorView)
    assert window.page == Page.EDIT_PLAN
    assert editor.canvas.hasFocus()
    middle = tour.outline.mapTo(window, tour.outline.rect().center())
    under = window.childAt(middle)
    assert under is not None
    assert under is not tour.outline

    window.resize(1100, 700)
    choose(window, "Language", "zh_CN")
    qtbot.waitUntil(lambda: {"绘制区域", "导览，第 2 步，共 6 步"} <= list_words(window))
    qtbot.waitUntil(lambda: find_inside(window, tour.card))
    click(qtbot, tour.card, "上一步")
    assert window.page == Page.FLOOR_PLAN
    choose(window, "语言", "en")

    qtbot.waitUntil(lambda: "Next" in list_words(tour.card))
    window.go_to(Page.SETTINGS)
    qtbot.waitUntil(tour.outline.isHidden)
    assert tour.is_running
    for _step in range(4):
        click(qtbot, tour.card, "Next")
    assert window.page == Page.LIVE
    assert QPoint(0, 0) != tour.card.pos()
    click(qtbot, tour.card, "End the tour")
    assert not tour.is_running

    window.tour_requested.emit()
    press(qtbot, Qt.Key.Key_Escape)
    assert not tour.is_running
    window.set_kiosk_mode(True)
    window.tour_requested.emit()
    assert not tour.is_running


def test_it_starts_once_by_itself_in_the_demonstration_and_a_skip_is_remembered(
    qtbot: QtBot, tmp_path: Path
) -> None:
    venue = unpack_demo_venue(tmp_path / "demo.expoflow")
    with show_window(qtbot, Page.OVERVIEW) as (window, parts):
        tour = find_tour(window)
        parts.app_state.show_venue(venue)
        qtbot.wait(50)
        assert not tour.is_running
        tour.start_once()
        parts.app_state.show_venue(venue)
        qtbot.waitUntil(lambda: tour.is_running)
        days = list_show_days(venue)
        assert parts.app_state.period == (days[0][0], days[-1][1])
        click(qtbot, window, "Skip the tour")
    with show_window(qtbot, Page.OVERVIEW) as (window, parts):
        find_tour(window).start_once()
        parts.app_state.show_venue(venue)
        qtbot.wait(50)
        assert not find_tour(window).is_running
