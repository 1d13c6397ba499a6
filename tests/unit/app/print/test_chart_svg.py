"""Charts of a report outside of its pages: as SVG within a page, and as PNG."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QImage

from app.print.report_files import Chart, draw_png, draw_svg
from tests.support.reports.sample_report import make_sample_report

# painting makes an application without windows where there is none, and a later test needs one with them
pytestmark = pytest.mark.usefixtures("qapp")

CHARTS: tuple[Chart, ...] = make_sample_report().sections[1].blocks[1:4]  # type: ignore[assignment]
ZONE = "Asia/Shanghai"


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.key)
def test_a_chart_is_drawn_as_svg(chart: Chart) -> None:
    svg = draw_svg(chart, colour="#b45309", time_zone=ZONE)
    assert svg.startswith("<svg")
    root = ElementTree.fromstring(svg)
    words = "".join(root.itertext())
    assert "机器人" in words or "11:00" in words


def test_a_chart_is_drawn_as_png_of_any_size() -> None:
    small, large = (
        QImage.fromData(draw_png(CHARTS[0], colour="#b45309", time_zone=ZONE, pixels_per_point=scale))
        for scale in (1.0, 3.0)
    )
    assert (large.width(), large.height()) == (3 * small.width(), 3 * small.height())
    colours = {small.pixelColor(x, y).name() for x in range(small.width()) for y in range(small.height())}
    assert {"#ffffff", "#b45309"} <= colours
