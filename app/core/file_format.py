"""Reading and writing ``venue.toml``: versioned, checked, whole or not at all, without secrets."""

from __future__ import annotations

import contextlib
import os
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from analytics.domain.camera import Camera, PixelPolygon, PointPair, check_pixel_polygon
from analytics.domain.errors import ExpoFlowError, Phrase, VenueError
from analytics.domain.exhibition import Exhibition, OpeningHours
from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle, PlanPicture
from analytics.domain.identifiers import CameraId, LineId, ZoneId
from analytics.domain.lens import Lens
from analytics.domain.planned_camera import PlannedCamera, check_planned_camera
from analytics.domain.zone import CountingLine, Zone
from analytics.domain.zone_targets import AlarmRule, ZoneTargets, check_targets
from analytics.visitors.false_positives.corrections import Corrections, DecidedPlace
from app.core.document import DEFAULT_GEOMETRY, FOLDER_SUFFIX, Venue, VenueCamera, VenueSettings
from app.core.file_schema import (
    CURRENT_FORMAT,
    ENTRY_NAMES,
    CameraEntry,
    Coordinates,
    CorrectionsSection,
    GeometryEntry,
    LineEntry,
    PictureSection,
    PlannedCameraEntry,
    PlanSection,
    RawDocument,
    SourceSection,
    TargetsEntry,
    VenueFile,
    ZoneEntry,
)
from app.core.toml_text import format_toml
from app.core.venue_lock import LOCK_NAME, lock_venue
from app.error_reporting import explain_error
from app.settings.field_faults import describe_faults
from resources.atomic_file import write_bytes_atomically, write_text_atomically
from resources.bounded_file import read_bounded
from vision.sources.frame_source import SourceAddress


def make_targets(entry: TargetsEntry) -> ZoneTargets:
    """The targets of an entry.

    Raises:
        GeometryError: a figure cannot be.
    """
    return check_targets(
        ZoneTargets(
            zone=ZoneId(entry.zone or ""),
            capacity=entry.capacity,
            needed_s=entry.needed_s,
            rent=entry.rent,
            visits_per_day=entry.visits_per_day,
            engaged_per_day=entry.engaged_per_day,
            is_sponsor=entry.is_sponsor,
            currency=entry.currency,
            rules=tuple(
                AlarmRule(rule.measure, rule.above, rule.below, rule.raise_after_s, rule.clear_after_s)
                for rule in entry.alarms
            ),
        )
    )


def describe_targets(targets: ZoneTargets) -> RawDocument:
    """The entry of targets."""
    return {
        "zone": str(targets.zone) or None,
        "capacity": targets.capacity,
        "needed_s": _show(targets.needed_s),
        "rent": _show(targets.rent),
        "visits_per_day": _show(targets.visits_per_day),
        "engaged_per_day": _show(targets.engaged_per_day),
        "is_sponsor": targets.is_sponsor or None,
        "currency": targets.currency or None,
        "alarms": [
            {
                "measure": rule.measure.value,
                "above": float(rule.above),
                "below": float(rule.below),
                "raise_after_s": float(rule.raise_after_s),
                "clear_after_s": float(rule.clear_after_s),
            }
            for rule in targets.rules
        ],
    }


def _show(value: float | None) -> float | None:
    return None if value is None else float(value)


