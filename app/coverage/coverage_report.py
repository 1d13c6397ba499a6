"""All that can be said of what a venue's cameras see: the map, every camera, every zone; then advice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.document import Venue
from app.core.job import JobContext
from app.coverage.camera_mounting import MountedCamera, list_mounted
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
    """A camera on the plan.

    Attributes:
        half_fov_rad: half of its angle of view across.
        view: rings round the floor that it sees; only of the chosen one.
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
    """A map as it is painted.

    Attributes:
        shares: shape (rows, columns), row 0 at the lowest y: 0 where all is well to 1 where it is bad; for
            the count of cameras 1, 2, 3, … instead; NaN where nothing is known.
        is_unseen: same shape, floor that no camera sees.
        rect_m: (x, y, width, height) of the whole grid.
    """

    shares: npt.NDArray[np.float64]
    is_unseen: npt.NDArray[np.bool_]
    rect_m: tuple[float, float, float, float]
    is_count: bool = False


@dataclass(frozen=True, slots=True)
class CameraCoverage:
    """One camera.

    Attributes:
        mounted: None for a camera that is not calibrated: nothing is known of it on the floor.
        seen_m2: floor that it sees, people left aside.
        only_m2: of that, what no other camera sees.
    """

    name: str
    is_planned: bool
    mounted: MountedCamera | None
    seen_m2: float = 0.0
    only_m2: float = 0.0


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """What all cameras see.

    Attributes:
        floor_m2: of the hall beside the obstacles; ``seen_m2`` and ``overlap_m2`` of it are seen by one
            camera at least, and by two.
        hidden_share: mean likelihood that somebody on seen floor is hidden by people; None: not known.
    """

    coverage: CoverageMap
    cameras: tuple[CameraCoverage, ...]
    zones: tuple[ZoneCoverage, ...]
    floor_m2: float
    seen_m2: float
    overlap_m2: float
    hidden_share: float | None


def report_coverage(
    venue: Venue,
    *,
    people_per_m2: float = PEOPLE_PER_M2,
    cell_m: float = CELL_M,
    context: JobContext | None = None,
) -> CoverageReport:
    """Look at a venue's hall and its newest zones through its installed and planned cameras."""
    mounted = list_mounted(venue)
    survey = CoverageSurvey(venue.plan, cell_m=cell_m, people_per_m2=people_per_m2)
    coverage = survey.survey(mounted, context=context)
    zones = venue.geometry_at(None).zones
    cell_m2 = coverage.grid.cell_m**2
    hidden = coverage.hidden[np.isfinite(coverage.hidden)]
    return CoverageReport(
        coverage=coverage,
        cameras=_describe_cameras(venue, mounted, coverage),
        zones=measure_zones(mounted, zones, venue.plan, people_per_m2=people_per_m2),
        floor_m2=float(coverage.is_floor.sum() * cell_m2),
        seen_m2=float(coverage.is_seen.sum() * cell_m2),
        overlap_m2=float((coverage.cameras > 1).sum() * cell_m2),
        hidden_share=float(hidden.mean()) if len(hidden) else None,
    )


def advise_venue(
    venue: Venue, *, people_per_m2: float = PEOPLE_PER_M2, context: JobContext | None = None
) -> tuple[MountingAdvice, ...]:
    """What would help in a venue, as `advise_mounting`: it tries dozens of changes, which takes seconds."""
    return advise_mounting(
        list_mounted(venue),
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
