"""The accuracy certificate: one A4 page, in English or Simplified Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.core.number_words import Translator, make_translator
from app.print.page_painter import ACCENT, FAINT, INK, MUTED, PANEL, WARNING, PagePainter, TextStyle
from app.print.pdf_file import write_pdf
from app.validation.validation_certificate import (
    Figure,
    describe_conditions,
    describe_facts,
    describe_figures,
    describe_method,
    describe_missing,
    describe_picture_handling,
    describe_quality,
    describe_row,
    describe_versions,
    list_headings,
)

if TYPE_CHECKING:
    from app.validation.validation_certificate import Certificate

MARGIN = 42.0
GAP = 10.0
ROW = 26.0
COLUMN_SHARES = (0.13, 0.085, 0.1, 0.125, 0.125, 0.125, 0.125, 0.105, 0.08)
"""Shares of the table's width."""
HEADING_HEIGHT = 14.0
FOOT_HEIGHT = MARGIN + 28.0
TITLE = TextStyle(22, is_bold=True)
BRAND = TextStyle(9, ACCENT, is_bold=True)
HEADING = TextStyle(9.5, is_bold=True)
BODY = TextStyle(8.5)
SMALL = TextStyle(7.5, MUTED)
CELL = TextStyle(8)
TOTAL_CELL = TextStyle(8, is_bold=True)
LISTED = TextStyle(8)
NUMBER = TextStyle(19, is_bold=True)
NO_NUMBER = TextStyle(11, WARNING, is_bold=True)


def write_certificate(file: Path, certificate: Certificate, *, language: str) -> None:
    """Write a certificate as PDF, atomically.

    Args:
        language: ``en`` or ``zh_CN``.

    Raises:
        OutputError: the file cannot be written.
    """
    tr = make_translator(language)
    title = f"{tr('Accuracy certificate')} – {certificate.title}"
    write_pdf(
        file,
        title=title,
        creator=f"ExpoFlow {certificate.software_version}",
        paint=lambda page: paint_certificate(page, certificate, tr),
    )


def paint_certificate(page: PagePainter, certificate: Certificate, tr: Translator) -> None:
    """Paint the whole page, with as many cameras as fit."""
    width = page.width - 2 * MARGIN
    half = (width - 2 * GAP) / 2
    left = [_List(tr("Conditions"), describe_conditions(certificate, tr))]
    right = [_List(tr("Not measured"), describe_missing(certificate, tr))]
    if quality := describe_quality(certificate, tr):
        right.append(_List(tr("Other results"), quality))
    method = (describe_method(tr), describe_picture_handling(certificate, tr))
    y = _paint_head(page, certificate, tr, width)
    y = _paint_figures(page, describe_figures(certificate, tr), y + GAP, width, tr) + 1.4 * GAP
    lists_height = max(_measure_lists(page, lists, half) for lists in (left, right))
    method_height = sum(page.measure_paragraph(width, text, SMALL) + 3 for text in method) + HEADING_HEIGHT
    room = page.height - FOOT_HEIGHT - y - lists_height - method_height - 4 * GAP
    y = _paint_table(page, certificate, tr, (y, width, room)) + 1.4 * GAP
    _paint_lists(page, (MARGIN, y, half), left)
    _paint_lists(page, (MARGIN + half + 2 * GAP, y, half), right)
    y = page.text(MARGIN, y + lists_height + GAP, width, tr("Method"), HEADING)
    for text in method:
        y = page.paragraph(MARGIN, y + 3, width, text, SMALL)
    _paint_foot(page, certificate, tr, width)


@dataclass(frozen=True, slots=True)
class _List:
    """A heading with sentences below it."""

    heading: str
    sentences: tuple[str, ...]


def _paint_head(page: PagePainter, certificate: Certificate, tr: Translator, width: float) -> float:
    page.fill(0, 0, page.width, 6, ACCENT)
    page.text(MARGIN, MARGIN - 8, width, "ExpoFlow", BRAND)
    y = page.text(MARGIN, MARGIN + 4, width, tr("Accuracy certificate"), TITLE)
    y += 6
    for name, value in describe_facts(certificate, tr):
        page.text(MARGIN, y, 90, name, TextStyle(8.5, MUTED))
        y = page.text(MARGIN + 92, y, width - 92, value, BODY) + 1.5
    return y


