"""A venue: one exhibition on one floor, its cameras, and the zones and lines of every period."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import Phrase, VenueError
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import CameraId, ZoneId
from analytics.domain.planned_camera import PlannedCamera
from analytics.domain.zone_targets import ZoneTargets
from analytics.store.history_folder import SERVER_NAME, has_history, read_server_mark
from analytics.visitors.false_positives.corrections import NO_CORRECTIONS, Corrections
from vision.calibration.camera_fit import fit_camera
from vision.detection.model_catalogue import SHIPPED_MODEL
from vision.sources.frame_source import SourceAddress

if TYPE_CHECKING:
    from analytics.results.visitor_names import VisitorNames


FOLDER_SUFFIX = ".expoflow"
MEMBERSHIP_FILE = "site.toml"
"""Record of the site that a machine's venue is in; `app.site` reads it."""
DEFAULT_GEOMETRY = FloorGeometry()
DEFAULT_HALL_M = (40.0, 25.0)
"""Width and depth of a new venue's hall until somebody enters them."""


def is_in_site(folder: Path) -> bool:
    """Return whether a venue is in a site: this machine's, or a hall's folder at the hub."""
    return (folder / MEMBERSHIP_FILE).exists() or (folder / SERVER_NAME).exists()


class CloseBehaviour(StrEnum):
    """The behaviour of a recording when its window is closed."""

    ASK = "ask"
    KEEP_RECORDING = "keep_recording"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class VenueSettings:
    """The analysis settings of a venue, unless a command overrides them.

    Attributes:
        model_name: name of the weights in the catalogue, or a file.
        device: processor to run on; ``auto`` for the best available.
        analysed_fps: frames per second of a camera without a rate of its own.
        tracks_kept_days: older tracks are deleted, results are kept; 0: no limit.
        tracks_most_gb: the oldest tracks are deleted above this size; 0: no limit.
        when_closing: what to do with the recording when its window is closed.
    """

    model_name: str = SHIPPED_MODEL
    device: str = "auto"
    analysed_fps: float = 5.0
    tracks_kept_days: float = 90.0
    tracks_most_gb: float = 0.0
    when_closing: CloseBehaviour = CloseBehaviour.ASK


@dataclass(frozen=True, slots=True)
class VenueCamera:
    """A camera and the source of its pictures; ``address`` never holds a password."""

    camera: Camera
    address: SourceAddress | None = None

    def __post_init__(self) -> None:
        if self.address is not None and self.address.password is not None:
            raise ValueError("a venue never holds a password; put it into the credential store")

    @property
    def name(self) -> CameraId:
        """The camera's name."""
        return self.camera.name


