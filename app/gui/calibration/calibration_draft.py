"""Point pairs being edited, with the undo history of the window. Qt-free."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import CalibrationError
from analytics.domain.lens import Lens
from app.calibration.calibrate_camera import fit_chessboard, fit_rectangle
from app.gui.session.units import current_units

Point = tuple[float, float]

CORNERS = 4
ANCHORS = 2


@dataclass(frozen=True, slots=True)
class FloorShape:
    """Clicked points of a measured rectangle or chessboard.

    Attributes:
        size_m: first and second side of a rectangle; one square of a chessboard, twice.
        corners: pixels; up to four of a rectangle in order, all inner ones of a chessboard row by row.
        columns: of a chessboard's inner corners; None for a rectangle.
        anchors: places on the plan of the first corner, and of another point along the first side.
        is_placed_by_points: placed by the existing points.
    """

    size_m: Point
    corners: tuple[Point, ...] = ()
    columns: int | None = None
    anchors: tuple[Point, ...] = ()
    is_placed_by_points: bool = False

    @property
    def needs_corner(self) -> bool:
        return self.columns is None and len(self.corners) < CORNERS

    @property
    def needs_anchor(self) -> bool:
        return not self.needs_corner and not self.is_placed_by_points and len(self.anchors) < ANCHORS

    @property
    def is_complete(self) -> bool:
        return not self.needs_corner and not self.needs_anchor

    @property
    def outline(self) -> tuple[Point, ...]:
        """Return the corners in order, pixels; closed when complete."""
        if self.columns is None:
            return self.corners + (self.corners[:1] if len(self.corners) == CORNERS else ())
        first, last = self.columns - 1, len(self.corners) - self.columns
        return tuple(self.corners[index] for index in (0, first, len(self.corners) - 1, last, 0))

    @property
    def next_pixel(self) -> Point | None:
        """Return the corner whose place on the plan is needed next."""
        if not self.needs_anchor:
            return None
        if not self.anchors:
            return self.corners[0]
        return self.corners[1 if self.columns is None else self.columns - 1]

    def with_corner(self, pixel: Point) -> FloorShape:
        """Return a copy with one more corner; unchanged if all are set."""
        return replace(self, corners=(*self.corners, pixel)) if self.needs_corner else self

    def with_anchor(self, floor: Point) -> FloorShape:
        """Return a copy with one more point on the plan; unchanged if none is needed."""
        return replace(self, anchors=(*self.anchors, floor)) if self.needs_anchor else self

    def make_pairs(self, camera: Camera) -> tuple[PointPair, ...]:
        """Compute the pairs of the corners, without the camera's own pairs.

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


