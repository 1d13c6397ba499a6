"""Items over a camera's picture: masks, zones and lines, handles, and the current drawing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QImage, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QWidget

from analytics.domain.errors import CalibrationError
from app.cameras.pictured_shapes import PicturedKind, PicturedRef, PicturedShape, list_pictured_shapes
from app.core.document import Venue
from app.gui.canvas.scene_item import SceneItem, fade, make_pen, make_polygon, paint_pill
from app.gui.canvas.zoomed_view import ZoomedView
from app.gui.session.theme import DARK, current_theme
from app.gui.session.translation import display_name
from app.plan.floor_scene import Point
from app.plan.snapping import measure_to_side


class PlanProjector:
    """Projects the plan into cameras' pictures, cached because a live wall updates ten times a second."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[object, ...], tuple[PicturedShape, ...]]] = {}

    def find(self, venue: Venue, camera: str, size_wh: tuple[int, int] | None) -> tuple[PicturedShape, ...]:
        """Return the newest zones and lines as a camera sees them, in pixels of its stream.

        Args:
            size_wh: of the stream's pictures; None while it is not known.

        Returns:
            The same tuple as before where nothing has changed; empty for a camera without a calibration,
            and for a stream of another shape than it was calibrated in.
        """
        if size_wh is None:
            return ()
        known = venue.camera(camera).camera
        key = (known, venue.geometry_at(None), size_wh)
        found = self._known.get(camera)
        if found is None or found[0] != key:
            found = key, _project(venue, camera, size_wh)
            self._known[camera] = found
        return found[1]

    def forget(self) -> None:
        self._known.clear()


def _project(venue: Venue, camera: str, size_wh: tuple[int, int]) -> tuple[PicturedShape, ...]:
    try:
        geometry = venue.camera_geometry(camera)
        # refuses another shape
        venue.camera(camera).camera.scaled_to(size_wh)
    except CalibrationError:
        return ()
    if geometry is None:
        return ()
    calibrated_wh = venue.camera(camera).camera.frame_size_wh or size_wh
    seen = list_pictured_shapes(venue, geometry.scaled_from(calibrated_wh, size_wh), size_wh)
    return tuple(figure for figure in seen if figure.can_be_chosen and figure.pieces)


HANDLE_PX = 6.0
SIDE_PX = 4.0
_ARROW_HEAD_PX = 9.0
_FILL_ALPHA = 45
_ON_PICTURE = DARK
"""Colours on a picture, the same in every theme."""


class PictureItem(SceneItem):
    """The picture, scaled to the frame in whose pixels the items are given."""

    def __init__(self) -> None:
        super().__init__()
        self._pixmap = QPixmap()
        self._bounds = QRectF(0, 0, 1, 1)

    @property
    def has_picture(self) -> bool:
        return not self._pixmap.isNull()

    def set_picture(self, pixmap: QPixmap, rect: QRectF) -> None:
        self.prepareGeometryChange()
        self._pixmap, self._bounds = pixmap, rect
        self.update()

    def _draw(self, painter: QPainter) -> None:
        painter.fillRect(self._bounds, QColor(current_theme().raised))
        if self.has_picture:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(self._bounds, self._pixmap, QRectF(self._pixmap.rect()))


