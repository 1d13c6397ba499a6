from __future__ import annotations

import pyqtgraph as pg
import pytest
from pytestqt.qtbot import QtBot

from app.dwell.dwell_figures import DwellFigures, ZoneFigures
from app.gui.dwell.dwell_durations import ZoneIntervalChart


def make_zone(number: int, *, reaches: bool = True) -> ZoneFigures:
    mean_s = 60.0 + number
    figures = DwellFigures(
        people_mean=1.0,
        visits=20,
        visits_interval=(15.0, 25.0),
        mean_dwell_s=mean_s,
        mean_dwell_interval_s=(50.0, 1e4 if number == 0 else 80.0),
        median_dwell_s=55.0,
        person_seconds=1200.0,
        estimates_disagree=False,
    )
    quantiles_s = (10.0, 30.0, 55.0, 90.0, 150.0) if reaches else (10.0, None, 55.0, None, None)
    return ZoneFigures(f"Stand {number}", number, figures, quantiles_s, coverage=1.0)


@pytest.fixture
def chart(qtbot: QtBot) -> ZoneIntervalChart:
    shown = ZoneIntervalChart()
    qtbot.addWidget(shown)
    return shown


def test_a_hall_of_zones_is_drawn_with_few_items(chart: ZoneIntervalChart) -> None:
    chart.show_zones([make_zone(number) for number in range(8)])
    items = len(chart.getPlotItem().items)
    chart.show_zones([make_zone(number, reaches=number % 3 > 0) for number in range(62)])
    # hundreds held the window for a sixth of a second
    assert len(chart.getPlotItem().items) <= items <= 16


def test_marks_stand_where_the_numbers_are(chart: ZoneIntervalChart) -> None:
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
