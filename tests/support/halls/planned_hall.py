"""Halls for the planner of cameras in which the right answer is known by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from analytics.domain.camera import Camera, PointPair
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle
from analytics.domain.identifiers import CameraId
from analytics.domain.planned_camera import PlannedCamera
from analytics.domain.zone import Zone
from app.core.document import Venue, VenueCamera
from app.coverage.camera_mounting import mount_planned
from tests.support.halls.builder import box, zone

__all__ = ["HALL", "box", "install", "make_planned_venue", "plan_camera", "zone"]
HALL = box(0.0, 0.0, 20.0, 12.0)


def plan_camera(
    name: str = "west",
    x_m: float = 0.0,
    y_m: float = 6.0,
    *,
    height_m: float = 4.0,
    tilt_deg: float = 30.0,
    heading_deg: float = 0.0,
    fov_deg: float = 90.0,
    size_wh: tuple[int, int] = (1920, 1080),
) -> PlannedCamera:
    return PlannedCamera(CameraId(name), x_m, y_m, height_m, tilt_deg, heading_deg, fov_deg, size_wh)


def install(camera: PlannedCamera, *, noise_px: Sequence[float] = (0.0,)) -> VenueCamera:
    """The same camera as if it had been hung and calibrated by eight exact points."""
    geometry = mount_planned(camera, hall=HALL).view.geometry
    cos, sin = math.cos(math.radians(camera.heading_deg)), math.sin(math.radians(camera.heading_deg))
    pairs = []
    for number, (ahead, left) in enumerate(
        [(4, -2), (4, 2), (6, -3), (6, 3), (9, -4), (9, 4), (12, -5), (12, 5)]
    ):
        x, y = camera.x_m + cos * ahead - sin * left, camera.y_m + sin * ahead + cos * left
        u, v = geometry.project_to_pixel(np.array([[x, y]]))[0]
        pairs.append(PointPair(float(u) + noise_px[number % len(noise_px)], float(v), x, y))
    return VenueCamera(Camera(camera.name, camera.frame_size_wh, tuple(pairs)))


def make_planned_venue(
    *,
    zones: Sequence[Zone] = (),
    obstacles: Sequence[Obstacle] = (),
    planned: Sequence[PlannedCamera] = (),
    cameras: Sequence[VenueCamera] = (),
    folder: Path = Path("planned.expoflow"),
) -> Venue:
    return Venue(
        folder=folder,
        exhibition=Exhibition("Planned fair", "Asia/Shanghai"),
        plan=FloorPlan(HALL, obstacles=tuple(obstacles)),
        cameras=tuple(cameras),
        geometry_versions=(FloorGeometry(tuple(zones)),),
        planned_cameras=tuple(planned),
    )
