"""Base of the items of plans and pictures, with their pens, colours and polygons."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

_MAX_CACHED = 160
"""Cache size, above the number of texts that a tile shows in some seconds."""


class TextPixmaps:
    """Cache of one-line texts as transparent pictures, least recently used dropped first."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[tuple[str, str, str, float], QPixmap] = OrderedDict()

    def clear(self) -> None:
        self._drawn.clear()

    def draw(self, text: str, *, colour: str, font: QFont, ratio: float) -> QPixmap:
        """Return the text in a colour ``#rrggbb``; ``ratio`` is device pixels per pixel."""
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
        if len(self._drawn) > _MAX_CACHED:
            self._drawn.popitem(last=False)
        return pixmap


class SceneItem(QGraphicsItem):
    """Item that paints itself in ``_draw`` within ``_bounds``, both in scene units."""

    def __init__(self) -> None:
        super().__init__()
        self._bounds = QRectF()

    def boundingRect(self) -> QRectF:  # noqa: N802
        return self._bounds

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        self._draw(painter)

    def _draw(self, painter: QPainter) -> None:
        raise NotImplementedError


def make_pen(colour: QColor | str, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Return a pen whose width in pixels is the same at every zoom."""
    pen = QPen(QColor(colour), width, style)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def fade(colour: QColor | str, alpha: int) -> QColor:
    """Return a colour with another opacity, 0 to 255."""
    faded = QColor(colour)
    faded.setAlpha(alpha)
    return faded


def make_polygon(points: Iterable[tuple[float, float]]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])


def measure_pixel(painter: QPainter) -> float:
    """Return the length of a screen pixel in scene units."""
    return 1.0 / abs(painter.worldTransform().m11() or 1.0)


def paint_pill(painter: QPainter, place: QRectF, text: str, *, fill: QColor, ink: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRoundedRect(place, 4, 4)
    painter.setPen(ink)
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
