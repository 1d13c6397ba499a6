"""Painter of a body as a camera sees it: rounded, shaded limbs from far to near, with an alpha channel."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray
from tools.simulation.pinhole_camera import PinholeCamera
from tools.simulation.rendering.figure import Appearance, Part, Pose, build_parts
from vision.pixel_types import Picture

NEAREST_M = 0.4
"""Distance from the lens below which a body is not drawn."""
_SHIFT = 4
_CIRCLE = np.column_stack([np.cos(a := np.linspace(0, 2 * np.pi, 14, endpoint=False)), np.sin(a)])
_SHADES = ((1.0, 0.0, 0.74), (0.8, 0.13, 0.92), (0.5, 0.26, 1.06))
"""Size, offset towards the light, and brightness of a part's three layers."""


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """A painted body; its upper left corner may lie outside the picture.

    Attributes:
        colour: shape (h, w, 3).
        alpha: shape (h, w), 0 to 1.
    """

    left: int
    top: int
    colour: Picture
    alpha: npt.NDArray[np.float32]


def paint_figure(
    *,
    appearance: Appearance,
    pose: Pose,
    camera: PinholeCamera,
    light_uv: tuple[float, float] = (-0.5, -0.8),
    oversampling: int = 2,
) -> Sprite | None:
    """Paint one person; None for one behind the camera or wholly outside its picture.

    ``light_uv`` points to where the light comes from, in the picture.
    """
    parts = build_parts(appearance=appearance, pose=pose)
    centres = np.vstack([part.centres_m for part in parts])
    radii = np.concatenate([part.radii_m for part in parts])
    seen = camera.project(centres)
    if seen[:, 2].min() < NEAREST_M:
        return None
    radius_px = radii * camera.focal_px / seen[:, 2]
    low = np.floor((seen[:, :2] - radius_px[:, None]).min(axis=0)).astype(int) - 1
    high = np.ceil((seen[:, :2] + radius_px[:, None]).max(axis=0)).astype(int) + 1
    width, height = camera.size_wh
    if high[0] <= 0 or high[1] <= 0 or low[0] >= width or low[1] >= height:
        return None
    w, h = int(high[0] - low[0]), int(high[1] - low[1])
    canvas = np.zeros((h * oversampling, w * oversampling, 4), np.uint8)
    local = (seen[:, :2] - low) * oversampling
    scaled = radius_px * oversampling
    starts = np.cumsum([0, *[len(part.radii_m) for part in parts]])
    depth = [
        seen[a:b, 2].mean() - part.nearer_m for part, a, b in zip(parts, starts[:-1], starts[1:], strict=True)
    ]
    light = np.asarray(light_uv) / max(float(np.hypot(*light_uv)), 1e-6)
    for i in np.argsort(depth)[::-1]:
        chosen = slice(starts[i], starts[i + 1])
        _paint_part(canvas, parts[i], local[chosen], scaled[chosen], light)
    if oversampling > 1:
        canvas = np.asarray(cv2.resize(canvas, (w, h), interpolation=cv2.INTER_AREA), np.uint8)
    alpha = canvas[:, :, 3].astype(np.float32) / np.float32(255)
    # averaging with the black outside darkened the edge: take the alpha out again
    colour = canvas[:, :, :3] / np.maximum(alpha, 1 / 255)[:, :, None]
    return Sprite(int(low[0]), int(low[1]), np.clip(colour, 0, 255).astype(np.uint8), alpha)


def _paint_part(
    canvas: Picture, part: Part, centres_px: FloatArray, radii_px: FloatArray, light: FloatArray
) -> None:
    for size, offset, brightness in _SHADES:
        if size < 1 and radii_px.max() < 1.5:
            break
        shifted = centres_px + light * (radii_px * offset)[:, None]
        points = (shifted[:, None, :] + _CIRCLE * (radii_px * size)[:, None, None]).reshape(-1, 2)
        # OpenCV counts from the first pixel's centre
        hull = cv2.convexHull(np.round((points - 0.5) * (1 << _SHIFT)).astype(np.int32))
        b, g, r = (min(c * brightness, 255.0) for c in part.colour)
        cv2.fillConvexPoly(canvas, hull, (b, g, r, 255.0), cv2.LINE_8, _SHIFT)
