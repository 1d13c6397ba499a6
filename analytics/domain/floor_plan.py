"""The floor: its picture and scale, its outline and what stands on it, and the geometry to count by."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from analytics.domain.floor_geometry import Point, Polygon
from analytics.domain.zone import CountingLine, Zone

PixelBox = tuple[float, float, float, float]
"""(left, top, right, bottom) in pixels from a picture's upper left corner."""


@dataclass(frozen=True, slots=True)
class PlanPicture:
    """A picture of the plan, and where it lies on the floor.

    Turning, cropping and scaling move the picture under the floor, never the floor: what was recorded and
    drawn keeps its metres.

    Attributes:
        file_name: within the venue's folder.
        corner_m: where the lower left corner of what is shown of the picture lies.
        rotation_deg: by how much it is turned about that corner, counter-clockwise.
        crop_px: what is shown of it; None: all.
    """

    file_name: str
    metres_per_pixel: float
    corner_m: Point = (0.0, 0.0)
    rotation_deg: float = 0.0
    crop_px: PixelBox | None = None

    def shown_px(self, size_wh: tuple[int, int]) -> PixelBox:
        """The part that is shown of a picture of this size in pixels."""
        return self.crop_px or (0.0, 0.0, float(size_wh[0]), float(size_wh[1]))

    def to_floor(self, point_px: Point, *, size_wh: tuple[int, int]) -> Point:
        """Where a pixel (u right, v down) of the picture lies on the floor, metres."""
        left, _top, _right, bottom = self.shown_px(size_wh)
        along_m = (point_px[0] - left) * self.metres_per_pixel
        up_m = (bottom - point_px[1]) * self.metres_per_pixel
        cos, sin = math.cos(math.radians(self.rotation_deg)), math.sin(math.radians(self.rotation_deg))
        return (
            self.corner_m[0] + cos * along_m - sin * up_m,
            self.corner_m[1] + sin * along_m + cos * up_m,
        )

    def to_pixel(self, point_m: Point, *, size_wh: tuple[int, int]) -> Point:
        """Which pixel (u right, v down) of the picture lies at a point of the floor."""
        left, _top, _right, bottom = self.shown_px(size_wh)
        cos, sin = math.cos(math.radians(self.rotation_deg)), math.sin(math.radians(self.rotation_deg))
        x_m, y_m = point_m[0] - self.corner_m[0], point_m[1] - self.corner_m[1]
        along_m, up_m = cos * x_m + sin * y_m, cos * y_m - sin * x_m
        return left + along_m / self.metres_per_pixel, bottom - up_m / self.metres_per_pixel


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something nobody can stand on: a stand's walls, a pillar.

    Attributes:
        height_m: how high it is, to tell what it hides from a camera; None: not known, it hides nothing.
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


@dataclass(frozen=True, slots=True)
class FloorGeometry:
    """The zones and lines that held from one moment on; a venue keeps every version.

    Attributes:
        valid_from_utc_s: seconds since the epoch; None for the first version, which holds from the start.
    """

    zones: tuple[Zone, ...] = ()
    lines: tuple[CountingLine, ...] = ()
    valid_from_utc_s: float | None = None
    label: str = field(default="")
