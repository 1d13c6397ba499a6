from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.dwell.dwell_figures import DwellAnalysis, ZoneDwell
from app.gui.dwell.page import DwellDashboardView
from app.gui.session.cell_text import ABSENT, format_duration, format_number


def list_stayed(found: DwellAnalysis) -> list[ZoneDwell]:
    """The zones of the tables: the door is no place to stay."""
    return [zone for zone in found.list_zones() if zone.name != "door"]


def test_the_table_matches_the_summary(second: DwellDashboardView, expected: DwellAnalysis) -> None:
    rows = {row[0]: row for row in second.durations.zone_list.shown_rows()}
    assert rows.keys() == {"stand", "front row"}
    for zone in list_stayed(expected):
        assert rows[zone.name][1] == format_number(zone.figures.visits.value)
        assert rows[zone.name][3] == format_duration(zone.figures.mean_dwell_s.value)


def test_the_longest_dwell_time_comes_first(second: DwellDashboardView, expected: DwellAnalysis) -> None:
    means = {zone.name: zone.figures.mean_dwell_s.value or 0.0 for zone in list_stayed(expected)}
    ranked = sorted(means, key=lambda name: -means[name])
    assert ranked != [zone.name for zone in list_stayed(expected)]
    assert [row[0] for row in second.durations.zone_list.shown_rows()] == ranked
    assert [zone.name for zone in second.durations.boxes.zones] == ranked


def test_rows_are_sorted_and_filtered(second: DwellDashboardView, qtbot: QtBot) -> None:
    table = second.durations.zone_list.table
    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    counts = [int(row[1]) for row in second.durations.zone_list.shown_rows()]
    assert counts == sorted(counts)
    table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert [row[0] for row in second.durations.zone_list.shown_rows()] == ["stand", "front row"]
    box = second.durations.zone_list.findChild(QLineEdit)
    assert isinstance(box, QLineEdit)
    qtbot.keyClicks(box, "ROW")
    assert [row[0] for row in second.durations.zone_list.shown_rows()] == ["front row"]
    box.clear()
    assert len(second.durations.zone_list.shown_rows()) == 2


def test_displayed_rows_are_copied(second: DwellDashboardView) -> None:
    second.durations.zone_list.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    second.durations.zone_list.copy()
    lines = [line.split("\t") for line in QApplication.clipboard().text().splitlines()]
    assert lines[0][:2] == ["Zone", "Visits"]
    assert lines[1:] == second.durations.zone_list.shown_rows()
    model = second.durations.zone_list.table.model()
    for row in (0, 1):
        second.durations.zone_list.table.selectionModel().select(
            model.index(row, 0),
            QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
        )
    second.durations.zone_list.copy()
    assert [line.split("\t")[0] for line in QApplication.clipboard().text().splitlines()] == [
        "Zone", "front row", "stand",
    ]  # fmt: skip


def press_export(page: QWidget) -> None:
    button = next(b for b in page.findChildren(QPushButton) if b.text() == "Export CSV")
    button.click()


def test_the_table_is_written_as_csv(
    second: DwellDashboardView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: DwellAnalysis
) -> None:
    path = tmp_path / "zones"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    press_export(second.durations.zone_list)
    with path.with_suffix(".csv").open(encoding="utf-8-sig", newline="") as content:
        rows = list(csv.DictReader(content))
    written = {row["Zone"]: row["Mean dwell (s)"] for row in rows}
    known = [zone for zone in list_stayed(expected) if zone.figures.mean_dwell_s.value is not None]
    assert known
    for zone in known:
        assert float(written[zone.name]) == pytest.approx(zone.figures.mean_dwell_s.value, rel=1e-4)
    assert {name for name, mean in written.items() if mean} == {zone.name for zone in known}
    assert "zones.csv" in second.banner.problem
    assert not second.banner.isHidden()


def test_a_failed_export_is_reported(
    second: DwellDashboardView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "a.csv"), ""))
    press_export(second.durations.zone_list)
    assert "a.csv" in second.banner.problem
    assert second.banner.remedy
    assert second.durations.tiles[0].value != ABSENT


def test_a_zone_row_lists_its_visits(
    second: DwellDashboardView, qtbot: QtBot, expected: DwellAnalysis
) -> None:
    table = second.durations.zone_list.table
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    place = table.visualRect(table.model().index(0, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))
    detail = expected.zones["front row"]
    panel = second.visit_panel
    listed = panel.model.rowCount()
    assert listed == detail.complete.sum() + detail.cut.sum()
    assert listed > 0
    assert {panel.model.record(row)["zone"] for row in range(panel.model.rowCount())} == {"front row"}
    assert {"complete"} < {row[7] for row in panel.list.shown_rows()}
