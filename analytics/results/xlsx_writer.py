"""Report as a workbook: typed cells, one sheet per table, native charts."""

from __future__ import annotations

import math
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from analytics.results.cell_text import format_heading
from analytics.results.content import (
    BarChart,
    Bullets,
    Cell,
    CellKind,
    KeyFigures,
    LineChart,
    Paragraph,
    ReportColumn,
    ReportContent,
    Table,
    collect_definitions,
)

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MAX_SHEET_NAME = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_TIME_WIDTH = 20
"""Width of a column with days and times; the automatic one fits days only and shows the rest as ``####``."""
_A4 = 9
_DAY_S = 86_400.0


def write_xlsx(path: Path, content: ReportContent) -> None:
    """Write a workbook: an overview, a sheet for each table and chart, and the definitions.

    Texts that begin like a formula are written as text.

    Raises:
        OSError: the file cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    book = xlsxwriter.Workbook(
        str(path),
        {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": True,
        },
    )
    book.set_properties(
        {"title": content.title, "subject": content.period_text, "author": content.branding.organiser}
    )
    sheets = _Sheets(book, content)
    sheets.write_overview()
    for block in content.list_blocks():
        if isinstance(block, Table):
            sheets.write_table(block)
        elif isinstance(block, BarChart):
            sheets.write_bars(block)
        elif isinstance(block, LineChart):
            sheets.write_lines(block)
    sheets.write_definitions()
    try:
        book.close()
    except FileCreateError as error:
        raise (
            error.args[0] if error.args and isinstance(error.args[0], OSError) else OSError(str(error))
        ) from error


class _Sheets:
    """The sheets of one workbook."""

    def __init__(self, book: Workbook, content: ReportContent) -> None:
        self._book, self._content = book, content
        self._zone = ZoneInfo(content.time_zone)
        self._names: set[str] = set()
        colour = content.branding.colour
        self._head = book.add_format(
            {"bold": True, "bg_color": colour, "font_color": "#ffffff", "text_wrap": True, "valign": "top"}
        )
        self._title = book.add_format({"bold": True, "font_size": 16, "font_color": colour})
        self._strong = book.add_format({"bold": True, "font_size": 12})
        self._bold = book.add_format({"bold": True})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._formats: dict[tuple[CellKind, int], Format] = {}
        self._number_formats: dict[str, Format] = {}

    def write_overview(self) -> None:
        """Write the title, key figures and sentences."""
        content, sheet = self._content, self._add_sheet(self._content.title)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 4, 26)
        sheet.write_string(0, 0, content.title, self._title)
        heading_lines = (content.subtitle, content.venue, content.period_text, content.branding.organiser)
        for row, text in enumerate(heading_lines, start=1):
            sheet.write_string(row, 0, text)
        row = 6
        for section in content.sections:
            blocks = [b for b in section.blocks if isinstance(b, KeyFigures | Paragraph | Bullets)]
            if not blocks:
                continue
            sheet.write_string(row, 0, section.title, self._strong)
            row += 1
            for block in blocks:
                row = self._write_sentences(sheet, row, block)
            row += 1

    def write_table(self, table: Table) -> None:
        """Write a sheet with a frozen heading and a filter."""
        sheet = self._add_sheet(table.title)
        columns = [part for column in table.columns for part in _split(column)]
        for number, (column, title) in enumerate(columns):
            sheet.write_string(0, number, format_heading(title, column.unit, self._content), self._head)
            if column.definition:
                sheet.write_comment(0, number, column.definition)
        for row, cells in enumerate(table.rows, start=1):
            flat = [
                value
                for cell, column in zip(cells, table.columns, strict=True)
                for value in _flatten(cell, column)
            ]
            for number, (value, (column, _)) in enumerate(zip(flat, columns, strict=True)):
                self._write_cell(sheet, row, number, value, column)
        sheet.freeze_panes(1, 1)
        if table.rows:
            sheet.autofilter(0, 0, len(table.rows), len(columns) - 1)
        sheet.autofit()
        for number, (column, _) in enumerate(columns):
            if column.kind is CellKind.TIME:
                sheet.set_column(number, number, _TIME_WIDTH)
        sheet.repeat_rows(0)
        # after autofit, so that it does not widen the column, and apart from the rows that users sort
        sheet.write_string(len(table.rows) + 2, 0, table.note)

    def write_bars(self, chart: BarChart) -> None:
        """Write the values with a bar chart beside them."""
        sheet = self._add_sheet(chart.title)
        sheet.write_string(0, 1, format_heading(chart.title, chart.unit, self._content), self._head)
        for row, (name, value) in enumerate(zip(chart.categories, chart.values, strict=True), start=1):
            sheet.write_string(row, 0, name)
            self._write_number(sheet, row, 1, float(value))
        last = len(chart.categories)
        if not last:
            return
        native_chart = self._book.add_chart({"type": "bar"})
        native_chart.add_series(
            {
                "name": [sheet.name, 0, 1],
                "categories": [sheet.name, 1, 0, last, 0],
                "values": [sheet.name, 1, 1, last, 1],
                "fill": {"color": self._content.branding.colour},
            }
        )
        native_chart.set_legend({"none": True})
        native_chart.set_title({"name": chart.title})
        native_chart.set_y_axis({"reverse": True})
        sheet.insert_chart(0, 4, native_chart, {"x_scale": 1.4, "y_scale": 1.4})
        sheet.autofit()

    def write_lines(self, chart: LineChart) -> None:
        """Write the values with a line chart beside them; unknown values leave a gap."""
        sheet = self._add_sheet(chart.title)
        sheet.write_string(0, 0, chart.x_title, self._head)
        time = ReportColumn("x", "", CellKind.TIME)
        for row, x in enumerate(chart.x, start=1):
            self._write_cell(sheet, row, 0, float(x), time)
        native_chart = self._book.add_chart({"type": "scatter", "subtype": "straight"})
        for number, line in enumerate(chart.lines, start=1):
            sheet.write_string(0, number, format_heading(line.name, chart.unit, self._content), self._head)
            for row, value in enumerate(line.values, start=1):
                self._write_number(sheet, row, number, float(value))
            last = len(chart.x)
            series: dict[str, Any] = {
                "name": [sheet.name, 0, number],
                "categories": [sheet.name, 1, 0, last, 0],
                "values": [sheet.name, 1, number, last, number],
            }
            if line.colour is not None:
                series["line"] = {"color": line.colour}
            native_chart.add_series(series)
        native_chart.show_blanks_as("gap")
        native_chart.set_title({"name": chart.title})
        span_s = float(chart.x[-1] - chart.x[0]) if len(chart.x) else 0.0
        native_chart.set_x_axis({"num_format": "hh:mm" if span_s <= 2 * _DAY_S else "mm-dd"})
        sheet.insert_chart(0, len(chart.lines) + 2, native_chart, {"x_scale": 1.6, "y_scale": 1.4})
        sheet.freeze_panes(1, 1)
        sheet.autofit()
        sheet.set_column(0, 0, _TIME_WIDTH)

    def write_definitions(self) -> None:
        """Write the definitions of all numbers and the versions that made them."""
        definitions = collect_definitions(self._content.list_blocks())
        sheet = self._add_sheet(self._content.words.get("definitions", "Definitions"))
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 100)
        for row, (name, text) in enumerate({**definitions, **self._content.versions}.items()):
            sheet.write_string(row, 0, name, self._wrapped)
            sheet.write_string(row, 1, text, self._wrapped)

    def _write_sentences(self, sheet: Worksheet, row: int, block: KeyFigures | Paragraph | Bullets) -> int:
        if isinstance(block, KeyFigures):
            for figure in block.figures:
                sheet.write_string(row, 0, figure.name)
                if figure.value is None:
                    sheet.write_string(row, 1, figure.shown)
                else:
                    self._write_number(sheet, row, 1, figure.value)
                for column, text in enumerate((figure.shown, figure.interval, figure.change), start=2):
                    sheet.write_string(row, column, text)
                row += 1
            return row
        if isinstance(block, Bullets) and block.title:
            sheet.write_string(row, 0, block.title, self._bold)
            row += 1
        for text in block.sentences if isinstance(block, Bullets) else (block.text,):
            sheet.merge_range(row, 0, row, 4, text, self._wrapped)
            sheet.set_row(row, 15 * max(1, math.ceil(len(text.encode("gb18030")) / 130)))
            row += 1
        return row

    def _write_cell(
        self, sheet: Worksheet, row: int, number: int, value: str | float | None, column: ReportColumn
    ) -> None:
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            sheet.write_blank(row, number, None)
        elif isinstance(value, str):
            sheet.write_string(row, number, value)
        elif column.kind is CellKind.TIME:
            # spreadsheets have no time zones: venue time
            time = datetime.fromtimestamp(float(value), self._zone).replace(tzinfo=None)
            sheet.write_datetime(row, number, time, self._find_format(column))
        else:
            sheet.write_number(row, number, float(value), self._find_format(column))

    def _write_number(self, sheet: Worksheet, row: int, number: int, value: float) -> None:
        if math.isfinite(value):
            number_format = "#,##0" if value.is_integer() else "#,##0.00"
            sheet.write_number(row, number, value, self._find_number_format(number_format))

    def _find_format(self, column: ReportColumn) -> Format:
        key = (column.kind, column.decimals)
        if key not in self._formats:
            point = "." + "0" * column.decimals if column.decimals else ""
            number_format = {
                CellKind.TIME: "yyyy-mm-dd hh:mm:ss",
                CellKind.SHARE: self._content.words.get("share", "{share} %").format(share=f"0{point}"),
                CellKind.COUNT: "#,##0",
                CellKind.TEXT: "@",
            }.get(column.kind, f"#,##0{point}")
            self._formats[key] = self._find_number_format(number_format)
        return self._formats[key]

    def _find_number_format(self, number_format: str) -> Format:
        if number_format not in self._number_formats:
            self._number_formats[number_format] = self._book.add_format({"num_format": number_format})
        return self._number_formats[number_format]

    def _add_sheet(self, title: str) -> Worksheet:
        base = _FORBIDDEN.sub(" ", title).strip().strip("'")[:MAX_SHEET_NAME] or "-"
        name, number = base, 2
        while name.casefold() in self._names:
            ending = f" {number}"
            name, number = base[: MAX_SHEET_NAME - len(ending)] + ending, number + 1
        self._names.add(name.casefold())
        sheet = self._book.add_worksheet(name)
        # prints all columns on the width of a page
        sheet.set_paper(_A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        return sheet


def _split(column: ReportColumn) -> list[tuple[ReportColumn, str]]:
    """Split a column into itself and those of its interval."""
    if not column.has_interval:
        return [(column, column.title)]
    return [(column, column.title), (column, f"{column.title} ≥"), (column, f"{column.title} ≤")]


def _flatten(cell: Cell, column: ReportColumn) -> list[str | float | None]:
    if column.has_interval:
        return list(cell) if isinstance(cell, tuple) else [None, None, None]
    return [None if isinstance(cell, tuple) else cell]
