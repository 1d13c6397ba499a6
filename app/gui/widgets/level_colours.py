"""Colours of the levels of service, safe for colour blindness, and their legend."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.gui.session.theme import current_theme
from app.gui.session.translation import tr

LEVEL_COLOURS = {
    "A": "#4575b4",
    "B": "#91bfdb",
    "C": "#e0f3f8",
    "D": "#fee090",
    "E": "#fc8d59",
    "F": "#d73027",
}
"""ColorBrewer's RdYlBu with six classes, safe for all three kinds of colour blindness."""
_BOX_PX = 26
_INK_LIGHT, _INK_DARK = "#ffffff", "#182230"


def find_text_colour(level: str) -> str:
    return _INK_LIGHT if level in ("A", "F") else _INK_DARK


class LevelLegend(QWidget):
    """Legend of six boxes with the levels' letters."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(26)
        self.retranslate()

    def retranslate(self) -> None:
        self._scheme = tr("A: free to walk, F: jammed")
        words_px = self.fontMetrics().horizontalAdvance(self._scheme)
        self.setFixedWidth(len(LEVEL_COLOURS) * _BOX_PX + current_theme().space_s + words_px + 2)
        self.setAccessibleName(tr("Levels of service, A to F"))
        self.setToolTip(
            tr(
                "Level of service by Fruin (walkways): A above 3.25 m² per person, B above 2.32, C "
                "above 1.39, D above 0.93, E above 0.46, F below. Based on the zone's observed floor "
                "without obstacles."
            )
        )

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        width, font = float(_BOX_PX), self.font()
        left = len(LEVEL_COLOURS) * _BOX_PX + current_theme().space_s
        painter.setPen(QColor(current_theme().text_muted))
        painter.drawText(
            QRectF(left, 0, self.width() - left, self.height()), Qt.AlignmentFlag.AlignVCenter, self._scheme
        )
        font.setBold(True)
        painter.setFont(font)
        for index, (level, colour) in enumerate(LEVEL_COLOURS.items()):
            box = QRectF(index * width, 0, width - 2, self.height() - 1)
            painter.setPen(QColor(current_theme().border))
            painter.setBrush(QColor(colour))
            painter.drawRect(box)
            painter.setPen(QColor(find_text_colour(level)))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, level)
