from __future__ import annotations

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from analytics.dwell.zone_figures import ZoneFigures
from analytics.metrics.estimate import Estimate
from app.dwell.dwell_figures import ZoneDwell
from app.gui.dwell.dwell_durations import ZoneIntervalChart, ZoneTable
from app.gui.dwell.page import VisitTable
from app.gui.session.cell_text import (
    ABSENT,
    format_date_time,
    format_duration,
    format_number,
    format_period,
    format_share,
)
from app.gui.session.experts_view import install_experts_view
from app.gui.tables.record_list import RecordList
from app.gui.tables.table_copy import list_titles
from app.gui.widgets.figure_list import InfoButton
from tests.unit.app.gui.dwell.conftest import make_row

KNOWN = ZoneFigures(
    "stand", 0.9, Estimate(12, (11, 13)), Estimate(83.4, (70, 97)), Estimate(61), 200, 1234.5, 1.5
)
UNSEEN = ZoneFigures("attic")
MORNING = {
    "visitor": "07fa", "zone": "stand", "entered_s": 1_773_478_800.0, "left_s": 1_773_478_872.5,
    "seconds": 72.5, "censored_start": 0, "censored_end": 1, "stop_s": 41.0, "tier": "engaged",
    "is_lower_limit": 1,
}  # fmt: skip
NEXT_DAY = {
    "visitor": "e3b1", "zone": "attic", "entered_s": 1_773_565_200.0, "left_s": 1_773_565_210.0,
    "seconds": 10.0, "censored_start": 0, "censored_end": 0, "stop_s": 0.0, "tier": "visit",
    "is_lower_limit": 0,
}  # fmt: skip


def texts(model: ZoneTable | VisitTable, row: int) -> list[str]:
    return [str(model.index(row, column).data()) for column in range(model.columnCount())]


@pytest.mark.parametrize("records", [[], [KNOWN], [KNOWN, UNSEEN]])
def test_the_zones_are_a_sound_model(
    qtbot: QtBot, qtmodeltester: ModelTester, records: list[ZoneFigures]
) -> None:
    model = ZoneTable()
    qtmodeltester.check(model)
    model.show(records)
    assert model.rowCount() == len(records)
    model.retranslate()


def test_zone_rows_are_formatted_and_exported(qtbot: QtBot) -> None:
    model = ZoneTable()
    model.show([KNOWN, UNSEEN])
    QLocale.setDefault(QLocale("en"))
    assert texts(model, 0) == [
        "stand", "12", "1.50", "1:23", "1:10–1:37", "1:01", "1,235", "90 %",
    ]  # fmt: skip
    assert model.export_row(0) == [
        "stand", "12", "1.5", "83.4", "70.0-97.0", "61", "1234.5", "0.9000",
    ]  # fmt: skip
    assert len(model.export_titles()) == model.columnCount()


def test_unobserved_values_are_dashes(qtbot: QtBot) -> None:
    model = ZoneTable()
    model.show([UNSEEN])
    assert texts(model, 0) == ["attic", *[ABSENT] * 6, "0 %"]
    assert model.export_row(0)[1:7] == [""] * 6


def test_visit_rows_use_venue_time(qtbot: QtBot) -> None:
    model = VisitTable()
    model.set_time_zone("Asia/Shanghai")
    model.show([MORNING])
    assert texts(model, 0) == [
        "07fa", "stand", "17:00:00", "17:01:12", "1:12", "0:41", "Engaged or further", "end not seen",
    ]  # fmt: skip
    assert model.export_row(0)[2:7] == [
        "2026-03-14T09:00:00.000Z", "2026-03-14T09:01:12.500Z", "72.500", "41.000", "engaged",
    ]  # fmt: skip
    model.show([MORNING, NEXT_DAY])
    assert texts(model, 1)[2] == "2026-03-15 17:00:00"
    assert texts(model, 1)[5:] == ["not at all", "Visited", "complete"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0:00"),
        (59.6, "1:00"),
        (83.4, "1:23"),
        (3600.0, "1:00:00"),
        (None, ABSENT),
        (float("nan"), ABSENT),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert format_duration(seconds) == text


def test_numbers_follow_the_language() -> None:
    before = QLocale()
    try:
        QLocale.setDefault(QLocale("de_DE"))
        assert format_number(1234.5, decimals=1) == "1.234,5"
        assert format_share(0.084, decimals=1) == "8,4 %"
    finally:
        QLocale.setDefault(before)


def test_a_period_gives_its_day_once() -> None:
    assert format_period(0.0, 3600.0, time_zone="UTC") == "1970-01-01 00:00–01:00"
    assert format_period(0.0, 90000.0, time_zone="UTC") == "1970-01-01 00:00 – 1970-01-02 01:00"
    assert format_date_time(0.0, time_zone="Asia/Shanghai") == "1970-01-01 08:00:00"
    assert format_period(0.0, 86400.0, time_zone="UTC") == "1970-01-01"
    assert format_period(-28800.0, 57600.0, time_zone="Asia/Shanghai") == "1970-01-01"


def make_zone(number: int, *, reaches: bool = True) -> ZoneDwell:
    mean_s = 60.0 + number
    figures = ZoneFigures(
        f"Stand {number}",
        coverage=1.0,
        people_mean=1.0,
        visits=Estimate(20, (15.0, 25.0)),
        mean_dwell_s=Estimate(mean_s, (50.0, 1e4 if number == 0 else 80.0)),
        median_dwell_s=Estimate(55.0),
        person_seconds=1200.0,
    )
    quantiles_s = (10.0, 30.0, 55.0, 90.0, 150.0) if reaches else (10.0, None, 55.0, None, None)
    return make_row(figures, number, quantiles_s)


@pytest.fixture
def chart(qtbot: QtBot) -> ZoneIntervalChart:
    shown = ZoneIntervalChart()
    qtbot.addWidget(shown)
    return shown


def test_marks_match_the_figures(chart: ZoneIntervalChart) -> None:
    chart.show_zones([make_zone(0), make_zone(1), make_zone(2, reaches=False)])
    points = {
        (item.opts["symbol"], point.pos().x(), point.pos().y())
        for item in chart.getPlotItem().items
        if hasattr(item, "points")
        for point in item.points()
    }
    beyond = {("t2", chart.reach_s * 0.99, -0.0)}
    assert points == {("d", 60.0, -0.0), ("d", 61.0, -1.0), ("d", 62.0, -2.0)} | beyond
    items = chart.getPlotItem().items
    (boxes,) = (item for item in items if isinstance(item, pg.BarGraphItem) and item.opts["brushes"])
    assert list(boxes.opts["x0"]) == [30.0, 30.0], "the third zone's middle half is not known"
    lines = [item.getData() for item in items if isinstance(item, pg.PlotCurveItem)]
    reached = {(x[k], x[k + 1], y[k]) for x, y in lines for k in range(0, len(x), 2) if y[k] == y[k + 1]}
    assert {(10.0, 150.0, -1.0), (10.0, 55.0, -2.0), (50.0, 80.0, -1.0)} <= reached


def test_statistics_are_shown_to_experts_only_and_always_exported(qtbot: QtBot, qapp: QApplication) -> None:
    shown = RecordList(ZoneTable(), table_name="zones")
    qtbot.addWidget(shown)
    shown.table.model().sourceModel().show([KNOWN])

    def titles() -> list[str]:
        header = shown.table.horizontalHeader()
        hidden = [column for column in range(header.count()) if header.isSectionHidden(column)]
        return [t for column, t in enumerate(list_titles(shown.table)) if column not in hidden]

    plain = titles()
    assert "Mean dwell" in plain
    try:
        install_experts_view(qapp, True)
        shown.retranslate()
        assert set(titles()) - set(plain) == {"Likely range", "Person-seconds"}
    finally:
        install_experts_view(qapp, False)
    shown.retranslate()
    assert titles() == plain
    assert "Person-seconds" in ZoneTable().export_titles()


def test_a_table_defines_its_columns_by_one_button(qtbot: QtBot) -> None:
    shown = RecordList(ZoneTable(), table_name="zones")
    qtbot.addWidget(shown)
    (info,) = shown.findChildren(InfoButton)
    assert "Median dwell: Half of the visits last longer" in info.toolTip()
    assert "Person-seconds" not in info.toolTip()
    assert info.accessibleDescription() == info.toolTip()