def _paint_figures(
    page: PagePainter, figures: tuple[Figure, ...], y: float, width: float, tr: Translator
) -> float:
    each = (width - GAP * (len(figures) - 1)) / len(figures)
    height = 98.0
    for number, figure in enumerate(figures):
        x = MARGIN + number * (each + GAP)
        page.fill(x, y, each, height, PANEL, radius=4)
        inner, room = x + 8, each - 16
        below = page.text(inner, y + 7, room, figure.name, TextStyle(8, MUTED))
        if figure.value is None or figure.range is None:
            below = page.text(inner, below + 7, room, tr("Not enough labels"), NO_NUMBER)
            page.paragraph(inner, below + 8, room, figure.basis, TextStyle(7, MUTED))
            continue
        below = page.text(inner, below + 1, room, figure.value, NUMBER)
        below = page.text(inner, below - 1, room, figure.interval, TextStyle(7.5, INK))
        _paint_range(page, inner, below + 5, room, figure)
        page.paragraph(inner, below + 19, room, figure.basis, TextStyle(6.5, MUTED))
    return y + height


def _paint_range(page: PagePainter, x: float, y: float, width: float, figure: Figure) -> None:
    """Paint an interval as a line and the value as a dot, on a labelled scale."""
    assert figure.range is not None
    at, start, end = figure.range
    page.rule(x, y, width, colour=FAINT, thick=1.2)
    page.rule(x + start * width, y, max(1.0, (end - start) * width), colour=ACCENT, thick=2.4)
    page.dot(x + at * width, y, 2.4, INK)
    low, high = figure.marks
    page.text(x, y + 4, width, low, TextStyle(6, MUTED))
    page.text(x, y + 4, width, high, TextStyle(6, MUTED, align=Qt.AlignmentFlag.AlignRight))


def _paint_table(
    page: PagePainter, certificate: Certificate, tr: Translator, place: tuple[float, float, float]
) -> float:
    """Paint the table of cameras at y within a width and height; return the y below it."""
    y, width, room = place
    below = y + room
    y = page.text(MARGIN, y, width, tr("By camera"), HEADING) + 4
    headings = tuple((heading, "") for heading in list_headings(tr))
    _paint_row(page, headings, y, width, TextStyle(7, MUTED))
    y += 13
    page.rule(MARGIN, y, width, colour=INK)
    # room for the total's row and the line about cameras left out
    most = max(1, int((below - y - ROW - HEADING_HEIGHT) // ROW))
    shown = certificate.cameras[:most]
    for camera in shown:
        _paint_row(page, describe_row(camera, tr), y + 4, width, CELL)
        y += ROW
        page.rule(MARGIN, y, width)
    _paint_row(page, describe_row(certificate.total, tr), y + 4, width, TOTAL_CELL)
    y += ROW
    page.rule(MARGIN, y, width, colour=INK)
    left_out = len(certificate.cameras) - len(shown)
    if left_out:
        y = page.text(
            MARGIN, y + 3, width, tr("The numbers include {cameras} more cameras.", cameras=left_out), SMALL
        )
    return y


def _paint_row(
    page: PagePainter, cells: tuple[tuple[str, str], ...], y: float, width: float, style: TextStyle
) -> None:
    x = MARGIN
    for (value, interval), share in zip(cells, COLUMN_SHARES, strict=True):
        below = page.text(x, y, share * width - 4, value, style)
        page.text(x, below - 1, share * width - 4, interval, TextStyle(6.5, MUTED))
        x += share * width


def _measure_lists(page: PagePainter, lists: list[_List], width: float) -> float:
    """Return the height of stacked lists."""
    heights = [
        HEADING_HEIGHT + 2 + sum(page.measure_paragraph(width - 8, one, LISTED) + 2 for one in each.sentences)
        for each in lists
    ]
    return sum(heights) + GAP * (len(lists) - 1)


def _paint_lists(page: PagePainter, place: tuple[float, float, float], lists: list[_List]) -> None:
    """Paint stacked lists at x, y within a width."""
    x, y, width = place
    for each in lists:
        page.text(x, y, width, each.heading, HEADING)
        y += HEADING_HEIGHT + 2
        for sentence in each.sentences:
            page.dot(x + 2, y + 5.5, 1.1, MUTED)
            y = page.paragraph(x + 8, y, width - 8, sentence, LISTED) + 2
        y += GAP


def _paint_foot(page: PagePainter, certificate: Certificate, tr: Translator, width: float) -> None:
    pairs = describe_versions(certificate, tr)
    y = page.height - MARGIN - 24
    page.rule(MARGIN, y, width)
    shares = (0.20, 0.20, 0.60)
    x = MARGIN
    for (name, value), share in zip(pairs, shares, strict=True):
        below = page.text(x, y + 5, share * width - 6, name, TextStyle(6.5, MUTED))
        page.text(x, below + 1, share * width - 6, value, TextStyle(7.5))
        x += share * width
