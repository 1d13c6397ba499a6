"""The vertical direction in the picture, from the homography alone.

With square pixels and the principal point in the middle of the picture, a homography of the floor gives the
focal length and with it the camera's pose (Zhang, "A flexible new technique for camera calibration", 2000,
section 3.1, for a single plane); the third axis is the image of the vertical.
"""

from __future__ import annotations

import numpy as np

from analytics.domain.arrays import FloatArray
from vision.tracking.floor_view import FloorView

FOCAL_WIDTHS = (0.35, 5.0)
"""Plausible focal lengths in widths of the picture: fields of view of 110 to 11 degrees across. Outside, the
floor is a stand-in (drawn on the picture, or seen straight from above) without information on the camera."""


def find_vertical(view: FloorView) -> FloatArray | None:
    """Return the image p of the vertical, shape (3,): a point h metres above floor point X is at G X + h p.

    G is the inverse of ``view.geometry.floor_from_pixel`` (homogeneous, as it is scaled). None where the
    homography does not determine it.
    """
    width, height = view.frame_size_wh
    pixel_from_floor = np.linalg.inv(view.geometry.floor_from_pixel)
    centre = np.array([[1.0, 0.0, -width / 2], [0.0, 1.0, -height / 2], [0.0, 0.0, 1.0]])
    first, second = (centre @ pixel_from_floor)[:, :2].T
    plain = np.array([first[:2] @ second[:2], first[:2] @ first[:2] - second[:2] @ second[:2]])
    by_focal = np.array([first[2] * second[2], first[2] ** 2 - second[2] ** 2])
    norm = by_focal @ by_focal
    if norm < 1e-30:
        return None
    focal2 = -(plain @ by_focal) / norm
    lens_width = view.geometry.lens_width_px or width
    if not (FOCAL_WIDTHS[0] * lens_width) ** 2 <= focal2 <= (FOCAL_WIDTHS[1] * lens_width) ** 2:
        return None
    intrinsics = np.diag([focal2**0.5, focal2**0.5, 1.0])
    axes = np.linalg.solve(intrinsics, np.column_stack([first, second]))
    scale = float(np.linalg.norm(axes, axis=0).mean())
    up = np.linalg.inv(centre) @ intrinsics @ np.cross(axes[:, 0], axes[:, 1]) / scale
    # a mirrored plan reverses the cross product; in the picture up is up
    towards_top = up[1] - up[2] * height
    vertical: FloatArray = up if towards_top < 0 else -up
    return vertical


def find_below_camera(view: FloorView) -> FloatArray | None:
    """Return the floor point below the camera, shape (2,); None where the homography does not determine it.

    Verticals of the picture converge there: the floor seen at G X + h p is X + h H p, with H the inverse of
    G. Also None if that point is in the picture: a camera that looks straight down, or a plan drawn on the
    picture, hardly determines a pose, and with a wrong pose that point may be anywhere in the picture.
    """
    vertical = find_vertical(view)
    if vertical is None or _is_in_picture(vertical, view.frame_size_wh):
        return None
    x, y, scale = view.geometry.floor_from_pixel @ vertical
    return np.array([x / scale, y / scale])


def _is_in_picture(homogeneous: FloatArray, size_wh: tuple[int, int]) -> bool:
    u, v, scale = map(float, homogeneous)
    width, height = size_wh
    return abs(scale) > 1e-12 and 0 <= u / scale <= width and 0 <= v / scale <= height
