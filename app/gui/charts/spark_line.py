"""A small line of the last hours, with gaps at missing values; the text beside it gives the numbers."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.gui.session.theme import current_theme

_HEIGHT_PX = 34
_EDGE_PX = 2.0


class SparkLine(QWidget):
    """Small line chart from the oldest value at the left to the newest at the right, starting at zero."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pieces: tuple[tuple[tuple[float, float], ...], ...] = ()
        self._from_s, self._to_s, self._top = 0.0, 1.0, 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HEIGHT_PX)

    def show_line(
        self, pieces: tuple[tuple[tuple[float, float], ...], ...], *, from_s: float, to_s: float
    ) -> None:
        """Draw segments of (time, value) within a period."""
        self._pieces, self._from_s, self._to_s = pieces, from_s, max(to_s, from_s + 1.0)
        self._top = max((value for piece in pieces for _, value in piece), default=0.0) or 1.0
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, D102
        return QSize(180, _HEIGHT_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bottom, width = self.height() - _EDGE_PX, self.width() - 2 * _EDGE_PX
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawLine(QPointF(_EDGE_PX, bottom), QPointF(_EDGE_PX + width, bottom))
        line = QPen(QColor(theme.accent), 1.6)
        line.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(line)
        for piece in self._pieces:
            points = [
                QPointF(
                    _EDGE_PX + width * (at_s - self._from_s) / (self._to_s - self._from_s),
                    bottom - (bottom - 2 * _EDGE_PX) * value / self._top,
                )
                for at_s, value in piece
            ]
            if len(points) == 1:
                painter.drawPoint(points[0])
            else:
                painter.drawPolyline(QPolygonF(points))
