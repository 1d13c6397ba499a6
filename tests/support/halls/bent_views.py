"""What lenses of known formulas show of a hall; none of them is the division model that is estimated."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from analytics.domain.camera import PointPair
from tools.simulation.pinhole_camera import PinholeCamera

SIZE_WH = (1280, 720)
CENTRE_PX = np.array(SIZE_WH) / 2
VIEW = PinholeCamera((0.0, 0.0, 5.0), 0.0, math.radians(35), math.radians(90), SIZE_WH)
Bend = Callable[[np.ndarray], np.ndarray]


def bend_as_fisheye(uv_px: np.ndarray) -> np.ndarray:
    """An equidistant lens whose picture is 90 degrees wide."""
    offset = (uv_px - CENTRE_PX) / VIEW.focal_px
    radius = np.maximum(np.linalg.norm(offset, axis=1, keepdims=True), 1e-12)
    bent: np.ndarray = offset / radius * np.arctan(radius) * CENTRE_PX[0] / (math.pi / 4) + CENTRE_PX
    return bent


def bend_as_opencv(uv_px: np.ndarray) -> np.ndarray:
    """OpenCV's radial polynomial with k1 = -0.3 and k2 = 0.1, its picture 90 degrees wide."""
    offset = (uv_px - CENTRE_PX) / VIEW.focal_px
    square = (offset**2).sum(axis=1, keepdims=True)
    bent: np.ndarray = offset * (1 - 0.3 * square + 0.1 * square**2) * CENTRE_PX[0] / 0.8 + CENTRE_PX
    return bent


def bend_as_brown(uv_px: np.ndarray) -> np.ndarray:
    """Brown's lens, with k1 = -0.28, k2 = 0.09 and a decentring of p1 = 0.0015 and p2 = -0.001."""
    x, y = ((uv_px - CENTRE_PX) / VIEW.focal_px).T
    square = x**2 + y**2
    radial = 1 - 0.28 * square + 0.09 * square**2
    across = x * radial + 2 * 0.0015 * x * y - 0.001 * (square + 2 * x**2)
    down = y * radial + 0.0015 * (square + 2 * y**2) - 2 * 0.001 * x * y
    bent: np.ndarray = np.column_stack([across, down]) * CENTRE_PX[0] / 0.81 + CENTRE_PX
    return bent


def see_floor(xy_m: np.ndarray, bend: Bend) -> tuple[np.ndarray, np.ndarray]:
    """The pixels of those floor points that are in the bent picture, and these points."""
    seen = VIEW.project(np.column_stack([xy_m, np.zeros(len(xy_m))]))
    # where the polynomial has not yet folded over
    inside = (seen[:, 2] > 0.5) & (np.linalg.norm(seen[:, :2] - CENTRE_PX, axis=1) < 1.35 * VIEW.focal_px)
    uv_px = bend(seen[inside, :2])
    in_picture = ((uv_px > 0) & (uv_px < np.array(SIZE_WH))).all(axis=1)
    return uv_px[in_picture], xy_m[inside][in_picture]


def look_at_floor(
    bend: Bend, rng: np.random.Generator, *, far_m: float = 15.0
) -> tuple[np.ndarray, np.ndarray]:
    """Pixels and floor points all over the picture."""
    return see_floor(rng.uniform([0.5, -far_m], [far_m, far_m], (6000, 2)), bend)


def click_pairs(
    bend: Bend, rng: np.random.Generator, *, count: int = 8, noise_px: float = 2.0
) -> list[PointPair]:
    uv_px, xy_m = look_at_floor(bend, rng)
    # spread as somebody would who was told to: one in each part of the picture
    order = np.argsort(uv_px[:, 0])
    chosen = [rng.choice(part) for part in np.array_split(order, count)]
    return [PointPair(*(uv_px[row] + rng.normal(0, noise_px, 2)), *xy_m[row]) for row in chosen]


def click_lines(
    bend: Bend, rng: np.random.Generator, *, noise_px: float = 1.5, points: int = 8
) -> list[np.ndarray]:
    """Along a wall on the left, one on the right, and one ahead."""
    lines = []
    for begin, end in (((0.5, 4.0), (14, 5.0)), ((0.5, -4.0), (14, -5.5)), ((11, -14), (10, 14))):
        parts = np.linspace(0, 1, 400)[:, None]
        uv_px, _ = see_floor(np.array(begin) * (1 - parts) + np.array(end) * parts, bend)
        line = uv_px[np.linspace(0, len(uv_px) - 1, points).astype(int)]
        lines.append(np.clip(line + rng.normal(0, noise_px, line.shape), 0, SIZE_WH))
    return lines
