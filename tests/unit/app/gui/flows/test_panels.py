"""Panels of the flows page: matrix, routes, funnel, zones and lines."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.identifiers import CameraId
from analytics.metrics.coverage import CameraView
from app.flows.flow_analysis import describe_flows
from app.flows.flow_figures import FlowAnalysis
from app.gui.flows.flow_tables import FlowMatrix
from app.gui.session.cell_text import ABSENT
from tests.support.reports.flow_facts import make_facts
from tests.unit.app.gui.flows.conftest import PERIOD, Shown
from tests.unit.app.gui.flows.test_page import click


def read(model: FlowMatrix, row: int, column: int, role: int = Qt.ItemDataRole.DisplayRole) -> object:
    return model.data(model.index(row, column), role)


def test_the_page_opens_on_the_map_of_moves(shown: Shown, qtbot: QtBot) -> None:
    panel = shown.view.map
    assert shown.view.tabs.shown is panel
    drawn = [(route.from_zone, route.to_zone, route.visitors) for route in panel.routes]
    assert drawn == [("a", "b", 14), ("b", "c", 8), ("a", "c", 5)]
    assert panel.canvas.routes.routes == panel.routes
    assert [row[:2] for row in panel.table.shown_rows()] == [["a → b", "14"], ["b → c", "8"], ["a → c", "5"]]
    place = panel.canvas.mapFromScene(*panel.canvas.routes.find_route_middle(panel.routes[0]))
    qtbot.mouseMove(panel.canvas.viewport(), place)
    (note,) = [label for label in panel.canvas.viewport().findChildren(QLabel) if label.isVisible()]
    assert note.text().startswith("a → b: 14 visitors, ")


def test_a_zone_shows_its_moves_alone(shown: Shown, qtbot: QtBot) -> None:
    panel = shown.view.map
    viewport = panel.canvas.viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=panel.canvas.mapFromScene(2.5, 2.0))
    assert panel.zone_choice.currentData() == "a"
    assert [(route.from_zone, route.to_zone) for route in panel.routes] == [("a", "b"), ("a", "c")]
    qtbot.keyClick(panel.zone_choice, Qt.Key.Key_Home)
    panel.zone_choice.activated.emit(0)
    assert len(panel.routes) == 3


def test_matrix_cells_show_share_and_count(shown: Shown) -> None:
    shown.view.tabs.show_panel(shown.view.matrix)
    model = shown.view.matrix.model
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert read(model, 0, 1) == "74 %\n(14)"
    assert read(model, 3, 1) == "–\n(<5)"
    assert read(model, 0, 0) == ""
    assert read(model, 2, 0) == "0 %"
    description = str(read(model, 0, 1, Qt.ItemDataRole.ToolTipRole))
    assert description.startswith("a → b: 74 % (")
    assert description.endswith("of the moves out; 14 observed")
    assert "fewer than 5 moves" in str(read(model, 3, 1, Qt.ItemDataRole.ToolTipRole))
    grounds = [
        QColor(read(model, row, column, Qt.ItemDataRole.BackgroundRole)) for row, column in ((0, 1), (0, 2))
    ]
    assert grounds[0].blue() - grounds[0].red() > grounds[1].blue() - grounds[1].red() > 0


def test_the_matrix_is_copied_and_exported_without_small_counts(
    shown: Shown, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown.view.tabs.show_panel(shown.view.matrix)
    shown.view.matrix.table.setFocus()
    qtbot.keyClick(shown.view.matrix.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QApplication.clipboard().text().splitlines()]
    assert lines[0] == ["From \\ to", "a", "b", "c", "outside or not observed"]
    assert lines[1][:3] == ["a", "", "74 % (14)"]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "moves"), ""))
    with qtbot.waitSignal(shown.model.exported):
        click(shown, qtbot, "Export the matrix as CSV")
    rows = list(csv.reader((tmp_path / "moves.csv").read_text("utf-8-sig").splitlines()))
    exported = {(row[0], row[1]): row[2:] for row in rows[1:]}
    assert exported["a", "b"][0] == "14"
    assert float(exported["a", "b"][1]) == pytest.approx(14 / 19, abs=1e-3)
    assert exported["outside", "b"] == ["<5", "", "", ""]


def test_routes_link_to_the_floor_plan(shown: Shown, qtbot: QtBot) -> None:
    routes = shown.view.routes
    shown.view.tabs.show_panel(routes)
    assert routes.routes.shown_rows()[0] == ["a → b", "14", "64 %"]
    assert routes.origins.shown_rows() == [["a", "c", "8", "47 %"], ["a", "b", "6", "35 %"]]
    assert "17 visitors" in routes._cards[1].note
    assert "3 of them" in routes._cards[1].note
    assert routes.first_stops.shown_rows()[1] == ["b", "<5", "–"]
    with qtbot.waitSignal(shown.view.routes_requested):
        click(shown, qtbot, "Show on the floor plan")
    header = shown.view.passages.zones.table.model()
    meaning = header.headerData(3, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert "within 2 m of their entry" in meaning


def test_a_path_is_edited_by_keyboard(shown: Shown, qtbot: QtBot) -> None:
    funnel = shown.view.funnel
    shown.view.tabs.show_panel(funnel)
    assert shown.model.state.path == ("a", "b", "c")
    assert [bar.share for bar in funnel.chart.bars] == pytest.approx([1.0, 14 / 19, 8 / 19])
    assert [bar.undecided for bar in funnel.chart.bars] == pytest.approx([0.0, 5 / 19, 5 / 19])
    assert funnel._warning.isVisible()
    funnel.steps.setCurrentRow(0)
    qtbot.keyClick(funnel.remove, Qt.Key.Key_Space)
    assert shown.model.state.path == ("b", "c")
    assert not funnel._warning.isVisible()
    qtbot.keyClick(funnel.later, Qt.Key.Key_Space)
    assert shown.model.state.path == ("c", "b")
    assert funnel.steps.currentRow() == 1
    assert not funnel.later.isEnabled()
    funnel.zone_choice.setCurrentIndex(funnel.zone_choice.findData("a"))
    qtbot.keyClick(funnel.add, Qt.Key.Key_Space)
    assert shown.model.state.path == ("c", "b", "a")
    assert [row[1] for row in funnel.table.shown_rows()] == ["13", "0", "0"]
    shown.model.compute()
    assert shown.model.state.path == ("c", "b", "a")


def test_line_bars_are_read_by_keyboard(shown: Shown, qtbot: QtBot) -> None:
    passages = shown.view.passages
    shown.view.tabs.show_panel(passages)
    (row,) = passages.lines.shown_rows()
    assert row[:2] == ["door", "5"]
    assert row[5] == "3 at 09:01"
    assert passages._line_note.text().startswith(
        "door: 0.1 (0.0 to 0.2) people per minute, 0.04 (0.00 to 0.12) per"
    )
    assert "5 right, 0 left, 0 straight on, 0 lost" in passages._line_note.text()
    qtbot.keyClick(passages.chart, Qt.Key.Key_Right)
    assert passages.chart.reading == "09:00–09:05: 0.8 per minute inwards, 0.0 outwards"
    qtbot.keyClick(passages.chart, Qt.Key.Key_End)
    assert passages.chart.reading.startswith("09:55–10:00: 0.2")
    qtbot.keyClick(passages.chart, Qt.Key.Key_Escape)
    assert not passages.chart.reading
    zones = {cells[0]: cells for cells in passages.zones.shown_rows()}
    assert zones["a"][1:4] == ["19", "100 % (51 to 100)", "0 % (0 to 49)"]


def test_an_unobserved_line_shows_no_counts(shown: Shown) -> None:
    geometry = CameraGeometry(np.array([[0.01, 0.0, 5.0], [0.0, -0.01, 8.0], [0.0, 0.0, 1.0]]))
    facts = dataclasses.replace(
        make_facts(["ab"] * 8), views=(CameraView(CameraId("far"), geometry, (600, 800)),)
    )
    figures, ways = describe_flows(facts, time_zone="Asia/Shanghai")
    shown.found.append(FlowAnalysis(figures, PERIOD, ways))
    shown.app_state.set_period((PERIOD[0], PERIOD[1] - 60.0))
    passages = shown.view.passages
    shown.view.tabs.show_panel(passages)
    (row,) = passages.lines.shown_rows()
    assert row[:6] == ["door", ABSENT, ABSENT, ABSENT, ABSENT, ABSENT]
    assert passages._line_note.text() == "door: not observed"
    assert "not observed" in passages.chart.describe_bar(figures.lines[0].bars[0])
