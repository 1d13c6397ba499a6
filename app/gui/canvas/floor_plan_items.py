"""Items of a floor plan's scene in metres."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QImageReader,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QTransform,
)
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPolygonItem, QSizePolicy, QWidget

from analytics.domain.arrays import FloatArray
from analytics.domain.errors import VenueError
from analytics.domain.floor_geometry import Point, Polygon
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.floor_plan import PlanPicture as PicturePlace
from analytics.domain.zone import Zone
from app.floor_plan.corrected_period import PlaceState
from app.floor_plan.floor_map import Arrows, RouteLine
from app.gui.canvas.heatmap_layer import make_path
from app.gui.canvas.scene_item import SceneItem, fade, make_pen, make_polygon, measure_pixel
from app.gui.session.cell_text import format_number, format_share
from app.gui.session.theme import Theme, current_theme
from app.gui.session.translation import display_name, tr
from app.plan.floor_scene import CameraShape, FloorScene, LiveDot, PlanShape

SIZE_PX = QSize(168, 108)
_DOT_PX = 5.0


class PlaceSketch(QWidget):
    """Sketch of outline, obstacles and zones; the marked zone is filled, the marked point a dot."""

    def __init__(
        self,
        *,
        plan: FloorPlan,
        zones: Sequence[Zone],
        marked: str | None,
        point_m: Point | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._plan, self._zones = plan, tuple(zones)
        self._marked, self._point_m = marked, point_m
        self.setFixedSize(SIZE_PX)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
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
        if self._point_m is not None:
            painter.drawEllipse(to_screen.map(QPointF(*self._point_m)), _DOT_PX, _DOT_PX)
        painter.end()


def fit_floor(floor: QRectF, area: QRectF) -> QTransform:
    """Return the transform from metres (y up) to pixels (y down) that centres the floor at full size."""
    scale = min(area.width() / max(floor.width(), 1e-6), area.height() / max(floor.height(), 1e-6))
    transform = QTransform()
    transform.translate(area.center().x(), area.center().y())
    transform.scale(scale, -scale)
    transform.translate(-floor.center().x(), -floor.center().y())
    return transform


def _to_shape(outline: Polygon) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in outline.points])


_MIN_PX = 9.0
_CROSS = 0.5
"""Half the length of a cross's stroke, as a share of the radius."""


@dataclass(frozen=True, slots=True)
class PlaceMark:
    """A place on the floor, metres."""

    x_m: float
    y_m: float
    radius_m: float
    state: PlaceState
    is_selected: bool = False


class PlaceMarksItem(SceneItem):
    """A ring for each place, with a cross if it is ignored and a dot if it needs a decision."""

    def __init__(self) -> None:
        super().__init__()
        self._marks: tuple[PlaceMark, ...] = ()

    @property
    def marks(self) -> tuple[PlaceMark, ...]:
        return self._marks

    def set_marks(self, marks: tuple[PlaceMark, ...], floor: QRectF) -> None:
        self.prepareGeometryChange()
        self._bounds = floor.adjusted(-2, -2, 2, 2)
        self._marks = marks
        self.update()

    def _draw(self, painter: QPainter) -> None:
        theme = current_theme()
        least = _MIN_PX * measure_pixel(painter)
        # the selected one over the others
        for mark in sorted(self._marks, key=lambda mark: mark.is_selected):
            colour = _find_colour(mark.state, theme)
            radius = max(mark.radius_m, least)
            place = QPointF(mark.x_m, mark.y_m)
            painter.setBrush(QColor(theme.surface))
            painter.setPen(make_pen(theme.accent, 7.0) if mark.is_selected else Qt.PenStyle.NoPen)
            painter.drawEllipse(place, radius, radius)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(make_pen(colour, 2.5))
            painter.drawEllipse(place, radius, radius)
            if mark.state is PlaceState.LEFT_OUT:
                arm = radius * _CROSS
                painter.drawLine(place + QPointF(-arm, -arm), place + QPointF(arm, arm))
                painter.drawLine(place + QPointF(-arm, arm), place + QPointF(arm, -arm))
            elif mark.state is PlaceState.PROPOSED:
                painter.setBrush(colour)
                painter.drawEllipse(place, radius / 4, radius / 4)


