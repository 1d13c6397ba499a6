"""Tables on paper: a heading that comes again on every page, numbers to the right, intervals below them."""

from __future__ import annotations

from analytics.reports.cell_text import format_cell, format_heading
from analytics.reports.content import Cell, CellKind, Table
from app.print.page_painter import FAINT, INK, PagePainter, TextStyle
from app.print.pieces import Piece
from app.print.report_styles import CELL, CELL_RIGHT, HEAD_CELL, HEAD_CELL_RIGHT, SMALL

_ROW = 17.0
_ROW_WITH_INTERVAL = 24.0
_PADDING = 4.0
_NAME_SHARE = 1.7
"""A column of names is so much wider than one of numbers."""
_INTERVAL_RIGHT = TextStyle(6.5, SMALL.colour, align=CELL_RIGHT.align)


def make_table_pieces(page: PagePainter, table: Table, width: float, *, time_zone: str) -> list[Piece]:
    """A heading and a row each; the heading is that of every row."""
    widths = _share_out(table, width)
    titles = [format_heading(column) for column in table.columns]
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
                value, interval = format_cell(cell, column, time_zone=time_zone)
                below = page.text(at, y + 2, own - _PADDING, value, style)
                if interval:
                    page.text(at, below - 1, own - _PADDING, interval, _INTERVAL_RIGHT)
                at += own
            page.rule(x, y + height - 1.5, width, colour=FAINT, thick=0.4)

        return Piece(height, paint_row, head=head)

    return [head, *(make_row(row) for row in table.rows)]


def _share_out(table: Table, width: float) -> list[float]:
    weights = [
        _NAME_SHARE if column.kind in (CellKind.TEXT, CellKind.MOMENT) else 1.0 for column in table.columns
    ]
    return [width * weight / sum(weights) for weight in weights]
