"""A camera without lens distortion, given by height, tilt, direction and angle of view."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray
from analytics.domain.camera_geometry import CameraGeometry


@dataclass(frozen=True, slots=True)
class PinholeCamera:
    """Position, direction and field of view of a camera.

    The world is the plan's: x right, y up on the plan, z above the floor, metres. A pixel's centre lies at
    half a pixel, so the picture spans 0 to its width and 0 to its height.

    Attributes:
        position_m: (x, y, height above the floor).
        heading_rad: direction of view on the plan, counter-clockwise from x.
        tilt_rad: how far it looks down from the horizontal.
        horizontal_fov_rad: full angle between the picture's left and right side.
        size_wh: width and height of its pictures in pixels.
    """

    position_m: tuple[float, float, float]
    heading_rad: float
    tilt_rad: float
    horizontal_fov_rad: float
    size_wh: tuple[int, int]

    @property
    def focal_px(self) -> float:
        """Focal length in pixels."""
        return self.size_wh[0] / 2 / math.tan(self.horizontal_fov_rad / 2)

    @property
    def rotation(self) -> FloatArray:
        """Rotation from world to camera, shape (3, 3): rows right, down and forward."""
        c, s = math.cos(self.heading_rad), math.sin(self.heading_rad)
        ct, st = math.cos(self.tilt_rad), math.sin(self.tilt_rad)
        return np.array([[s, -c, 0.0], [-c * st, -s * st, -ct], [c * ct, s * ct, -st]])

    @property
    def intrinsics(self) -> FloatArray:
        """Camera matrix K, shape (3, 3)."""
        f = self.focal_px
        return np.array([[f, 0.0, self.size_wh[0] / 2], [0.0, f, self.size_wh[1] / 2], [0.0, 0.0, 1.0]])

    def scaled(self, factor: float) -> PinholeCamera:
        """Return the same field of view in a picture of another size."""
        width, height = self.size_wh
        return PinholeCamera(
            self.position_m,
            self.heading_rad,
            self.tilt_rad,
            self.horizontal_fov_rad,
            (round(width * factor), round(height * factor)),
        )

    def project(self, xyz_m: FloatArray) -> FloatArray:
        """Return u, v in pixels and depth in metres, shape (n, 3), of points, shape (n, 3).

        z is not positive for points behind the camera, whose pixels mean nothing.
        """
        in_camera = (xyz_m - np.asarray(self.position_m)) @ self.rotation.T
        z = in_camera[:, 2]
        safe = np.where(np.abs(z) < 1e-6, 1e-6, z)
        f = self.focal_px
        u = f * in_camera[:, 0] / safe + self.size_wh[0] / 2
        v = f * in_camera[:, 1] / safe + self.size_wh[1] / 2
        return np.column_stack([u, v, z])

    def cast_rays(self, left: int, top: int, right: int, bottom: int) -> npt.NDArray[np.float32]:
        """Return world directions of pixel centres, shape (bottom - top, right - left, 3), of depth 1."""
        f = self.focal_px
        u = ((np.arange(left, right) + 0.5 - self.size_wh[0] / 2) / f).astype(np.float32)
        v = ((np.arange(top, bottom) + 0.5 - self.size_wh[1] / 2) / f).astype(np.float32)
        r = self.rotation.astype(np.float32)
        rays: npt.NDArray[np.float32] = (
            u[None, :, None] * r[0] + v[:, None, None] * r[1] + np.broadcast_to(r[2], (1, 1, 3))
        )
        return rays

    def to_geometry(self) -> CameraGeometry:
        """Return the exact homography between pixels and floor.

        Pixel ~ K [R₁ R₂ -R c] (x, y, 1)ᵀ for points with z = 0 (Hartley and Zisserman, 8.1.1).
        """
        r = self.rotation
        pixel_from_floor = self.intrinsics @ np.column_stack(
            [r[:, 0], r[:, 1], -r @ np.asarray(self.position_m)]
        )
        return CameraGeometry(np.linalg.inv(pixel_from_floor))
