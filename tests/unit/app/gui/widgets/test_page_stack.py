"""Only the page in front takes a language at once."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.gui.session.translation import install_language
from app.gui.window.main_window import PageStack


class _Page(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.told = 0

    def changeEvent(self, event: QEvent) -> None:
        self.told += event.type() is QEvent.Type.LanguageChange
        super().changeEvent(event)


def test_pages_behind_take_a_language_when_they_are_shown(qtbot: QtBot, qapp: QApplication) -> None:
    stack, first, second, part = PageStack(), _Page(), _Page(), _Page()
    QVBoxLayout(second).addWidget(part)
    for page in (first, second):
        stack.addWidget(page)
    qtbot.addWidget(stack)
    with qtbot.waitExposed(stack):
        stack.show()
    try:
        install_language(qapp, "zh_CN")
        qtbot.waitUntil(lambda: first.told > 0)
        assert (second.told, part.told) == (0, 0)
        stack.setCurrentWidget(second)
        assert (second.told, part.told) == (1, 1)
        stack.setCurrentWidget(first)
        stack.setCurrentWidget(second)
        assert second.told == 1
    finally:
        install_language(qapp, "en")
