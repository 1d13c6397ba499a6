"""The floor: its picture and scale, its outline and what stands on it, and the geometry to count by."""

from __future__ import annotations

from dataclasses import dataclass, field

from analytics.domain.floor_geometry import Polygon
from analytics.domain.zone import CountingLine, Zone


@dataclass(frozen=True, slots=True)
class PlanPicture:
    """A picture of the plan. Its lower left corner is the plan's origin (0 m, 0 m).

    Attributes:
        file_name: within the venue's folder.
    """

    file_name: str
    metres_per_pixel: float


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something nobody can stand on: a stand's walls, a pillar."""

    name: str
    outline: Polygon


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
