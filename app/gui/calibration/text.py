"""Texts of the calibration window: the next step, the agreement, the lens and the consequence."""

from __future__ import annotations

import math

import numpy as np

from app.calibration.calibration_preview import CalibrationPreview
from app.error_reporting import ErrorReport
from app.gui.calibration.calibration_draft import CalibrationDraft, FloorShape
from app.gui.session.cell_text import format_share
from app.gui.session.translation import join_sentences, tr, translate_phrase, trn
from app.gui.session.units import current_units
from vision.calibration.homography import MINIMUM_PAIRS
from vision.calibration.lens_distortion import LensFit
from vision.calibration.pose_refinement import RefinedPose

_CM_PER_M = 100


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
