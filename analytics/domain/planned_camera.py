"""A camera that is not there yet: where somebody would hang it, how turned, and with what lens."""

from __future__ import annotations

import math
from dataclasses import dataclass

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.identifiers import CameraId

LIMITS = {
    "height_m": (0.5, 30.0),
    "tilt_deg": (0.0, 90.0),
    "heading_deg": (-360.0, 360.0),
    "horizontal_fov_deg": (10.0, 120.0),
}
"""Least and most of each figure: from a table to the roof of a hall, from the horizon to straight down, and
lenses that keep straight lines straight: a wider one bends them, which a plan of a camera does not know."""
_SIDES_PX = (16, 16384)
_FIELD_WORDS = {
    "height_m": Phrase("height"),
    "tilt_deg": Phrase("tilt"),
    "heading_deg": Phrase("direction"),
    "horizontal_fov_deg": Phrase("angle of view"),
}


@dataclass(frozen=True, slots=True)
class PlannedCamera:
    """A camera on the plan before the show.

    Attributes:
        x_m, y_m: of the place below it.
        height_m: above the floor.
        tilt_deg: how far it looks down from the horizontal.
        heading_deg: direction of view on the plan, counter-clockwise from x.
        horizontal_fov_deg: angle of view across the picture, of a lens that keeps lines straight.
        frame_size_wh: of its pictures, pixels.
    """

    name: CameraId
    x_m: float
    y_m: float
    height_m: float = 4.0
    tilt_deg: float = 35.0
    heading_deg: float = 90.0
    horizontal_fov_deg: float = 80.0
    frame_size_wh: tuple[int, int] = (1920, 1080)


def check_planned_camera(camera: PlannedCamera) -> PlannedCamera:
    """The same camera, if it could hang there.

    Raises:
        GeometryError: names the figure and its limits.
    """
    for field, (least, most) in LIMITS.items():
        value = getattr(camera, field)
        if not (math.isfinite(value) and least <= value <= most):
            raise GeometryError(
                "The {field} of camera '{name}' is {value:g}.",
                "Give a number from {least:g} to {most:g}.",
                field=_FIELD_WORDS[field],
                name=camera.name,
                value=value,
                least=least,
                most=most,
            )
    if not (math.isfinite(camera.x_m) and math.isfinite(camera.y_m)):
        raise GeometryError(
            "The place of camera '{name}' is no place.", "Give it in metres on the plan.", name=camera.name
        )
    if not all(_SIDES_PX[0] <= side <= _SIDES_PX[1] for side in camera.frame_size_wh):
        raise GeometryError(
            "The pictures of camera '{name}' have {width}x{height} pixels.",
            "Give a width and a height from {least} to {most} pixels.",
            name=camera.name,
            width=camera.frame_size_wh[0],
            height=camera.frame_size_wh[1],
            least=_SIDES_PX[0],
            most=_SIDES_PX[1],
        )
    return camera
