"""Charts and maps of a report as SVG and PNG, drawn by the same hand as its pages."""

from __future__ import annotations

import re

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from analytics.reports.content import BarChart, FloorMap, LineChart
from app.print.chart_painter import LINE_HEIGHT, measure_bars, paint_bars, paint_lines
from app.print.floor_painter import measure_floor, paint_floor
from app.print.page_painter import UNITS_PER_POINT, PagePainter
from app.print.pdf_file import require_fonts, start_painting

Chart = BarChart | LineChart | FloorMap
WIDTH = 520.0
PADDING = 8.0
_PROLOGUE = re.compile(r"^<\?xml.*?\?>\s*(<!DOCTYPE.*?>\s*)?", re.DOTALL)


def draw_svg(chart: Chart, *, colour: str, time_zone: str) -> str:
    """A chart as an SVG element, to stand within a page.

    Raises:
        OutputError: our fonts are absent.
    """
    start_painting()
    require_fonts()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    size = _find_size(chart)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    painter = QPainter(generator)
    try:
        _paint(PagePainter(painter, WIDTH, size.height() / UNITS_PER_POINT), chart, colour, time_zone)
    finally:
        painter.end()
    buffer.close()
    return _PROLOGUE.sub("", bytes(content.data()).decode("utf-8"))


def draw_png(chart: Chart, *, colour: str, time_zone: str, pixels_per_point: float = 3.0) -> bytes:
    """A chart as the content of a PNG file, on white.

    Raises:
        OutputError: our fonts are absent.
    """
    start_painting()
    require_fonts()
    size = _find_size(chart)
    scale = pixels_per_point / UNITS_PER_POINT
    image = QImage(round(size.width() * scale), round(size.height() * scale), QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(scale, scale)
        _paint(PagePainter(painter, WIDTH, size.height() / UNITS_PER_POINT), chart, colour, time_zone)
    finally:
        painter.end()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    buffer.close()
    return bytes(content.data())


def _find_size(chart: Chart) -> QSize:
    """In tenths of a point."""
    width = WIDTH - 2 * PADDING
    match chart:
        case BarChart():
            height = measure_bars(chart)
        case LineChart():
            height = LINE_HEIGHT
        case FloorMap():
            height = measure_floor(chart, width)
    return QSize(round(WIDTH * UNITS_PER_POINT), round((height + 2 * PADDING) * UNITS_PER_POINT))


def _paint(page: PagePainter, chart: Chart, colour: str, time_zone: str) -> None:
    place = (PADDING, PADDING, WIDTH - 2 * PADDING)
    match chart:
        case BarChart():
            paint_bars(page, chart, place, colour)
        case LineChart():
            paint_lines(page, chart, place, colour=colour, time_zone=time_zone)
        case FloorMap():
            paint_floor(page, chart, place)
