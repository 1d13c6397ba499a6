"""Writing of a venue's privacy pack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from analytics.domain.errors import OutputError
from app.error_reporting import convert_error
from app.print.page_painter import ACCENT, INK, MUTED, PagePainter, Point, TextStyle
from app.print.pdf_file import paint_pdf
from app.print.report_document import paint_report
from resources.atomic_file import write_bytes_atomically

if TYPE_CHECKING:
    from app.privacy.privacy_pack import PrivacyPack, SignText

MARGIN = 54.0
SYMBOL_WIDTH = 92.0
LABEL_WIDTH = 104.0
TITLE_PT, SENTENCE_PT, FACT_PT = 30.0, 14.5, 11.5
MIN_SCALE, MAX_SCALE = 0.5, 1.25
"""Scale limits of the sign's text; smaller text cannot be read while standing."""


def paint_sign(signs: tuple[SignText, ...], *, creator: str) -> bytes:
    """Return the sign as PDF.

    Raises:
        OutputError: the bundled fonts are missing.
    """
    return paint_pdf(title=signs[0].title, creator=creator, paint=lambda page: _paint(page, signs))


def _paint(page: PagePainter, signs: tuple[SignText, ...]) -> None:
    page.fill(0, 0, page.width, 14, ACCENT)
    page.fill(0, page.height - 14, page.width, 14, ACCENT)
    _paint_camera(page, (page.width - SYMBOL_WIDTH) / 2, MARGIN, SYMBOL_WIDTH)
    top = MARGIN + SYMBOL_WIDTH * 0.72 + 26
    room = (page.height - MARGIN - top) / len(signs)
    for number, sign in enumerate(signs):
        y = top + number * room
        if number:
            page.rule(MARGIN, y - 14, page.width - 2 * MARGIN, colour=MUTED)
        _paint_sign_text(page, sign, y, _find_scale(page, sign, room - 22), is_painted=True)


def _find_scale(page: PagePainter, sign: SignText, room: float) -> float:
    """Return the largest scale at which a language fits into its part of the page."""
    scale = MAX_SCALE
    while scale > MIN_SCALE and _paint_sign_text(page, sign, 0.0, scale, is_painted=False) > room:
        scale -= 0.05
    return scale


def _paint_sign_text(
    page: PagePainter, sign: SignText, top: float, scale: float, *, is_painted: bool
) -> float:
    """Paint a language, or only measure it; return the y below it."""
    width = page.width - 2 * MARGIN
    title = TextStyle(TITLE_PT * scale, INK, is_bold=True, align=Qt.AlignmentFlag.AlignHCenter)
    body = TextStyle(SENTENCE_PT * scale)
    label, value = TextStyle(FACT_PT * scale, MUTED), TextStyle(FACT_PT * scale, is_bold=True)
    y = _paint_text(page, (MARGIN, top, width), sign.title, title, is_painted=is_painted) + 10 * scale
    for sentence in sign.sentences:
        y = _paint_text(page, (MARGIN, y, width), sentence, body, is_painted=is_painted) + 5 * scale
    y += 6 * scale
    for name, text in sign.facts:
        ends = [
            _paint_text(page, (MARGIN, y, LABEL_WIDTH - 10), name, label, is_painted=is_painted),
            _paint_text(
                page, (MARGIN + LABEL_WIDTH, y, width - LABEL_WIDTH), text, value, is_painted=is_painted
            ),
        ]
        y = max(ends) + 4 * scale
    return y


def _paint_text(
    page: PagePainter, place: tuple[float, float, float], text: str, style: TextStyle, *, is_painted: bool
) -> float:
    x, y, width = place
    if is_painted:
        return page.paragraph(x, y, width, text, style)
    return y + page.measure_paragraph(width, text, style)


def _paint_camera(page: PagePainter, x: float, y: float, width: float) -> None:
    """Paint a camera that looks down from a wall, and points: places are stored, not pictures."""
    height = width * 0.72

    def at(across: float, down: float) -> Point:
        return x + across * width, y + down * height

    page.polygon([[at(0.0, 0.0), at(0.06, 0.0), at(0.06, 0.6), at(0.0, 0.6)]], fill=INK)
    page.polygon([[at(0.06, 0.22), at(0.2, 0.22), at(0.2, 0.32), at(0.06, 0.32)]], fill=INK)
    page.polygon([[at(0.2, 0.02), at(0.66, 0.2), at(0.56, 0.56), at(0.1, 0.38)]], fill=INK)
    page.polygon([[at(0.66, 0.2), at(0.78, 0.25), at(0.68, 0.61), at(0.56, 0.56)]], fill=ACCENT)
    for across, down in ((0.82, 0.62), (0.9, 0.78), (0.98, 0.94), (0.78, 0.86)):
        page.dot(*at(across, down), 3.2, ACCENT)


SIGN_FILE = "entrance-sign.pdf"
RECORD_FILE = "record-of-processing.pdf"


def write_privacy_pack(folder: Path, pack: PrivacyPack) -> tuple[Path, ...]:
    """Write the pack into a folder, all or none, replacing the files of an earlier one.

    Raises:
        OutputError: a file cannot be written, or the fonts are missing; everything is painted before writing.
    """
    creator = f"ExpoFlow {pack.record.versions['expoflow']}"
    contents = {
        SIGN_FILE: paint_sign(pack.signs, creator=creator),
        RECORD_FILE: paint_report(pack.record),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            write_bytes_atomically(folder / name, content)
    except OSError as error:
        raise convert_error(OutputError, error, file=folder) from error
    return tuple(folder / name for name in contents)
