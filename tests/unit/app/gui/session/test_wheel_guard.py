"""A field under the wheel: the page scrolls, unless the field has the focus; a list that is open scrolls."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTime
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDateEdit,
    QDial,
    QDoubleSpinBox,
    QLabel,
    QScrollArea,
    QSlider,
    QSpinBox,
    QTabBar,
    QTimeEdit,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.gui.widgets.number_field import NumberField

DOWN, UP = QPoint(0, -120), QPoint(0, 120)


def make_combo(*, is_editable: bool = False) -> QComboBox:
    box = QComboBox()
    box.addItems([str(number) for number in range(60)])
    box.setCurrentIndex(30)
    box.setEditable(is_editable)
    return box


def make_tabs() -> QTabBar:
    tabs = QTabBar()
    for name in "abcdef":
        tabs.addTab(name)
    tabs.setCurrentIndex(3)
    return tabs


def make_in_the_middle(field: QSpinBox | QDoubleSpinBox | QSlider | QDial) -> QWidget:
    field.setRange(0, 100)
    field.setValue(50)
    return field


FIELDS: dict[str, Callable[[], QWidget]] = {
    "list": make_combo,
    "list to type in": lambda: make_combo(is_editable=True),
    "whole number": lambda: make_in_the_middle(QSpinBox()),
    "number": lambda: make_in_the_middle(NumberField(minimum=0, maximum=100, decimals=1, unit="m")),
    "slider": lambda: make_in_the_middle(QSlider(Qt.Orientation.Horizontal)),
    "dial": lambda: make_in_the_middle(QDial()),
    "day": QDateEdit,
    "time": QTimeEdit,
    "tabs": make_tabs,
}


class Page:
    """A field in the middle of a page that can be scrolled both ways."""

    def __init__(self, qtbot: QtBot, field: QWidget) -> None:
        self.field = field
        self.area = QScrollArea()
        qtbot.addWidget(self.area)
        content = QWidget()
        column = QVBoxLayout(content)
        for part in (QLabel("above"), field, QLabel("below")):
            column.addWidget(part)
            part.setMinimumHeight(40 if part is field else 800)
        self.area.setWidget(content)
        self.area.resize(400, 300)
        self.area.show()
        with qtbot.waitActive(self.area):
            self.area.activateWindow()
        self.area.ensureWidgetVisible(field)
        self.area.setFocus()

    @property
    def scrolled(self) -> int:
        return self.area.verticalScrollBar().value()

    def read(self) -> object:
        for name in ("currentIndex", "value", "dateTime"):
            if hasattr(self.field, name):
                return getattr(self.field, name)()
        raise AssertionError(self.field)

    def turn(self, by: QPoint) -> None:
        self.area.ensureWidgetVisible(self.field)
        turn_over(self.area, self.field, by)


def turn_over(window: QWidget, widget: QWidget, by: QPoint) -> None:
    place = widget.mapTo(window, widget.rect().center())
    QTest.wheelEvent(window.windowHandle(), QPointF(place), by)


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_without_the_focus_lets_its_page_scroll(qtbot: QtBot, qapp: QApplication, name: str) -> None:
    page = Page(qtbot, FIELDS[name]())
    value = page.read()
    for by in (DOWN, UP):
        page.area.ensureWidgetVisible(page.field)
        before = page.scrolled
        page.turn(by)
        assert (page.scrolled > before) is (by is DOWN)
        assert page.read() == value
        assert QApplication.focusWidget() is page.area


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in ("day", "time")])
def test_a_field_with_the_focus_is_changed(qtbot: QtBot, qapp: QApplication, name: str) -> None:
    page = Page(qtbot, FIELDS[name]())
    value = page.read()
    page.field.setFocus()
    page.turn(DOWN)
    assert page.read() != value


@pytest.mark.qt_log_ignore("does not support", extend=True)
def test_an_open_list_scrolls(qtbot: QtBot, qapp: QApplication) -> None:
    page = Page(qtbot, make_combo())
    box = page.field
    assert isinstance(box, QComboBox)
    box.setMaxVisibleItems(5)
    box.showPopup()
    view = box.view()
    qtbot.waitUntil(view.isVisible)
    before = view.verticalScrollBar().value()
    turn_over(view.window(), view.viewport(), DOWN)
    assert view.verticalScrollBar().value() > before
    assert box.currentIndex() == 30
    box.hidePopup()


@pytest.mark.parametrize("is_all_selected", [False, True])
def test_a_clicked_time_is_replaced_by_what_is_typed(
    qtbot: QtBot, qapp: QApplication, *, is_all_selected: bool
) -> None:
    field = QTimeEdit(QTime(9, 0))
    field.setDisplayFormat("HH:mm")
    qtbot.addWidget(field)
    field.show()
    with qtbot.waitActive(field):
        field.activateWindow()
    line = field.lineEdit()
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(3, line.height() // 2))
    if is_all_selected:
        QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, "10:30")
    assert field.time() == QTime(10, 30)
