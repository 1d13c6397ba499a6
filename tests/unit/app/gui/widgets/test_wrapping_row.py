from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.gui.widgets.wrapping_row import WrappingRow


@pytest.fixture
def shown(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    row = WrappingRow(widget)
    row.setSpacing(4)
    for name in ("Presence", "Show", "Fit"):
        row.addWidget(QPushButton(name))
    row.insert_before_last(QPushButton("Compare with: nothing"))
    return widget


def list_places(shown: QWidget, width_px: int) -> dict[str, tuple[int, int]]:
    shown.resize(width_px, shown.heightForWidth(width_px))
    shown.show()
    shown.layout().activate()
    buttons = shown.findChildren(QPushButton)
    for button in buttons:
        assert button.width() >= button.sizeHint().width(), button.text()
        assert shown.rect().contains(button.geometry()), button.text()
    return {button.text(): (button.x(), button.y()) for button in buttons}


def test_controls_stand_in_one_line_with_the_last_at_its_end(shown: QWidget) -> None:
    width_px = shown.sizeHint().width() + 100
    places = list_places(shown, width_px)
    assert len({y for _x, y in places.values()}) == 1
    assert sorted(places, key=lambda name: places[name][0]) == [
        "Presence",
        "Show",
        "Compare with: nothing",
        "Fit",
    ]
    fit = next(b for b in shown.findChildren(QPushButton) if b.text() == "Fit")
    assert fit.geometry().right() == width_px - 1


def test_controls_go_on_below_rather_than_to_cut_words(shown: QWidget) -> None:
    before_px = shown.heightForWidth(shown.sizeHint().width())
    narrow_px = shown.sizeHint().width() - 1
    assert shown.heightForWidth(narrow_px) == 2 * before_px + 4
    places = list_places(shown, narrow_px)
    assert places["Fit"][1] > places["Compare with: nothing"][1]


def test_what_is_hidden_takes_no_room(shown: QWidget) -> None:
    wide_px = shown.sizeHint().width()
    next(b for b in shown.findChildren(QPushButton) if b.text() == "Show").hide()
    assert shown.sizeHint().width() < wide_px
