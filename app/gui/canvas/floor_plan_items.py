"""What stands and moves on a floor plan, as items of a scene in metres."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QPolygonF,
    QTransform,
)
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPolygonItem, QStyleOptionGraphicsItem, QWidget

from analytics.domain.floor_plan import PlanPicture
from app.gui.canvas.heatmap_layer import make_path
from app.gui.session.theme import current_theme
from app.plan.floor_scene import CameraShape, FloorScene, LiveDot, PlanShape, Ring

ARROW_PX = 22
_TELLING_ALPHA = 205
"""Of a fill that says something; the plan's picture is still seen through it."""


def _polygon(points: Ring) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])


def _cosmetic(colour: QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    pen = QPen(colour, width, style)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _fade(colour: str, alpha: int) -> QColor:
    faded = QColor(colour)
    faded.setAlpha(alpha)
    return faded


class FloorItem(QGraphicsItem):
    """The floor's surface and the plan's picture on it."""

    def __init__(self, scene: FloorScene) -> None:
        super().__init__()
        self._outline = make_path([scene.outline])
        self._picture = QPixmap()
        self._picture_rect = QRectF()
        self._picture_part = QRectF()
        self._picture_place = QTransform()

    def set_picture(self, picture: QImage, *, size_px: tuple[int, int], place: PlanPicture) -> None:
        """Show the part of a picture that the plan shows, where it lies on the floor.

        Args:
            picture: its lowest row comes first; it may be smaller than the file.
            size_px: of the file.
        """
        left, top, right, bottom = place.shown_px(size_px)
        across, down = picture.width() / size_px[0], picture.height() / size_px[1]
        scale = place.metres_per_pixel
        self.prepareGeometryChange()
        self._picture = QPixmap.fromImage(picture)
        self._picture_part = QRectF(
            left * across, (size_px[1] - bottom) * down, (right - left) * across, (bottom - top) * down
        )
        self._picture_rect = QRectF(0, 0, (right - left) * scale, (bottom - top) * scale)
        self._picture_place = QTransform().translate(*place.corner_m).rotate(place.rotation_deg)
        self.update()

    @property
    def has_picture(self) -> bool:
        """Whether the plan's picture is shown."""
        return not self._picture.isNull()

    def boundingRect(self) -> QRectF:  # noqa: N802, D102
        return self._outline.boundingRect().united(self._picture_place.mapRect(self._picture_rect))

    def paint(  # noqa: D102
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        theme = current_theme()
        painter.fillPath(self._outline, QColor("#11161e" if theme.is_dark else "#fbfcfe"))
        if self.has_picture:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            # pale, so that every strong colour is data
            painter.setOpacity(0.35 if theme.is_dark else 0.5)
            painter.save()
            painter.setTransform(self._picture_place, True)
            painter.drawPixmap(self._picture_rect, self._picture, self._picture_part)
            painter.restore()
            painter.setOpacity(1.0)


class WallsItem(QGraphicsItem):
    """The outline and what nobody can stand on."""

    def __init__(self, scene: FloorScene) -> None:
        super().__init__()
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._outline = make_path([scene.outline])
        self._obstacles = [make_path([shape.points]) for shape in scene.obstacles]

    def boundingRect(self) -> QRectF:  # noqa: N802, D102
        return self._outline.boundingRect().adjusted(-0.5, -0.5, 0.5, 0.5)

    def paint(  # noqa: D102
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        theme = current_theme()
        painter.setBrush(_fade(theme.text_muted, 38))
        painter.setPen(_cosmetic(_fade(theme.text_muted, 170), 1.2))
        for path in self._obstacles:
            painter.drawPath(path)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_cosmetic(QColor(theme.text), 2.5))
        painter.drawPath(self._outline)


class ZoneItem(QGraphicsPolygonItem):
    """One zone: filled, hit by clicks; its name is a `LabelItem` of its own."""

    def __init__(self, shape: PlanShape, number: int) -> None:
        super().__init__(_polygon(shape.points))
        self.name = shape.name
        self._number, self._colour = number, shape.colour
        self._is_selected = False
        self._fill: str | None = None
        self.recolour()

    @property
    def fill(self) -> str | None:
        """The colour that it is filled with instead of its own."""
        return self._fill

    def set_fill(self, colour: str | None) -> None:
        """Fill it with a colour that says something, or with its own again."""
        if colour != self._fill:
            self._fill = colour
            self.recolour()

    @property
    def extent_m2(self) -> float:
        """Of the rectangle round it."""
        rect = self.polygon().boundingRect()
        return rect.width() * rect.height()

    def covers(self, x_m: float, y_m: float) -> bool:
        """Whether a place lies in it; Qt's own answer takes the pen's pixels for metres."""
        return self.polygon().containsPoint(QPointF(x_m, y_m), Qt.FillRule.OddEvenFill)

    def set_chosen(self, is_chosen: bool) -> None:
        """Show whether it is the selected one."""
        self._is_selected = is_chosen
        self.recolour()

    def recolour(self) -> None:
        """Take the colours of the theme in force."""
        theme = current_theme()
        colour = self._colour or theme.zones[self._number % len(theme.zones)]
        if self._fill is not None:
            self.setBrush(_fade(self._fill, _TELLING_ALPHA))
            self.setPen(_cosmetic(QColor(theme.text), 3.5 if self._is_selected else 1.2))
            return
        self.setBrush(_fade(colour, 60 if self._is_selected else 34))
        self.setPen(_cosmetic(QColor(colour), 3.5 if self._is_selected else 1.8))


def find_arrow(line: PlanShape) -> tuple[QPointF, QPointF]:
    """The middle of a counting line, and the direction, of length 1, of the side that counts as in."""
    middle = len(line.points) // 2 - 1
    (x0, y0), (x1, y1) = line.points[middle], line.points[middle + 1]
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    return QPointF((x0 + x1) / 2, (y0 + y1) / 2), QPointF((y1 - y0) / length, -(x1 - x0) / length)


class LinesItem(QGraphicsItem):
    """Counting lines, with an arrow to the side that counts as in."""

    def __init__(self, lines: Sequence[PlanShape]) -> None:
        super().__init__()
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._paths: list[tuple[QPainterPath, QPointF, QPointF, str | None]] = []
        bounds = QRectF()
        for line in lines:
            path = QPainterPath()
            path.addPolygon(_polygon(line.points))
            self._paths.append((path, *find_arrow(line), line.colour))
            bounds = bounds.united(path.boundingRect().adjusted(-5, -5, 5, 5))
        self._bounds = bounds

    def boundingRect(self) -> QRectF:  # noqa: N802, D102
        return self._bounds

    def paint(  # noqa: D102
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        size = ARROW_PX / abs(painter.worldTransform().m11() or 1.0)
        for path, middle, inward, own_colour in self._paths:
            colour = QColor(own_colour or current_theme().bad)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(_cosmetic(colour, 3))
            painter.drawPath(path)
            tip = middle + inward * size
            painter.drawLine(middle, tip)
            side = QPointF(-inward.y(), inward.x())
            painter.setBrush(colour)
            painter.setPen(_cosmetic(colour, 1))
            back = tip - inward * (0.45 * size)
            painter.drawPolygon(
                QPolygonF([tip + inward * (0.2 * size), back + side * 0.28, back - side * 0.28])
            )


class CamerasItem(QGraphicsItem):
    """What each camera sees, and where its picture begins."""

    def __init__(self, cameras: Sequence[CameraShape]) -> None:
        super().__init__()
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._cameras = [(make_path(camera.view), QPointF(*camera.place)) for camera in cameras]
        bounds = QRectF()
        for path, place in self._cameras:
            bounds = bounds.united(path.boundingRect()).united(QRectF(place.x() - 1, place.y() - 1, 2.0, 2.0))
        self._bounds = bounds

    def boundingRect(self) -> QRectF:  # noqa: N802, D102
        return self._bounds

    def paint(  # noqa: D102
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        theme = current_theme()
        scale = painter.worldTransform().m11() or 1.0
        for path, place in self._cameras:
            painter.setBrush(_fade(theme.accent, 16))
            painter.setPen(_cosmetic(_fade(theme.accent, 190), 1.4, Qt.PenStyle.DashLine))
            painter.drawPath(path)
            painter.setBrush(QColor(theme.accent))
            painter.setPen(_cosmetic(QColor(theme.surface), 1.5))
            painter.drawEllipse(place, 6 / abs(scale), 6 / abs(scale))


class DotsItem(QGraphicsItem):
    """Everybody who is seen now, with the way they came; one item, for it changes ten times a second."""

    def __init__(self) -> None:
        super().__init__()
        self._dots: tuple[LiveDot, ...] = ()
        self._bounds = QRectF()

    @property
    def dots(self) -> tuple[LiveDot, ...]:
        """What is drawn."""
        return self._dots

    def set_dots(self, dots: tuple[LiveDot, ...], floor: QRectF) -> None:
        """Draw these; what lies off the floor by more than a metre is not shown."""
        bounds = floor.adjusted(-1, -1, 1, 1)
        if bounds != self._bounds:
            self.prepareGeometryChange()
            self._bounds = bounds
        self._dots = tuple(dot for dot in dots if bounds.contains(QPointF(*dot.place)))
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802, D102
        return self._bounds

    def paint(  # noqa: D102
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        theme = current_theme()
        painter.setClipRect(self._bounds)
        radius = 4.5 / abs(painter.worldTransform().m11() or 1.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # four pens for all instead of one for every piece: the tails fade in steps nobody sees
        for quarter in range(4):
            painter.setPen(_cosmetic(_fade(theme.accent, 40 + 50 * quarter), 1.2 + 0.4 * quarter))
            for dot in self._dots:
                count = len(dot.tail)
                piece = dot.tail[count * quarter // 4 : count * (quarter + 1) // 4 + 1]
                if len(piece) > 1:
                    painter.drawPolyline(_polygon(piece))
        painter.setBrush(QColor(theme.accent))
        painter.setPen(_cosmetic(QColor(theme.surface), 1.5))
        for dot in self._dots:
            painter.drawEllipse(QPointF(*dot.place), radius, radius)
