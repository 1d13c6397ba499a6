"""Placement of a measured piece of floor on the plan by rotation and translation, without scaling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.camera import PointPair
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError

MAX_LENGTH_DIFFERENCE = 0.15
"""Between two lengths of the same piece of floor, in parts: more is a slip of the tape or of the plan's
scale, not of the hand."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The place of a local floor on the plan; both have x to the right of y when seen from above.

    Attributes:
        angle_rad: counter-clockwise, from the local x to the plan's.
        shift_m: the plan's coordinates of the local origin.
    """

    angle_rad: float
    shift_m: tuple[float, float]

    def move(self, xy_m: FloatArray) -> FloatArray:
        """Return the plan's coordinates of local points, shape (n, 2)."""
        return np.asarray(xy_m @ self._rotation.T + np.asarray(self.shift_m), np.float64)

    @property
    def _rotation(self) -> FloatArray:
        c, s = math.cos(self.angle_rad), math.sin(self.angle_rad)
        return np.array([[c, -s], [s, c]])


def place_by_points(geometry: CameraGeometry, known: Sequence[PointPair]) -> Placement:
    """Place a local floor by two or more points with known places on the plan.

    Least squares without a scale (Umeyama, PAMI 1991, for the plane).

    Args:
        geometry: whose floor is the local one.

    Raises:
        CalibrationError: fewer than two points, one beyond the horizon, two at one place, or their distance
            on the plan is not that on the local floor.
    """
    if len(known) < 2:
        raise CalibrationError(
            "Placing the floor on the plan needs two known points; there are {count}.",
            "Provide two points of the picture with their positions on the plan, or one and a direction.",
            count=len(known),
        )
    local = _project([(pair.u_px, pair.v_px) for pair in known], geometry)
    plan = np.array([(pair.x_m, pair.y_m) for pair in known], dtype=np.float64)
    local_offset, plan_offset = local - local.mean(axis=0), plan - plan.mean(axis=0)
    local_m, plan_m = (float(np.sqrt((offset**2).sum())) for offset in (local_offset, plan_offset))
    if min(local_m, plan_m) < 1e-6:
        raise CalibrationError(
            "The known points are at the same position.", "Choose two that are far apart on the floor."
        )
    if abs(local_m / plan_m - 1) > MAX_LENGTH_DIFFERENCE:
        raise CalibrationError(
            "The known points are {plan:.2f} m apart on the plan, but {local:.2f} m according to the "
            "measurements.",
            "Check the measured lengths, the two places on the plan, and the plan's scale.",
            plan=_spread_m(plan),
            local=_spread_m(local),
        )
    cosine = float((local_offset * plan_offset).sum())
    sine = float((local_offset[:, 0] * plan_offset[:, 1] - local_offset[:, 1] * plan_offset[:, 0]).sum())
    return _place(math.atan2(sine, cosine), local.mean(axis=0), plan.mean(axis=0))


def place_by_direction(
    geometry: CameraGeometry, known: PointPair, towards_uv_px: tuple[float, float], heading_rad: float
) -> Placement:
    """Place a local floor by one known point and the direction on the plan to another pixel.

    Args:
        heading_rad: counter-clockwise from the plan's x.

    Raises:
        CalibrationError: one of the two pixels is beyond the horizon, or they are the same.
    """
    local = _project([(known.u_px, known.v_px), towards_uv_px], geometry)
    way = local[1] - local[0]
    if float(np.hypot(*way)) < 1e-6:
        raise CalibrationError(
            "The known points are at the same position.", "Choose two that are far apart on the floor."
        )
    angle_rad = heading_rad - math.atan2(way[1], way[0])
    return _place(angle_rad, local[0], np.array([known.x_m, known.y_m]))


def _project(uv_px: Sequence[tuple[float, float]], geometry: CameraGeometry) -> FloatArray:
    local = geometry.project_to_floor(np.asarray(uv_px, dtype=np.float64))
    for (u_px, v_px), point in zip(uv_px, local, strict=True):
        if not np.isfinite(point).all():
            raise CalibrationError(
                "The known point at pixel ({u:.0f}, {v:.0f}) is not on the floor: it is above the horizon.",
                "Click a point on the floor.",
                u=u_px,
                v=v_px,
            )
    return local


def _spread_m(points: FloatArray) -> float:
    return float(np.linalg.norm(points[:, None] - points[None], axis=2).max())


def _place(angle_rad: float, local: FloatArray, plan: FloatArray) -> Placement:
    turned = Placement(angle_rad, (0.0, 0.0)).move(local[None])[0]
    return Placement(angle_rad, (float(plan[0] - turned[0]), float(plan[1] - turned[1])))
