from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, QDateTime, Qt, QTime, QTimeZone
from PySide6.QtWidgets import QCalendarWidget, QComboBox, QDateTimeEdit
from pytestqt.qtbot import QtBot

from analytics.domain.exhibition import Exhibition
from app.core.periods import PeriodChoice, find_day, find_period
from app.gui.widgets.time_range_picker import TimeRangePicker
from app.plan.opening_hours import make_hours
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall
from tests.support.windows.shown_window import find_button

HISTORY = (NOW_UTC_S - 3600, NOW_UTC_S - 60)


@pytest.fixture
def exhibition(tmp_path: Path) -> Exhibition:
    return make_hall(tmp_path).exhibition


@pytest.fixture
def picker(qtbot: QtBot, exhibition: Exhibition) -> TimeRangePicker:
    picker = TimeRangePicker(clock=SetClock())
    qtbot.addWidget(picker)
    picker.show_period(None, exhibition=exhibition, history_s=HISTORY)
    picker.show()
    return picker


def choose(picker: TimeRangePicker, choice: PeriodChoice) -> None:
    box = picker.findChild(QComboBox)
    box.setCurrentIndex(box.findData(choice))
    box.activated.emit(box.currentIndex())


def edits(picker: TimeRangePicker) -> list[QDateTimeEdit]:
    return picker.findChildren(QDateTimeEdit)


def test_today_and_its_opening_hours(picker: TimeRangePicker, qtbot: QtBot, exhibition: Exhibition) -> None:
    with qtbot.waitSignal(picker.period_chosen) as chosen:
        choose(picker, PeriodChoice.TODAY)
    start, end = chosen.args[0]
    assert (end - start) / 3600 == 8
    with qtbot.waitSignal(picker.period_chosen) as chosen:
        qtbot.keyClick(picker._hours, Qt.Key.Key_Space)
    assert chosen.args == [find_period(PeriodChoice.TODAY, exhibition=exhibition, now_utc_s=NOW_UTC_S)]


def test_times_of_ones_own_are_not_cut_to_opening_hours(picker: TimeRangePicker, qtbot: QtBot) -> None:
    with qtbot.waitSignal(picker.period_chosen):
        choose(picker, PeriodChoice.CUSTOM)
    assert not picker._hours.isChecked()


def test_now_is_none_and_history_is_what_there_is(
    picker: TimeRangePicker, qtbot: QtBot, exhibition: Exhibition
) -> None:
    with qtbot.waitSignal(picker.period_chosen) as chosen:
        choose(picker, PeriodChoice.HISTORY)
    # its last moment lies in the present day, so that it is asked for as far as that day's show goes
    today = find_period(
        PeriodChoice.TODAY, exhibition=exhibition, now_utc_s=NOW_UTC_S, opening_hours_only=True
    )
    assert today is not None
    assert chosen.args == [(HISTORY[0], today[1])]
    with qtbot.waitSignal(picker.period_chosen) as chosen:
        choose(picker, PeriodChoice.NOW)
    assert chosen.args == [None]


def test_custom_times_are_the_venues(picker: TimeRangePicker, qtbot: QtBot) -> None:
    assert not any(edit.isVisible() for edit in edits(picker))
    choose(picker, PeriodChoice.CUSTOM)
    assert all(edit.isVisible() for edit in edits(picker))
    assert edits(picker)[0].text() == "2026-03-14 11:00"
    with qtbot.waitSignal(picker.period_chosen) as chosen:
        edits(picker)[0].setDateTime(QDateTime(QDate(2026, 3, 14), QTime(9, 30), QTimeZone.utc()))
    assert chosen.args[0][0] == datetime(2026, 3, 14, 1, 30, tzinfo=UTC).timestamp()


def test_a_period_that_ends_before_it_begins_is_not_asked_for(picker: TimeRangePicker, qtbot: QtBot) -> None:
    choose(picker, PeriodChoice.CUSTOM)
    with qtbot.assertNotEmitted(picker.period_chosen):
        edits(picker)[1].setDateTime(QDateTime(QDate(2026, 3, 13), QTime(9, 30), QTimeZone.utc()))
    assert "after the start" in edits(picker)[1].toolTip()


def test_a_period_set_elsewhere_is_shown_and_not_asked_for_again(
    picker: TimeRangePicker, qtbot: QtBot, exhibition: Exhibition
) -> None:
    yesterday = find_period(
        PeriodChoice.YESTERDAY, exhibition=exhibition, now_utc_s=NOW_UTC_S, opening_hours_only=True
    )
    with qtbot.assertNotEmitted(picker.period_chosen):
        picker.show_period(yesterday, exhibition=exhibition, history_s=HISTORY)
    assert picker.choice is PeriodChoice.YESTERDAY
    assert picker._hours.isChecked()


def test_a_history_that_grows_stays_the_whole_history(
    picker: TimeRangePicker, exhibition: Exhibition
) -> None:
    choose(picker, PeriodChoice.HISTORY)
    longer = (HISTORY[0], HISTORY[1] + 30)
    picker.show_period(HISTORY, exhibition=exhibition, history_s=longer)
    assert picker.choice is PeriodChoice.HISTORY


def test_without_a_venue_nothing_can_be_chosen(picker: TimeRangePicker) -> None:
    picker.show_period(None, exhibition=None, history_s=None)
    assert not picker.isEnabled()


def test_show_days_are_listed_and_arrows_go_from_one_to_the_next(
    picker: TimeRangePicker, qtbot: QtBot, exhibition: Exhibition
) -> None:
    today = exhibition.local_day(NOW_UTC_S)
    days = [today - timedelta(days=back) for back in (3, 1, 0)]
    fair = replace(exhibition, opening_hours=make_hours(days, [(time(9), time(17))]))
    picker.show_period(None, exhibition=fair, history_s=HISTORY)
    box = picker.findChild(QComboBox)
    first = next(row for row in range(box.count()) if box.itemText(row).startswith("Day 1"))
    box.setCurrentIndex(first)
    with qtbot.waitSignal(picker.period_chosen) as chosen:
        box.activated.emit(first)
    assert chosen.args == [find_day(fair, days[0], opening_hours_only=True)]
    picker.show_period(chosen.args[0], exhibition=fair, history_s=HISTORY)
    assert picker.choice is PeriodChoice.DAY
    with qtbot.waitSignal(picker.period_chosen) as chosen:
        find_button(picker, "Later").click()
    assert chosen.args == [find_day(fair, days[1], opening_hours_only=True)]


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_a_day_is_picked_in_the_calendar(
    picker: TimeRangePicker, qtbot: QtBot, exhibition: Exhibition
) -> None:
    week_ago = exhibition.local_day(NOW_UTC_S) - timedelta(days=7)
    picker.show_period(None, exhibition=exhibition, history_s=(NOW_UTC_S - 30 * 86_400, NOW_UTC_S))
    find_button(picker, "Choose a day").click()
    calendar = picker.findChild(QCalendarWidget)
    assert calendar.isVisible()
    calendar.setSelectedDate(QDate(week_ago.year, week_ago.month, week_ago.day))
    with qtbot.waitSignal(picker.period_chosen) as chosen:
        calendar.activated.emit(calendar.selectedDate())
    assert not calendar.isVisible()
    picker.show_period(chosen.args[0], exhibition=exhibition, history_s=None)
    assert exhibition.local_day(chosen.args[0][0]) == week_ago
    assert str(week_ago) in picker.findChild(QComboBox).currentText()
