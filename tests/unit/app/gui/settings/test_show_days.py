"""The show days as a person sets them: when a venue is created, and later in the settings."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, QTime
from PySide6.QtWidgets import QDateEdit, QTableWidget, QTimeEdit, QWidget
from pytestqt.qtbot import QtBot

from analytics.domain.exhibition import OpeningHours
from app.core.file_format import read_venue
from app.gui.session.app_state import AppState
from app.gui.settings.show_days import ShowDaysCard
from app.gui.window.welcome import CreateVenueDialog
from app.plan.edit_venue import create_hall
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.shown_window import find_button

MONDAY = date(2026, 11, 23)


def enter(place: QWidget, *, days: tuple[date, date], hours: tuple[int, int]) -> None:
    for edit, day in zip(place.findChildren(QDateEdit), days, strict=True):
        edit.setDate(QDate(day.year, day.month, day.day))
    for clock, hour in zip(place.findChildren(QTimeEdit), hours, strict=True):
        clock.setTime(QTime(hour, 0))


def test_a_new_venue_is_asked_for_its_show_days(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = CreateVenueDialog(tmp_path)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.new_venue.opening_hours == ()
    find_button(dialog, "The show days are known").click()
    enter(dialog, days=(MONDAY, MONDAY.replace(day=24)), hours=(10, 18))
    assert dialog.new_venue.opening_hours == tuple(
        OpeningHours(MONDAY.replace(day=day), time(10), time(18)) for day in (23, 24)
    )


@pytest.fixture
def card(qtbot: QtBot, tmp_path: Path) -> ShowDaysCard:
    app_state = AppState()
    card = ShowDaysCard(app_state, InlineJobRunner())
    qtbot.addWidget(card)
    card.show()
    app_state.show_venue(
        create_hall(tmp_path / "h.expoflow", name="H", time_zone="Asia/Shanghai", size_m=(40, 25))
    )
    return card


def read_hours(tmp_path: Path) -> list[str]:
    hours = read_venue(tmp_path / "h.expoflow").exhibition.opening_hours
    return [f"{one.day.day} {one.opens.hour}-{one.closes.hour}" for one in hours]


def test_days_are_set_changed_and_removed_in_the_settings(card: ShowDaysCard, tmp_path: Path) -> None:
    enter(card, days=(MONDAY, MONDAY.replace(day=25)), hours=(9, 17))
    find_button(card, "Set the hours of these days").click()
    assert read_hours(tmp_path) == ["23 9-17", "24 9-17", "25 9-17"]
    table = card.findChild(QTableWidget)
    table.item(1, 1).setText("10-12, 14-19")
    assert read_hours(tmp_path) == ["23 9-17", "24 10-12", "24 14-19", "25 9-17"]
    table.selectRow(0)
    find_button(card, "Remove the selected days").click()
    assert read_hours(tmp_path) == ["24 10-12", "24 14-19", "25 9-17"]


def test_a_museum_that_closes_on_mondays(card: ShowDaysCard, tmp_path: Path) -> None:
    enter(card, days=(MONDAY, MONDAY.replace(day=30)), hours=(10, 18))
    find_button(card, "Monday").click()
    find_button(card, "Set the hours of these days").click()
    assert read_hours(tmp_path) == [f"{day} 10-18" for day in range(24, 30)]


def test_hours_that_cannot_be_read_are_refused_and_the_old_ones_come_back(
    card: ShowDaysCard, tmp_path: Path
) -> None:
    find_button(card, "Set the hours of these days").click()
    before = read_hours(tmp_path)
    table = card.findChild(QTableWidget)
    table.item(0, 1).setText("nine to five")
    assert "nine to five" in card.notice.problem
    assert table.item(0, 1).text() == "09:00–18:00"
    assert read_hours(tmp_path) == before
