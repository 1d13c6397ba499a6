"""Short texts that are painted often, drawn once."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPixmap

_KEPT = 160
"""More than a tile shows in some seconds; figures change, and old ones fall out."""


class TextPixmaps:
    """One-line texts as pictures with a transparent background, the least used forgotten first."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[tuple[str, str, str, float], QPixmap] = OrderedDict()

    def clear(self) -> None:
        """Forget all: another font or theme is in force."""
        self._drawn.clear()

    def draw(self, text: str, *, colour: str, font: QFont, ratio: float) -> QPixmap:
        """The text in a colour ``#rrggbb``; ``ratio`` is device pixels for each pixel."""
        key = (text, colour, font.key(), ratio)
        known = self._drawn.get(key)
        if known is not None:
            self._drawn.move_to_end(key)
            return known
        metrics = QFontMetrics(font)
        size = QSize(max(1, metrics.horizontalAdvance(text) + 2), metrics.height())
        pixmap = QPixmap(size * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        painter.drawText(1, metrics.ascent(), text)
        painter.end()
        self._drawn[key] = pixmap
        if len(self._drawn) > _KEPT:
            self._drawn.popitem(last=False)
        return pixmap
