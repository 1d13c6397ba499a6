"""``calibrate``: calibration of cameras from point pairs, lines and walkers, with its accuracy."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.console.console import print_json, print_message, print_table
from app.console.language import tr, translate_phrase
from app.console.options import AsJson
from app.console.summary_table import NOT_OBSERVED, format_share

if TYPE_CHECKING:
    from analytics.domain.lens import Lens
    from app.calibration.calibrate_from_files import CalibratedCamera, RectangleRequest, WalkersRequest
    from app.calibration.calibration_preview import CalibrationReport
    from app.cameras.frame_sizes import FrameSizes


def calibrate(
    pairs: Annotated[
        Path, typer.Argument(help="CSV camera,u_px,v_px,x_m,y_m: at least four points per camera.")
    ],
    camera: Annotated[str | None, typer.Option(help="Only this camera of the file.")] = None,
    frame_size: Annotated[
        list[str] | None, typer.Option(help="Frame size, 1280x720 or NAME=1280x720; may be repeated.")
    ] = None,
    lines: Annotated[
        Path | None,
        typer.Option(
            help=("CSV camera,line,u_px,v_px of points along straight edges, to estimate the lens.")
        ),
    ] = None,
    lens: Annotated[float | None, typer.Option(help="Lens distortion, such as -0.25; 0 for none.")] = None,
    data_sheet: Annotated[
        str | None,
        typer.Option(help="Lens data sheet: focal length mm, sensor width mm, angle: 2.8,5.4,105."),
    ] = None,
    walkers: Annotated[
        Path | None,
        typer.Option(help="CSV camera,walker,x1,y1,x2,y2 of people who walk by, to estimate the pose."),
    ] = None,
    fov: Annotated[
        float | None, typer.Option(help="Horizontal field of view in degrees, for --walkers.")
    ] = None,
    mean_height: Annotated[float, typer.Option(help="Mean height of the walkers, metres.")] = 1.68,
    mean_height_sigma: Annotated[float, typer.Option(help="Uncertainty of the mean height, metres.")] = 0.03,
    rectangle: Annotated[
        Path | None, typer.Option(help="CSV camera,u_px,v_px of four corners of a rectangle on the floor.")
    ] = None,
    sides: Annotated[
        str | None,
        typer.Option(help="Sides of the rectangle in metres, first to second corner first: 2.4x1.6."),
    ] = None,
    venue: Annotated[Path | None, typer.Option(help="Write the calibration into this venue.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the calibration as JSON.")] = None,
    as_json: AsJson = False,
) -> None:
    """Calibrate cameras from points on the floor, and report the accuracy of every point."""
    from app.calibration.calibrate_camera import store_calibrations
    from app.calibration.calibrate_from_files import (
        CALIBRATION_FORMAT,
        calibrate_from_files,
        describe_calibration,
        write_calibration_report,
    )
    from app.calibration.calibration_preview import report_calibration
    from app.cameras.frame_sizes import parse_frame_sizes
    from app.core.file_format import read_venue

    sizes = parse_frame_sizes(frame_size or [])
    document = read_venue(venue) if venue else None
    calibrated = calibrate_from_files(
        pairs,
        only=camera,
        sizes=sizes,
        lines_file=lines,
        lens=_choose_lens(lens, data_sheet, sizes),
        walkers=_request_walkers(walkers, fov, mean_height, mean_height_sigma),
        rectangle=_request_rectangle(rectangle, sides),
        venue=document,
    )
    outline = document.plan.outline if document else None
    reports = [report_calibration(one.camera, outline=outline) for one in calibrated]
    described = {
        "format": CALIBRATION_FORMAT,
        "cameras": {
            str(one.camera.name): describe_calibration(one, report)
            for one, report in zip(calibrated, reports, strict=True)
        },
    }
    if venue is not None:
        store_calibrations(venue, [one.camera for one in calibrated])
    if out is not None:
        write_calibration_report(out, described)
    if as_json:
        print_json(described)
    else:
        for one, report in zip(calibrated, reports, strict=True):
            _print_report(one, report)
    if venue is not None:
        print_message(tr("The calibration is in {place}.", place=venue))
    if out is not None:
        print_message(tr("The calibration is in {place}.", place=out))


def _choose_lens(division: float | None, data_sheet: str | None, sizes: FrameSizes) -> Lens | None:
    from analytics.domain.lens import Lens, compute_lens_of_data_sheet

    if division is not None and data_sheet is not None:
        raise typer.BadParameter(tr("use either --lens or --data-sheet, not both"))
    if data_sheet is None:
        return None if division is None else Lens(division)
    try:
        focal_mm, sensor_width_mm, fov_deg = (float(part) for part in data_sheet.split(","))
    except ValueError:
        raise typer.BadParameter(
            tr("'{shown}' is not three numbers such as 2.8,5.4,105", shown=data_sheet)
        ) from None
    if len(set(sizes.values())) != 1:
        raise typer.BadParameter(tr("--data-sheet needs the frame size, such as --frame-size 1280x720"))
    return compute_lens_of_data_sheet(
        focal_mm=focal_mm,
        sensor_width_mm=sensor_width_mm,
        horizontal_fov_rad=math.radians(fov_deg),
        size_wh=next(iter(sizes.values())),
    )


def _request_walkers(
    file: Path | None, fov_deg: float | None, mean_height_m: float, mean_height_sigma_m: float
) -> WalkersRequest | None:
    from app.calibration.calibrate_from_files import WalkersRequest

    if file is None:
        return None
    if fov_deg is None or not 0 < fov_deg < 180:
        raise typer.BadParameter(tr("--walkers needs the camera's field of view, such as --fov 90"))
    return WalkersRequest(file, fov_deg, mean_height_m, mean_height_sigma_m)


def _request_rectangle(file: Path | None, sides: str | None) -> RectangleRequest | None:
    from app.calibration.calibrate_from_files import RectangleRequest
    from app.console.console import parse_size

    if file is None:
        return None
    if sides is None:
        raise typer.BadParameter(tr("--rectangle needs the lengths of its sides, such as --sides 2.4x1.6"))
    width_m, depth_m = parse_size(sides)
    return RectangleRequest(file, width_m, depth_m)


def _print_report(calibrated: CalibratedCamera, report: CalibrationReport) -> None:

    camera, fit, pose = calibrated.camera, calibrated.lens_fit, calibrated.pose
    print_table(
        (tr("point"), tr("pixel"), tr("floor, m"), tr("error, cm"), tr("error if left out, cm"), ""),
        [
            (
                of_pair.number,
                f"{pair.u_px:.0f}, {pair.v_px:.0f}",
                f"{pair.x_m:.2f}, {pair.y_m:.2f}",
                f"{100 * of_pair.residual_m:.1f}",
                NOT_OBSERVED if of_pair.left_out_m is None else f"{100 * of_pair.left_out_m:.1f}",
                tr("wrong") if of_pair.is_outlier else "",
            )
            for pair, of_pair in zip(camera.pairs, report.pairs, strict=True)
        ],
        title=str(camera.name),
    )
    print_message(
        tr(
            "Camera {camera}: {count} points, error {rms:.1f} cm (RMS), clicking accuracy "
            "{noise:.1f} pixels.",
            camera=camera.name,
            count=len(camera.pairs),
            rms=100 * report.rms_m,
            noise=report.noise_px,
        )
    )
    if fit is not None:
        print_message(
            tr(
                "Lens: distortion {division:.3f} ± {sigma:.3f}.",
                division=fit.lens.division,
                sigma=2 * fit.division_sigma,
            )
        )
        for number, (bent, left) in enumerate(
            zip(fit.straight_line_rms_px.tolist(), fit.line_rms_px.tolist(), strict=True), start=1
        ):
            print_message(
                tr(
                    "Line {number}: error {bent:.1f} pixels without lens correction, {left:.1f} with it.",
                    number=number,
                    bent=bent,
                    left=left,
                )
            )
    if pose is not None:
        print_message(
            tr(
                "From walkers: mounted {height:.2f} m high, tilted down by {tilt:.1f}°.",
                height=pose.height_m,
                tilt=math.degrees(pose.tilt_rad),
            )
        )
    shares = report.floor_shares or report.picture_shares
    if shares is not None:
        print_message(
            tr(
                "{good} of the visible floor is accurate to 0.2 m, {fair} to 0.5 m.",
                good=format_share(shares[0]),
                fair=format_share(shares[1]),
            )
        )
    else:
        print_message(
            tr("Add --frame-size, such as --frame-size 1280x720, to learn how much of the floor is accurate.")
        )
    for warning in report.warnings:
        print_message(translate_phrase(warning))
