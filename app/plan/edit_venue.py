"""Changes to a venue's folder, one function for each task of an installer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import SourceError, VenueError
from analytics.domain.exhibition import Exhibition, OpeningHours
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle
from analytics.domain.identifiers import CameraId
from app.access.guard import changes_venue, doing
from app.access.roles import Permission
from app.core.calibration_csv import read_calibration, write_calibration
from app.core.credentials import Credential, CredentialStore, make_credential_key, use_shared
from app.core.document import CloseBehaviour, Venue, VenueCamera
from app.core.file_format import create_venue, read_venue, write_venue
from app.core.file_schema import holds_credentials
from app.plan.geojson import FloorFile, read_floor_file, write_floor_geojson
from vision.calibration.camera_fit import fit_camera
from vision.sources.source_address import parse_source

Pairs = Mapping[CameraId, Sequence[PointPair]]


@dataclass(frozen=True, slots=True)
class CheckedPairs:
    """Point pairs that give a homography for every camera of a file.

    Attributes:
        rms_m: root mean square error of each camera on the floor, metres.
    """

    pairs: dict[CameraId, tuple[PointPair, ...]]
    rms_m: dict[CameraId, float]


def check_zones(file: Path) -> FloorFile:
    """Read the zones, lines and obstacles of a GeoJSON file without changing the venue.

    Raises:
        VenueError: it cannot be read, holds no zones or lines, or a feature is none; names the feature.
    """
    found = read_floor_file(file)
    if not found.geometry.zones and not found.geometry.lines:
        raise VenueError(
            "{file} contains no zones or lines.", "Export it again with its features.", file=file.name
        )
    return found


def check_pairs(venue: Venue, file: Path) -> CheckedPairs:
    """Read the point pairs of a CSV file and check their fit with each camera's lens; nothing is changed.

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
def apply_zones(folder: Path, new: FloorFile, *, from_utc_s: float | None) -> Venue:
    """Put new zones and lines into force; obstacles, if there are any, replace those of the plan.

    Args:
        from_utc_s: from then on, seconds since the epoch; None: in the place of the newest ones, since these
            began to hold.

    Raises:
        VenueError: the folder cannot be read or written.
    """
    venue = read_venue(folder)
    since_s = venue.geometry_at(None).valid_from_utc_s if from_utc_s is None else from_utc_s
    return _write(_take_floor(venue, new, valid_from_utc_s=since_s))


def _take_floor(venue: Venue, new: FloorFile, *, valid_from_utc_s: float | None) -> Venue:
    plan = replace(venue.plan, obstacles=new.obstacles or venue.plan.obstacles)
    return replace(venue, plan=plan).with_geometry(replace(new.geometry, valid_from_utc_s=valid_from_utc_s))


@changes_venue(Permission.EDIT_PLAN, "zones restored")
def restore_zones(
    folder: Path, versions: tuple[FloorGeometry, ...], obstacles: tuple[Obstacle, ...]
) -> Venue:
    """Restore former versions of zones and lines, and the obstacles of then.

    Raises:
        VenueError: the folder cannot be read or written.
    """
    venue = read_venue(folder)
    return _write(replace(venue, geometry_versions=versions, plan=replace(venue.plan, obstacles=obstacles)))


@changes_venue(Permission.EDIT_CAMERAS, "calibration imported")
def apply_pairs(folder: Path, pairs: Pairs) -> Venue:
    """Store the point pairs of cameras.

    Raises:
        VenueError: a camera is unknown, or the folder cannot be read or written.
        CalibrationError: pairs that give no homography; nothing was changed.
    """
    import_calibration(folder, pairs)
    return read_venue(folder)


