"""A small line of the last hours, with gaps at missing values; the text beside it gives the numbers."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.gui.session.theme import current_theme

Pieces = tuple[tuple[tuple[float, float], ...], ...]
_HEIGHT_PX = 34
_EDGE_PX = 2.0


class SparkLine(QWidget):
    """Small line chart from the oldest value at the left to the newest at the right, starting at zero."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pieces: Pieces = ()
        self._from_s, self._to_s = 0.0, 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HEIGHT_PX)

    def show_line(self, pieces: Pieces, *, from_s: float, to_s: float) -> None:
        """Draw segments of (time, value) within a period."""
        self._pieces, self._from_s, self._to_s = pieces, from_s, max(to_s, from_s + 1.0)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(180, _HEIGHT_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        draw_spark_line(
            QPainter(self), QRectF(self.rect()), self._pieces, from_s=self._from_s, to_s=self._to_s
        )


def draw_spark_line(painter: QPainter, place: QRectF, pieces: Pieces, *, from_s: float, to_s: float) -> None:
    """Draw segments of (time, value) within a rectangle, from zero to the largest value."""
    theme = current_theme()
    top = max((value for piece in pieces for _, value in piece), default=0.0) or 1.0
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    area = place.adjusted(_EDGE_PX, _EDGE_PX, -_EDGE_PX, -_EDGE_PX)
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.drawLine(area.bottomLeft(), area.bottomRight())
    line = QPen(QColor(theme.accent), 1.6)
    line.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(line)
    for piece in pieces:
        points = [
            QPointF(
                area.left() + area.width() * (at_s - from_s) / (to_s - from_s),
                area.bottom() - area.height() * value / top,
            )
            for at_s, value in piece
        ]
        if len(points) == 1:
            painter.drawPoint(points[0])
        else:
            painter.drawPolyline(QPolygonF(points))
