"""Tables on paper: a heading that comes again on every page, numbers to the right, intervals below them."""

from __future__ import annotations

from analytics.reports.cell_text import format_cell, format_heading
from analytics.reports.content import Cell, CellKind, ReportContent, Table
from app.print.page_painter import FAINT, INK, PagePainter, TextStyle
from app.print.pieces import Piece
from app.print.report_styles import CELL, CELL_RIGHT, HEAD_CELL, HEAD_CELL_RIGHT, SMALL

_ROW = 17.0
_ROW_WITH_INTERVAL = 24.0
_PADDING = 7.0
_NAME_SHARE = 1.7
"""A column of names is so much wider than one of numbers."""
_MOST_NAME_SHARE = 0.35
"""Of the table's width; longer names are cut."""
_INTERVAL_RIGHT = TextStyle(6.5, SMALL.colour, align=CELL_RIGHT.align)


def make_table_pieces(page: PagePainter, table: Table, width: float, content: ReportContent) -> list[Piece]:
    """A heading and a row each; the heading is that of every row."""
    titles = [format_heading(column) for column in table.columns]
    widths = _share_out(table, width, _measure_columns(page, table, titles, width, content))
    head_height = 6.0 + max(
        page.measure_paragraph(own - _PADDING, title, HEAD_CELL)
        for own, title in zip(widths, titles, strict=True)
    )

    def paint_head(page: PagePainter, x: float, y: float, width: float) -> None:
        at = x
        for column, title, own in zip(table.columns, titles, widths, strict=True):
            style = HEAD_CELL if column.kind is CellKind.TEXT else HEAD_CELL_RIGHT
            page.paragraph(at, y, own - _PADDING, title, style)
            at += own
        page.rule(x, y + head_height - 3, width, colour=INK, thick=0.8)

    head = Piece(head_height, paint_head, keeps_next=True)
    has_intervals = any(column.has_interval for column in table.columns)
    height = _ROW_WITH_INTERVAL if has_intervals else _ROW

    def make_row(cells: tuple[Cell, ...]) -> Piece:
        def paint_row(page: PagePainter, x: float, y: float, width: float) -> None:
            at = x
            for cell, column, own in zip(cells, table.columns, widths, strict=True):
                style = CELL if column.kind is CellKind.TEXT else CELL_RIGHT
                value, interval = format_cell(cell, column, content)
                below = page.text(at, y + 2, own - _PADDING, value, style)
                if interval:
                    page.text(at, below - 1, own - _PADDING, interval, _INTERVAL_RIGHT)
                at += own
            page.rule(x, y + height - 1.5, width, colour=FAINT, thick=0.4)

        return Piece(height, paint_row, head=head)

    return [head, *(make_row(row) for row in table.rows)]


def _measure_columns(
    page: PagePainter, table: Table, titles: list[str], width: float, content: ReportContent
) -> list[float]:
    """How wide what each column holds is; headings may take more lines, and long names are cut."""
    needed = []
    for index, (column, title) in enumerate(zip(table.columns, titles, strict=True)):
        cells = [format_cell(row[index], column, content) for row in table.rows]
        widest = max(
            (
                *(page.measure_text(word, HEAD_CELL) for word in title.split()),
                *(page.measure_text(value, CELL) for value, _ in cells),
                *(page.measure_text(interval, _INTERVAL_RIGHT) for _, interval in cells),
            ),
            default=0.0,
        )
        if column.kind is CellKind.TEXT:
            widest = min(widest, _MOST_NAME_SHARE * width)
        needed.append(widest + _PADDING + 1.0)
    return needed


def _share_out(table: Table, width: float, needed: list[float]) -> list[float]:
    """Widths by what columns hold, but none narrower than its numbers where the page is wide enough."""
    weights = [
        _NAME_SHARE if column.kind in (CellKind.TEXT, CellKind.MOMENT) else 1.0 for column in table.columns
    ]
    narrow: set[int] = set()
    while True:
        room = width - sum(needed[index] for index in narrow)
        shared = sum(weight for index, weight in enumerate(weights) if index not in narrow)
        widths = [
            needed[index] if index in narrow else room * weight / shared
            for index, weight in enumerate(weights)
        ]
        short = {index for index, own in enumerate(widths) if index not in narrow and own < needed[index]}
        if not short:
            return widths
        narrow |= short
        if len(narrow) == len(weights):
            return [width * own / sum(needed) for own in needed]
