"""The state of the calibration window."""

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

_UNKNOWN = "–"
_CM_PER_M = 100


@dataclass(frozen=True, slots=True)
class PointRow:
    """One point, with its residuals.

    Attributes:
        index: from 0; displayed numbers start at 1.
        residual_m: distance of its projected pixel from its place on the floor.
        left_out_m: the same using only the other points; None if those do not suffice.
    """

    index: int
    pixel: Point | None
    floor: Point | None
    residual_m: float | None = None
    left_out_m: float | None = None
    is_outlier: bool = False

    @property
    def is_complete(self) -> bool:
        return self.pixel is not None and self.floor is not None


class CalibrationTable(RecordTable[PointRow]):
    """The table of points, in the order in which they were clicked."""

    def make_columns(self) -> Sequence[TableColumn[PointRow]]:
        unit = current_units().symbol
        return (
            TableColumn(tr("point"), lambda row: str(row.index + 1), lambda row: row.index),
            TableColumn(tr("pixel"), _write_pixel, lambda row: None if row.pixel is None else row.pixel[0]),
            TableColumn(
                tr("floor, {unit}", unit=unit),
                _write_floor,
                lambda row: None if row.floor is None else row.floor[0],
            ),
            _make_distance_column(tr("error, cm"), lambda row: row.residual_m),
            _make_distance_column(tr("if left out, cm"), lambda row: row.left_out_m),
            TableColumn(
                tr("Note"),
                lambda row: tr("wrong") if row.is_outlier else "",
                lambda row: row.is_outlier,
                is_number=False,
            ),
        )


def _make_distance_column(title: str, value_m: Callable[[PointRow], float | None]) -> TableColumn[PointRow]:
    def write(row: PointRow) -> str:
        known_m = value_m(row)
        return _UNKNOWN if known_m is None else f"{_CM_PER_M * known_m:.1f}"

    return TableColumn(title, write, value_m)


def _write_pixel(row: PointRow) -> str:
    return _UNKNOWN if row.pixel is None else f"{row.pixel[0]:.0f}, {row.pixel[1]:.0f}"


def _write_floor(row: PointRow) -> str:
    if row.floor is None:
        return _UNKNOWN
    x, y = map(current_units().from_metres, row.floor)
    return f"{x:.2f}, {y:.2f}"


MIN_PLACING_POINTS = 2


@dataclass(frozen=True, slots=True)
class CalibrationState:
    """Everything that the window shows; texts are translated.

    Attributes:
        frame_wh: size in whose pixels points are given; None before the first picture.
        place: of the selected point on the floor, in the window's unit.
        preview: None without a result.
        advice: next steps, the most urgent first.
        summary: agreement of the points.
        lens: description of the lens.
        lines: pixels along edges that are straight in the hall.
        draws_line: clicks in the picture continue a line.
        shape: rectangle or chessboard being placed.
        progress: of the work, from 0 to 1; None while unknown.
        consequence: effect of saving.
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
        return None if self.selected is None else self.points[self.selected]

    @property
    def hint(self) -> tuple[Point | None, Point | None]:
        """Pixel and place to highlight: of a shape's corner, or where another point would help most."""
        if self.shape is not None:
            return self.shape.next_pixel, self.shape.anchors[0] if self.shape.anchors else None
        if self.preview is None or self.preview.advised is None:
            return None, None
        return self.preview.advised.pixel, self.preview.advised.place

    @property
    def strokes(self) -> tuple[tuple[Point, ...], ...]:
        """Lines over the picture, and the outline of a shape."""
        return self.lines if self.shape is None else (*self.lines, self.shape.outline)

    @property
    def can_place_by_points(self) -> bool:
        return sum(point.is_complete for point in self.points) >= MIN_PLACING_POINTS


def list_rows(
    draft: CalibrationDraft, preview: CalibrationPreview | None, *, of: CalibrationDraft | None
) -> tuple[PointRow, ...]:
    """Return a row for each point.

    Args:
        of: what ``preview`` was made of; its residuals stand a moment longer while a point moves, but not for
            another number of points.
    """
    is_alike = preview is not None and of is not None and len(of.pairs) == len(draft.pairs)
    measured = iter(preview.report.pairs if preview is not None and is_alike else ())
    rows = []
    for index, point in enumerate(draft.points):
        row = PointRow(index, point.pixel, point.floor)
        found = next(measured, None) if point.is_complete else None
        if found is not None:
            row = replace(
                row, residual_m=found.residual_m, left_out_m=found.left_out_m, is_outlier=found.is_outlier
            )
        rows.append(row)
    return tuple(rows)
