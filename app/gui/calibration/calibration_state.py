"""What the window that calibrates a camera shows at one moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.calibration.calibration_preview import CalibrationPreview
from app.gui.calibration.calibration_draft import CalibrationDraft, FloorShape, Point
from app.gui.session.calibration_picture import CameraPicture
from app.gui.session.translation import tr
from app.gui.session.units import current_units
from app.gui.tables.record_table import RecordTable, TableColumn
from app.plan.floor_scene import FloorScene

_NOT_KNOWN = "–"
_CM_PER_M = 100


@dataclass(frozen=True, slots=True)
class PointRow:
    """One point, with what the others say of it.

    Attributes:
        index: from 0; people count from 1.
        residual_m: how far its pixel is projected from its place on the floor.
        left_out_m: the same by all the others; None where they do not suffice.
        spoils: whether it does not belong to the others.
    """

    index: int
    pixel: Point | None
    floor: Point | None
    residual_m: float | None = None
    left_out_m: float | None = None
    spoils: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it is known in the picture and on the plan."""
        return self.pixel is not None and self.floor is not None


class CalibrationTable(RecordTable[PointRow]):
    """One row for each point, in the order in which they were clicked."""

    def make_columns(self) -> Sequence[TableColumn[PointRow]]:
        """The columns in the window's language."""
        unit = current_units().symbol
        return (
            TableColumn(tr("point"), lambda row: str(row.index + 1), lambda row: row.index),
            TableColumn(tr("pixel"), _write_pixel, lambda row: None if row.pixel is None else row.pixel[0]),
            TableColumn(
                tr("floor, {unit}", unit=unit),
                _write_floor,
                lambda row: None if row.floor is None else row.floor[0],
            ),
            _make_distance_column(tr("off, cm"), lambda row: row.residual_m),
            _make_distance_column(tr("left out, cm"), lambda row: row.left_out_m),
            TableColumn(
                tr("Note"),
                lambda row: tr("spoils it") if row.spoils else "",
                lambda row: row.spoils,
                is_number=False,
            ),
        )


def _make_distance_column(title: str, value_m: Callable[[PointRow], float | None]) -> TableColumn[PointRow]:
    def write(row: PointRow) -> str:
        known_m = value_m(row)
        return _NOT_KNOWN if known_m is None else f"{_CM_PER_M * known_m:.1f}"

    return TableColumn(title, write, value_m)


def _write_pixel(row: PointRow) -> str:
    return _NOT_KNOWN if row.pixel is None else f"{row.pixel[0]:.0f}, {row.pixel[1]:.0f}"


def _write_floor(row: PointRow) -> str:
    if row.floor is None:
        return _NOT_KNOWN
    x, y = map(current_units().from_metres, row.floor)
    return f"{x:.2f}, {y:.2f}"


POINTS_THAT_PLACE = 2


@dataclass(frozen=True, slots=True)
class CalibrationState:
    """Everything; texts are translated.

    Attributes:
        frame_wh: in whose pixels points are given; None until a picture has told it.
        points: in their order, also the one that is not whole.
        selected: index of a point.
        place: of the selected point on the floor, in the unit that the window shows.
        preview: what the points give; None while they give nothing.
        busy: what is being done; empty for nothing.
        problem, remedy: what went wrong.
        advice: what to do, the most urgent first.
        summary: how well the points agree.
        lens: what is assumed of the lens.
        lines: pixels along edges that are straight in the hall.
        draws_line: whether a click in the picture goes on with a line.
        shape: the rectangle or the chessboard that is being placed.
        progress: of what is being done, from 0 to 1; None while that is unknown.
        consequence: what saving changes, or has changed.
    """

    camera: str
    scene: FloorScene
    frame_wh: tuple[int, int] | None = None
    picture: CameraPicture | None = None
    points: tuple[PointRow, ...] = ()
    selected: int | None = None
    place: Point | None = None
    preview: CalibrationPreview | None = None
    busy: str = ""
    problem: str = ""
    remedy: str = ""
    advice: tuple[str, ...] = ()
    summary: str = ""
    lens: str = ""
    consequence: str = ""
    lines: tuple[tuple[Point, ...], ...] = ()
    draws_line: bool = False
    shape: FloorShape | None = None
    progress: float | None = None
    can_stop: bool = True
    has_lens: bool = False
    can_estimate_lens: bool = False
    can_undo: bool = False
    can_redo: bool = False
    can_save: bool = False

    @property
    def selected_point(self) -> PointRow | None:
        """The selected point."""
        return None if self.selected is None else self.points[self.selected]

    @property
    def hint(self) -> tuple[Point | None, Point | None]:
        """The pixel and the place to look at: of a shape's corner, or where another point would help most."""
        if self.shape is not None:
            return self.shape.awaited_pixel, self.shape.anchors[0] if self.shape.anchors else None
        if self.preview is None or self.preview.advised is None:
            return None, None
        return self.preview.advised.pixel, self.preview.advised.place

    @property
    def strokes(self) -> tuple[tuple[Point, ...], ...]:
        """What is drawn over the picture: lines, and the outline of a shape."""
        return self.lines if self.shape is None else (*self.lines, self.shape.outline)

    @property
    def can_place_by_points(self) -> bool:
        """Whether the points that are there tell where a shape lies."""
        return sum(point.is_whole for point in self.points) >= POINTS_THAT_PLACE


def list_rows(
    draft: CalibrationDraft, preview: CalibrationPreview | None, *, of: CalibrationDraft | None
) -> tuple[PointRow, ...]:
    """All points, with what is known of each.

    Args:
        of: what ``preview`` was made of; its residuals stand a moment longer while a point moves, but not for
            another number of points.
    """
    is_alike = preview is not None and of is not None and len(of.pairs) == len(draft.pairs)
    measured = iter(preview.report.pairs if preview is not None and is_alike else ())
    rows = []
    for index, point in enumerate(draft.points):
        row = PointRow(index, point.pixel, point.floor)
        found = next(measured, None) if point.is_whole else None
        if found is not None:
            row = replace(row, residual_m=found.residual_m, left_out_m=found.left_out_m, spoils=found.spoils)
        rows.append(row)
    return tuple(rows)
