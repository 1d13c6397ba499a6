"""What one camera sees of floor points: how large, how exactly, and how often somebody stands before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
import shapely

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.domain.camera_geometry import MEAN_HEIGHT_M
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import Obstacle
from app.coverage.camera_mounting import MountedCamera
from vision.tracking.floor_projection import FOOT_SIGMA_HEIGHTS, LARGEST_SIGMA_M

BODY_WIDTH_M = 0.5
"""Shoulders of an adult, as the simulated visitors have them: what is behind is hidden."""
PEOPLE_PER_M2 = 2.3 / 9.29
"""Exhibit Surveys 2007: 2.3 visitors on 100 square feet of net exhibit area, on average."""
NETWORK_WH = (640, 640)
"""What the official networks get; a picture that is larger is shrunk to fit."""
_FLAT = 1e-9
_FARTHEST_SHADOW = 1000.0
"""In heights of the camera: the shadow of what is as high as the camera ends beyond every wall."""


@dataclass(frozen=True, slots=True, eq=False)
class CoverageFigures:
    """Of one camera at n floor points; NaN where it does not see them, or where it is not known.

    Attributes:
        is_seen: shape (n,), as of ``CameraView.sees``, and so that a position is worth keeping.
        pixels_per_metre: shape (n,), of a metre of floor across the line of sight.
        person_px: shape (n,), how tall a standing person is in the picture as the detector gets it.
        error_m: shape (n,), root mean square error of a position: the calibration's and the feet's.
        strip_m: shape (n,), how far before the point a person hides the feet of one who stands there.
        towards: shape (n, 2), unit vectors to the place below the camera.
        is_blocked: shape (n,), the floor lies behind an obstacle.
    """

    is_seen: BoolArray
    pixels_per_metre: FloatArray
    person_px: FloatArray
    error_m: FloatArray
    strip_m: FloatArray
    towards: FloatArray
    is_blocked: BoolArray

    def part(self, rows: slice) -> CoverageFigures:
        """The same of some of the points."""
        return CoverageFigures(*(getattr(self, field.name)[rows] for field in fields(self)))

    def measure_hidden(self, people_per_m2: float) -> FloatArray:
        """The likelihood, shape (n,), that the feet of somebody at each point are hidden; NaN as above."""
        crowd = -np.expm1(-people_per_m2 * BODY_WIDTH_M * self.strip_m)
        return np.where(self.is_blocked & self.is_seen, 1.0, crowd)


def measure_camera(
    camera: MountedCamera, xy_m: FloatArray, *, obstacles: Sequence[Obstacle] = ()
) -> CoverageFigures:
    """Look at floor points, shape (n, 2), through a camera.

    A person of height h who is d metres nearer to a camera at height H hides the feet of one at the distance
    D if the line of sight is lower there than h: H d / D < h, so the strip is h D / H long. Obstacles hide by
    their own heights; those without one hide nothing.
    """
    geometry = camera.view.geometry
    uv_px = geometry.project_to_pixel(xy_m)
    is_seen = camera.view.sees(xy_m)
    count = len(xy_m)
    unknown = np.full(count, np.nan)
    person_px, strip_m, towards = unknown, unknown, np.full((count, 2), np.nan)
    is_blocked = np.zeros(count, bool)
    if camera.vertical is not None and camera.mounting is not None:
        pose = camera.mounting.pose
        person_px = _measure_person(camera, xy_m, uv_px)
        way = np.array([pose.x_m, pose.y_m]) - xy_m
        distance_m = np.hypot(way[:, 0], way[:, 1])
        towards = way / np.maximum(distance_m, 1e-9)[:, None]
        strip_m = np.where(is_seen, min(1.0, MEAN_HEIGHT_M / pose.height_m) * distance_m, np.nan)
        is_blocked = _find_blocked((pose.x_m, pose.y_m, pose.height_m), xy_m, obstacles)
    error_m = _measure_error(camera, uv_px, person_px)
    with np.errstate(invalid="ignore"):
        is_seen = is_seen & ~(error_m > LARGEST_SIGMA_M)
    return CoverageFigures(
        is_seen=is_seen,
        pixels_per_metre=np.where(is_seen, _measure_density(camera, uv_px), np.nan),
        person_px=np.where(is_seen, person_px * find_shrinking(camera.view.frame_size_wh), np.nan),
        error_m=np.where(is_seen, error_m, np.nan),
        strip_m=np.where(is_seen, strip_m, np.nan),
        towards=towards,
        is_blocked=is_blocked,
    )


def find_shrinking(size_wh: tuple[int, int]) -> float:
    """By how much pictures of a size are made smaller for the detector."""
    return min(NETWORK_WH[0] / size_wh[0], NETWORK_WH[1] / size_wh[1], 1.0)


def cast_shadow(place_m: tuple[float, float, float], obstacle: Obstacle) -> shapely.Geometry:
    """The floor, the obstacle's own included, that cannot be seen from (x, y, height) behind an obstacle."""
    x, y, height_m = place_m
    base = obstacle.outline.to_shape()
    if obstacle.height_m is None or obstacle.height_m <= 0:
        return base
    stretch = _FARTHEST_SHADOW
    if obstacle.height_m < height_m:
        stretch = min(stretch, height_m / (height_m - obstacle.height_m))
    ring = np.asarray(obstacle.outline.points)
    cast = np.array([x, y]) + stretch * (ring - np.array([x, y]))
    if _is_convex(obstacle.outline):
        return shapely.MultiPoint(np.concatenate([ring, cast])).convex_hull
    following = np.arange(1, len(ring) + 1) % len(ring)
    # each side of the upper edge sweeps a quadrangle; together with both ends they are the whole shadow
    sides = np.stack([ring, ring[following], cast[following], cast], axis=1)
    parts = [shapely.make_valid(shapely.Polygon(side)) for side in sides]
    return shapely.union_all([base, shapely.Polygon(cast), *parts])


