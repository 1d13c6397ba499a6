"""A whole report as a PDF file: a title, sections on pages with their numbers, bookmarks."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter
from PySide6.QtSvg import QSvgRenderer

from analytics.domain.errors import OutputError
from analytics.reports.content import BarChart, Block, FloorMap, LineChart, ReportContent, Table
from app.error_reporting import explain_error
from app.print.block_pieces import make_pieces
from app.print.page_painter import INK, MUTED, PagePainter, TextStyle
from app.print.pdf_file import paint_pages
from app.print.pieces import Piece, PlacedPiece, make_space, place_pieces
from app.print.report_styles import BOTTOM, GAP, MARGIN, RIGHT, SECTION, SUBTITLE, TITLE, TOP
from resources.atomic_file import write_bytes_atomically

LOGO_WH = (150.0, 44.0)
LOGO_PIXELS = 4
"""Of a drawn logo, for each point."""
LARGEST_LOGO_BYTES = 5_000_000
MOST_LOGO_PIXELS = 40_000_000
_FOOT = TextStyle(7.5, MUTED)


def write_report(file: Path, content: ReportContent) -> None:
    """Write a report as PDF, whole or not at all.

    Raises:
        OutputError: the file cannot be written, the logo is no picture, or our fonts are absent.
    """
    data = paint_report(content)
    try:
        write_bytes_atomically(file, data)
    except OSError as error:
        raise explain_error(OutputError, error, file=file) from error


def paint_report(content: ReportContent) -> bytes:
    """The content of a PDF file: vectors, searchable text, a bookmark for each section.

    Raises:
        OutputError: the logo is no picture, or our fonts are absent.
    """
    logo = read_logo(content.branding.logo)
    bookmarks: list[tuple[str, int]] = []

    def paint(page: PagePainter, turn: Callable[[], object]) -> None:
        for number, placed in enumerate(lay_out(page, content, logo)):
            if number:
                turn()
            bookmarks.extend((one.piece.bookmark, number) for one in placed if one.piece.bookmark)
            _paint_placed(page, placed)

    data = paint_pages(title=content.title, creator=_name_program(content), paint=paint)
    return _add_outline(data, bookmarks, content)


def lay_out(page: PagePainter, content: ReportContent, logo: QImage | None) -> list[list[PlacedPiece]]:
    """What stands where on each page, heads and feet of the pages with it."""
    width = page.width - 2 * MARGIN
    pieces = [_make_title(page, content, logo, width), make_space(1.5 * GAP)]
    for section in content.sections:
        pieces.append(_make_heading(page, section.title, width, content.branding.colour))
        for block in section.blocks:
            pieces += make_pieces(page, _drop_title(block, section.title), width, content)
        pieces.append(make_space(GAP))
    pages = place_pieces(pieces, top=MARGIN, bottom=page.height - BOTTOM)
    for number, placed in enumerate(pages, start=1):
        placed.append(_make_foot(content, number, len(pages), page.height))
    return pages


def paint_page(page: PagePainter, placed: list[PlacedPiece]) -> None:
    """Paint one page of ``lay_out``, for a preview."""
    _paint_placed(page, placed)


def read_logo(logo: bytes | None) -> QImage | None:
    """A logo as a picture; drawn ones many times as large as they are printed.

    Raises:
        OutputError: it is no picture that can be read, or too large.
    """
    if logo is None:
        return None
    image = QImage()
    if len(logo) <= LARGEST_LOGO_BYTES:
        image = _draw_logo(logo) if logo.lstrip()[:1] == b"<" else _read_pixels(logo)
    if image.isNull():
        raise OutputError(
            "The logo is no picture that can be read.", "Choose a PNG, JPEG or SVG file of at most 5 MB."
        )
    return image


def _read_pixels(logo: bytes) -> QImage:
    """A PNG or JPEG; a null picture where it is none, or where a small file would fill the memory."""
    buffer = QBuffer()
    buffer.setData(QByteArray(logo))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    size = reader.size()
    if not size.isValid() or size.width() * size.height() > MOST_LOGO_PIXELS:
        return QImage()
    return reader.read()


def _draw_logo(logo: bytes) -> QImage:
    """An SVG, many times as large as it is printed; a null picture where it is none or has scripts."""
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
    """A block without the title that its section has already."""
    match block:
        case Table() | BarChart() | LineChart() | FloorMap() if block.title == section:
            return dataclasses.replace(block, title="")
        case _:
            return block


def _paint_placed(page: PagePainter, placed: list[PlacedPiece]) -> None:
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
            shown_w, shown_h = logo.width() * scale, logo.height() * scale
            page.image(x + width - shown_w, y - 16, shown_w, shown_h, logo)
        below = page.paragraph(x, y + 4, room, content.title, TITLE)
        if content.subtitle:
            below = page.text(x, below + 2, room, content.subtitle, SUBTITLE)
        page.text(x, below + 6, width, facts, TextStyle(9.5, MUTED))

    return Piece(height, paint, bookmark=content.title)


def _make_heading(page: PagePainter, title: str, width: float, colour: str) -> Piece:
    height = page.measure_paragraph(width, title, SECTION) + 14

    def paint(page: PagePainter, x: float, y: float, width: float) -> None:
        below = page.paragraph(x, y + 2, width, title, SECTION)
        page.rule(x, below + 3, width, colour=colour, thick=1.2)

    return Piece(height, paint, keeps_next=True, bookmark=title)


def _make_foot(content: ReportContent, number: int, pages: int, page_height: float) -> PlacedPiece:
    text = content.words.get("page", "Page {page} of {pages}").format(page=number, pages=pages)
    left = " · ".join(part for part in (content.title, content.venue, content.period_text) if part)

    def paint(page: PagePainter, x: float, y: float, width: float) -> None:
        page.rule(x, y, width)
        page.text(x, y + 6, width - 110, left, _FOOT)
        page.text(x, y + 6, width, text, TextStyle(7.5, MUTED, align=RIGHT))
        page.text(x, y + 17, width, _name_program(content), TextStyle(6.5, MUTED))

    return PlacedPiece(Piece(0.0, paint), page_height - BOTTOM + 14)


def _name_program(content: ReportContent) -> str:
    version = content.versions.get("ExpoFlow", "")
    return f"ExpoFlow {version}".strip()


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
