"""What the cameras see of each zone, in figures that somebody can compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from analytics.domain.arrays import FloatArray
from analytics.domain.floor_geometry import Point
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.zone import Zone
from app.coverage.camera_mounting import MountedCamera
from app.coverage.coverage_figures import PEOPLE_PER_M2, CoverageFigures, measure_camera
from app.coverage.coverage_map import CombinedFigures, combine_figures

ZONE_POINTS = 400
"""So many points of each zone are looked at: a share of it is known to a few per cent."""
LARGEST_CELL_M = 0.5


@dataclass(frozen=True, slots=True)
class ZoneCoverage:
    """One zone's floor: within the hall and beside the obstacles.

    Attributes:
        area_m2: of that floor; 0 where there is none.
        unseen_m2: that no camera sees.
        overlap_m2: that two cameras or more see.
        hidden_m2: of what is seen, that is expected to be hidden by people at any moment.
        unseen_middle_m: where the unseen part has its middle; None where all is seen.
        person_px: median height of a person for the detector; None where it is not known, as are the others.
        density: median pixels per metre of floor.
        error_m: median root mean square error of a position.
        cameras: names of those that see any of it.
    """

    name: str
    area_m2: float
    unseen_m2: float
    overlap_m2: float
    hidden_m2: float
    unseen_middle_m: Point | None
    person_px: float | None
    density: float | None
    error_m: float | None
    cameras: tuple[str, ...]

    @property
    def missed_m2(self) -> float:
        """Floor on which somebody would not be placed: never seen, or hidden at the moment."""
        return self.unseen_m2 + self.hidden_m2


@dataclass(frozen=True, slots=True, eq=False)
class ZoneFloor:
    """Points spread evenly over a zone's floor, shape (n, 2), each standing for an area."""

    name: str
    points_m: FloatArray
    point_m2: float

    def summarise(self, combined: CombinedFigures, cameras: tuple[str, ...]) -> ZoneCoverage:
        """What is seen of the zone, from the figures at its points and the names of those that see any."""
        is_unseen = combined.cameras == 0
        hidden = np.where(is_unseen, 0.0, np.nan_to_num(combined.hidden))
        middle = None
        if is_unseen.any():
            x, y = self.points_m[is_unseen].mean(axis=0)
            middle = (float(x), float(y))
        return ZoneCoverage(
            name=self.name,
            area_m2=len(self.points_m) * self.point_m2,
            unseen_m2=float(is_unseen.sum() * self.point_m2),
            overlap_m2=float((combined.cameras > 1).sum() * self.point_m2),
            hidden_m2=float(hidden.sum() * self.point_m2),
            unseen_middle_m=middle,
            **_find_medians(combined),
            cameras=cameras,
        )


def spread_points(zone: Zone, plan: FloorPlan, *, points: int = ZONE_POINTS) -> ZoneFloor:
    """About so many points over the floor of a zone; more of a large one, none where there is no floor."""
    floor = shapely.make_valid(zone.outline.to_shape())
    floor = shapely.intersection(floor, plan.outline.to_shape())
    for obstacle in plan.obstacles:
        floor = shapely.difference(floor, obstacle.outline.to_shape())
    area_m2 = float(shapely.area(floor))
    if area_m2 <= 0:
        return ZoneFloor(str(zone.name), np.empty((0, 2)), 0.0)
    cell_m = min(LARGEST_CELL_M, float(np.sqrt(area_m2 / points)))
    left, bottom, right, top = shapely.bounds(floor)
    x, y = np.meshgrid(
        np.arange(left + cell_m / 2, right, cell_m), np.arange(bottom + cell_m / 2, top, cell_m)
    )
    places = np.column_stack([x.ravel(), y.ravel()])
    places = places[shapely.contains_xy(floor, places[:, 0], places[:, 1])]
    if not len(places):
        places = shapely.get_coordinates(shapely.point_on_surface(floor))
    # the points stand for the floor's true area, though cells at its border are whole or not at all
    return ZoneFloor(str(zone.name), places, area_m2 / len(places))


def measure_zones(
    cameras: Sequence[MountedCamera],
    zones: Sequence[Zone],
    plan: FloorPlan,
    *,
    people_per_m2: float = PEOPLE_PER_M2,
) -> tuple[ZoneCoverage, ...]:
    """What cameras see of each zone, in the order of the zones."""
    names = [camera.name for camera in cameras]
    found = []
    for zone in zones:
        floor = spread_points(zone, plan)
        figures = [measure_camera(camera, floor.points_m, obstacles=plan.obstacles) for camera in cameras]
        combined = combine_figures(figures, len(floor.points_m), people_per_m2=people_per_m2)
        found.append(floor.summarise(combined, list_seeing(figures, names)))
    return tuple(found)


def list_seeing(figures: Sequence[CoverageFigures], names: Sequence[str]) -> tuple[str, ...]:
    """Names of the cameras that see any of the points that they were measured at."""
    return tuple(
        name for name, f in zip(names, figures, strict=True) if bool((f.is_seen & ~f.is_blocked).any())
    )


def _find_medians(combined: CombinedFigures) -> dict[str, float | None]:
    medians: dict[str, float | None] = {}
    for name, values in (
        ("person_px", combined.person_px),
        ("density", combined.density),
        ("error_m", combined.error_m),
    ):
        known = values[np.isfinite(values)]
        medians[name] = float(np.median(known)) if len(known) else None
    return medians
