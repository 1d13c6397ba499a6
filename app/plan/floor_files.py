"""Zones, counting lines and point pairs from files into a venue and back, checked before anything changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import VenueError
from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.identifiers import CameraId
from app.access.guard import changes_venue, doing
from app.access.roles import Permission
from app.core.calibration_csv import read_calibration, write_calibration
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.plan.edit_venue import import_calibration
from app.plan.geojson import read_floor_geojson, write_floor_geojson
from vision.calibration.camera_fit import fit_camera

Pairs = Mapping[CameraId, Sequence[PointPair]]


@dataclass(frozen=True, slots=True)
class CheckedPairs:
    """Point pairs that give a homography for every camera of a file.

    Attributes:
        rms_m: root mean square error of each camera on the floor, metres.
    """

    pairs: dict[CameraId, tuple[PointPair, ...]]
    rms_m: dict[CameraId, float]


def check_zones(file: Path) -> FloorGeometry:
    """The zones and lines of a GeoJSON file; nothing is changed.

    Raises:
        VenueError: it cannot be read, holds none, or a feature is no zone or line; names the feature.
    """
    geometry = read_floor_geojson(file)
    if not geometry.zones and not geometry.lines:
        raise VenueError(
            "{file} holds neither a zone nor a line.", "Export it again, with its features.", file=file.name
        )
    return geometry


def check_pairs(venue: Venue, file: Path) -> CheckedPairs:
    """The point pairs of a CSV file, and how well they fit with each camera's lens; nothing is changed.

    Raises:
        VenueError: a camera is unknown.
        CalibrationError: it cannot be read, or a camera's pairs give no homography; names line or camera.
    """
    pairs = read_calibration(file)
    rms_m = {}
    for name, of_camera in pairs.items():
        rms_m[name] = fit_camera(
            replace(venue.camera(name).camera, pairs=of_camera, pair_sigma_px=None)
        ).rms_m
    return CheckedPairs(pairs, rms_m)


@changes_venue(Permission.EDIT_PLAN, "zones imported")
def take_zones(folder: Path, geometry: FloorGeometry, *, from_utc_s: float | None) -> Venue:
    """Let other zones and lines hold.

    Args:
        from_utc_s: from then on, seconds since the epoch; None: in the place of the newest ones, since these
            began to hold.

    Raises:
        VenueError: the folder cannot be read or written.
    """
    venue = read_venue(folder)
    since_s = venue.geometry_at(None).valid_from_utc_s if from_utc_s is None else from_utc_s
    return _write(venue.with_geometry(replace(geometry, valid_from_utc_s=since_s)))


@changes_venue(Permission.EDIT_PLAN, "zones restored")
def restore_zones(folder: Path, versions: tuple[FloorGeometry, ...]) -> Venue:
    """Let former zones and lines hold again, of every period.

    Raises:
        VenueError: the folder cannot be read or written.
    """
    return _write(replace(read_venue(folder), geometry_versions=versions))


@changes_venue(Permission.EDIT_CAMERAS, "calibration imported")
def take_pairs(folder: Path, pairs: Pairs) -> Venue:
    """Give cameras their point pairs.

    Raises:
        VenueError: a camera is unknown, or the folder cannot be read or written.
        CalibrationError: pairs that give no homography; nothing was changed.
    """
    import_calibration(folder, pairs)
    return read_venue(folder)


@changes_venue(Permission.EDIT_CAMERAS, "calibration restored")
def restore_pairs(folder: Path, former: Sequence[Camera]) -> Venue:
    """Give cameras back their former pairs, which may be none.

    Args:
        former: as they were; only their pairs are taken.

    Raises:
        VenueError: a camera is unknown, or the folder cannot be read or written.
    """
    venue = read_venue(folder)
    for was in former:
        entry = venue.camera(was.name)
        camera = replace(entry.camera, pairs=was.pairs, pair_sigma_px=was.pair_sigma_px)
        venue = venue.with_camera(replace(entry, camera=camera))
    return _write(venue)


def save_zones(venue: Venue, file: Path) -> None:
    """Write the newest zones and lines as GeoJSON.

    Raises:
        OutputError: the file cannot be written.
    """
    with doing(venue.folder, Permission.EDIT_PLAN, "zones exported", {"file": file.name}):
        write_floor_geojson(file, venue.geometry_at(None))


def save_pairs(venue: Venue, file: Path) -> None:
    """Write the point pairs of all calibrated cameras as CSV.

    Raises:
        OutputError: the file cannot be written.
    """
    with doing(venue.folder, Permission.EDIT_CAMERAS, "calibration exported", {"file": file.name}):
        write_calibration(file, {c.name: c.camera.pairs for c in venue.cameras if c.camera.pairs})


def _write(venue: Venue) -> Venue:
    write_venue(venue)
    return venue
