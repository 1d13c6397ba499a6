"""Changes to a venue's folder, one function for each intent of an installer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import SourceError
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import CameraId
from app.access.audit_witness import forget_head
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.core.credentials import Credential, CredentialStore, make_credential_key
from app.core.document import Venue, VenueCamera, WhenClosing
from app.core.file_format import create_venue, read_venue, write_venue
from app.core.file_schema import holds_credentials
from app.core.shared_credentials import use_shared
from vision.calibration.camera_fit import fit_camera
from vision.sources.frame_source import SourceKind
from vision.sources.source_address import parse_source


def create_hall(folder: Path, *, name: str, time_zone: str, size_m: tuple[float, float]) -> Venue:
    """A new venue with an empty rectangular hall.

    Args:
        size_m: width and depth in metres.

    Raises:
        VenueError: the folder exists, is misnamed, or the time zone is unknown.
        GeometryError: the hall has no area.
    """
    width, depth = size_m
    outline = Polygon.from_points([(0, 0), (width, 0), (width, depth), (0, depth)], what="the hall")
    venue = create_venue(folder, Exhibition(name, time_zone), FloorPlan(outline))
    forget_head(venue.folder)
    return venue


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
    """Add a camera, or change the one of that name; its password goes to the credential store alone.

    Args:
        shared_credential: name of a credential that several cameras share, in place of user and password.
        transport: for RTSP, ``tcp`` or ``udp``.

    Raises:
        VenueError, SourceError, CredentialError: what cannot be used or kept.
    """
    venue = read_venue(folder)
    source = replace(parse_source(address), transport=transport)
    if source.kind in (SourceKind.VIDEO, SourceKind.IMAGES, SourceKind.RENDERED):
        # a relative path in the venue's file is one in the venue's folder, this one is where the person is
        source = replace(source, location=str(Path(source.location).absolute()))
    if holds_credentials(source.location):
        raise SourceError(
            "The address of camera '{camera}' holds a user name or password.",
            "Take them out of the address, and enter them by themselves.",
            camera=name,
        )
    user, password = user or source.user, password or source.password
    if shared_credential is not None:
        user = password = None
    if password and not user:
        raise SourceError(
            "Camera '{camera}' has a password but no user name.", "Give --user NAME.", camera=name
        )
    new = Camera(CameraId(name), analysed_fps=venue.settings.analysed_fps)
    known = venue.camera(name).camera if name in venue.camera_names else new
    camera = replace(
        known.with_frame_size(frame_size_wh),
        analysed_fps=analysed_fps or known.analysed_fps,
    )
    changed = venue.with_camera(VenueCamera(camera, replace(source, user=user, password=None)))
    if shared_credential is not None:
        use_shared(make_credential_key(source, camera=name), shared_credential, store=credentials)
    elif user and password:
        credentials.store(make_credential_key(source, camera=name), Credential(user, password))
    write_venue(changed)
    return changed


@changes_venue(Permission.CHANGE_SETTINGS, "model chosen")
def choose_model(folder: Path, name: str) -> Venue:
    """Let a network of this machine find the people of a venue, from the next start of its recording.

    Raises:
        VenueError: the folder cannot be read or written.
    """
    venue = read_venue(folder)
    changed = replace(venue, settings=replace(venue.settings, model_name=name))
    write_venue(changed)
    return changed


@changes_venue(Permission.CHANGE_SETTINGS, "closing of the window changed")
def choose_when_closing(folder: Path, choice: WhenClosing) -> Venue:
    """Change what becomes of a venue's recording when its window is closed, from now on.

    Raises:
        VenueError: the folder cannot be read or written.
    """
    venue = read_venue(folder)
    changed = replace(venue, settings=replace(venue.settings, when_closing=choice))
    write_venue(changed)
    return changed


@changes_venue(Permission.EDIT_PLAN, "zones imported")
def import_geometry(folder: Path, geometry: FloorGeometry, *, valid_from_utc_s: float | None) -> Venue:
    """Let other zones and lines hold from a moment on; None: they are the venue's first.

    Raises:
        VenueError: the folder cannot be read or written.
    """
    venue = read_venue(folder).with_geometry(replace(geometry, valid_from_utc_s=valid_from_utc_s))
    write_venue(venue)
    return venue


@changes_venue(Permission.EDIT_CAMERAS, "calibration imported")
def import_calibration(folder: Path, pairs: Mapping[CameraId, Sequence[PointPair]]) -> dict[CameraId, float]:
    """Give cameras their point pairs; returns each camera's root mean square error on the floor, metres.

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
