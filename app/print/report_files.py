"""Writing of a report in any format."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from analytics.domain.errors import OutputError
from analytics.results.content import BarChart, FloorMap, LineChart, ReportContent
from analytics.results.html_writer import write_html
from analytics.results.pptx_writer import write_pptx
from analytics.results.table_writer import write_csv_tables, write_parquet_tables
from analytics.results.xlsx_writer import write_xlsx
from app.error_reporting import convert_error
from app.print.chart_painter import LINE_HEIGHT, measure_bars, paint_bars, paint_lines
from app.print.floor_painter import measure_floor, paint_floor
from app.print.page_painter import UNITS_PER_POINT, PagePainter
from app.print.pdf_file import require_fonts, start_painting
from app.print.report_document import paint_report, read_logo
from app.reports.report_template import ReportFormat, name_file
from resources.atomic_file import replace_file

Chart = BarChart | LineChart | FloorMap
WIDTH = 520.0
PADDING = 8.0
_PROLOGUE = re.compile(r"^<\?xml.*?\?>\s*(<!DOCTYPE.*?>\s*)?", re.DOTALL)


def draw_svg(chart: Chart, *, colour: str, time_zone: str) -> str:
    """Return a chart as an SVG element for a page.

    Raises:
        OutputError: the bundled fonts are missing.
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
    """Return a chart as PNG on white.

    Raises:
        OutputError: the bundled fonts are missing.
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
    """Return the size of a chart in tenths of a point."""
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


def write_report_file(path: Path, content: ReportContent, chosen: ReportFormat) -> Path:
    """Write a report atomically; return its path, with the ending of its format.

    Raises:
        OutputError: the file cannot be written, or the logo is not an image; an earlier file is kept.
    """
    file = name_file(path, chosen)
    # checked for every format, even those without a logo
    read_logo(content.branding.logo)
    try:
        with replace_file(file) as temporary:
            _WRITERS[chosen](temporary, content)
    except OSError as error:
        raise convert_error(OutputError, error, file=file) from error
    return file


def _write_pdf(file: Path, content: ReportContent) -> None:
    file.write_bytes(paint_report(content))


def _write_page(file: Path, content: ReportContent) -> None:
    page = write_html(
        content,
        draw=lambda chart: draw_svg(chart, colour=content.branding.colour, time_zone=content.time_zone),
    )
    file.write_text(page, encoding="utf-8", newline="\n")


def _write_slides(file: Path, content: ReportContent) -> None:
    write_pptx(
        file,
        content,
        draw=lambda chart: draw_png(chart, colour=content.branding.colour, time_zone=content.time_zone),
    )


def _archive(write: Callable[[Path, ReportContent], None]) -> Callable[[Path, ReportContent], None]:
    """Write tables into one ZIP file."""

    def write_archive(file: Path, content: ReportContent) -> None:
        with tempfile.TemporaryDirectory(prefix="expoflow-tables-") as folder:
            write(Path(folder), content)
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for table in sorted(Path(folder).iterdir()):
                    archive.write(table, table.name)

    return write_archive


_WRITERS: dict[ReportFormat, Callable[[Path, ReportContent], None]] = {
    ReportFormat.PDF: _write_pdf,
    ReportFormat.XLSX: write_xlsx,
    ReportFormat.HTML: _write_page,
    ReportFormat.PPTX: _write_slides,
    ReportFormat.CSV: _archive(write_csv_tables),
    ReportFormat.PARQUET: _archive(write_parquet_tables),
}
