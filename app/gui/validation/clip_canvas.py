"""A clip's picture with the plan, on which feet are clicked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.cameras.pictured_shapes import PicturedRef, PicturedShape
from app.gui.canvas.camera_picture_items import PictureCanvas, PicturedShapesItem, PictureItem
from app.gui.canvas.scene_item import SceneItem
from app.gui.canvas.zoomed_view import ARROWS_Y_DOWN
from app.gui.session.theme import DARK
from app.plan.floor_scene import Point

MAX_ZOOM = 12.0
POINTER_STEP_PX, LONG_STEP_PX = 2.0, 20.0
_CLICK_PX = 5.0
_MARK_PX = 6.0


class ClipCanvas(PictureCanvas):
    """The clip canvas; other keys are passed on to the page."""

    clicked = Signal(object)
    """A `Point` at a person's feet, by a click, or by Space at the keyboard pointer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._shapes, self._marks = PicturedShapesItem(), _MarksItem()
        super().__init__(
            PictureItem(),
            [self._shapes, self._marks],
            parent,
            margin_px=4,
            max_zoom=MAX_ZOOM,
            min_wh=(320, 200),
        )
        self._is_counting = False
        self._pressed_at: QPointF | None = None
        self._has_moved = False

    @property
    def pointer(self) -> Point | None:
        """Keyboard pointer while heads are counted."""
        return self._marks.pointer

    def show_jpeg(self, jpeg: bytes, frame_wh: tuple[int, int], *, words: str = "") -> None:
        """Show a JPEG file; empty for none."""
        self.show_image(QImage.fromData(jpeg) if jpeg else QImage(), frame_wh, words=words)

    def show_shapes(self, shapes: Sequence[PicturedShape], chosen: PicturedRef | None) -> None:
        """Show zones and lines; the selected one is bold."""
        self._shapes.set_shapes(shapes, chosen, self.content_rect)

    def show_marks(self, marks: Sequence[Point], *, is_counting: bool) -> None:
        """Show clicked feet; while counting, with the cross of the keyboard pointer."""
        if is_counting and not self._is_counting:
            middle = self.content_rect.center()
            self._marks.pointer = (middle.x(), middle.y())
        elif not is_counting:
            self._marks.pointer = None
        self._is_counting = is_counting
        shape = Qt.CursorShape.CrossCursor if is_counting else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        self._marks.set_marks(marks, self.sceneRect())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._pressed_at, self._has_moved = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._pressed_at is None:
            return
        moved = event.position() - self._pressed_at
        self._has_moved = self._has_moved or moved.manhattanLength() > _CLICK_PX
        if self._has_moved and not self.is_fitted:
            self.pan_by(-moved.x(), -moved.y())
            self._pressed_at = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        was_click = self._pressed_at is not None and not self._has_moved
        self._pressed_at = None
        at = self.map_to_content(event.position())
        if was_click and event.button() is Qt.MouseButton.LeftButton and self.content_rect.contains(at):
            self.clicked.emit((at.x(), at.y()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        # two people close together are clicked quickly
        self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if self._press_pointer_key(event) or self.press_zoom_key(event):
            event.accept()
        else:
            event.ignore()

    def _press_pointer_key(self, event: QKeyEvent) -> bool:
        pointer, key = self._marks.pointer, event.key()
        if pointer is None:
            return False
        if key == Qt.Key.Key_Space:
            self.clicked.emit(pointer)
            return True
        if key not in ARROWS_Y_DOWN or not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            return False
        right, down = ARROWS_Y_DOWN[key]
        is_long = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        length = LONG_STEP_PX if is_long else POINTER_STEP_PX
        rect = self.content_rect
        self._marks.pointer = (
            min(max(pointer[0] + length * right, rect.left()), rect.right()),
            min(max(pointer[1] + length * down, rect.top()), rect.bottom()),
        )
        self._marks.update()
        return True


class _MarksItem(SceneItem):
    """Numbered feet and the cross of the keyboard pointer, of constant size."""

    def __init__(self) -> None:
        super().__init__()
        self.pointer: Point | None = None
        self._marks: tuple[Point, ...] = ()
        self._bounds = QRectF(0, 0, 1, 1)
        self.setZValue(10)

    def set_marks(self, marks: Sequence[Point], bounds: QRectF) -> None:
        self.prepareGeometryChange()
        self._marks, self._bounds = tuple(marks), bounds
        self.update()

    def _draw(self, painter: QPainter) -> None:
        to_screen = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, mark in enumerate(self._marks, start=1):
            at = to_screen.map(QPointF(*mark))
            painter.setPen(QPen(QColor("#101722"), 1.5))
            painter.setBrush(QColor(DARK.accent))
            painter.drawEllipse(at, _MARK_PX, _MARK_PX)
            painter.setPen(QColor("#ffffff"))
            painter.drawText(at + QPointF(_MARK_PX + 2, -_MARK_PX), str(number))
        if self.pointer is not None:
            at = to_screen.map(QPointF(*self.pointer))
            for colour, width in ((QColor(0, 0, 0, 150), 4.0), (QColor(DARK.accent), 2.0)):
                painter.setPen(QPen(colour, width))
                painter.drawLine(at - QPointF(10, 0), at + QPointF(10, 0))
                painter.drawLine(at - QPointF(0, 10), at + QPointF(0, 10))
        painter.restore()