@dataclass(frozen=True, slots=True)
class Venue:
    """All data of a venue's folder except its observations.

    Attributes:
        folder: ``NAME.expoflow``.
        geometry_versions: in chronological order; only the first may have no start.
        corrections: manual decisions about tracks, for the whole history.
        planned_cameras: cameras not yet installed, to preview their coverage.
        targets: capacities and alarm rules of zones, and of the whole hall.
    """

    folder: Path
    exhibition: Exhibition
    plan: FloorPlan
    cameras: tuple[VenueCamera, ...] = ()
    geometry_versions: tuple[FloorGeometry, ...] = (DEFAULT_GEOMETRY,)
    settings: VenueSettings = field(default_factory=VenueSettings)
    corrections: Corrections = NO_CORRECTIONS
    planned_cameras: tuple[PlannedCamera, ...] = ()
    targets: tuple[ZoneTargets, ...] = ()

    def __post_init__(self) -> None:
        _require_unique((camera.name for camera in self.cameras), what="cameras")
        _require_unique((camera.name for camera in self.planned_cameras), what="planned cameras")
        _require_unique((targets.zone for targets in self.targets), what="targets")
        for geometry in self.geometry_versions:
            _require_unique((zone.name for zone in geometry.zones), what="zones")
            _require_unique((line.name for line in geometry.lines), what="lines")
        beginnings = [_start_key(geometry) for geometry in self.geometry_versions]
        if beginnings != sorted(set(beginnings)):
            raise VenueError(
                "Two layout versions start at the same time, or the versions are not in chronological order.",
                "Give every version a different 'valid_from', earliest first.",
            )

    @property
    def name(self) -> str:
        """The name of the site's hall, if the folder is the hub's; otherwise its own, without its suffix."""
        return str(read_server_mark(self.folder).get("hall", self.folder.name.removesuffix(FOLDER_SUFFIX)))

    def title(self, exhibition: str) -> str:
        """Return the exhibition's name, as shown, with that of the site's hall if the folder is the hub's."""
        return f"{exhibition} · {self.name}" if read_server_mark(self.folder) else exhibition

    @property
    def events_file(self) -> Path:
        """Path of the database of observations."""
        return self.folder / "events.sqlite"

    @property
    def has_history(self) -> bool:
        """True if there is a history; a lost database counts, so that its reader reports it."""
        return has_history(self.folder)

    @property
    def tracks_folder(self) -> Path:
        """Folder of the archived track points."""
        return self.folder / "tracks"

    @property
    def views_folder(self) -> Path:
        """Folder of the reference features of the cameras' calibrated views: points, no pictures."""
        return self.folder / "views"

    @property
    def plan_picture_file(self) -> Path | None:
        """Path of the plan's picture, if there is one."""
        return self.folder / self.plan.picture.file_name if self.plan.picture else None

    @property
    def camera_names(self) -> tuple[CameraId, ...]:
        """The cameras' names in order."""
        return tuple(camera.name for camera in self.cameras)

    def camera(self, name: str) -> VenueCamera:
        """Return the camera of this name.

        Raises:
            VenueError: there is none; the error lists the existing ones.
        """
        for camera in self.cameras:
            if camera.name == name:
                return camera
        raise VenueError(
            "The venue '{venue}' has no camera '{name}'.",
            "Its cameras are: {names}.",
            venue=self.name,
            name=name,
            names=", ".join(f"'{known}'" for known in self.camera_names) or Phrase("none yet"),
        )

    def address_of(self, name: str) -> SourceAddress | None:
        """Return a camera's source address without a password; relative paths are resolved in the folder.

        Raises:
            VenueError: there is no such camera.
        """
        address = self.camera(name).address
        if address is None or not address.kind.is_file:
            return address
        return dataclasses.replace(address, location=str(self.folder / address.location))

    def camera_geometry(self, name: str) -> CameraGeometry | None:
        """Return a camera's calibration in its own frame size; None while it has no point pairs.

        Raises:
            VenueError: there is no such camera.
            CalibrationError: its pairs give no homography.
        """
        camera = self.camera(name).camera
        return _fit_geometry(camera) if camera.pairs else None

    def geometry_at(self, time_utc_s: float | None) -> FloorGeometry:
        """Return the zones and lines in force at a time; None (a recording without a date) means the newest.

        Before the first version there are no zones and lines.
        """
        if time_utc_s is None:
            return self.geometry_versions[-1] if self.geometry_versions else DEFAULT_GEOMETRY
        in_force = [g for g in self.geometry_versions if _start_key(g) <= time_utc_s]
        return in_force[-1] if in_force else DEFAULT_GEOMETRY

    def geometries_between(
        self, start_utc_s: float, end_utc_s: float
    ) -> Iterator[tuple[FloorGeometry, float, float]]:
        """Return the layout versions in force in a period in time order, each with its part of the period."""
        ends = [_start_key(g) for g in self.geometry_versions[1:]] + [float("inf")]
        for geometry, end in zip(self.geometry_versions, ends, strict=False):
            start_s, end_s = max(start_utc_s, _start_key(geometry)), min(end_utc_s, end)
            if start_s < end_s:
                yield geometry, start_s, end_s

    def targets_of(self, zone: str) -> ZoneTargets:
        """Return the targets of a zone, or of the whole hall for an empty name; empty if none are set."""
        found = (targets for targets in self.targets if targets.zone == zone)
        return next(found, ZoneTargets(ZoneId(zone)))

    def with_camera(self, camera: VenueCamera) -> Venue:
        """Return the venue with a camera added, or replaced if one has its name."""
        cameras = list(self.cameras)
        if camera.name in self.camera_names:
            cameras[self.camera_names.index(camera.name)] = camera
        else:
            cameras.append(camera)
        return dataclasses.replace(self, cameras=tuple(cameras))

    def with_geometry(self, geometry: FloorGeometry) -> Venue:
        """Return the venue with a layout version added, or replaced if one starts at the same time."""
        others = [g for g in self.geometry_versions if g.valid_from_utc_s != geometry.valid_from_utc_s]
        return dataclasses.replace(self, geometry_versions=tuple(sorted([*others, geometry], key=_start_key)))


def _start_key(geometry: FloorGeometry) -> float:
    return float("-inf") if geometry.valid_from_utc_s is None else geometry.valid_from_utc_s


def _require_unique(names: Iterable[str], *, what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise VenueError(
                "Two {what} have the name '{name}'.", "Rename one of them.", what=Phrase(what), name=name
            )
        seen.add(name)


@lru_cache(maxsize=256)
def _fit_geometry(camera: Camera) -> CameraGeometry:
    """Return the camera's geometry, cached: it is requested often and a fit takes tens of milliseconds."""
    return fit_camera(camera).geometry


def check_zone_names(names: Iterable[str], geometries: Iterable[FloorGeometry]) -> None:
    """Check that each name is that of a zone.

    Raises:
        VenueError: there is no such zone.
    """
    known = {str(zone.name) for geometry in geometries for zone in geometry.zones}
    for name in names:
        if name not in known:
            raise VenueError(
                "There is no zone '{name}'.",
                "Choose one of: {names}.",
                name=name,
                names=", ".join(sorted(known)) or "–",
            )


def make_visitor_names(venue: Venue, period_s: tuple[float, float]) -> VisitorNames:
    """Return random names for one export or list of a period, start and end in seconds since the epoch."""
    # imported late: loading pandas takes longer than opening the window
    from analytics.results.visitor_names import VisitorNames

    return VisitorNames(venue.exhibition.closings_utc(*period_s))