def _find_colour(state: PlaceState, theme: Theme) -> QColor:
    return QColor(
        {
            PlaceState.PROPOSED: theme.warning,
            PlaceState.LEFT_OUT: theme.text_muted,
            PlaceState.KEPT: theme.good,
        }[state]
    )


_MIN_M, _MAX_M = 0.25, 0.85
_BEND = 0.18
"""Bend of a route to its right as a share of its length, so that opposite routes lie side by side."""
_ROUTE_PIECES = 24


def _pen(colour: str, alpha: int, width: float) -> QPen:
    faded = fade(colour, alpha)
    pen = QPen(faded, width)
    pen.setCosmetic(True)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


class DirectionsItem(SceneItem):
    """An arrow per cell; the longer and stronger, the more people move the same way."""

    def __init__(self) -> None:
        super().__init__()
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._strengths: tuple[list[QLineF], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return whether there is no arrow."""
        return not any(self._strengths)

    def set_arrows(self, arrows: Arrows | None, floor: QRectF) -> None:
        self.prepareGeometryChange()
        self._bounds = floor.adjusted(-1, -1, 1, 1)
        # three strengths with a pen each, for thousands of arrows
        strengths: tuple[list[QLineF], ...] = ([], [], [])
        if arrows is not None and len(arrows.x_m):
            speed = np.hypot(arrows.vx_m_s, arrows.vy_m_s)
            length = _MIN_M + (_MAX_M - _MIN_M) * arrows.agreement
            ux, uy = (v / np.where(speed > 0, speed, 1.0) for v in (arrows.vx_m_s, arrows.vy_m_s))
            level = np.minimum((arrows.agreement * 3).astype(int), 2)
            for x, y, dx, dy, size, strength in zip(
                arrows.x_m, arrows.y_m, ux, uy, length, level, strict=True
            ):
                strengths[strength].extend(_draw_arrow((x, y), (dx, dy), size))
        self._strengths = strengths
        self.update()

    def _draw(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for strength, lines in enumerate(self._strengths):
            painter.setPen(_pen(current_theme().text, 90 + 70 * strength, 1.1 + 0.3 * strength))
            painter.drawLines(lines)


def _draw_arrow(at: tuple[float, float], along: tuple[float, float], size: float) -> list[QLineF]:
    """Draw a shaft around a place, and the two sides of its head."""
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


_PALE = 0.25


def describe_route(route: RouteLine) -> str:
    return tr(
        "{start} → {end}: {visitors} visitors, {share} of all visitors to zones",
        start=display_name(route.from_zone),
        end=display_name(route.to_zone),
        visitors=format_number(route.visitors),
        share=format_share(route.share, decimals=1),
    )


class RoutesItem(SceneItem):
    """Curves between zones, wider for more frequent routes."""

    MAX_WIDTH_PX = 9.0

    def __init__(self) -> None:
        super().__init__()
        self.routes: tuple[RouteLine, ...] = ()
        self._lines: list[FloatArray] = []
        self._chosen: RouteLine | None = None

    def choose(self, route: RouteLine | None) -> None:
        self._chosen = route
        self.update()

    def set_routes(self, routes: Sequence[RouteLine], floor: QRectF) -> None:
        self.prepareGeometryChange()
        self._bounds = floor.adjusted(-2, -2, 2, 2)
        self.routes, self._chosen = tuple(routes), None
        self._lines = [bend_route(route.start, route.end) for route in routes]
        self.update()

    def find_route_middle(self, route: RouteLine) -> tuple[float, float]:
        """Return the point halfway along a route's line, metres."""
        line = self._lines[self.routes.index(route)]
        return float(line[len(line) // 2, 0]), float(line[len(line) // 2, 1])

    def find_near(self, x_m: float, y_m: float, *, within_m: float) -> RouteLine | None:
        """Return the route nearest to a place, if it is near enough."""
        best: tuple[float, RouteLine] | None = None
        for route, line in zip(self.routes, self._lines, strict=True):
            distance = float(np.hypot(line[:, 0] - x_m, line[:, 1] - y_m).min())
            if distance <= within_m and (best is None or distance < best[0]):
                best = (distance, route)
        return None if best is None else best[1]

    def _draw(self, painter: QPainter) -> None:
        theme = current_theme()
        most = max((route.visitors for route in self.routes), default=1)
        pixel_m = measure_pixel(painter)
        # the widest below, so that none hides another
        for route, line in zip(self.routes, self._lines, strict=True):
            width = max(1.5, self.MAX_WIDTH_PX * route.visitors / most)
            painter.setOpacity(1.0 if self._chosen in (None, route) else _PALE)
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
    """Return a curve that bends to its right and ends before both centres, shape (n, 2), metres."""
    a, b = np.array(start), np.array(end)
    along = b - a
    control = (a + b) / 2 + _BEND * np.array([along[1], -along[0]])
    share = np.linspace(0.06, 0.94, _ROUTE_PIECES)[:, None]
    return np.asarray((1 - share) ** 2 * a + 2 * share * (1 - share) * control + share**2 * b, np.float64)


class PathsItem(SceneItem):
    """Walked paths, thin and pale, so that only frequent ones form a line."""

    def __init__(self) -> None:
        super().__init__()
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._lines: tuple[QPolygonF, ...] = ()

    @property
    def count(self) -> int:
        return len(self._lines)

    def set_paths(self, paths: Sequence[FloatArray], floor: QRectF) -> None:
        """Show these paths, each of shape (n, 2), metres."""
        self.prepareGeometryChange()
        self._bounds = floor.adjusted(-1, -1, 1, 1)
        self._lines = tuple(QPolygonF([QPointF(x, y) for x, y in path.tolist()]) for path in paths)
        self.update()

    def _draw(self, painter: QPainter) -> None:
        painter.setClipRect(self._bounds)
        theme = current_theme()
        # antialiasing thousands of pale lines would take ten times as long
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(_pen(theme.text, 60 if theme.is_dark else 46, 1.0))
        for line in self._lines:
            painter.drawPolyline(line)


MAX_SIDE_PX = 4096
"""Longest side of a plan picture; a larger scan would fill the memory without visible detail."""


@dataclass(frozen=True, slots=True, eq=False)
class PlanPicture:
    """A picture stored bottom row first, for a scene with y upwards.

    Attributes:
        size_px: of the file, which may be larger.
    """

    path: str
    image: QImage
    size_px: tuple[int, int]


def read_plan_picture(path: str) -> PlanPicture:
    """Read a PNG or JPEG file; thread-safe.

    Raises:
        VenueError: the file is absent, or no picture.
    """
    reader = QImageReader(path)
    size = reader.size()
    if max(size.width(), size.height()) > MAX_SIDE_PX:
        most = QSize(MAX_SIDE_PX, MAX_SIDE_PX)
        reader.setScaledSize(size.scaled(most, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        raise VenueError(
            "The plan's picture '{name}' cannot be read: {reason}.",
            "Replace it in the venue's folder with a PNG or JPEG picture.",
            name=Path(path).name,
            reason=reader.errorString().rstrip("."),
        )
    upright = image.flipped(Qt.Orientation.Vertical)
    fast = upright.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    return PlanPicture(path, fast, (size.width(), size.height()))


ARROW_PX = 22
_MEANINGFUL_ALPHA = 205
"""Opacity of a meaningful fill; the plan's picture stays visible."""


class FloorItem(SceneItem):
    """The floor's surface and the plan's picture on it."""

    def __init__(self, scene: FloorScene) -> None:
        super().__init__()
        self._outline = make_path([scene.outline])
        self._picture = QPixmap()
        self._picture_rect = QRectF()
        self._picture_part = QRectF()
        self._picture_place = QTransform()

    def set_picture(self, picture: QImage, *, size_px: tuple[int, int], place: PicturePlace) -> None:
        """Show the cropped picture at its position on the floor.

        Args:
            picture: its lowest row comes first; it may be smaller than the file.
            size_px: of the file.
        """
        left, top, right, bottom = place.visible_px(size_px)
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
        return not self._picture.isNull()

    def boundingRect(self) -> QRectF:  # noqa: N802
        return self._outline.boundingRect().united(self._picture_place.mapRect(self._picture_rect))

    def _draw(self, painter: QPainter) -> None:
        theme = current_theme()
        painter.fillPath(self._outline, QColor("#11161e" if theme.is_dark else "#fbfcfe"))
        if self.has_picture:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            # pale, so that strong colours are reserved for data
            painter.setOpacity(0.35 if theme.is_dark else 0.5)
            painter.save()
            painter.setTransform(self._picture_place, True)
            painter.drawPixmap(self._picture_rect, self._picture, self._picture_part)
            painter.restore()
            painter.setOpacity(1.0)


class WallsItem(SceneItem):
    """The outline and the obstacles."""

    def __init__(self, scene: FloorScene) -> None:
        super().__init__()
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._outline = make_path([scene.outline])
        self._obstacles = [make_path([shape.points]) for shape in scene.obstacles]

    def boundingRect(self) -> QRectF:  # noqa: N802
        return self._outline.boundingRect().adjusted(-0.5, -0.5, 0.5, 0.5)

    def _draw(self, painter: QPainter) -> None:
        theme = current_theme()
        painter.setBrush(fade(theme.text_muted, 38))
        painter.setPen(make_pen(fade(theme.text_muted, 170), 1.2))
        for path in self._obstacles:
            painter.drawPath(path)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(make_pen(theme.text, 2.5))
        painter.drawPath(self._outline)


class ZoneItem(QGraphicsPolygonItem):
    """A filled zone that accepts clicks; its name is a separate `LabelItem`."""

    def __init__(self, shape: PlanShape, number: int) -> None:
        super().__init__(make_polygon(shape.points))
        self.name = shape.name
        self._number, self._colour = number, shape.colour
        self._is_selected = False
        self._fill: str | None = None
        self._is_sure = True
        self.recolour()

    @property
    def fill(self) -> str | None:
        """The fill colour instead of the zone's own."""
        return self._fill

    def set_fill(self, colour: str | None, *, is_sure: bool = True) -> None:
        """Fill the zone with a meaningful colour, or with its own again.

        Args:
            colour: ``#rrggbb``, or ``#aarrggbb`` with its opacity.
            is_sure: otherwise the outline is dashed.
        """
        if (colour, is_sure) != (self._fill, self._is_sure):
            self._fill, self._is_sure = colour, is_sure
            self.recolour()

    @property
    def extent_m2(self) -> float:
        rect = self.polygon().boundingRect()
        return rect.width() * rect.height()

    def covers(self, x_m: float, y_m: float) -> bool:
        """Return whether a place lies in the zone; Qt's own test takes the pen's pixels for metres."""
        return self.polygon().containsPoint(QPointF(x_m, y_m), Qt.FillRule.OddEvenFill)

    def set_selected(self, is_chosen: bool) -> None:
        self._is_selected = is_chosen
        self.recolour()

    def recolour(self) -> None:
        theme = current_theme()
        colour = self._colour or theme.zones[self._number % len(theme.zones)]
        if self._fill is not None:
            fill = QColor(self._fill)
            self.setBrush(fade(fill, _MEANINGFUL_ALPHA) if fill.alpha() == 255 else fill)
            style = Qt.PenStyle.SolidLine if self._is_sure else Qt.PenStyle.DashLine
            self.setPen(make_pen(theme.text, 3.5 if self._is_selected else 1.2, style))
            return
        self.setBrush(fade(colour, 60 if self._is_selected else 34))
        self.setPen(make_pen(colour, 3.5 if self._is_selected else 1.8))


def find_arrow(line: QPolygonF) -> tuple[QPointF, QPointF]:
    """Return the middle of a counting line, and the unit vector to the side that counts as in."""
    middle = line.size() // 2 - 1
    start, end = line.at(middle), line.at(middle + 1)
    along = end - start
    length = math.hypot(along.x(), along.y()) or 1.0
    return (start + end) / 2, QPointF(along.y() / length, -along.x() / length)


class LinesItem(SceneItem):
    """Counting lines, with an arrow to the side that counts as in."""

    def __init__(self, lines: Sequence[PlanShape]) -> None:
        super().__init__()
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._paths: list[tuple[QPainterPath, QPointF, QPointF, str | None]] = []
        bounds = QRectF()
        for line in lines:
            path, polygon = QPainterPath(), make_polygon(line.points)
            path.addPolygon(polygon)
            self._paths.append((path, *find_arrow(polygon), line.colour))
            bounds = bounds.united(path.boundingRect().adjusted(-5, -5, 5, 5))
        self._bounds = bounds

    def _draw(self, painter: QPainter) -> None:
        size = ARROW_PX * measure_pixel(painter)
        for path, middle, inward, own_colour in self._paths:
            colour = QColor(own_colour or current_theme().bad)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(make_pen(colour, 3))
            painter.drawPath(path)
            tip = middle + inward * size
            painter.drawLine(middle, tip)
            side = QPointF(-inward.y(), inward.x())
            painter.setBrush(colour)
            painter.setPen(make_pen(colour, 1))
            back = tip - inward * (0.45 * size)
            painter.drawPolygon(
                QPolygonF([tip + inward * (0.2 * size), back + side * 0.28, back - side * 0.28])
            )


class CamerasItem(SceneItem):
    def __init__(self, cameras: Sequence[CameraShape]) -> None:
        super().__init__()
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._cameras = [(make_path(camera.view), QPointF(*camera.place)) for camera in cameras]
        bounds = QRectF()
        for path, place in self._cameras:
            bounds = bounds.united(path.boundingRect()).united(QRectF(place.x() - 1, place.y() - 1, 2.0, 2.0))
        self._bounds = bounds

    def _draw(self, painter: QPainter) -> None:
        theme = current_theme()
        scale = painter.worldTransform().m11() or 1.0
        for path, place in self._cameras:
            painter.setBrush(fade(theme.accent, 16))
            painter.setPen(make_pen(fade(theme.accent, 190), 1.4, Qt.PenStyle.DashLine))
            painter.drawPath(path)
            painter.setBrush(QColor(theme.accent))
            painter.setPen(make_pen(theme.surface, 1.5))
            painter.drawEllipse(place, 6 / abs(scale), 6 / abs(scale))


class DotsItem(SceneItem):
    """All people tracked now, with their recent paths, in one item for speed."""

    def __init__(self) -> None:
        super().__init__()
        self._dots: tuple[LiveDot, ...] = ()

    @property
    def dots(self) -> tuple[LiveDot, ...]:
        return self._dots

    def set_dots(self, dots: tuple[LiveDot, ...], floor: QRectF) -> None:
        """Show these people; positions more than a metre off the floor are omitted."""
        bounds = floor.adjusted(-1, -1, 1, 1)
        if bounds != self._bounds:
            self.prepareGeometryChange()
            self._bounds = bounds
        self._dots = tuple(dot for dot in dots if bounds.contains(QPointF(*dot.place)))
        self.update()

    def _draw(self, painter: QPainter) -> None:
        theme = current_theme()
        painter.setClipRect(self._bounds)
        radius = 4.5 * measure_pixel(painter)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # four pens in all: the tails fade in steps too small to notice
        for quarter in range(4):
            painter.setPen(make_pen(fade(theme.accent, 40 + 50 * quarter), 1.2 + 0.4 * quarter))
            for dot in self._dots:
                count = len(dot.tail)
                piece = dot.tail[count * quarter // 4 : count * (quarter + 1) // 4 + 1]
                if len(piece) > 1:
                    painter.drawPolyline(make_polygon(piece))
        painter.setBrush(QColor(theme.accent))
        painter.setPen(make_pen(theme.surface, 1.5))
        for dot in self._dots:
            painter.drawEllipse(QPointF(*dot.place), radius, radius)
