from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QToolButton
from pytestqt.qtbot import QtBot

from app.gui.session.translation import install_language
from app.gui.window.frame import NavigationRail
from app.gui.window.main_window import MainWindow
from app.gui.window.pages import Page
from tests.support.halls.walked_hall import make_hall
from tests.support.windows.shown_window import show_window


def test_alt_and_a_digit_choose_a_page(qtbot: QtBot) -> None:
    rail = NavigationRail()
    qtbot.addWidget(rail)
    rail.set_pending_count(1, 3)
    with qtbot.waitActive(rail):
        rail.show()
        rail.activateWindow()
    with qtbot.waitSignal(rail.page_chosen) as chosen:
        qtbot.keyClick(rail, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert chosen.args == [1]


def list_pages(window: MainWindow) -> set[str]:
    (rail,) = window.findChildren(NavigationRail)
    buttons = [button for button in rail.findChildren(QToolButton) if button.isCheckable()]
    return {button.text() for button in buttons if button.isVisible()}


def find_fold(window: MainWindow) -> QToolButton:
    (fold,) = [b for b in window.findChildren(QToolButton) if b.text() == "Set up"]
    return fold


def test_the_pages_for_setting_up_are_folded_away_as_chosen(qtbot: QtBot, tmp_path: Path) -> None:
    with show_window(qtbot, has_pages=False) as (window, parts):
        assert "Edit plan" not in list_pages(window)
        window.show_page(Page.EDIT_PLAN)
        assert "Coverage" in list_pages(window), "the current page is never folded away"
        window.show_page(Page.LIVE)
        find_fold(window).click()
        assert "Edit plan" not in list_pages(window)
        find_fold(window).click()
    with show_window(qtbot, has_pages=False) as (window, parts):
        parts.app_state.show_venue(make_hall(tmp_path))
        assert "Edit plan" in list_pages(window), "remembered"


def test_a_venue_to_be_set_up_shows_the_pages_for_it(qtbot: QtBot, tmp_path: Path) -> None:
    with show_window(qtbot, has_pages=False) as (window, parts):
        parts.app_state.show_venue(make_hall(tmp_path))
        assert "Edit plan" in list_pages(window)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_all_pages_fit_on_a_small_screen(qtbot: QtBot, qapp: QApplication, language: str) -> None:
    with show_window(qtbot, has_pages=False) as (window, _parts):
        # what a desktop of 1366 x 768 leaves below the title bar and above its own bar
        window.resize(1366, 700)
        window.show_page(Page.EDIT_PLAN)
        install_language(qapp, language)
        (pages,) = window.findChildren(NavigationRail)[0].findChildren(QScrollArea)
        qtbot.waitUntil(lambda: pages.viewport().height() > 100)
        qtbot.wait(50)
        assert pages.verticalScrollBar().maximum() == 0
        # with room for another page
        window.resize(1366, 670)
        qtbot.wait(50)
        assert pages.verticalScrollBar().maximum() == 0
        install_language(qapp, "en")
