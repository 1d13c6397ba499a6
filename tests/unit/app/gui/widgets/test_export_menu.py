"""Pictures and tables that charts, maps and tables export from their menus."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QImage
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QFileDialog, QFrame, QLabel, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.access.roles import Permission
from app.dwell.dwell_figures import HistogramBar
from app.gui.canvas.floor_plan_canvas import FloorPlanCanvas
from app.gui.charts.chart_legend import ChartLegend, LegendEntry
from app.gui.dwell.dwell_durations import DwellChart
from app.gui.session.exported_files import exported_files
from app.gui.session.permissions import apply_permissions
from app.gui.session.theme import LIGHT, install_theme
from app.gui.widgets.export_menu import PERIOD, ExportMenu
from app.plan.floor_scene import FloorScene, PlanShape
from tests.unit.app.gui.tables.test_record_list import _Routes

BARS = (HistogramBar(0.0, 10.0, 4, 1), HistogramBar(10.0, float("inf"), 2, 3))
FLOOR = FloorScene(
    ((0.0, 0.0), (20.0, 0.0), (20.0, 12.0), (0.0, 12.0)),
    zones=(PlanShape("Robotics", ((2.0, 2.0), (8.0, 2.0), (8.0, 6.0), (2.0, 6.0))),),
)


@pytest.fixture(autouse=True)
def look(qapp: QApplication) -> Iterator[None]:
    install_theme(qapp, LIGHT)
    yield
    apply_permissions(frozenset(Permission), str)
    exported_files().folder = None


@pytest.fixture
def chart(qtbot: QtBot) -> Iterator[DwellChart]:
    page = QWidget()
    qtbot.addWidget(page)
    card, period, title = QFrame(), QLabel("2026-11-29 10:00–13:00"), QLabel("Distribution of dwell times")
    period.setObjectName(PERIOD)
    title.setProperty("role", "title")
    card.setProperty("role", "card")
    chart, legend = DwellChart(), ChartLegend()
    legend.show_entries([LegendEntry("complete visits", "#ff0000")])
    for parent, parts in ((card, (title, legend, chart)), (page, (period, card))):
        column = QVBoxLayout(parent)
        for part in parts:
            column.addWidget(part)
    page.resize(500, 420)
    page.show()
    chart.show_bars(BARS, median_s=8.0)
    yield chart
    page.close()


def choose(menu: ExportMenu, text: str) -> None:
    (action,) = [action for action in menu.make_menu().actions() if action.text() == text]
    action.trigger()


def test_a_chart_is_saved_with_title_period_and_legend(
    chart: DwellChart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "chart"), ""))
    assert chart.export_menu.title == "Distribution of dwell times"
    for kind in ("PNG", "SVG", "CSV"):
        choose(chart.export_menu, f"Save as {kind}…")
    picture = QImage(str(tmp_path / "chart.png"))
    assert picture.width() > 2 * chart.width()
    assert picture.height() > 2 * (chart.height() + 60)
    colours = {picture.pixelColor(x, y).name() for x in range(0, 300, 2) for y in range(picture.height())}
    assert "#ff0000" in colours, "the legend"
    drawing = (tmp_path / "chart.svg").read_text("utf-8")
    assert QSvgRenderer(drawing.encode()).isValid()
    for text in ("Distribution of dwell times", "2026-11-29 10:00–13:00", "complete visits", "median 0:08"):
        assert text in drawing
    rows = list(csv.reader((tmp_path / "chart.csv").read_text("utf-8-sig").splitlines()))
    assert rows == [
        ["From (s)", "To (s)", "Complete visits", "Incomplete visits"],
        ["0", "10", "4", "1"],
        ["10", "", "2", "3"],
    ]


def test_a_chart_is_copied_and_printed(chart: DwellChart, tmp_path: Path) -> None:
    choose(chart.export_menu, "Copy picture")
    copied = QApplication.clipboard().image()
    assert copied.size() == chart.export_menu.draw_image().size()
    printer = QPrinter()
    printer.setOutputFileName(str(tmp_path / "chart.pdf"))
    chart.export_menu.paint_page(printer)
    assert (tmp_path / "chart.pdf").read_bytes().startswith(b"%PDF")


def test_the_menu_opens_by_button_and_right_click(
    chart: DwellChart, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QMenu] = []
    # the offscreen platform warns of popups
    monkeypatch.setattr(QMenu, "popup", lambda menu, _place: opened.append(menu))
    assert chart.export_menu.isVisible()
    assert chart.export_menu.geometry().right() <= chart.width()
    qtbot.mouseClick(chart.export_menu, Qt.MouseButton.LeftButton)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(20, 20), QPoint(20, 20))
    QApplication.sendEvent(chart.viewport(), event)
    assert len(opened) == 2


def test_a_map_shows_its_zones_and_no_button(qtbot: QtBot) -> None:
    canvas = FloorPlanCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(500, 320)
    canvas.show()
    canvas.setAccessibleName("Floor plan")
    canvas.show_scene(FLOOR)
    drawing = canvas.export_menu.draw_svg().decode()
    assert "Robotics" in drawing
    assert "Floor plan" in drawing
    assert canvas.export_menu.isVisible()
    entries = {action.text(): action.isVisible() for action in canvas.export_menu.make_menu().actions()}
    assert entries["Save as PNG…"]
    assert not entries["Save as CSV…"], "it has no figures yet"


def test_a_table_is_drawn_with_all_rows(qtbot: QtBot) -> None:
    from app.gui.tables.record_list import RecordList

    model = _Routes()
    model.show([f"route {number}" for number in range(40)])
    shown = RecordList(model, table_name="routes")
    qtbot.addWidget(shown)
    shown.resize(400, 200)
    shown.show()
    drawing = shown.export_menu.draw_svg().decode()
    assert "Visitors" in drawing
    assert "route 39" in drawing
    lines = shown.export_menu.write_csv().decode("utf-8-sig").splitlines()
    assert (lines[0], len(lines)) == ("Route,Visitors,Share", 41)


def test_who_may_not_export_only_copies(chart: DwellChart) -> None:
    apply_permissions(frozenset(Permission) - {Permission.EXPORT_REPORTS}, lambda _permission: "no")
    entries = {action.text(): action.isEnabled() for action in chart.export_menu.make_menu().actions()}
    assert not entries["Save as PNG…"]
    assert not entries["Print…"]
    assert entries["Copy picture"]


def test_a_file_that_cannot_be_written_is_reported(
    chart: DwellChart, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "a.png"), ""))
    with qtbot.waitSignal(exported_files().failed) as failed:
        choose(chart.export_menu, "Save as PNG…")
    assert failed.args is not None
    assert failed.args[0].remedy
