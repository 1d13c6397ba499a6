"""A pinhole camera above the floor, described by its mounting."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.lens import PictureLens


@dataclass(frozen=True, slots=True)
class CameraPose:
    """Position and direction of a camera.

    Attributes:
        tilt_rad: downward from the horizontal.
        roll_rad: clockwise about its line of sight, seen from behind.
        heading_rad: direction of view on the plan, counter-clockwise from x.
        x_m, y_m: of the place below it.
    """

    height_m: float
    tilt_rad: float
    roll_rad: float = 0.0
    heading_rad: float = math.pi / 2
    x_m: float = 0.0
    y_m: float = 0.0

    @property
    def rotation(self) -> FloatArray:
        """Return the rotation from world to camera, shape (3, 3): rows right, down and forward."""
        c, s = math.cos(self.heading_rad), math.sin(self.heading_rad)
        ct, st = math.cos(self.tilt_rad), math.sin(self.tilt_rad)
        level = np.array([[s, -c, 0.0], [-c * st, -s * st, -ct], [c * ct, s * ct, -st]])
        cr, sr = math.cos(self.roll_rad), math.sin(self.roll_rad)
        rolled: FloatArray = np.array([[cr, sr, 0.0], [-sr, cr, 0.0], [0.0, 0.0, 1.0]]) @ level
        return rolled

    def compute_floor_matrix(self, focal_px: float, centre_px: tuple[float, float]) -> FloatArray:
        """Compute floor from (straightened) pixel, shape (3, 3); the third coordinate is one over the depth.

        Pixel ~ K [R₁ R₂ -R c] (x, y, 1)ᵀ for points with z = 0 (Hartley and Zisserman, 8.1.1).
        """
        intrinsics = np.array([[focal_px, 0.0, centre_px[0]], [0.0, focal_px, centre_px[1]], [0.0, 0.0, 1.0]])
        r = self.rotation
        place = np.array([self.x_m, self.y_m, self.height_m])
        matrix: FloatArray = np.linalg.inv(intrinsics @ np.column_stack([r[:, 0], r[:, 1], -r @ place]))
        return matrix


def compute_focal_px(
    horizontal_fov_rad: float, size_wh: tuple[int, int], lens: PictureLens | None = None
) -> float:
    """Compute the focal length of the straightened picture from the field of view of the original one."""
    side = np.array([[float(size_wh[0]), size_wh[1] / 2]])
    straight = side if lens is None else lens.straighten(side)
    return float((straight[0, 0] - size_wh[0] / 2) / math.tan(horizontal_fov_rad / 2))
