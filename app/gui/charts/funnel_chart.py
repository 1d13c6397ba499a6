"""Funnel: bars of those who came so far, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.gui.session.theme import current_theme
from app.gui.widgets.export_menu import ExportMenu

_ROW_PX = 40
_BAR_PX = 24.0
_TEXT_GAP_PX = 8.0


@dataclass(frozen=True, slots=True)
class FunnelBar:
    """A bar.

    Attributes:
        name: in the data; ``label``: what it is called.
        share: of the widest bar, 0 to 1; ``undecided`` beyond it: those who may belong to it.
        figure: text beside it; ``words``: all of it in a sentence.
        can_be_listed: visits stand behind it.
        colour: index in the palette of zones; None: the accent.
    """

    name: str
    label: str
    share: float
    undecided: float
    figure: str
    words: str
    can_be_listed: bool = False
    colour: int | None = None


class FunnelChart(QWidget):
    """Funnel of bars, which can be chosen by mouse, or by arrow keys and Enter."""

    bar_chosen = Signal(str)
    """The name of a bar that can be listed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.export_menu = ExportMenu(self, list_table=lambda: None)
        self._bars: tuple[FunnelBar, ...] = ()
        self._marked: int | None = None

    @property
    def bars(self) -> tuple[FunnelBar, ...]:
        return self._bars

    def show_bars(self, bars: Sequence[FunnelBar]) -> None:
        self._bars = tuple(bars)
        if self._marked is not None and self._marked >= len(self._bars):
            self._marked = None
        self._announce()
        self.updateGeometry()
        self.update()

    def bar_centre(self, number: int) -> QPointF:
        """Return the centre of a bar in widget pixels."""
        return QPointF(self.width() / 2, (number + 0.5) * _ROW_PX)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(420, _ROW_PX * max(1, len(self._bars)) + 4)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(300, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key, last = event.key(), len(self._bars) - 1
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._bars:
            step = 1 if key == Qt.Key.Key_Down else -1
            start = self._marked if self._marked is not None else (-1 if step == 1 else last + 1)
            self._mark(min(last, max(0, start + step)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._marked is not None:
            self._choose(self._marked)
        else:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        number = self._bar_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and number is not None:
            self._mark(number)
            self._choose(number)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        number = self._bar_at(event.position())
        self.setToolTip("" if number is None else self._bars[number].words)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        names_px = max((metrics.horizontalAdvance(bar.label) for bar in self._bars), default=0) + 16.0
        figures_px = max((metrics.horizontalAdvance(bar.figure) for bar in self._bars), default=0) + 12.0
        # beside the button in the corner
        width_px = self.width() - self.export_menu.width()
        room_px = max(20.0, width_px - names_px - figures_px - 2 * _TEXT_GAP_PX)
        widest = max((bar.share + bar.undecided for bar in self._bars), default=1.0)
        for number, bar in enumerate(self._bars):
            middle = (number + 0.5) * _ROW_PX
            row = QRectF(2, number * _ROW_PX + 2, self.width() - 4, _ROW_PX - 2)
            if number == self._marked:
                shade = QColor(theme.text_muted)
                shade.setAlphaF(0.18)
                painter.fillRect(row, shade)
            solid_px, open_px = (room_px * part / widest for part in (bar.share, bar.undecided))
            top = middle - _BAR_PX / 2
            colour = QColor(
                theme.accent if bar.colour is None else theme.zones[bar.colour % len(theme.zones)]
            )
            painter.fillRect(QRectF(names_px, top, max(2.0, solid_px), _BAR_PX), colour)
            if open_px > 0:
                pale = QColor(colour)
                pale.setAlphaF(0.22)
                beyond = QRectF(names_px + solid_px, top, max(2.0, open_px), _BAR_PX)
                for brush in (QBrush(pale), QBrush(colour, Qt.BrushStyle.BDiagPattern)):
                    painter.fillRect(beyond, brush)
            painter.setPen(QColor(theme.text))
            left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.drawText(QRectF(8, row.top(), names_px - 8, row.height()), left, bar.label)
            at_px = names_px + solid_px + open_px + _TEXT_GAP_PX
            painter.drawText(QRectF(at_px, row.top(), figures_px, row.height()), left, bar.figure)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()

    def _bar_at(self, position: QPointF) -> int | None:
        number = int(position.y() // _ROW_PX)
        return number if 0 <= number < len(self._bars) else None

    def _choose(self, number: int) -> None:
        if self._bars[number].can_be_listed:
            self.bar_chosen.emit(self._bars[number].name)

    def _mark(self, number: int) -> None:
        self._marked = number
        self._announce()
        self.update()

    def _announce(self) -> None:
        marked = self._bars if self._marked is None else self._bars[self._marked : self._marked + 1]
        self.setAccessibleDescription("; ".join(bar.words for bar in marked))
