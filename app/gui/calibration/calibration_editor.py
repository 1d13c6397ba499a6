"""What a person does to the points of a calibration: each click, drag, key and typed number, to be undone."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

from analytics.domain.camera import PointPair
from analytics.domain.errors import CalibrationError
from analytics.domain.lens import Lens
from app.gui.calibration.calibration_draft import CalibrationDraft, DraftHistory, Point, list_points
from app.gui.calibration.calibration_shape import FloorShape
from app.gui.session.units import current_units


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
