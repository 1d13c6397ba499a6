"""Table cells that show a level of service as its letter on its colour."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from app.gui.tables.record_table import Index
from app.gui.widgets.level_colours import LEVEL_COLOURS, find_text_colour

_MARGIN_PX = 4


class LevelCells(QStyledItemDelegate):
    """Delegate that draws a level as a box like those of the legend, and other texts as usual."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: D102
        level = str(index.data() or "")
        colour = LEVEL_COLOURS.get(level)
        if colour is None:
            super().paint(painter, option, index)
            return
        cell: QRect = option.rect
        side = cell.height() - 2 * _MARGIN_PX
        box = QRect(cell.left() + 8, cell.center().y() - side // 2, side, side)
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawRect(box)
        painter.setPen(QColor(find_text_colour(level)))
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, level)
        painter.restore()
