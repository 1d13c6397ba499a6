"""Cameras planned before installation: position, orientation and lens."""

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
"""Minimum and maximum of each value: from table height to a hall's roof, from the horizon to straight down,
and lenses without visible distortion, which a planned camera does not model."""
_SIDE_LIMITS_PX = (16, 16384)
_FIELD_NAMES = {
    "height_m": Phrase("height"),
    "tilt_deg": Phrase("tilt"),
    "heading_deg": Phrase("direction"),
    "horizontal_fov_deg": Phrase("angle of view"),
}


@dataclass(frozen=True, slots=True)
class PlannedCamera:
    """A camera on the plan before the show.

    Attributes:
        x_m, y_m: position below it.
        height_m: above the floor.
        tilt_deg: angle below the horizontal.
        heading_deg: viewing direction on the plan, counter-clockwise from x.
        horizontal_fov_deg: horizontal angle of view of a lens without distortion.
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
    """Return the camera if its values are possible.

    Raises:
            GeometryError: names the value and its limits.
    """
    for field, (least, most) in LIMITS.items():
        value = getattr(camera, field)
        if not (math.isfinite(value) and least <= value <= most):
            raise GeometryError(
                "The {field} of camera '{name}' is {value:g}.",
                "Enter a number from {least:g} to {most:g}.",
                field=_FIELD_NAMES[field],
                name=camera.name,
                value=value,
                least=least,
                most=most,
            )
    if not (math.isfinite(camera.x_m) and math.isfinite(camera.y_m)):
        raise GeometryError(
            "The position of camera '{name}' is invalid.", "Enter it in metres on the plan.", name=camera.name
        )
    if not all(_SIDE_LIMITS_PX[0] <= side <= _SIDE_LIMITS_PX[1] for side in camera.frame_size_wh):
        raise GeometryError(
            "Camera '{name}' cannot have a picture size of {width}x{height} pixels.",
            "Enter a width and a height from {least} to {most} pixels.",
            name=camera.name,
            width=camera.frame_size_wh[0],
            height=camera.frame_size_wh[1],
            least=_SIDE_LIMITS_PX[0],
            most=_SIDE_LIMITS_PX[1],
        )
    return camera
