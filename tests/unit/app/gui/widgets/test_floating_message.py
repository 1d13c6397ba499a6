"""A message over a part does not move it."""

from __future__ import annotations

from PySide6.QtWidgets import QGraphicsView, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.gui.widgets.failure_note import FloatingMessage
from app.gui.widgets.layouts import show_text


def test_a_message_leaves_what_is_below_it_where_it_is(qtbot: QtBot) -> None:
    page, view = QWidget(), QGraphicsView()
    QVBoxLayout(page).addWidget(view)
    message = FloatingMessage(view)
    qtbot.addWidget(page)
    page.resize(400, 300)
    page.show()
    before = view.geometry()
    show_text(message, "The outline crosses itself. " * 6)
    assert view.geometry() == before
    assert message.isVisible()
    assert view.rect().contains(message.geometry())
    assert message.height() >= message.heightForWidth(message.width())
    page.resize(700, 500)
    qtbot.waitUntil(lambda: view.width() > before.width())
    assert view.rect().contains(message.geometry())
    assert message.geometry().bottom() > 0.8 * view.height()
    show_text(message, "")
    assert not message.isVisible()
