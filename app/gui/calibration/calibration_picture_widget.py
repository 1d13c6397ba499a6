"""A camera's picture to click points in, with the plan drawn over it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import (
    QGraphicsItem,
    QStyleOptionGraphicsItem,
    QWidget,
)

from app.cameras.pictured_plan import PicturedLine
from app.gui.calibration.calibration_points import Point, PointHand, PointsItem, ShownPoint
from app.gui.canvas.zoomed_view import ZoomedView
from app.gui.session.theme import DARK, current_theme

STEP_PX = 1.0
LARGEST_ZOOM = 16.0
_MARGIN_PX = 6
_DOT_PX = 3.0


class _PictureItem(QGraphicsItem):
    """The picture, over the size in which pixels are counted, and the plan's lines on it."""

    def __init__(self) -> None:
        super().__init__()
        self.pixmap = QPixmap()
        self.rect = QRectF(0, 0, 1, 1)
        self.lines: tuple[tuple[QPolygonF, int | None], ...] = ()
        self.shows_lines = True
        self.strokes: tuple[QPolygonF, ...] = ()

    def boundingRect(self) -> QRectF:  # noqa: N802
        return self.rect

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        theme = current_theme()
        painter.fillRect(self.rect, QColor(theme.raised))
        if not self.pixmap.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(self.rect, self.pixmap, QRectF(self.pixmap.rect()))
        painter.setClipRect(self.rect)
        for polygon, zone in self.lines if self.shows_lines else ():
            colour = QColor(DARK.text if zone is None else theme.zones[zone % len(theme.zones)])
            self._draw_line(painter, polygon, colour)
        dot = _DOT_PX / (painter.worldTransform().m11() or 1.0)
        for stroke in self.strokes:
            self._draw_line(painter, stroke, QColor(DARK.accent))
            painter.setBrush(QColor(DARK.accent))
            for at in stroke.toList():
                painter.drawEllipse(at, dot, dot)

    def _draw_line(self, painter: QPainter, polygon: QPolygonF, colour: QColor) -> None:
        for pen_colour, width in ((QColor(0, 0, 0, 120), 3.5), (colour, 1.8)):
            pen = QPen(pen_colour, width)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPolyline(polygon)


class CalibrationPicture(ZoomedView):
    """Its scene is in pixels of the camera's frame, v downwards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, margin_px=_MARGIN_PX, smallest_zoom=1.0, largest_zoom=LARGEST_ZOOM)
        self._picture, self.points_item = _PictureItem(), PointsItem()
        self.scene().addItem(self._picture)
        self.scene().addItem(self.points_item)
        self.hand = PointHand(self, self.points_item, step=STEP_PX)
        self._words = ""
        self._panned_from: QPointF | None = None
        self.setMinimumSize(280, 180)
        self.viewport().setCursor(Qt.CursorShape.CrossCursor)

    @property
    def has_picture(self) -> bool:
        """Whether there is one."""
        return not self._picture.pixmap.isNull()

    @property
    def lines(self) -> int:
        """How many pieces of the plan are drawn over the picture."""
        return len(self._picture.lines) if self._picture.shows_lines else 0

    def sizeHint(self) -> QSize:  # noqa: N802, D102
        return QSize(640, 360)

    def show_picture(
        self, rgb: bytes, size_wh: tuple[int, int], *, frame_wh: tuple[int, int], words: str
    ) -> None:
        """Show a picture over the frame in whose pixels points are given.

        Args:
            rgb: shape (height, width, 3) of ``size_wh``; empty for none.
            words: shown in its place.
        """
        width, height = size_wh
        image = QImage(rgb, width, height, 3 * width, QImage.Format.Format_RGB888) if rgb else QImage()
        self._picture.pixmap = QPixmap.fromImage(image)
        self._words = words
        rect = QRectF(0, 0, *frame_wh)
        if rect != self._picture.rect:
            self._picture.prepareGeometryChange()
            self._picture.rect = rect
            margin = max(frame_wh)
            self.setSceneRect(rect.adjusted(-margin, -margin, margin, margin))
            self.content_rect, self.is_fitted = rect, True
        if self.is_fitted:
            self.fit()
        self._picture.update()
        self.viewport().update()

    def show_lines(self, lines: Sequence[PicturedLine], *, is_shown: bool) -> None:
        """Draw the plan over the picture."""
        self._picture.lines = tuple(
            (QPolygonF([QPointF(u, v) for u, v in line.points]), line.zone) for line in lines
        )
        self._picture.shows_lines = is_shown
        self._picture.update()

    def show_strokes(self, strokes: Sequence[Sequence[Point]]) -> None:
        """Draw what was clicked along straight edges."""
        shown = tuple(QPolygonF([QPointF(u, v) for u, v in stroke]) for stroke in strokes)
        if shown != self._picture.strokes:
            self._picture.strokes = shown
            self._picture.update()

    def show_points(self, points: Sequence[ShownPoint], *, hint: Point | None) -> None:
        """Draw these points."""
        self.points_item.set_points(points, hint=hint, bounds=self.sceneRect())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102
        if self.hand.press_key(event) or self.press_zoom_key(event):
            event.accept()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        if not self.hand.press(event):
            self._panned_from = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        if self.hand.move(event) or self._panned_from is None or not event.buttons():
            return
        if self.is_fitted:
            return
        moved = event.position() - self._panned_from
        self.pan_by(-moved.x(), -moved.y())
        self._panned_from = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        self._panned_from = None
        self.hand.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        self.mousePressEvent(event)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: N802
        """Say why there is no picture, and show who hears the keys."""
        if not self.has_picture and self._words:
            painter.resetTransform()
            painter.setPen(QColor(current_theme().text_muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.viewport().rect().adjusted(21, 21, -21, -21), flags, self._words)
        super().drawForeground(painter, rect)
