"""The calibration canvases: the camera's picture, and the plan with the projected picture and errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QKeyEvent, QMouseEvent, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QGraphicsView, QWidget

from app.calibration.calibration_preview import Certainty, FloorEllipse, WarpedPicture
from app.cameras.pictured_shapes import PicturedLine
from app.gui.canvas.camera_picture_items import PictureCanvas, PictureItem
from app.gui.canvas.floor_plan_canvas import FloorPlanCanvas
from app.gui.canvas.heatmap_layer import make_path
from app.gui.canvas.scene_item import SceneItem, make_pen, make_polygon, measure_pixel, paint_pill
from app.gui.canvas.zoomed_view import ARROWS_Y_DOWN
from app.gui.session.theme import DARK, current_theme
from app.plan.floor_scene import FloorScene
from app.plan.snapping import Outline, SnapSettings, find_tolerance, snap_point

Point = tuple[float, float]

GRIP_PX = 11.0
"""Distance at which a press selects a point."""
_CLICK_PX = 5.0
_RADIUS_PX, _ARM_PX = 7.0, 12.0
_LABEL_PX = 16.0
_MAX_NUMBERED, _CROWDED_RADIUS_PX = 20, 3.0
"""Number of points above which they are drawn as small rings without numbers, as of a chessboard."""
_LONG_STEPS = 10


@dataclass(frozen=True, slots=True)
class ShownPoint:
    """A point as drawn; ``index`` identifies it in signals, and its number is one more."""

    index: int
    place: Point
    is_selected: bool = False
    is_open: bool = False
    is_bad: bool = False


class PointsItem(SceneItem):
    """Crosses of constant size with a free centre; and a ring where a point would help."""

    def __init__(self) -> None:
        super().__init__()
        self._points: tuple[ShownPoint, ...] = ()
        self._hint: Point | None = None
        self.setZValue(100)

    @property
    def points(self) -> tuple[ShownPoint, ...]:
        return self._points

    @property
    def hint(self) -> Point | None:
        """Place where a point would help."""
        return self._hint

    def set_points(self, points: Sequence[ShownPoint], *, hint: Point | None, bounds: QRectF) -> None:
        """Set the points; all lie within ``bounds``."""
        self.prepareGeometryChange()
        self._points, self._hint, self._bounds = tuple(points), hint, bounds
        self.update()

    def _draw(self, painter: QPainter) -> None:
        to_screen = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(painter.font())
        font.setBold(True)
        font.setPointSizeF(current_theme().font_small_pt)
        painter.setFont(font)
        if self._hint is not None:
            self._paint_hint(painter, to_screen.map(QPointF(*self._hint)))
        for point in sorted(self._points, key=lambda point: point.is_selected):
            self._paint_point(painter, to_screen.map(QPointF(*point.place)), point)
        painter.restore()

    def _paint_hint(self, painter: QPainter, at: QPointF) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((QColor("#000000"), 4.0), (QColor(DARK.warning), 2.0)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.DashLine))
            painter.drawEllipse(at, 1.5 * _ARM_PX, 1.5 * _ARM_PX)

    def _paint_point(self, painter: QPainter, at: QPointF, point: ShownPoint) -> None:
        theme = current_theme()
        is_crowded = len(self._points) > _MAX_NUMBERED and not point.is_bad
        colour = QColor(DARK.bad if point.is_bad else DARK.warning if point.is_open else "#ffffff")
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # dark below light: it is seen on any picture
        for pen, width in ((QColor("#000000"), 4.5), (colour, 2.0)):
            painter.setPen(QPen(pen, width))
            if is_crowded:
                painter.drawEllipse(at, _CROWDED_RADIUS_PX, _CROWDED_RADIUS_PX)
                continue
            painter.drawEllipse(at, _RADIUS_PX, _RADIUS_PX)
            for right, down in ARROWS_Y_DOWN.values():
                arm = QPointF(right, down)
                painter.drawLine(at + arm * 3.0, at + arm * _ARM_PX)
        if point.is_selected:
            painter.setPen(QPen(QColor(theme.accent), 2.5))
            painter.drawEllipse(at, _ARM_PX + 3, _ARM_PX + 3)
        if is_crowded and not point.is_selected:
            return
        text = str(point.index + 1)
        width = painter.fontMetrics().horizontalAdvance(text) + 8
        label = QRectF(at.x() + _ARM_PX, at.y() - _ARM_PX - _LABEL_PX / 2, width, _LABEL_PX)
        fill, ink = (theme.accent, theme.accent_text) if point.is_selected else ("#101722", "#ffffff")
        paint_pill(painter, label, text, fill=QColor(fill), ink=QColor(ink))


class PointController(QObject):
    """The mouse and key handler of one view, in scene coordinates."""

    placed = Signal(object)
    """A click on a free place."""
    chosen = Signal(int)
    """The index of a point."""
    moved = Signal(int, object, int)
    """(index, place, number of the drag); steps of one drag are undone together."""
    nudged = Signal(int, object)
    """(index, offset) by an arrow key."""
    removed = Signal(int)

    def __init__(self, view: QGraphicsView, item: PointsItem, *, step: float) -> None:
        super().__init__(view)
        self._view, self._item, self._step = view, item, step
        self._pressed_at = QPointF()
        self._held: int | None = None
        self._offset = QPointF()
        self._has_moved = False
        self._drag = 0

    @property
    def is_holding(self) -> bool:
        return self._held is not None

    def find_point(self, position: QPointF) -> ShownPoint | None:
        transform = self._view.viewportTransform()
        near = [
            (math.hypot(away.x(), away.y()), -point.index, point)
            for point in self._item.points
            for away in (transform.map(QPointF(*point.place)) - position,)
        ]
        found = min(near, default=None, key=lambda entry: entry[:2])
        return found[2] if found is not None and found[0] <= GRIP_PX else None

    def press(self, event: QMouseEvent) -> bool:
        """Grab the point at the pointer; return whether there was one."""
        self._pressed_at, self._has_moved = event.position(), False
        point = self.find_point(event.position())
        if point is None or event.button() is not Qt.MouseButton.LeftButton:
            return False
        self._held = point.index
        self._drag += 1
        self._offset = QPointF(*point.place) - self._map(event.position())
        self.chosen.emit(point.index)
        return True

    def move(self, event: QMouseEvent) -> bool:
        """Drag the grabbed point; return whether there is one."""
        away = event.position() - self._pressed_at
        if math.hypot(away.x(), away.y()) > _CLICK_PX:
            self._has_moved = True
        if self._held is None:
            return False
        if self._has_moved:
            at = self._map(event.position()) + self._offset
            self.moved.emit(self._held, (at.x(), at.y()), self._drag)
        return True

    def release(self, event: QMouseEvent) -> None:
        """Release the point; a click on a free place is reported."""
        was_held, self._held = self._held, None
        if was_held is None and not self._has_moved and event.button() is Qt.MouseButton.LeftButton:
            at = self._map(event.position())
            self.placed.emit((at.x(), at.y()))

    def press_key(self, event: QKeyEvent) -> bool:
        """Handle a key: Insert adds a point, arrows move the selected one, Delete removes it."""
        key = event.key()
        if key in (Qt.Key.Key_Insert, Qt.Key.Key_N):
            at = self._map(QPointF(self._view.viewport().rect().center()))
            self.placed.emit((at.x(), at.y()))
            return True
        if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            return self._choose_next(1 if key == Qt.Key.Key_PageDown else -1)
        selected = next((point for point in self._item.points if point.is_selected), None)
        if selected is None:
            return False
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(selected.index)
        elif key in ARROWS_Y_DOWN:
            steps = _LONG_STEPS if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            right, down = ARROWS_Y_DOWN[key]
            up_is_positive = self._view.transform().m22() < 0
            by = (right * steps * self._step, down * steps * self._step * (-1 if up_is_positive else 1))
            self.nudged.emit(selected.index, by)
        else:
            return False
        return True

    def _choose_next(self, by: int) -> bool:
        points = self._item.points
        if not points:
            return False
        at = next((n for n, point in enumerate(points) if point.is_selected), -1 if by > 0 else 0)
        self.chosen.emit(points[(at + by) % len(points)].index)
        return True

    def _map(self, position: QPointF) -> QPointF:
        transform, _can_be_inverted = self._view.viewportTransform().inverted()
        return transform.map(position)


STEP_PX = 1.0
MAX_ZOOM = 16.0
_MARGIN_PX = 6
_STROKE_DOT_PX = 3.0


class _PictureItem(PictureItem):
    """The picture, with the plan's lines over it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: tuple[tuple[QPolygonF, int | None], ...] = ()
        self.shows_lines = True
        self.strokes: tuple[QPolygonF, ...] = ()

    def _draw(self, painter: QPainter) -> None:
        super()._draw(painter)
        theme = current_theme()
        painter.setClipRect(self._bounds)
        for polygon, zone in self.lines if self.shows_lines else ():
            colour = QColor(DARK.text if zone is None else theme.zones[zone % len(theme.zones)])
            self._draw_line(painter, polygon, colour)
        dot = _STROKE_DOT_PX * measure_pixel(painter)
        for stroke in self.strokes:
            self._draw_line(painter, stroke, QColor(DARK.accent))
            painter.setBrush(QColor(DARK.accent))
            for at in stroke.toList():
                painter.drawEllipse(at, dot, dot)

    def _draw_line(self, painter: QPainter, polygon: QPolygonF, colour: QColor) -> None:
        for pen_colour, width in ((QColor(0, 0, 0, 120), 3.5), (colour, 1.8)):
            painter.setPen(make_pen(pen_colour, width))
            painter.drawPolyline(polygon)


