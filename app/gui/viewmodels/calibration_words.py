"""What is said about a calibration that is being made, in the language in force."""

from __future__ import annotations

from app.error_reporting import ErrorReport
from app.gui.table_models.cell_text import format_share
from app.gui.translation import tr, trn
from app.gui.units import current_units
from app.gui.viewmodels.calibration_draft import CalibrationDraft
from app.gui.viewmodels.calibration_shape import FloorShape
from app.gui.viewmodels.camera_wizard_words import translate_phrase
from app.operations.calibration_preview import CalibrationPreview
from vision.calibration.homography import MINIMUM_PAIRS
from vision.calibration.lens_distortion import LensFit

_CM_PER_M = 100


def list_advice(
    draft: CalibrationDraft,
    preview: CalibrationPreview | None,
    failure: ErrorReport | None,
) -> tuple[str, ...]:
    """What to do next, the most urgent first.

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
                "Click a point of the floor in the picture, such as the corner of a stand, and the same "
                "point on the plan. {count} of at least {least} are there; six or more are better.",
                count=count,
                least=MINIMUM_PAIRS,
            ),
        )
    if failure is not None:
        told = failure.tell_again(tr)
        return (told.problem, told.remedy)
    if preview is None:
        return ()
    advice = [translate_phrase(phrase) for phrase in preview.report.warnings]
    advised = preview.advised
    if advised is not None:
        units = current_units()
        x_m, y_m = advised.place
        advice.append(
            tr(
                "Places of the floor in view are off by {before:.0f} cm on average. A point at the dashed "
                "ring, at {x:.1f}, {y:.1f} {unit}, helps most: {after:.0f} cm with it.",
                before=_CM_PER_M * advised.error_m,
                after=_CM_PER_M * advised.error_after_m,
                x=units.from_metres(x_m),
                y=units.from_metres(y_m),
                unit=units.symbol,
            )
        )
    return tuple(advice) or (tr("The points agree, and the floor in view is known to half a metre."),)


def describe_shape(shape: FloorShape) -> tuple[str, ...]:
    """What to click next of a rectangle or a chessboard."""
    if shape.needs_corner:
        return (
            tr(
                "Click the four corners of the rectangle in the picture, one after the other, as if walking "
                "round it. The side from the first to the second is {width:g} {unit} long, the next one "
                "{depth:g} {unit}. {count} of 4 are there.",
                width=round(current_units().from_metres(shape.size_m[0]), 3),
                depth=round(current_units().from_metres(shape.size_m[1]), 3),
                unit=current_units().symbol,
                count=len(shape.corners),
            ),
        )
    if shape.is_complete:
        return (tr("Take the last step back, or leave it in the menu of other ways."),)
    if not shape.anchors:
        return (tr("Now click on the plan where the corner lies that is ringed in the picture."),)
    return (
        tr(
            "Now click on the plan where the other ringed corner lies, or any place farther on along this "
            "side: it tells the direction."
        ),
    )


def describe_drawing() -> tuple[str, ...]:
    """What to do while lines are drawn for the lens."""
    return (
        tr(
            "Click along an edge that is straight in the hall, such as where floor and wall meet: at least "
            "three points, better eight. Long lines near the picture's borders tell most."
        ),
    )


def describe_agreement(preview: CalibrationPreview, *, are_clicked: bool) -> str:
    """How well the points agree, and how well the floor is known.

    Args:
        are_clicked: the points do not stand for a calibration of another kind.
    """
    report = preview.report
    if are_clicked:
        words = tr(
            "{rms:.1f} cm root mean square, clicked to {noise:.1f} pixels.",
            rms=_CM_PER_M * report.rms_m,
            noise=report.noise_px,
        )
    else:
        words = tr(
            "The points stand for what people told; it is as certain as they are to {noise:.1f} pixels.",
            noise=report.noise_px,
        )
    if report.floor_shares is None:
        return words
    good, fair = report.floor_shares
    shares = tr(
        "Of the floor in view, {good} is known to 0.2 m and {fair} to 0.5 m.",
        good=format_share(good),
        fair=format_share(fair),
    )
    return f"{words} {shares}"


def describe_lens(draft: CalibrationDraft, found: tuple[CalibrationDraft, LensFit] | None) -> str:
    """What is assumed of the lens; as it was estimated, also how straight its lines became."""
    if draft.lens is None:
        words = tr("Lens: straight lines are straight in the picture.")
        if draft.lines:
            words += " " + trn("{n} line is drawn.", "{n} lines are drawn.", len(draft.lines))
        return words
    if found is None or found[0].lens != draft.lens:
        return tr("Lens: distortion {division:.3f}.", division=draft.lens.division)
    fit = found[1]
    said = [
        tr(
            "Lens: distortion {division:.3f}, give or take {sigma:.3f}.",
            division=draft.lens.division,
            sigma=2 * fit.division_sigma,
        )
    ]
    if len(fit.line_rms_px):
        said.append(
            tr(
                "Lines off by {bent:.1f} pixels without a lens, {left:.1f} with it.",
                bent=float(fit.straight_line_rms_px.max()),
                left=float(fit.line_rms_px.max()),
            )
        )
    return " ".join(said)


def describe_consequence(
    preview: CalibrationPreview | None, *, is_saved: bool, is_removed: bool, is_recording: bool
) -> str:
    """What saving changes, or has changed."""
    if is_saved:
        first = tr("Saved.")
    elif is_removed:
        first = tr("Saving removes the calibration: this camera adds no places any more.")
    elif preview is None:
        return ""
    elif preview.moved_m is None:
        first = tr("Saving gives this camera its first calibration.")
    else:
        mean_m, most_m = preview.moved_m
        first = tr(
            "Saving moves what this camera sees by {mean:.0f} cm on average, {most:.0f} cm at most.",
            mean=_CM_PER_M * mean_m,
            most=_CM_PER_M * most_m,
        )
    then = (
        tr("It holds from the next start of the recording; what is recorded until then keeps its places.")
        if is_recording
        else tr("It holds for what is recorded from now on; what was recorded keeps its places.")
    )
    return f"{first} {then}"
