"""A chart's legend: swatches with texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.gui.session.theme import current_theme
from app.gui.widgets.export_menu import LEGEND

_SWATCH_PX = 12.0
_GAP_PX = 6.0
_APART_PX = 16.0


class SwatchKind(Enum):
    SOLID = "solid"
    HATCHED = "hatched"
    LINE = "line"
    DASHED = "dashed"
    DIAMOND = "diamond"


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A swatch and its text; ``colour`` is ``#rrggbb``."""

    text: str
    colour: str
    kind: SwatchKind = SwatchKind.SOLID


class ChartLegend(QWidget):
    """Legend entries in as many lines as needed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty(LEGEND, True)
        self._entries: tuple[LegendEntry, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def entries(self) -> tuple[LegendEntry, ...]:
        return self._entries

    def show_entries(self, entries: Sequence[LegendEntry]) -> None:
        self._entries = tuple(entries)
        self.setAccessibleName("; ".join(entry.text for entry in self._entries))
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        places = self._arrange(float(width))
        return round((places[-1][1] if places else 0.0) + self._line_px())

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(200, self.heightForWidth(max(200, self.width())))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(120, round(self._line_px()))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line_px = self._line_px()
        for entry, (x, y) in zip(self._entries, self._arrange(float(self.width())), strict=True):
            swatch = QRectF(x, y + (line_px - _SWATCH_PX) / 2, _SWATCH_PX, _SWATCH_PX)
            _draw_swatch(painter, swatch, entry)
            painter.setPen(QColor(theme.text_muted))
            left = x + _SWATCH_PX + _GAP_PX
            room = QRectF(left, y, max(0.0, self.width() - left), line_px)
            text = self.fontMetrics().elidedText(
                entry.text, Qt.TextElideMode.ElideRight, round(room.width()) + 1
            )
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()

    def _line_px(self) -> float:
        return self.fontMetrics().height() + 4.0

    def _arrange(self, width: float) -> list[tuple[float, float]]:
        places, x, y = [], 0.0, 0.0
        for entry in self._entries:
            taken = _SWATCH_PX + _GAP_PX + self.fontMetrics().horizontalAdvance(entry.text)
            if x > 0 and x + taken > width:
                x, y = 0.0, y + self._line_px()
            places.append((x, y))
            x += taken + _APART_PX
        return places


def _draw_swatch(painter: QPainter, place: QRectF, entry: LegendEntry) -> None:
    colour = QColor(entry.colour)
    match entry.kind:
        case SwatchKind.SOLID:
            painter.fillRect(place, colour)
        case SwatchKind.HATCHED:
            pale = QColor(colour)
            pale.setAlphaF(0.22)
            painter.fillRect(place, pale)
            painter.fillRect(place, QBrush(colour, Qt.BrushStyle.BDiagPattern))
        case SwatchKind.DIAMOND:
            middle, reach = place.center(), place.width() / 2
            painter.setPen(QPen(colour, 1.5))
            painter.drawLine(QPointF(place.left(), middle.y()), QPointF(place.right(), middle.y()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawPolygon(
                [middle + QPointF(x, y) * 0.8 for x, y in ((-reach, 0), (0, -reach), (reach, 0), (0, reach))]
            )
        case SwatchKind.LINE | SwatchKind.DASHED:
            is_dashed = entry.kind is SwatchKind.DASHED
            pen = QPen(colour, 2.5)
            if is_dashed:
                # two dashes fit into the swatch
                pen.setDashPattern([1.6, 1.6])
            painter.setPen(pen)
            y = place.center().y()
            painter.drawLine(QPointF(place.left(), y), QPointF(place.right(), y))
