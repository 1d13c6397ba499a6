"""The state of the calibration window, and the texts that describe it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.calibration.calibration_preview import CalibrationPreview
from app.error_reporting import ErrorReport
from app.gui.calibration.calibration_draft import CalibrationDraft, FloorShape, Point
from app.gui.session.calibration_picture import CameraPicture
from app.gui.session.cell_text import format_share
from app.gui.session.translation import join_sentences, tr, translate_phrase, trn
from app.gui.session.units import current_units
from app.gui.tables.record_table import RecordTable, TableColumn
from app.plan.floor_scene import FloorScene
from vision.calibration.homography import MINIMUM_PAIRS
from vision.calibration.lens_distortion import LensFit
from vision.calibration.pose_refinement import RefinedPose

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


def list_advice(
    draft: CalibrationDraft, preview: CalibrationPreview | None, failure: ErrorReport | None
) -> tuple[str, ...]:
    """Return the next steps, the most urgent first.

    Args:
        failure: why the points give nothing.
    """
    opened, count = draft.open_point, len(draft.pairs)
    if opened is not None:
        if opened.floor is None:
            return (tr("Now click the same point on the plan."),)
        return (tr("Now click the same point in the picture."),)
    if count < MINIMUM_PAIRS:
        return (
            tr(
                "Click a point on the floor in the picture, such as the corner of a stand, and the "
                "same point on the plan. {count} of at least {least} done; six or more are better.",
                count=count,
                least=MINIMUM_PAIRS,
            ),
        )
    if failure is not None:
        rendered = failure.render(tr)
        return (rendered.problem, rendered.remedy)
    if preview is None:
        return ()
    advice = [translate_phrase(phrase) for phrase in preview.report.warnings]
    advised = preview.advised
    if advised is not None:
        units = current_units()
        x_m, y_m = advised.place
        advice.append(
            tr(
                "The mean error of the visible floor is {before:.0f} cm. A point at the dashed ring, "
                "at {x:.1f}, {y:.1f} {unit}, would reduce it to {after:.0f} cm.",
                before=_CM_PER_M * advised.error_m,
                after=_CM_PER_M * advised.error_after_m,
                x=units.from_metres(x_m),
                y=units.from_metres(y_m),
                unit=units.symbol,
            )
        )
    return tuple(advice) or (tr("The points agree, and the visible floor is accurate to half a metre."),)


def describe_shape(shape: FloorShape) -> tuple[str, ...]:
    if shape.needs_corner:
        return (
            tr(
                "Click the four corners of the rectangle in the picture, one after the other, as if "
                "walking around it. The side from the first to the second is {width:g} {unit} long, "
                "the next one {depth:g} {unit}. {count} of 4 done.",
                width=round(current_units().from_metres(shape.size_m[0]), 3),
                depth=round(current_units().from_metres(shape.size_m[1]), 3),
                unit=current_units().symbol,
                count=len(shape.corners),
            ),
        )
    if shape.is_complete:
        return (tr("Undo the last step, or cancel it in the Other methods menu."),)
    if not shape.anchors:
        return (tr("Now click the corner on the plan that is ringed in the picture."),)
    return (
        tr(
            "Now click the other ringed corner on the plan, or any point further along this side, to "
            "set the direction."
        ),
    )


def describe_drawing() -> tuple[str, ...]:
    return (
        tr(
            "Click along an edge that is straight in the hall, such as where floor and wall "
            "meet: at least three points, preferably eight. Long lines near the picture's "
            "borders help most."
        ),
    )


def describe_agreement(preview: CalibrationPreview, *, are_clicked: bool) -> str:
    """Describe the residuals, and the certainty of the floor.

    Args:
        are_clicked: the points do not stand for a calibration of another kind.
    """
    report = preview.report
    if are_clicked:
        words = tr(
            "Error {rms:.1f} cm (RMS), clicking accuracy {noise:.1f} pixels.",
            rms=_CM_PER_M * report.rms_m,
            noise=report.noise_px,
        )
    else:
        words = tr(
            "The points represent the result from walkers, equivalent to a clicking accuracy of "
            "{noise:.1f} pixels.",
            noise=report.noise_px,
        )
    if report.floor_shares is None:
        return words
    good, fair = report.floor_shares
    shares = tr(
        "{good} of the visible floor is accurate to 0.2 m, {fair} to 0.5 m.",
        good=format_share(good),
        fair=format_share(fair),
    )
    return f"{words} {shares}"


def describe_lens(draft: CalibrationDraft, found: tuple[CalibrationDraft, LensFit] | None) -> str:
    """Describe the lens; for an estimated one, including how straight its lines became."""
    if draft.lens is None:
        words = tr("Lens: no distortion.")
        if draft.lines:
            words += " " + trn("{n} line drawn.", "{n} lines drawn.", len(draft.lines))
        return words
    if found is None or found[0].lens != draft.lens:
        return tr("Lens: distortion {division:.3f}.", division=draft.lens.division)
    fit = found[1]
    sentences = [
        tr(
            "Lens: distortion {division:.3f} ± {sigma:.3f}.",
            division=draft.lens.division,
            sigma=2 * fit.division_sigma,
        )
    ]
    if len(fit.line_rms_px):
        sentences.append(
            tr(
                "Line error: {bent:.1f} pixels without lens correction, {left:.1f} with it.",
                bent=float(fit.straight_line_rms_px.max()),
                left=float(fit.line_rms_px.max()),
            )
        )
    return join_sentences(sentences)


def describe_consequence(preview: CalibrationPreview | None, *, is_removed: bool, is_recording: bool) -> str:
    if is_removed:
        first = tr("Saving removes the calibration: this camera will no longer provide positions.")
    elif preview is None:
        return ""
    elif preview.moved_m is None:
        first = tr("Saving calibrates this camera for the first time.")
    else:
        mean_m, max_m = preview.moved_m
        first = tr(
            "Saving moves this camera's positions by {mean:.0f} cm on average, {most:.0f} cm at most.",
            mean=_CM_PER_M * mean_m,
            most=_CM_PER_M * max_m,
        )
    then = (
        tr("Takes effect at the next start of the recording; data recorded until then keeps its positions.")
        if is_recording
        else tr("Applies to data recorded from now on; recorded data keeps its positions.")
    )
    return f"{first} {then}"


def describe_pose(refined: RefinedPose, people: int) -> str:
    units = current_units()
    words = tr(
        "From {people}: mounted {height:.1f} {unit} high, tilted down by {tilt:.0f}°.",
        people=trn("{n} person", "{n} people", people),
        height=units.from_metres(refined.pose.height_m),
        unit=units.symbol,
        tilt=math.degrees(refined.pose.tilt_rad),
    )
    off_m = float(np.sqrt(np.mean(refined.residuals_m**2)))
    return f"{words} " + tr("The error at the placement points is {cm:.0f} cm.", cm=100 * off_m)
