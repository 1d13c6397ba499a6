"""Coverage of a venue by its cameras: the map, every camera, every zone, and advice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.document import Venue
from app.core.job import JobContext
from app.coverage.camera_mounting import MountedCamera, list_mounted_cameras
from app.coverage.coverage_map import (
    CELL_M,
    PEOPLE_PER_M2,
    CoverageMap,
    CoverageSurvey,
    ZoneCoverage,
    measure_camera,
    measure_zones,
)
from app.coverage.mounting_advice import MountingAdvice, advise_mounting
from app.plan.floor_scene import Ring


@dataclass(frozen=True, slots=True)
class CameraGlyph:
    """A camera's symbol on the plan.

    Attributes:
        half_fov_rad: half of the horizontal field of view.
        view: rings of the visible floor; only of the selected camera.
    """

    name: str
    x_m: float
    y_m: float
    heading_rad: float
    half_fov_rad: float
    is_planned: bool
    is_selected: bool = False
    view: tuple[Ring, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ShownLayer:
    """A layer as it is painted.

    Attributes:
        shares: shape (rows, columns), row 0 at the lowest y: 0 (good) to 1 (bad), or numbers of cameras;
            NaN: unknown.
        is_unseen: same shape, floor not seen by any camera.
        rect_m: (x, y, width, height) of the whole grid.
    """

    shares: npt.NDArray[np.float64]
    is_unseen: npt.NDArray[np.bool_]
    rect_m: tuple[float, float, float, float]
    is_count: bool = False


@dataclass(frozen=True, slots=True)
class CameraCoverage:
    """Coverage of one camera.

    Attributes:
        mounted: None for an uncalibrated camera.
        seen_m2: visible floor without people.
        only_m2: part of it that no other camera sees.
    """

    name: str
    is_planned: bool
    mounted: MountedCamera | None
    seen_m2: float = 0.0
    only_m2: float = 0.0


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """Coverage of all cameras.

    Attributes:
        floor_m2: of the hall without obstacles; ``seen_m2`` by one camera or more, ``overlap_m2`` by two.
    """

    coverage: CoverageMap
    cameras: tuple[CameraCoverage, ...]
    zones: tuple[ZoneCoverage, ...]
    floor_m2: float
    seen_m2: float
    overlap_m2: float


def report_coverage(
    venue: Venue, *, people_per_m2: float = PEOPLE_PER_M2, context: JobContext | None = None
) -> CoverageReport:
    """Compute the coverage of a venue's hall and newest zones by installed and planned cameras."""
    mounted = list_mounted_cameras(venue)
    survey = CoverageSurvey(venue.plan, cell_m=CELL_M, people_per_m2=people_per_m2)
    coverage = survey.survey(mounted, context=context)
    zones = venue.geometry_at(None).zones
    cell_m2 = coverage.grid.cell_m**2
    return CoverageReport(
        coverage=coverage,
        cameras=_describe_cameras(venue, mounted, coverage),
        zones=measure_zones(mounted, zones, venue.plan, people_per_m2=people_per_m2),
        floor_m2=float(coverage.is_floor.sum() * cell_m2),
        seen_m2=float(coverage.is_seen.sum() * cell_m2),
        overlap_m2=float((coverage.cameras > 1).sum() * cell_m2),
    )


def advise_venue(
    venue: Venue, *, people_per_m2: float = PEOPLE_PER_M2, context: JobContext | None = None
) -> tuple[MountingAdvice, ...]:
    """Return the mounting advice for a venue; trying dozens of changes takes seconds."""
    return advise_mounting(
        list_mounted_cameras(venue),
        venue.geometry_at(None).zones,
        venue.plan,
        people_per_m2=people_per_m2,
        context=context,
    )


def _describe_cameras(
    venue: Venue, mounted: Sequence[MountedCamera], coverage: CoverageMap
) -> tuple[CameraCoverage, ...]:
    known = {(camera.name, camera.is_planned): camera for camera in mounted}
    points = coverage.grid.centres()[coverage.is_floor.ravel()]
    cameras = coverage.cameras[coverage.is_floor]
    cell_m2 = coverage.grid.cell_m**2
    names = [(str(entry.name), False) for entry in venue.cameras]
    names += [(camera.name, True) for camera in mounted if camera.is_planned]
    described = []
    for name, is_planned in names:
        camera = known.get((name, is_planned))
        if camera is None:
            described.append(CameraCoverage(name, is_planned, None))
            continue
        figures = measure_camera(camera, points, obstacles=venue.plan.obstacles)
        sees = figures.is_seen & ~figures.is_blocked
        described.append(
            CameraCoverage(
                name,
                is_planned,
                camera,
                float(sees.sum() * cell_m2),
                float((sees & (cameras == 1)).sum() * cell_m2),
            )
        )
    return tuple(described)
