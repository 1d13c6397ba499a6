"""PDF files painted by Qt: vectors and our own font, so that every word can be searched and copied."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QMarginsF
from PySide6.QtGui import QGuiApplication, QPageSize, QPainter, QPdfWriter

from analytics.domain.errors import OutputError
from app.error_reporting import explain_error
from app.print.fonts import load_fonts
from app.print.page_painter import UNITS_PER_POINT, PagePainter
from resources.atomic_file import write_bytes_atomically

POINTS_PER_INCH = 72


def write_pdf(file: Path, *, title: str, creator: str, paint: Callable[[PagePainter], None]) -> None:
    """Paint one A4 page into a file, whole or not at all.

    Args:
        title, creator: properties of the document; the second is the program with its version.

    Raises:
        OutputError: the file cannot be written.
    """
    content = paint_pdf(title=title, creator=creator, paint=paint)
    try:
        write_bytes_atomically(file, content)
    except OSError as error:
        raise explain_error(OutputError, error, file=file) from error


def paint_pdf(*, title: str, creator: str, paint: Callable[[PagePainter], None]) -> bytes:
    """One A4 page as the content of a PDF file; may be called without a display, and in any thread.

    Raises:
        OutputError: the program's own fonts are absent, without which Chinese could not be searched.
    """
    return paint_pages(title=title, creator=creator, paint=lambda page, _turn: paint(page))


def paint_pages(
    *, title: str, creator: str, paint: Callable[[PagePainter, Callable[[], object]], object]
) -> bytes:
    """Any number of A4 pages as the content of a PDF file.

    Args:
        paint: is given the painter, and what turns to the next page.

    Raises:
        OutputError: the program's own fonts are absent.
    """
    start_painting()
    require_fonts()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(title)
    writer.setCreator(creator)
    writer.setResolution(POINTS_PER_INCH * UNITS_PER_POINT)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    painter = QPainter(writer)
    try:
        page = PagePainter(painter, writer.width() / UNITS_PER_POINT, writer.height() / UNITS_PER_POINT)
        paint(page, writer.newPage)
    finally:
        painter.end()
    buffer.close()
    return bytes(content.data())


def require_fonts() -> None:
    """Make our fonts known to Qt.

    Raises:
        OutputError: they are absent, without which Chinese could not be searched.
    """
    if not load_fonts():
        raise OutputError(
            "The fonts of ExpoFlow are not installed, so that nothing can be printed.",
            "Install ExpoFlow again.",
        )


def start_painting() -> None:
    """The application that fonts need; one without a display where the program has no window."""
    if QCoreApplication.instance() is not None:
        return
    # a server has no display, and nothing is shown
    if sys.platform.startswith("linux"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    _kept.append(QGuiApplication(["expoflow"]))


_kept: list[QGuiApplication] = []
"""Qt ends with its last reference."""
