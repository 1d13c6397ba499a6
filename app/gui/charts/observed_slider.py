"""A slider over a period that marks unobserved times."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSlider, QWidget

from app.gui.session.theme import current_theme

_BAND_PX = 4.0
_HEIGHT_PX = 30
"""Height of the band below the handle."""


class ObservedSlider(QSlider):
    """Slider in seconds from the start of the period; unobserved times are hatched on the band below."""

    space_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._observed: tuple[tuple[float, float], ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(_HEIGHT_PX)

    def set_observed(self, observed: Sequence[tuple[float, float]]) -> None:
        """Set the observed intervals, seconds from the start of the period."""
        if tuple(observed) != self._observed:
            self._observed = tuple(observed)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102
        if event.key() == Qt.Key.Key_Space:
            self.space_pressed.emit()
            event.accept()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, D102
        super().paintEvent(event)
        length = self.maximum() - self.minimum()
        if length <= 0:
            return
        theme = current_theme()
        painter = QPainter(self)
        edge = 6.0
        width = self.width() - 2 * edge
        top = self.height() - _BAND_PX
        painter.fillRect(
            QRectF(edge, top, width, _BAND_PX),
            QBrush(QColor(theme.text_muted), Qt.BrushStyle.BDiagPattern),
        )
        for start_s, end_s in self._observed:
            left, right = (edge + width * (at_s - self.minimum()) / length for at_s in (start_s, end_s))
            painter.fillRect(QRectF(left, top, max(1.0, right - left), _BAND_PX), QColor(theme.accent))
        painter.end()
