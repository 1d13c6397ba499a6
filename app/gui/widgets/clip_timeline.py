"""Where in a clip one is: dragged, clicked, or moved by keys; small marks stand where labels are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSlider, QWidget

from app.gui.theme import current_theme

_EDGE_PX = 9
_TRACK_PX = 5
_HANDLE_PX = 7.0
_MARK_PX = 7.0


class ClipTimeline(QSlider):
    """Its values are pictures, counted from 0."""

    sought = Signal(int)
    """A person wants to see this picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._marks: tuple[int, ...] = ()
        self.setSingleStep(1)
        self.setPageStep(5)
        self.valueChanged.connect(self.sought)

    def show_pictures(self, index: int, count: int, marks: Sequence[int]) -> None:
        """Show one of so many pictures; ``sought`` is not emitted."""
        blocker = QSignalBlocker(self)
        self.setRange(0, max(count - 1, 0))
        self.setValue(index)
        blocker.unblock()
        self._marks = tuple(marks)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, D102
        return QSize(300, 28)

    def minimumSizeHint(self) -> QSize:  # noqa: N802, D102
        return QSize(90, 28)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        if event.button() is Qt.MouseButton.LeftButton:
            self.setValue(self._find_value(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.setValue(self._find_value(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Up and down change the speed of the page, as everywhere else on it."""
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802, D102
        super().focusInEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """The way, what is behind, the labels, and where one is."""
        theme, middle = current_theme(), self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        at = self._find_x(self.value())
        for colour, right in ((theme.border, self.width() - _EDGE_PX), (theme.accent, at)):
            painter.setBrush(QColor(colour))
            way = QRectF(_EDGE_PX, middle - _TRACK_PX / 2, right - _EDGE_PX, _TRACK_PX)
            painter.drawRoundedRect(way, _TRACK_PX / 2, _TRACK_PX / 2)
        painter.setPen(QPen(QColor(theme.warning), 2.5))
        for mark in self._marks:
            x = self._find_x(mark)
            painter.drawLine(QPointF(x, middle - _MARK_PX), QPointF(x, middle + _MARK_PX))
        painter.setPen(QPen(QColor(theme.text if self.hasFocus() else theme.surface), 2))
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(QPointF(at, middle), _HANDLE_PX, _HANDLE_PX)
        painter.end()

    def _find_x(self, value: int) -> float:
        length = self.width() - 2 * _EDGE_PX
        return _EDGE_PX + length * (value / self.maximum() if self.maximum() else 0.0)

    def _find_value(self, x: float) -> int:
        length = max(self.width() - 2 * _EDGE_PX, 1)
        return round(min(max((x - _EDGE_PX) / length, 0.0), 1.0) * self.maximum())
