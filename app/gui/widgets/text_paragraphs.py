"""Centred paragraphs of text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter


def draw_paragraphs(
    painter: QPainter, room: QRect, parts: Sequence[tuple[str, QFont, str]], *, gap_px: int
) -> None:
    """Draw centred paragraphs, as many as fit completely.

    Args:
        parts: text, font and colour of each; the first is drawn in any case.
        gap_px: between two of them.
    """
    flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    placed: list[tuple[str, QFont, str, int]] = []
    used = 0
    for text, font, colour in parts:
        bounds = QFontMetrics(font).boundingRect(QRect(0, 0, room.width(), 10000), int(flags), text)
        if placed and used + bounds.height() > room.height():
            break
        placed.append((text, font, colour, bounds.height()))
        used += bounds.height() + gap_px
    y = room.top() + max(0, (room.height() - used) // 2)
    for text, font, colour, height in placed:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        painter.drawText(QRect(room.left(), y, room.width(), height), int(flags), text)
        y += height + gap_px
