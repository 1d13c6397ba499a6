"""The cameras that made a recording, and the floor that they saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError, Phrase, VenueError
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import CameraId
from analytics.visitors.false_positives.corrections import NO_CORRECTIONS, Corrections
from app.cameras.frame_sizes import FrameSizes
from app.core.calibration_csv import read_calibration
from app.core.document import Venue
from app.plan.geojson import read_floor_file
from vision.calibration.camera_fit import fit_camera

if TYPE_CHECKING:
    from analytics.metrics.coverage import CameraView


@dataclass(frozen=True, slots=True)
class RecordingScene:
    """Calibrated cameras, and their floor.

    Attributes:
        origin: the venue or file that names the cameras, for errors.
        corrections: manual corrections of the tracks.
        uncalibrated: further cameras, which cannot be analysed.
        venue_folder: folder of the cameras' venue; None: they come from files.
    """

    origin: str | Phrase
    cameras: tuple[Camera, ...]
    plan: FloorPlan
    geometry: FloorGeometry
    plan_picture: Path | None = None
    corrections: Corrections = NO_CORRECTIONS
    uncalibrated: tuple[CameraId, ...] = ()
    venue_folder: Path | None = None

    @property
    def camera_names(self) -> tuple[CameraId, ...]:
        """Names of the calibrated cameras in order."""
        return tuple(camera.name for camera in self.cameras)

    def choose_camera(self, requested: str | None) -> Camera:
        """Return the camera with this name, or the only one.

        Raises:
            VenueError: there is no camera of this name, or several and no name is given.
            CalibrationError: the camera is not calibrated.
        """
        names = self.camera_names + self.uncalibrated
        name = names[0] if requested is None and len(names) == 1 else requested
        if name in self.uncalibrated:
            raise CalibrationError(
                "Camera '{camera}' is not calibrated.",
                "Import at least four point pairs: python -m app venue import VENUE --calibration PAIRS.csv",
                camera=name,
            )
        for camera in self.cameras:
            if camera.name == name:
                return camera
        raise VenueError(
            "{where} has the cameras {names}; the one that made the recording is not specified."
            if requested is None
            else "{where} has no camera '{wanted}', only {names}.",
            "Specify it with --camera NAME.",
            where=self.origin,
            wanted=requested,
            names=", ".join(f"'{known}'" for known in names) or Phrase("none"),
        )

    def at_rate(self, analysed_fps: float | None) -> RecordingScene:
        """Return the scene with another limit of analysed frames per second; None: every frame."""
        cameras = tuple(replace(camera, analysed_fps=analysed_fps) for camera in self.cameras)
        return replace(self, cameras=cameras)

    def in_sizes(self, sizes: FrameSizes) -> RecordingScene:
        """Return the scene with pairs picked in pictures of these sizes; cameras without a size stay.

        Masks stay in place relative to the picture, whatever its size.

        Raises:
            CalibrationError: the pictures of a camera with masks have another aspect ratio.
        """
        cameras = tuple(
            camera.with_frame_size(sizes.get(camera.name, sizes.get(None))) for camera in self.cameras
        )
        return replace(self, cameras=cameras)

    def views(self, sizes_wh: Mapping[CameraId, tuple[int, int]]) -> tuple[CameraView, ...]:
        """Return the cameras' views; ``sizes_wh`` holds the frame sizes of the selected cameras."""
        from analytics.metrics.coverage import CameraView

        return tuple(
            CameraView(
                camera.name,
                fit_geometry(camera),
                camera.frame_size_wh or sizes_wh[camera.name],
                camera.unobserved,
            )
            for camera in self.cameras
            if camera.name in sizes_wh
        )


def fit_geometry(camera: Camera) -> CameraGeometry:
    """Return the geometry that converts a camera's pixels to metres, from its point pairs.

    Raises:
        CalibrationError: the pairs determine no homography.
    """
    return fit_camera(camera).geometry


def find_venue_scene(venue: Venue, *, start_utc_s: float | None) -> RecordingScene:
    """Return the scene of a recording by a venue's cameras, with the zones valid at its beginning."""
    geometry = venue.geometry_at(start_utc_s)
    calibrated = (entry.camera for entry in venue.cameras if entry.camera.pairs)
    return RecordingScene(
        origin=Phrase("The venue '{venue}'", {"venue": venue.name}),
        cameras=tuple(
            replace(camera, seats=geometry.seats, obstacles=venue.plan.occluders) for camera in calibrated
        ),
        plan=venue.plan,
        geometry=geometry,
        plan_picture=venue.plan_picture_file,
        corrections=venue.corrections,
        uncalibrated=tuple(entry.name for entry in venue.cameras if not entry.camera.pairs),
        venue_folder=venue.folder,
    )


def read_scene(zones: Path, calibration: Path) -> RecordingScene:
    """Read the scene of a recording from two files, without a venue; the plan is the area they cover.

    Raises:
        VenueError, GeometryError, CalibrationError: the fault of a file.
    """
    floor = read_floor_file(zones)
    geometry = floor.geometry
    pairs = read_calibration(calibration)
    points = [(pair.x_m, pair.y_m) for of_camera in pairs.values() for pair in of_camera]
    for zone in geometry.zones:
        points += zone.outline.points
    for line in geometry.lines:
        points += line.path.points
    for obstacle in floor.obstacles:
        points += obstacle.outline.points
    left, bottom, right, top = shapely.MultiPoint(points).bounds
    outline = Polygon.from_points(
        [(left, bottom), (right, bottom), (right, top), (left, top)], what=Phrase("the plan")
    )
    plan = FloorPlan(outline, obstacles=floor.obstacles)
    return RecordingScene(
        origin=calibration.name,
        cameras=tuple(
            Camera(
                name,
                pairs=pairs[name],
                analysed_fps=None,
                seats=geometry.seats,
                obstacles=plan.occluders,
            )
            for name in pairs
        ),
        plan=plan,
        geometry=geometry,
    )
