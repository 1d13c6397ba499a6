"""The demonstration's cameras, as they are and as *Coverage* advises, and the hall as they see it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely

from analytics.domain.camera import Camera
from analytics.domain.identifiers import CameraId
from tools.fairs.fair_hall import FairHall
from tools.scenes.scene_cameras import measure_pairs
from tools.simulation.crowd.exhibition_hall import ExhibitionLayout, Furniture
from tools.simulation.pinhole_camera import PinholeCamera

FRAME_SIZE_WH = (960, 540)
LIVE_FPS = 5.0
_HEIGHT_M, _TILT_DEG, _FOV_DEG = 6.0, 36.0, 86.0
_SOUTH_M = -2.0
"""They hang beyond the low southern partition, so that even the stands at it are in view."""
_PLACES_M = (("West", 6.3), ("Middle west", 19.4), ("Middle east", 32.4), ("East", 46.4))
_PROUD_M = 0.03
"""A counter stands out of its row so far, or their faces would flicker."""
_PAIR_STEP_M, _DOOR_PAIR_STEP_M = 3.0, 1.0
_MOST_PAIRS = 12


@dataclass(frozen=True, slots=True)
class DemoCamera:
    """A camera with its exact view."""

    name: CameraId
    view: PinholeCamera


_NORTH_M = 20.0
_ADVISED_HEIGHT_M, _ADVISED_TILT_DEG = 5.5, 37.0
_DOOR_X_M, _DOOR_HEIGHT_M, _DOOR_TILT_DEG = 6.5, 4.5, 60.0
"""Over the way from the doors, seen steeply: who comes in side by side does not hide each other there."""


def advise_cameras(hall: FairHall) -> tuple[DemoCamera, ...]:
    """Return ten cameras: four at each long side, which see from two sides, and one over each door."""
    sides = (("South", _SOUTH_M, math.pi / 2), ("North", _NORTH_M, -math.pi / 2))
    cameras = [
        _hang(f"{side} {place}", (x_m, y_m, _ADVISED_HEIGHT_M), heading_rad, _ADVISED_TILT_DEG)
        for side, y_m, heading_rad in sides
        for place, x_m in ((name.lower(), x_m) for name, x_m in _PLACES_M)
    ]
    cameras += [
        _hang(name, (_DOOR_X_M, door[1], _DOOR_HEIGHT_M), math.pi, _DOOR_TILT_DEG)
        for name, door in (("Entrance", hall.entrance), ("Exit", hall.exit))
    ]
    return tuple(cameras)


def _hang(name: str, at_m: tuple[float, float, float], heading_rad: float, tilt_deg: float) -> DemoCamera:
    view = PinholeCamera(at_m, heading_rad, math.radians(tilt_deg), math.radians(_FOV_DEG), FRAME_SIZE_WH)
    return DemoCamera(CameraId(f"{name} camera"), view)


DEMO_CAMERAS = tuple(
    _hang(name, (x_m, _SOUTH_M, _HEIGHT_M), math.pi / 2, _TILT_DEG) for name, x_m in _PLACES_M
)


def calibrate_camera(camera: DemoCamera, hall: FairHall, *, seed: int) -> Camera:
    """Return a camera calibrated by points that somebody measured on the floor, with the errors of a hand."""
    width, depth = hall.size_m
    blocked = shapely.union_all([shapely.box(*item.footprint) for item in hall.furniture])
    free = shapely.difference(shapely.box(0.3, 0.3, width - 0.3, depth - 0.3), blocked)
    step_m = _PAIR_STEP_M if camera.view.position_m[2] > _DOOR_HEIGHT_M else _DOOR_PAIR_STEP_M
    x, y = np.meshgrid(np.arange(1.0, width, step_m), np.arange(1.0, depth, step_m))
    points = np.column_stack([x.ravel(), y.ravel()])
    uv = camera.view.to_geometry().project_to_pixel(points)
    near_edge = np.minimum(uv, np.asarray(FRAME_SIZE_WH) - uv).min(axis=1)
    chosen = points[(near_edge > 15.0) & shapely.contains_xy(free, points)]
    rng = np.random.default_rng([seed, 6, *str(camera.name).encode()])
    kept = np.sort(rng.permutation(len(chosen))[:_MOST_PAIRS])
    places = [(float(px), float(py)) for px, py in chosen[kept]]
    pairs = measure_pairs(view=camera.view, points_m=places, rng=rng)
    return Camera(camera.name, FRAME_SIZE_WH, pairs, analysed_fps=LIVE_FPS)


def furnish_layout(hall: FairHall) -> ExhibitionLayout:
    """Return the hall for the renderer, with a counter in its own colours for every stand."""
    layout = hall.make_layout()
    height_m = hall.design.counter_height_m + _PROUD_M
    counters = []
    for stand in hall.booths:
        left, low, right, high = stand.stand.footprint
        proud = (left - _PROUD_M, low - _PROUD_M, right + _PROUD_M, high + _PROUD_M)
        counters.append(Furniture(stand.name, proud, height_m, stand.name))
    return ExhibitionLayout(layout.name, layout.hall, (*layout.furniture, *counters))
