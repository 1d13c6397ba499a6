"""Report as a PDF file: a title, sections on numbered pages, bookmarks."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter
from PySide6.QtSvg import QSvgRenderer

from analytics.domain.errors import OutputError
from analytics.results.cell_text import format_cell, format_heading
from analytics.results.content import (
    BarChart,
    Block,
    Bullets,
    Cell,
    CellKind,
    FloorMap,
    KeyFigure,
    KeyFigures,
    LineChart,
    Paragraph,
    ReportContent,
    Table,
    Weight,
)
from app.error_reporting import convert_error
from app.print.chart_painter import (
    LINE_HEIGHT,
    find_top,
    measure_bars,
    paint_bars,
    paint_lines,
    split_bars,
)
from app.print.floor_painter import MAX_HEIGHT, measure_floor, paint_floor
from app.print.page_painter import FAINT, INK, MUTED, PANEL, WARNING, PagePainter, TextStyle
from app.print.pdf_file import paint_pages
from app.print.report_styles import (
    BLOCK,
    BODY,
    BOTTOM,
    CELL,
    CELL_RIGHT,
    FIGURE,
    GAP,
    HEAD_CELL,
    HEAD_CELL_RIGHT,
    LEAD,
    MARGIN,
    NAME,
    RIGHT,
    SECTION,
    SMALL,
    SUBTITLE,
    TITLE,
    TOP,
)
from resources.atomic_file import write_bytes_atomically

Paint = Callable[[PagePainter, float, float, float], object]
"""Paints at x, y within a width, in points."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a report that is not split across pages.

    Attributes:
        height: in points, including the space below.
        keeps_next: the following piece stays on the same page, as after a heading.
        head: repeated above the piece when it is the first on a page, such as a table's heading.
        bookmark: title of its bookmark; empty for none.
        is_space: blank space, dropped at the start and end of a page.
        least_height: height to which it can be reduced to end a page; None if it cannot.
        reduce: returns it with at most a height.
    """

    height: float
    paint: Paint
    keeps_next: bool = False
    head: Piece | None = None
    bookmark: str = ""
    starts_page: bool = False
    is_space: bool = False
    least_height: float | None = None
    reduce: Callable[[float], Piece] | None = None


@dataclass(frozen=True, slots=True)
class PlacedPiece:
    """A piece on its page."""

    piece: Piece
    y: float


_LITTLE_SHARE, _TIGHT = 0.35, 0.4


def place_pieces(pieces: list[Piece], *, top: float, bottom: float) -> list[list[PlacedPiece]]:
    """Place pieces on pages from top to bottom, in points; one that is higher than a page gets its own."""
    pages: list[list[PlacedPiece]] = [[]]
    y = top
    for index, piece in enumerate(pieces):
        if piece.is_space and (not pages[-1] or y + piece.height > bottom):
            # a page of its own would be empty
            continue
        needed = piece.least_height or piece.height
        follower = index
        while pieces[follower].keeps_next and follower + 1 < len(pieces):
            follower += 1
            needed += pieces[follower].least_height or pieces[follower].height
        is_first = not pages[-1]
        if not is_first and (piece.starts_page or y + needed > bottom):
            pages.append([])
            y = top
            if piece.head is not None:
                pages[-1].append(PlacedPiece(piece.head, y))
                y += piece.head.height
        shown = piece.reduce(bottom - y) if piece.reduce and y + piece.height > bottom else piece
        pages[-1].append(PlacedPiece(shown, y))
        y += shown.height
    return pages


def fill_pages(pieces: list[Piece], *, top: float, bottom: float) -> list[list[PlacedPiece]]:
    """Place pieces on pages; with less space between them where the last page would be nearly empty."""
    pages = place_pieces(pieces, top=top, bottom=bottom)
    end = max((one.y + one.piece.height for one in pages[-1]), default=top)
    if len(pages) == 1 or end - top > _LITTLE_SHARE * (bottom - top):
        return pages
    tight = [
        dataclasses.replace(piece, height=_TIGHT * piece.height) if piece.is_space else piece
        for piece in pieces
    ]
    return min(pages, place_pieces(tight, top=top, bottom=bottom), key=len)


def make_space(height: float) -> Piece:
    """Return an empty piece."""
    return Piece(height, lambda _page, _x, _y, _width: None, is_space=True)


_ROW = 17.0
_ROW_WITH_INTERVAL = 24.0
_PADDING = 7.0
_NAME_SHARE = 1.7
"""Width of a column of names relative to one of numbers."""
_MAX_NAME_SHARE = 0.35
"""Maximum share of the table's width for names; longer ones are cut."""
_INTERVAL_RIGHT = TextStyle(6.5, SMALL.colour, align=CELL_RIGHT.align)


