"""Tabs of the dwell page: hours, engagement and visit lists."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.dwell.dwell_figures import DwellAnalysis
from app.gui.dwell.dwell_hours import ClockCell, ClockTable
from app.gui.dwell.model import DwellDashboardViewModel, Measure
from app.gui.dwell.page import DURATIONS, ENGAGEMENT, HOURS, VISITS, DwellDashboardView
from app.gui.session.app_state import AppState
from tests.support.halls.known_history import SECOND
from tests.unit.app.gui.dwell.conftest import find_pixel


def count_listed(page: DwellDashboardView) -> int:
    return page.visit_panel.model.rowCount()


def test_an_hour_bar_lists_its_visits(second: DwellDashboardView, qtbot: QtBot) -> None:
    second.tabs.choose_tab(HOURS)
    chart = second.hours.hours
    (bar,) = chart.bars
    assert bar.label == "17"
    assert "observed for 27 min" in bar.words
    qtbot.mouseClick(chart.viewport(), Qt.MouseButton.LeftButton, pos=find_pixel(chart, 0.5, 0.5))
    assert second.tabs.chosen == VISITS
    assert second.visit_panel.title.endswith("visits: 17:00–18:00")
    assert count_listed(second) > 20
    qtbot.keyClick(second.visit_panel.list.table, Qt.Key.Key_Escape)
    assert second.tabs.chosen == HOURS
    second.tabs.choose_tab(VISITS)
    assert second.visit_panel.title.endswith("visits: all zones")
    assert second.visit_panel.back.isHidden()


def test_the_measure_can_be_chosen(second: DwellDashboardView, viewmodel: DwellDashboardViewModel) -> None:
    second.tabs.choose_tab(HOURS)
    shown = set()
    for number, measure in enumerate(Measure):
        second.hours.measures.choose_tab(number)
        assert viewmodel.state.measure is measure
        (bar,) = second.hours.hours.bars
        shown.add(bar.value)
        assert second.hours.hours.getAxis("left").labelText
    assert len(shown) == 3
    # one weekday alone says nothing of weekdays
    assert not second.hours.table.isVisible()


def test_a_tier_lists_its_visits(
    second: DwellDashboardView, qtbot: QtBot, viewmodel: DwellDashboardViewModel
) -> None:
    second.tabs.choose_tab(ENGAGEMENT)
    funnel = second.engagement.funnel
    names = [bar.name for bar in funnel.bars]
    number = names.index("engaged")
    assert "at least 5.0 s" in funnel.bars[number].words
    qtbot.keyClick(funnel, Qt.Key.Key_Down)
    qtbot.keyClick(funnel, Qt.Key.Key_Return)
    assert names[0] == "pass-by"
    assert second.tabs.chosen == ENGAGEMENT
    qtbot.mouseClick(funnel, Qt.MouseButton.LeftButton, pos=funnel.bar_centre(number).toPoint())
    assert second.tabs.chosen == VISITS
    shown = viewmodel.state.shown
    assert shown is not None
    tier = shown.engagement.tiers[number]
    assert count_listed(second) == tier.reached + tier.undecided
    qtbot.mouseClick(second.visit_panel.all, Qt.MouseButton.LeftButton)
    assert count_listed(second) == round(shown.complete.sum() + shown.cut.sum())
    assert second.visit_panel.back.isHidden()


def test_choosing_a_zone_replaces_the_list(second: DwellDashboardView, state: AppState) -> None:
    second.durations.histogram.choose_bar(0)
    assert not second.visit_panel.back.isHidden()
    state.select_zone("front row")
    assert second.tabs.chosen == VISITS
    assert second.visit_panel.title.endswith("visits: front row")
    for tab in (DURATIONS, HOURS, ENGAGEMENT):
        second.tabs.choose_tab(tab)
        assert second.zone_choice.currentText() == "front row"


def test_reliability_figures_are_shown(second: DwellDashboardView, state: AppState) -> None:
    panel = second.durations.certainty
    state.select_zone("stand")
    words = panel.accessibleName()
    for name in ("Possibly parts of others", "Possibly missing", "Hidden", "Incomplete visits"):
        assert name in words


def test_a_list_stays_while_time_passes(
    second: DwellDashboardView,
    state: AppState,
    viewmodel: DwellDashboardViewModel,
    analyses: dict[object, DwellAnalysis],
) -> None:
    known = analyses[SECOND]
    for end_s in (SECOND[1], SECOND[1] + 60.0):
        zones = {name: replace(zone) for name, zone in known.zones.items()}
        analyses[SECOND[0], end_s] = replace(known, zones=zones)
    state.set_period((SECOND[0], SECOND[1] + 600.0))
    second.tabs.choose_tab(VISITS)
    before = second.visit_panel.model.record(0)
    request: list[object] = []
    viewmodel.visit_list.state_changed.connect(lambda: request.append(None))
    viewmodel._clock.now_s += 60.0  # type: ignore[attr-defined]
    viewmodel.compute()
    assert viewmodel.state.period == (SECOND[0], SECOND[1] + 60.0)
    assert not request
    assert second.visit_panel.model.record(0) is before
    state.select_zone("stand")
    assert request


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_cells_of_weekdays_are_reached_by_keyboard(qtbot: QtBot, qapp: QApplication, key: Qt.Key) -> None:
    table = ClockTable()
    qtbot.addWidget(table)
    cells = {
        (day, hour): ClockCell(0.5, "1", f"day {day}, {hour}", (day, hour) != (1, 9))
        for day in (0, 1)
        for hour in (9, 10)
    }
    table.show_cells(cells, weekdays=[(0, "Mon"), (1, "Tue")], hours=[(9, "09"), (10, "10")])
    chosen: list[tuple[int, int]] = []
    table.cell_chosen.connect(lambda day, hour: chosen.append((day, hour)))
    table.resize(400, table.sizeHint().height())
    table.show()
    for move in (Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(table, move)
    assert table.accessibleDescription() == "day 1, 9"
    qtbot.keyClick(table, key)
    assert chosen == []
    qtbot.keyClick(table, Qt.Key.Key_Right)
    qtbot.keyClick(table, key)
    assert chosen == [(1, 10)]
    qtbot.mouseClick(table, Qt.MouseButton.LeftButton, pos=table.cell_centre(0, 9).toPoint())
    assert chosen == [(1, 10), (0, 9)]
