"""The floor plan: picture and scale, outline and obstacles, and the zones and lines for counting."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from analytics.domain.floor_geometry import Point, Polygon
from analytics.domain.zone import SEATED_KINDS, CountingLine, Zone

PixelBox = tuple[float, float, float, float]
"""(left, top, right, bottom) in pixels from a picture's upper left corner."""


@dataclass(frozen=True, slots=True)
class PlanPicture:
    """A picture of the plan and its placement on the floor.

    Rotating, cropping and scaling move the picture under the floor, never the floor: recorded and drawn
    positions keep their metres.

    Attributes:
        file_name: within the venue's folder.
        corner_m: position of the lower left corner of the visible part.
        rotation_deg: rotation about that corner, counter-clockwise.
        crop_px: the visible part; None: the whole picture.
    """

    file_name: str
    metres_per_pixel: float
    corner_m: Point = (0.0, 0.0)
    rotation_deg: float = 0.0
    crop_px: PixelBox | None = None

    def visible_px(self, size_wh: tuple[int, int]) -> PixelBox:
        """Return the visible part of a picture of this size."""
        return self.crop_px or (0.0, 0.0, float(size_wh[0]), float(size_wh[1]))

    def to_floor(self, point_px: Point, *, size_wh: tuple[int, int]) -> Point:
        """Return the floor position in metres of a pixel (u right, v down)."""
        left, _top, _right, bottom = self.visible_px(size_wh)
        along_m = (point_px[0] - left) * self.metres_per_pixel
        up_m = (bottom - point_px[1]) * self.metres_per_pixel
        cos, sin = math.cos(math.radians(self.rotation_deg)), math.sin(math.radians(self.rotation_deg))
        return (
            self.corner_m[0] + cos * along_m - sin * up_m,
            self.corner_m[1] + sin * along_m + cos * up_m,
        )

    def to_pixel(self, point_m: Point, *, size_wh: tuple[int, int]) -> Point:
        """Return the pixel (u right, v down) at a floor position."""
        left, _top, _right, bottom = self.visible_px(size_wh)
        cos, sin = math.cos(math.radians(self.rotation_deg)), math.sin(math.radians(self.rotation_deg))
        x_m, y_m = point_m[0] - self.corner_m[0], point_m[1] - self.corner_m[1]
        along_m, up_m = cos * x_m + sin * y_m, cos * y_m - sin * x_m
        return left + along_m / self.metres_per_pixel, bottom - up_m / self.metres_per_pixel


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that people cannot stand on, such as a wall or pillar.

    Attributes:
        height_m: height, which decides what it hides from a camera; None: unknown, it hides nothing.
    """

    name: str
    outline: Polygon
    height_m: float | None = None


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """One floor, in metres, origin in the lower left corner, x right, y up."""

    outline: Polygon
    picture: PlanPicture | None = None
    obstacles: tuple[Obstacle, ...] = ()

    @property
    def occluders(self) -> tuple[tuple[Polygon, float], ...]:
        """Return outlines and heights in metres of the obstacles whose height is known."""
        return tuple((item.outline, item.height_m) for item in self.obstacles if item.height_m is not None)


@dataclass(frozen=True, slots=True)
class FloorGeometry:
    """The zones and lines valid from one moment on; a venue keeps every version.

    Attributes:
        valid_from_utc_s: seconds since the epoch; None for the first version, valid from the start.
    """

    zones: tuple[Zone, ...] = ()
    lines: tuple[CountingLine, ...] = ()
    valid_from_utc_s: float | None = None
    label: str = field(default="")

    @property
    def seats(self) -> tuple[Polygon, ...]:
        """Return the floor on which people sit: zones of kind stage and catering."""
        return tuple(zone.outline for zone in self.zones if zone.kind in SEATED_KINDS)
