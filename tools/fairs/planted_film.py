"""The fair with facts built in as cameras see it: views that cover the floor, and a detector with errors."""

from __future__ import annotations

import math

import numpy as np

from analytics.domain.identifiers import CameraId
from tools.fairs.fair_hall import FairHall
from tools.scenes.scene_cameras import FrameTiming, SceneCamera, film_crowd, measure_pairs
from tools.scenes.scenes import FRAME_SIZE_WH, SyntheticScene, draw_bodies
from tools.simulation.crowd.visitor_paths import VisitorPaths
from tools.simulation.detector_simulation import DetectorErrors
from tools.simulation.pinhole_camera import PinholeCamera

HEIGHT_M = 6.0
_TILT_DEG, _FOV_DEG = 55.0, 90.0
_APART_M = 11.0
"""Along an aisle: each camera sees from under itself to 12 m ahead."""
_PAIR_OFFSETS_M = (
    (2.0, -3.0),
    (2.0, 3.0),
    (5.0, -4.0),
    (5.0, 4.0),
    (8.0, -4.0),
    (8.0, 4.0),
    (4.0, 0.0),
    (9.5, 0.0),
)
"""Ahead of a camera and to its left."""


def hang_cameras(hall: FairHall, *, seed: int) -> tuple[SceneCamera, ...]:
    """Rows of cameras over the aisles that look east, calibrated by hand."""
    cameras = []
    for row, y_m in enumerate(hall.aisle_y_m):
        for column, x_m in enumerate(np.arange(0.3, hall.size_m[0] - 3.0, _APART_M).tolist()):
            view = PinholeCamera(
                (x_m, y_m, HEIGHT_M), 0.0, math.radians(_TILT_DEG), math.radians(_FOV_DEG), FRAME_SIZE_WH
            )
            points = [(x_m + ahead, y_m + left) for ahead, left in _PAIR_OFFSETS_M]
            rng = np.random.default_rng([seed, 6, row, column])
            pairs = measure_pairs(view=view, points_m=points, rng=rng)
            cameras.append(SceneCamera(CameraId(f"cam{row + 1}{column + 1}"), view, pairs))
    return tuple(cameras)


def film_hall(*, hall: FairHall, paths: VisitorPaths, seed: int, fps: float) -> SyntheticScene:
    """What the cameras' detectors report of a crowd; the same arguments give the same detections."""
    bodies = draw_bodies(paths, seed)
    cameras = hang_cameras(hall, seed=seed)
    geometry = hall.make_geometry()
    detections = tuple(
        film_crowd(
            paths=paths,
            camera=camera,
            furniture=hall.furniture,
            banners_m=(),
            fps=fps,
            timing=FrameTiming(),
            errors=DetectorErrors(),
            height_m=bodies.height_m,
            half_width_m=bodies.half_width_m,
            seed=seed,
        )
        for camera in cameras
    )
    return SyntheticScene("fair", seed, paths, bodies, geometry.zones, geometry.lines, cameras, detections)
