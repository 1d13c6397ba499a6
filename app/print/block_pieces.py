"""The blocks of a report as pieces of its pages."""

from __future__ import annotations

from analytics.reports.content import (
    BarChart,
    Block,
    Bullets,
    FloorMap,
    KeyFigure,
    KeyFigures,
    LineChart,
    Paragraph,
    ReportContent,
    Table,
    Weight,
)
from app.print.chart_painter import (
    LINE_HEIGHT,
    find_top,
    measure_bars,
    paint_bars,
    paint_lines,
    split_bars,
)
from app.print.floor_painter import measure_floor, paint_floor
from app.print.page_painter import INK, MUTED, PANEL, WARNING, PagePainter, TextStyle
from app.print.pieces import Paint, Piece, make_space
from app.print.report_styles import BLOCK, BODY, FIGURE, GAP, LEAD, NAME, SMALL
from app.print.table_painter import make_table_pieces

_FIGURES_A_ROW = 3
_FIGURE_HEIGHT = 74.0
_STYLES = {
    Weight.PLAIN: BODY,
    Weight.LEAD: LEAD,
    Weight.WARNING: TextStyle(9.5, WARNING),
    Weight.SMALL: SMALL,
}


def make_pieces(  # noqa: PLR0911 - one for each sort
    page: PagePainter, block: Block, width: float, content: ReportContent
) -> list[Piece]:
    """A block, its title and its note."""
    colour = content.branding.colour
    match block:
        case Paragraph():
            return [_make_paragraph(page, block.text, _STYLES[block.weight], width), make_space(GAP / 2)]
        case Bullets():
            return [
                *(_make_bullet(page, sentence, width, colour) for sentence in block.sentences),
                make_space(GAP / 2),
            ]
        case KeyFigures():
            return _make_figures(block.figures, width, colour)
        case Table():
            rows = make_table_pieces(page, block, width, content)
            return _frame(page, block.title, block.note, rows, width)
        case BarChart():
            bars = [_make_bars(part, find_top(block), colour) for part in split_bars(block)]
            return _frame(page, block.title, block.note, bars, width)
        case LineChart():
            lines = _wrap(
                LINE_HEIGHT,
                lambda p, x, y, w: paint_lines(
                    p, block, (x, y, w), colour=colour, time_zone=content.time_zone
                ),
            )
            return _frame(page, block.title, block.note, [lines], width)
        case FloorMap():
            floor = _wrap(measure_floor(block, width), lambda p, x, y, w: paint_floor(p, block, (x, y, w)))
            return _frame(page, block.title, "" if block.values is not None else block.note, [floor], width)


def _frame(page: PagePainter, title: str, note: str, pieces: list[Piece], width: float) -> list[Piece]:
    framed = [_keep(_make_paragraph(page, title, BLOCK, width, below=5.0))] if title else []
    framed += pieces
    if note:
        framed.append(_make_paragraph(page, note, SMALL, width))
    return [*framed, make_space(1.4 * GAP)]


def _keep(piece: Piece) -> Piece:
    return Piece(piece.height, piece.paint, keeps_next=True)


def _make_bars(chart: BarChart, top: float, colour: str) -> Piece:
    return _wrap(measure_bars(chart), lambda p, x, y, w: paint_bars(p, chart, (x, y, w), colour, top=top))


def _wrap(height: float, paint: Paint) -> Piece:
    return Piece(height, paint)


def _make_paragraph(
    page: PagePainter, text: str, style: TextStyle, width: float, *, below: float = 3.0
) -> Piece:
    height = page.measure_paragraph(width, text, style) + below
    return Piece(height, lambda p, x, y, w: p.paragraph(x, y, w, text, style))


def _make_bullet(page: PagePainter, sentence: str, width: float, colour: str) -> Piece:
    def paint(page: PagePainter, x: float, y: float, width: float) -> None:
        page.dot(x + 3, y + 6.5, 1.6, colour)
        page.paragraph(x + 11, y, width - 11, sentence, BODY)

    return Piece(page.measure_paragraph(width - 11, sentence, BODY) + 3.0, paint)


def _make_figures(figures: tuple[KeyFigure, ...], width: float, colour: str) -> list[Piece]:
    # four stand two by two rather than one below three
    a_row = 2 if len(figures) == 4 else _FIGURES_A_ROW
    rows = [figures[first : first + a_row] for first in range(0, len(figures), a_row)]
    each = (width - GAP * (a_row - 1)) / a_row

    def make_row(row: tuple[KeyFigure, ...]) -> Piece:
        def paint(page: PagePainter, x: float, y: float, _width: float) -> None:
            for number, figure in enumerate(row):
                _paint_figure(page, figure, (x + number * (each + GAP), y, each), colour)

        return Piece(_FIGURE_HEIGHT + GAP, paint)

    return [*(make_row(row) for row in rows), make_space(GAP / 2)]


def _paint_figure(
    page: PagePainter, figure: KeyFigure, place: tuple[float, float, float], colour: str
) -> None:
    x, y, width = place
    page.fill(x, y, width, _FIGURE_HEIGHT, PANEL, radius=4)
    page.fill(x, y + 6, 2.4, _FIGURE_HEIGHT - 12, colour)
    inner, room = x + 10, width - 16
    below = page.text(inner, y + 6, room, figure.name, NAME)
    below = page.text(inner, below, room, figure.shown, FIGURE)
    below = page.text(inner, below - 1, room, figure.interval, SMALL)
    if figure.change:
        tone = INK if figure.is_change_real else MUTED
        page.text(
            inner,
            y + _FIGURE_HEIGHT - 16,
            room,
            figure.change,
            TextStyle(8, tone, is_bold=figure.is_change_real),
        )
