"""The progress bar, and the row of a running job."""

from __future__ import annotations

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.gui.session.translation import install_language
from app.gui.widgets.work_row import JobRow, ProgressBar


def test_the_stop_button_follows_the_language(qtbot: QtBot, qapp: QApplication) -> None:
    row = JobRow()
    qtbot.addWidget(row)
    (stop,) = row.findChildren(QPushButton)
    assert stop.text() == "Stop"
    install_language(qapp, "zh_CN")
    qtbot.waitUntil(lambda: (stop.text(), stop.accessibleName()) == ("停止", "停止"))


def test_a_progress_bar_is_painted_with_the_window_not_at_each_value(qtbot: QtBot) -> None:
    paints: list[int] = []

    class WatchedBar(ProgressBar):
        def paintEvent(self, event: QPaintEvent) -> None:
            paints.append(self.value())
            super().paintEvent(event)

    bar = WatchedBar()
    qtbot.addWidget(bar)
    bar.resize(400, 20)
    bar.show()
    qtbot.waitExposed(bar)
    qtbot.waitUntil(lambda: bool(paints))
    paints.clear()
    for value in (20, 40, 60):
        bar.setValue(value)
    assert not paints
    qtbot.waitUntil(lambda: bool(paints))
    assert set(paints) == {60}
