from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QTableView,
    QWidget,
)

from app.gui.charts.funnel_chart import FunnelChart
from app.gui.charts.occupancy_chart import OccupancyChart
from app.gui.dwell.dwell_durations import DwellChart
from app.gui.dwell.dwell_hours import ClockChart
from app.gui.dwell.page import DURATIONS, ENGAGEMENT, HOURS, VISITS, DwellDashboardView
from app.gui.session.app_state import AppState
from app.gui.session.translation import install_language


def test_texts_switch_to_chinese(second: DwellDashboardView, qapp: QApplication) -> None:
    second.durations.histogram.choose_bar(1)
    install_language(qapp, "zh_CN")
    qapp.sendPostedEvents(None, QEvent.Type.LanguageChange)
    assert second.zone_choice.itemText(0) == "全部展区"
    assert second.durations.zone_list.table.model().headerData(1, Qt.Orientation.Horizontal) == "到访次数"
    assert "到访" in second.visit_panel.title
    assert second.durations.tiles[2].accessibleName().startswith("平均停留")
    assert "延长" in second.durations.tiles[2].change or "缩短" in second.durations.tiles[2].change
    second.tabs.choose_tab(DURATIONS)
    assert second.durations.histogram.getAxis("left").labelText == "到访次数"


@pytest.mark.parametrize("tab", [DURATIONS, HOURS, ENGAGEMENT, VISITS])
def test_every_control_has_a_name(second: DwellDashboardView, state: AppState, tab: int) -> None:
    state.select_zone("stand")
    second.tabs.choose_tab(tab)
    kinds = (
        *(QAbstractButton, QComboBox, QLineEdit, QTableView),
        *(DwellChart, ClockChart, OccupancyChart, FunnelChart),
    )
    controls = [
        widget
        for widget in second.findChildren(QWidget)
        if isinstance(widget, kinds)
        and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and widget.isVisibleTo(second)
        and not isinstance(widget.parent(), QAbstractSpinBox)
    ]
    assert len(controls) >= 9
    assert [type(control).__name__ for control in controls if not control.accessibleName()] == []
