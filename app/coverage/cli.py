"""``venue coverage`` and ``venue plan-camera``: coverage of cameras, and planned cameras."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.console.console import print_json, print_message, print_table
from app.console.language import tr, translate

if TYPE_CHECKING:
    from app.coverage.coverage_map import ZoneCoverage
    from app.coverage.coverage_report import CameraCoverage, CoverageReport
    from app.coverage.mounting_advice import MountingAdvice

Folder = Annotated[Path, typer.Argument(help="The venue's folder, NAME.expoflow.")]


def coverage(
    folder: Folder,
    density: Annotated[
        float | None, typer.Option(help="People per square metre assumed to hide each other.", min=0.0)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Report the coverage of the hall and of every zone, and possible improvements."""
    from app.core.file_format import read_venue
    from app.coverage.coverage_map import PEOPLE_PER_M2
    from app.coverage.coverage_report import advise_venue, report_coverage

    people_per_m2 = PEOPLE_PER_M2 if density is None else density
    venue = read_venue(folder)
    report = report_coverage(venue, people_per_m2=people_per_m2)
    advice = advise_venue(venue, people_per_m2=people_per_m2)
    if as_json:
        print_json({"people_per_m2": round(people_per_m2, 4), **_describe(report, advice)})
        return
    _print_report(report, advice)


def plan_camera(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="The planned camera's name; an existing one is changed.")],
    at: Annotated[
        str | None, typer.Option(help="Position below the camera in metres on the plan, X,Y.")
    ] = None,
    height: Annotated[float | None, typer.Option(help="Height above the floor, metres.")] = None,
    tilt: Annotated[float | None, typer.Option(help="Tilt below the horizontal, degrees.")] = None,
    heading: Annotated[
        float | None, typer.Option(help="Direction of view, degrees counter-clockwise from the right.")
    ] = None,
    fov: Annotated[float | None, typer.Option(help="Horizontal field of view, degrees.")] = None,
    frame_size: Annotated[str | None, typer.Option(help="Width x height of its pictures, 1920x1080.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Remove the camera from the plan.")] = False,
) -> None:
    """Add a planned camera to the plan, change it, or remove it."""
    import dataclasses

    from analytics.domain.identifiers import CameraId
    from analytics.domain.planned_camera import PlannedCamera
    from app.core.file_format import read_venue
    from app.coverage.edit_planned_camera import AddPlannedCamera, ChangePlannedCamera, RemovePlannedCamera
    from app.plan.saved_edits import save_edit

    if remove:
        save_edit(folder, RemovePlannedCamera(name))
        print_message(tr("{camera} was removed from the plan.", camera=name))
        return
    known = next((c for c in read_venue(folder).planned_cameras if c.name == name), None)
    if known is None and at is None:
        raise typer.BadParameter(tr("add --at X,Y for a camera that is not on the plan yet"))
    place = {} if at is None else dict(zip(("x_m", "y_m"), _parse_numbers(at, ","), strict=True))
    figures = {"height_m": height, "tilt_deg": tilt, "heading_deg": heading, "horizontal_fov_deg": fov}
    given: dict[str, object] = {
        **place,
        **{key: value for key, value in figures.items() if value is not None},
    }
    if frame_size is not None:
        width, high = _parse_numbers(frame_size, "x")
        given["frame_size_wh"] = (int(width), int(high))
    camera = known or PlannedCamera(CameraId(name), place["x_m"], place["y_m"])
    camera = dataclasses.replace(camera, **given)  # type: ignore[arg-type]
    save_edit(folder, AddPlannedCamera(camera) if known is None else ChangePlannedCamera(name, camera))
    print_message(tr("{camera} is on the plan.", camera=name))


def _parse_numbers(text: str, separator: str) -> tuple[float, float]:
    number = r"\s*(-?\d+(?:\.\d+)?)\s*"
    match = re.fullmatch(f"{number}{separator}{number}", text)
    if match is None:
        raise typer.BadParameter(
            tr("'{given}' is not two numbers separated by '{separator}'", given=text, separator=separator)
        )
    return float(match[1]), float(match[2])


