"""Writes a report in any format, whole or not at all."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from analytics.domain.errors import OutputError
from analytics.reports.content import ReportContent
from analytics.reports.html_writer import write_html
from analytics.reports.pptx_writer import write_pptx
from analytics.reports.table_writer import write_csv_tables, write_parquet_tables
from analytics.reports.xlsx_writer import write_xlsx
from app.error_reporting import explain_error
from app.operations.report_format import ReportFormat, name_file
from app.print.chart_svg import draw_png, draw_svg
from app.print.report_document import paint_report, read_logo
from resources.atomic_file import replace_file


def write_report_file(path: Path, content: ReportContent, chosen: ReportFormat) -> Path:
    """Write a report; gives the path, with the ending of its format.

    Raises:
        OutputError: it cannot be written, or the logo is no picture; what stood there before still does.
    """
    file = name_file(path, chosen)
    # also where the format has no logo: a report is refused in all formats or in none
    read_logo(content.branding.logo)
    try:
        with replace_file(file) as temporary:
            _WRITERS[chosen](temporary, content)
    except OSError as error:
        raise explain_error(OutputError, error, file=file) from error
    return file


def _write_pdf(file: Path, content: ReportContent) -> None:
    file.write_bytes(paint_report(content))


def _write_page(file: Path, content: ReportContent) -> None:
    page = write_html(
        content,
        draw=lambda chart: draw_svg(chart, colour=content.branding.colour, time_zone=content.time_zone),
    )
    file.write_text(page, encoding="utf-8")


def _write_slides(file: Path, content: ReportContent) -> None:
    write_pptx(
        file,
        content,
        draw=lambda chart: draw_png(chart, colour=content.branding.colour, time_zone=content.time_zone),
    )


def _archive(write: Callable[[Path, ReportContent], None]) -> Callable[[Path, ReportContent], None]:
    """Tables in a folder of their own, as one file."""

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