@lru_cache(maxsize=4096)
def _is_convex(outline: Polygon) -> bool:
    """A shadow of a convex outline is convex, and much quicker to make."""
    shape = outline.to_shape()
    return bool(shape.convex_hull.area - shape.area <= _FLAT * shape.area)


def _find_blocked(
    place_m: tuple[float, float, float], xy_m: FloatArray, obstacles: Sequence[Obstacle]
) -> BoolArray:
    blocked = np.zeros(len(xy_m), bool)
    for obstacle in obstacles:
        if obstacle.height_m is not None:
            shadow = cast_shadow(place_m, obstacle)
            shapely.prepare(shadow)
            blocked |= shapely.contains_xy(shadow, xy_m[:, 0], xy_m[:, 1])
    return blocked


def _measure_person(camera: MountedCamera, xy_m: FloatArray, uv_px: FloatArray) -> FloatArray:
    geometry = camera.view.geometry
    pixel_from_floor = np.linalg.inv(geometry.floor_from_pixel)
    assert camera.vertical is not None
    top = np.column_stack([xy_m, np.ones(len(xy_m))]) @ pixel_from_floor.T
    top += MEAN_HEIGHT_M * camera.vertical
    with np.errstate(divide="ignore", invalid="ignore"):
        straight = np.where(top[:, 2:] > 1e-12, top[:, :2] / top[:, 2:], np.nan)
    top_px = straight if geometry.lens is None else geometry.lens.distort(straight)
    return np.asarray(np.hypot(*(top_px - uv_px).T), np.float64)


def _measure_density(camera: MountedCamera, uv_px: FloatArray) -> FloatArray:
    """One over the smaller singular value of the Jacobian, metres a pixel."""
    jacobian = camera.view.geometry.compute_jacobian(uv_px)
    squares = (jacobian**2).sum(axis=(1, 2))
    determinant = jacobian[:, 0, 0] * jacobian[:, 1, 1] - jacobian[:, 0, 1] * jacobian[:, 1, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        larger = np.sqrt((squares + np.sqrt(np.maximum(squares**2 - 4 * determinant**2, 0.0))) / 2)
        return np.asarray(larger / np.abs(determinant), np.float64)


def _measure_error(camera: MountedCamera, uv_px: FloatArray, person_px: FloatArray) -> FloatArray:
    """The calibration's error and that of the feet's pixel; the latter is left out where it is not known."""
    feet_px = np.nan_to_num(person_px)[:, None] * FOOT_SIGMA_HEIGHTS
    with np.errstate(divide="ignore", invalid="ignore"):
        if camera.uncertainty is not None:
            covariance = camera.uncertainty.compute_covariance(uv_px, feet_px)
        else:
            covariance = camera.view.geometry.compute_floor_covariance(uv_px, feet_px)
        return np.asarray(np.sqrt(np.trace(covariance, axis1=1, axis2=2)), np.float64)
