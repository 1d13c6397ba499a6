"""From places in a camera's picture to places on the floor, as far as a zone can be drawn by them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import GeometryError
from analytics.domain.floor_geometry import Point, Polygon

GRID_M = 0.01
REACH_M = 0.5
"""So far beyond the hall a place still means its edge: a hand that follows a wall is a few pixels off."""
COARSEST_PIXEL_M = 1.0
"""Where one pixel is more of the floor, a zone cannot be drawn."""


def find_floor_points(
    corners_px: Sequence[Point], *, geometry: CameraGeometry, outline: Polygon
) -> tuple[Point, ...]:
    """The places on the floor of places in the picture, to the centimetre.

    Args:
        corners_px: pixels of the size in which ``geometry`` takes them.
        outline: of the hall; a place a little outside of it is drawn to it.

    Raises:
        GeometryError: one lies above the horizon, too near to it, or outside of the hall.
    """
    uv_px = np.asarray(corners_px, np.float64).reshape(-1, 2)
    floor_m = geometry.project_to_floor(uv_px)
    jacobian = geometry.compute_jacobian(uv_px)
    hall = outline.to_shape()
    placed = []
    for number, ((x_m, y_m), change) in enumerate(zip(floor_m.tolist(), jacobian, strict=True), start=1):
        if not (math.isfinite(x_m) and math.isfinite(y_m)):
            raise GeometryError(
                "Corner {number} lies above the horizon of the picture: there is no floor.",
                "Draw it on the floor.",
                number=number,
            )
        if not float(np.abs(change).max()) <= COARSEST_PIXEL_M:
            raise GeometryError(
                "Corner {number} is so far off that a pixel there is more than {metres:g} m of the floor.",
                "Draw it nearer to the camera, in another camera's picture, or on the plan.",
                number=number,
                metres=COARSEST_PIXEL_M,
            )
        placed.append(_place_in_hall((x_m, y_m), hall, number))
    return tuple(placed)


def _place_in_hall(place: Point, hall: shapely.Polygon, number: int) -> Point:
    at = shapely.Point(place)
    distance_m = hall.distance(at)
    if distance_m > REACH_M:
        raise GeometryError(
            "Corner {number} lies {metres:.1f} m outside of the hall.",
            "Draw it on the hall's floor; the hall's outline is drawn in the picture.",
            number=number,
            metres=distance_m,
        )
    if distance_m > 0:
        at = hall.exterior.interpolate(hall.exterior.project(at))
    return round(round(at.x / GRID_M) * GRID_M, 6), round(round(at.y / GRID_M) * GRID_M, 6)
