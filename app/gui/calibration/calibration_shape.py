"""A rectangle or a chessboard on the floor, while its corners and its place are being clicked. Qt-free."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from analytics.domain.camera import Camera, PointPair
from app.calibration.calibrate_camera import fit_chessboard, fit_rectangle

Point = tuple[float, float]

CORNERS = 4
ANCHORS = 2


@dataclass(frozen=True, slots=True)
class FloorShape:
    """What was clicked of a shape whose sizes were measured.

    Attributes:
        size_m: of a rectangle, from its first to its second corner and from there to its third; of a
            chessboard, one square twice.
        corners: pixels. Of a rectangle up to four, one after the other; of a chessboard all inner ones, row
            by row, since they were found.
        columns: of a chessboard's inner corners; None for a rectangle.
        anchors: places on the plan: of the first corner, and of another point along the first side.
        is_placed_by_points: it lies where the points say that are there already.
    """

    size_m: Point
    corners: tuple[Point, ...] = ()
    columns: int | None = None
    anchors: tuple[Point, ...] = ()
    is_placed_by_points: bool = False

    @property
    def needs_corner(self) -> bool:
        """Whether the picture is to be clicked next."""
        return self.columns is None and len(self.corners) < CORNERS

    @property
    def needs_anchor(self) -> bool:
        """Whether the plan is to be clicked next."""
        return not self.needs_corner and not self.is_placed_by_points and len(self.anchors) < ANCHORS

    @property
    def is_complete(self) -> bool:
        """Whether pairs can be made of it."""
        return not self.needs_corner and not self.needs_anchor

    @property
    def outline(self) -> tuple[Point, ...]:
        """The corners in turn, pixels; closed where all are there."""
        if self.columns is None:
            return self.corners + (self.corners[:1] if len(self.corners) == CORNERS else ())
        first, last = self.columns - 1, len(self.corners) - self.columns
        return tuple(self.corners[index] for index in (0, first, len(self.corners) - 1, last, 0))

    @property
    def awaited_pixel(self) -> Point | None:
        """The corner whose place on the plan is asked for next."""
        if not self.needs_anchor:
            return None
        if not self.anchors:
            return self.corners[0]
        return self.corners[1 if self.columns is None else self.columns - 1]

    def with_corner(self, pixel: Point) -> FloorShape:
        """One more corner; nothing changes where all are there."""
        return replace(self, corners=(*self.corners, pixel)) if self.needs_corner else self

    def with_anchor(self, floor: Point) -> FloorShape:
        """One more place on the plan; nothing changes where none is needed."""
        return replace(self, anchors=(*self.anchors, floor)) if self.needs_anchor else self

    def make_pairs(self, camera: Camera) -> tuple[PointPair, ...]:
        """The corners on the plan, without the camera's own pairs.

        Raises:
            CalibrationError: the shape or its place cannot be.
        """
        known, towards = camera.pairs, None
        if not self.is_placed_by_points:
            (x, y), (along_x, along_y) = self.anchors
            known = (PointPair(*self.corners[0], x, y),)
            second = self.corners[1 if self.columns is None else self.columns - 1]
            towards = (second, math.atan2(along_y - y, along_x - x))
        if self.columns is None:
            width_m, depth_m = self.size_m
            pairs = fit_rectangle(
                camera, self.corners, width_m=width_m, depth_m=depth_m, known=known, towards=towards
            )
        else:
            grid = np.array(self.corners).reshape(-1, self.columns, 2)
            pairs = fit_chessboard(camera, grid, square_m=self.size_m[0], known=known, towards=towards)
        return pairs[: len(self.corners)]
