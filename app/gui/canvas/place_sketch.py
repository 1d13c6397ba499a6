"""A small plan of the floor with one place marked on it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from analytics.domain.floor_geometry import Point, Polygon
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.zone import Zone
from app.gui.session.theme import current_theme

SIZE_PX = QSize(168, 108)
_DOT_PX = 5.0


class PlaceSketch(QWidget):
    """Outline, obstacles and zones faintly; the marked zone filled, the marked point as a dot."""

    def __init__(
        self,
        *,
        plan: FloorPlan,
        zones: Sequence[Zone],
        marked: str | None,
        point_m: Point,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._plan, self._zones = plan, tuple(zones)
        self._marked, self._point_m = marked, point_m
        self.setFixedSize(SIZE_PX)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw it in the theme's colours."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        floor = _to_shape(self._plan.outline)
        to_screen = fit_floor(floor.boundingRect(), QRectF(self.rect()).adjusted(2, 2, -2, -2))
        border = QPen(QColor(theme.text_muted), 1.0)
        border.setCosmetic(True)
        painter.setPen(border)
        painter.setBrush(QColor(theme.raised))
        painter.drawPolygon(to_screen.map(floor))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.border))
        for obstacle in self._plan.obstacles:
            painter.drawPolygon(to_screen.map(_to_shape(obstacle.outline)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        faint = QPen(QColor(theme.text_muted), 0.6)
        accent = QColor(theme.accent)
        for zone in self._zones:
            painter.setPen(faint)
            if str(zone.name) != self._marked:
                painter.drawPolygon(to_screen.map(_to_shape(zone.outline)))
        for zone in self._zones:
            if str(zone.name) == self._marked:
                fill = QColor(accent)
                fill.setAlphaF(0.35)
                painter.setBrush(fill)
                painter.setPen(QPen(accent, 1.6))
                painter.drawPolygon(to_screen.map(_to_shape(zone.outline)))
        painter.setPen(QPen(QColor(theme.surface), 1.2))
        painter.setBrush(accent)
        painter.drawEllipse(to_screen.map(QPointF(*self._point_m)), _DOT_PX, _DOT_PX)
        painter.end()


def fit_floor(floor: QRectF, area: QRectF) -> QTransform:
    """From metres (y up) to pixels (y down): as large as fits, in the middle."""
    scale = min(area.width() / max(floor.width(), 1e-6), area.height() / max(floor.height(), 1e-6))
    transform = QTransform()
    transform.translate(area.center().x(), area.center().y())
    transform.scale(scale, -scale)
    transform.translate(-floor.center().x(), -floor.center().y())
    return transform


def _to_shape(outline: Polygon) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in outline.points])
