from __future__ import annotations

import pytest
from PySide6.QtCore import QLocale, QSortFilterProxyModel, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from analytics.dwell.engagement_tier import Tier
from app.dwell.dwell_figures import DwellFigures, ZoneFigures
from app.dwell.listed_visits import VisitRecord
from app.gui.dwell.page import VisitTable
from app.gui.dwell.zone_table import ZoneTable
from app.gui.session.cell_text import (
    ABSENT,
    format_duration,
    format_moment,
    format_number,
    format_period,
    format_share,
)
from app.gui.tables.record_table import SORT_ROLE

KNOWN = ZoneFigures(
    "stand", 0, DwellFigures(1.5, 12, (11, 13), 83.4, (70, 97), 61, 1234.5, True), (3, 20, 61, 90, 200), 0.9
)
UNSEEN = ZoneFigures(
    "attic", 1, DwellFigures(None, None, None, None, None, None, None, False), (None,) * 5, 0.0
)
MORNING = VisitRecord(
    "07fa", "stand", 1_773_478_800.0, 1_773_478_872.5, 72.5, False, True, 41.0, Tier.ENGAGED, True
)
NEXT_DAY = VisitRecord("e3b1", "attic", 1_773_565_200.0, 1_773_565_210.0, 10.0, False, False)


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


def test_the_visits_are_a_sound_model(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    model = VisitTable()
    qtmodeltester.check(model)
    model.set_time_zone("Asia/Shanghai")
    model.show([MORNING, NEXT_DAY])
    assert model.rowCount() == 2


def test_a_zone_is_shown_for_people_and_exported_for_programs(qtbot: QtBot) -> None:
    model = ZoneTable()
    model.show([KNOWN, UNSEEN])
    QLocale.setDefault(QLocale("en"))
    assert texts(model, 0) == [
        "stand", "12", "1.50", "1:23", "1:10–1:37", "1:01", "1,235", "90 %", "disagree",
    ]  # fmt: skip
    assert model.export_row(0) == [
        "stand", "12", "1.5", "83.4", "70.0-97.0", "61", "1234.5", "0.9000", "disagree",
    ]  # fmt: skip
    assert len(model.export_titles()) == model.columnCount()


def test_what_was_not_observed_is_a_dash_and_never_a_zero(qtbot: QtBot) -> None:
    model = ZoneTable()
    model.show([UNSEEN])
    assert texts(model, 0) == ["attic", *[ABSENT] * 6, "0 %", ABSENT]
    assert model.export_row(0)[1:7] == [""] * 6


def test_zones_without_a_value_come_last(qtbot: QtBot) -> None:
    model = ZoneTable()
    model.show([UNSEEN, KNOWN])
    proxy = QSortFilterProxyModel()
    proxy.setSourceModel(model)
    proxy.setSortRole(SORT_ROLE)
    proxy.sort(1, Qt.SortOrder.AscendingOrder)
    assert [proxy.index(row, 0).data() for row in range(2)] == ["stand", "attic"]


def test_a_visit_is_in_venue_time_with_its_edges_in_words(qtbot: QtBot) -> None:
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


def test_a_period_names_its_day_once() -> None:
    assert format_period(0.0, 3600.0, time_zone="UTC") == "1970-01-01 00:00–01:00"
    assert format_period(0.0, 90000.0, time_zone="UTC") == "1970-01-01 00:00 – 1970-01-02 01:00"
    assert format_moment(0.0, time_zone="Asia/Shanghai") == "1970-01-01 08:00:00"
    assert format_period(0.0, 86400.0, time_zone="UTC") == "1970-01-01"
    assert format_period(-28800.0, 57600.0, time_zone="Asia/Shanghai") == "1970-01-01"
