"""What all cameras see of a floor, cell by cell: how many, how large, how exactly, how often hidden."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import shapely

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.domain.floor_plan import FloorPlan
from analytics.metrics.coverage import FloorGrid
from app.core.document import Venue
from app.core.job import JobContext
from app.coverage.camera_mounting import MountedCamera, list_mounted
from app.coverage.coverage_figures import (
    BODY_WIDTH_M,
    PEOPLE_PER_M2,
    CoverageFigures,
    measure_camera,
)

CELL_M = 0.25
MOST_CELLS = 60_000
"""Of the largest halls the cells are made larger: more of them nobody could tell apart in a window."""
MOST_DRAGGED_CELLS = 2000
"""While a camera is dragged: one is measured on them within a few milliseconds."""


class CoverageLayer(StrEnum):
    """What a map shows."""

    CAMERAS = "cameras"
    DENSITY = "density"
    PERSON = "person"
    ERROR = "error"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, eq=False)
class CoverageMap:
    """Of a grid over the hall; arrays have its shape (rows, columns).

    Attributes:
        is_floor: cells with their middle in the hall and in no obstacle.
        cameras: how many see each cell; 0 off the floor.
        density: pixels per metre of floor across the line of sight, by the camera that has most of them.
        person_px: how tall a standing person is for the detector, by the camera that shows them tallest.
        error_m: root mean square error of a position, by the camera that knows it best.
        hidden: likelihood that no camera sees the feet of somebody there.

    The last four are NaN where no camera sees the floor, and where it is not known.
    """

    grid: FloorGrid
    is_floor: BoolArray
    cameras: npt.NDArray[np.int64]
    density: FloatArray
    person_px: FloatArray
    error_m: FloatArray
    hidden: FloatArray

    @property
    def is_seen(self) -> BoolArray:
        """Floor that at least one camera sees."""
        return np.asarray(self.cameras > 0, np.bool_)

    def layer(self, layer: CoverageLayer) -> FloatArray:
        """The values of a layer."""
        match layer:
            case CoverageLayer.CAMERAS:
                return np.where(self.is_seen, self.cameras.astype(np.float64), np.nan)
            case CoverageLayer.DENSITY:
                return self.density
            case CoverageLayer.PERSON:
                return self.person_px
            case CoverageLayer.ERROR:
                return self.error_m
            case CoverageLayer.HIDDEN:
                return self.hidden


class CoverageSurvey:
    """A hall that is looked at again and again while one camera moves: the others are measured once."""

    def __init__(
        self,
        plan: FloorPlan,
        *,
        cell_m: float = CELL_M,
        most_cells: int = MOST_CELLS,
        people_per_m2: float = PEOPLE_PER_M2,
    ) -> None:
        grid = FloorGrid.around(plan.outline, cell_m=cell_m)
        while grid.rows * grid.columns > most_cells:
            cell_m *= 1.25
            grid = FloorGrid.around(plan.outline, cell_m=cell_m)
        self.grid = grid
        self._plan, self._people_per_m2 = plan, people_per_m2
        centres = grid.centres()
        hall = plan.outline.to_shape()
        shapely.prepare(hall)
        is_floor = shapely.contains_xy(hall, centres[:, 0], centres[:, 1])
        for obstacle in plan.obstacles:
            is_floor &= ~shapely.contains_xy(obstacle.outline.to_shape(), centres[:, 0], centres[:, 1])
        self._is_floor = is_floor
        self._points = centres[is_floor]
        self._known: dict[str, tuple[object, CoverageFigures]] = {}

    def survey(self, cameras: Sequence[MountedCamera], *, context: JobContext | None = None) -> CoverageMap:
        """The map of these cameras; one that is the same object as before is not measured again."""
        figures = []
        known: dict[str, tuple[object, CoverageFigures]] = {}
        for number, camera in enumerate(cameras):
            if context is not None:
                context.checkpoint(number, len(cameras))
            before = self._known.get(camera.name)
            if before is None or before[0] is not camera:
                measured = measure_camera(camera, self._points, obstacles=self._plan.obstacles)
                before = (camera, measured)
            known[camera.name] = before
            figures.append(before[1])
        self._known = known
        return self._spread(combine_figures(figures, len(self._points), people_per_m2=self._people_per_m2))

    def _spread(self, figures: CombinedFigures) -> CoverageMap:
        arrays: dict[str, FloatArray] = {}
        for field in dataclasses.fields(CombinedFigures):
            values = np.full(len(self._is_floor), np.nan)
            values[self._is_floor] = getattr(figures, field.name)
            arrays[field.name] = values.reshape(self.grid.shape)
        cameras = np.nan_to_num(arrays.pop("cameras")).astype(np.int64)
        is_floor = self._is_floor.reshape(self.grid.shape)
        return CoverageMap(grid=self.grid, is_floor=is_floor, cameras=cameras, **arrays)


@dataclass(frozen=True, slots=True, eq=False)
class CombinedFigures:
    """What several cameras together see of n points, each array of shape (n,); as `CoverageMap`."""

    cameras: npt.NDArray[np.int64]
    density: FloatArray
    person_px: FloatArray
    error_m: FloatArray
    hidden: FloatArray

    def part(self, rows: slice) -> CombinedFigures:
        """The same of some of the points."""
        return CombinedFigures(*(getattr(self, field.name)[rows] for field in dataclasses.fields(self)))


def map_coverage(
    venue: Venue, *, cell_m: float = CELL_M, people_per_m2: float = PEOPLE_PER_M2
) -> CoverageMap:
    """What the installed and planned cameras of a venue see of its hall."""
    survey = CoverageSurvey(venue.plan, cell_m=cell_m, people_per_m2=people_per_m2)
    return survey.survey(list_mounted(venue))


def combine_figures(
    figures: Sequence[CoverageFigures], count: int, *, people_per_m2: float = PEOPLE_PER_M2
) -> CombinedFigures:
    """The best of several cameras at ``count`` points."""
    if not figures:
        unknown = np.full(count, np.nan)
        return CombinedFigures(np.zeros(count, np.int64), unknown, unknown, unknown, unknown)
    # floor behind an obstacle is in the picture, and yet not seen
    cameras = np.sum([f.is_seen & ~f.is_blocked for f in figures], axis=0)
    hidden = combine_hidden(figures, people_per_m2=people_per_m2)
    return CombinedFigures(
        cameras=cameras,
        density=_best([_visible(f, f.pixels_per_metre) for f in figures], largest=True),
        person_px=_best([_visible(f, f.person_px) for f in figures], largest=True),
        error_m=_best([_visible(f, f.error_m) for f in figures], largest=False),
        hidden=np.where(cameras > 0, hidden, np.nan),
    )


def combine_hidden(figures: Sequence[CoverageFigures], *, people_per_m2: float) -> FloatArray:
    """The likelihood, shape (n,), that no camera sees somebody's feet, from a crowd that stands anywhere.

    People are a Poisson process of a density rho. One camera's strip of the area a is empty with the
    likelihood exp(-rho a), two strips together with exp(-rho (a1 + a2 - common)), so both cameras are
    hidden with 1 - exp(-rho a1) - exp(-rho a2) + exp(-rho (a1 + a2 - common)). Two strips of the width w
    whose directions differ by theta part after w / (2 sin(theta / 2)); up to there they are taken as one,
    which is never too favourable. Of three cameras or more the best and its best partner count.
    """
    single = np.array([f.measure_hidden(people_per_m2) for f in figures])
    hidden = _best(list(single), largest=False)
    if len(figures) < 2:
        return hidden
    filled = np.where(np.isfinite(single), single, np.inf)
    best = filled.argmin(axis=0)
    at = np.arange(single.shape[1])
    strips = np.array([f.strip_m for f in figures])
    towards = np.array([f.towards for f in figures])
    is_open = np.array([f.is_seen & ~f.is_blocked for f in figures])
    own_m, own_towards, is_own_open = strips[best, at], towards[best, at], is_open[best, at]
    rate = people_per_m2 * BODY_WIDTH_M
    for other, strip_m in enumerate(strips):
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = np.linalg.norm(own_towards - towards[other], axis=1)
            common_m = np.minimum(np.minimum(own_m, strip_m), BODY_WIDTH_M / apart)
            both = -np.expm1(-rate * own_m) - np.exp(-rate * strip_m)
            both += np.exp(-rate * (own_m + strip_m - common_m))
        is_pair = is_own_open & is_open[other] & (best != other) & np.isfinite(both)
        hidden = np.where(is_pair, np.fmin(hidden, both), hidden)
    return hidden


def _visible(figures: CoverageFigures, values: FloatArray) -> FloatArray:
    return np.where(figures.is_blocked, np.nan, values)


def _best(values: list[FloatArray], *, largest: bool) -> FloatArray:
    reduce = np.fmax.reduce if largest else np.fmin.reduce
    return np.asarray(reduce(np.array(values)), np.float64)