def make_table_pieces(page: PagePainter, table: Table, width: float, content: ReportContent) -> list[Piece]:
    """Return pieces of a heading and one per row; each row refers to its heading."""
    titles = [format_heading(column.title, column.unit, content) for column in table.columns]
    interval_widths = [_measure_intervals(page, table, index, content) for index in range(len(titles))]
    needed = _measure_columns(page, table, titles, width, content, interval_widths)
    # intervals stand beside their values where there is room, else below them
    is_tall = sum(needed) > width
    if is_tall:
        needed = _measure_columns(page, table, titles, width, content, None)
    widths = _distribute_width(table, width, needed)
    head_height = 6.0 + max(
        page.measure_paragraph(column_width - _PADDING, title, HEAD_CELL)
        for column_width, title in zip(widths, titles, strict=True)
    )

    def paint_head(page: PagePainter, x: float, y: float, width: float) -> None:
        at = x
        for column, title, column_width in zip(table.columns, titles, widths, strict=True):
            style = HEAD_CELL if column.kind is CellKind.TEXT else HEAD_CELL_RIGHT
            page.paragraph(at, y, column_width - _PADDING, title, style)
            at += column_width
        page.rule(x, y + head_height - 3, width, colour=INK, thick=0.8)

    head = Piece(head_height, paint_head, keeps_next=True)
    height = _ROW_WITH_INTERVAL if is_tall and any(interval_widths) else _ROW

    def make_row(cells: tuple[Cell, ...]) -> Piece:
        def paint_row(page: PagePainter, x: float, y: float, width: float) -> None:
            at = x
            for cell, column, column_width, beside in zip(
                cells, table.columns, widths, interval_widths, strict=True
            ):
                style = CELL if column.kind is CellKind.TEXT else CELL_RIGHT
                value, interval = format_cell(cell, column, content)
                room = column_width - _PADDING
                next_y = page.text(at, y + 2, room if is_tall else room - beside, value, style)
                if interval:
                    page.text(at, next_y - 1 if is_tall else y + 3.5, room, interval, _INTERVAL_RIGHT)
                at += column_width
            page.rule(x, y + height - 1.5, width, colour=FAINT, thick=0.4)

        return Piece(height, paint_row, head=head)

    return [head, *(make_row(row) for row in table.rows)]


def _measure_intervals(page: PagePainter, table: Table, index: int, content: ReportContent) -> float:
    """Return the width that a column's intervals need beside the values; 0 without an interval."""
    intervals = [format_cell(row[index], table.columns[index], content)[1] for row in table.rows]
    widest = max((page.measure_text(interval, _INTERVAL_RIGHT) for interval in intervals), default=0.0)
    return widest + _PADDING if widest else 0.0


def _measure_columns(  # noqa: PLR0917
    page: PagePainter,
    table: Table,
    titles: list[str],
    width: float,
    content: ReportContent,
    beside: list[float] | None,
) -> list[float]:
    """Return the widths of the columns' content; headings may wrap, and long names are cut.

    Args:
        beside: widths of the intervals that stand beside their values; None if they stand below.
    """
    needed = []
    for index, (column, title) in enumerate(zip(table.columns, titles, strict=True)):
        cells = [format_cell(row[index], column, content) for row in table.rows]
        widest = max(
            (
                *(page.measure_text(word, HEAD_CELL) for word in title.split()),
                *(page.measure_text(value, CELL) + (beside[index] if beside else 0.0) for value, _ in cells),
                *(page.measure_text(interval, _INTERVAL_RIGHT) for _, interval in cells),
            ),
            default=0.0,
        )
        if column.kind is CellKind.TEXT:
            widest = min(widest, _MAX_NAME_SHARE * width)
        needed.append(widest + _PADDING + 1.0)
    return needed


def _distribute_width(table: Table, width: float, needed: list[float]) -> list[float]:
    """Share a width among columns by content, none narrower than its numbers if the page is wide enough."""
    weights = [
        _NAME_SHARE if column.kind in (CellKind.TEXT, CellKind.TIME) else 1.0 for column in table.columns
    ]
    narrow: set[int] = set()
    while True:
        room = width - sum(needed[index] for index in narrow)
        shared = sum(weight for index, weight in enumerate(weights) if index not in narrow)
        widths = [
            needed[index] if index in narrow else room * weight / shared
            for index, weight in enumerate(weights)
        ]
        short = {
            index
            for index, column_width in enumerate(widths)
            if index not in narrow and column_width < needed[index]
        }
        if not short:
            return widths
        narrow |= short
        if len(narrow) == len(weights):
            return [width * column_width / sum(needed) for column_width in needed]


_FIGURES_PER_ROW = 3
_MAX_FIGURES_PER_ROW = 4
_FIGURE_HEIGHT = 84.0
_STYLES = {
    Weight.PLAIN: BODY,
    Weight.LEAD: LEAD,
    Weight.WARNING: TextStyle(9.5, WARNING),
    Weight.SMALL: SMALL,
}


_WHOLE_SHARE, _WHOLE_LIST_SHARE = 0.85, 0.45
"""Shares of a page up to which a table and a list are not split; the rest is for headings above."""
_LEAST_MAP_SHARE = 0.55


def make_pieces(  # noqa: PLR0911 - one for each sort
    page: PagePainter, block: Block, width: float, content: ReportContent
) -> list[Piece]:
    """Return the pieces of a block with its title and note."""
    colour = content.branding.colour
    match block:
        case Paragraph():
            paragraph = _make_paragraph(page, block.text, _STYLES[block.weight], width)
            # a leading sentence stays with what explains it
            leads = block.weight is Weight.LEAD
            return [
                dataclasses.replace(piece, keeps_next=leads) for piece in (paragraph, make_space(GAP / 2))
            ]
        case Bullets():
            bullets = [_make_bullet(page, sentence, width, colour) for sentence in block.sentences]
            framed = [*_frame(page, block.title, "", bullets, width)[:-1], make_space(GAP / 2)]
            return _hold_together(page, framed, share=_WHOLE_LIST_SHARE)
        case KeyFigures():
            return _make_figures(block.figures, width, colour)
        case Table():
            rows = make_table_pieces(page, block, width, content)
            return _hold_together(page, _frame(page, block.title, block.note, rows, width))
        case BarChart():
            bars = [_make_bars(part, find_top(block), colour) for part in split_bars(block)]
            return _frame(page, block.title, block.note, bars, width)
        case LineChart():
            lines = Piece(
                LINE_HEIGHT,
                lambda p, x, y, w: paint_lines(
                    p, block, (x, y, w), colour=colour, time_zone=content.time_zone
                ),
            )
            return _frame(page, block.title, block.note, [lines], width)
        case FloorMap():
            note = "" if block.values is not None else block.note
            return _frame(page, block.title, note, [_make_floor(block, width)], width)


