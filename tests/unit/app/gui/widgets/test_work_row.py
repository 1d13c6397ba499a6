"""The row of a running job."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.gui.session.translation import install_language
from app.gui.widgets.work_row import JobRow


def test_the_stop_button_follows_the_language(qtbot: QtBot, qapp: QApplication) -> None:
    row = JobRow()
    qtbot.addWidget(row)
    (stop,) = row.findChildren(QPushButton)
    assert stop.text() == "Stop"
    install_language(qapp, "zh_CN")
    qtbot.waitUntil(lambda: (stop.text(), stop.accessibleName()) == ("停止", "停止"))
