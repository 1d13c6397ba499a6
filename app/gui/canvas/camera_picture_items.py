"""What is drawn over a camera's picture: masks, zones and lines, handles, and what is being drawn."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.cameras.pictured_figures import FigureKind, FigureRef, PicturedFigure
from app.gui.session.theme import DARK, current_theme
from app.gui.session.translation import display_name
from app.plan.floor_scene import Point

HANDLE_PX = 6.0
SIDE_PX = 4.0
_ARROW_HEAD_PX = 9.0
_FILL_ALPHA = 45
_ON_PICTURE = DARK
"""A picture is no page: its lines have the same colours in every theme."""


class PictureItem(QGraphicsItem):
    """The picture over the size in which its pixels are counted."""

    def __init__(self) -> None:
        super().__init__()
        self._pixmap = QPixmap()
        self._rect = QRectF(0, 0, 1, 1)

    @property
    def has_picture(self) -> bool:
        """Whether there is one."""
        return not self._pixmap.isNull()

    def set_picture(self, pixmap: QPixmap, rect: QRectF) -> None:
        """Show a picture over a frame of this size."""
        self.prepareGeometryChange()
        self._pixmap, self._rect = pixmap, rect
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802, D102
        return self._rect

    def paint(  # noqa: D102
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        painter.fillRect(self._rect, QColor(current_theme().raised))
        if self.has_picture:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(self._rect, self._pixmap, QRectF(self._pixmap.rect()))


class PicturedFiguresItem(QGraphicsItem):
    """Masks, zones, lines and the plan; only what lies within the picture is painted."""

    def __init__(self) -> None:
        super().__init__()
        self.figures: tuple[PicturedFigure, ...] = ()
        self._selected: FigureRef | None = None
        self._rect = QRectF(0, 0, 1, 1)

    def set_figures(
        self, figures: Sequence[PicturedFigure], selected: FigureRef | None, rect: QRectF
    ) -> None:
        """Draw these over a picture of this size."""
        self.prepareGeometryChange()
        self.figures, self._selected, self._rect = tuple(figures), selected, rect
        self.update()

    def figure_at(self, place: Point, *, reach: float) -> FigureRef | None:
        """What a click at a place means: a line that is near, else the smallest area there."""
        at = QPointF(*place)
        hit: list[tuple[float, FigureRef]] = []
        for figure in self.figures:
            if not figure.can_be_chosen:
                continue
            if figure.kind is FigureKind.LINE:
                if any(_measure_distance(piece, place) <= reach for piece in figure.pieces):
                    return figure.ref
                continue
            polygons = [make_polygon(piece) for piece in figure.pieces]
            if any(p.containsPoint(at, Qt.FillRule.OddEvenFill) for p in polygons):
                bounds = [polygon.boundingRect() for polygon in polygons]
                hit.append((sum(b.width() * b.height() for b in bounds), figure.ref))
        return min(hit, key=lambda pair: pair[0])[1] if hit else None

    def boundingRect(self) -> QRectF:  # noqa: N802, D102
        return self._rect

    def paint(  # noqa: D102
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        painter.setClipRect(self._rect)
        for figure in self.figures:
            self._paint_figure(painter, figure)
        for figure in self.figures:
            if figure.name and figure.can_be_chosen:
                self._paint_name(painter, figure)

    def _paint_figure(self, painter: QPainter, figure: PicturedFigure) -> None:
        colour, is_selected = find_colour(figure), figure.ref == self._selected
        width = 3.0 if is_selected else 1.8
        for piece in figure.pieces:
            polygon = make_polygon(piece)
            if figure.kind in (FigureKind.PRIVACY, FigureKind.IGNORE):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(_make_fill(figure.kind))
                painter.drawPolygon(polygon)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            style = Qt.PenStyle.DashLine if figure.kind is FigureKind.IGNORE else Qt.PenStyle.SolidLine
            # dark below light: it is seen on any picture
            for pen_colour, pen_width in ((QColor(0, 0, 0, 130), width + 1.8), (colour, width)):
                painter.setPen(make_pen(pen_colour, pen_width, style))
                painter.drawPolyline(polygon)
        if figure.direction is not None:
            paint_arrow(painter, figure.direction, colour)

    def _limit(self, place: QPointF) -> QPointF:
        rect = self._rect
        return QPointF(
            min(max(place.x(), rect.left()), rect.right()), min(max(place.y(), rect.top()), rect.bottom())
        )

    def _paint_name(self, painter: QPainter, figure: PicturedFigure) -> None:
        if not figure.pieces:
            return
        piece = max(figure.pieces, key=len)
        middle = make_polygon(piece).boundingRect().center()
        if figure.kind is FigureKind.LINE:
            # beside the arrow in its middle
            middle = QPointF(*piece[len(piece) // 4])
        at = painter.worldTransform().map(self._limit(middle))
        painter.save()
        painter.resetTransform()
        font = QFont(painter.font())
        font.setPointSizeF(current_theme().font_small_pt)
        font.setBold(True)
        painter.setFont(font)
        text = display_name(figure.name)
        size = painter.fontMetrics().size(0, text)
        label = QRectF(0, 0, size.width() + 10, size.height() + 4)
        label.moveCenter(at)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(16, 23, 34, 200))
        painter.drawRoundedRect(label, 4, 4)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()


class PictureHandlesItem(QGraphicsItem):
    """Corners of the selected figure, and what is being drawn; of one size at every zoom."""

    def __init__(self) -> None:
        super().__init__()
        self._corners: tuple[Point | None, ...] = ()
        self._is_closed, self._corner = True, -1
        self._draft: tuple[Point, ...] = ()
        self._draft_closes = False
        self._shows_path = False
        self._bounds = QRectF()
        self.setZValue(10)

    def set_corners(
        self,
        corners: Sequence[Point | None],
        *,
        is_closed: bool,
        corner: int | None,
        shows_path: bool,
        bounds: QRectF,
    ) -> None:
        """Draw handles; ``shows_path`` joins them, while they are being moved."""
        self.prepareGeometryChange()
        self._corners, self._is_closed = tuple(corners), is_closed
        self._corner, self._shows_path = -1 if corner is None else corner, shows_path
        self._bounds = bounds
        self.update()

    def set_draft(self, points: Sequence[Point], *, closes: bool) -> None:
        """Draw what is being drawn."""
        self._draft, self._draft_closes = tuple(points), closes
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802, D102
        return self._bounds

    def paint(  # noqa: D102
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        to_screen = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent = QColor(_ON_PICTURE.accent)
        if self._shows_path:
            path = [to_screen.map(QPointF(*c)) for c in self._corners if c is not None]
            self._paint_path(painter, path, self._is_closed, accent)
        for middle in list_middles(self._corners, is_closed=self._is_closed):
            if middle is not None:
                self._paint_dot(painter, to_screen.map(QPointF(*middle)), SIDE_PX, QColor("#c9d2de"))
        for number, corner in enumerate(self._corners):
            if corner is not None:
                colour = accent if number == self._corner else QColor("#ffffff")
                size = HANDLE_PX + 2 if number == self._corner else HANDLE_PX
                self._paint_dot(painter, to_screen.map(QPointF(*corner)), size, colour)
        draft = [to_screen.map(QPointF(*point)) for point in self._draft]
        self._paint_path(painter, draft, self._draft_closes, accent)
        for point in draft:
            self._paint_dot(painter, point, SIDE_PX, accent)
        painter.restore()

    @staticmethod
    def _paint_path(painter: QPainter, path: list[QPointF], closes: bool, colour: QColor) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        polygon = QPolygonF(path)
        for pen_colour, width in ((QColor(0, 0, 0, 150), 4.0), (colour, 2.0)):
            painter.setPen(QPen(pen_colour, width))
            if closes and len(path) > 2:
                painter.drawPolygon(polygon)
            else:
                painter.drawPolyline(polygon)

    @staticmethod
    def _paint_dot(painter: QPainter, at: QPointF, radius: float, colour: QColor) -> None:
        painter.setPen(QPen(QColor("#101722"), 1.5))
        painter.setBrush(colour)
        painter.drawEllipse(at, radius, radius)


def find_colour(figure: PicturedFigure) -> QColor:
    """What a figure is drawn in: its own colour, or one that tells what it is."""
    if figure.colour is not None:
        return QColor(figure.colour)
    match figure.kind:
        case FigureKind.ZONE:
            zones = _ON_PICTURE.zones
            return QColor(zones[figure.number % len(zones)])
        case FigureKind.LINE:
            return QColor(_ON_PICTURE.bad)
        case FigureKind.PRIVACY | FigureKind.IGNORE:
            return QColor(_ON_PICTURE.warning)
        case _:
            return QColor(_ON_PICTURE.text)


def list_middles(corners: Sequence[Point | None], *, is_closed: bool) -> tuple[Point | None, ...]:
    """The middle of each side behind a corner; None where an end of it is not seen."""
    ahead = [*corners[1:], *corners[:1]] if is_closed else list(corners[1:])
    return tuple(
        None if one is None or other is None else ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
        for one, other in zip(corners, ahead, strict=False)
    )


def make_pen(colour: QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """A pen of so many pixels at every zoom."""
    pen = QPen(colour, width, style)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def make_polygon(points: Sequence[Point]) -> QPolygonF:
    """Points as Qt takes them."""
    return QPolygonF([QPointF(u, v) for u, v in points])


def _make_fill(kind: FigureKind) -> QBrush:
    """A privacy mask hides here what it hides everywhere, also in a picture from before it was drawn."""
    if kind is FigureKind.PRIVACY:
        return QBrush(QColor("#000000"))
    colour = QColor(_ON_PICTURE.warning)
    colour.setAlpha(_FILL_ALPHA)
    return QBrush(colour)


def paint_arrow(painter: QPainter, arrow: tuple[Point, Point], colour: QColor) -> None:
    """An arrow whose head has one size at every zoom."""
    transform = painter.worldTransform()
    tail, head = (transform.map(QPointF(*place)) for place in arrow)
    painter.save()
    painter.resetTransform()
    angle = math.atan2(head.y() - tail.y(), head.x() - tail.x())
    wings = [
        head - QPointF(math.cos(angle + turn), math.sin(angle + turn)) * _ARROW_HEAD_PX
        for turn in (-math.pi / 6, math.pi / 6)
    ]
    for pen_colour, width in ((QColor(0, 0, 0, 150), 4.5), (colour, 2.4)):
        painter.setPen(QPen(pen_colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(tail, head)
        for wing in wings:
            painter.drawLine(wing, head)
    painter.restore()


def _measure_distance(path: Sequence[Point], place: Point) -> float:
    """From a place to the nearest part of a path."""
    nearest = math.inf
    for (u0, v0), (u1, v1) in itertools.pairwise(path):
        du, dv = u1 - u0, v1 - v0
        squared = du * du + dv * dv
        along = 0.0 if squared == 0 else ((place[0] - u0) * du + (place[1] - v0) * dv) / squared
        along = min(1.0, max(0.0, along))
        nearest = min(nearest, math.hypot(u0 + along * du - place[0], v0 + along * dv - place[1]))
    return nearest
