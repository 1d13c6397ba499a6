"""A field for a number that may be unset, operated with the mouse and the keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QLocale, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.gui.widgets.number_field import NumberField


@pytest.fixture
def field(qtbot: QtBot) -> NumberField:
    made = NumberField(minimum=-1.0, maximum=1e6, decimals=2, unit="m")
    made.setSpecialValueText("not said")
    made.setValue(-1.0)
    qtbot.addWidget(made)
    made.show()
    qtbot.mouseClick(made.lineEdit(), Qt.MouseButton.LeftButton, pos=QPoint(20, 8))
    return made


def test_number_typed_after_a_click_takes_the_place_of_the_words(field: NumberField, qtbot: QtBot) -> None:
    qtbot.keyClicks(field, "12000.5")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == 12000.5


def test_number_is_pasted_over_the_words(field: NumberField, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().setText("42")
    qtbot.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == 42.0


def test_moving_about_in_the_words_changes_nothing(field: NumberField, qtbot: QtBot) -> None:
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_Return):
        qtbot.keyClick(field, key)
    assert (field.value(), field.text()) == (-1.0, "not said")


def test_emptying_the_field_says_nothing_again(field: NumberField, qtbot: QtBot) -> None:
    field.setValue(500.0)
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert (field.value(), field.text()) == (-1.0, "not said")


def test_emptied_field_without_words_keeps_its_number(field: NumberField, qtbot: QtBot) -> None:
    field.setSpecialValueText("")
    field.setValue(500.0)
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == 500.0


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("4,50", 7.0),
        ("9000,50", 7.0),
        ("1,2345", 7.0),
        ("4,500", 4500.0),
        ("12,500.25", 12500.25),
        ("4.5", 4.5),
    ],
)
def test_a_comma_sets_thousands_apart_or_is_not_read_over(
    field: NumberField, qtbot: QtBot, typed: str, taken: float
) -> None:
    field.setLocale(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    field.setValue(7.0)
    field.selectAll()
    qtbot.keyClicks(field, typed)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == taken


@pytest.mark.parametrize("typed", ["99999999", "-5abc", "abc", "1.234"])
def test_what_is_no_number_of_the_range_stays_marked_until_it_is_mended(
    field: NumberField, qtbot: QtBot, typed: str
) -> None:
    field.setValue(7.0)
    field.selectAll()
    qtbot.keyClicks(field, typed)
    assert field.complaint == "Enter a number from -1.00 to 1000000.00, with at most 2 decimals."
    qtbot.keyClick(field, Qt.Key.Key_Return)
    # as a page does that shows its state again
    field.setValue(7.0)
    assert (field.value(), field.text(), field.property("tone")) == (7.0, f"{typed} m", "bad")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert (field.text(), field.property("tone"), field.complaint) == ("7.00 m", "", "")


def test_leaving_the_field_does_not_put_another_number_in_place(field: NumberField, qtbot: QtBot) -> None:
    field.setValue(7.0)
    field.selectAll()
    qtbot.keyClicks(field, "99999999")
    field.clearFocus()
    assert (field.value(), field.text()) == (7.0, "99999999 m")
    assert field.accessibleDescription() == field.complaint