def _describe(report: CoverageReport, advice: Sequence[MountingAdvice]) -> dict[str, object]:
    return {
        "hall": {
            "floor_m2": round(report.floor_m2, 1),
            "seen_m2": round(report.seen_m2, 1),
            "overlap_m2": round(report.overlap_m2, 1),
            "hidden_share": _round(report.hidden_share, 3),
        },
        "cameras": [_describe_camera(camera) for camera in report.cameras],
        "zones": [_describe_zone(zone) for zone in report.zones],
        "advice": [_describe_advice(piece) for piece in advice],
    }


def _describe_camera(camera: CameraCoverage) -> dict[str, object]:
    mounting = None if camera.mounted is None else camera.mounted.mounting
    pose = None if mounting is None else mounting.pose
    return {
        "name": camera.name,
        "planned": camera.is_planned,
        "calibrated": camera.mounted is not None,
        "x_m": None if pose is None else round(pose.x_m, 2),
        "y_m": None if pose is None else round(pose.y_m, 2),
        "height_m": None if pose is None else round(pose.height_m, 2),
        "tilt_deg": None if pose is None else round(math.degrees(pose.tilt_rad), 1),
        "heading_deg": None if pose is None else round(math.degrees(pose.heading_rad), 1),
        "seen_m2": round(camera.seen_m2, 1),
        "only_m2": round(camera.only_m2, 1),
    }


def _describe_zone(zone: ZoneCoverage) -> dict[str, object]:
    return {
        "name": zone.name,
        "area_m2": round(zone.area_m2, 2),
        "unseen_m2": round(zone.unseen_m2, 2),
        "overlap_m2": round(zone.overlap_m2, 2),
        "hidden_m2": round(zone.hidden_m2, 2),
        "person_px": _round(zone.person_px, 1),
        "pixels_per_metre": _round(zone.density, 1),
        "error_m": _round(zone.error_m, 3),
        "cameras": list(zone.cameras),
    }


def _describe_advice(advice: MountingAdvice) -> dict[str, object]:
    return {
        "kind": advice.kind.value,
        "zone": advice.zone,
        "camera": advice.camera,
        "before_m2": _round(advice.before_m2, 2),
        "after_m2": _round(advice.after_m2, 2),
        "sentence": str(advice.words),
    }


def _print_report(report: CoverageReport, advice: Sequence[MountingAdvice]) -> None:
    from analytics.domain.errors import fill_template

    print_message(
        tr(
            "{seen:.1f} of {floor:.1f} m² of floor are in clear view, {overlap:.1f} m² to two cameras or "
            "more.",
            seen=report.seen_m2,
            floor=report.floor_m2,
            overlap=report.overlap_m2,
        )
    )
    print_table(
        (
            tr("camera"),
            tr("place (m)"),
            tr("height (m)"),
            tr("tilt (°)"),
            tr("direction (°)"),
            tr("sees (m²)"),
            tr("alone (m²)"),
        ),
        [_list_camera(camera) for camera in report.cameras],
    )
    print_table(
        (
            tr("zone"),
            tr("area (m²)"),
            tr("unseen (m²)"),
            tr("hidden by people (m²)"),
            tr("by two cameras (m²)"),
            tr("people (pixels)"),
            tr("pixels per metre"),
            tr("error (m)"),
        ),
        [
            (
                zone.name,
                f"{zone.area_m2:.1f}",
                f"{zone.unseen_m2:.1f}",
                f"{zone.hidden_m2:.1f}",
                f"{zone.overlap_m2:.1f}",
                _show(zone.person_px, 0),
                _show(zone.density, 0),
                _show(zone.error_m, 2),
            )
            for zone in report.zones
        ],
    )
    for piece in advice:
        print_message(fill_template(piece.words.template, piece.words.fields, translate))


def _list_camera(camera: CameraCoverage) -> tuple[str, ...]:
    found = _describe_camera(camera)
    name = tr("{camera} (planned)", camera=camera.name) if camera.is_planned else camera.name
    if not found["calibrated"]:
        return (name, tr("not calibrated"), *[""] * 5)
    place = "" if found["x_m"] is None else f"{found['x_m']:.1f}, {found['y_m']:.1f}"
    shown = [
        "" if found[key] is None else f"{found[key]:.1f}" for key in ("height_m", "tilt_deg", "heading_deg")
    ]
    return (name, place, *shown, f"{camera.seen_m2:.1f}", f"{camera.only_m2:.1f}")


def _round(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _show(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