class CalibrationPicture(PictureCanvas):
    _picture: _PictureItem

    def __init__(self, parent: QWidget | None = None) -> None:
        self.points_item = PointsItem()
        super().__init__(_PictureItem(), [self.points_item], parent)
        self.hand = PointController(self, self.points_item, step=STEP_PX)
        self._panned_from: QPointF | None = None
        self.viewport().setCursor(Qt.CursorShape.CrossCursor)

    @property
    def lines(self) -> int:
        return len(self._picture.lines) if self._picture.shows_lines else 0

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(640, 360)

    def show_lines(self, lines: Sequence[PicturedLine], *, is_shown: bool) -> None:
        self._picture.lines = tuple((make_polygon(line.points), line.zone) for line in lines)
        self._picture.shows_lines = is_shown
        self._picture.update()

    def show_strokes(self, strokes: Sequence[Sequence[Point]]) -> None:
        """Draw the lines clicked along straight edges."""
        shown = tuple(make_polygon(stroke) for stroke in strokes)
        if shown != self._picture.strokes:
            self._picture.strokes = shown
            self._picture.update()

    def show_points(self, points: Sequence[ShownPoint], *, hint: Point | None) -> None:
        self.points_item.set_points(points, hint=hint, bounds=self.sceneRect())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if self.hand.press_key(event) or self.press_zoom_key(event):
            event.accept()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if not self.hand.press(event):
            self._panned_from = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self.hand.move(event) or self._panned_from is None or not event.buttons():
            return
        if self.is_fitted:
            return
        moved = event.position() - self._panned_from
        self.pan_by(-moved.x(), -moved.y())
        self._panned_from = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._panned_from = None
        self.hand.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.mousePressEvent(event)


