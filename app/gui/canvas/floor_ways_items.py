"""Ways over a floor as items of a scene in metres: arrows, routes between zones, walked paths."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from analytics.domain.arrays import FloatArray
from app.floor_plan.floor_ways import Arrows, RouteLine
from app.gui.session.theme import current_theme

_SHORTEST_M, _LONGEST_M = 0.25, 0.85
_BEND = 0.18
"""How far a route swings out to its right, as a share of its length: two ways lie beside one another."""
_ROUTE_PIECES = 24


def _pen(colour: str, alpha: int, width: float) -> QPen:
    faded = QColor(colour)
    faded.setAlpha(alpha)
    pen = QPen(faded, width)
    pen.setCosmetic(True)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


class DirectionsItem(QGraphicsItem):
    """An arrow for each cell: the longer and the stronger, the more people agree."""

    def __init__(self) -> None:
        super().__init__()
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._bounds = QRectF()
        self._strengths: tuple[list[QLineF], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is no arrow."""
        return not any(self._strengths)

    def set_arrows(self, arrows: Arrows | None, floor: QRectF) -> None:
        """Draw these."""
        self.prepareGeometryChange()
        self._bounds = floor.adjusted(-1, -1, 1, 1)
        # three strengths with a pen each, for thousands of arrows
        strengths: tuple[list[QLineF], ...] = ([], [], [])
        if arrows is not None and len(arrows.x_m):
            speed = np.hypot(arrows.vx_m_s, arrows.vy_m_s)
            length = _SHORTEST_M + (_LONGEST_M - _SHORTEST_M) * arrows.agreement
            ux, uy = (v / np.where(speed > 0, speed, 1.0) for v in (arrows.vx_m_s, arrows.vy_m_s))
            level = np.minimum((arrows.agreement * 3).astype(int), 2)
            for x, y, dx, dy, size, strength in zip(
                arrows.x_m, arrows.y_m, ux, uy, length, level, strict=True
            ):
                strengths[strength].extend(_draw_arrow((x, y), (dx, dy), size))
        self._strengths = strengths
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802, D102
        return self._bounds

    def paint(  # noqa: D102
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for strength, lines in enumerate(self._strengths):
            painter.setPen(_pen(current_theme().text, 90 + 70 * strength, 1.1 + 0.3 * strength))
            painter.drawLines(lines)


def _draw_arrow(at: tuple[float, float], along: tuple[float, float], size: float) -> list[QLineF]:
    """A shaft around a place, and the two sides of its head."""
    (x, y), (dx, dy) = at, along
    tip = QPointF(x + dx * size / 2, y + dy * size / 2)
    head = 0.38 * size
    return [
        QLineF(QPointF(x - dx * size / 2, y - dy * size / 2), tip),
        *(
            QLineF(tip, QPointF(tip.x() - head * (dx + side * dy), tip.y() - head * (dy - side * dx)))
            for side in (0.6, -0.6)
        ),
    ]


class RoutesItem(QGraphicsItem):
    """Lines between zones, as wide as many take them."""

    MOST_WIDTH_PX = 9.0

    def __init__(self) -> None:
        super().__init__()
        self._bounds = QRectF()
        self.routes: tuple[RouteLine, ...] = ()
        self._lines: list[FloatArray] = []

    def set_routes(self, routes: Sequence[RouteLine], floor: QRectF) -> None:
        """Draw these, the most frequent first."""
        self.prepareGeometryChange()
        self._bounds = floor.adjusted(-2, -2, 2, 2)
        self.routes = tuple(routes)
        self._lines = [bend_route(route.start, route.end) for route in routes]
        self.update()

    def middle_of(self, route: RouteLine) -> tuple[float, float]:
        """Halfway along the line of a route that is drawn, metres."""
        line = self._lines[self.routes.index(route)]
        return float(line[len(line) // 2, 0]), float(line[len(line) // 2, 1])

    def find_near(self, x_m: float, y_m: float, *, within_m: float) -> RouteLine | None:
        """The nearest route to a place, if it is near enough."""
        best: tuple[float, RouteLine] | None = None
        for route, line in zip(self.routes, self._lines, strict=True):
            distance = float(np.hypot(line[:, 0] - x_m, line[:, 1] - y_m).min())
            if distance <= within_m and (best is None or distance < best[0]):
                best = (distance, route)
        return None if best is None else best[1]

    def boundingRect(self) -> QRectF:  # noqa: N802, D102
        return self._bounds

    def paint(  # noqa: D102
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        theme = current_theme()
        most = max((route.visitors for route in self.routes), default=1)
        pixel_m = 1.0 / abs(painter.worldTransform().m11() or 1.0)
        # the widest below, so that none hides another
        for route, line in zip(self.routes, self._lines, strict=True):
            width = max(1.5, self.MOST_WIDTH_PX * route.visitors / most)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(_pen(theme.surface, 150, width + 2))
            points = QPolygonF([QPointF(float(x), float(y)) for x, y in line])
            painter.drawPolyline(points)
            painter.setPen(_pen(theme.accent, 215, width))
            painter.drawPolyline(points)
            tip, before = line[-1], line[-4]
            length = math.hypot(*(tip - before)) or 1.0
            dx, dy = (tip - before) / length
            head = (8 + width) * pixel_m
            painter.setBrush(QColor(theme.accent))
            painter.setPen(_pen(theme.surface, 150, 1))
            painter.drawPolygon(
                QPolygonF(
                    [
                        QPointF(tip[0], tip[1]),
                        QPointF(tip[0] - head * (dx + 0.5 * dy), tip[1] - head * (dy - 0.5 * dx)),
                        QPointF(tip[0] - head * (dx - 0.5 * dy), tip[1] - head * (dy + 0.5 * dx)),
                    ]
                )
            )


def bend_route(start: tuple[float, float], end: tuple[float, float]) -> FloatArray:
    """A curve that swings out to its right-hand side and stops short of the middles, shape (n, 2), metres."""
    a, b = np.array(start), np.array(end)
    along = b - a
    control = (a + b) / 2 + _BEND * np.array([along[1], -along[0]])
    share = np.linspace(0.06, 0.94, _ROUTE_PIECES)[:, None]
    return np.asarray((1 - share) ** 2 * a + 2 * share * (1 - share) * control + share**2 * b, np.float64)


class PathsItem(QGraphicsItem):
    """Walked paths, so thin and pale that only where many walked a line is seen."""

    def __init__(self) -> None:
        super().__init__()
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._bounds = QRectF()
        self._lines: tuple[QPolygonF, ...] = ()

    @property
    def count(self) -> int:
        """How many paths are drawn."""
        return len(self._lines)

    def set_paths(self, paths: Sequence[FloatArray], floor: QRectF) -> None:
        """Draw these, each of shape (n, 2), metres."""
        self.prepareGeometryChange()
        self._bounds = floor.adjusted(-1, -1, 1, 1)
        self._lines = tuple(QPolygonF([QPointF(x, y) for x, y in path.tolist()]) for path in paths)
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802, D102
        return self._bounds

    def paint(  # noqa: D102
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        painter.setClipRect(self._bounds)
        theme = current_theme()
        # thousands of pieces: smooth edges, which nobody sees in lines so pale, take ten times as long
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(_pen(theme.text, 60 if theme.is_dark else 46, 1.0))
        for line in self._lines:
            painter.drawPolyline(line)
