"""The guide opens where a person is, and is read, searched and left by mouse and keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextTable
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.gui.guide.page import GuideWindow
from app.gui.session.translation import install_language
from app.gui.window.main_window import MainWindow
from app.gui.window.pages import Page
from app.gui.window.startup import HelpKey, make_application
from app.gui.window.welcome import CreateVenueDialog
from tests.support.windows.shown_window import click, show_window

pytestmark = pytest.mark.gui
WITHIN_MS = 10_000
HIGHEST_PX = 60
"""A heading that was led to is not farther below the upper edge."""


def find_guide(window: MainWindow) -> GuideWindow:
    (key,) = window.findChildren(HelpKey)
    assert isinstance(key.guide, GuideWindow)
    return key.guide


def read_top_heading(guide: GuideWindow) -> str:
    return guide.browser.textCursor().block().text()


def test_f1_opens_the_section_of_the_page_and_of_a_dialog_in_front(qtbot: QtBot) -> None:
    with show_window(qtbot, Page.LIVE, Page.DOCTOR) as (window, _parts):
        window.activateWindow()
        window.show_page(Page.DOCTOR)
        qtbot.waitUntil(lambda: QApplication.activeWindow() is window, timeout=WITHIN_MS)
        qtbot.keyClick(window, Qt.Key.Key_F1)
        guide = find_guide(window)
        assert guide.place[0] == "administrator"
        assert read_top_heading(guide) == "Doctor and health"
        guide.close()

        window.show_page(Page.LIVE)
        click(qtbot, window, "Create a venue")
        (dialog,) = window.findChildren(CreateVenueDialog)
        qtbot.waitUntil(lambda: QApplication.activeWindow() is dialog, timeout=WITHIN_MS)
        qtbot.keyClick(dialog, Qt.Key.Key_F1)
        assert read_top_heading(guide) == "Create a venue"
        assert guide.isVisible()
        dialog.reject()


def test_the_guide_is_searched_read_back_and_follows_the_language(qtbot: QtBot) -> None:
    application = make_application()
    install_language(application, "en")
    guide = GuideWindow()
    qtbot.addWidget(guide)
    guide.open_topic("manager.md#flows")
    guide.show()
    assert read_top_heading(guide) == "Flows"
    guide.resize(1300, 700)
    # also once the width is known
    qtbot.waitUntil(lambda: 0 <= guide.browser.cursorRect().top() < HIGHEST_PX, timeout=WITHIN_MS)
    assert not guide.back.isEnabled()
    guide.browser.link_chosen.emit("numbers.md#queues")
    assert read_top_heading(guide) == "Queues"
    qtbot.mouseClick(guide.back, Qt.MouseButton.LeftButton)
    assert read_top_heading(guide) == "Flows"
    qtbot.mouseClick(guide.forward, Qt.MouseButton.LeftButton)
    assert guide.place[0] == "numbers"

    qtbot.keyClicks(guide.search, "argon2id")
    shown = [
        page.text(0)
        for page in (guide.contents.topLevelItem(row) for row in range(guide.contents.topLevelItemCount()))
        if page is not None and not page.isHidden()
    ]
    assert shown == ["Files"]
    qtbot.keyClick(guide.search, Qt.Key.Key_Return)
    assert guide.place[0] == "formats"
    assert guide.browser.textCursor().selectedText() == "argon2id"
    guide.search.setText("no such words")
    assert guide.found.text() == "No matches in the guide."
    guide.search.clear()

    guide.open_topic("manager.md#dwell")
    install_language(application, "zh_CN")
    try:
        qtbot.waitUntil(lambda: read_top_heading(guide) == "停留分析", timeout=WITHIN_MS)
        assert guide.windowTitle() == "使用指南"
        assert guide.search.accessibleName() == "搜索指南"
    finally:
        install_language(application, "en")


def test_tables_of_the_guide_are_tables_and_no_mark_is_left(qtbot: QtBot) -> None:
    guide = GuideWindow()
    qtbot.addWidget(guide)
    guide.open_topic("numbers.md")
    document = guide.browser.document()
    tables = [frame for frame in document.rootFrame().childFrames() if isinstance(frame, QTextTable)]
    assert len(tables) >= 5
    assert "{#" not in document.toPlainText()
    assert "**" not in document.toPlainText()


def test_pictures_are_shown_no_wider_than_the_window(qtbot: QtBot) -> None:
    guide = GuideWindow()
    qtbot.addWidget(guide)
    guide.resize(800, 640)
    guide.open_topic("manager.md#dwell")
    guide.show()
    bar = guide.browser.horizontalScrollBar()
    # the picture is 960 pixels wide
    qtbot.waitUntil(lambda: bar.maximum() == 0, timeout=WITHIN_MS)
    assert guide.browser.viewport().width() < 960
    assert guide.browser.document().size().height() > 2000