STEP_M = 0.01
SNAP_PX = 7.0
"""Distance at which a click snaps to a corner of the plan, which can be found again in a hall."""
_DOT_PX = 2.5


class _WarpedItem(SceneItem):
    """The camera's picture projected onto the floor."""

    def __init__(self) -> None:
        super().__init__()
        self._pixmap = QPixmap()

    @property
    def has_picture(self) -> bool:
        return not self._pixmap.isNull()

    def set_picture(self, warped: WarpedPicture | None) -> None:
        self.prepareGeometryChange()
        self._pixmap, self._bounds = QPixmap(), QRectF()
        if warped is not None:
            rows, columns = warped.rgba.shape[:2]
            image = QImage(warped.rgba.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
            self._pixmap = QPixmap.fromImage(image)
            self._bounds = QRectF(warped.left_m, warped.bottom_m, warped.width_m, warped.height_m)
        self.update()

    def _draw(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(0.8)
        painter.drawPixmap(self._bounds, self._pixmap, QRectF(self._pixmap.rect()))


class _EllipsesItem(SceneItem):
    """95 % ellipses, coloured by certainty; a dot for one that would cover the floor."""

    def __init__(self) -> None:
        super().__init__()
        self._ellipses: tuple[FloorEllipse, ...] = ()

    @property
    def ellipses(self) -> tuple[FloorEllipse, ...]:
        return self._ellipses

    def set_ellipses(self, ellipses: Sequence[FloorEllipse], bounds: QRectF) -> None:
        self.prepareGeometryChange()
        self._ellipses, self._bounds = tuple(ellipses), bounds
        self.update()

    def _draw(self, painter: QPainter) -> None:
        theme = current_theme()
        colours = {Certainty.GOOD: theme.good, Certainty.FAIR: theme.warning, Certainty.POOR: theme.bad}
        painter.setClipRect(self._bounds)
        radius = _DOT_PX * measure_pixel(painter)
        for ellipse in self._ellipses:
            colour = QColor(colours[ellipse.certainty])
            painter.setPen(make_pen(colour, 1.6))
            if ellipse.ring:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawPath(make_path([ellipse.ring]))
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(*ellipse.centre), radius, radius)


class CalibrationPlan(FloorPlanCanvas):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.points_item, self._warped, self._ellipses = PointsItem(), _WarpedItem(), _EllipsesItem()
        self._overlays = ((self._warped, 0.5), (self._ellipses, 50), (self.points_item, 100))
        self.hand = PointController(self, self.points_item, step=STEP_M)
        self._outlines: tuple[Outline, ...] = ()

    @property
    def has_warped_picture(self) -> bool:
        return self._warped.has_picture and self._warped.isVisible()

    @property
    def ellipses(self) -> tuple[FloorEllipse, ...]:
        return self._ellipses.ellipses if self._ellipses.isVisible() else ()

    def show_scene(self, scene: FloorScene | None) -> None:
        super().show_scene(scene)
        shapes = () if scene is None else (*scene.obstacles, *scene.zones)
        self._outlines = tuple(Outline(shape.points) for shape in shapes)
        if scene is not None:
            self._outlines += (Outline(scene.outline),)

    def show_preview(
        self,
        warped: WarpedPicture | None,
        ellipses: Sequence[FloorEllipse],
        *,
        shows_picture: bool,
        shows_ellipses: bool,
    ) -> None:
        self._warped.set_picture(warped)
        self._warped.setVisible(shows_picture)
        self._ellipses.set_ellipses(ellipses, self.content_rect)
        self._ellipses.setVisible(shows_ellipses)

    def show_points(self, points: Sequence[ShownPoint], *, hint: Point | None) -> None:
        self.points_item.set_points(points, hint=hint, bounds=self.sceneRect())

    def snap(self, place: Point) -> Point:
        tolerance_m = find_tolerance(pixels=SNAP_PX, pixels_per_metre=abs(self.transform().m11()))
        settings = SnapSettings(tolerance_m, to_edges=False, to_angles=False)
        return snap_point(place, outlines=self._outlines, settings=settings).point

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if self.hand.press_key(event):
            event.accept()
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if not self.hand.press(event):
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self.hand.move(event):
            return
        super().mouseMoveEvent(event)
        if not event.buttons():
            self.viewport().setCursor(Qt.CursorShape.CrossCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if not self.hand.is_holding:
            super().mouseReleaseEvent(event)
            self.viewport().setCursor(Qt.CursorShape.CrossCursor)
        self.hand.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.mousePressEvent(event)
