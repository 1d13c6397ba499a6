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
from analytics.store.history_folder import has_history
from analytics.visitors.false_positives.corrections import NO_CORRECTIONS, Corrections
from vision.calibration.camera_fit import fit_camera
from vision.sources.frame_source import SourceAddress, SourceKind

if TYPE_CHECKING:
    from analytics.reports.visitor_names import VisitorNames


FOLDER_SUFFIX = ".expoflow"
DEFAULT_GEOMETRY = FloorGeometry()
_KINDS_IN_FILES = (SourceKind.VIDEO, SourceKind.IMAGES, SourceKind.RENDERED)


class WhenClosing(StrEnum):
    """What becomes of a recording when its window is closed."""

    ASK = "ask"
    KEEP_RECORDING = "keep_recording"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class VenueSettings:
    """How this venue is analysed, unless a command says otherwise.

    Attributes:
        model_name: weights by their name in the catalogue, or a file.
        device: what they run on, ``auto`` for the best there is.
        analysed_fps: frames a second of a camera that names no rate of its own.
        tracks_kept_days: older tracks are deleted, and what was counted from them is kept; 0: none are.
        tracks_most_gb: the oldest tracks are deleted while all take more than so many GB; 0: none are.
        when_closing: what becomes of the recording when its window is closed.
    """

    model_name: str = "yolo26n"
    device: str = "auto"
    analysed_fps: float = 5.0
    tracks_kept_days: float = 90.0
    tracks_most_gb: float = 0.0
    when_closing: WhenClosing = WhenClosing.ASK


@dataclass(frozen=True, slots=True)
class VenueCamera:
    """A camera and where its pictures come from; ``address`` never holds a password."""

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
    """All that a venue's folder says of the venue, except what was observed in it.

    Attributes:
        folder: ``NAME.expoflow``.
        geometry_versions: in the order of time; at most the first has no beginning.
        corrections: what somebody decided about the tracks; held for the whole history.
        planned_cameras: cameras that are not there yet, to see what they would see.
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
        beginnings = [_beginning(geometry) for geometry in self.geometry_versions]
        if beginnings != sorted(set(beginnings)):
            raise VenueError(
                "Two versions of the zones begin at the same time, or they are not in the order of time.",
                "Give every version its own 'valid_from', the earliest first.",
            )

    @property
    def name(self) -> str:
        """The folder's name without its ending."""
        return self.folder.name.removesuffix(FOLDER_SUFFIX)

    @property
    def events_file(self) -> Path:
        """The database of what was observed."""
        return self.folder / "events.sqlite"

    @property
    def has_history(self) -> bool:
        """Whether there is anything to read, be it that its database is lost: who reads it says so."""
        return has_history(self.folder)

    @property
    def tracks_folder(self) -> Path:
        """The archive of track points."""
        return self.folder / "tracks"

    @property
    def views_folder(self) -> Path:
        """What the cameras' calibrated views are recognised by: points, no pictures."""
        return self.folder / "views"

    @property
    def plan_picture_file(self) -> Path | None:
        """The picture of the plan, if it has one."""
        return self.folder / self.plan.picture.file_name if self.plan.picture else None

    @property
    def camera_names(self) -> tuple[CameraId, ...]:
        """The cameras' names in their order."""
        return tuple(camera.name for camera in self.cameras)

    def camera(self, name: str) -> VenueCamera:
        """The camera of this name.

        Raises:
            VenueError: there is none; names those that there are.
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
        """Where a camera's pictures come from, without a password; a relative path is one in the folder.

        Raises:
            VenueError: there is no such camera.
        """
        address = self.camera(name).address
        if address is None or address.kind not in _KINDS_IN_FILES:
            return address
        return dataclasses.replace(address, location=str(self.folder / address.location))

    def camera_geometry(self, name: str) -> CameraGeometry | None:
        """How a camera's pixels become metres, in its own frame size; None while it has no pairs.

        Raises:
            VenueError: there is no such camera.
            CalibrationError: its pairs give no homography.
        """
        camera = self.camera(name).camera
        return _fit_geometry(camera) if camera.pairs else None

    def geometry_at(self, time_utc_s: float | None) -> FloorGeometry:
        """The zones and lines that held at a moment; None, a recording without a date, means the newest.

        Before the first version nothing was counted, so that it has neither zones nor lines.
        """
        if time_utc_s is None:
            return self.geometry_versions[-1] if self.geometry_versions else DEFAULT_GEOMETRY
        held = [g for g in self.geometry_versions if _beginning(g) <= time_utc_s]
        return held[-1] if held else DEFAULT_GEOMETRY

    def geometries_between(
        self, start_utc_s: float, end_utc_s: float
    ) -> Iterator[tuple[FloorGeometry, float, float]]:
        """The versions that held in a period, each with its own part of it, in the order of time."""
        ends = [_beginning(g) for g in self.geometry_versions[1:]] + [float("inf")]
        for geometry, end in zip(self.geometry_versions, ends, strict=False):
            held_from, held_until = max(start_utc_s, _beginning(geometry)), min(end_utc_s, end)
            if held_from < held_until:
                yield geometry, held_from, held_until

    def targets_of(self, zone: str) -> ZoneTargets:
        """What is wanted of a zone, or of the whole hall for an empty name; nothing where nobody has said."""
        found = (targets for targets in self.targets if targets.zone == zone)
        return next(found, ZoneTargets(ZoneId(zone)))

    def with_camera(self, camera: VenueCamera) -> Venue:
        """The venue with a camera added, or replaced if one has its name."""
        cameras = list(self.cameras)
        if camera.name in self.camera_names:
            cameras[self.camera_names.index(camera.name)] = camera
        else:
            cameras.append(camera)
        return dataclasses.replace(self, cameras=tuple(cameras))

    def with_geometry(self, geometry: FloorGeometry) -> Venue:
        """The venue with a version of its zones and lines added, or replaced if one begins when it does."""
        others = [g for g in self.geometry_versions if g.valid_from_utc_s != geometry.valid_from_utc_s]
        return dataclasses.replace(self, geometry_versions=tuple(sorted([*others, geometry], key=_beginning)))


def _beginning(geometry: FloorGeometry) -> float:
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
    """Remembered, for every look at the floor asks for it and a fit takes tens of milliseconds."""
    return fit_camera(camera).geometry


def draw_names(venue: Venue, period_s: tuple[float, float]) -> VisitorNames:
    """Random names for one export or list of a period, start and end in seconds since the epoch."""
    # pandas takes longer to load than a window to appear
    from analytics.reports.visitor_names import VisitorNames

    return VisitorNames(venue.exhibition.closings_utc(*period_s))
