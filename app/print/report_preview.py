"""Pictures of a report's pages, laid out as in its PDF file."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtGui import QImage, QPainter

from analytics.results.content import ReportContent
from app.print.page_painter import UNITS_PER_POINT, PagePainter
from app.print.pdf_file import require_fonts, start_painting
from app.print.report_document import lay_out, paint_page, read_logo

A4_WH = (595.0, 842.0)
"""Width and height in points."""


class PagePicture(NamedTuple):
    """A page as the pixels of a ``QImage`` with ``Format_RGB32``, which another process can be sent."""

    width: int
    height: int
    pixels: bytes

    def to_image(self) -> QImage:
        """Return the picture; it shares the pixels, which must outlive it."""
        return QImage(self.pixels, self.width, self.height, QImage.Format.Format_RGB32)


def render_pages(content: ReportContent, *, pixels_per_point: float) -> tuple[PagePicture, ...]:
    """Return every page on white; may be called in any thread.

    Raises:
        OutputError: the logo is not an image, or the fonts are missing.
    """
    start_painting()
    require_fonts()
    logo = read_logo(content.branding.logo)
    scale = pixels_per_point / UNITS_PER_POINT
    width, height = (round(length * pixels_per_point) for length in A4_WH)
    scratch = QImage(8, 8, QImage.Format.Format_RGB32)
    measuring = QPainter(scratch)
    try:
        pages = lay_out(PagePainter(measuring, *A4_WH), content, logo)
    finally:
        measuring.end()
    images = []
    for placed in pages:
        image = QImage(width, height, QImage.Format.Format_RGB32)
        image.fill(0xFFFFFFFF)
        painter = QPainter(image)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.scale(scale, scale)
            paint_page(PagePainter(painter, *A4_WH), placed)
        finally:
            painter.end()
        images.append(PagePicture(width, height, bytes(image.constBits())))
    return tuple(images)
