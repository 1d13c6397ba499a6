"""A floor plan to click points on, with the camera's picture below it and how well each place is known."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.calibration.calibration_preview import Certainty, FloorEllipse, WarpedPicture
from app.gui.calibration.calibration_points import Point, PointHand, PointsItem, ShownPoint
from app.gui.canvas.floor_plan_canvas import FloorPlanCanvas
from app.gui.canvas.heatmap_layer import make_path
from app.gui.session.theme import current_theme
from app.plan.floor_scene import FloorScene
from app.plan.snapping import Outline, SnapSettings, find_tolerance, snap_point

STEP_M = 0.01
SNAP_PX = 7.0
"""A click so near to a corner means the corner: those are what can be found again in a hall."""
_DOT_PX = 2.5


class _WarpedItem(QGraphicsItem):
    """The camera's picture as it lies on the floor."""

    def __init__(self) -> None:
        super().__init__()
        self._pixmap = QPixmap()
        self._rect = QRectF()
        self.setZValue(0.5)

    @property
    def has_picture(self) -> bool:
        return not self._pixmap.isNull()

    def set_picture(self, warped: WarpedPicture | None) -> None:
        self.prepareGeometryChange()
        self._pixmap, self._rect = QPixmap(), QRectF()
        if warped is not None:
            rows, columns = warped.rgba.shape[:2]
            image = QImage(warped.rgba.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
            self._pixmap = QPixmap.fromImage(image)
            self._rect = QRectF(warped.left_m, warped.bottom_m, warped.width_m, warped.height_m)
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802
        return self._rect

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(0.8)
        painter.drawPixmap(self._rect, self._pixmap, QRectF(self._pixmap.rect()))


class _EllipsesItem(QGraphicsItem):
    """95 % ellipses, in the colour of how well a place is known; a dot where one would cover the floor."""

    def __init__(self) -> None:
        super().__init__()
        self._ellipses: tuple[FloorEllipse, ...] = ()
        self._bounds = QRectF()
        self.setZValue(50)

    @property
    def ellipses(self) -> tuple[FloorEllipse, ...]:
        return self._ellipses

    def set_ellipses(self, ellipses: Sequence[FloorEllipse], bounds: QRectF) -> None:
        self.prepareGeometryChange()
        self._ellipses, self._bounds = tuple(ellipses), bounds
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802
        return self._bounds

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        theme = current_theme()
        colours = {
            Certainty.GOOD: theme.good,
            Certainty.FAIR: theme.warning,
            Certainty.POOR: theme.bad,
        }
        painter.setClipRect(self._bounds)
        radius = _DOT_PX / abs(painter.worldTransform().m11() or 1.0)
        for ellipse in self._ellipses:
            colour = QColor(colours[ellipse.certainty])
            pen = QPen(colour, 1.6)
            pen.setCosmetic(True)
            painter.setPen(pen)
            if ellipse.ring:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawPath(make_path([ellipse.ring]))
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(*ellipse.centre), radius, radius)


class CalibrationPlan(FloorPlanCanvas):
    """As the floor plan; a click makes a point instead of choosing a zone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.points_item, self._warped, self._ellipses = PointsItem(), _WarpedItem(), _EllipsesItem()
        self.hand = PointHand(self, self.points_item, step=STEP_M)
        self._outlines: tuple[Outline, ...] = ()

    @property
    def has_warped_picture(self) -> bool:
        """Whether the camera's picture is shown on the floor."""
        return self._warped.has_picture and self._warped.isVisible()

    @property
    def ellipses(self) -> tuple[FloorEllipse, ...]:
        """What is drawn of how well places are known."""
        return self._ellipses.ellipses if self._ellipses.isVisible() else ()

    def show_scene(self, scene: FloorScene | None) -> None:
        """As the plan does, below the points."""
        own = (self._warped, self._ellipses, self.points_item)
        for item in own:
            if item.scene() is not None:
                self.scene().removeItem(item)
        super().show_scene(scene)
        for item in own:
            self.scene().addItem(item)
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
        """Show what the points give."""
        self._warped.set_picture(warped)
        self._warped.setVisible(shows_picture)
        self._ellipses.set_ellipses(ellipses, self.content_rect)
        self._ellipses.setVisible(shows_ellipses)

    def show_points(self, points: Sequence[ShownPoint], *, hint: Point | None) -> None:
        """Draw these points."""
        self.points_item.set_points(points, hint=hint, bounds=self.sceneRect())

    def snap(self, place: Point) -> Point:
        """The corner of the plan that a click at a place means, or the place."""
        tolerance_m = find_tolerance(pixels=SNAP_PX, pixels_per_metre=abs(self.transform().m11()))
        settings = SnapSettings(tolerance_m, to_edges=False, to_angles=False)
        return snap_point(place, outlines=self._outlines, settings=settings).point

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102
        if self.hand.press_key(event):
            event.accept()
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        if not self.hand.press(event):
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        if self.hand.move(event):
            return
        super().mouseMoveEvent(event)
        if not event.buttons():
            self.viewport().setCursor(Qt.CursorShape.CrossCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        if not self.hand.is_holding:
            super().mouseReleaseEvent(event)
            self.viewport().setCursor(Qt.CursorShape.CrossCursor)
        self.hand.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        self.mousePressEvent(event)
