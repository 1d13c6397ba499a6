"""Point pairs while they are made, with every step since the window was opened. Qt-free."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from analytics.domain.camera import Camera, PointPair
from analytics.domain.lens import Lens
from app.gui.calibration.calibration_shape import FloorShape

Point = tuple[float, float]


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