def _frame(page: PagePainter, title: str, note: str, pieces: list[Piece], width: float) -> list[Piece]:
    framed: list[Piece] = []
    if title:
        heading = _make_paragraph(page, title, BLOCK, width, space=5.0)
        framed.append(dataclasses.replace(heading, keeps_next=True))
    framed += pieces
    if note:
        framed.append(_make_paragraph(page, note, SMALL, width))
    return [*framed, make_space(1.4 * GAP)]


def _make_floor(floor: FloorMap, width: float) -> Piece:
    def make(max_height: float) -> Piece:
        return Piece(
            measure_floor(floor, width, max_height),
            lambda page, x, y, width: paint_floor(page, floor, (x, y, width), max_height),
        )

    whole = make(MAX_HEIGHT)
    return dataclasses.replace(whole, least_height=_LEAST_MAP_SHARE * whole.height, reduce=make)


def _hold_together(page: PagePainter, framed: list[Piece], share: float = _WHOLE_SHARE) -> list[Piece]:
    """Keep a table or list on one page if it takes no more than a share of it."""
    if sum(piece.height for piece in framed) > share * (page.height - MARGIN - BOTTOM):
        return framed
    # what follows is space
    return [*(dataclasses.replace(piece, keeps_next=True) for piece in framed[:-2]), *framed[-2:]]


def _make_bars(chart: BarChart, top: float, colour: str) -> Piece:
    return Piece(measure_bars(chart), lambda p, x, y, w: paint_bars(p, chart, (x, y, w), colour, top=top))


def _make_paragraph(
    page: PagePainter, text: str, style: TextStyle, width: float, *, space: float = 3.0
) -> Piece:
    height = page.measure_paragraph(width, text, style) + space
    return Piece(height, lambda p, x, y, w: p.paragraph(x, y, w, text, style))


def _make_bullet(page: PagePainter, sentence: str, width: float, colour: str) -> Piece:
    def paint(page: PagePainter, x: float, y: float, width: float) -> None:
        page.dot(x + 3, y + 6.5, 1.6, colour)
        page.paragraph(x + 11, y, width - 11, sentence, BODY)

    return Piece(page.measure_paragraph(width - 11, sentence, BODY) + 3.0, paint)


def _make_figures(figures: tuple[KeyFigure, ...], width: float, colour: str) -> list[Piece]:
    # four figures in one row, not three and one
    per_row = len(figures) if len(figures) <= _MAX_FIGURES_PER_ROW else _FIGURES_PER_ROW
    rows = [figures[first : first + per_row] for first in range(0, len(figures), per_row)]
    figure_width = (width - GAP * (per_row - 1)) / per_row

    def make_row(row: tuple[KeyFigure, ...]) -> Piece:
        def paint(page: PagePainter, x: float, y: float, _width: float) -> None:
            for number, figure in enumerate(row):
                _paint_figure(page, figure, (x + number * (figure_width + GAP), y, figure_width), colour)

        return Piece(_FIGURE_HEIGHT + GAP, paint)

    return [*(make_row(row) for row in rows), make_space(GAP / 2)]


def _paint_figure(
    page: PagePainter, figure: KeyFigure, place: tuple[float, float, float], colour: str
) -> None:
    x, y, width = place
    page.fill(x, y, width, _FIGURE_HEIGHT, PANEL, radius=4)
    page.fill(x, y + 6, 2.4, _FIGURE_HEIGHT - 12, colour)
    inner, room = x + 10, width - 16
    next_y = page.text(inner, y + 6, room, figure.name, NAME)
    next_y = page.text(inner, next_y, room, figure.shown, FIGURE)
    next_y = page.text(inner, next_y - 1, room, figure.interval, SMALL)
    if figure.change:
        tone = INK if figure.is_change_real else MUTED
        style = TextStyle(7.5, tone, is_bold=figure.is_change_real)
        height = page.measure_paragraph(room, figure.change, style)
        page.paragraph(inner, y + _FIGURE_HEIGHT - 5 - height, room, figure.change, style)


