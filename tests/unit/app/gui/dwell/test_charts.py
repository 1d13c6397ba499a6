from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QApplication,
)
from pytestqt.qtbot import QtBot

from app.gui.dwell.page import DURATIONS, HOURS, DwellDashboardView
from app.gui.session.theme import DARK, LIGHT, install_theme
from tests.unit.app.gui.dwell.conftest import find_pixel


def test_a_click_on_a_bar_lists_its_visits(second: DwellDashboardView, qtbot: QtBot) -> None:
    number = max(
        range(len(second.durations.histogram.bars)), key=lambda n: second.durations.histogram.bars[n].complete
    )
    bar = second.durations.histogram.bars[number]
    qtbot.mouseClick(
        second.durations.histogram.viewport(),
        Qt.MouseButton.LeftButton,
        pos=find_pixel(second.durations.histogram, number + 0.5, 0.5),
    )
    panel = second.visit_panel
    assert panel.isVisible()
    assert panel.model.rowCount() == bar.complete + bar.censored
    for row in range(panel.model.rowCount()):
        assert bar.from_s <= panel.model.record(row)["seconds"] < bar.to_s
    assert panel.title.startswith(f"{panel.model.rowCount()} visits")
    assert second.durations.histogram.marked == number
    qtbot.mouseClick(panel.back, Qt.MouseButton.LeftButton)
    assert second.durations.isVisible()
    assert second.durations.histogram.marked is None


def test_bars_are_chosen_by_keyboard(second: DwellDashboardView, qtbot: QtBot) -> None:
    for _ in range(3):
        qtbot.keyClick(second.durations.histogram, Qt.Key.Key_Right)
    qtbot.keyClick(second.durations.histogram, Qt.Key.Key_Left)
    assert second.durations.histogram.marked == 1
    assert not second.visit_panel.isVisible()
    qtbot.keyClick(second.durations.histogram, Qt.Key.Key_Return)
    bar = second.durations.histogram.bars[1]
    assert second.visit_panel.model.rowCount() == bar.complete + bar.censored
    qtbot.keyClick(second.visit_panel.list.table, Qt.Key.Key_Escape)
    assert not second.visit_panel.isVisible()
    assert second.durations.histogram.marked is None


def test_the_last_bar_holds_all_longer_visits(second: DwellDashboardView) -> None:
    number = len(second.durations.histogram.bars) - 1
    second.durations.histogram.choose_bar(number)
    assert math.isinf(second.durations.histogram.bars[number].to_s)
    assert second.visit_panel.model.rowCount() > 0
    assert "≥" in second.visit_panel.title


def test_the_line_has_gaps_in_unobserved_time(second: DwellDashboardView) -> None:
    second.tabs.choose_tab(HOURS)
    assert second.hours.occupancy.curves
    for curve, series in zip(second.hours.occupancy.curves, second.hours.occupancy.series, strict=True):
        _, people = curve.getOriginalDataset()
        assert np.isnan(people).any()
        assert curve.opts["connect"] == "finite"
        assert np.nanmax(people) == np.nanmax(series.people)


def test_a_hidden_chart_is_drawn_once_it_is_shown(second: DwellDashboardView) -> None:
    chart = second.hours.occupancy
    second.tabs.choose_tab(HOURS)
    drawn = chart.curves
    second.tabs.choose_tab(DURATIONS)
    chart.redraw()
    assert chart.curves == drawn
    second.tabs.choose_tab(HOURS)
    assert len(chart.curves) == len(drawn)
    assert not set(chart.curves) & set(drawn)


@pytest.mark.parametrize("chart", ["histogram", "boxes", "occupancy"])
def test_charts_take_the_themes_colours(second: DwellDashboardView, qapp: QApplication, chart: str) -> None:
    if chart == "occupancy":
        second.tabs.choose_tab(HOURS)
    widget = getattr(second.hours if chart == "occupancy" else second.durations, chart)
    assert QColor(widget.backgroundBrush().color()).name() == LIGHT.surface
    install_theme(qapp, DARK)
    qapp.processEvents()
    assert QColor(widget.backgroundBrush().color()).name() == DARK.surface
    assert widget.getAxis("bottom").textPen().color().name() == DARK.text_muted
    assert widget.getAxis("bottom").style["tickFont"].family() == qapp.font().family()


def test_values_are_available_to_keyboard_and_screen_readers(
    second: DwellDashboardView, qtbot: QtBot
) -> None:
    second.tabs.choose_tab(HOURS)
    chart = second.hours.occupancy
    assert "stand: at most" in chart.accessibleDescription()
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert chart.reading == chart.describe_step(0, 0)
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    qtbot.keyClick(chart, Qt.Key.Key_Down)
    assert chart.reading == chart.describe_step(1, 1)
    assert chart.accessibleDescription() == chart.reading
    qtbot.keyClick(chart, Qt.Key.Key_End)
    assert chart.reading == chart.describe_step(len(chart.series[1].people) - 1, 1)
    qtbot.keyClick(chart, Qt.Key.Key_Escape)
    assert chart.reading == ""