class PictureCanvas(ZoomedView):
    """View of a camera's picture; its scene is in pixels of the camera's frame, v downwards."""

    def __init__(
        self,
        picture: PictureItem,
        items: Sequence[QGraphicsItem],
        parent: QWidget | None = None,
        *,
        margin_px: int = 6,
        max_zoom: float = 16.0,
        min_wh: tuple[int, int] = (280, 180),
    ) -> None:
        """Set up the view; ``items`` lie over the picture."""
        super().__init__(parent, margin_px=margin_px, min_zoom=1.0, max_zoom=max_zoom)
        self._picture = picture
        for item in (picture, *items):
            self.scene().addItem(item)
        self._words = ""
        self.setMinimumSize(*min_wh)

    @property
    def has_picture(self) -> bool:
        return self._picture.has_picture

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(900, 500)

    def show_picture(
        self, rgb: bytes, size_wh: tuple[int, int], *, frame_wh: tuple[int, int], words: str
    ) -> None:
        """Show a picture over the frame in whose pixels everything is given.

        Args:
            rgb: shape (height, width, 3) of ``size_wh``; empty for none.
            words: shown in its place.
        """
        width, height = size_wh
        image = QImage(rgb, width, height, 3 * width, QImage.Format.Format_RGB888) if rgb else QImage()
        self.show_image(image, frame_wh, words=words)

    def show_image(self, image: QImage, frame_wh: tuple[int, int], *, words: str) -> None:
        """Show a decoded picture, like `show_picture`."""
        rect = QRectF(0, 0, *frame_wh)
        self._words = words
        self._picture.set_picture(QPixmap.fromImage(image), rect)
        if rect != self.content_rect:
            margin = max(frame_wh)
            self.setSceneRect(rect.adjusted(-margin, -margin, margin, margin))
            self.content_rect, self.is_fitted = rect, True
        if self.is_fitted:
            self.fit()
        self.viewport().update()

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: N802
        if not self.has_picture and self._words:
            painter.resetTransform()
            painter.setPen(QColor(current_theme().text_muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.viewport().rect().adjusted(21, 21, -21, -21), flags, self._words)
        super().drawForeground(painter, rect)


class PicturedShapesItem(SceneItem):
    """Masks, zones, lines and the plan, clipped to the picture."""

    def __init__(self) -> None:
        super().__init__()
        self.figures: tuple[PicturedShape, ...] = ()
        self._selected: PicturedRef | None = None
        self._bounds = QRectF(0, 0, 1, 1)

    def set_shapes(
        self, figures: Sequence[PicturedShape], selected: PicturedRef | None, rect: QRectF
    ) -> None:
        self.prepareGeometryChange()
        self.figures, self._selected, self._bounds = tuple(figures), selected, rect
        self.update()

    def shape_at(self, place: Point, *, reach: float) -> PicturedRef | None:
        """Return the shape at a click: a near line, else the smallest area there."""
        at = QPointF(*place)
        hit: list[tuple[float, PicturedRef]] = []
        for figure in self.figures:
            if not figure.can_be_chosen:
                continue
            if figure.kind is PicturedKind.LINE:
                if any(_measure_distance(piece, place) <= reach for piece in figure.pieces):
                    return figure.ref
                continue
            polygons = [make_polygon(piece) for piece in figure.pieces]
            if any(p.containsPoint(at, Qt.FillRule.OddEvenFill) for p in polygons):
                bounds = [polygon.boundingRect() for polygon in polygons]
                hit.append((sum(b.width() * b.height() for b in bounds), figure.ref))
        return min(hit, key=lambda pair: pair[0])[1] if hit else None

    def _draw(self, painter: QPainter) -> None:
        painter.setClipRect(self._bounds)
        for figure in self.figures:
            self._paint_shape(painter, figure)
        for figure in self.figures:
            if figure.name and figure.can_be_chosen:
                self._paint_name(painter, figure)

    def _paint_shape(self, painter: QPainter, figure: PicturedShape) -> None:
        colour, is_selected = find_colour(figure), figure.ref == self._selected
        width = 3.0 if is_selected else 1.8
        for piece in figure.pieces:
            polygon = make_polygon(piece)
            if figure.kind in (PicturedKind.PRIVACY, PicturedKind.IGNORE):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(_make_fill(figure.kind))
                painter.drawPolygon(polygon)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            style = Qt.PenStyle.DashLine if figure.kind is PicturedKind.IGNORE else Qt.PenStyle.SolidLine
            # dark below light, to be visible on any picture
            for pen_colour, pen_width in ((QColor(0, 0, 0, 130), width + 1.8), (colour, width)):
                painter.setPen(make_pen(pen_colour, pen_width, style))
                painter.drawPolyline(polygon)
        if figure.direction is not None:
            paint_arrow(painter, figure.direction, colour)

    def _limit(self, place: QPointF) -> QPointF:
        rect = self._bounds
        return QPointF(
            min(max(place.x(), rect.left()), rect.right()), min(max(place.y(), rect.top()), rect.bottom())
        )

    def _paint_name(self, painter: QPainter, figure: PicturedShape) -> None:
        if not figure.pieces:
            return
        piece = max(figure.pieces, key=len)
        middle = make_polygon(piece).boundingRect().center()
        if figure.kind is PicturedKind.LINE:
            # beside the arrow in the middle of the line
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
        paint_pill(painter, label, text, fill=QColor(16, 23, 34, 200), ink=QColor("#ffffff"))
        painter.restore()


class PictureHandlesItem(SceneItem):
    """Handles of the selected shape, and the current drawing; of constant size at every zoom."""

    def __init__(self) -> None:
        super().__init__()
        self._corners: tuple[Point | None, ...] = ()
        self._is_closed, self._corner = True, -1
        self._draft: tuple[Point, ...] = ()
        self._draft_closes = False
        self._shows_path = False
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
        """Draw handles; ``shows_path`` joins them while they are moved."""
        self.prepareGeometryChange()
        self._corners, self._is_closed = tuple(corners), is_closed
        self._corner, self._shows_path = -1 if corner is None else corner, shows_path
        self._bounds = bounds
        self.update()

    def set_draft(self, points: Sequence[Point], *, closes: bool) -> None:
        self._draft, self._draft_closes = tuple(points), closes
        self.update()

    def _draw(self, painter: QPainter) -> None:
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


def find_colour(figure: PicturedShape) -> QColor:
    """Return a shape's colour: its own, or the one of its kind."""
    if figure.colour is not None:
        return QColor(figure.colour)
    match figure.kind:
        case PicturedKind.ZONE:
            zones = _ON_PICTURE.zones
            return QColor(zones[figure.number % len(zones)])
        case PicturedKind.LINE:
            return QColor(_ON_PICTURE.bad)
        case PicturedKind.PRIVACY | PicturedKind.IGNORE:
            return QColor(_ON_PICTURE.warning)
        case _:
            return QColor(_ON_PICTURE.text)


def list_middles(corners: Sequence[Point | None], *, is_closed: bool) -> tuple[Point | None, ...]:
    """Return the middle of the side behind each corner; None if one of its ends is not visible."""
    ahead = [*corners[1:], *corners[:1]] if is_closed else list(corners[1:])
    return tuple(
        None if one is None or other is None else ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
        for one, other in zip(corners, ahead, strict=False)
    )


def _make_fill(kind: PicturedKind) -> QBrush:
    """Return the fill of a shape; a privacy mask covers a picture taken before it was drawn, too."""
    if kind is PicturedKind.PRIVACY:
        return QBrush(QColor("#000000"))
    colour = fade(_ON_PICTURE.warning, _FILL_ALPHA)
    return QBrush(colour)


def paint_arrow(painter: QPainter, arrow: tuple[Point, Point], colour: QColor) -> None:
    """Paint an arrow whose head has a constant size at every zoom."""
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
    return min(measure_to_side(place, side) for side in itertools.pairwise(path))