LOGO_WH = (150.0, 44.0)
LOGO_PIXELS = 4
"""Pixels per point of a drawn logo."""
MAX_LOGO_BYTES = 5_000_000
MAX_LOGO_PIXELS = 40_000_000
_FOOTER = TextStyle(7.5, MUTED)


def write_report(file: Path, content: ReportContent) -> None:
    """Write a report as PDF, atomically.

    Raises:
        OutputError: the file cannot be written, the logo is not an image, or the fonts are missing.
    """
    data = paint_report(content)
    try:
        write_bytes_atomically(file, data)
    except OSError as error:
        raise convert_error(OutputError, error, file=file) from error


def paint_report(content: ReportContent) -> bytes:
    """Return a PDF: vector graphics, searchable text, a bookmark for each section.

    Raises:
        OutputError: the logo is not an image, or the fonts are missing.
    """
    logo = read_logo(content.branding.logo)
    bookmarks: list[tuple[str, int]] = []

    def paint(page: PagePainter, turn: Callable[[], object]) -> None:
        for number, placed in enumerate(lay_out(page, content, logo)):
            if number:
                turn()
            bookmarks.extend((one.piece.bookmark, number) for one in placed if one.piece.bookmark)
            paint_page(page, placed)

    data = paint_pages(title=content.title, creator=_name_program(content), paint=paint)
    return _add_outline(data, bookmarks, content)


def lay_out(page: PagePainter, content: ReportContent, logo: QImage | None) -> list[list[PlacedPiece]]:
    """Return every page's pieces, with headers and footers."""
    width = page.width - 2 * MARGIN
    pieces = [_make_title(page, content, logo, width), make_space(1.5 * GAP)]
    for section in content.sections:
        pieces.append(_make_heading(page, section.title, width, content.branding.colour))
        for block in section.blocks:
            pieces += make_pieces(page, _drop_title(block, section.title), width, content)
        pieces.append(make_space(GAP))
    pages = fill_pages(pieces, top=MARGIN, bottom=page.height - BOTTOM)
    for number, placed in enumerate(pages, start=1):
        placed.append(_make_footer(content, number, len(pages), page.height))
    return pages


def read_logo(logo: bytes | None) -> QImage | None:
    """Return a logo as an image; vector logos are drawn at several times their printed size.

    Raises:
        OutputError: the file is not a readable image, or too large.
    """
    if logo is None:
        return None
    image = QImage()
    if len(logo) <= MAX_LOGO_BYTES:
        image = _draw_logo(logo) if logo.lstrip()[:1] == b"<" else _read_pixels(logo)
    if image.isNull():
        raise OutputError(
            "The logo is not a readable image.", "Choose a PNG, JPEG or SVG file of at most 5 MB."
        )
    return image


def _read_pixels(logo: bytes) -> QImage:
    """Return a PNG or JPEG; a null image if it is invalid or would decode to an excessive size."""
    buffer = QBuffer()
    buffer.setData(QByteArray(logo))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    size = reader.size()
    if not size.isValid() or size.width() * size.height() > MAX_LOGO_PIXELS:
        return QImage()
    return reader.read()


