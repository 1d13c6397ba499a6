from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.file_format import write_venue
from app.gui.session.translation import install_language, tr
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import PAGES, Page
from app.gui.window.quick_search import QuickSearchDialog
from tests.support.halls.walked_hall import make_hall
from tests.support.windows.shown_window import ANSWERS_WITHIN_MS, show_window

Opened = tuple[MainWindow, WindowParts]


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Opened]:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    with show_window(qtbot, has_pages=False) as (window, parts):
        parts.app_state.show_venue(venue)
        yield window, parts


def search(qtbot: QtBot, window: MainWindow, words: str) -> QuickSearchDialog:
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: isinstance(QApplication.activeWindow(), QuickSearchDialog))
    dialog = QApplication.activeWindow()
    assert isinstance(dialog, QuickSearchDialog)
    qtbot.keyClicks(dialog.field, words)
    return dialog


def test_pages_zones_cameras_and_settings_are_found_and_opened_by_keyboard(
    qtbot: QtBot, opened: Opened
) -> None:
    window, parts = opened
    dialog = search(qtbot, window, "robot")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert (window.page, parts.app_state.zone_selected) == (Page.DWELL, "Robotics")
    dialog = search(qtbot, window, "cov")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert window.page == Page.COVERAGE
    dialog = search(qtbot, window, "units")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert window.page == Page.SETTINGS
    assert parts.app_state.venue is not None
    dialog = search(qtbot, window, f"{parts.app_state.venue.camera_names[0]} camera")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert window.page == Page.LIVE


def test_the_list_is_walked_by_arrow_keys_and_pages_come_with_what_they_are_for(
    qtbot: QtBot, opened: Opened
) -> None:
    window, _parts = opened
    dialog = search(qtbot, window, "decide")
    shown = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    assert shown == ["Findings · Decide", "Compare · Decide"]
    qtbot.keyClick(dialog.field, Qt.Key.Key_Down)
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert window.page == Page.COMPARE


@pytest.mark.parametrize(
    ("language", "words", "page"),
    [
        ("en", "rent", Page.EXHIBITION),
        ("en", "heatmap", Page.FLOOR_PLAN),
        ("zh_CN", "租金", Page.EXHIBITION),
        ("zh_CN", "热力图", Page.FLOOR_PLAN),
    ],
)
def test_a_page_is_found_by_what_is_on_it(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, language: str, words: str, page: Page
) -> None:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    try:
        with show_window(qtbot, page) as (window, parts):
            install_language(qapp, language)
            parts.app_state.show_venue(venue)
            dialog = search(qtbot, window, "")
            # keys cannot type Chinese
            dialog.field.setText(words)
            first = dialog.list.item(0).text()
            assert first.startswith(tr(PAGES[page].title))
            assert words in first.casefold()
            qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
            assert window.page == page
            qtbot.waitUntil(lambda: not parts.job_runner.handles, timeout=ANSWERS_WITHIN_MS)
    finally:
        install_language(qapp, "en")


def test_pages_that_the_user_may_not_use_are_not_offered(qtbot: QtBot, opened: Opened) -> None:
    window, _parts = opened
    window.disable_pages({Page.COVERAGE: "not for staff"})
    assert search(qtbot, window, "coverage").list.findItems("Coverage", Qt.MatchFlag.MatchStartsWith) == []
