"""Point pairs while they are made, with every step since the window was opened. Qt-free."""

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


class CalibrationEditor:
    """Changes a draft and says that it did; knows nothing of what the points give.

    Attributes:
        frame_wh: in whose pixels points are given; None while no picture has told it.
        selected: index of the point that keys and typed numbers move.
        draws_line: whether a click in the picture goes on with a line.
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
        """An editor of a draft.

        Args:
            make_pairs: what a complete shape gives; raises a `CalibrationError` where it gives nothing.
            on_failed: is told of that.
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
        """As it is now."""
        return self.history.draft

    def click_picture(self, pixel: Point) -> None:
        """A place in the picture was clicked."""
        if self.frame_wh is None:
            return
        shape = self.draft.shape
        if shape is not None:
            self.take_shape(shape.with_corner(self._limit(pixel)))
        elif self.draws_line:
            # counted rather than noted, so that an undone beginning is followed by another
            begins = len(self.draft.lines) <= self._lines_before
            self.do(self.draft.with_line_point(self._limit(pixel), begins=begins))
        else:
            self._add(self.draft.with_pixel(self._limit(pixel)))

    def click_plan(self, floor: Point) -> None:
        """A place on the plan was clicked."""
        shape = self.draft.shape
        if shape is not None:
            self.take_shape(shape.with_anchor(floor))
        else:
            self._add(self.draft.with_floor(floor))

    def select(self, index: int | None) -> None:
        """Show one point's figures, and let keys move it."""
        self.selected = index
        self._on_selected()

    def move_pixel(self, index: int, pixel: Point, *, gesture: Hashable = None) -> None:
        """Move a point in the picture."""
        self._replace(index, gesture=gesture, pixel=self._limit(pixel))

    def move_floor(self, index: int, floor: Point, *, gesture: Hashable = None) -> None:
        """Move a point on the floor."""
        self._replace(index, gesture=gesture, floor=floor)

    def nudge_pixel(self, index: int, by: Point) -> None:
        """Move a point in the picture a little; such steps are undone together."""
        pixel = self.draft.points[index].pixel
        if pixel is not None:
            self.move_pixel(index, (pixel[0] + by[0], pixel[1] + by[1]), gesture=("nudge pixel", index))

    def nudge_floor(self, index: int, by: Point) -> None:
        """Move a point on the floor a little; such steps are undone together."""
        floor = self.draft.points[index].floor
        if floor is not None:
            self.move_floor(index, (floor[0] + by[0], floor[1] + by[1]), gesture=("nudge floor", index))

    def enter_place(self, place: Point) -> None:
        """The selected point's place was typed, in the unit that the window shows."""
        if self.selected is not None:
            units = current_units()
            self.move_floor(self.selected, (units.to_metres(place[0]), units.to_metres(place[1])))

    def enter_pixel(self, pixel: Point) -> None:
        """The selected point's pixel was typed."""
        if self.selected is not None:
            self.move_pixel(self.selected, pixel)

    def remove(self, index: int) -> None:
        """Take a point away."""
        if 0 <= index < len(self.draft.points):
            left = len(self.draft.points) - 1
            self.selected = min(index, left - 1) if left else None
            self.do(self.draft.without(index))

    def remove_selected(self) -> None:
        """Take the selected point away."""
        if self.selected is not None:
            self.remove(self.selected)

    def draw_line(self, is_drawn: bool) -> None:
        """From now on clicks in the picture go along an edge that is straight in the hall, or no longer."""
        self.draws_line, self._lines_before = is_drawn, len(self.draft.lines)
        self._on_selected()

    def set_lens(self, lens: Lens | None) -> None:
        """Take a lens; None is a straight one, and forgets the lines."""
        lines = self.draft.lines if lens is not None else ()
        self.do(replace(self.draft, lens=lens, lines=lines))

    def take_shape(self, shape: FloorShape) -> None:
        """Go on with a rectangle or a chessboard; a complete one becomes points, beside those there are."""
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
            if point.is_whole and point.pixel not in pixels and point.floor not in places
        )
        self.do(replace(draft, points=left + list_points(made), shape=None))

    def leave_shape(self) -> None:
        """Forget the rectangle or chessboard that is being placed."""
        self.do(replace(self.draft, shape=None))

    def remove_all(self) -> None:
        """Forget the whole calibration."""
        self.draws_line = False
        self.do(CalibrationDraft())

    def undo(self) -> None:
        """Take the last step back."""
        self.history.undo()
        self._tell()

    def redo(self) -> None:
        """Do again what was taken back."""
        self.history.redo()
        self._tell()

    def do(self, draft: CalibrationDraft, *, gesture: Hashable = None) -> None:
        """Take a step; those of one gesture are undone together."""
        self.history.do(draft, gesture=gesture)
        self._tell()

    def begin_anew(self, frame_wh: tuple[int, int]) -> None:
        """Forget all points: pictures of another shape came, in which they mean nothing."""
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

    def _tell(self) -> None:
        count = len(self.draft.points)
        if self.selected is not None and self.selected >= count:
            self.selected = count - 1 if count else None
        self._on_edited()