def _draw_logo(logo: bytes) -> QImage:
    """Return an SVG, drawn at several times its printed size; a null image if invalid or with scripts."""
    renderer = QSvgRenderer(QByteArray(logo))
    if not renderer.isValid() or b"<script" in logo.lower():
        return QImage()
    room = QSize(round(LOGO_WH[0] * LOGO_PIXELS), round(LOGO_WH[1] * LOGO_PIXELS))
    image = QImage(
        renderer.defaultSize().scaled(room, Qt.AspectRatioMode.KeepAspectRatio),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    image.fill(0)
    painter = QPainter(image)
    try:
        renderer.render(painter, QRectF(image.rect()))
    finally:
        painter.end()
    return image


def _drop_title(block: Block, section: str) -> Block:
    """Return a block without a title that repeats its section's."""
    match block:
        case Table() | BarChart() | LineChart() | FloorMap() if block.title == section:
            return dataclasses.replace(block, title="")
        case _:
            return block


def paint_page(page: PagePainter, placed: list[PlacedPiece]) -> None:
    """Paint one page of ``lay_out``."""
    width = page.width - 2 * MARGIN
    for one in placed:
        one.piece.paint(page, MARGIN, one.y, width)


def _make_title(page: PagePainter, content: ReportContent, logo: QImage | None, width: float) -> Piece:
    facts = " · ".join(part for part in (content.venue, content.period_text) if part)
    has_logo = logo is not None
    room = width - (LOGO_WH[0] + GAP if has_logo else 0)
    title_height = page.measure_paragraph(room, content.title, TITLE)
    height = TOP - MARGIN + title_height + (18 if content.subtitle else 0) + 26

    def paint(page: PagePainter, x: float, y: float, width: float) -> None:
        page.fill(0, 0, page.width, 7, content.branding.colour)
        page.text(x, y - 16, width, content.branding.organiser or "ExpoFlow", _BRAND)
        if logo is not None:
            scale = min(LOGO_WH[0] / logo.width(), LOGO_WH[1] / logo.height())
            logo_w, logo_h = logo.width() * scale, logo.height() * scale
            page.image(x + width - logo_w, y - 16, logo_w, logo_h, logo)
        next_y = page.paragraph(x, y + 4, room, content.title, TITLE)
        if content.subtitle:
            next_y = page.text(x, next_y + 2, room, content.subtitle, SUBTITLE)
        page.text(x, next_y + 6, width, facts, TextStyle(9.5, MUTED))

    return Piece(height, paint, bookmark=content.title)


def _make_heading(page: PagePainter, title: str, width: float, colour: str) -> Piece:
    height = page.measure_paragraph(width, title, SECTION) + 14

    def paint(page: PagePainter, x: float, y: float, width: float) -> None:
        next_y = page.paragraph(x, y + 2, width, title, SECTION)
        page.rule(x, next_y + 3, width, colour=colour, thick=1.2)

    return Piece(height, paint, keeps_next=True, bookmark=title)


def _make_footer(content: ReportContent, number: int, pages: int, page_height: float) -> PlacedPiece:
    text = content.words.get("page", "Page {page} of {pages}").format(page=number, pages=pages)
    # managers read the first pages, and whoever must know what made the numbers the end of the last one
    versions = _list_versions(content) if number == pages else _name_program(content)
    left = " · ".join(part for part in (content.title, content.venue, content.period_text) if part)

    def paint(page: PagePainter, x: float, y: float, width: float) -> None:
        page.rule(x, y, width)
        page.text(x, y + 6, width - 110, left, _FOOTER)
        page.text(x, y + 6, width, text, TextStyle(7.5, MUTED, align=RIGHT))
        page.paragraph(x, y + 17, width, versions, TextStyle(6.5, MUTED))

    return PlacedPiece(Piece(0.0, paint), page_height - BOTTOM + 14)


def _name_program(content: ReportContent) -> str:
    version = content.versions.get("ExpoFlow", "")
    return f"ExpoFlow {version}".strip()


def _list_versions(content: ReportContent) -> str:
    return " · ".join(f"{name} {version}" for name, version in content.versions.items())


def _add_outline(data: bytes, bookmarks: list[tuple[str, int]], content: ReportContent) -> bytes:
    import pikepdf

    with pikepdf.open(io.BytesIO(data)) as pdf:
        with pdf.open_outline() as outline:
            outline.root.extend(pikepdf.OutlineItem(title, page) for title, page in bookmarks)
        with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["dc:title"] = content.title
            metadata["dc:language"] = {content.language.replace("_", "-")}
            if content.branding.organiser:
                metadata["dc:creator"] = [content.branding.organiser]
        pdf.docinfo["/Subject"] = content.period_text
        pdf.Root.Lang = pikepdf.String(content.language.replace("_", "-"))
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


_BRAND = TextStyle(9, INK, is_bold=True)
