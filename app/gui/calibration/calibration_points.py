"""Numbered points on a picture or a plan, and the hand that makes, moves and removes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView, QStyleOptionGraphicsItem, QWidget

from app.gui.canvas.zoomed_view import ARROWS_Y_DOWN
from app.gui.session.theme import DARK, current_theme

Point = tuple[float, float]

GRIP_PX = 11.0
"""So near to a point a press means the point."""
_CLICK_PX = 5.0
_RADIUS_PX, _ARM_PX = 7.0, 12.0
_LABEL_PX = 16.0
_MOST_NAMED, _CROWDED_RADIUS_PX = 20, 3.0
"""More points than somebody clicks are a chessboard's corners: small rings without numbers."""
_LONG_STEPS = 10


@dataclass(frozen=True, slots=True)
class ShownPoint:
    """A point as it is drawn; ``index`` is what signals call it, and its number is one more."""

    index: int
    place: Point
    is_selected: bool = False
    is_open: bool = False
    is_bad: bool = False


class PointsItem(QGraphicsItem):
    """Crosses of one size at every zoom, the exact place left free; and a ring where a point would help."""

    def __init__(self) -> None:
        super().__init__()
        self._points: tuple[ShownPoint, ...] = ()
        self._hint: Point | None = None
        self._bounds = QRectF()
        self.setZValue(100)

    @property
    def points(self) -> tuple[ShownPoint, ...]:
        """What is drawn."""
        return self._points

    @property
    def hint(self) -> Point | None:
        """Where a point would help."""
        return self._hint

    def set_points(self, points: Sequence[ShownPoint], *, hint: Point | None, bounds: QRectF) -> None:
        """Draw these; all lie within ``bounds``."""
        self.prepareGeometryChange()
        self._points, self._hint, self._bounds = tuple(points), hint, bounds
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
        is_crowded = len(self._points) > _MOST_NAMED and not point.is_bad
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
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent if point.is_selected else "#101722"))
        painter.drawRoundedRect(label, 4, 4)
        painter.setPen(QColor(theme.accent_text if point.is_selected else "#ffffff"))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)


class PointHand(QObject):
    """Mouse and keys of one view, in the coordinates of its scene; the view asks it first."""

    placed = Signal(object)
    """A place was clicked where there was no point."""
    chosen = Signal(int)
    """The index of a point."""
    moved = Signal(int, object, int)
    """(index, place, number of the drag): steps of one drag are undone together."""
    nudged = Signal(int, object)
    """(index, by how much): an arrow key."""
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
        """Whether a point is being dragged."""
        return self._held is not None

    def find_point(self, position: QPointF) -> ShownPoint | None:
        """The nearest point at a place of the viewport."""
        transform = self._view.viewportTransform()
        near = [
            (math.hypot(away.x(), away.y()), -point.index, point)
            for point in self._item.points
            for away in (transform.map(QPointF(*point.place)) - position,)
        ]
        found = min(near, default=None, key=lambda entry: entry[:2])
        return found[2] if found is not None and found[0] <= GRIP_PX else None

    def press(self, event: QMouseEvent) -> bool:
        """Take hold of a point; whether there was one."""
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
        """Drag what is held; whether something is."""
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
        """Let go; a click beside all points makes one."""
        was_held, self._held = self._held, None
        if was_held is None and not self._has_moved and event.button() is Qt.MouseButton.LeftButton:
            at = self._map(event.position())
            self.placed.emit((at.x(), at.y()))

    def press_key(self, event: QKeyEvent) -> bool:
        """Insert makes a point in the middle, arrows move the selected one, Delete removes it."""
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
