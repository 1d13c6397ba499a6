"""PDF files painted by Qt: vector graphics and embedded fonts, so that text can be searched and copied."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QMarginsF
from PySide6.QtGui import QGuiApplication, QPageSize, QPainter, QPdfWriter

from analytics.domain.errors import OutputError
from app.error_reporting import convert_error
from app.print.fonts import load_fonts
from app.print.page_painter import UNITS_PER_POINT, PagePainter
from resources.atomic_file import write_bytes_atomically

POINTS_PER_INCH = 72


def write_pdf(file: Path, *, title: str, creator: str, paint: Callable[[PagePainter], None]) -> None:
    """Write one A4 page, atomically.

    Args:
        title, creator: document properties; the creator is the program with its version.

    Raises:
        OutputError: the file cannot be written.
    """
    content = paint_pdf(title=title, creator=creator, paint=paint)
    try:
        write_bytes_atomically(file, content)
    except OSError as error:
        raise convert_error(OutputError, error, file=file) from error


def paint_pdf(*, title: str, creator: str, paint: Callable[[PagePainter], None]) -> bytes:
    """Return a PDF of one A4 page; needs no display and may be called in any thread.

    Raises:
        OutputError: the bundled fonts, without which Chinese text could not be searched, are missing.
    """
    return paint_pages(title=title, creator=creator, paint=lambda page, _turn: paint(page))


def paint_pages(
    *, title: str, creator: str, paint: Callable[[PagePainter, Callable[[], object]], object]
) -> bytes:
    """Return a PDF of any number of A4 pages.

    Args:
        paint: receives the painter and a function that starts the next page.

    Raises:
        OutputError: the bundled fonts are missing.
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
    """Register the bundled fonts with Qt.

    Raises:
        OutputError: the fonts are missing, without which Chinese text could not be searched.
    """
    if not load_fonts():
        raise OutputError(
            "ExpoFlow's fonts are missing, so nothing can be printed.",
            "Install ExpoFlow again.",
        )


def start_painting() -> None:
    """Start the application that fonts need, one without a display if there is no window."""
    if QCoreApplication.instance() is not None:
        return
    # servers have no display
    if sys.platform.startswith("linux"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    _applications.append(QGuiApplication(["expoflow"]))


_applications: list[QGuiApplication] = []
"""Keeps the application alive: Qt ends with its last reference."""