@dataclass(frozen=True, slots=True)
class DraftPoint:
    """A point in the picture, pixels, and on the floor, metres; one of them may not be clicked yet."""

    pixel: Point | None = None
    floor: Point | None = None

    @property
    def is_whole(self) -> bool:
        """Whether both are known."""
        return self.pixel is not None and self.floor is not None


@dataclass(frozen=True, slots=True)
class CalibrationDraft:
    """What can be undone.

    Attributes:
        points: at most one is not whole, and that is the last.
        lines: pixels along edges that are straight in the hall; only the estimate of the lens sees them.
        pair_sigma_px: as of a `Camera`.
        shape: a rectangle or a chessboard whose corners or place are still being clicked.
    """

    points: tuple[DraftPoint, ...] = ()
    lens: Lens | None = None
    lines: tuple[tuple[Point, ...], ...] = ()
    pair_sigma_px: float | None = None
    shape: FloorShape | None = None

    @property
    def pairs(self) -> tuple[PointPair, ...]:
        """Of the whole points, in their order."""
        return tuple(
            PointPair(*point.pixel, *point.floor)
            for point in self.points
            if point.pixel is not None and point.floor is not None
        )

    @property
    def calibration(self) -> tuple[tuple[DraftPoint, ...], Lens | None, float | None]:
        """What is saved of it."""
        return self.points, self.lens, self.pair_sigma_px

    @property
    def open_point(self) -> DraftPoint | None:
        """The one that is not whole."""
        return self.points[-1] if self.points and not self.points[-1].is_whole else None

    def with_pixel(self, pixel: Point) -> CalibrationDraft:
        """A click in the picture: the other half of the open point, its new place, or a new point."""
        opened = self.open_point
        if opened is None:
            return replace(self, points=(*self.points, DraftPoint(pixel=pixel)))
        return replace(self, points=(*self.points[:-1], replace(opened, pixel=pixel)))

    def with_floor(self, floor: Point) -> CalibrationDraft:
        """A click on the plan: as in the picture."""
        opened = self.open_point
        if opened is None:
            return replace(self, points=(*self.points, DraftPoint(floor=floor)))
        return replace(self, points=(*self.points[:-1], replace(opened, floor=floor)))

    def with_line_point(self, pixel: Point, *, begins: bool) -> CalibrationDraft:
        """One more point along the last line, or the first of another one."""
        if begins or not self.lines:
            return replace(self, lines=(*self.lines, (pixel,)))
        return replace(self, lines=(*self.lines[:-1], (*self.lines[-1], pixel)))

    def with_point(self, index: int, point: DraftPoint) -> CalibrationDraft:
        """One point elsewhere."""
        return replace(self, points=(*self.points[:index], point, *self.points[index + 1 :]))

    def without(self, index: int) -> CalibrationDraft:
        """One point less."""
        return replace(self, points=self.points[:index] + self.points[index + 1 :])


def list_points(pairs: Sequence[PointPair]) -> tuple[DraftPoint, ...]:
    """Pairs as points, in their order."""
    return tuple(DraftPoint((pair.u_px, pair.v_px), (pair.x_m, pair.y_m)) for pair in pairs)


def draft_camera(camera: Camera) -> CalibrationDraft:
    """The draft that a camera begins with."""
    return CalibrationDraft(list_points(camera.pairs), camera.lens, pair_sigma_px=camera.pair_sigma_px)


class DraftHistory:
    """A draft with what it was; steps of one gesture (a drag, arrow keys on one point) are one step."""

    def __init__(self, draft: CalibrationDraft) -> None:
        self._drafts = [draft]
        self._at = 0
        self._gesture: Hashable = None

    @property
    def draft(self) -> CalibrationDraft:
        """As it is now."""
        return self._drafts[self._at]

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back."""
        return self._at < len(self._drafts) - 1

    def do(self, draft: CalibrationDraft, *, gesture: Hashable = None) -> None:
        """Take a step; what was undone before can no longer be done again. Nothing changes: no step."""
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
        """Take the last step back."""
        self._at = max(0, self._at - 1)
        self._gesture = None

    def redo(self) -> None:
        """Do again what was last undone."""
        self._at = min(len(self._drafts) - 1, self._at + 1)
        self._gesture = None


class KeptDrafts:
    """What was clicked, for as long as the program runs: nobody is asked anything when a window closes."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Path, str], tuple[Camera, DraftHistory]] = {}

    def keep(self, folder: Path, camera: Camera, history: DraftHistory) -> None:
        """Keep the draft of a camera of a venue."""
        self._kept[folder, camera.name] = (camera, history)

    def recall(self, folder: Path, camera: Camera) -> DraftHistory | None:
        """The draft of a camera; None if there is none, or the camera was calibrated otherwise meanwhile."""
        kept, history = self._kept.get((folder, camera.name), (None, None))
        return history if kept == camera else None