@changes_venue(Permission.EDIT_CAMERAS, "calibration restored")
def restore_pairs(folder: Path, former: Sequence[Camera]) -> Venue:
    """Restore the former pairs of cameras, which may be none.

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


def create_hall(
    folder: Path,
    *,
    name: str,
    time_zone: str,
    size_m: tuple[float, float],
    opening_hours: tuple[OpeningHours, ...] = (),
) -> Venue:
    """Create a venue with an empty rectangular hall.

    Args:
        size_m: width and depth in metres.
        opening_hours: none while they are not known.

    Raises:
        VenueError: the folder exists, is misnamed, or the time zone is unknown.
        GeometryError: the hall has no area.
    """
    width, depth = size_m
    outline = Polygon.from_points([(0, 0), (width, 0), (width, depth), (0, depth)], what="the hall")
    return create_venue(folder, Exhibition(name, time_zone, opening_hours), FloorPlan(outline))


@changes_venue(Permission.EDIT_CAMERAS, "camera saved", lambda *, name, **_: {"camera": name})
def add_camera(
    folder: Path,
    *,
    name: str,
    address: str,
    user: str | None,
    password: str | None,
    frame_size_wh: tuple[int, int] | None,
    analysed_fps: float | None,
    credentials: CredentialStore,
    shared_credential: str | None = None,
    transport: str = "tcp",
) -> Venue:
    """Add or update a camera; its password is stored only in the credential store.

    Args:
        shared_credential: name of a credential that several cameras share, in place of user and password.
        transport: for RTSP, ``tcp`` or ``udp``.

    Raises:
        VenueError, SourceError, CredentialError: what cannot be used or kept.
    """
    venue = read_venue(folder)
    source = replace(parse_source(address), transport=transport)
    if source.kind.is_file:
        # a relative path in the venue's file is one in the venue's folder, this one is where the person is
        source = replace(source, location=str(Path(source.location).absolute()))
    if holds_credentials(source.location):
        raise SourceError(
            "The address of camera '{camera}' contains a user name or password.",
            "Remove them from the address, and enter them separately.",
            camera=name,
        )
    user, password = user or source.user, password or source.password
    if shared_credential is not None:
        user = password = None
    if password and not user:
        raise SourceError(
            "Camera '{camera}' has a password but no user name.", "Add --user NAME.", camera=name
        )
    new = Camera(CameraId(name), analysed_fps=venue.settings.analysed_fps)
    known = venue.camera(name).camera if name in venue.camera_names else new
    camera = replace(known.with_frame_size(frame_size_wh), analysed_fps=analysed_fps or known.analysed_fps)
    changed = venue.with_camera(VenueCamera(camera, replace(source, user=user, password=None)))
    if shared_credential is not None:
        use_shared(make_credential_key(source, camera=name), shared_credential, store=credentials)
    elif user and password:
        credentials.store(make_credential_key(source, camera=name), Credential(user, password))
    write_venue(changed)
    return changed


@changes_venue(Permission.CHANGE_SETTINGS, "model chosen")
def choose_model(folder: Path, name: str) -> Venue:
    """Set a venue's detection model, from the next start of its recording.

    Raises:
        VenueError: the folder cannot be read or written.
    """
    venue = read_venue(folder)
    changed = replace(venue, settings=replace(venue.settings, model_name=name))
    write_venue(changed)
    return changed


@changes_venue(Permission.CHANGE_SETTINGS, "closing of the window changed")
def choose_when_closing(folder: Path, choice: CloseBehaviour) -> Venue:
    """Set what happens to a running recording when its window is closed.

    Raises:
        VenueError: the folder cannot be read or written.
    """
    venue = read_venue(folder)
    changed = replace(venue, settings=replace(venue.settings, when_closing=choice))
    write_venue(changed)
    return changed


@changes_venue(Permission.EDIT_PLAN, "zones imported")
def import_geometry(folder: Path, new: FloorFile, *, valid_from_utc_s: float | None) -> Venue:
    """Put zones and lines into force from a given time; None: they are the venue's first.

    Obstacles, if there are any, replace those of the plan.

    Raises:
        VenueError: the folder cannot be read or written.
    """
    venue = _take_floor(read_venue(folder), new, valid_from_utc_s=valid_from_utc_s)
    write_venue(venue)
    return venue


@changes_venue(Permission.EDIT_CAMERAS, "calibration imported")
def import_calibration(folder: Path, pairs: Mapping[CameraId, Sequence[PointPair]]) -> dict[CameraId, float]:
    """Store the point pairs of cameras; return each camera's root mean square error on the floor, metres.

    Raises:
        VenueError: a camera is unknown, or the folder cannot be written.
        CalibrationError: pairs that give no homography; nothing was changed.
    """
    venue = read_venue(folder)
    errors_m = {}
    for name, camera_pairs in pairs.items():
        entry = venue.camera(name)
        camera = replace(entry.camera, pairs=tuple(camera_pairs), pair_sigma_px=None)
        errors_m[name] = fit_camera(camera).rms_m
        venue = venue.with_camera(replace(entry, camera=camera))
    write_venue(venue)
    return errors_m
