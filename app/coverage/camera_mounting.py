"""The mounting of installed and planned cameras, and its effect on their pictures."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError, Phrase
from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import CameraId
from analytics.domain.lens import PictureLens
from analytics.domain.planned_camera import PlannedCamera
from analytics.domain.position_uncertainty import PositionUncertainty
from analytics.metrics.coverage import CameraView
from app.core.check_results import CheckResult, Topic, Verdict
from app.core.document import Venue, VenueCamera
from vision.calibration.camera_fit import fit_camera
from vision.calibration.camera_pose import CameraPose, compute_focal_px
from vision.calibration.click_noise import PRIOR_NOISE
from vision.calibration.fit_deviations import find_deviations
from vision.tracking.floor_view import FloorView
from vision.tracking.vertical_direction import find_vertical

MIN_TRUSTED_M = 3.5
"""In simulated halls a camera at 3 m takes a visitor for two, one at 4.5 m hardly ever (docs/accuracy.md);
4 m is asked for, and half a metre less is what a calibration may err by."""


def check_mountings(venue: Venue) -> Iterator[CheckResult]:
    """Check how calibrated cameras are mounted, as far as their calibrations show."""
    for camera in venue.cameras:
        mounted = mount_installed(camera)
        if mounted is None or mounted.mounting is None:
            continue
        height_m = mounted.mounting.pose.height_m
        if height_m < MIN_TRUSTED_M:
            yield CheckResult(
                "camera-hangs-low",
                Topic.CAMERAS,
                Verdict.WARNING,
                Phrase("camera {name}", {"name": mounted.name}),
                Phrase(
                    "it is mounted only about {height_m} m high, so that people hide each other: "
                    "visits and mean dwell times are nearly right, but one visitor often counts as "
                    "two",
                    {"height_m": f"{height_m:.1f}"},
                ),
                Phrase("Mount it at 4 m or higher, tilted down by 25° or more, and calibrate it again."),
                name=mounted.name,
            )


PLANNED_PAIRS = 8
"""Number of assumed calibration points of a planned camera, on the border of its visible floor."""
_SAMPLES = 48
"""Pixels that are sampled along each side of the picture to find that border."""


@dataclass(frozen=True, slots=True)
class Mounting:
    """The mounting of a camera.

    Attributes:
        focal_px: of the straightened picture.
        lens: None without distortion.
    """

    pose: CameraPose
    focal_px: float
    size_wh: tuple[int, int]
    lens: PictureLens | None = None

    def make_geometry(self) -> CameraGeometry:
        """Return the error-free mapping from pixels to the floor."""
        matrix = self.pose.compute_floor_matrix(self.focal_px, _centre_px(self.size_wh))
        return CameraGeometry(matrix, lens=self.lens)


@dataclass(frozen=True, slots=True, eq=False)
class MountedCamera:
    """A camera with its mapping to the floor and the uncertainty of it.

    Attributes:
        mounting: None if the calibration does not determine it (looking straight down, for example).
        vertical: shape (3,), the image of the vertical: a point h metres above the floor point X is at
            G X + h p with G the inverse of ``view.geometry.floor_from_pixel``; None as the mounting.
        uncertainty: of its calibration, or of the expected one of a planned camera; None if unknown.
    """

    view: CameraView
    mounting: Mounting | None
    vertical: FloatArray | None
    uncertainty: PositionUncertainty | None
    is_planned: bool = False

    @property
    def name(self) -> str:
        """Camera name."""
        return str(self.view.camera)

    def moved_to(self, pose: CameraPose, *, hall: Polygon) -> MountedCamera:
        """Return the camera mounted elsewhere and calibrated again there.

        Raises:
            ValueError: it is not known how it hangs now.
        """
        if self.mounting is None:
            raise ValueError(f"the mounting of {self.name} is not known")
        mounting = dataclasses.replace(self.mounting, pose=pose)
        return _mount(self.view.camera, mounting, mask=self.view.mask, hall=hall, is_planned=self.is_planned)


def list_mounted_cameras(venue: Venue) -> tuple[MountedCamera, ...]:
    """Return every calibrated camera of a venue, then every planned one, each list in its order.

    Cameras of which nothing is known on the floor are left out, and so are plans that have come true: those
    of a calibrated camera of the same name.
    """
    installed = [camera for camera in map(mount_installed, venue.cameras) if camera is not None]
    known, hall = {camera.name for camera in installed}, venue.plan.outline
    planned = [mount_planned(c, hall=hall) for c in venue.planned_cameras if str(c.name) not in known]
    return (*installed, *planned)


def mount_planned(camera: PlannedCamera, *, hall: Polygon) -> MountedCamera:
    """Return a planned camera, as if calibrated by hand at the border of its visible floor."""
    pose = CameraPose(
        height_m=camera.height_m,
        tilt_rad=math.radians(camera.tilt_deg),
        heading_rad=math.radians(camera.heading_deg),
        x_m=camera.x_m,
        y_m=camera.y_m,
    )
    focal_px = compute_focal_px(math.radians(camera.horizontal_fov_deg), camera.frame_size_wh)
    mounting = Mounting(pose, focal_px, camera.frame_size_wh)
    return _mount(camera.name, mounting, mask=(), hall=hall, is_planned=True)


def mount_installed(entry: VenueCamera) -> MountedCamera | None:
    """Return a calibrated camera of a venue; None if its calibration or picture size is unknown."""
    camera = entry.camera
    if not camera.pairs or camera.frame_size_wh is None:
        return None
    try:
        fit = fit_camera(camera)
    except CalibrationError:
        return None
    view = CameraView(entry.name, fit.geometry, camera.frame_size_wh, camera.unobserved)
    vertical = find_vertical(FloorView(fit.geometry, camera.frame_size_wh))
    mounting = None if vertical is None else derive_mounting(fit.geometry, vertical, camera.frame_size_wh)
    return MountedCamera(view, mounting, None if mounting is None else vertical, fit.uncertainty)


def derive_mounting(
    geometry: CameraGeometry, vertical: FloatArray, size_wh: tuple[int, int]
) -> Mounting | None:
    """Derive a camera's mounting from its calibration.

    The columns of the homography and the image of the vertical are K [r1 r2 r3] up to one scale, with square
    pixels and the principal point in the middle (Hartley and Zisserman, 6.2.4), and the camera's centre is
    what they map to nothing.

    Returns:
        None for a mirrored plan, or a camera under its floor.
    """
    pixel_from_floor = np.linalg.inv(geometry.floor_from_pixel)
    u, v = _centre_px(size_wh)
    to_centre = np.array([[1.0, 0.0, -u], [0.0, 1.0, -v], [0.0, 0.0, 1.0]])
    axes = to_centre @ np.column_stack([pixel_from_floor[:, :2], vertical])
    scale = float(np.linalg.norm(axes[2]))
    below = geometry.floor_from_pixel @ vertical
    if scale <= 0 or np.linalg.det(axes) <= 0 or below[2] >= 0:
        return None
    right, forward = axes[0] / np.linalg.norm(axes[0]), axes[2] / scale
    tilt = math.asin(float(np.clip(-forward[2], -1.0, 1.0)))
    heading = math.atan2(float(forward[1]), float(forward[0]))
    level = CameraPose(1.0, tilt, 0.0, heading).rotation
    roll = math.atan2(float(right @ level[1]), float(right @ level[0]))
    pose = CameraPose(
        height_m=float(-1 / below[2]),
        tilt_rad=tilt,
        roll_rad=roll,
        heading_rad=heading,
        x_m=float(below[0] / below[2]),
        y_m=float(below[1] / below[2]),
    )
    return Mounting(pose, float(np.linalg.norm(axes[0])) / scale, size_wh, geometry.lens)


def _mount(
    name: CameraId,
    mounting: Mounting,
    *,
    mask: tuple[tuple[tuple[float, float], ...], ...],
    hall: Polygon,
    is_planned: bool,
) -> MountedCamera:
    geometry = mounting.make_geometry()
    intrinsics = np.array(
        [
            [mounting.focal_px, 0.0, _centre_px(mounting.size_wh)[0]],
            [0.0, mounting.focal_px, _centre_px(mounting.size_wh)[1]],
            [0.0, 0.0, 1.0],
        ]
    )
    vertical: FloatArray = intrinsics @ mounting.pose.rotation[:, 2]
    return MountedCamera(
        CameraView(name, geometry, mounting.size_wh, mask),
        mounting,
        vertical,
        _expect_uncertainty(geometry, mounting.size_wh, hall),
        is_planned,
    )


def _expect_uncertainty(
    geometry: CameraGeometry, size_wh: tuple[int, int], hall: Polygon
) -> PositionUncertainty | None:
    """Return the expected uncertainty of a manual calibration; None if too little of the hall is visible."""
    u, v = np.meshgrid(np.linspace(0, size_wh[0], _SAMPLES), np.linspace(0, size_wh[1], _SAMPLES))
    pixels = np.column_stack([u.ravel(), v.ravel()])
    floor = geometry.project_to_floor(pixels)
    left, bottom, right, top = hall.to_shape().bounds
    with np.errstate(invalid="ignore"):
        is_in = (
            (floor[:, 0] >= left) & (floor[:, 0] <= right) & (floor[:, 1] >= bottom) & (floor[:, 1] <= top)
        )
    pixels, floor = pixels[is_in], floor[is_in]
    if len(pixels) < PLANNED_PAIRS:
        return None
    angles = np.arange(PLANNED_PAIRS) * 2 * math.pi / PLANNED_PAIRS + math.pi / PLANNED_PAIRS
    farthest = np.unique((pixels @ np.array([np.cos(angles), np.sin(angles)])).argmax(axis=0))
    if len(farthest) < 4:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        found = find_deviations(geometry, pixels[farthest], floor[farthest], noise=PRIOR_NOISE)
    return found if np.isfinite(found.matrix_deviations).all() else None


def _centre_px(size_wh: tuple[int, int]) -> tuple[float, float]:
    return size_wh[0] / 2, size_wh[1] / 2
