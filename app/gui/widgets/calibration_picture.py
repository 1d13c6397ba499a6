"""A camera's picture to click points in, with the plan drawn over it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsItem,
    QGraphicsScene,
    QGraphicsView,
    QStyleOptionGraphicsItem,
    QWidget,
)

from app.gui.theme import DARK, current_theme
from app.gui.widgets.calibration_points import Point, PointHand, PointsItem, ShownPoint
from app.operations.pictured_plan import PicturedLine

STEP_PX = 1.0
ZOOM_STEP = 1.25
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


class CalibrationPicture(QGraphicsView):
    """Its scene is in pixels of the camera's frame, v downwards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing = QGraphicsScene(self)
        self.setScene(self._drawing)
        self._picture, self.points_item = _PictureItem(), PointsItem()
        self._drawing.addItem(self._picture)
        self._drawing.addItem(self.points_item)
        self.hand = PointHand(self, self.points_item, step=STEP_PX)
        self._words = ""
        self._fit_scale = 1.0
        self._is_fitted = True
        self._panned_from: QPointF | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
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
            self._is_fitted = True
        if self._is_fitted:
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

    def fit(self) -> None:
        """Show the whole picture."""
        rect = self._picture.rect
        width = max(20, self.viewport().width() - 2 * _MARGIN_PX)
        height = max(20, self.viewport().height() - 2 * _MARGIN_PX)
        self._fit_scale = min(width / rect.width(), height / rect.height())
        self._is_fitted = True
        self.resetTransform()
        self.scale(self._fit_scale, self._fit_scale)
        self.centerOn(rect.center())

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom in (above 1) or out, keeping a point of the viewport in its place: its middle by default."""
        now = self.transform().m11() / self._fit_scale
        factor = min(max(now * factor, 1.0), LARGEST_ZOOM) / now
        point = (about or QPointF(self.viewport().rect().center())).toPoint()
        before = self.mapToScene(point)
        self._is_fitted = False
        self.scale(factor, factor)
        after = self.mapToScene(point)
        self.translate(after.x() - before.x(), after.y() - before.y())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802, D102
        turned = event.angleDelta().y() / 120
        if turned:
            self.zoom_by(ZOOM_STEP**turned, event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102
        key = event.key()
        if self.hand.press_key(event):
            event.accept()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(ZOOM_STEP)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.zoom_by(1 / ZOOM_STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        if not self.hand.press(event):
            self._panned_from = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        if self.hand.move(event) or self._panned_from is None or not event.buttons():
            return
        moved = event.position() - self._panned_from
        if self._is_fitted:
            return
        scale = self.transform().m11()
        self.translate(moved.x() / scale, moved.y() / scale)
        self._panned_from = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        self._panned_from = None
        self.hand.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        self.mousePressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102
        super().resizeEvent(event)
        if self._is_fitted:
            self.fit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, D102
        super().showEvent(event)
        if self._is_fitted:
            self.fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802, D102
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._drawing.update()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: N802, D102
        painter.fillRect(rect, QColor(current_theme().surface))

    def drawForeground(self, painter: QPainter, _rect: QRectF | QRect) -> None:  # noqa: N802
        """Say why there is no picture, and show who hears the keys."""
        painter.resetTransform()
        inside = self.viewport().rect().adjusted(1, 1, -1, -1)
        if not self.has_picture and self._words:
            painter.setPen(QColor(current_theme().text_muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(inside.adjusted(20, 20, -20, -20), flags, self._words)
        if self.hasFocus():
            painter.setPen(QPen(QColor(current_theme().accent), 2))
            painter.drawRect(inside)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802, D102
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802, D102
        super().focusOutEvent(event)
        self.viewport().update()