class CalibrationEditor:
    """The editor of a calibration draft; reports changes and does not evaluate points.

    Attributes:
        frame_wh: size in whose pixels points are given; None before the first picture.
        selected: index of the point that keys and typed numbers move.
        draws_line: clicks in the picture continue a line.
    """

    def __init__(
        self,
        history: DraftHistory,
        *,
        frame_wh: tuple[int, int] | None,
        on_edited: Callable[[], None],
        on_selected: Callable[[], None],
        make_pairs: Callable[[CalibrationDraft, FloorShape], tuple[PointPair, ...]],
        on_failed: Callable[[CalibrationError], None],
    ) -> None:
        """Make an editor of a draft.

        Args:
            make_pairs: what a complete shape gives; raises a `CalibrationError` where it gives nothing.
            on_failed: called with that error.
        """
        self.history = history
        self.frame_wh = frame_wh
        self.selected: int | None = None
        self.draws_line = False
        self._lines_before = 0
        self._on_edited, self._on_selected = on_edited, on_selected
        self._make_pairs, self._on_failed = make_pairs, on_failed

    @property
    def draft(self) -> CalibrationDraft:
        return self.history.draft

    def click_picture(self, pixel: Point) -> None:
        if self.frame_wh is None:
            return
        shape = self.draft.shape
        if shape is not None:
            self.set_shape(shape.with_corner(self._limit(pixel)))
        elif self.draws_line:
            # counted rather than noted, so that an undone beginning is followed by another
            begins = len(self.draft.lines) <= self._lines_before
            self.do(self.draft.with_line_point(self._limit(pixel), begins=begins))
        else:
            self._add(self.draft.with_pixel(self._limit(pixel)))

    def click_plan(self, floor: Point) -> None:
        shape = self.draft.shape
        if shape is not None:
            self.set_shape(shape.with_anchor(floor))
        else:
            self._add(self.draft.with_floor(floor))

    def select(self, index: int | None) -> None:
        self.selected = index
        self._on_selected()

    def move_pixel(self, index: int, pixel: Point, *, gesture: Hashable = None) -> None:
        self._replace(index, gesture=gesture, pixel=self._limit(pixel))

    def move_floor(self, index: int, floor: Point, *, gesture: Hashable = None) -> None:
        self._replace(index, gesture=gesture, floor=floor)

    def nudge_pixel(self, index: int, by: Point) -> None:
        """Nudge a point in the picture; successive nudges are one undo step."""
        pixel = self.draft.points[index].pixel
        if pixel is not None:
            self.move_pixel(index, (pixel[0] + by[0], pixel[1] + by[1]), gesture=("nudge pixel", index))

    def nudge_floor(self, index: int, by: Point) -> None:
        """Nudge a point on the floor; successive nudges are one undo step."""
        floor = self.draft.points[index].floor
        if floor is not None:
            self.move_floor(index, (floor[0] + by[0], floor[1] + by[1]), gesture=("nudge floor", index))

    def enter_place(self, place: Point) -> None:
        if self.selected is not None:
            units = current_units()
            self.move_floor(self.selected, (units.to_metres(place[0]), units.to_metres(place[1])))

    def enter_pixel(self, pixel: Point) -> None:
        """Set the selected point's pixel."""
        if self.selected is not None:
            self.move_pixel(self.selected, pixel)

    def remove(self, index: int) -> None:
        if 0 <= index < len(self.draft.points):
            left = len(self.draft.points) - 1
            self.selected = min(index, left - 1) if left else None
            self.do(self.draft.without(index))

    def remove_selected(self) -> None:
        if self.selected is not None:
            self.remove(self.selected)

    def draw_line(self, is_drawn: bool) -> None:
        """Start or end drawing lines along edges that are straight in the hall."""
        self.draws_line, self._lines_before = is_drawn, len(self.draft.lines)
        self._on_selected()

    def set_lens(self, lens: Lens | None) -> None:
        """Set the lens; None for no distortion, which drops the lines."""
        lines = self.draft.lines if lens is not None else ()
        self.do(replace(self.draft, lens=lens, lines=lines))

    def set_shape(self, shape: FloorShape) -> None:
        """Continue with a rectangle or chessboard; a complete one is added to the points."""
        draft = replace(self.draft, shape=shape)
        if not shape.is_complete:
            self.draws_line = False
            self.do(draft)
            return
        try:
            made = self._make_pairs(draft, shape)
        except CalibrationError as error:
            self.do(draft)
            self._on_failed(error)
            return
        pixels, places = {(p.u_px, p.v_px) for p in made}, {(p.x_m, p.y_m) for p in made}
        left = tuple(
            point
            for point in draft.points
            if point.is_complete and point.pixel not in pixels and point.floor not in places
        )
        self.do(replace(draft, points=left + list_points(made), shape=None))

    def cancel_shape(self) -> None:
        """Cancel the rectangle or chessboard being placed."""
        self.do(replace(self.draft, shape=None))

    def remove_all(self) -> None:
        self.draws_line = False
        self.do(CalibrationDraft())

    def undo(self) -> None:
        self.history.undo()
        self._report_change()

    def redo(self) -> None:
        self.history.redo()
        self._report_change()

    def do(self, draft: CalibrationDraft, *, gesture: Hashable = None) -> None:
        """Apply a step; steps of one gesture are undone together."""
        self.history.do(draft, gesture=gesture)
        self._report_change()

    def start_over(self, frame_wh: tuple[int, int]) -> None:
        """Clear all points after pictures of another shape, for which they are invalid."""
        self.history, self.frame_wh, self.selected = DraftHistory(CalibrationDraft()), frame_wh, None

    def _add(self, draft: CalibrationDraft) -> None:
        self.selected = len(draft.points) - 1
        self.do(draft)

    def _replace(self, index: int, *, gesture: Hashable, **place: Point) -> None:
        if 0 <= index < len(self.draft.points):
            self.selected = index
            point = replace(self.draft.points[index], **place)
            self.do(self.draft.with_point(index, point), gesture=gesture)

    def _limit(self, pixel: Point) -> Point:
        width, height = self.frame_wh or (0, 0)
        return min(max(pixel[0], 0.0), float(width)), min(max(pixel[1], 0.0), float(height))

    def _report_change(self) -> None:
        count = len(self.draft.points)
        if self.selected is not None and self.selected >= count:
            self.selected = count - 1 if count else None
        self._on_edited()


@dataclass(frozen=True, slots=True)
class DraftPoint:
    """A point in the picture, pixels, and on the floor, metres; either may be missing."""

    pixel: Point | None = None
    floor: Point | None = None

    @property
    def is_complete(self) -> bool:
        return self.pixel is not None and self.floor is not None