def make_venue(file: VenueFile, *, folder: Path) -> Venue:
    """The venue that a validated file describes.

    Raises:
        ExpoFlowError: an unknown time zone, an outline that crosses itself, two versions of one time.
    """
    exhibition = Exhibition(
        name=file.exhibition.name,
        time_zone=file.exhibition.time_zone,
        opening_hours=tuple(OpeningHours(e.day, e.opens, e.closes) for e in file.exhibition.opening_hours),
    )
    settings = VenueSettings(**file.settings.model_dump())
    versions = sorted(
        (_make_geometry(entry) for entry in file.geometry),
        key=lambda g: float("-inf") if g.valid_from_utc_s is None else g.valid_from_utc_s,
    )
    return Venue(
        folder=folder,
        exhibition=exhibition,
        plan=_make_plan(file.plan),
        cameras=tuple(_make_camera(entry, settings=settings) for entry in file.cameras),
        geometry_versions=tuple(versions) or (DEFAULT_GEOMETRY,),
        settings=settings,
        corrections=_make_corrections(file.corrections),
        planned_cameras=tuple(_make_planned_camera(entry) for entry in file.planned_cameras),
        targets=tuple(make_targets(entry) for entry in file.targets),
    )


def make_document(venue: Venue) -> RawDocument:
    """The file of a venue as TOML takes it, in the order in which a person would read it.

    The moment from which a version of the zones holds is kept to the microsecond.
    """
    exhibition = venue.exhibition
    return _without_none(
        {
            "format": CURRENT_FORMAT,
            "exhibition": {
                "name": exhibition.name,
                "time_zone": exhibition.time_zone,
                "opening_hours": [
                    {"day": h.day, "opens": h.opens, "closes": h.closes} for h in exhibition.opening_hours
                ],
            },
            "plan": _describe_plan(venue.plan),
            "settings": _describe_settings(venue.settings),
            "corrections": _describe_corrections(venue.corrections),
            "cameras": [_describe_camera(camera) for camera in venue.cameras],
            "planned_cameras": [_describe_planned_camera(camera) for camera in venue.planned_cameras],
            "geometry": [_describe_geometry(version) for version in venue.geometry_versions],
            "targets": [describe_targets(targets) for targets in venue.targets],
        }
    )


def _describe_settings(settings: VenueSettings) -> RawDocument:
    document: RawDocument = {
        "model_name": settings.model_name,
        "device": settings.device,
        "analysed_fps": settings.analysed_fps,
    }
    # what nobody has changed is left out, so that programs from before these fields read the file
    usual = VenueSettings()
    for name in ("tracks_kept_days", "tracks_most_gb"):
        if getattr(settings, name) != getattr(usual, name):
            document[name] = getattr(settings, name)
    if settings.when_closing is not usual.when_closing:
        document["when_closing"] = settings.when_closing.value
    return document


def _make_plan(section: PlanSection) -> FloorPlan:
    return FloorPlan(
        outline=Polygon.from_points(_points(section.outline), what=Phrase("the plan")),
        picture=_make_picture(section.picture) if section.picture else None,
        obstacles=tuple(
            Obstacle(
                o.name,
                Polygon.from_points(_points(o.outline), what=Phrase("obstacle '{name}'", {"name": o.name})),
                o.height_m,
            )
            for o in section.obstacles
        ),
    )


def _make_picture(section: PictureSection) -> PlanPicture:
    crop = section.crop
    return PlanPicture(
        section.file_name,
        section.metres_per_pixel,
        (section.corner[0], section.corner[1]),
        section.rotation_deg,
        (crop[0], crop[1], crop[2], crop[3]) if crop else None,
    )


def _make_camera(entry: CameraEntry, *, settings: VenueSettings) -> VenueCamera:
    camera = Camera(
        name=CameraId(entry.name),
        frame_size_wh=(entry.frame_size[0], entry.frame_size[1]) if entry.frame_size else None,
        pairs=tuple(PointPair(p.u_px, p.v_px, p.x_m, p.y_m) for p in entry.pairs),
        mask=_make_mask(entry.mask, "mask polygon {number} of camera '{name}'", camera=entry.name),
        privacy_mask=_make_mask(
            entry.privacy_mask, "privacy mask polygon {number} of camera '{name}'", camera=entry.name
        ),
        analysed_fps=settings.analysed_fps if entry.analysed_fps is None else entry.analysed_fps,
        lens=Lens(entry.lens.division, entry.lens.division_sigma) if entry.lens else None,
        pair_sigma_px=entry.pair_sigma_px,
        may_be_dark=entry.may_be_dark,
    )
    return VenueCamera(camera, _make_address(entry.source) if entry.source else None)


def _make_mask(polygons: list[list[Coordinates]], what: str, *, camera: str) -> tuple[PixelPolygon, ...]:
    return tuple(
        check_pixel_polygon(_points(polygon), what=Phrase(what, {"number": number, "name": camera}))
        for number, polygon in enumerate(polygons, start=1)
    )


def _make_planned_camera(entry: PlannedCameraEntry) -> PlannedCamera:
    return check_planned_camera(
        PlannedCamera(
            name=CameraId(entry.name),
            x_m=entry.x_m,
            y_m=entry.y_m,
            height_m=entry.height_m,
            tilt_deg=entry.tilt_deg,
            heading_deg=entry.heading_deg,
            horizontal_fov_deg=entry.horizontal_fov_deg,
            frame_size_wh=(entry.frame_size[0], entry.frame_size[1]),
        )
    )


def _make_address(section: SourceSection) -> SourceAddress:
    return SourceAddress(
        kind=section.kind,
        location=section.location,
        user=section.user,
        transport=section.transport,
        pacing=section.pacing,
        images_fps=section.images_fps,
        start_utc_s=section.start_utc.timestamp() if section.start_utc else None,
    )


def _make_geometry(entry: GeometryEntry) -> FloorGeometry:
    return FloorGeometry(
        zones=tuple(_make_zone(zone) for zone in entry.zones),
        lines=tuple(_make_line(line) for line in entry.lines),
        valid_from_utc_s=entry.valid_from.timestamp() if entry.valid_from else None,
        label=entry.label,
    )


def _make_zone(entry: ZoneEntry) -> Zone:
    outline = Polygon.from_points(_points(entry.outline), what=Phrase("zone '{name}'", {"name": entry.name}))
    return Zone(ZoneId(entry.name), entry.kind, outline, entry.minimum_stay_s, entry.colour)


def _make_line(entry: LineEntry) -> CountingLine:
    path = Polyline.from_points(_points(entry.path), what=Phrase("line '{name}'", {"name": entry.name}))
    return CountingLine(LineId(entry.name), entry.kind, path, entry.band_m, entry.colour)


def _make_corrections(section: CorrectionsSection) -> Corrections:
    return Corrections(
        places=tuple(
            DecidedPlace(CameraId(p.camera), p.x_m, p.y_m, p.radius_m, p.verdict) for p in section.places
        ),
        excludes_staff=section.exclude_staff,
    )


def _points(coordinates: list[Coordinates]) -> list[tuple[float, float]]:
    return [(first, second) for first, second in coordinates]


def _describe_plan(plan: FloorPlan) -> RawDocument:
    return {
        "outline": _list_points(plan.outline.points),
        "picture": _describe_picture(plan.picture) if plan.picture else None,
        "obstacles": [
            {
                "name": o.name,
                "height_m": None if o.height_m is None else float(o.height_m),
                "outline": _list_points(o.outline.points),
            }
            for o in plan.obstacles
        ],
    }


def _describe_picture(picture: PlanPicture) -> RawDocument:
    return {
        "file_name": picture.file_name,
        "metres_per_pixel": float(picture.metres_per_pixel),
        "corner": None if picture.corner_m == (0.0, 0.0) else [float(value) for value in picture.corner_m],
        "rotation_deg": float(picture.rotation_deg) or None,
        "crop": None if picture.crop_px is None else [float(value) for value in picture.crop_px],
    }


def _describe_camera(entry: VenueCamera) -> RawDocument:
    camera, address = entry.camera, entry.address
    return {
        "name": camera.name,
        "analysed_fps": None if camera.analysed_fps is None else float(camera.analysed_fps),
        "frame_size": list(camera.frame_size_wh) if camera.frame_size_wh else None,
        "may_be_dark": camera.may_be_dark or None,
        "lens": _describe_lens(camera.lens) if camera.lens else None,
        "pairs": [
            {"u_px": float(p.u_px), "v_px": float(p.v_px), "x_m": float(p.x_m), "y_m": float(p.y_m)}
            for p in camera.pairs
        ],
        "pair_sigma_px": None if camera.pair_sigma_px is None else float(camera.pair_sigma_px),
        "mask": [_list_points(polygon) for polygon in camera.mask],
        "privacy_mask": [_list_points(polygon) for polygon in camera.privacy_mask],
        "source": _describe_address(address) if address else None,
    }


def _describe_planned_camera(camera: PlannedCamera) -> RawDocument:
    return {
        "name": camera.name,
        "x_m": float(camera.x_m),
        "y_m": float(camera.y_m),
        "height_m": float(camera.height_m),
        "tilt_deg": float(camera.tilt_deg),
        "heading_deg": float(camera.heading_deg),
        "horizontal_fov_deg": float(camera.horizontal_fov_deg),
        "frame_size": list(camera.frame_size_wh),
    }


def _describe_lens(lens: Lens) -> RawDocument:
    return {
        "division": float(lens.division),
        "division_sigma": float(lens.division_sigma) if lens.division_sigma else None,
    }


def _describe_address(address: SourceAddress) -> RawDocument:
    return {
        "kind": address.kind.value,
        "location": address.location,
        "user": address.user,
        "transport": address.transport,
        "pacing": address.pacing.value,
        "images_fps": address.images_fps,
        "start_utc": _describe_time(address.start_utc_s),
    }


def _describe_corrections(corrections: Corrections) -> RawDocument | None:
    if not corrections.places and not corrections.excludes_staff:
        return None
    return {
        "exclude_staff": corrections.excludes_staff,
        "places": [
            {
                "camera": place.camera,
                "x_m": float(place.x_m),
                "y_m": float(place.y_m),
                "radius_m": float(place.radius_m),
                "verdict": place.verdict.value,
            }
            for place in corrections.places
        ],
    }


def _describe_geometry(version: FloorGeometry) -> RawDocument:
    return {
        "valid_from": _describe_time(version.valid_from_utc_s),
        "label": version.label,
        "zones": [
            {
                "name": zone.name,
                "kind": zone.kind.value,
                "minimum_stay_s": float(zone.minimum_stay_s),
                "colour": zone.colour,
                "outline": _list_points(zone.outline.points),
            }
            for zone in version.zones
        ],
        "lines": [
            {
                "name": line.name,
                "kind": line.kind.value,
                "band_m": float(line.band_m),
                "colour": line.colour,
                "path": _list_points(line.path.points),
            }
            for line in version.lines
        ],
    }


def _list_points(points: tuple[tuple[float, float], ...]) -> list[list[float]]:
    return [[float(first), float(second)] for first, second in points]


def _describe_time(time_utc_s: float | None) -> datetime | None:
    return None if time_utc_s is None else datetime.fromtimestamp(time_utc_s, tz=UTC)


def _without_none(section: RawDocument) -> RawDocument:
    """TOML knows no null; empty lists are left out too, for what is not there needs no line."""
    return {
        key: _without_none_in(value) for key, value in section.items() if value is not None and value != []
    }


def _without_none_in(value: object) -> object:
    if isinstance(value, dict):
        return _without_none(value)
    if isinstance(value, list):
        return [_without_none_in(entry) for entry in value]
    return value


class NewerFormatError(VenueError):
    """The file was written by a later version of ExpoFlow."""


FILE_NAME = "venue.toml"
BACKUP_NAME = "venue.toml.bak"
"""The last good file before the present one."""
DAMAGED_NAME = "venue.toml.damaged"
"""A file that could not be read and was replaced; somebody's edits may be in it."""
HEADER = """\
# A venue of ExpoFlow: exhibition, floor plan, cameras, and the zones and lines of every period.
#
# You may edit this file while ExpoFlow is not running. ExpoFlow rewrites it when you change the venue there,
# and then keeps no comments of yours. Lengths are in metres from the plan's lower left corner (x right,
# y up), pixels from the picture's upper left corner (u right, v down), times of validity in UTC.
# No password belongs in here: ExpoFlow keeps those in the system's keyring.

"""


def read_venue(folder: Path) -> Venue:
    """Read a venue's folder.

    Raises:
        VenueError: no such venue, or its file is damaged, of another format, or says something that cannot
            be; names the field and what is wrong with it.
    """
    folder = Path(os.path.abspath(folder))
    file = _find_file(folder)
    return _parse(_read_bytes(file), folder=folder)


def write_venue(venue: Venue) -> None:
    """Write a venue into its folder, whole or not at all; the file before it is kept beside it.

    A good one as ``venue.toml.bak``, one of an earlier format as ``venue.toml.formatN.bak``, one that
    cannot be read as ``venue.toml.damaged``.

    Raises:
        VenueError: the folder cannot be written to, the disk is full, the file there is of a newer format,
            others keep the venue locked, or it holds something that could not be read back.
    """
    _check_folder_name(venue.folder)
    text = HEADER + format_toml(make_document(venue))
    _check_values(text, folder=venue.folder)
    file = venue.folder / FILE_NAME
    with lock_venue(venue.folder):
        with _explain_os_errors(file):
            before = file.read_bytes() if file.exists() else None
        if before == text.encode("utf-8"):
            return
        if before is not None:
            _keep_former_file(before, folder=venue.folder)
        with _explain_os_errors(file):
            write_text_atomically(file, text)


def create_venue(
    folder: Path,
    exhibition: Exhibition,
    plan: FloorPlan,
    *,
    cameras: tuple[VenueCamera, ...] = (),
    geometry: FloorGeometry = DEFAULT_GEOMETRY,
    settings: VenueSettings | None = None,
) -> Venue:
    """Make the folder ``NAME.expoflow`` of a new venue and write its file; all of it, or nothing.

    Raises:
        VenueError: the name has another ending, something is there already, or it cannot be written.
    """
    folder = Path(os.path.abspath(folder))
    _check_folder_name(folder)
    if folder.exists():
        raise VenueError(
            "There is something at {folder} already.", "Choose another name.", folder=str(folder)
        )
    if not folder.parent.is_dir():
        raise VenueError(
            "There is no folder {parent} to put the venue into.",
            "Make that folder first, or choose another place.",
            parent=str(folder.parent),
        )
    venue = Venue(
        folder=folder,
        exhibition=exhibition,
        plan=plan,
        cameras=cameras,
        geometry_versions=(geometry,),
        settings=settings or VenueSettings(),
    )
    with _explain_os_errors(folder):
        folder.mkdir()
    try:
        write_venue(venue)
    except BaseException:
        with contextlib.suppress(OSError):
            (folder / LOCK_NAME).unlink(missing_ok=True)
            folder.rmdir()
        raise
    return venue


def _check_folder_name(folder: Path) -> None:
    if folder.suffix != FOLDER_SUFFIX or not folder.stem:
        raise VenueError(
            "'{name}' is not the name of a venue's folder.",
            "Name it like {example}.",
            name=folder.name,
            example=f"{folder.stem or 'hall'}{FOLDER_SUFFIX}",
        )


def _find_file(folder: Path) -> Path:
    if folder.name == FILE_NAME or not folder.exists():
        raise VenueError(
            "There is no venue {folder}.",
            "Give the folder of a venue; its name ends with {suffix}.",
            folder=str(folder),
            suffix=FOLDER_SUFFIX,
        )
    _check_folder_name(folder)
    file = folder / FILE_NAME
    if not file.is_file():
        raise VenueError(
            "{folder} is not a venue: it has no file {name}.",
            "Choose another folder, or put {name} back from a copy.",
            folder=str(folder),
            name=FILE_NAME,
        )
    return file


def _read_bytes(file: Path) -> bytes:
    with _explain_os_errors(file):
        return read_bounded(file)


def _parse(content: bytes, *, folder: Path) -> Venue:
    raw = _parse_toml(content, folder=folder)
    number = _read_format(raw, folder=folder)
    if number < CURRENT_FORMAT:
        raise VenueError(
            "{file} is in format {number}, from before the first release; "
            "this ExpoFlow reads format {current}.",
            "Create the venue again.",
            file=FILE_NAME,
            number=number,
            current=CURRENT_FORMAT,
        )
    try:
        return make_venue(VenueFile.model_validate(raw), folder=folder)
    except ValidationError as error:
        faults = describe_faults(error, raw, model=VenueFile, singulars=ENTRY_NAMES)
    except ExpoFlowError as error:
        raise _make_error(
            "{file}: {fault} {advice}",
            folder=folder,
            fault=Phrase(error.problem_template, error.details),
            advice=Phrase(error.remedy_template, error.details),
        ) from error
    raise _make_error("{file}: {faults}.", folder=folder, faults=faults)


def _check_values(text: str, *, folder: Path) -> None:
    """Refuse what could not be read back, by the field; the file that is there has no part in it."""
    raw = tomllib.loads(text)
    try:
        make_venue(VenueFile.model_validate(raw), folder=folder)
    except ValidationError as error:
        raise VenueError(
            "{faults}.",
            "Give another value; nothing was changed.",
            faults=describe_faults(error, raw, model=VenueFile, singulars=ENTRY_NAMES),
        ) from None
    except ExpoFlowError as error:
        raise VenueError(error.problem_template, error.remedy_template, **error.details) from error


def _parse_toml(content: bytes, *, folder: Path) -> RawDocument:
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        reason: str | Phrase = Phrase("it is not text in UTF-8")
    except tomllib.TOMLDecodeError as error:
        reason = str(error)
    except RecursionError:
        reason = Phrase("its brackets are nested too deeply")
    raise _make_error("{file} is damaged or cut off: {reason}.", folder=folder, reason=reason)


def _read_format(raw: RawDocument, *, folder: Path) -> int:
    number = raw.get("format")
    if type(number) is not int or number < 0:
        raise _make_error(
            "{file}: format: must be a whole number, such as {current}.",
            folder=folder,
            current=CURRENT_FORMAT,
        )
    if number > CURRENT_FORMAT:
        raise NewerFormatError(
            "{file} was written by a newer ExpoFlow (format {number}; this one knows up to {current}).",
            "Update ExpoFlow on this machine.",
            file=FILE_NAME,
            number=number,
            current=CURRENT_FORMAT,
        )
    return number


def _make_error(problem: str, *, folder: Path, **details: object) -> VenueError:
    return VenueError(
        problem,
        "Correct {path} with a text editor, or put a good copy in its place, such as {backup} beside it.",
        file=FILE_NAME,
        path=str(folder / FILE_NAME),
        backup=BACKUP_NAME,
        **details,
    )


def _keep_former_file(content: bytes, *, folder: Path) -> None:
    name = BACKUP_NAME
    try:
        number = _read_format(_parse_toml(content, folder=folder), folder=folder)
        if number < CURRENT_FORMAT:
            name = f"{FILE_NAME}.format{number}.bak"
        else:
            _parse(content, folder=folder)
    except NewerFormatError:
        raise
    except VenueError:
        name = DAMAGED_NAME
    with _explain_os_errors(folder / name):
        write_bytes_atomically(folder / name, content)


@contextlib.contextmanager
def _explain_os_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # the temporary file's name would mean nothing to the reader
        raise explain_error(VenueError, error, file=path) from error
