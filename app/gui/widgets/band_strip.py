"""Where a figure lies: its value and interval on a line, over what others have published."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.gui.theme import current_theme
from app.operations.exhibition_figures import Band, Measured

_HEIGHT_PX = 26
_ROOM = 1.25


class BandStrip(QWidget):
    """From nothing at the left; what is not known is not drawn."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measured, self._before = Measured(), Measured()
        self._band: Band | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HEIGHT_PX)

    def show_figure(self, measured: Measured, before: Measured | None, band: Band | None) -> None:
        """Draw a value, that of the period before as a thin line, and the published band."""
        self._measured, self._before, self._band = measured, before or Measured(), band
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, D102
        return QSize(220, _HEIGHT_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102
        theme, band = current_theme(), self._band
        known = [self._measured.value, self._before.value, *(self._measured.interval or ())]
        if band is not None:
            known += [band.low, band.high, band.typical]
        top = _ROOM * max((value for value in known if value is not None), default=0.0)
        if top <= 0 or self._measured.value is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, width = self.height() / 2, self.width() - 2.0

        def at(value: float) -> float:
            return 1.0 + width * min(value / top, 1.0)

        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawLine(QPointF(at(0), middle), QPointF(at(top), middle))
        if band is not None and band.low is not None and band.high is not None:
            box = QRectF(at(band.low), middle - 8, at(band.high) - at(band.low), 16)
            painter.fillRect(box, QColor(theme.border))
        if band is not None and band.typical is not None:
            painter.setPen(QPen(QColor(theme.text_muted), 2, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(at(band.typical), middle - 10), QPointF(at(band.typical), middle + 10))
        if self._before.value is not None:
            painter.setPen(QPen(QColor(theme.text_muted), 1))
            painter.drawLine(
                QPointF(at(self._before.value), middle - 5), QPointF(at(self._before.value), middle + 5)
            )
        accent = QColor(theme.accent)
        if self._measured.interval is not None:
            painter.setPen(QPen(accent, 3))
            low, high = self._measured.interval
            painter.drawLine(QPointF(at(low), middle), QPointF(at(high), middle))
        x = at(self._measured.value)
        painter.setPen(QPen(QColor(theme.surface), 1))
        painter.setBrush(accent)
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(x, middle - 7),
                    QPointF(x + 6, middle),
                    QPointF(x, middle + 7),
                    QPointF(x - 6, middle),
                ]
            )
        )