@dataclass(frozen=True, slots=True)
class CalibrationDraft:
    """The undoable content of a draft.

    Attributes:
        points: only the last may be incomplete.
        lines: pixels along edges that are straight in the hall, used for the lens only.
        pair_sigma_px: as of a `Camera`.
        shape: a rectangle or a chessboard being placed.
    """

    points: tuple[DraftPoint, ...] = ()
    lens: Lens | None = None
    lines: tuple[tuple[Point, ...], ...] = ()
    pair_sigma_px: float | None = None
    shape: FloorShape | None = None

    @property
    def pairs(self) -> tuple[PointPair, ...]:
        """Pairs of the complete points, in order."""
        return tuple(
            PointPair(*point.pixel, *point.floor)
            for point in self.points
            if point.pixel is not None and point.floor is not None
        )

    @property
    def calibration(self) -> tuple[tuple[DraftPoint, ...], Lens | None, float | None]:
        return self.points, self.lens, self.pair_sigma_px

    @property
    def open_point(self) -> DraftPoint | None:
        """Index of the incomplete point; None without one."""
        return self.points[-1] if self.points and not self.points[-1].is_complete else None

    def with_pixel(self, pixel: Point) -> CalibrationDraft:
        """Return a copy with a pixel: of the incomplete point or the selected one, or of a new point."""
        opened = self.open_point
        if opened is None:
            return replace(self, points=(*self.points, DraftPoint(pixel=pixel)))
        return replace(self, points=(*self.points[:-1], replace(opened, pixel=pixel)))

    def with_floor(self, floor: Point) -> CalibrationDraft:
        """Return a copy with a floor point, like `with_pixel`."""
        opened = self.open_point
        if opened is None:
            return replace(self, points=(*self.points, DraftPoint(floor=floor)))
        return replace(self, points=(*self.points[:-1], replace(opened, floor=floor)))

    def with_line_point(self, pixel: Point, *, begins: bool) -> CalibrationDraft:
        if begins or not self.lines:
            return replace(self, lines=(*self.lines, (pixel,)))
        return replace(self, lines=(*self.lines[:-1], (*self.lines[-1], pixel)))

    def with_point(self, index: int, point: DraftPoint) -> CalibrationDraft:
        return replace(self, points=(*self.points[:index], point, *self.points[index + 1 :]))

    def without(self, index: int) -> CalibrationDraft:
        """Return a copy without a point."""
        return replace(self, points=self.points[:index] + self.points[index + 1 :])


def list_points(pairs: Sequence[PointPair]) -> tuple[DraftPoint, ...]:
    """Convert pairs to points, in order."""
    return tuple(DraftPoint((pair.u_px, pair.v_px), (pair.x_m, pair.y_m)) for pair in pairs)


def make_draft(camera: Camera) -> CalibrationDraft:
    return CalibrationDraft(list_points(camera.pairs), camera.lens, pair_sigma_px=camera.pair_sigma_px)


class DraftHistory:
    """A draft with its undo history; steps of one gesture (a drag, arrow keys on one point) are merged."""

    def __init__(self, draft: CalibrationDraft) -> None:
        self._drafts = [draft]
        self._at = 0
        self._gesture: Hashable = None

    @property
    def draft(self) -> CalibrationDraft:
        return self._drafts[self._at]

    @property
    def can_undo(self) -> bool:
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        return self._at < len(self._drafts) - 1

    def do(self, draft: CalibrationDraft, *, gesture: Hashable = None) -> None:
        """Apply a step and clear the redo history; unchanged drafts make no step."""
        if draft == self.draft:
            return
        del self._drafts[self._at + 1 :]
        if gesture is not None and gesture == self._gesture:
            self._drafts[self._at] = draft
        else:
            self._drafts.append(draft)
            self._at += 1
        self._gesture = gesture

    def undo(self) -> None:
        self._at = max(0, self._at - 1)
        self._gesture = None

    def redo(self) -> None:
        self._at = min(len(self._drafts) - 1, self._at + 1)
        self._gesture = None


class UnsavedDrafts:
    """Unsaved drafts, kept while the program runs, so that closing a window needs no confirmation."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Path, str], tuple[Camera, DraftHistory]] = {}

    def store(self, folder: Path, camera: Camera, history: DraftHistory) -> None:
        self._kept[folder, camera.name] = (camera, history)

    def load(self, folder: Path, camera: Camera) -> DraftHistory | None:
        """Return the draft of a camera; None without one, or if the camera was recalibrated since then."""
        kept, history = self._kept.get((folder, camera.name), (None, None))
        return history if kept == camera else None
