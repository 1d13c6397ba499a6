"""An editable floor plan: shapes are selected, moved and drawn by mouse and keyboard."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QTransform
from PySide6.QtWidgets import QWidget

from app.gui.canvas.floor_plan_canvas import FloorPlanCanvas
from app.gui.canvas.plan_editor_items import (
    HANDLE_PX,
    Draft,
    EditableShapesItem,
    EditorTool,
    Grip,
    HandlesItem,
    find_grip,
    find_shape_at,
)
from app.gui.canvas.zoomed_view import ARROWS_Y_UP
from app.plan.floor_scene import Point
from app.plan.plan_shapes import EditableShape, Shape
from app.plan.snapping import Outline, Snap, SnapKind, SnapSettings, find_tolerance, snap_move, snap_point

SNAP_PX = 9.0
GRID_M = 0.1
STEP_M, LONG_STEP_M = 0.1, 1.0
"""Metres per arrow key, alone and with Shift."""
_CLICK_PX = 5.0
_NEAR_M = 4.0
"""Search radius for snap targets, as hundreds of stands are too many to test for every move."""


class PlanEditorCanvas(FloorPlanCanvas):
    """The plan canvas; requests edits by signals."""

    shape_selected = Signal(object)
    """A `Shape`, or None."""
    vertex_chosen = Signal(object)
    """The number of a corner of the selected shape, or None."""
    vertex_moved = Signal(int, object)
    """(vertex, point)"""
    vertex_inserted = Signal(int, object)
    """(vertex before it, point)"""
    shape_moved = Signal(object)
    """Metres to the right and up."""
    nudged = Signal(object, object)
    """(vertex or None, by how much): an arrow key was pressed."""
    remove_requested = Signal(object)
    """The number of a corner, or None for the whole shape."""
    drawn = Signal(object, object)
    """(`EditorTool`, points): a finished draft, answered by `finish_draft`."""
    tool_changed = Signal(object)
    pointed = Signal(object, object)
    """(point, length of the side that is being drawn or None)"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shapes: tuple[EditableShape, ...] = ()
        self._shapes_item, self._handles = EditableShapesItem(), HandlesItem()
        self._overlays = ((self._shapes_item, 20), (self._handles, 21))
        self._chosen: EditableShape | None = None
        self._vertex: int | None = None
        self._grip, self._gripped, self._grip_at = Grip.NOTHING, 0, QPointF()
        self._moved: tuple[Point, ...] | None = None
        self._by_m: Point = (0.0, 0.0)
        self._draft = Draft(EditorTool.SELECT)
        self._is_panning = False

    @property
    def tool(self) -> EditorTool:
        return self._draft.tool

    @property
    def vertex(self) -> int | None:
        return self._vertex

    @property
    def draft_points(self) -> tuple[Point, ...]:
        return self._draft.points

    def set_tool(self, tool: EditorTool) -> None:
        """Set the active tool; an unfinished draft is dropped."""
        self._draft = Draft(tool)
        self._show_draft()
        self.viewport().setCursor(
            Qt.CursorShape.ArrowCursor if tool is EditorTool.SELECT else Qt.CursorShape.CrossCursor
        )
        self.tool_changed.emit(tool)

    def show_shapes(self, shapes: tuple[EditableShape, ...], selected: Shape | None) -> None:
        """Show the saved shapes; what is being dragged stays under the pointer if it did not change."""
        before = self._chosen
        if shapes is not self._shapes:
            self._shapes = shapes
            self._shapes_item.set_shapes(self._shapes)
            self._place_labels()
        self._chosen = None
        for item in self._shapes:
            if item.shape == selected:
                self._chosen = item
        is_same = before is not None and self._chosen is not None and before.points == self._chosen.points
        if self._grip is Grip.NOTHING or not is_same:
            self._moved = None
        self._shapes_item.hide_shape(selected)
        if self._chosen is None or self._vertex is None or self._vertex >= len(self._chosen.points):
            self.choose_vertex(None)
        self._show_chosen()

    def on_view_changed(self) -> None:
        super().on_view_changed()
        self._handles.set_scale(self._scale())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        if event.type() is QEvent.Type.LanguageChange:
            self._shapes_item.set_shapes(self._shapes)
        super().changeEvent(event)

    def list_taken(self, transform: QTransform) -> list[QRectF]:
        return list(self._shapes_item.list_names(transform).values())

    def choose_vertex(self, vertex: int | None) -> None:
        if vertex != self._vertex:
            self._vertex = vertex
            self._show_chosen()
            self.vertex_chosen.emit(vertex)

    def finish_draft(self, *, is_taken: bool) -> None:
        """Remove the finished draft, or keep it for correction if it was refused."""
        if is_taken:
            self.set_tool(EditorTool.SELECT)
        else:
            self._draft.reopen()
            self._show_draft()

    def drop_moved(self) -> None:
        self._moved = None
        self._show_chosen()

    def is_selected(self, shape: Shape | None) -> bool:
        return self._chosen is not None and self._chosen.shape == shape

    def shape_at(self, point: Point) -> Shape | None:
        return find_shape_at(self._shapes, point, reach_m=self._tolerance_m())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() is Qt.MouseButton.MiddleButton:
            self._is_panning, self._grip_at = True, event.position()
            return
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        point = self._place(event)
        if self.tool is not EditorTool.SELECT:
            self._press_draft(self._snap(point))
            return
        self._grip, self._gripped = self._find_grip(point)
        self._grip_at = event.position()
        if self._grip is Grip.NOTHING:
            super().mousePressEvent(event)
        elif self._grip is Grip.VERTEX:
            self.choose_vertex(self._gripped)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        point = self._place(event)
        if self._is_panning:
            moved = event.position() - self._grip_at
            self.pan_by(-moved.x(), -moved.y())
            self._grip_at = event.position()
        elif self.tool is not EditorTool.SELECT:
            snap = self._snap(point)
            self._draft.point_at(snap)
            self._show_draft()
            self.pointed.emit(snap.point, self._draft.length_m)
        elif self._grip is not Grip.NOTHING:
            far = (event.position() - self._grip_at).manhattanLength() > _CLICK_PX
            if far or self._moved is not None:
                self._drag(point)
        else:
            super().mouseMoveEvent(event)
            if not event.buttons():
                is_over = self._find_grip(point)[0] is not Grip.NOTHING
                self.viewport().setCursor(
                    Qt.CursorShape.SizeAllCursor if is_over else Qt.CursorShape.ArrowCursor
                )
            self.pointed.emit(point, None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() is Qt.MouseButton.MiddleButton:
            self._is_panning = False
            return
        if self.tool is not EditorTool.SELECT:
            if self._draft.release(self._snap(self._place(event)), tolerance_m=self._tolerance_m()):
                self._submit()
            return
        grip, self._grip = self._grip, Grip.NOTHING
        if grip is Grip.NOTHING:
            was_click = self._pressed_at is not None and not self._has_moved
            super().mouseReleaseEvent(event)
            if was_click:
                self.choose_vertex(None)
                self.shape_selected.emit(self.shape_at(self._place(event)))
        elif self._moved is not None:
            self._drop(grip)
        elif grip is Grip.FIGURE:
            self.choose_vertex(None)
            self.shape_selected.emit(self.shape_at(self._place(event)))

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        if self.tool in (EditorTool.POLYGON, EditorTool.LINE) and self._draft.can_finish:
            self._submit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key = event.key()
        if self.tool is not EditorTool.SELECT:
            is_used = self._press_drawing_key(key, event)
        else:
            is_used = self._press_selecting_key(key, event)
        if is_used:
            event.accept()
        else:
            super().keyPressEvent(event)

    def _press_selecting_key(self, key: int, event: QKeyEvent) -> bool:
        if self._chosen is None:
            return False
        if key in ARROWS_Y_UP:
            self.nudged.emit(self._vertex, _make_step(key, event))
        elif key in (Qt.Key.Key_N, Qt.Key.Key_P):
            step = 1 if key == Qt.Key.Key_N else -1
            start = self._vertex if self._vertex is not None else min(-step, 0)
            self.choose_vertex((start + step) % len(self._chosen.points))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_requested.emit(self._vertex)
        elif key == Qt.Key.Key_Insert:
            middles = self._chosen.middles
            side = min(self._vertex or 0, len(middles) - 1)
            self.vertex_inserted.emit(side, middles[side])
        elif key == Qt.Key.Key_Escape:
            self._escape()
        else:
            return False
        return True

    def _escape(self) -> None:
        if self._moved is not None:
            self._grip = Grip.NOTHING
            self.drop_moved()
        elif self._vertex is not None:
            self.choose_vertex(None)
        else:
            self.shape_selected.emit(None)

    def _press_drawing_key(self, key: int, event: QKeyEvent) -> bool:
        if key in ARROWS_Y_UP:
            start = self._draft.pointer or self.middle_m
            right, up = _make_step(key, event)
            point = (round(start[0] + right, 6), round(start[1] + up, 6))
            self._draft.point_at(Snap(point, SnapKind.NONE))
            self.pointed.emit(point, self._draft.length_m)
        elif key == Qt.Key.Key_Space and self._draft.pointer is not None:
            self._press_draft(Snap(self._draft.pointer, SnapKind.NONE), by_key=True)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._draft.can_finish:
                self._submit()
        elif key == Qt.Key.Key_Backspace:
            self._draft.remove_last()
        elif key == Qt.Key.Key_Escape:
            self.set_tool(self.tool if self._draft.points else EditorTool.SELECT)
        else:
            return False
        self._show_draft()
        return True

    def _press_draft(self, snap: Snap, *, by_key: bool = False) -> None:
        if self._draft.press(snap, tolerance_m=self._tolerance_m(), by_key=by_key):
            self._submit()
        self._show_draft()

    def _submit(self) -> None:
        tool, points = self._draft.tool, self._draft.finish()
        self.drawn.emit(tool, points)

    def _drag(self, point: Point) -> None:
        item = self._chosen
        if item is None:
            return
        points = list(item.points)
        guides: tuple[tuple[Point, Point], ...] = ()
        if self._grip is Grip.FIGURE:
            start = self.mapToScene(self._grip_at.toPoint())
            by_m = (point[0] - start.x(), point[1] - start.y())
            settings = SnapSettings(self._tolerance_m(), GRID_M)
            near = self._list_outlines(points, by_m)
            right, up = snap_move(points, by_m=by_m, outlines=near, settings=settings)
            self._by_m = (round(right, 6), round(up, 6))
            points = [(x + right, y + up) for x, y in points]
            self.pointed.emit(point, math.hypot(right, up))
        else:
            if self._grip is Grip.SIDE:
                points.insert(self._gripped + 1, point)
            vertex = self._gripped + (self._grip is Grip.SIDE)
            before = points[vertex - 1] if vertex or not item.is_line else None
            snap = self._snap(point, previous=before)
            guides = snap.guides
            points[vertex] = snap.point
            self.pointed.emit(snap.point, None if before is None else math.dist(before, snap.point))
        self._moved = tuple(points)
        self._handles.show_draft((), closes=False, guides=guides)
        self._show_chosen()

    def _drop(self, grip: Grip) -> None:
        moved = self._moved
        assert moved is not None
        self._handles.show_draft((), closes=False)
        if grip is Grip.FIGURE:
            self.shape_moved.emit(self._by_m)
        elif grip is Grip.VERTEX:
            self.vertex_moved.emit(self._gripped, moved[self._gripped])
        else:
            self.vertex_inserted.emit(self._gripped, moved[self._gripped + 1])

    def _find_grip(self, point: Point) -> tuple[Grip, int]:
        reach_m = find_tolerance(pixels=HANDLE_PX, pixels_per_metre=self._scale())
        return find_grip(self._chosen, point, reach_m=reach_m)

    def _snap(self, point: Point, *, previous: Point | None = None) -> Snap:
        if self.tool in (EditorTool.SCALE, EditorTool.CROP):
            # what is meant is in the picture, and no zone
            return Snap(point, SnapKind.NONE)
        drawn = self._draft.corners
        before = drawn[-2] if len(drawn) > 1 else None
        snap = snap_point(
            point,
            outlines=self._list_outlines([point], (0.0, 0.0)),
            settings=SnapSettings(self._tolerance_m(), GRID_M),
            previous=drawn[-1] if drawn and self.tool is not EditorTool.RECTANGLE else previous,
            before_previous=before,
        )
        x_m, y_m = snap.point
        return Snap((round(x_m, 4), round(y_m, 4)), snap.kind, snap.guides)

    def _list_outlines(self, points: Sequence[Point], by_m: Point) -> list[Outline]:
        """Return the outlines near some points, without those being moved."""
        near = QRectF()
        for x, y in points:
            near = near.united(QRectF(x + by_m[0] - _NEAR_M, y + by_m[1] - _NEAR_M, 2 * _NEAR_M, 2 * _NEAR_M))
        moving = self._chosen.shape if self._chosen is not None and self.tool is EditorTool.SELECT else None
        return [
            item.to_outline()
            for item in self._shapes
            if item.shape != moving and near.intersects(QRectF(*item.bounds_xywh))
        ]

    def _show_chosen(self) -> None:
        item = self._chosen
        points = () if item is None else self._moved or item.points
        self._handles.show_shape(item, points, vertex=self._vertex)

    def _show_draft(self) -> None:
        self._handles.show_draft(self._draft.outline, closes=self._draft.closes, guides=self._draft.guides)

    def _place(self, event: QMouseEvent) -> Point:
        at = self.viewportTransform().inverted()[0].map(event.position())
        return at.x(), at.y()

    def _scale(self) -> float:
        return abs(self.transform().m11()) or 1.0

    def _tolerance_m(self) -> float:
        return find_tolerance(pixels=SNAP_PX, pixels_per_metre=self._scale())


def _make_step(key: int, event: QKeyEvent) -> Point:
    right, up = ARROWS_Y_UP[key]
    length = LONG_STEP_M if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP_M
    return right * length, up * length
