"""What is being drawn: the corners so far, and where the next one would be."""

from __future__ import annotations

import math
from enum import StrEnum

from app.plan.floor_scene import Point
from app.plan.rectangles import draw_rectangle
from app.plan.snapping import Segment, Snap


class EditorTool(StrEnum):
    """What a click on the plan does."""

    SELECT = "select"
    POLYGON = "polygon"
    RECTANGLE = "rectangle"
    LINE = "line"
    SCALE = "scale"
    """Two points of the picture whose distance is known."""
    CROP = "crop"
    """The part of the picture that is to be shown."""


_RECTANGLES = (EditorTool.RECTANGLE, EditorTool.CROP)


class Draft:
    """One drawing with one tool, without any widget."""

    def __init__(self, tool: EditorTool) -> None:
        self.tool = tool
        self.corners: list[Point] = []
        self.pointer: Point | None = None
        self.guides: tuple[Segment, ...] = ()

    @property
    def points(self) -> tuple[Point, ...]:
        """The corners that were set."""
        return tuple(self.corners)

    @property
    def outline(self) -> tuple[Point, ...]:
        """The corners, and where the next one would be."""
        pointer = () if self.pointer is None else (self.pointer,)
        if self.tool in _RECTANGLES and self.corners and pointer:
            return self._span(self.corners[0], pointer[0])
        return (*self.corners, *pointer)

    @property
    def closes(self) -> bool:
        """Whether the last corner will be joined to the first."""
        return self.tool is EditorTool.POLYGON or self.tool in _RECTANGLES

    @property
    def length_m(self) -> float | None:
        """Of the side that is being drawn."""
        if not self.corners or self.pointer is None:
            return None
        return math.dist(self.corners[-1], self.pointer)

    @property
    def can_finish(self) -> bool:
        """Whether there are corners enough."""
        return len(self.corners) >= (2 if self.tool in (EditorTool.LINE, EditorTool.SCALE) else 3)

    def point_at(self, snap: Snap) -> None:
        """Say where the next corner would be."""
        self.pointer, self.guides = snap.point, snap.guides

    def press(self, snap: Snap, *, tolerance_m: float, by_key: bool) -> bool:
        """Set a corner; True where that finishes the drawing."""
        self.point_at(snap)
        if self.tool is EditorTool.SCALE and self.can_finish:
            # two other points are wanted
            self.corners = []
        if self.tool in _RECTANGLES:
            if self.corners:
                return self._span_to(snap.point, tolerance_m)
            self.corners = [snap.point]
            return False
        is_back = bool(self.corners) and math.dist(self.corners[0], snap.point) <= tolerance_m
        if self.tool is EditorTool.POLYGON and self.can_finish and is_back:
            return True
        # the second press of a double click is at the place of the first
        if not self.corners or math.dist(self.corners[-1], snap.point) > (0.0 if by_key else tolerance_m):
            self.corners.append(snap.point)
        return self.tool is EditorTool.SCALE and self.can_finish

    def release(self, snap: Snap, *, tolerance_m: float) -> bool:
        """The button was released; True where that finishes a rectangle that was drawn in one go."""
        if self.tool not in _RECTANGLES or len(self.corners) != 1:
            return False
        return self._span_to(snap.point, tolerance_m)

    def remove_last(self) -> None:
        """Take the last corner back."""
        if self.corners:
            self.corners.pop()

    def finish(self) -> tuple[Point, ...]:
        """What was drawn; nothing follows the pointer any longer."""
        self.pointer, self.guides = None, ()
        return tuple(self.corners)

    def reopen(self) -> None:
        """Go on with what was refused; a rectangle begins anew."""
        if self.tool in _RECTANGLES:
            self.corners = []

    def _span_to(self, opposite: Point, tolerance_m: float) -> bool:
        (x0, y0), (x1, y1) = self.corners[0], opposite
        if min(abs(x1 - x0), abs(y1 - y0)) <= tolerance_m:
            return False
        self.corners = list(self._span(self.corners[0], opposite))
        return True

    def _span(self, first: Point, opposite: Point) -> tuple[Point, ...]:
        if first[0] == opposite[0] or first[1] == opposite[1]:
            return first, opposite
        return draw_rectangle(first, opposite).to_points()
