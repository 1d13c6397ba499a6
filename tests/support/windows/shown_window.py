"""The whole window in a test: made as the program makes it, operated by what a person sees, and closed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import Page
from app.gui.window.startup import add_pages, make_application, make_window

ANSWERS_WITHIN_MS = 20_000
LOOKS_EVERY_MS = 100


@contextmanager
def show_window(
    qtbot: QtBot, *pages: Page, has_pages: bool = True
) -> Iterator[tuple[MainWindow, WindowParts]]:
    """Give a window with some pages, or with all: a second; without any it has what surrounds them."""
    window, parts = make_window(make_application())
    # a test that fails must leave nothing behind that the next one would be blamed for
    try:
        window.show()
        if has_pages:
            add_pages(window, parts, pages or tuple(Page))
        yield window, parts
    finally:
        window.end()
        qtbot.waitUntil(partial(_has_stopped, window, parts), timeout=ANSWERS_WITHIN_MS)
        window.deleteLater()
        del window, parts


def _has_stopped(window: MainWindow, parts: WindowParts) -> bool:
    return not window.isVisible() and not parts.monitor.is_active


def wait_patiently(qtbot: QtBot, holds: Callable[[], bool], *, within_ms: int = ANSWERS_WITHIN_MS) -> None:
    """As ``waitUntil``, with fewer looks: each reads a whole window, and other processes are to work."""
    ends_s = time.monotonic() + within_ms / 1000
    while not holds():
        assert time.monotonic() < ends_s, f"not within {within_ms} ms"
        qtbot.wait(LOOKS_EVERY_MS)


def find_button(window: QWidget, name: str) -> QAbstractButton:
    (button,) = [
        b for b in window.findChildren(QAbstractButton) if b.accessibleName() == name and b.isVisible()
    ]
    return button


def click(qtbot: QtBot, window: QWidget, name: str) -> None:
    # one that was just made has no size before its layout had its turn, and a click beside it does nothing
    qtbot.waitUntil(lambda: not find_button(window, name).rect().isEmpty(), timeout=ANSWERS_WITHIN_MS)
    qtbot.mouseClick(find_button(window, name), Qt.MouseButton.LeftButton)


def choose(window: QWidget, name: str, value: object) -> None:
    """Choose an entry of a list by its data, as a person does with the keyboard."""
    (box,) = [b for b in window.findChildren(QComboBox) if b.accessibleName() == name and b.isVisible()]
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def list_words(window: QWidget) -> set[str]:
    shown = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    shown += [button.text() for button in window.findChildren(QAbstractButton) if button.isVisible()]
    return {text for text in shown if text}
