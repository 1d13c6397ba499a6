"""Painter of a printed page: texts, rules and fills, in points from the upper left corner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QTransform,
)

from app.print.fonts import FAMILY

Point = tuple[float, float]
UNITS_PER_POINT = 10
"""Whole units per point, as Qt's font sizes are integers."""
INK, MUTED, FAINT = "#17202e", "#5b6776", "#d5dbe3"
ACCENT, GOOD, WARNING = "#2563eb", "#15803d", "#b45309"
PANEL = "#f4f6f9"
_HATCH_SCALE = 8.0


@dataclass(frozen=True, slots=True)
class TextStyle:
    """Size, weight and colour of a text; ``size_pt`` is rounded to a tenth."""

    size_pt: float
    colour: str = INK
    is_bold: bool = False
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft


class PagePainter:
    """A painter of one page; every length is in points."""

    def __init__(self, painter: QPainter, width: float, height: float) -> None:
        self._painter = painter
        self.width, self.height = width, height

    def text(self, x: float, y: float, width: float, text: str, style: TextStyle) -> float:
        """Paint one line, cut with an ellipsis if it is too long; return the y below it."""
        metrics = self._use(style)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width * UNITS_PER_POINT)
        height = metrics.height() / UNITS_PER_POINT
        self._painter.drawText(
            _scale(x, y, width, height), int(style.align | Qt.AlignmentFlag.AlignTop), shown
        )
        return y + height

    def paragraph(self, x: float, y: float, width: float, text: str, style: TextStyle) -> float:
        """Paint text on as many lines as it needs; return the y below it."""
        metrics = self._use(style)
        flags = int(style.align | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)
        room = _scale(x, y, width, self.height)
        bounds = metrics.boundingRect(room, flags, text)
        self._painter.drawText(room, flags, text)
        return y + bounds.height() / UNITS_PER_POINT

    def measure_paragraph(self, width: float, text: str, style: TextStyle) -> float:
        """Return the height of a paragraph."""
        metrics = self._use(style)
        flags = int(style.align | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)
        return metrics.boundingRect(_scale(0, 0, width, self.height), flags, text).height() / UNITS_PER_POINT

    def rule(self, x: float, y: float, width: float, *, colour: str = FAINT, thick: float = 0.6) -> None:
        """Paint a horizontal line."""
        self._painter.setPen(_make_pen(colour, thick))
        self._painter.drawLine(_point(x, y), _point(x + width, y))

    def stroke(self, x: float, y: float, height: float, *, colour: str = FAINT, thick: float = 0.6) -> None:
        """Paint a vertical line."""
        self._painter.setPen(_make_pen(colour, thick))
        self._painter.drawLine(_point(x, y), _point(x, y + height))

    def fill(
        self, x: float, y: float, width: float, height: float, colour: str, *, radius: float = 0.0
    ) -> None:
        """Fill a rectangle, with round corners if a radius is given."""
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(QColor(colour))
        self._painter.drawRoundedRect(
            _scale(x, y, width, height), radius * UNITS_PER_POINT, radius * UNITS_PER_POINT
        )
        self._painter.setBrush(Qt.BrushStyle.NoBrush)

    def line(self, points: Sequence[Point], *, colour: str = FAINT, thick: float = 0.8) -> None:
        """Paint a line through points."""
        pen = _make_pen(colour, thick)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self._painter.setPen(pen)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawPolyline(QPolygonF([_point(x, y) for x, y in points]))

    def polygon(
        self,
        rings: Sequence[Sequence[Point]],
        *,
        fill: str | None = None,
        alpha: float = 1.0,
        outline: str | None = None,
        thick: float = 0.8,
        is_hatched: bool = False,
    ) -> None:
        """Paint the area between rings, even-odd: filled, hatched or outlined."""
        self._painter.setPen(Qt.PenStyle.NoPen if outline is None else _make_pen(outline, thick))
        if fill is None:
            self._painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            colour = QColor(fill)
            colour.setAlphaF(alpha)
            brush = QBrush(colour, Qt.BrushStyle.BDiagPattern if is_hatched else Qt.BrushStyle.SolidPattern)
            if is_hatched:
                # patterns are drawn in device units, here tenths of a point
                brush.setTransform(QTransform.fromScale(_HATCH_SCALE, _HATCH_SCALE))
            self._painter.setBrush(brush)
        self._painter.drawPath(_make_path(rings))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)

    def image(self, x: float, y: float, width: float, height: float, image: QImage) -> None:
        """Paint a picture, stretched to a rectangle."""
        self._painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        self._painter.drawImage(_scale(x, y, width, height), image)

    @contextmanager
    def clip(self, rings: Sequence[Sequence[Point]]) -> Iterator[None]:
        """Paint only within the area between rings, even-odd."""
        self._painter.save()
        self._painter.setClipPath(_make_path(rings))
        try:
            yield
        finally:
            self._painter.restore()

    def measure_text(self, text: str, style: TextStyle) -> float:
        """Return the width of a line of text."""
        return self._use(style).horizontalAdvance(text) / UNITS_PER_POINT

    def measure_line(self, style: TextStyle) -> float:
        """Return the height of a line of text."""
        return self._use(style).height() / UNITS_PER_POINT

    def dot(self, x: float, y: float, radius: float, colour: str) -> None:
        """Paint a disc around a point."""
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(QColor(colour))
        self._painter.drawEllipse(_point(x, y), radius * UNITS_PER_POINT, radius * UNITS_PER_POINT)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)

    def _use(self, style: TextStyle) -> QFontMetricsF:
        font = QFont(FAMILY)
        font.setPixelSize(round(style.size_pt * UNITS_PER_POINT))
        font.setWeight(QFont.Weight.Bold if style.is_bold else QFont.Weight.Normal)
        self._painter.setFont(font)
        self._painter.setPen(QColor(style.colour))
        return QFontMetricsF(font, self._painter.device())


def _make_path(rings: Sequence[Sequence[Point]]) -> QPainterPath:
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    for ring in rings:
        path.addPolygon(QPolygonF([_point(x, y) for x, y in ring]))
        path.closeSubpath()
    return path


def _point(x: float, y: float) -> QPointF:
    return QPointF(x * UNITS_PER_POINT, y * UNITS_PER_POINT)


def _scale(x: float, y: float, width: float, height: float) -> QRectF:
    return QRectF(x * UNITS_PER_POINT, y * UNITS_PER_POINT, width * UNITS_PER_POINT, height * UNITS_PER_POINT)


def _make_pen(colour: str, thick: float) -> QPen:
    pen = QPen(QColor(colour))
    pen.setWidthF(thick * UNITS_PER_POINT)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen
