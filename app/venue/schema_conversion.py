"""Between the sections of ``venue.toml`` and the domain's objects, both ways."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from analytics.domain.camera import Camera, PixelPolygon, PointPair, check_pixel_polygon
from analytics.domain.errors import Phrase
from analytics.domain.exhibition import Exhibition, OpeningHours
from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle, PlanPicture
from analytics.domain.identifiers import CameraId, LineId, ZoneId
from analytics.domain.lens import Lens
from analytics.domain.planned_camera import PlannedCamera, check_planned_camera
from analytics.domain.zone import CountingLine, Zone
from analytics.visitors.corrections import Corrections, DecidedPlace
from app.venue.document import DEFAULT_GEOMETRY, Venue, VenueCamera, VenueSettings
from app.venue.file_schema import (
    CURRENT_FORMAT,
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
    VenueFile,
    ZoneEntry,
)
from app.venue.targets_conversion import describe_targets, make_targets
from vision.sources.frame_source import SourceAddress


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
