"""The steps of a way as bars below each other, each as wide as the share that gets there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.gui.theme import current_theme

_BAR_PX = 22.0
_APART_PX = 10.0


@dataclass(frozen=True, slots=True)
class FunnelBar:
    """A bar, ready to be drawn.

    Attributes:
        label: above it, at the left; ``words``: beside it.
        colour: its number in the palette of zones.
        share: of the first step, 0 to 1, that is known to have come here.
        maybe: of the first step, 0 to 1, that may have come here as well.
    """

    label: str
    words: str
    colour: int
    share: float
    maybe: float = 0.0


class FunnelChart(QWidget):
    """As high as its steps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: tuple[FunnelBar, ...] = ()

    @property
    def bars(self) -> tuple[FunnelBar, ...]:
        """What is drawn."""
        return self._bars

    def show_bars(self, bars: Sequence[FunnelBar]) -> None:
        """Draw other bars."""
        self._bars = tuple(bars)
        self.setAccessibleDescription("; ".join(f"{bar.label}: {bar.words}" for bar in self._bars))
        self.setMinimumHeight(self.sizeHint().height())
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for all bars with their words."""
        return QSize(420, round(len(self._bars) * self._step_px()))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """A line of words above each bar, and the whole width behind it."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line_px = QFontMetricsF(self.font()).height()
        for number, bar in enumerate(self._bars):
            top = number * self._step_px()
            line = QRectF(0.0, top, self.width(), line_px)
            painter.setPen(QColor(theme.text))
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, bar.label)
            painter.setPen(QColor(theme.text_muted))
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, bar.words)
            ground = QRectF(0.0, top + line_px + 2, self.width(), _BAR_PX)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(ground, 3, 3)
            colour = QColor(theme.zones[bar.colour % len(theme.zones)])
            known = QRectF(ground.left(), ground.top(), ground.width() * bar.share, _BAR_PX)
            painter.setBrush(colour)
            painter.drawRoundedRect(known, 3, 3)
            maybe = QRectF(known.right(), ground.top(), ground.width() * bar.maybe, _BAR_PX)
            painter.fillRect(maybe, QBrush(colour, Qt.BrushStyle.BDiagPattern))
        painter.end()

    def _step_px(self) -> float:
        return QFontMetricsF(self.font()).height() + _BAR_PX + _APART_PX + 2
