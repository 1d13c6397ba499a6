"""No text of a page or dialog is cut off on a small screen, in either language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from analytics.domain.clock import SystemClock
from app.core.file_format import write_venue
from app.gui.session.translation import install_language
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import Page
from tests.end_to_end.window.test_window_keyboard import DIALOGS
from tests.support.halls.walked_hall import make_hall, walk_through
from tests.support.windows.shown_window import ANSWERS_WITHIN_MS, show_window

LANGUAGES = ("en", "zh_CN")
SMALL_WH = (1366, 700)
"""What a desktop of 1366 x 768 leaves to a window without its title bar."""
TOLERANCE_PX = 2


@pytest.fixture
def opened(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, page: Page
) -> Iterator[tuple[MainWindow, WindowParts]]:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    walk_through(venue, start_s=SystemClock().now_utc_s() - 900, duration_s=120, people=10)
    with show_window(qtbot, page) as (window, parts):
        with qtbot.waitSignal(parts.app_state.venue_opened, timeout=ANSWERS_WITHIN_MS):
            parts.shell.open_venue(venue.folder)
        yield window, parts
        install_language(qapp, "en")


@pytest.mark.parametrize("page", [Page.DWELL, *(pytest.param(p, marks=pytest.mark.slow) for p in Page)])
def test_no_text_of_a_page_is_clipped(
    qtbot: QtBot, qapp: QApplication, opened: tuple[MainWindow, WindowParts], page: Page
) -> None:
    window, parts = opened
    window.resize(*SMALL_WH)
    window.show_page(page)
    qtbot.waitUntil(lambda: not parts.job_runner.handles, timeout=ANSWERS_WITHIN_MS)
    for language in LANGUAGES:
        install_language(qapp, language)
        qtbot.wait(300)
        assert list_clipped(window) == [], language


@pytest.mark.parametrize("name", DIALOGS)
def test_no_text_of_a_dialog_is_clipped(qtbot: QtBot, qapp: QApplication, tmp_path: Path, name: str) -> None:
    for language in LANGUAGES:
        install_language(qapp, language)
        folder = tmp_path / language
        folder.mkdir()
        dialog = DIALOGS[name](folder)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.wait(50)
        clipped = list_clipped(dialog)
        dialog.close()
        install_language(qapp, "en")
        assert clipped == [], language
        assert dialog.width() <= SMALL_WH[0]
        assert dialog.height() <= SMALL_WH[1]


def test_a_clipped_text_is_noticed(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    label, button = (
        QLabel("a rather long text that has no room", window),
        QPushButton("Compute again", window),
    )
    wrapped = QLabel("a rather long text that needs several lines in so narrow a place", window)
    wrapped.setWordWrap(True)
    for number, widget in enumerate((label, button, wrapped)):
        widget.setGeometry(0, 60 * number, 60, 24)
    window.show()
    assert len(list_clipped(window)) == 3
    for widget in (label, button):
        widget.resize(widget.sizeHint())
    wrapped.resize(60, wrapped.heightForWidth(60))
    assert list_clipped(window) == []


def list_clipped(window: QWidget) -> list[str]:
    """Labels and buttons whose text needs more room than they have, and choices cut in the middle."""
    return [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}: {text!r}"
        for widget in window.findChildren(QWidget)
        if widget.isVisible() and (text := find_clipped_text(widget))
    ]


def find_clipped_text(widget: QWidget) -> str:
    if isinstance(widget, QLabel) and widget.text() and widget.pixmap().isNull():
        if widget.wordWrap():
            is_clipped = widget.heightForWidth(widget.width()) > widget.height() + TOLERANCE_PX
        else:
            # a label that may be cut says all of it in its tool tip
            may_be_cut = widget.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Ignored
            is_clipped = not (may_be_cut and widget.toolTip()) and (
                widget.sizeHint().width() > widget.width() + TOLERANCE_PX
            )
        return widget.text() if is_clipped else ""
    if isinstance(widget, QComboBox):
        room_px = widget.width() - 40
        needed_px = widget.fontMetrics().horizontalAdvance(widget.currentText())
        return widget.currentText() if needed_px > room_px + TOLERANCE_PX and not widget.toolTip() else ""
    if isinstance(widget, QPushButton | QToolButton | QCheckBox | QRadioButton) and widget.text():
        return widget.text() if needs_more_width(widget) else ""
    return ""


def needs_more_width(button: QAbstractButton) -> bool:
    if isinstance(button, QToolButton) and button.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonIconOnly:
        return False
    return button.sizeHint().width() > button.width() + TOLERANCE_PX
