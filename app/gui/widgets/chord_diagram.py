"""Moves between places as ribbons within a circle."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath

from app.gui.theme import Theme
from app.gui.widgets.chord_layout import ChordEnd, ChordLayout, arrange_chord
from app.gui.widgets.stream_diagram import StreamDiagram

_ARC_PX = 14.0
_APART_PX = 5.0
_MOST_LABEL_SHARE = 0.28
_BESIDE = 0.2
"""Sine of the angle from the top from which on a label stands beside its place, not above or below it."""


class ChordDiagram(StreamDiagram):
    """Arcs as long as what flows out of a place; a ribbon is as wide at each end as what leaves there."""

    _layout: ChordLayout = ChordLayout((), ())
    _centre = QPointF()
    _radius_px = 0.0

    def arrange(self, size: QRectF) -> tuple[list[QPainterPath], list[QPainterPath]]:
        """The circle in the middle, with room for the labels on both sides."""
        count = len(self._places)
        flows = [[0.0] * count for _ in range(count)]
        for stream in self._streams:
            flows[stream.origin][stream.destination] = stream.size
            flows[stream.destination][stream.origin] = stream.back
        self._layout = arrange_chord(flows) if count else ChordLayout((), ())
        metrics = QFontMetricsF(self.small_font())
        self._label_px = min(
            max((metrics.horizontalAdvance(place.label) for place in self._places), default=0.0),
            _MOST_LABEL_SHARE * size.width(),
        )
        room_px = self._label_px + 2 * _APART_PX
        self._radius_px = max(
            40.0, min(size.width() / 2 - room_px, size.height() / 2 - metrics.height() - 2 * _APART_PX)
        )
        self._centre = size.center()
        ends = {(r.one.place, r.other.place): r for r in self._layout.ribbons}
        ribbons = []
        for stream in self._streams:
            pair = min(stream.origin, stream.destination), max(stream.origin, stream.destination)
            ribbon = ends.get(pair)
            ribbons.append(QPainterPath() if ribbon is None else self._make_ribbon(ribbon.one, ribbon.other))
        return [self._make_arc(*arc) for arc in self._layout.arcs], ribbons

    def draw_labels(self, painter: QPainter, theme: Theme) -> None:
        """Level text outside of the circle; one that would lie on another is left to the pointer."""
        metrics = QFontMetricsF(painter.font())
        taken: list[QRectF] = []
        painter.setPen(QColor(theme.text))
        for place, (start_rad, end_rad) in zip(self._places, self._layout.arcs, strict=True):
            if not end_rad > start_rad:
                continue
            middle_rad = (start_rad + end_rad) / 2
            text = metrics.elidedText(place.label, Qt.TextElideMode.ElideRight, self._label_px + 1)
            width = metrics.horizontalAdvance(text)
            at = self._point(middle_rad, self._radius_px + _APART_PX)
            # from the point outwards: left of it on the left half, above it at the top
            side = max(-1.0, min(1.0, math.sin(middle_rad) / _BESIDE))
            left = at.x() - width * (1 - side) / 2
            top = at.y() - metrics.height() * (1 + math.cos(middle_rad)) / 2
            box = QRectF(left, top, width + 1, metrics.height())
            if any(box.intersects(other) for other in taken):
                continue
            taken.append(box)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _make_arc(self, start_rad: float, end_rad: float) -> QPainterPath:
        path = QPainterPath()
        if not end_rad > start_rad:
            return path
        outer, inner = self._circle(self._radius_px), self._circle(self._radius_px - _ARC_PX)
        start, span = _degrees(start_rad), -math.degrees(end_rad - start_rad)
        path.arcMoveTo(outer, start)
        path.arcTo(outer, start, span)
        path.arcTo(inner, start + span, -span)
        path.closeSubpath()
        return path

    def _make_ribbon(self, one: ChordEnd, other: ChordEnd) -> QPainterPath:
        radius_px = self._radius_px - _ARC_PX - 1.0
        circle = self._circle(radius_px)
        path = QPainterPath(self._point(one.start_rad, radius_px))
        path.arcTo(circle, _degrees(one.start_rad), -math.degrees(one.end_rad - one.start_rad))
        path.quadTo(self._centre, self._point(other.start_rad, radius_px))
        path.arcTo(circle, _degrees(other.start_rad), -math.degrees(other.end_rad - other.start_rad))
        path.quadTo(self._centre, self._point(one.start_rad, radius_px))
        path.closeSubpath()
        return path

    def _circle(self, radius_px: float) -> QRectF:
        return QRectF(
            self._centre.x() - radius_px, self._centre.y() - radius_px, 2 * radius_px, 2 * radius_px
        )

    def _point(self, angle_rad: float, radius_px: float) -> QPointF:
        return self._centre + QPointF(math.sin(angle_rad), -math.cos(angle_rad)) * radius_px


def _degrees(angle_rad: float) -> float:
    """Qt's angle, counterclockwise from three o'clock, of one clockwise from the top."""
    return 90.0 - math.degrees(angle_rad)
